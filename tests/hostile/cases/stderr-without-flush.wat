;; Writes 1 MiB to stderr at a time, never flushes, and asks nobody whether there is room.
;; stopped: E101 E103 E110 time

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (local.set $document (call $get-stderr))
  (loop $again
    (call $write (local.get $document) (i32.const 0x200000) (i32.const 0x100000) (i32.const 2048))
    (br $again))
  (i32.const 1024))
