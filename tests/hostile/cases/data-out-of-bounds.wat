;; A data segment that lies outside its memory.
;; stopped: E101 -
;; phase: start

;;; plugin
(data (i32.const 0x7fffffff) "x")
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.const 1024))
