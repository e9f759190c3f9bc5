;; A loop that touches a far line of 32 MiB in every round: slow for the processor, cheap in fuel.
;; stopped: E102 fuel, endless

;;; heap
(memory (export "memory") 480)
(func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (local $at i32)
  (loop $again
    (local.set $at (i32.and (i32.add (i32.mul (local.get $at) (i32.const 1664525)) (i32.const 1013904223)) (i32.const 0x1fffff8)))
    (i32.store (i32.and (local.get $at) (i32.const 0x1dffff8)) (local.get $at))
    (br $again))
  (i32.const 1024))
