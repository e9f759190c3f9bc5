;; Logs at level 99.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $log (i32.const 99) (i32.const 2048) (i32.const 4))
  (i32.const 1024))
