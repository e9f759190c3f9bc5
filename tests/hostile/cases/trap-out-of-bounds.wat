;; Reads the last byte that 32 bits can address.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.load8_u offset=0xffffffff (i32.const -1)))
