;; Rejects with a text whose start and length together go past 32 bits.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $drop-order (local.get $order))
  (i32.store8 (i32.const 2056) (i32.const 2))
  (i32.store (i32.const 2064) (i32.const 0x200000))
  (i32.store (i32.const 2068) (i32.const 0xffffffff))
  (i32.const 2048))
