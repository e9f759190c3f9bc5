//! What a hook call and an order take, in instructions of the processor: a number that stays the same on a noisy machine, so
//! a change of a few per cent is seen. Counted by Valgrind's callgrind over two runs of this program that differ only in how
//! often they do the work; the difference is the work's. It counts what the processor does, not how long it waits.

use super::ours::{Rules, Subject};
use crossdock_connectors as connectors;
use crossdock_flow::{
    hook::{Plugin, Route},
    mapping::{self, Mapping, SHIPPED},
    record::Attempt,
    route,
    source::Content,
    sum,
};
use crossdock_partners::orders::{Generated, generate};
use crossdock_sandbox::{Sandbox, Settings};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    process::{Command, exit},
    sync::Arc,
};

/// Lines of the order.
const LINES: usize = 10;
/// How often the work is done in the two runs.
const TIMES: [usize; 2] = [20, 220];
/// What is counted once and changes by more than this, in per cent, needs a word: bless it, and say why in the commit.
const MOST: f64 = 10.0;
/// What the last release took.
const BLESSED: &str = "tests/bench/instructions.json";

/// Where plugins are, and what to do with the figures.
#[derive(clap::Args)]
pub(crate) struct Instructions {
    /// Where the example plugins are.
    #[arg(long, default_value = "plugins")]
    plugins: PathBuf,
    /// Where compiled plugins are kept.
    #[arg(long, default_value = "target/bench-cache")]
    cache: PathBuf,
    /// Write the figures down as those of the last release.
    #[arg(long)]
    bless: bool,
    /// Fail when one is more than 10 % above that of the last release.
    #[arg(long)]
    check: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Do the work so many times, and count nothing: what callgrind watches.
    #[arg(long, hide = true, requires = "times")]
    work: Option<String>,
    #[arg(long, hide = true)]
    times: Option<usize>,
}

#[derive(Serialize)]
struct Row {
    work: &'static str,
    instructions: u64,
    last_release: Option<u64>,
    percent: Option<f64>,
}

/// What is counted: each hook's call in a fresh sandbox, and an order from the event's bytes to documents, its attempt written
/// as it is kept.
const WORKS: [&str; 4] = ["pre-map", "route-order", "post-map", "order"];

