;; Uses its handle on the order after it dropped it.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $drop-order (local.get $order))
  (drop (call $line-count (local.get $order)))
  (i32.const 1024))
