;; A memory that is 4 GiB from the start.
;; stopped: E127 memory
;; phase: load

(component
  (core module
    (memory 65536)))
