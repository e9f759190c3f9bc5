;; Waits for a list of 1,000,000 times the same timer of an hour.
;; stopped: E105 output

;;; heap
(memory (export "memory") 300)
(func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (local $row i32)
  (local $timer i32)
  (local.set $timer (call $subscribe (i64.const 3600000000000)))
  (loop $next
    (i32.store (i32.add (i32.const 0x10000) (i32.shl (local.get $row) (i32.const 2))) (local.get $timer))
    (local.set $row (i32.add (local.get $row) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $row) (i32.const 1000000))))
  (call $poll (i32.const 0x10000) (i32.const 1000000) (i32.const 2048))
  (i32.const 1024))
