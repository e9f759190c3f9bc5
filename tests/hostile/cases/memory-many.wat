;; Three memories, each of which grows a little in turn, so that no single one is large.
;; stopped: E104 memory

;;; plugin
(memory $second 1)
(memory $third 1)
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (drop (memory.grow (i32.const 1)))
    (drop (memory.grow $second (i32.const 1)))
    (drop (memory.grow $third (i32.const 1)))
    (br $again))
  (i32.const 1024))
