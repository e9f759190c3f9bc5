;; Waits for none of no events, which never comes.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $poll (i32.const 2048) (i32.const 0) (i32.const 2056))
  (i32.const 1024))
