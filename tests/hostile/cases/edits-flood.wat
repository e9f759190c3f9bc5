;; Adds a custom field with a new name in every round: each is kept, and each is compared with all before.
;; stopped: E110 host-calls, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (local $round i32)
  (loop $again
    (local.set $round (i32.add (local.get $round) (i32.const 1)))
    (i32.store (i32.const 0x200000) (i32.or (i32.and (local.get $round) (i32.const 0x7f)) (i32.shl (i32.and (local.get $round) (i32.const 0x3f80)) (i32.const 1))))
    (call $set-field (local.get $order) (i32.const 0x200000) (i32.const 4) (i32.const 2) (i64.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 2048))
    (br $again))
  (i32.const 1024))
