;; Imports an interface that WASI does not have.
;; stopped: E123 -
;; phase: load

(component (import "wasi:sockets/raw@0.2.0" (instance (export "open" (func (result u32))))))
