//! Hands due records to the flow, as many at a time as the settings allow, until it is told to stop.

use crate::{
    gate::Gate,
    shelf::Breakers,
    shops::{Gone, Shop},
};
use arc_swap::ArcSwap;
use crossdock_flow::{
    clock::Clock,
    correct::Correction,
    desk::Desk,
    hook::Rules,
    promise::{self, Figure},
    record::{Claimed, State, Store},
    run::{Flow, Outside},
    source::Source,
    sync::ledger::{Counted, Ledger},
    target::{Stock, Target},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, Semaphore, watch},
    task::JoinSet,
};
use tracing::Instrument;

/// How often the store is asked although nothing arrived: another process may have made a record due.
const ASK: Duration = Duration::from_secs(1);
/// How long arrivals and free seats gather between two claims: one query then serves several.
const GATHER: Duration = Duration::from_millis(1);
/// How often it is seen whether the one record of a probation has come back.
const PROBE: Duration = Duration::from_millis(20);
/// How long to wait after the store failed.
const RECOVER: Duration = Duration::from_secs(1);

/// What the workers share.
pub(crate) struct Worker {
    /// How orders of each shop flow: at least one.
    pub ways: Vec<Way>,
    /// The ERP, behind its gate.
    pub target: Arc<Gate>,
    /// Where records wait.
    pub store: Arc<dyn Store>,
    /// Where people's decisions are.
    pub desk: Arc<dyn Desk>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What the warehouses have.
    pub stock: Arc<ArcSwap<Stock>>,
    /// Where it is kept what is promised of that, where orders are promised any.
    pub promises: Option<(Arc<dyn Ledger>, Figure)>,
    /// What people want corrected by itself, as last read.
    pub corrections: ArcSwap<Vec<Correction>>,
    /// What takes versions of plugins out of service.
    pub breakers: ArcSwap<Breakers>,
    /// Told when an event arrived.
    pub arrived: Arc<Notify>,
}

/// How orders of one shop flow.
pub(crate) struct Way {
    /// The shop.
    shop: Shop,
    /// With the rules of now.
    flow: ArcSwap<Flow>,
}

impl Way {
    /// As `flow`, by the shop's own template where it has one.
    pub(crate) fn new(shop: &Shop, flow: &Flow) -> Way {
        let mapping = shop.mapping.clone().unwrap_or_else(|| flow.mapping.clone());
        Way { shop: shop.clone(), flow: ArcSwap::from_pointee(Flow { mapping, ..flow.clone() }) }
    }
}

