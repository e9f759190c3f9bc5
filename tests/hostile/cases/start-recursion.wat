;; A start function that calls itself without end.
;; stopped: E109 stack
;; phase: start

;;; plugin
(start $begin)
(func $begin (call $begin) (call $begin))
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.const 1024))
