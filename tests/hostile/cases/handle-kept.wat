;; Keeps its borrowed handle on the order after the call.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.const 1024))