impl Worker {
    /// Runs until `stop` turns true, then finishes what runs.
    pub(crate) async fn work(self: Arc<Self>, workers: usize, mut stop: watch::Receiver<bool>) {
        let seats = Arc::new(Semaphore::new(workers));
        let mut running = JoinSet::new();
        while !*stop.borrow() {
            while running.try_join_next().is_some() {}
            // Wait for a seat; the permit itself is of no use, several may be free by now.
            tokio::select! {
                seat = seats.acquire() => drop(seat),
                _ = stop.changed() => continue,
            }
            let most = match self.room(seats.available_permits(), running.len()) {
                Ok(most) => most,
                Err(pause) => {
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        _ = stop.changed() => {}
                    }
                    continue;
                }
            };
            let pause = match self.store.claim(self.clock.now(), most).await {
                Ok(claimed) if !claimed.is_empty() => {
                    for claimed in claimed {
                        // As many were claimed as seats were free, and only this loop takes seats.
                        let Ok(seat) = seats.clone().acquire_owned().await else { return };
                        let worker = self.clone();
                        running.spawn(async move {
                            let again = worker.one(claimed).await;
                            drop(seat);
                            if again {
                                worker.arrived.notify_one();
                            }
                        });
                    }
                    tokio::time::sleep(GATHER).await;
                    continue;
                }
                Ok(_) => self.pause().await,
                Err(fault) => {
                    tracing::error!(%fault, "the store cannot hand out records");
                    RECOVER
                }
            };
            tokio::select! {
                () = self.arrived.notified() => {}
                () = tokio::time::sleep(pause) => {}
                _ = stop.changed() => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// How many records may be worked on, or how long to wait: while the ERP is left alone nothing is claimed, because the
    /// rules would run for nothing; while it is on probation, one record at a time.
    fn room(&self, seats: usize, running: usize) -> Result<usize, Duration> {
        if let Some(until) = self.target.closed_until() {
            let wait = Duration::try_from(until.duration_since(self.clock.now())).unwrap_or_default();
            return Err(wait.clamp(Duration::from_millis(1), ASK));
        }
        match (self.target.is_open(), running) {
            (false, _) => Ok(seats),
            (true, 0) => Ok(1),
            (true, _) => Err(PROBE),
        }
    }

    async fn pause(&self) -> Duration {
        let due = self.store.next_due().await.ok().flatten();
        due.and_then(|due| Duration::try_from(due.duration_since(self.clock.now())).ok()).unwrap_or(ASK).clamp(Duration::from_millis(1), ASK)
    }

    /// Works on one record; says whether the loop should look again at once.
    async fn one(&self, claimed: Claimed) -> bool {
        let span = tracing::info_span!("order", order = %claimed.order, record = claimed.record, attempt = claimed.attempts + 1);
        async {
            let stock = self.stock.load_full();
            let corrections = self.corrections.load_full();
            let (source, flow) = self.way(&claimed.connection);
            let outside = Outside {
                source: &*source,
                target: &*self.target,
                store: &*self.store,
                clock: &*self.clock,
                stock: &stock,
                corrections: &corrections,
            };
            match flow.run(claimed, outside).await {
                Ok(State::Parked) => tracing::warn!("parked: a person must look at it"),
                Ok(state) => tracing::debug!(%state, "settled"),
                Err(fault) => {
                    tracing::error!(%fault, "nothing could be written down; the record comes again");
                    return false;
                }
            }
            true
        }
        .instrument(span)
        .await
    }

    /// The shop that a record came from, and how its orders flow: an order goes all its way with the rules that it began with. The
    /// only shop has all of them; where there are several, one may be named no more.
    fn way(&self, connection: &str) -> (Arc<dyn Source>, Arc<Flow>) {
        match &self.ways[..] {
            [only] => (only.shop.source.clone(), only.flow.load_full()),
            ways => match ways.iter().find(|way| way.shop.name() == connection) {
                Some(way) => (way.shop.source.clone(), way.flow.load_full()),
                None => (Arc::new(Gone(connection.to_owned())), ways[0].flow.load_full()),
            },
        }
    }

    /// The rules of now.
    pub(crate) fn rules(&self) -> Arc<Flow> {
        self.ways[0].flow.load_full()
    }

    /// Orders that begin from now on meet these rules.
    pub(crate) async fn take(&self, rules: Rules, breakers: Breakers) {
        self.breakers.store(Arc::new(breakers));
        // A version that is out of service stays so when its file is dropped again.
        self.read_quarantine().await;
        for way in &self.ways {
            let flow = Flow { rules: rules.clone(), ..(**way.flow.load()).clone() };
            way.flow.store(Arc::new(flow));
        }
    }

    /// Follows what people decided, until `stop` turns true: a version released, a correction remembered or forgotten.
    pub(crate) async fn watch_decisions(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            self.read_decisions().await;
            tokio::select! {
                () = tokio::time::sleep(ASK) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Asks the store once.
    pub(crate) async fn read_decisions(&self) {
        match self.desk.corrections().await {
            Ok(corrections) if corrections != **self.corrections.load() => self.corrections.store(Arc::new(corrections)),
            Ok(_) => {}
            Err(fault) => tracing::warn!(%fault, "the remembered corrections could not be read; those that were known stay"),
        }
        self.read_quarantine().await;
    }

    async fn read_quarantine(&self) {
        match self.store.quarantined().await {
            Ok(out) => {
                for ((plugin, version), breaker) in &**self.breakers.load() {
                    let before = breaker.is_open();
                    breaker.follow(out.iter().any(|one| *one.plugin == **plugin && *one.version == **version));
                    if before != breaker.is_open() {
                        tracing::warn!(%plugin, in_service = before, "the store says so");
                    }
                }
            }
            Err(fault) => tracing::warn!(%fault, "which plugins are out of service could not be read; what was known stays"),
        }
    }

    /// Keeps the stock fresh until `stop` turns true.
    pub(crate) async fn watch_stock(self: Arc<Self>, every: Duration, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            self.read_stock().await;
            tokio::select! {
                () = tokio::time::sleep(every) => {}
                _ = stop.changed() => {}
            }
        }
    }

    async fn kept(&self) -> Option<Vec<Counted>> {
        match self.promises.as_ref()?.0.stocks().await {
            Ok(stocks) => Some(stocks),
            Err(fault) => {
                tracing::warn!(%fault, "what is kept of the stock could not be read; it is read again");
                None
            }
        }
    }

    /// Reads the stock once. When the ERP does not answer, what was heard before stays.
    pub(crate) async fn read_stock(&self) {
        // Read before the ERP is asked: what an order changes meanwhile is not overwritten by what is older.
        let before = self.kept().await;
        match self.target.stock().await {
            Ok(stock) => {
                if let (Some((ledger, counts)), Some(before)) = (&self.promises, before) {
                    let counted = promise::counted(&before, &stock);
                    if let Err(fault) = ledger.count_stock(counted, *counts, self.clock.now()).await {
                        tracing::warn!(%fault, "the stock could not be kept; it is read again");
                    }
                }
                self.stock.store(Arc::new(stock));
            }
            Err(busy) => tracing::warn!(fault = %busy.fault, "the stock could not be read; what was heard before stays"),
        }
    }
}
