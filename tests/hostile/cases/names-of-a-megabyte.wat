;; Sets custom fields whose names are 1 MiB long, each another.
;; stopped: E110 host-bytes, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (local $round i32)
  (loop $again
    (local.set $round (i32.add (local.get $round) (i32.const 1)))
    (i32.store (i32.const 0x200000) (i32.and (local.get $round) (i32.const 0x7f7f7f7f)))
    (call $set-field (local.get $order) (i32.const 0x200000) (i32.const 0x100000) (i32.const 2) (i64.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 2048))
    (br $again))
  (i32.const 1024))
