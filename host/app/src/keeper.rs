//! Keeps both sides alike: asks each what changed, takes it in, and hands what is due to the flow. What is done with a
//! change is decided in `flow::sync`.

use crate::{gate::Gate, worker::Worker};
use async_trait::async_trait;
use crossdock_flow::{
    Code, Fault,
    clock::Clock,
    desk::Backend,
    entity::{Side, echo::Kind, lag},
    sync::{
        Flow, State, Subject,
        ledger::{Arrival, Claimed},
        peer::{News, Peer, Seek},
        run::Outside,
        sold::Orders,
    },
    target::{Answer, Busy, Page},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Mutex, Notify, Semaphore, watch},
    task::JoinSet,
};

/// Changes worked on at the same time: few, so that orders go first.
const SEATS: usize = 4;
/// Lags of which the worst counts.
const MEASURED: usize = 50;
/// How often the store is asked although nothing arrived: another process may have made something due.
const ASK: Duration = Duration::from_secs(1);

/// What keeping both sides alike needs.
pub(crate) struct Keeper {
    /// What goes which way.
    pub flows: Vec<Flow>,
    /// The shops that can be kept alike, by name.
    pub shops: BTreeMap<Arc<str>, Kept>,
    /// The ERP, behind its gate.
    pub erp: Arc<dyn Peer>,
    /// Where changes wait.
    pub store: Arc<dyn Backend>,
    /// Who has the customer's rules of now.
    pub worker: Arc<Worker>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Told when something was taken in.
    pub arrived: Arc<Notify>,
    /// What goes both ways is worked on one at a time: two changes of one pair would read what the other one writes.
    pub pairs: Mutex<()>,
    /// How long it lately took until the shop had heard of a stock, the latest last.
    pub lags: std::sync::Mutex<VecDeque<SignedDuration>>,
}

/// A shop that is kept alike.
pub(crate) struct Kept {
    /// The shop.
    pub shop: Arc<dyn Peer>,
    /// What of its orders went to the ERP.
    pub orders: Arc<dyn Orders>,
}

impl Keeper {
    /// Both sides of a flow, the sender first, and what of the shop's went to the ERP. Fails with E699 where there is no such shop,
    /// which the settings do not let happen.
    fn sides(&self, flow: &Flow) -> Result<(&dyn Peer, &dyn Peer, &dyn Orders), Fault> {
        let kept = self.shops.get(&flow.shop).ok_or_else(|| Fault::new(Code::Internal, format!("the shop `{}` is not open", flow.shop)))?;
        Ok(match flow.from {
            Side::Shop => (&*kept.shop, &*self.erp, &*kept.orders),
            Side::Erp => (&*self.erp, &*kept.shop, &*kept.orders),
        })
    }

