//! `crossdock run`: everything wired up, until it is told to stop; then what runs is finished and everything is closed.

use super::Failure;
use crate::{
    chores, cli, crash, intake,
    keeper::{Gated, Keeper, Kept},
    outside::Answers,
    reconcile::Reconciler,
    reload::Reloader,
    sales::Sales,
    settings::{self, Polling},
    shelf,
    shops::{self, Shop, Shops},
    tables::{Tables, Watch},
    wire,
    worker::{Way, Worker},
};
use arc_swap::ArcSwap;
use crossdock_connectors::outbound::Outbound;
use crossdock_flow::{
    clock::{Clock, SystemClock},
    desk::Backend,
    sync::ledger::Ledger,
    target::Stock,
};
use crossdock_stores::sqlite::SqliteStore;
use std::{path::Path, sync::Arc};
use tokio::{
    net::TcpListener,
    sync::{Mutex, Notify, watch},
    task::JoinSet,
};
use tracing_subscriber::EnvFilter;

/// Runs until SIGINT or SIGTERM.
pub(crate) async fn run(file: &Path, how: &cli::Run) -> Result<(), Failure> {
    log_to_stderr(how.log_json);
    let mut checked = settings::check(file).map_err(Failure::Mistakes)?;
    let backend: Arc<dyn Backend> = Arc::new(SqliteStore::open(&checked.store)?);
    let store = crash::store(backend.clone());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let stock = Arc::<ArcSwap<Stock>>::default();
    let credentials = checked.plugin.values().flat_map(|own| own.credentials.clone()).collect();
    let world = Answers { store: store.clone(), stock: stock.clone(), clock: clock.clone(), outbound: Outbound::new(credentials)? };
    let sandbox = wire::sandbox(&checked.sandbox, Arc::new(world))?;
    let said = Arc::new(checked.said());
    let found = shelf::load_all(&sandbox, &said, |_| {}).await;
    for plugin in &found {
        if let (Ok(loaded), Some(fault)) = (&plugin.loaded, &plugin.refused) {
            let message = format!("{fault}; version {} goes on", short(&loaded.facts().sha256));
            tracing::error!(plugin = plugin.name, message, cure = fault.code.cure(), "plugin refused: the last version that worked goes on");
            backend.alert(clock.now(), "plugin-refused", &plugin.name, &message).await?;
        }
        match &plugin.loaded {
            Ok(loaded) => {
                let hooks: Vec<&str> = loaded.hooks().iter().map(|hook| hook.name()).collect();
                tracing::info!(plugin = plugin.name, hooks = hooks.join(" "), version = short(&loaded.facts().sha256), "plugin ready");
            }
            Err(fault) => tracing::error!(plugin = plugin.name, %fault, cure = fault.code.cure(), "plugin refused; the others run"),
        }
    }
    let (rules, breakers) = shelf::choose(&found, &said, &shelf::Breakers::new())?;
    let flow = wire::flow(&mut checked, rules);
    let longest = flow.schedule.longest();
    let shops = Shops::open(std::mem::take(&mut checked.shops))?;
    shops::same_names(&*store, &shops).await?;
    let wire::Erp { gate, turns, peer: erp } = wire::erp(checked.target, clock.clone())?;
    let target = Arc::new(gate);
    let arrived = Arc::new(Notify::new());
    let listener = TcpListener::bind(checked.listen.address)
        .await
        .map_err(|error| Failure::text(format!("cannot listen on {}: {error}", checked.listen.address)))?;
    let address = listener.local_addr().map_err(|error| Failure::text(error.to_string()))?;
    let worker = Arc::new(Worker {
        ways: shops.iter().map(|shop| Way::new(shop, &flow)).collect(),
        target: target.clone(),
        store: store.clone(),
        desk: backend.clone(),
        clock: clock.clone(),
        stock,
        promises: checked.promises.map(|promises| (backend.clone() as Arc<dyn Ledger>, promises.counts)),
        corrections: ArcSwap::default(),
        breakers: ArcSwap::from_pointee(breakers),
        arrived: arrived.clone(),
    });
    worker.read_stock().await;
    worker.read_decisions().await;
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    tasks.spawn(worker.clone().work(checked.workers, stopped.clone()));
    tasks.spawn(worker.clone().watch_stock(checked.stock_every, stopped.clone()));
    tasks.spawn(worker.clone().watch_decisions(stopped.clone()));
    let reloader = Reloader::new(sandbox.clone(), said, found, worker.clone(), (backend.clone(), clock.clone()));
    tasks.spawn(reloader.watch(stopped.clone()));
    tasks.spawn(chores::sweep(backend.clone(), clock.clone(), checked.retention, stopped.clone()));
    tasks.spawn(chores::watch_clock(backend.clone(), clock.clone(), longest, stopped.clone()));
    let Polling { every, overlap, nightly } = checked.polling;
    let tables = Tables { target: target.clone(), settings: checked.tables };
    let looking = Watch { tables, store: backend.clone(), clock: clock.clone(), nightly, zone: checked.zone.clone() };
    tasks.spawn(looking.watch(stopped.clone()));
    let turning = tokio::spawn(chores::write_turns(backend.clone(), turns));
    for shop in shops.iter() {
        if !shop.has_api {
            tracing::warn!(shop = shop.name(), "the shop has no `api`: orders whose webhooks never come are not found");
            continue;
        }
        let reconciler = Reconciler {
            shop: shop.clone(),
            is_one_of_several: shops.are_several(),
            target: target.clone(),
            store: backend.clone(),
            clock: clock.clone(),
            arrived: arrived.clone(),
            every,
            overlap,
            nightly,
            zone: checked.zone.clone(),
        };
        tasks.spawn(reconciler.watch(stopped.clone()));
    }
    let keeper = erp.filter(|_| !checked.sync.is_empty()).map(|peer| {
        let kept = |shop: &Shop| {
            let orders = Arc::new(Sales { store: backend.clone(), shop: shop.clone() });
            shop.peer.clone().map(|peer| (shop.name().into(), Kept { shop: peer, orders }))
        };
        Arc::new(Keeper {
            flows: checked.sync,
            shops: shops.iter().filter_map(kept).collect(),
            erp: Arc::new(Gated { gate: target.clone(), peer }),
            store: backend.clone(),
            worker: worker.clone(),
            clock: clock.clone(),
            arrived: Arc::default(),
            pairs: Mutex::default(),
            lags: std::sync::Mutex::default(),
        })
    });
    drop(worker);
    if let Some(keeper) = &keeper {
        tasks.spawn(keeper.clone().work(stopped.clone()));
        tasks.spawn(keeper.clone().keep_back(checked.stock_every, stopped.clone()));
        for flow in 0..keeper.flows.len() {
            tasks.spawn(keeper.clone().watch(flow, stopped.clone()));
        }
    }
    drop(stopped);
    let door = intake::Door { shops, store, clock, arrived, max_body: checked.listen.max_body, target, keeper, ledger: backend.clone() };
    let facts = sandbox.engine_facts();
    tracing::info!(integration = checked.name, %address, wasmtime = facts.wasmtime, pooled = facts.pooled, "ready");
    if let Some(ready) = &how.ready_file {
        std::fs::write(ready, address.to_string()).map_err(|error| Failure::text(format!("{}: {error}", ready.display())))?;
    }
    let served = axum::serve(listener, intake::routes(Arc::new(door))).with_graceful_shutdown(told_to_stop()).await;
    tracing::info!("stopping: nothing more is taken, what runs is finished");
    // The receivers live in the tasks below until they end.
    let _told = stop.send(true);
    while tasks.join_next().await.is_some() {}
    // The gate went with the workers, and with it the last word of its circuit.
    let _ended = turning.await;
    drop(backend);
    tracing::info!("stopped");
    served.map_err(|error| Failure::text(error.to_string()))
}

fn log_to_stderr(json: bool) {
    let filter = EnvFilter::try_from_env("CROSSDOCK_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    // Set once per process: a second call changes nothing.
    let _set = if json { builder.json().try_init() } else { builder.compact().try_init() };
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// The first twelve digits of a hash: enough for people.
pub(crate) fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
