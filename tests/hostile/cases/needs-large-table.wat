;; A table of 10,000,000 elements from the start.
;; stopped: E127 table-elements
;; phase: load

(component
  (core module $m
    (table 10000000 funcref))
  (core instance (instantiate $m)))
