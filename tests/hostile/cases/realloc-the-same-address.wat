;; The host asks for memory six times; realloc gives the same address each time, and that is the answer, too.
;; stopped: E101 -

;;; heap
(memory (export "memory") 2)
(func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4104))

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $line-amounts (local.get $order) (i32.const 4096))
  (call $drop-order (local.get $order))
  (i32.const 4096))
