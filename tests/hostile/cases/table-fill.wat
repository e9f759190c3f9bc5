;; Fills a table of 19,000 elements again and again.
;; stopped: E102 fuel, endless

;;; plugin
(table $table 19000 funcref)
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (loop $again
    (table.fill $table (i32.const 0) (ref.null func) (i32.const 19000))
    (br $again))
  (i32.const 1024))
