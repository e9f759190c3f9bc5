//! What the host offers to plugins, as text: the contract's types, and every function that a case may call. A function
//! is imported only into a case whose code names it.

/// The contract's types, as imports: types of an exported function have to have names.
pub(crate) const TYPES: &str = r#"  (import "crossdock:plugin/types@0.1.0" (instance $types
    (type $decimal-is (record (field "units" s64) (field "scale" u8)))
    (export "decimal" (type $decimal (eq $decimal-is)))
    (type $decimals-is (record (field "scale" u8) (field "units" (list s64))))
    (export "decimals" (type $decimals (eq $decimals-is)))
    (type $instant-is (record (field "unix-ms" s64) (field "offset-minutes" s16)))
    (export "instant" (type $instant (eq $instant-is)))
    (type $context-is (record (field "integration" string) (field "event-id" string) (field "attempt" u32) (field "now" $instant)))
    (export "context" (type (eq $context-is)))
    (type $value-is (variant (case "text" string) (case "number" $decimal) (case "flag" bool) (case "empty")))
    (export "value" (type $value (eq $value-is)))
    (type $field-is (record (field "name" string) (field "value" $value)))
    (export "field" (type (eq $field-is)))
    (type $hold-is (record (field "reason" string) (field "until" (option $instant))))
    (export "hold" (type $hold (eq $hold-is)))
    (type $verdict-is (variant (case "proceed") (case "hold" $hold) (case "reject" string)))
    (export "verdict" (type (eq $verdict-is)))
    (type $hook-error-is (variant (case "settings" string) (case "unsupported" string) (case "failed" string)))
    (export "hook-error" (type (eq $hook-error-is)))
    (type $edit-error-is (variant (case "no-such-line" u32) (case "read-only") (case "out-of-range" string) (case "invalid" string) (case "not-allowed" string)))
    (export "edit-error" (type (eq $edit-error-is)))))
  (alias export $types "decimal" (type $decimal))
  (alias export $types "decimals" (type $decimals))
  (alias export $types "context" (type $context))
  (alias export $types "value" (type $value))
  (alias export $types "field" (type $field))
  (alias export $types "verdict" (type $verdict))
  (alias export $types "hook-error" (type $hook-error))
  (alias export $types "edit-error" (type $edit-error))
"#;

/// An interface: its id in the text, its name, what stands before its functions, and what is aliased out of it.
struct Interface {
    id: &'static str,
    name: &'static str,
    types: &'static str,
    aliases: &'static str,
    /// Interfaces whose types it uses.
    uses: &'static [&'static str],
}

