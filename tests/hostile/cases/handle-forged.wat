;; Uses a handle that it was never given.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (drop (call $line-count (i32.const 12345)))
  (i32.const 1024))
