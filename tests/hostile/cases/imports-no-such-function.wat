;; Imports a function that the log does not have.
;; stopped: E123 -
;; phase: load

(component (import "crossdock:plugin/log@0.1.0" (instance (export "shout" (func)))))
