;; Makes an integer of a float that is no number.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.trunc_f64_s (f64.const nan)))
