;; Hands over 1,000 values at post-map that are all the same text of 64 KiB: 64 MiB for the host.
;; stopped: E105 output
;; hook: post-map

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (local $row i32)
  (loop $next
    (i32.store8 (i32.add (i32.const 0x300000) (i32.mul (local.get $row) (i32.const 24))) (i32.const 0))
    (i32.store offset=8 (i32.add (i32.const 0x300000) (i32.mul (local.get $row) (i32.const 24))) (i32.const 0x200000))
    (i32.store offset=12 (i32.add (i32.const 0x300000) (i32.mul (local.get $row) (i32.const 24))) (i32.const 0x10000))
    (local.set $row (i32.add (local.get $row) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $row) (i32.const 1000))))
  ;; Once more than the sample has lines; the host has copied everything before it can know.
  (call $set-column (local.get $document) (i32.const 0x200000) (i32.const 4) (i32.const 0x300000) (i32.const 1000) (i32.const 0) (i32.const 0) (i32.const 2048))
  (i32.const 1024))
