;; Copies 1 MiB of memory over itself, again and again.
;; stopped: E102 fuel, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (memory.copy (i32.const 0x200001) (i32.const 0x200000) (i32.const 0x100000))
    (br $again))
  (i32.const 1024))
