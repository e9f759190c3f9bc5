;; Imports wasi:http, which no plugin gets.
;; stopped: E123 -
;; phase: load

(component (import "wasi:http/outgoing-handler@0.2.0" (instance)))
