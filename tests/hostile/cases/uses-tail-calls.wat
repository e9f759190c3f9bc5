;; A tail call: recursion without a stack.
;; stopped: E121 -
;; phase: load

(component
  (core module
    (func $again (return_call $again))))
