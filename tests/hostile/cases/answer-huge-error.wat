;; Fails with an error text of 16 MiB.
;; stopped: E105 output

;;; heap
(memory (export "memory") 300)
(func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $drop-order (local.get $order))
  (i32.store8 (i32.const 2048) (i32.const 1))
  (i32.store8 (i32.const 2056) (i32.const 2))
  (i32.store (i32.const 2060) (i32.const 0x10000))
  (i32.store (i32.const 2064) (i32.const 0x1000000))
  (i32.const 2048))
