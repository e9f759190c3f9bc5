//! Files that are no plugin, and what the operator is told.

use crate::support::{given, hooks, load_text, only_file, patient, sandbox, small};
use crossdock_flow::{Code, Fault, capability::Capability};
use crossdock_sandbox::{Grants, Limits, Settings, Terms};
use std::time::Duration;

async fn refused(bytes: &[u8], limits: Limits) -> Fault {
    let fault = sandbox().load("bad", bytes.to_vec(), limits).await.unwrap_err();
    let detail = fault.detail.as_ref().expect("the fault names the plugin");
    assert_eq!((detail.plugin.as_str(), detail.version.len()), ("bad", 64));
    fault
}

async fn refused_text(text: &str) -> Fault {
    load_text(text, patient()).await.unwrap_err()
}

#[tokio::test]
async fn what_is_no_wasm_is_told_what_it_looks_like() {
    let whole = hooks();
    for (bytes, words) in [
        (&b""[..], "empty"),
        (b"fn main() {}", "text"),
        (b"(component)", "text"),
        (b"\x7fELF\x02\x01\x01", "precompiled"),
        (b"PK\x03\x04", "zip"),
        (b"\x00as", "copy it again"),
        (b"\x00asm\x0d", "copy it again"),
        (b"\x00asm\x63\x00\x63\x00", "version"),
        (b"\xff\xfe\xfd\xfc", "binary"),
        (&whole[..whole.len() - 10], "cut short"),
        (&whole[..whole.len() / 2], "cut short"),
    ] {
        let fault = refused(bytes, patient()).await;
        assert_eq!(fault.code, Code::NotWasm, "{fault}");
        assert!(fault.message.contains(words), "expected `{words}` in: {fault}");
    }
}

#[tokio::test]
async fn a_damaged_component_is_no_wasm() {
    let mut bytes = hooks();
    // In the code, which follows the types: every section keeps its length.
    bytes[20_000..20_064].fill(0xff);
    let fault = refused(&bytes, patient()).await;
    assert_eq!(fault.code, Code::NotWasm, "{fault}");
    assert!(fault.message.contains("damaged"), "{fault}");
}

#[tokio::test]
async fn a_precompiled_file_is_never_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = small(Settings { cache: Some(folder.path().join("cache")), ..Settings::default() });
    sandbox.load("hooks", hooks(), Terms { limits: patient(), settings: given(), ..Terms::default() }).await.unwrap();
    let fault = refused(&std::fs::read(only_file(&folder)).unwrap(), Limits { size: 1 << 30, ..patient() }).await;
    assert_eq!(fault.code, Code::NotWasm);
    assert!(fault.message.contains("precompiled"), "{fault}");
}

#[tokio::test]
async fn size_is_capped_before_anything_else() {
    let fault = refused(b"\x7fELF and so on", Limits { size: 4, ..patient() }).await;
    assert_eq!((fault.code, fault.reached.unwrap().value.as_str()), (Code::PluginSize, "4 bytes"));
}

#[tokio::test]
async fn compile_time_is_capped() {
    let fault = refused(&hooks(), Limits { compile_time: Duration::from_millis(1), ..patient() }).await;
    assert_eq!((fault.code, fault.reached.unwrap().limit.as_str()), (Code::PluginCompile, "compile-time"));
}

#[tokio::test]
async fn a_core_module_without_wit_is_told_how_to_be_built() {
    let fault = refused_text("(module)").await;
    assert_eq!(fault.code, Code::WrongShape);
    assert!(fault.message.contains("wasm32-wasip2"), "{fault}");
}

#[tokio::test]
async fn a_component_without_hooks() {
    let fault = refused_text("(component)").await;
    assert_eq!(fault.code, Code::WrongShape);
    assert!(fault.message.contains("none of the hooks") && fault.message.contains("nothing"), "{fault}");
}

fn hook_of(signature: &str, core: &str, export: &str) -> String {
    format!(
        r#"(component
          (core module $m (func (export "run") {core}))
          (core instance $i (instantiate $m))
          (func $run {signature} (canon lift (core func $i "run")))
          (instance $hook (export "run" (func $run)))
          (export "{export}" (instance $hook)))"#
    )
}

#[tokio::test]
async fn a_hook_of_another_shape_shows_the_difference() {
    let text = hook_of(r#"(param "order" u32) (result u32)"#, "(param i32) (result i32) i32.const 0", "crossdock:plugin/pre-map@0.1.0");
    let fault = refused_text(&text).await;
    assert_eq!(fault.code, Code::WrongShape);
    for words in ["pre-map", "run: func(context: context, order: borrow<order>) -> result<verdict, hook-error>", "run: func(order: u32) -> u32"] {
        assert!(fault.message.contains(words), "expected `{words}` in: {fault}");
    }
}

#[tokio::test]
async fn another_version_of_the_contract_shows_what_is_different() {
    let log = r#"(component
        (import "crossdock:plugin/log@0.2.0" (instance (export "write" (func (param "message" string))) (export "shout" (func))))
        (import "crossdock:plugin/bulk@0.2.0" (instance))
        (import "crossdock:plugin/settings@0.1.3" (instance (export "get" (func (param "key" string) (result (option string)))))))"#;
    let fault = refused_text(log).await;
    assert_eq!(fault.code, Code::WrongShape);
    for words in [
        "built for version 0.2.0 of the contract, and this host speaks 0.1.x",
        "`log`: `write` is `func(level: enum { debug, info, warn, error }, message: string)` here, and `func(message: string)` there",
        "`log`: `shout` is not here",
        "`bulk` is not here",
    ] {
        assert!(fault.message.contains(words), "expected `{words}` in: {fault}");
    }
    assert!(!fault.message.contains("settings"), "what is of this line is not blamed: {fault}");
    let fault = refused_text(&hook_of("", "", "crossdock:plugin/pre-map")).await;
    assert!(fault.message.contains("version none of the contract") && fault.message.contains("`pre-map`: `run`"), "{fault}");
}

