;; Answers with a pointer far outside its memory.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $drop-order (local.get $order))
  (i32.const 0xfffffff8))
