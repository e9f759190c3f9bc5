;; A function where the hook's interface belongs.
;; stopped: E121 E122 -
;; phase: load

(component (core module $m (func (export "run"))) (core instance $i (instantiate $m)) (func $run (canon lift (core func $i "run"))) (export "crossdock:plugin/pre-map@0.1.0" (func $run)))
