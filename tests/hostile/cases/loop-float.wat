;; A loop of square roots and divisions, the dearest instructions per unit of fuel.
;; stopped: E102 fuel, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (local $x f64)
  (local.set $x (f64.const 2))
  (loop $again
    (local.set $x (f64.div (f64.sqrt (f64.add (local.get $x) (f64.const 1))) (f64.const 1.0000001)))
    (br $again))
  (i32.const 1024))
