;; Answers well, then never ends its cleaning up.
;; stopped: E102 fuel, endless

;;; plugin
(func $post-return (export "post-return") (param i32) (if (global.get $bad) (then (loop $again (br $again)))))
(global $bad (mut i32) (i32.const 0))
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $drop-order (local.get $order))
  (global.set $bad (i32.const 1))
  (i32.const 1024))
