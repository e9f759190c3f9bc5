;; Calls a function through a table as if it had another type.
;; stopped: E101 -

;;; plugin
(table 1 funcref)
(elem (i32.const 0) $nothing)
(func $nothing)
(type $number (func (result i32)))
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call_indirect (type $number) (i32.const 0)))
