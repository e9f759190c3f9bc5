;; Hands over a list of 3,000,000 line numbers in one edit.
;; stopped: E105 output

;;; heap
(memory (export "memory") 300)
(func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $set-discounts (local.get $order) (i32.const 0x10000) (i32.const 3000000) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 2048))
  (i32.const 1024))
