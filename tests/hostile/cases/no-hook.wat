;; A component that answers no hook.
;; stopped: E122 -
;; phase: load

(component (core module $m (func (export "run"))) (core instance $i (instantiate $m)) (func $run (canon lift (core func $i "run"))) (export "run" (func $run)))
