;; Asks for 2^60 random bytes at once.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $random (i64.const 0x1000000000000000) (i32.const 2048))
  (i32.const 1024))
