;; Divides the least number by minus one.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.div_s (i32.const 0x80000000) (i32.const -1)))
