;; Answers well, then traps while it cleans up.
;; stopped: E101 -

;;; plugin
(func $post-return (export "post-return") (param i32) (if (global.get $bad) (then (unreachable))))
(global $bad (mut i32) (i32.const 0))
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $drop-order (local.get $order))
  (global.set $bad (i32.const 1))
  (i32.const 1024))
