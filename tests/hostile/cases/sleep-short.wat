;; Sleeps for a millisecond in a host call, without end.
;; stopped: E103 E101 time

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (call $block (call $subscribe (i64.const 1000000)))
    (br $again))
  (i32.const 1024))
