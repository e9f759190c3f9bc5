;; Makes timers again and again and never drops one.
;; stopped: E101 E104 handles

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (drop (call $subscribe (i64.const 3600000000000)))
    (br $again))
  (i32.const 1024))
