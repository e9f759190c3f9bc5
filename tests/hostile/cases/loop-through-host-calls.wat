;; A loop that asks the host for the number of lines.
;; stopped: E110 host-calls, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (drop (call $line-count (local.get $order)))
    (br $again))
  (i32.const 1024))
