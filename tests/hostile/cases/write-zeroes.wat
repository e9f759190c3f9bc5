;; Asks stdout for 2^62 zeroes, which the host would have to make.
;; stopped: E101 -

;;; plugin
(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $write-zeroes (call $get-stdout) (i64.const 0x4000000000000000) (i32.const 2048))
  (i32.const 1024))
