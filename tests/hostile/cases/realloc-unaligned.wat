;; The host asks for memory for 64-bit numbers; realloc answers with an odd address.
;; stopped: E101 -

;;; heap
(memory (export "memory") 2)
(func $realloc (export "realloc") (param i32 i32) (param $align i32) (param i32) (result i32)
  (i32.add (i32.const 8192) (i32.eq (local.get $align) (i32.const 8))))

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $line-amounts (local.get $order) (i32.const 2048))
  (i32.const 1024))
