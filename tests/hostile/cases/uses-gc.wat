;; A struct of the garbage collector.
;; stopped: E121 -
;; phase: load

(component
  (core module
    (type $pair (struct (field i32) (field i32)))
    (func (drop (struct.new $pair (i32.const 1) (i32.const 2))))))
