;; Imports a core module that the host should bring along.
;; stopped: E122 E123 E127 -
;; phase: load

(component (import "code" (core module)) )
