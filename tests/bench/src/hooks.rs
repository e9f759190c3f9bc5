//! One call of `pre-map` in a fresh sandbox with every limit on, beside the same rule in plain Rust that clones the order
//! first: a rule that fails must leave the order as it was, and plain Rust has no other means. The host keeps aside what
//! an edit overwrites. Interleaved, so that both see the same noise.

use crate::{rule, table};
use crossdock_flow::{Order, hook::Plugin, sample};
use crossdock_sandbox::{Loaded, Sandbox, Settings, Terms};
use serde::Serialize;
use std::{hint::black_box, path::PathBuf, sync::Arc, time::Instant};

/// Which plugin, how often.
#[derive(clap::Args)]
pub(crate) struct Hooks {
    /// The plugin; it must be `segment-discount`, or do the same.
    #[arg(long, default_value = "plugins/segment-discount.wasm")]
    plugin: PathBuf,
    /// Calls per size and contender.
    #[arg(long, default_value_t = 3_000)]
    calls: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    contender: &'static str,
    mode: &'static str,
    lines: usize,
    us_p50: f64,
    us_p99: f64,
    times_plain_rust: f64,
}

impl Hooks {
    pub(crate) async fn run(self) {
        let sandbox = Sandbox::new(Settings::default()).unwrap_or_else(|fault| panic!("{fault}"));
        let bytes = std::fs::read(&self.plugin).unwrap_or_else(|error| panic!("{}: {error}", self.plugin.display()));
        let loaded = sandbox
            .load("segment-discount", bytes, Terms { settings: rule::settings(), ..Terms::default() })
            .await
            .unwrap_or_else(|fault| panic!("{fault}"));
        // In a task, as in production: the thread that runs `main` is not one of the runtime's workers.
        let calls = self.calls;
        let measured = tokio::spawn(async move {
            let mut rows = Vec::new();
            for lines in [1, 10, 100, 1000] {
                rows.extend(measure(&loaded, lines, calls.min(200_000 / lines.max(10))).await);
            }
            rows
        });
        let rows = measured.await.unwrap_or_else(|error| panic!("{error}"));
        if !self.json {
            println!("segment-discount at pre-map; a fresh instance per call, all limits on; {calls} interleaved calls per size\n");
        }
        table::print(&rows, self.json);
    }
}

async fn measure(loaded: &Loaded, lines: usize, calls: usize) -> [Row; 2] {
    let order = Arc::new(sample::order(lines));
    check(loaded, &order).await;
    let context = sample::context();
    let (mut plain, mut sandboxed) = (Vec::with_capacity(calls), Vec::with_capacity(calls));
    for round in 0..calls + calls / 10 {
        let start = Instant::now();
        let mut repriced = Order::clone(black_box(&order));
        rule::apply(&mut repriced);
        black_box(&repriced);
        let native = start.elapsed();
        drop(repriced);
        // The flow gives the order away, as here: what an edit overwrites is kept aside and can be put back.
        let own = Arc::new(Order::clone(&order));
        let start = Instant::now();
        let ran = loaded.pre_map(&context, own).await.settled();
        let guest = start.elapsed();
        black_box(&ran);
        // The first tenth warms up.
        if round >= calls / 10 {
            plain.push(u64::try_from(native.as_nanos()).unwrap_or(u64::MAX));
            sandboxed.push(u64::try_from(guest.as_nanos()).unwrap_or(u64::MAX));
        }
    }
    let floor = table::quantile(&mut plain, 500);
    let row = |contender, mode, samples: &mut [u64]| {
        let (p50, p99) = (table::quantile(samples, 500), table::quantile(samples, 990));
        Row { contender, mode, lines, us_p50: micros(p50), us_p99: micros(p99), times_plain_rust: round(p50 as f64 / floor.max(1) as f64) }
    };
    [row("plain-rust", "clone", &mut plain), row("crossdock", "fresh", &mut sandboxed)]
}

/// Both must come to the same order, or the comparison is worth nothing.
async fn check(loaded: &Loaded, order: &Arc<Order>) {
    let mut native = Order::clone(order);
    rule::apply(&mut native);
    let ran = loaded.pre_map(&sample::context(), order.clone()).await.settled();
    assert!(ran.answer.is_ok(), "{:?}", ran.answer);
    let prices = |order: &Order| order.lines.iter().map(|line| (line.unit_price, line.total)).collect::<Vec<_>>();
    assert_eq!(prices(&ran.subject), prices(&native), "the plugin and plain Rust disagree");
}

fn micros(nanos: u64) -> f64 {
    round(nanos as f64 / 1000.0)
}

fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
