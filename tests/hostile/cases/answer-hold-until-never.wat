;; Answers a hold until the end of 64-bit time.
;; stopped: E107 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $drop-order (local.get $order))
  (i32.store8 (i32.const 2056) (i32.const 1))
  (i32.store8 (i32.const 2072) (i32.const 1))
  (i64.store (i32.const 2080) (i64.const 0x7fffffffffffffff))
  (i32.const 2048))
