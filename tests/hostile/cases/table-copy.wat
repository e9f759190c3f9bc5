;; Copies a table of 19,000 elements over itself, again and again.
;; stopped: E102 fuel, endless

;;; plugin
(table $table 19000 funcref)
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (table.copy $table $table (i32.const 1) (i32.const 0) (i32.const 18999))
    (br $again))
  (i32.const 1024))
