;; Reads just behind its memory, where the guard pages are.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (i32.load (i32.const 0x400000)))
