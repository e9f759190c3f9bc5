;; Calls a table element that is empty.
;; stopped: E101 -

;;; plugin
(table 1 funcref)
(type $nothing (func))
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call_indirect (type $nothing) (i32.const 0))
  (i32.const 1024))
