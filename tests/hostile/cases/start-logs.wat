;; A start function that logs without end.
;; stopped: E110 host-calls, endless
;; phase: start

;;; plugin
(start $begin)
(func $begin (loop $again (call $log (i32.const 1) (i32.const 0x200000) (i32.const 20)) (br $again)))
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.const 1024))
