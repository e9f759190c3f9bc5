;; Sets a custom field of 1 MiB and reads all fields again and again.
;; stopped: E110 host-bytes, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $set-field (local.get $order) (i32.const 0x200000) (i32.const 4) (i32.const 0) (i64.const 0x200000) (i32.const 0x100000) (i32.const 0) (i32.const 0) (i32.const 2048))
  (loop $again
    (call $fields (local.get $order) (i32.const 2048))
    (br $again))
  (i32.const 1024))
