;; Asks for 64 KiB of random bytes without end.
;; stopped: E103 E110 time, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (call $random (i64.const 0x10000) (i32.const 2048))
    (br $again))
  (i32.const 1024))
