;; Asks for a table of 1,000,000 elements.
;; stopped: E104 memory

;;; plugin
(table $table 1 funcref)
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (drop (table.grow $table (ref.null func) (i32.const 1000000)))
  (unreachable))
