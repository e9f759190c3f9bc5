;; A start function that never ends: it is stuck before any hook is called.
;; stopped: E102 fuel, endless
;; phase: start

;;; plugin
(start $begin)
(func $begin (loop $again (br $again)))
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.const 1024))
