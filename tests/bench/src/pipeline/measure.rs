//! One round of one contender: the load, and what the process, its store and the ERP say of it afterwards.

use crate::table;
use crossdock_flow::record::{State, Store};
use crossdock_partners::{
    orders::Generated,
    sagepro::SagePro,
    sender::{self, Hook, Options},
};
use crossdock_stage::oracle;
use crossdock_stores::sqlite::SqliteStore;
use serde::Serialize;
use std::{
    collections::HashSet,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a round may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// What is sent.
pub(super) struct Load {
    pub(super) orders: Vec<Generated>,
    pub(super) connections: usize,
    /// Offered a second.
    pub(super) rate: Option<u32>,
    /// Further orders that waited before it began. Those that waited longest go first, so as many of them are done while the
    /// others come: the round ends when as many are settled as were sent.
    pub(super) backlog: usize,
}

#[derive(Clone, Serialize)]
pub(super) struct Row {
    pub(super) contender: &'static str,
    pub(super) orders_per_second: u64,
    pub(super) ack_ms_p50: f64,
    pub(super) ack_ms_p99: f64,
    pub(super) end_to_end_ms_p50: f64,
    pub(super) end_to_end_ms_p99: f64,
    pub(super) cpu_ms_per_order: f64,
    pub(super) written_kb_per_order: f64,
    /// None where nobody may count them.
    pub(super) fsyncs_per_order: Option<f64>,
    pub(super) rss_mib: u64,
    pub(super) lost: usize,
}

pub(super) async fn measure(contender: &'static str, load: &Load, url: &str, sagepro: &SagePro, process: u32, store: &Path) -> Row {
    let Load { orders, connections, rate, backlog } = load;
    let hooks: Vec<Hook> = orders.iter().map(Generated::hook).collect();
    let options = Options { concurrency: *connections, rate: *rate, ..Options::default() };
    let (cpu, written, syncs) = (cpu_ms(process), written_bytes(process), Syncs::count(process));
    let store = SqliteStore::open(store).unwrap_or_else(|fault| panic!("{fault}"));
    let (before, start) = (settled(&store).await, Instant::now());
    let sent = sender::send(url, &hooks, &options).await;
    // Split orders have several documents, so the store says when all is settled, not the number of bookings.
    while settled(&store).await - before < orders.len() as u64 && start.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let took = start.elapsed();
    let done = (settled(&store).await - before).max(1) as f64;
    let (cpu, written, syncs) = (cpu_ms(process) - cpu, written_bytes(process) - written, syncs.and_then(Syncs::end));
    let mut acks: Vec<u64> = sent.iter().map(|sent| u64::try_from(sent.latency.as_micros()).unwrap_or(u64::MAX)).collect();
    let mut ends = end_to_end(&store, orders).await;
    let acknowledged: HashSet<&str> = sent.iter().filter(|sent| sent.acknowledged()).map(|sent| sent.number.as_str()).collect();
    let judgement = oracle::judge(orders, &sagepro.books(), &[]);
    let missing = acknowledged.iter().filter(|number| !judgement.delivered.contains(**number)).count();
    Row {
        contender,
        orders_per_second: (done / took.as_secs_f64()) as u64,
        ack_ms_p50: millis(table::quantile(&mut acks, 500)),
        ack_ms_p99: millis(table::quantile(&mut acks, 990)),
        end_to_end_ms_p50: millis(table::quantile(&mut ends, 500)),
        end_to_end_ms_p99: millis(table::quantile(&mut ends, 990)),
        cpu_ms_per_order: (cpu as f64 / done * 1000.0).round() / 1000.0,
        written_kb_per_order: (written as f64 / done / 100.0).round() / 10.0,
        fsyncs_per_order: syncs.map(|syncs| (syncs as f64 / done * 1000.0).round() / 1000.0),
        rss_mib: peak_memory(process) / 1024,
        // What still waits behind a backlog is not lost.
        lost: if *backlog == 0 { missing + (orders.len() - acknowledged.len()) } else { 0 },
    }
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

/// Records that came to an end or wait for a person.
async fn settled(store: &SqliteStore) -> u64 {
    let counts = store.counts().await.unwrap_or_default();
    counts.records.iter().filter(|(state, _)| !matches!(state, State::Due | State::Sending)).map(|(_, count)| count).sum()
}

/// Most resident memory of a process so far, in KiB.
fn peak_memory(process: u32) -> u64 {
    field(&format!("/proc/{process}/status"), "VmHWM:")
}

/// Bytes that a process had the kernel write to disk so far.
fn written_bytes(process: u32) -> u64 {
    field(&format!("/proc/{process}/io"), "write_bytes:")
}

fn field(file: &str, name: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Processor time of a process so far, in milliseconds: user and system, at the kernel's 100 ticks a second.
fn cpu_ms(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(") ").map(|(_, rest)| rest).unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10
}

/// Counts the calls with which a process waits for the disk.
struct Syncs(Child);

impl Syncs {
    /// Nothing where there is no perf, or it may not count.
    fn count(process: u32) -> Option<Syncs> {
        let events = "syscalls:sys_enter_fdatasync,syscalls:sys_enter_fsync";
        let mut perf = Command::new("perf");
        perf.args(["stat", "-x", ",", "-e", events, "-p", &process.to_string()]).stdout(Stdio::null()).stderr(Stdio::piped());
        perf.spawn().ok().map(Syncs)
    }

    fn end(self) -> Option<u64> {
        // It prints what it counted when it is interrupted.
        Command::new("kill").args(["-INT", &self.0.id().to_string()]).status().ok()?;
        let said = self.0.wait_with_output().ok()?;
        let counted =
            String::from_utf8_lossy(&said.stderr).lines().filter_map(|line| line.split(',').next()?.parse::<u64>().ok()).collect::<Vec<_>>();
        (!counted.is_empty()).then(|| counted.iter().sum())
    }
}
