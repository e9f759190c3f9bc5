;; Logs a million lines.
;; stopped: E110 host-calls, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (call $log (i32.const 1) (i32.const 0x200000) (i32.const 20))
    (br $again))
  (i32.const 1024))
