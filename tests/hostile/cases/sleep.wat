;; Sleeps for an hour in a host call.
;; stopped: E103 time, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $block (call $subscribe (i64.const 3600000000000)))
  (i32.const 1024))
