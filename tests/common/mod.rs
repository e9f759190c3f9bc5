//! What the tests from outside share: the program, the example plugins, and a stage of their own.

use crossdock_partners::{
    faults::{Fault, Faults, On},
    orders::Generated,
    sender,
};
use crossdock_stage::{Plan, Stage};
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The wholesale breaks of the stage's settings.
#[allow(dead_code, reason = "not every test judges the books")]
pub(crate) const BREAKS: [(i64, i64); 2] = [(5, 5), (10, 10)];

/// The top of the repository.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The program under test.
pub(crate) fn program() -> &'static str {
    env!("CARGO_BIN_EXE_crossdock")
}

/// A plan in a folder of its own, with copies of the example plugins.
pub(crate) fn plan() -> (TempDir, Plan) {
    let folder = tempfile::tempdir().unwrap();
    let plugins = folder.path().join("plugins");
    std::fs::create_dir(&plugins).unwrap();
    for name in ["segment-discount", "order-hold", "warehouse-routing", "sales-tagging"] {
        std::fs::copy(example(name), plugins.join(format!("{name}.wasm"))).unwrap();
    }
    let plan = Plan {
        retry: vec!["50ms", "100ms", "200ms", "500ms", "1s", "1s", "2s", "2s", "5s", "5s"],
        ..Plan::new(program(), folder.path().join("data"), plugins)
    };
    (folder, plan)
}

/// A built example plugin; `script/plugins` builds them all.
fn example(name: &str) -> PathBuf {
    let file = top().join(format!("plugins/{name}.wasm"));
    if !file.exists() {
        assert!(Command::new(top().join("script/plugins")).status().unwrap().success(), "script/plugins failed");
    }
    file
}

/// Starts the stage.
#[allow(dead_code, reason = "not every test starts one by itself")]
pub(crate) async fn start(plan: Plan, orders: &[Generated]) -> Stage {
    Stage::start(plan, orders).await.unwrap_or_else(|error| panic!("{error}"))
}

/// Sends patiently: every order is acknowledged in the end.
#[allow(dead_code, reason = "not every test sends")]
pub(crate) fn patient() -> sender::Options {
    sender::Options { tries: 200, ..sender::Options::default() }
}

/// What `crossdock orders show` says of an order, as JSON: a list of records.
#[allow(dead_code, reason = "not every test looks at single orders")]
pub(crate) fn show(stage: &Stage, order: &str) -> serde_json::Value {
    let output = stage.command(&["orders", "show", order, "--json"]).unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

/// How long a test waits for the last order.
#[allow(dead_code, reason = "not every test waits")]
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Every way in which a partner can fail and nothing is refused for good: each of so many calls in a thousand.
#[allow(dead_code, reason = "not every test makes trouble")]
pub(crate) fn trouble(faults: &Faults, permille: u32) {
    for fault in
        [Fault::ErrorBefore, Fault::ErrorAfter, Fault::CloseAfter, Fault::SilenceAfter, Fault::RateLimit(0), Fault::Unavailable(0), Fault::Slow(20)]
    {
        faults.share(On::All, permille, fault);
    }
}

/// Waits until it is so.
#[allow(dead_code, reason = "not every test waits")]
pub(crate) async fn until(what: &str, stage: &Stage, is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        if Instant::now() > end {
            let told = stage.command(&["sync", "list", "--most", "40"]).unwrap();
            panic!("never: {what}\n{}{}", String::from_utf8_lossy(&told.stdout), std::fs::read_to_string(stage.log()).unwrap_or_default());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until nothing is written any more on either side, for ten polls of each.
#[allow(dead_code, reason = "not every test looks for echoes")]
pub(crate) async fn quiet(stage: &Stage) {
    let writes = || (stage.sagepro.customer_writes(), stage.clarity.writes("customers"), stage.clarity.writes("products"));
    let (mut last, mut since) = (writes(), Instant::now());
    let end = Instant::now() + PATIENCE;
    while since.elapsed() < Duration::from_secs(2) {
        assert!(Instant::now() < end, "they write to each other for ever: {last:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        if writes() != last {
            (last, since) = (writes(), Instant::now());
        }
    }
}

/// Of the second shop: what stands in `[connections.outlet]`, and its two sections.
#[allow(dead_code, reason = "not every test has a second shop")]
pub(crate) const OUTLET: &str = "kind = \"clarity\"\nsecrets = [{ env = \"STAGE_OUTLET_SECRET\" }]\napi = \"{url}\"\ntoken = { env = \"STAGE_CLARITY_TOKEN\" }\nkey-prefix = \"O-\"\ntimeout = \"400ms\"\n";

/// A section of the first shop's, and the same of the second's.
#[allow(dead_code, reason = "as above")]
pub(crate) fn both(section: &str) -> String {
    let second = section.replacen("[sync.", "[sync.outlet-", 1).replace("\"shop\"", "\"outlet\"");
    format!("{section}{second}")
}

/// Puts another plugin into a plan's folder: an example, or a test guest (`guest_NAME`).
#[allow(dead_code, reason = "not every test needs others than those of orders")]
pub(crate) fn with_plugin(folder: &Path, name: &str) {
    let (file, name) = match name.strip_prefix("guest_") {
        Some(guest) => (guest_named(guest), guest),
        None => (example(name), name),
    };
    std::fs::copy(file, folder.join(format!("plugins/{name}.wasm"))).unwrap();
}

/// The guest that misbehaves when an event's id asks for it, built for wasm32-wasip2.
#[allow(dead_code, reason = "only the hostile tests use it")]
pub(crate) fn guest() -> PathBuf {
    guest_named("hooks")
}

#[allow(dead_code, reason = "as those above")]
fn guest_named(name: &str) -> PathBuf {
    let out = Path::new(program()).ancestors().nth(2).map(|target| target.join("guests")).unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--locked", "--target", "wasm32-wasip2", "--manifest-path"])
        .arg(top().join("tests/guests/Cargo.toml"))
        .arg("--target-dir")
        .arg(&out)
        .status()
        .unwrap();
    assert!(built.success(), "the test guest does not build");
    out.join(format!("wasm32-wasip2/release/guest_{name}.wasm"))
}
