;; A memory that threads share.
;; stopped: E121 -
;; phase: load

(component
  (core module
    (memory 1 1 shared)))
