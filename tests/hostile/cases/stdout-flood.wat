;; Writes 4 KiB to stdout without end.
;; stopped: E103 E110 time, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (local.set $document (call $get-stdout))
  (loop $again
    (call $write-and-flush (local.get $document) (i32.const 0x200000) (i32.const 4096) (i32.const 2048))
    (br $again))
  (i32.const 1024))
