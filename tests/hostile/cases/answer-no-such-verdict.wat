;; Answers the verdict number 200.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $drop-order (local.get $order))
  (i32.store8 (i32.const 2056) (i32.const 200))
  (i32.const 2048))
