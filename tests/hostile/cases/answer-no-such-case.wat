;; Answers a result that is neither ok nor error.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $drop-order (local.get $order))
  (i32.store8 (i32.const 2048) (i32.const 7))
  (i32.const 2048))
