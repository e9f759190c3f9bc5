;; A hook whose interface is empty.
;; stopped: E122 -
;; phase: load

(component (instance $hook) (export "crossdock:plugin/pre-map@0.1.0" (instance $hook)))
