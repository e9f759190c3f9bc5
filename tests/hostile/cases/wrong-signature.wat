;; A hook that takes a number and answers one.
;; stopped: E122 -
;; phase: load

(component
  (core module $m (func (export "run") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m))
  (func $run (param "order" u32) (result u32) (canon lift (core func $i "run")))
  (instance $hook (export "run" (func $run)))
  (export "crossdock:plugin/pre-map@0.1.0" (instance $hook)))
