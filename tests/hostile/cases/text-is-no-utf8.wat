;; Logs a line that is no UTF-8.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.store (i32.const 2048) (i32.const 0xfffefdfc))
  (call $log (i32.const 1) (i32.const 2048) (i32.const 4))
  (i32.const 1024))
