;; Reaches `unreachable`.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (unreachable))
