;; A function that calls itself without end.
;; stopped: E109 stack

;;; plugin
(func $deep (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $deep (local.get $order)))
