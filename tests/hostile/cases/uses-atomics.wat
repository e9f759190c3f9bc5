;; An atomic load at an address that is not aligned.
;; stopped: E121 -
;; phase: load

(component
  (core module
    (memory 1)
    (func (drop (i32.atomic.load (i32.const 1))))))
