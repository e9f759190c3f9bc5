;; Logs lines of 1 MiB without end.
;; stopped: E110 host-bytes, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (call $log (i32.const 1) (i32.const 0x200000) (i32.const 0x100000))
    (br $again))
  (i32.const 1024))
