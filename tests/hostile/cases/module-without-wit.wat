;; A core module that says nothing of the contract.
;; stopped: E122 -
;; phase: load

(module (func (export "run")))
