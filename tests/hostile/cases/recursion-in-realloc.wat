;; The host asks for memory; realloc calls itself without end.
;; stopped: E109 stack

;;; heap
(memory (export "memory") 2)
(func $realloc (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
  (if (i32.eq (local.get $size) (global.get $trigger))
    (then (return (i32.add (i32.const 1) (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (local.get $size))))))
  (i32.const 4096))

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.const 1024))
