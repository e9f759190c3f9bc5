;; Hands over a list of 64-bit numbers at an odd address.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $set-discounts (local.get $order) (i32.const 0x10000) (i32.const 1) (i32.const 0) (i32.const 0x20001) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 2048))
  (i32.const 1024))
