;; A loop of 64-bit divisions, slow for the processor and cheap in fuel.
;; stopped: E102 fuel, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (local $x i64)
  (local.set $x (i64.const 0x7fffffffffffffff))
  (loop $again
    (local.set $x (i64.or (i64.div_u (i64.const -1) (local.get $x)) (i64.const 3)))
    (br $again))
  (i32.const 1024))
