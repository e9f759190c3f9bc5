;; A call through a typed reference.
;; stopped: E121 -
;; phase: load

(component
  (core module
    (type $nothing (func))
    (func (param (ref $nothing)) (call_ref $nothing (local.get 0)))))
