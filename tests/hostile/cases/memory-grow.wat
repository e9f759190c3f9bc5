;; Grows its memory page by page, whatever the host says.
;; stopped: E104 memory

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (drop (memory.grow (i32.const 1)))
    (br $again))
  (i32.const 1024))
