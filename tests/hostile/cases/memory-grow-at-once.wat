;; Asks for 4 GiB of memory in one instruction.
;; stopped: E104 memory

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (drop (memory.grow (i32.const 65000)))
  (unreachable))
