;; A start function that grows its memory without end.
;; stopped: E104 memory
;; phase: start

;;; plugin
(start $begin)
(func $begin (loop $again (drop (memory.grow (i32.const 1))) (br $again)))
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.const 1024))