impl Instructions {
    pub(crate) async fn run(self) {
        if let (Some(work), Some(times)) = (&self.work, self.times) {
            return self.repeat(work, times).await;
        }
        let before: BTreeMap<String, u64> = fs::read(BLESSED)
            .ok()
            .map_or_else(BTreeMap::new, |bytes| serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{BLESSED}: {error}")));
        // Fills the cache: compiling is not what is counted.
        self.count(WORKS[0], 0);
        let rows: Vec<Row> = WORKS
            .iter()
            .map(|work| {
                let [few, many] = TIMES.map(|times| self.count(work, times));
                let instructions = many.saturating_sub(few) / (TIMES[1] - TIMES[0]) as u64;
                let last_release = before.get(*work).copied();
                let percent = last_release.map(|last| ((instructions as f64 / last as f64 - 1.0) * 1000.0).round() / 10.0);
                Row { work, instructions, last_release, percent }
            })
            .collect();
        crate::table::print(&rows, self.json);
        if self.bless {
            let blessed: BTreeMap<&str, u64> = rows.iter().map(|row| (row.work, row.instructions)).collect();
            let text = serde_json::to_string_pretty(&blessed).unwrap_or_default() + "\n";
            fs::write(BLESSED, text).unwrap_or_else(|error| panic!("{BLESSED}: {error}"));
        }
        let grown: Vec<&Row> = rows.iter().filter(|row| row.percent.is_none_or(|percent| percent > MOST)).collect();
        if self.check && !self.bless && !grown.is_empty() {
            for row in grown {
                eprintln!(
                    "error: {} takes {} instructions, more than {MOST} % above {:?} of the last release",
                    row.work, row.instructions, row.last_release
                );
            }
            eprintln!("  cure: make it cheaper, or run `script/bench instructions --bless` and say in the commit why it costs more");
            exit(1);
        }
    }

    /// Instructions of a run of this program that does the work so many times.
    fn count(&self, work: &str, times: usize) -> u64 {
        let program = std::env::current_exe().unwrap_or_else(|error| panic!("{error}"));
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(program)
            .args(["instructions", "--work", work, "--times", &times.to_string()])
            .args([Path::new("--plugins"), &self.plugins, Path::new("--cache"), &self.cache])
            .output()
            .unwrap_or_else(|error| panic!("valgrind does not start ({error}): apt-get install valgrind, or your system's equivalent"));
        let told = String::from_utf8_lossy(&output.stderr);
        let collected = told.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
        match collected {
            Some(collected) if output.status.success() => collected,
            _ => panic!("callgrind failed: {told}"),
        }
    }

    async fn repeat(&self, work: &str, times: usize) {
        let (plugins, cache, work) = (self.plugins.clone(), self.cache.clone(), work.to_owned());
        // In a task, as in production: the thread that runs `main` is not one of the runtime's workers.
        let done = tokio::spawn(async move {
            let sandbox = Sandbox::new(Settings { cache: Some(cache), ..Settings::default() }).unwrap_or_else(|fault| panic!("{fault}"));
            let rules = Rules::load(&sandbox, &plugins).await;
            let subject = Subject::new(LINES);
            let way = Way::new();
            for _ in 0..times {
                match &*work {
                    "pre-map" => drop(black_box(rules.pre_map(&subject).await)),
                    "route-order" => drop(black_box(rules.route_order(&subject).await)),
                    "post-map" => drop(black_box(rules.post_map(&subject).await)),
                    _ => drop(black_box(way.go(&rules, &subject).await)),
                }
            }
        });
        done.await.unwrap_or_else(|error| panic!("{error}"));
    }
}

/// The way of one order without its partners and its store.
struct Way {
    event: Generated,
    mapping: Mapping,
    zone: TimeZone,
}

impl Way {
    fn new() -> Way {
        let many = generate(2_000, 7);
        let lines = |event: &&Generated| match connectors::read(event.body.as_bytes()) {
            Ok(Content::Order(order)) => order.lines.len() == LINES,
            _ => false,
        };
        let event = many.iter().find(lines).unwrap_or_else(|| panic!("no order has {LINES} lines")).clone();
        let (name, text) = SHIPPED[0];
        let mapping = mapping::read(name, text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        Way { event, mapping, zone: TimeZone::get("America/Toronto").unwrap_or_else(|error| panic!("{error}")) }
    }

    async fn go(&self, rules: &Rules, subject: &Subject) -> Vec<u8> {
        let Ok(Content::Order(order)) = connectors::read(self.event.body.as_bytes()) else { panic!("the order cannot be read") };
        sum::check(&order).unwrap_or_else(|fault| panic!("{fault}"));
        let mut attempt = Attempt::new(1, subject.context.now.at);
        let ran = rules.discount.pre_map(&subject.context, Arc::from(order)).await.settled();
        attempt.runs.push(ran.run);
        let order = ran.subject;
        let candidates = Arc::new(route::Candidates {
            warehouses: subject.candidates.warehouses.clone(),
            stock: vec![crossdock_flow::Decimal::from(1_000); subject.candidates.warehouses.len() * order.lines.len()],
        });
        let routed = rules.routing.route_order(&subject.context, order.clone(), candidates.clone()).await;
        attempt.runs.push(routed.run);
        let shipments = match routed.answer {
            Ok(Route::Ship(shipments)) => shipments,
            other => panic!("{other:?}"),
        };
        let mut documents = Vec::new();
        for document in self.mapping.apply(&order, &shipments, &self.zone).unwrap_or_else(|fault| panic!("{fault}")) {
            let ran = rules.tagging.post_map(&subject.context, order.clone(), document).await.settled();
            attempt.runs.push(ran.run);
            documents.push(self.mapping.check(ran.subject).unwrap_or_else(|fault| panic!("{fault}")));
        }
        sum::check_documents(&order, &documents).unwrap_or_else(|fault| panic!("{fault}"));
        attempt.documents = documents.into();
        serde_json::to_vec(&attempt).unwrap_or_else(|error| panic!("{error}"))
    }
}
