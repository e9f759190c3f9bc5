//! Wraps the core code of a case into a component that answers a hook with the right types. A case then says only what
//! it does wrong: its function `$misbehave`, and its own heap where the fault lies there.

use crate::offer;

/// Length of the event id that makes a framed case misbehave. The sample order's is 10 long: rehearsed, it behaves.
pub(crate) const TRIGGER: usize = 12;
/// Length of the sample order's event id: a case that is triggered by it misbehaves at once, in the rehearsal.
pub(crate) const SAMPLE: usize = 10;

/// Parts a case between the module with its memory and the module with its code.
const HEAP: &str = ";;; heap";
pub(crate) const PLUGIN: &str = ";;; plugin";

/// 4 MiB of memory. What the host hands over goes round and round in the lower half; the upper is the case's own.
const DEFAULT_HEAP: &str = r#"
    (memory (export "memory") 64)
    (global $next (mut i32) (i32.const 4096))
    (func $realloc (export "realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (if (i32.gt_u (i32.add (local.get $at) (local.get $size)) (i32.const 0x1ff000)) (then (local.set $at (i32.const 4096))))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (local.get $at))
"#;

/// The component around a case's core code, misbehaving when the event id has this length.
pub(crate) fn framed(code: &str, trigger: usize) -> String {
    let (before, plugin) = code.split_once(PLUGIN).unwrap_or(("", code));
    let heap = before.split_once(HEAP).map_or(DEFAULT_HEAP, |(_, heap)| heap);
    let post_map = code.contains(";; hook: post-map\n");
    let hook = if post_map { "post-map" } else { "pre-map" };
    // A case takes from the host what its code names.
    let (imports, lowered, heap_with, mut plugin_needs, mut plugin_with) = offer::named(heap, plugin, post_map);
    let mut parameters = String::from("(param \"context\" $context) (param \"order\" (borrow $order))");
    let mut core_parameters = String::from("(param i32 i32 i32) (param $event-length i32) (param i32 i64 i32) (param $order i32)");
    let mut document = "(i32.const 0)";
    let mut drop = String::from("(call $drop-order (local.get $order))");
    for (name, is_there) in [("order", true), ("document", post_map)] {
        if is_there {
            plugin_needs += &format!("    (import \"host\" \"drop-{name}\" (func $drop-{name} (param i32)))\n");
            plugin_with += &format!(" (export \"drop-{name}\" (func $drop-{name}))");
        }
    }
    let mut drops = String::from("  (core func $drop-order (canon resource.drop $order))\n");
    if post_map {
        parameters += " (param \"document\" (borrow $document))";
        core_parameters += " (param $document i32)";
        document = "(local.get $document)";
        drop += " (call $drop-document (local.get $document))";
        drops += "  (core func $drop-document (canon resource.drop $document))\n";
    }
    let post_return = if plugin.contains("(func $post-return") { "(post-return (core func $plugin \"post-return\"))" } else { "" };
    let armed = format!("(global $trigger i32 (i32.const {trigger}))");
    format!(
        r#"(component
{types}{imports}{drops}
  (core module $heap-module
    {heap_needs}{armed}{heap})
  (core instance $heap (instantiate $heap-module (with "host" (instance{heap_with}))))
{lowered}
  (core module $plugin-module
    (import "heap" "memory" (memory 0))
{plugin_needs}
    {armed}
{plugin}
    (func (export "run") {core_parameters} (result i32)
      (if (i32.eq (local.get $event-length) (global.get $trigger)) (then (return (call $misbehave (local.get $order) {document}))))
      {drop}
      (i32.const 1024)))
  (core instance $plugin (instantiate $plugin-module (with "heap" (instance $heap)) (with "host" (instance{plugin_with}))))
  (func $run {parameters} (result (result $verdict (error $hook-error)))
    (canon lift (core func $plugin "run") (memory (core memory $heap "memory")) (realloc (core func $heap "realloc")) {post_return}))
  (instance $hook (export "run" (func $run)))
  (export "crossdock:plugin/{hook}@0.1.0" (instance $hook)))
"#,
        types = offer::TYPES,
        heap_needs = if heap_with.is_empty() { "" } else { "(import \"host\" \"line-count\" (func $line-count (param i32) (result i32)))\n    " },
    )
}
