;; The host asks for memory; realloc answers with an address outside of it.
;; stopped: E101 -

;;; heap
(memory (export "memory") 2)
(func $realloc (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
  (if (i32.eq (local.get $size) (global.get $trigger)) (then
    (return (i32.const 0xffffff00))))
  (i32.const 4096))

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.const 1024))
