;; A start function that traps.
;; stopped: E101 -
;; phase: start

;;; plugin
(start $begin)
(func $begin (unreachable))
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.const 1024))