/// Components of every released version of the contract, as they were built then: what each imports and exports together
/// is the whole contract of its version. All must load for as long as its line is spoken.
#[tokio::test]
async fn every_released_version_of_the_contract_still_loads() {
    let grants = Grants { capabilities: Capability::ALL.to_vec(), ..Grants::default() };
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contracts");
    for (name, hooks) in [("0.1.0", 3), ("0.1.0-capabilities", 1)] {
        let bytes = std::fs::read(folder.join(name).with_added_extension("wasm")).unwrap();
        let plugin = sandbox().load(name, bytes, Terms { limits: patient(), grants: grants.clone(), ..Terms::default() }).await.unwrap();
        assert_eq!(plugin.hooks().len(), hooks, "{name}");
        assert!(plugin.facts().rehearsal.iter().all(|run| run.fault.is_none()), "{name}");
    }
    let files = std::fs::read_dir(&folder).unwrap().filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "wasm"));
    assert_eq!(files.count(), 2, "a fixture is not tried");
}

#[tokio::test]
async fn a_component_of_a_later_version_that_uses_nothing_new_is_told_to_be_built_again() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contracts/0.1.0.wasm");
    let mut later = std::fs::read(path).unwrap();
    for at in 0..later.len() - 6 {
        if later[at..].starts_with(b"@0.1.0") {
            later[at + 3] = b'2';
        }
    }
    let fault = refused(&later, patient()).await;
    assert_eq!(fault.code, Code::WrongShape);
    assert!(fault.message.contains("all that it uses is here, so building it again is enough"), "{fault}");
}

#[tokio::test]
async fn unknown_imports_are_all_named() {
    let fault = refused_text(
        r#"(component
          (import "wasi:http/outgoing-handler@0.2.0" (instance))
          (import "crossdock:plugin/orders@0.1.0" (instance))
          (import "acme:files/disk" (instance)))"#,
    )
    .await;
    assert_eq!(fault.code, Code::UnknownImport);
    assert!(fault.message.contains("wasi:http/outgoing-handler@0.2.0, acme:files/disk"), "{fault}");
}

#[tokio::test]
async fn an_unknown_function_of_a_known_interface_is_named() {
    let fault = refused_text(r#"(component (import "crossdock:plugin/log@0.1.0" (instance (export "shout" (func)))))"#).await;
    assert_eq!(fault.code, Code::UnknownImport, "{fault}");
    assert!(fault.message.contains("shout") && fault.message.contains("crossdock:plugin/log"), "{fault}");
}

#[tokio::test]
async fn an_import_of_another_shape_is_named() {
    let fault = refused_text(r#"(component (import "crossdock:plugin/settings@0.1.0" (instance (export "get" (func (param "key" u32))))))"#).await;
    assert_eq!(fault.code, Code::WrongShape, "{fault}");
    assert!(fault.message.contains("get") && !fault.message.contains("linker"), "{fault}");
}

#[tokio::test]
async fn memory_that_no_sandbox_has_is_refused() {
    let big = |pages: u32| {
        format!(
            r#"(component
              (core module $m (memory {pages}) (func (export "run")))
              (core instance $i (instantiate $m))
              (func $run (canon lift (core func $i "run")))
              (export "run" (func $run)))"#
        )
    };
    // The pool refuses it while compiling; the plugin's own limits are looked at afterwards.
    assert_eq!(refused_text(&big(65 * 16)).await.code, Code::PluginNeeds);
    let fault = refused(&hooks(), Limits { memory: 64 << 10, ..patient() }).await;
    assert_eq!((fault.code, fault.reached.unwrap().limit.as_str()), (Code::PluginNeeds, "memory"));
    let fault = refused(&hooks(), Limits { memory: 65 << 20, ..patient() }).await;
    assert_eq!((fault.code, fault.reached.unwrap().limit.as_str()), (Code::PluginNeeds, "max-memory"));
}

#[tokio::test]
async fn too_many_parts_are_refused() {
    let memories = "(core instance (instantiate $m))".repeat(5);
    let fault = refused_text(&format!("(component (core module $m (memory 1)) {memories})")).await;
    assert_eq!(fault.code, Code::PluginNeeds, "{fault}");
    let instances = "(core instance (instantiate $m))".repeat(17);
    let fault = refused_text(&format!("(component (core module $m) {instances})")).await;
    assert_eq!(fault.code, Code::PluginNeeds, "{fault}");
}

#[tokio::test]
async fn no_place_means_no_sandbox() {
    let fault = crossdock_sandbox::Sandbox::new(Settings { concurrency: 0, ..Settings::default() }).err().unwrap();
    assert_eq!(fault.code, Code::Settings);
}
