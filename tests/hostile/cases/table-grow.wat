;; Grows a table element by element.
;; stopped: E104 memory

;;; plugin
(table $table 1 funcref)
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (drop (table.grow $table (ref.null func) (i32.const 1)))
    (br $again))
  (i32.const 1024))