const INTERFACES: &[Interface] = &[
    Interface {
        id: "orders",
        name: "crossdock:plugin/orders@0.1.0",
        types: r#"(export "order" (type $order (sub resource)))
    (type $amounts-is (record (field "quantity" $decimals) (field "unit-price" $decimals) (field "discount" $decimals) (field "tax-rate" $decimals) (field "tax" $decimals) (field "total" $decimals)))
    (export "line-amounts" (type $line-amounts (eq $amounts-is)))"#,
        aliases: r#"(alias export $orders "order" (type $order))"#,
        uses: &[],
    },
    Interface {
        id: "documents",
        name: "crossdock:plugin/documents@0.1.0",
        types: r#"(export "document" (type $document (sub resource)))"#,
        aliases: r#"(alias export $documents "document" (type $document))"#,
        uses: &[],
    },
    Interface {
        id: "log",
        name: "crossdock:plugin/log@0.1.0",
        types: r#"(type $level-is (enum "debug" "info" "warn" "error")) (export "level" (type $level (eq $level-is)))"#,
        aliases: "",
        uses: &[],
    },
    Interface { id: "settings", name: "crossdock:plugin/settings@0.1.0", types: "", aliases: "", uses: &[] },
    Interface {
        id: "http",
        name: "crossdock:plugin/http@0.1.0",
        types: r#"(type $request-is (record (field "method" string) (field "url" string) (field "headers" (list (tuple string string))) (field "body" (list u8))))
    (export "request" (type $request (eq $request-is)))
    (type $response-is (record (field "status" u16) (field "headers" (list (tuple string string))) (field "body" (list u8))))
    (export "response" (type $response (eq $response-is)))
    (type $http-error-is (variant (case "not-allowed" string) (case "failed" string) (case "timeout") (case "too-large")))
    (export "http-error" (type $http-error (eq $http-error-is)))"#,
        aliases: "",
        uses: &[],
    },
    Interface {
        id: "error",
        name: "wasi:io/error@0.2.0",
        types: r#"(export "error" (type (sub resource)))"#,
        aliases: r#"(alias export $error "error" (type $io-error))"#,
        uses: &[],
    },
    Interface {
        id: "poll",
        name: "wasi:io/poll@0.2.0",
        types: r#"(export "pollable" (type $pollable (sub resource)))"#,
        aliases: r#"(alias export $poll "pollable" (type $pollable))"#,
        uses: &[],
    },
    Interface {
        id: "streams",
        name: "wasi:io/streams@0.2.0",
        types: r#"(export "output-stream" (type $output-stream (sub resource)))
    (type $stream-error-is (variant (case "last-operation-failed" (own $io-error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $stream-error-is)))"#,
        aliases: r#"(alias export $streams "output-stream" (type $output-stream))"#,
        uses: &["error"],
    },
    Interface { id: "stdout", name: "wasi:cli/stdout@0.2.0", types: "", aliases: "", uses: &["streams"] },
    Interface { id: "stderr", name: "wasi:cli/stderr@0.2.0", types: "", aliases: "", uses: &["streams"] },
    Interface { id: "exit", name: "wasi:cli/exit@0.2.0", types: "", aliases: "", uses: &[] },
    Interface { id: "clock", name: "wasi:clocks/monotonic-clock@0.2.0", types: "", aliases: "", uses: &["poll"] },
    Interface { id: "random", name: "wasi:random/random@0.2.0", types: "", aliases: "", uses: &[] },
];

/// A function that a case may call: its id in the text, its interface, its name there, its type, its core type.
struct Function(&'static str, &'static str, &'static str, &'static str, &'static str);

/// The answer of an edit.
macro_rules! edit {
    ($params:literal) => {
        concat!("(param \"self\" (borrow $order)) ", $params, " (param \"reason\" string) (result (result (error $edit-error)))")
    };
}

/// The type of the streams' writes.
const WRITE: &str = r#"(param "self" (borrow $output-stream)) (param "contents" (list u8)) (result (result (error $stream-error)))"#;

const FUNCTIONS: &[Function] = &[
    Function("line-count", "orders", "[method]order.line-count", r#"(param "self" (borrow $order)) (result u32)"#, "(param i32) (result i32)"),
    Function("line-amounts", "orders", "[method]order.line-amounts", r#"(param "self" (borrow $order)) (result $line-amounts)"#, "(param i32 i32)"),
    Function("fields", "orders", "[method]order.fields", r#"(param "self" (borrow $order)) (result (list $field))"#, "(param i32 i32)"),
    Function(
        "set-field",
        "orders",
        "[method]order.set-field",
        edit!(r#"(param "name" string) (param "value" $value)"#),
        "(param i32 i32 i32 i32 i64 i32 i32 i32 i32)",
    ),
    Function(
        "set-discounts",
        "orders",
        "[method]order.set-discounts",
        edit!(r#"(param "lines" (list u32)) (param "discounts" $decimals)"#),
        "(param i32 i32 i32 i32 i32 i32 i32 i32 i32)",
    ),
    Function("add-tag", "orders", "[method]order.add-tag", edit!(r#"(param "tag" string)"#), "(param i32 i32 i32 i32 i32 i32)"),
    Function(
        "set-column",
        "documents",
        "[method]document.set-column",
        r#"(param "self" (borrow $document)) (param "name" string) (param "values" (list $value)) (param "reason" string) (result (result (error $edit-error)))"#,
        "(param i32 i32 i32 i32 i32 i32 i32 i32)",
    ),
    Function("log", "log", "write", r#"(param "level" $level) (param "message" string)"#, "(param i32 i32 i32)"),
    Function("setting", "settings", "get", r#"(param "key" string) (result (option string))"#, "(param i32 i32 i32)"),
    Function(
        "send",
        "http",
        "send",
        r#"(param "request" $request) (result (result $response (error $http-error)))"#,
        "(param i32 i32 i32 i32 i32 i32 i32 i32 i32)",
    ),
    Function("poll", "poll", "poll", r#"(param "in" (list (borrow $pollable))) (result (list u32))"#, "(param i32 i32 i32)"),
    Function("block", "poll", "[method]pollable.block", r#"(param "self" (borrow $pollable))"#, "(param i32)"),
    Function("subscribe", "clock", "subscribe-duration", r#"(param "when" u64) (result (own $pollable))"#, "(param i64) (result i32)"),
    Function("write", "streams", "[method]output-stream.write", WRITE, "(param i32 i32 i32 i32)"),
    Function("write-and-flush", "streams", "[method]output-stream.blocking-write-and-flush", WRITE, "(param i32 i32 i32 i32)"),
    Function(
        "write-zeroes",
        "streams",
        "[method]output-stream.write-zeroes",
        r#"(param "self" (borrow $output-stream)) (param "len" u64) (result (result (error $stream-error)))"#,
        "(param i32 i64 i32)",
    ),
    Function("get-stdout", "stdout", "get-stdout", "(result (own $output-stream))", "(result i32)"),
    Function("get-stderr", "stderr", "get-stderr", "(result (own $output-stream))", "(result i32)"),
    Function("exit", "exit", "exit", r#"(param "status" (result))"#, "(param i32)"),
    Function("random", "random", "get-random-bytes", r#"(param "len" u64) (result (list u8))"#, "(param i64 i32)"),
];

/// Imports, lowered functions, what the heap gets, what the plugin's module imports, what it gets.
pub(crate) fn named(heap: &str, plugin: &str, post_map: bool) -> (String, String, String, String, String) {
    let calls = |code: &str, id: &str| [' ', ')'].iter().any(|end| code.contains(&format!("${id}{end}")));
    let used: Vec<&Function> = FUNCTIONS.iter().filter(|function| calls(plugin, function.0) || calls(heap, function.0)).collect();
    let mut wanted = vec!["orders"];
    if post_map {
        wanted.push("documents");
    }
    wanted.extend(used.iter().map(|function| function.1));
    // Twice: what is used may use something itself.
    for _ in 0..2 {
        let more: Vec<&str> = INTERFACES.iter().filter(|one| wanted.contains(&one.id)).flat_map(|one| one.uses).copied().collect();
        wanted.extend(more);
    }
    let mut imports = String::new();
    for Interface { id, name, types, aliases, .. } in INTERFACES.iter().filter(|one| wanted.contains(&one.id)) {
        let functions: String = used
            .iter()
            .filter(|function| function.1 == *id)
            .map(|function| format!("\n    (export \"{}\" (func {}))", function.2, function.3))
            .collect();
        imports += &format!("  (import \"{name}\" (instance ${id}\n    {types}{functions}))\n  {aliases}\n");
    }
    let (mut lowered, mut needs, mut with) = (String::new(), String::new(), String::new());
    for Function(id, interface, name, _, core) in &used {
        lowered += &format!(
            "  (core func ${id} (canon lower (func ${interface} \"{name}\") (memory (core memory $heap \"memory\")) (realloc (core func $heap \"realloc\"))))\n"
        );
        needs += &format!("    (import \"host\" \"{id}\" (func ${id} {core}))\n");
        with += &format!(" (export \"{id}\" (func ${id}))");
    }
    let mut heap_with = String::new();
    if calls(heap, "line-count") {
        imports += "  (core func $count-for-heap (canon lower (func $orders \"[method]order.line-count\")))\n";
        heap_with += " (export \"line-count\" (func $count-for-heap))";
    }
    (imports, lowered, heap_with, needs, with)
}
