;; A loop that jumps through a table of 64 targets in every round.
;; stopped: E102 fuel, endless

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (local $round i32)
  (loop $again
    (block $end
      (br_table $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $again $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end $end (local.get $round)))
    (local.set $round (i32.add (local.get $round) (i32.const 1)))
    (br $again))
  (i32.const 1024))
