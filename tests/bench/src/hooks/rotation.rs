//! Many plugins by turns beside one that is called again and again: what it costs that each sandbox held another plugin
//! before. `pre-map`, 10 lines, by turns within a round.

use super::{Hooks, ours::nanos, report::Spread};
use crate::{rule, table};
use crossdock_flow::{Order, hook::Plugin, sample};
use crossdock_sandbox::{Loaded, Sandbox, Terms};
use serde::Serialize;
use std::{hint::black_box, sync::Arc, time::Instant};

/// What came of it.
#[derive(Serialize)]
pub(super) struct Rotation {
    plugins: usize,
    us_p50_one: f64,
    us_p50_rotating: f64,
    /// Rotating over one, round by round.
    pub(super) times_one: Spread,
}

impl Rotation {
    /// For people.
    pub(super) fn sentence(&self) -> String {
        let Rotation { plugins, us_p50_one, us_p50_rotating, times_one } = self;
        format!("{plugins} plugins by turns: {us_p50_rotating} µs a call; one of them alone: {us_p50_one} µs; ratio {times_one}")
    }
}

pub(super) async fn measure(hooks: &Hooks, sandbox: &Sandbox) -> Rotation {
    let path = hooks.plugins.join("segment-discount.wasm");
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut loaded = Vec::with_capacity(hooks.rotate);
    for number in 0..hooks.rotate {
        loaded.push(load(sandbox, &bytes, number).await);
    }
    let order = Arc::new(sample::order(10));
    let (mut ones, mut rotating, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    // The first round warms up.
    for round in 0..=hooks.rounds.get() {
        let mut one = calls(loaded.iter().map(|_| &loaded[0]), &order).await;
        let mut each = calls(loaded.iter(), &order).await;
        if round > 0 {
            ratios.push(table::quantile(&mut each, 500) as f64 / table::quantile(&mut one, 500).max(1) as f64);
            ones.append(&mut one);
            rotating.append(&mut each);
        }
    }
    let micros = |times: &mut [u64]| super::report::round(table::quantile(times, 500) as f64 / 1000.0);
    Rotation { plugins: hooks.rotate, us_p50_one: micros(&mut ones), us_p50_rotating: micros(&mut rotating), times_one: Spread::of(ratios) }
}

async fn calls<'l>(plugins: impl Iterator<Item = &'l Loaded>, order: &Arc<Order>) -> Vec<u64> {
    let context = sample::context();
    let mut times = Vec::new();
    for plugin in plugins {
        let own = Arc::new(Order::clone(order));
        let start = Instant::now();
        let ran = plugin.pre_map(&context, own).await.settled();
        times.push(nanos(start.elapsed()));
        assert!(black_box(ran).answer.is_ok());
    }
    times
}

/// A plugin of its own: a custom section more gives it another hash, other code and another image of its memory.
async fn load(sandbox: &Sandbox, bytes: &[u8], number: usize) -> Loaded {
    let text = format!("{number:06}");
    let section = [&[0, 8, 1, b'n'], text.as_bytes()].concat();
    let name = format!("segment-discount-{number}");
    let terms = Terms { settings: rule::settings(), ..Terms::default() };
    sandbox.load(&name, [bytes, &section].concat(), terms).await.unwrap_or_else(|fault| panic!("{fault}"))
}
