;; Grows a memory beyond the maximum that it declared itself, for ever.
;; stopped: E102 fuel, endless

;;; heap
(memory (export "memory") 64 65)
(func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (drop (memory.grow (i32.const 1)))
    (br $again))
  (i32.const 1024))
