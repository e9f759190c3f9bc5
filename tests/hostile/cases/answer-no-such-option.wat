;; Answers a hold whose `until` is neither none nor some.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $drop-order (local.get $order))
  (i32.store8 (i32.const 2056) (i32.const 1))
  (i32.store8 (i32.const 2072) (i32.const 2))
  (i32.const 2048))
