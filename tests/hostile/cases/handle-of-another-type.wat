;; Uses its handle on the order as if it were a stream.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $write (local.get $order) (i32.const 0) (i32.const 0) (i32.const 2048))
  (i32.const 1024))
