;; Logs a line that lies outside its memory.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $log (i32.const 1) (i32.const 0xfffff000) (i32.const 100))
  (i32.const 1024))
