//! Orders per second from webhook to settled, closed loop: the program with its four example rules, beside the
//! hand-written pipeline, by turns, same partners, same store, same machine. Everything shares the two processes' cores.

use crate::table;
use crossdock_flow::record::{State, Store};
use crossdock_partners::{
    clarity::Clarity,
    orders::{Generated, generate},
    sagepro::{self, SagePro},
    sender::{self, Hook, Options},
};
use crossdock_stage::{Plan, Stage, oracle};
use crossdock_stores::sqlite::SqliteStore;
use serde::Serialize;
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

const TOKEN: &str = "bench-sagepro-token";

/// How much, how often.
#[derive(clap::Args)]
pub(crate) struct Pipeline {
    /// The program.
    #[arg(long, default_value = "target/release/crossdock")]
    program: PathBuf,
    /// Where plugins are.
    #[arg(long, default_value = "plugins")]
    plugins: PathBuf,
    /// Orders per round.
    #[arg(long, default_value_t = 20_000)]
    orders: usize,
    /// Connections of the shop.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Rounds of each contender; the median round counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Serialize)]
struct Row {
    contender: &'static str,
    orders_per_second: u64,
    ack_ms_p50: f64,
    ack_ms_p99: f64,
    end_to_end_ms_p50: f64,
    end_to_end_ms_p99: f64,
    rss_mib: u64,
    cpu_ms_per_order: f64,
    lost: usize,
}

impl Pipeline {
    pub(crate) async fn run(self) {
        let orders = generate(self.orders, 99);
        let (mut ours, mut native) = (Vec::new(), Vec::new());
        for _ in 0..self.rounds {
            native.push(self.native(&orders).await);
            ours.push(self.ours(&orders).await);
        }
        let rows = [median(native), median(ours)];
        table::print(&rows, self.json);
        if !self.json {
            let ratio = |get: fn(&Row) -> f64| get(&rows[1]) / get(&rows[0]);
            println!(
                "\ncrossdock / hand-written: orders per second {:.2}, acknowledgement p99 {:.2}",
                ratio(|row| row.orders_per_second as f64),
                ratio(|row| row.ack_ms_p99)
            );
            println!(
                "{} orders, {} connections, median of {} interleaved rounds; load, ERP and host on the same machine",
                self.orders, self.connections, self.rounds
            );
        }
    }

    async fn ours(&self, orders: &[Generated]) -> Row {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let plan = Plan::new(&self.program, folder.path().join("data"), &self.plugins);
        // No order is held and none is split, so that both do the same work.
        let sagepro = sagepro::Options { items: sagepro::Items::Any, ..plan.sagepro };
        let plan = Plan { plugin_settings: plan.plugin_settings.replace("9000", "900000000"), sagepro, ..plan };
        let stage = Stage::start(plan, orders).await.unwrap_or_else(|error| panic!("{error}"));
        let process = stage.process().unwrap_or_default();
        let store = stage.data().join("crossdock.db");
        self.measure("crossdock", orders, &stage.webhooks(), &stage.sagepro, process, &store).await
    }

    async fn native(&self, orders: &[Generated]) -> Row {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let (store, ready) = (folder.path().join("native.db"), folder.path().join("ready"));
        let sagepro = SagePro::start(sagepro::Options { token: TOKEN.into(), ..Default::default() });
        let _clarity = Clarity::start("unused", &[]);
        let program = std::env::current_exe().unwrap_or_else(|error| panic!("{error}"));
        let mut process = Command::new(program);
        process.args(["native", "--erp", &sagepro.url(), "--token", TOKEN, "--store"]).arg(&store).arg("--ready-file").arg(&ready);
        let process = Process(process.spawn().unwrap_or_else(|error| panic!("{error}")));
        let address = loop {
            match std::fs::read_to_string(&ready) {
                Ok(address) if address.contains(':') => break address,
                _ => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        self.measure("hand-written", orders, &format!("http://{address}/webhooks/shop"), &sagepro, process.0.id(), &store).await
    }

    async fn measure(&self, contender: &'static str, orders: &[Generated], url: &str, sagepro: &SagePro, process: u32, store: &Path) -> Row {
        let hooks: Vec<Hook> = orders.iter().map(Generated::hook).collect();
        let options = Options { concurrency: self.connections, ..Options::default() };
        let start = Instant::now();
        let sent = sender::send(url, &hooks, &options).await;
        // Split orders have several documents, so the store says when all is settled, not the number of bookings.
        let store = SqliteStore::open(store).unwrap_or_else(|fault| panic!("{fault}"));
        while unsettled(&store).await > 0 && start.elapsed() < Duration::from_secs(300) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let took = start.elapsed();
        let acknowledged: HashSet<&str> = sent.iter().filter(|sent| sent.acknowledged()).map(|sent| sent.number.as_str()).collect();
        let judgement = oracle::judge(orders, &sagepro.books(), &[]);
        let mut acks: Vec<u64> = sent.iter().map(|sent| u64::try_from(sent.latency.as_micros()).unwrap_or(u64::MAX)).collect();
        let mut ends = end_to_end(&store, orders).await;
        let count = orders.len().max(1);
        Row {
            contender,
            orders_per_second: (count as f64 / took.as_secs_f64()) as u64,
            ack_ms_p50: millis(table::quantile(&mut acks, 500)),
            ack_ms_p99: millis(table::quantile(&mut acks, 990)),
            end_to_end_ms_p50: millis(table::quantile(&mut ends, 500)),
            end_to_end_ms_p99: millis(table::quantile(&mut ends, 990)),
            rss_mib: peak_memory(process) / 1024,
            cpu_ms_per_order: (cpu_ms(process) as f64 / count as f64 * 1000.0).round() / 1000.0,
            lost: acknowledged.iter().filter(|number| !judgement.delivered.contains(**number)).count(),
        }
    }
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The round in the middle, by throughput.
fn median(mut rounds: Vec<Row>) -> Row {
    rounds.sort_by_key(|row| row.orders_per_second);
    rounds[rounds.len() / 2].clone()
}

fn millis(micros: u64) -> f64 {
    (micros as f64 / 10.0).round() / 100.0
}

/// Microseconds from acceptance to settlement of some of the orders, from the store that both have.
async fn end_to_end(store: &SqliteStore, orders: &[Generated]) -> Vec<u64> {
    let mut took = Vec::new();
    for order in orders.iter().step_by(orders.len().div_ceil(2_000).max(1)) {
        for story in store.story(&order.number).await.unwrap_or_default() {
            let ended = story.attempts_made.last().and_then(|(_, ended)| ended.as_ref());
            let micros = ended.map(|ended| ended.at.duration_since(story.summary.received_at).as_micros());
            took.extend(micros.and_then(|micros| u64::try_from(micros).ok()));
        }
    }
    took
}

async fn unsettled(store: &SqliteStore) -> u64 {
    let counts = store.counts().await.unwrap_or_default();
    counts.records.iter().filter(|(state, _)| matches!(state, State::Due | State::Sending)).map(|(_, count)| count).sum()
}

/// Most resident memory of a process so far, in KiB.
fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Processor time of a process so far, in milliseconds: user and system, at the kernel's 100 ticks a second.
fn cpu_ms(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(") ").map(|(_, rest)| rest).unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10
}