    /// Asks what changed, for one of the flows, until `stop` turns true.
    pub(crate) async fn watch(self: Arc<Self>, flow: usize, mut stop: watch::Receiver<bool>) {
        let Some(flow) = self.flows.get(flow) else { return };
        while !*stop.borrow() {
            if let Err(fault) = self.poll(flow).await {
                tracing::warn!(sync = %flow.name, %fault, "what changed could not be asked; it is asked again");
            }
            tokio::select! {
                () = tokio::time::sleep(flow.every) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Asks once, from where it was asked last, with overlap; the first time for everything. The cursor moves with the last
    /// page, in the same transaction.
    async fn poll(&self, flow: &Flow) -> Result<(), Fault> {
        let now = self.clock.now();
        let overlap = SignedDuration::try_from(flow.overlap).unwrap_or_default();
        let asked = self.store.asked(&flow.name).await?;
        // A clock that was ahead when it was written counts as now.
        let since = asked.map_or(Timestamp::UNIX_EPOCH, |asked| asked.min(now) - overlap);
        let (from, ..) = self.sides(flow)?;
        let (mut page, mut pages) = (None, std::collections::HashSet::new());
        loop {
            let listed = from.changed(flow.kind, since, page.as_deref()).await.map_err(|busy| busy.fault)?;
            // A cursor that comes twice leads in a circle: what was listed is taken in, and it is asked again from the start.
            let next = listed.next.filter(|next| pages.insert(next.clone()));
            let arrivals = listed.rows.into_iter().map(|news| arrival(flow, news, now)).collect();
            let cursor = next.is_none().then(|| (flow.name.to_string(), now));
            if self.store.take_in(arrivals, cursor).await? > 0 {
                self.arrived.notify_one();
            }
            match next {
                Some(next) => page = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// Works on what is due until `stop` turns true, then finishes what runs.
    pub(crate) async fn work(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let seats = Arc::new(Semaphore::new(SEATS));
        let mut running = JoinSet::new();
        while !*stop.borrow() {
            while running.try_join_next().is_some() {}
            let claimed = self.store.claim_changes(self.clock.now(), seats.available_permits()).await.unwrap_or_else(|fault| {
                tracing::error!(%fault, "the store cannot hand out changes");
                Vec::new()
            });
            let none = claimed.is_empty();
            for claimed in claimed {
                let Ok(seat) = seats.clone().acquire_owned().await else { return };
                let keeper = self.clone();
                running.spawn(async move {
                    keeper.one(claimed).await;
                    drop(seat);
                    keeper.arrived.notify_one();
                });
            }
            if none {
                let pause = self.pause().await;
                tokio::select! {
                    () = self.arrived.notified() => {}
                    () = tokio::time::sleep(pause) => {}
                    _ = stop.changed() => {}
                }
            }
        }
        while running.join_next().await.is_some() {}
    }

    async fn pause(&self) -> Duration {
        let due = self.store.next_change().await.ok().flatten();
        due.and_then(|due| Duration::try_from(due.duration_since(self.clock.now())).ok()).unwrap_or(ASK).clamp(Duration::from_millis(5), ASK)
    }

    async fn one(&self, claimed: Claimed) {
        let Some(flow) = self.flows.iter().find(|flow| *flow.name == claimed.arrival.flow && flow.from == claimed.arrival.side) else {
            // Of a flow that the settings name no more: it stays out, and waits until they do.
            return;
        };
        let (kind, key) = (flow.kind, claimed.arrival.news.key.clone());
        let _alone = if kind == Kind::Customer { Some(self.pairs.lock().await) } else { None };
        let Ok((from, to, orders)) = self.sides(flow) else { return };
        // A change goes all its way with the rules that it began with.
        let ruled = self.worker.rules();
        let outside =
            Outside { from, to, ledger: &*self.store, orders, binder: &*self.store, rules: &ruled.rules, clock: &*self.clock, lag: self.lag() };
        let since = claimed.arrival.received_at;
        match flow.run(claimed, outside).await {
            Ok(State::Parked) => tracing::warn!(%kind, key, "parked: a person must look at it"),
            Ok(state) => {
                tracing::debug!(%kind, key, %state, "settled");
                if kind == Kind::Stock && state == State::Settled {
                    self.measure(self.clock.now().duration_since(since));
                }
            }
            Err(fault) => {
                tracing::error!(%kind, key, %fault, "nothing could be written down; it comes again");
                tokio::time::sleep(ASK).await;
            }
        }
    }
}

impl Keeper {
    fn lags(&self) -> std::sync::MutexGuard<'_, VecDeque<SignedDuration>> {
        self.lags.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps back what sales and lag call for, although no level changes, until `stop` turns true.
    pub(crate) async fn keep_back(self: Arc<Self>, every: Duration, mut stop: watch::Receiver<bool>) {
        let promises = self.flows.iter().find(|flow| flow.kind == Kind::Stock).and_then(|flow| flow.promises);
        let Some(policy) = promises.map(|promises| promises.buffer).filter(|policy| !policy.is_nothing()) else { return };
        while !*stop.borrow() {
            // Nothing is measured yet, for example since the host began: what was kept back stays.
            let late = self.lag();
            let changed = if late.is_zero() { Ok(0) } else { self.store.keep_back(policy, late, self.clock.now()).await };
            match changed {
                Ok(0) => {}
                Ok(levels) => {
                    tracing::debug!(levels, "something else is kept back of them");
                    self.arrived.notify_one();
                }
                Err(fault) => tracing::warn!(%fault, "what is to be kept back could not be reckoned; it is tried again"),
            }
            tokio::select! {
                () = tokio::time::sleep(every) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// The lag to reckon with: the worst of the latest.
    fn lag(&self) -> SignedDuration {
        lag::worst(self.lags().make_contiguous())
    }

    fn measure(&self, took: SignedDuration) {
        let mut lags = self.lags();
        lags.push_back(took);
        if lags.len() > MEASURED {
            lags.pop_front();
        }
    }
}

/// A change on its way into the store.
pub(crate) fn arrival(flow: &Flow, news: News, received_at: Timestamp) -> Arrival {
    Arrival { flow: flow.name.to_string(), kind: flow.kind, side: flow.from, news, received_at }
}

/// The ERP as a side, behind the gate through which its orders go: both wait for the same turns.
pub(crate) struct Gated {
    /// The gate.
    pub gate: Arc<Gate>,
    /// The ERP.
    pub peer: Arc<dyn Peer>,
}

#[async_trait]
impl Peer for Gated {
    fn name(&self) -> &str {
        self.peer.name()
    }

    fn side(&self) -> Side {
        self.peer.side()
    }

    async fn changed(&self, kind: Kind, since: Timestamp, page: Option<&str>) -> Result<Page<News>, Busy> {
        self.gate.pass(self.peer.changed(kind, since, page)).await?
    }

    fn read(&self, kind: Kind, body: &[u8]) -> Result<Subject, Fault> {
        self.peer.read(kind, body)
    }

    fn write(&self, subject: &Subject) -> Result<Vec<u8>, Fault> {
        self.peer.write(subject)
    }

    async fn find(&self, kind: Kind, seek: Seek<'_>) -> Result<Vec<News>, Busy> {
        self.gate.pass(self.peer.find(kind, seek)).await?
    }

    async fn put(&self, subject: &Subject, there: Option<&News>, stamp: &str) -> Answer {
        self.gate.pass(self.peer.put(subject, there, stamp)).await.unwrap_or_else(Answer::Busy)
    }
}
