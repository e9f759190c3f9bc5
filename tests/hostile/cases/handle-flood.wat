;; Opens stdout again and again and never closes it.
;; stopped: E101 E104 handles

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (drop (call $get-stdout))
    (br $again))
  (i32.const 1024))
