//! What a rule costs: each of our three hooks in a fresh sandbox with every limit on, beside the same rule in plain Rust,
//! and on request beside other hosts and scripting engines. All in one run: rounds of ours and of theirs take turns, so
//! that all see the same noise, and every ratio is one of medians within a round.

mod instructions;
mod ours;
mod plain;
mod report;
mod rivals;
mod rotation;

use crossdock_flow::hook::Hook;
use crossdock_sandbox::{Sandbox, Settings};
pub(crate) use instructions::Instructions;
use ours::{Rules, Subject};
use report::{Report, Series};
use rivals::Rivals;
use std::{num::NonZeroUsize, path::PathBuf};

/// Which plugins, how often, beside whom.
#[derive(Clone, clap::Args)]
pub(crate) struct Hooks {
    /// Where the example plugins are.
    #[arg(long, default_value = "plugins")]
    plugins: PathBuf,
    /// Lines of the order.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 10, 100, 1_000])]
    lines: Vec<usize>,
    /// Calls per size and contender; large orders get fewer.
    #[arg(long, default_value_t = 3_000)]
    calls: usize,
    /// In so many rounds.
    #[arg(long, default_value = "20")]
    rounds: NonZeroUsize,
    /// How many plugins take turns, beside one that is called again and again; 0 leaves it out.
    #[arg(long, default_value_t = 200)]
    rotate: usize,
    /// The program of `tests/bench/rivals`, to measure other hosts and engines as well; `script/bench` builds it.
    #[arg(long)]
    rivals: Option<PathBuf>,
    /// Where compiled plugins are kept.
    #[arg(long, default_value = "target/bench-cache")]
    cache: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Hooks {
    pub(crate) async fn run(self) {
        let json = self.json;
        // In a task, as in production: the thread that runs `main` is not one of the runtime's workers.
        let report = tokio::spawn(self.measure()).await.unwrap_or_else(|error| panic!("{error}"));
        report.print(json);
    }

    async fn measure(self) -> Report {
        let mut rivals = self.rivals.as_deref().map(Rivals::start);
        let rules = Rules::load(&self.sandbox(), &self.plugins).await;
        let mut report = Report::new(self.calls, self.rounds.get(), rivals.as_ref().map_or(&[], |rivals| &rivals.names));
        for &lines in &self.lines {
            report.add(lines, &self.size(lines, &rules, rivals.as_mut()).await);
        }
        drop((rules, rivals));
        if self.rotate > 0 {
            report.rotation = Some(rotation::measure(&self, &self.sandbox()).await);
        }
        report
    }

    /// Production's own settings, nothing switched off; the cache saves compiling, not running.
    fn sandbox(&self) -> Sandbox {
        let settings = Settings { cache: Some(self.cache.clone()), ..Settings::default() };
        Sandbox::new(settings).unwrap_or_else(|fault| panic!("{fault}"))
    }

    /// All contenders with an order of one size.
    async fn size(&self, lines: usize, rules: &Rules, mut rivals: Option<&mut Rivals>) -> Vec<Series> {
        let subject = Subject::new(lines);
        let prices = rules.check(&subject).await;
        let each = (self.calls.min(200_000 / lines.max(10)) / self.rounds).max(1);
        let mut all = Vec::new();
        if let Some(rivals) = rivals.as_deref_mut() {
            rivals.check(&subject, &prices);
        }
        // The first round warms up.
        for round in 0..=self.rounds.get() {
            let mut turn: Vec<Series> = Vec::new();
            for (hook, times) in Hook::ORDERS.into_iter().zip(rules.turn(&subject, each).await) {
                turn.push(Series::new(hook.name(), "plain-rust", "clone", times.plain));
                turn.push(Series::new(hook.name(), "crossdock", "fresh", times.sandboxed));
            }
            let times = rules.orders(&subject, each).await;
            turn.push(Series::new("all-three", "plain-rust", "clone", times.plain));
            turn.push(Series::new("all-three", "crossdock", "fresh", times.sandboxed));
            if let Some(rivals) = rivals.as_deref_mut() {
                let [written, repriced] = ours::host_part(&subject, &prices, each);
                turn.push(Series::new(Hook::PreMap.name(), report::WRITE, "host", written));
                turn.push(Series::new(Hook::PreMap.name(), report::REPRICE, "host", repriced));
                turn.extend(rivals.turn(each));
            }
            if round > 0 {
                report::gather(&mut all, turn);
            }
        }
        all
    }
}
