;; A memory with 64-bit addresses.
;; stopped: E121 -
;; phase: load

(component
  (core module
    (memory i64 1)))
