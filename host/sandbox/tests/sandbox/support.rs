//! What the tests share: the test guest (built when missing), sandboxes, and small components written by hand.

use crossdock_flow::{Fault, hook::Context, sample};
use crossdock_sandbox::{Limits, Loaded, Sandbox, Settings, Terms};
use std::{path::PathBuf, process::Command, sync::OnceLock};

/// A test guest, built for a target when that is not done yet.
pub(crate) fn guest(name: &str, target: &str) -> Vec<u8> {
    let exe = std::env::current_exe().unwrap();
    let out = exe.ancestors().nth(3).unwrap().join("guests");
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/guests/Cargo.toml");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--locked", "--target", target])
        .arg("--manifest-path")
        .arg(manifest)
        .arg("--target-dir")
        .arg(&out)
        .status()
        .unwrap();
    assert!(built.success(), "the test guests do not build for {target}");
    std::fs::read(out.join(target).join(format!("release/guest_{name}.wasm"))).unwrap()
}

/// The test guest as a component.
pub(crate) fn hooks() -> Vec<u8> {
    static HOOKS: OnceLock<Vec<u8>> = OnceLock::new();
    HOOKS.get_or_init(|| guest("hooks", "wasm32-wasip2")).clone()
}

/// One sandbox for all tests that need no special one.
pub(crate) fn sandbox() -> Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| small(Settings::default())).clone()
}

/// A sandbox with a small pool, because every test process makes several.
pub(crate) fn small(settings: Settings) -> Sandbox {
    Sandbox::new(Settings { concurrency: settings.concurrency.min(8), ..settings }).unwrap()
}

/// The settings that the test guest expects.
pub(crate) fn given() -> Vec<(String, String)> {
    vec![("breaks.10".into(), "5".into()), ("a".into(), "b".into())]
}

/// The test guest, loaded with limits that only time and fuel of a debugged run could reach.
pub(crate) async fn load(limits: Limits) -> Loaded {
    load_in(&sandbox(), limits).await
}

pub(crate) async fn load_in(sandbox: &Sandbox, limits: Limits) -> Loaded {
    sandbox.load("hooks", hooks(), Terms { limits, settings: given(), ..Terms::default() }).await.unwrap()
}

/// Limits whose time is generous: the test machine may be busy.
pub(crate) fn patient() -> Limits {
    Limits { time: std::time::Duration::from_secs(20), ..Limits::default() }
}

/// A context that sets the test guest's mode.
pub(crate) fn mode(mode: &str) -> Context {
    Context { event_id: format!("mode:{mode}"), ..sample::context() }
}

/// Loads a component written as text.
pub(crate) async fn load_text(text: &str, limits: Limits) -> Result<Loaded, Fault> {
    sandbox().load("text", wat::parse_str(text).unwrap(), limits).await
}

/// The one file in the cache that a sandbox made in a folder.
pub(crate) fn only_file(folder: &tempfile::TempDir) -> PathBuf {
    let files: Vec<PathBuf> = std::fs::read_dir(folder.path().join("cache")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}
