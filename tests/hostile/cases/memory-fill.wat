;; Fills 2 MiB of memory again and again: one instruction, much work.
;; stopped: E102 fuel, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (memory.fill (i32.const 0x200000) (i32.const 7) (i32.const 0x1fffff))
    (br $again))
  (i32.const 1024))
