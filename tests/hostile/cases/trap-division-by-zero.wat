;; Divides by zero.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.div_u (i32.const 1) (i32.const 0)))
