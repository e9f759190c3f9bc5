;; A start function that sleeps for an hour.
;; stopped: E103 time, endless
;; phase: start

;;; plugin
(start $begin)
(func $begin (call $block (call $subscribe (i64.const 3600000000000))))
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.const 1024))
