;; Nine memories in one module.
;; stopped: E127 memories
;; phase: load

(component
  (core module
    (memory 1)
    (memory 1)
    (memory 1)
    (memory 1)
    (memory 1)
    (memory 1)
    (memory 1)
    (memory 1)
    (memory 1)))
