;; A loop that calls through a table, so that every round checks a type.
;; stopped: E102 fuel, endless

;;; plugin
(table 1 funcref)
(type $nothing (func))
(func $nothing)
(elem (i32.const 0) $nothing)
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (call_indirect (type $nothing) (i32.const 0))
    (br $again))
  (i32.const 1024))
