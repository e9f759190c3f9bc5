//! Who is measured: the program as an operator runs it, and the hand-written pipeline, each as a process of its own.

use super::{
    Pipeline,
    measure::{Load, Row, measure},
};
use crossdock_flow::{
    clock::{Clock, SystemClock},
    record::{Event, Kind, Store},
};
use crossdock_partners::{
    clarity::Clarity,
    orders::{Generated, generate},
    sagepro::{self, SagePro},
};
use crossdock_stage::{Plan, Stage};
use crossdock_stores::sqlite::SqliteStore;
use std::{
    path::Path,
    process::{Child, Command},
    sync::Arc,
    time::Duration,
};
use tokio::task::JoinSet;

const TOKEN: &str = "bench-sagepro-token";
/// Orders of a backlog that are made and written together.
const TOGETHER: usize = 10_000;

impl Pipeline {
    /// The demo's rules, with no order held and none split, so that both contenders do the same work. Folders are set later.
    pub(super) fn plan(&self) -> Plan {
        let plan = Plan::new(&self.program, "", &self.plugins);
        let sagepro = sagepro::Options { items: sagepro::Items::Any, ..plan.sagepro };
        Plan { plugin_settings: plan.plugin_settings.replace("9000", "900000000"), sagepro, ..plan }
    }
}

/// The program, in a folder of its own.
pub(super) async fn ours(plan: &Plan, load: &Load) -> Row {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let plan = Plan { data: folder.path().join("data"), ..plan.clone() };
    let mut stage = Stage::set(plan, &load.orders).unwrap_or_else(|error| panic!("{error}"));
    let store = stage.data().join("crossdock.db");
    if load.backlog > 0 {
        // Once before, so that compiling the plugins is not what keeps the backlog waiting.
        stage.restart().await.unwrap_or_else(|error| panic!("{error}"));
        stage.stop().unwrap_or_else(|error| panic!("{error}"));
        fill(&store, load.backlog).await;
    }
    stage.restart().await.unwrap_or_else(|error| panic!("{error}"));
    let process = stage.process().unwrap_or_default();
    measure("crossdock", load, &stage.webhooks(), &stage.sagepro, process, &store).await
}

/// The hand-written pipeline: this program, called with another word.
pub(super) async fn native(load: &Load) -> Row {
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
    measure("hand-written", load, &format!("http://{address}/webhooks/shop"), &sagepro, process.0.id(), &store).await
}

/// Writes so many orders that wait into the store, with numbers that no load has.
async fn fill(store: &Path, backlog: usize) {
    let store = Arc::new(SqliteStore::open(store).unwrap_or_else(|fault| panic!("{fault}")));
    for (chunk, done) in (0..backlog).step_by(TOGETHER).enumerate() {
        let mut writing = JoinSet::new();
        for order in generate(TOGETHER.min(backlog - done), 100 + chunk as u64) {
            let store = store.clone();
            writing.spawn(async move { store.accept(event(&order)).await });
        }
        while let Some(written) = writing.join_next().await {
            assert!(matches!(written, Ok(Ok(_))), "a waiting order could not be written: {written:?}");
        }
    }
}

fn event(order: &Generated) -> Event {
    Event {
        connection: "shop".into(),
        id: format!("evt_{}", order.number),
        kind: Kind::Created,
        order: order.number.clone(),
        version: 1,
        body: order.body.clone().into_bytes(),
        received_at: SystemClock.now(),
        unreadable: None,
        doubtful: false,
    }
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
