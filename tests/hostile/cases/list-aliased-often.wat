;; Hands over 50 values at post-map that are the same text of 64 KiB, again and again: each call is small enough.
;; stopped: E110 host-bytes, endless
;; hook: post-map

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (local $row i32)
  (loop $next
    (i32.store8 (i32.add (i32.const 0x300000) (i32.mul (local.get $row) (i32.const 24))) (i32.const 0))
    (i32.store offset=8 (i32.add (i32.const 0x300000) (i32.mul (local.get $row) (i32.const 24))) (i32.const 0x200000))
    (i32.store offset=12 (i32.add (i32.const 0x300000) (i32.mul (local.get $row) (i32.const 24))) (i32.const 0x10000))
    (local.set $row (i32.add (local.get $row) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $row) (i32.const 50))))
  (loop $again
    (call $set-column (local.get $document) (i32.const 0x200000) (i32.const 4) (i32.const 0x300000) (i32.const 50) (i32.const 0) (i32.const 0) (i32.const 2048))
    (br $again))
  (i32.const 1024))
