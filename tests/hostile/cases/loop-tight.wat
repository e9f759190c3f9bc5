;; A loop that never ends and does nothing.
;; stopped: E102 fuel, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again

    (br $again))
  (i32.const 1024))
