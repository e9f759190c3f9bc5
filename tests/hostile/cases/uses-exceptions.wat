;; A thrown exception.
;; stopped: E121 -
;; phase: load

(component
  (core module
    (tag $oops)
    (func (throw $oops))))
