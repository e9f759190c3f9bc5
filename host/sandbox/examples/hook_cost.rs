//! What a whole `pre_map` call costs, fresh sandbox and all limits included: `cargo run --release --example hook_cost`.
//! The guest reads columns and sets every line's discount in one call. Not a test: it prints, it judges nothing.

use crossdock_flow::{
    hook::{Context, Plugin},
    sample,
};
use crossdock_sandbox::{Sandbox, Settings, Terms};
use std::{process::Command, sync::Arc, time::Instant};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bytes = match std::env::args().nth(1) {
        Some(file) => std::fs::read(file)?,
        None => build()?,
    };
    let sandbox = Sandbox::new(Settings::default())?;
    println!("{:?}", sandbox.engine_facts());
    let settings = vec![("a".to_owned(), "b".to_owned()), ("breaks.10".to_owned(), "5".to_owned())];
    let plugin = sandbox.load("cost", bytes, Terms { settings, ..Terms::default() }).await?;
    println!("{} bytes, compiled in {:?}, {} KiB to start with", plugin.facts().size, plugin.facts().compile_time, plugin.facts().least_memory >> 10);
    for mode in ["nothing", "discount"] {
        let context = Context { event_id: format!("mode:{mode}"), ..sample::context() };
        for lines in [1, 10, 100, 1000] {
            let order = Arc::new(sample::order(lines));
            let mut times = Vec::new();
            let mut fuel = 0;
            for _ in 0..if lines > 100 { 2_000 } else { 10_000 } {
                let order = order.clone();
                let started = Instant::now();
                let ran = plugin.pre_map(&context, order).await;
                times.push(started.elapsed());
                ran.answer?;
                fuel = ran.run.fuel;
            }
            times.sort();
            let at = |share: usize| times[times.len() * share / 1000].as_nanos() as u64;
            let tenths = |nanos: u64| format!("{}.{}", nanos / 1000, nanos % 1000 / 100);
            println!(
                "{mode:>9} {lines:>5} lines: best {:>6} µs, p50 {:>6} µs, p99 {:>7} µs, fuel {fuel}",
                tenths(at(0)),
                tenths(at(500)),
                tenths(at(990))
            );
        }
    }
    Ok(())
}

/// Builds the test guest next to this program.
fn build() -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let exe = std::env::current_exe()?;
    let out = exe.ancestors().nth(3).ok_or("no target directory")?.join("guests");
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/guests/Cargo.toml");
    let target = "wasm32-wasip2";
    let done = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--target", target, "--manifest-path", manifest, "--target-dir"])
        .arg(&out)
        .status()?;
    if !done.success() {
        return Err("the test guest does not build".into());
    }
    Ok(std::fs::read(out.join(target).join("release/guest_hooks.wasm"))?)
}
