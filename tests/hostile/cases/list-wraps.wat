;; Hands over a list whose length times the size of a row is a small number again in 32 bits.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $set-discounts (local.get $order) (i32.const 0x10000) (i32.const 0x40000001) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 2048))
  (i32.const 1024))
