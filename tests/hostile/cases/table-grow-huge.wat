;; Asks for a table of 4,000,000,000 elements: every element costs fuel.
;; stopped: E102 fuel

;;; plugin
(table $table 1 funcref)
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (drop (table.grow $table (ref.null func) (i32.const 4000000000)))
  (unreachable))
