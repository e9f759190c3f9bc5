;; Nine tables in one module.
;; stopped: E127 tables
;; phase: load

(component
  (core module
    (table 1 funcref)
    (table 1 funcref)
    (table 1 funcref)
    (table 1 funcref)
    (table 1 funcref)
    (table 1 funcref)
    (table 1 funcref)
    (table 1 funcref)
    (table 1 funcref)))
