;; Rejects with a text that is no UTF-8.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (memory.fill (i32.const 0x200000) (i32.const 0xff) (i32.const 16))
  (call $drop-order (local.get $order))
  (i32.store8 (i32.const 2056) (i32.const 2))
  (i32.store (i32.const 2064) (i32.const 0x200000))
  (i32.store (i32.const 2068) (i32.const 16))
  (i32.const 2048))
