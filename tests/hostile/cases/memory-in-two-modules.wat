;; Two modules with a memory each, grown in turn, so that neither is large.
;; stopped: E104 memory

;;; plugin
(memory $own 1)
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (drop (memory.grow (i32.const 1)))
    (drop (memory.grow $own (i32.const 1)))
    (br $again))
  (i32.const 1024))
