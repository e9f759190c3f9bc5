;; A hook of version 0.2.0.
;; stopped: E122 -
;; phase: load

(component
  (core module $m (func (export "run") ))
  (core instance $i (instantiate $m))
  (func $run  (canon lift (core func $i "run")))
  (instance $hook (export "run" (func $run)))
  (export "crossdock:plugin/pre-map@0.2.0" (instance $hook)))
