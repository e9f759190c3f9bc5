;; Logs one line of 8 MiB.
;; stopped: E105 output

;;; heap
(memory (export "memory") 300)
(func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $log (i32.const 1) (i32.const 0x10000) (i32.const 0x800000))
  (i32.const 1024))
