;; A loop that asks for a setting with a key of 1 KiB.
;; stopped: E110 host-calls, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (call $setting (i32.const 0x200000) (i32.const 1024) (i32.const 2048))
    (br $again))
  (i32.const 1024))
