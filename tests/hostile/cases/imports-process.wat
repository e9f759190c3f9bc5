;; Imports another host's processes.
;; stopped: E123 -
;; phase: load

(component (import "acme:system/process" (instance (export "spawn" (func (param "command" string))))))
