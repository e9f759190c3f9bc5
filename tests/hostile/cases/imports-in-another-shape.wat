;; Imports a function of ours with another type.
;; stopped: E122 -
;; phase: load

(component (import "crossdock:plugin/settings@0.1.0" (instance (export "get" (func (param "key" u32))))))
