//! Ends this process with SIGKILL at a named step: for the crash suite, which shows that nothing is lost and nothing done
//! twice wherever it happens. Off unless the environment asks for it; wraps the seams, so that the flow knows nothing of it.

use async_trait::async_trait;
use crossdock_flow::{
    Document, Fault,
    promise::Units,
    record::{Accepted, Alert, Attempt, Claimed, Counts, Event, Filter, Quarantined, RecordId, Settlement, Store, Story, Summary},
    schema::Schema,
    target::{Answer, Booked, Busy, Found, Page, Standing, Stock, Target},
};
use jiff::Timestamp;
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

/// `STEP:N`: the process ends when it passes this step for the N-th time.
const WHERE: &str = "CROSSDOCK_CRASH_AT";

struct Point {
    step: String,
    left: AtomicU64,
}

fn point() -> Option<&'static Point> {
    static POINT: OnceLock<Option<Point>> = OnceLock::new();
    #[allow(clippy::disallowed_methods, reason = "no setting: nobody should find it in a settings file")]
    POINT
        .get_or_init(|| {
            let (step, count) = std::env::var(WHERE).ok()?.rsplit_once(':').and_then(|(step, count)| Some((step.to_owned(), count.parse().ok()?)))?;
            Some(Point { step, left: AtomicU64::new(count) })
        })
        .as_ref()
}

fn pass(step: &str) {
    if let Some(point) = point().filter(|point| point.step == step)
        && point.left.fetch_sub(1, Ordering::SeqCst) == 1
    {
        let me = rustix::process::getpid();
        let _sent = rustix::process::kill_process(me, rustix::process::Signal::KILL);
        // The signal is on its way: nothing more may happen here.
        loop {
            std::thread::park();
        }
    }
}

/// The target, with its steps where the environment asks for one.
pub(crate) fn target(target: Arc<dyn Target>) -> Arc<dyn Target> {
    if point().is_some() { Arc::new(Crashing(target)) } else { target }
}

/// The store, likewise.
pub(crate) fn store(store: Arc<dyn Store>) -> Arc<dyn Store> {
    if point().is_some() { Arc::new(Crashing(store)) } else { store }
}

struct Crashing<T: ?Sized>(Arc<T>);

#[async_trait]
impl Target for Crashing<dyn Target> {
    fn name(&self) -> &str {
        self.0.name()
    }
    async fn create(&self, document: &Document) -> Answer {
        pass("create.before");
        let answer = self.0.create(document).await;
        pass("create.after");
        answer
    }
    async fn find(&self, document: &Document) -> Found {
        let found = self.0.find(document).await;
        pass("find.after");
        found
    }
    async fn cancel(&self, number: &str) -> Answer {
        pass("cancel.before");
        let answer = self.0.cancel(number).await;
        pass("cancel.after");
        answer
    }
    async fn change(&self, number: &str, document: &Document) -> Answer {
        pass("change.before");
        let answer = self.0.change(number, document).await;
        pass("change.after");
        answer
    }
    async fn standing(&self, number: &str) -> Result<Option<Standing>, Busy> {
        self.0.standing(number).await
    }
    async fn booked(&self, since: Timestamp, page: Option<&str>) -> Result<Page<Booked>, Busy> {
        self.0.booked(since, page).await
    }
    async fn stock(&self) -> Result<Stock, Busy> {
        self.0.stock().await
    }
    async fn tables(&self) -> Result<Option<Vec<Schema>>, Busy> {
        self.0.tables().await
    }
}

#[async_trait]
impl Store for Crashing<dyn Store> {
    async fn accept(&self, event: Event) -> Result<Accepted, Fault> {
        pass("accept.before");
        let accepted = self.0.accept(event).await;
        pass("accept.after");
        accepted
    }
    async fn claim(&self, now: Timestamp, most: usize) -> Result<Vec<Claimed>, Fault> {
        let claimed = self.0.claim(now, most).await;
        if claimed.as_ref().is_ok_and(|claimed| !claimed.is_empty()) {
            pass("claim.after");
        }
        claimed
    }
    fn unclaim(&self, record: RecordId) {
        self.0.unclaim(record);
    }
    async fn begin(&self, record: RecordId, attempt: Attempt) -> Result<(), Fault> {
        pass("begin.before");
        let begun = self.0.begin(record, attempt).await;
        pass("begin.after");
        begun
    }
    async fn free(&self, order: &str, skus: Vec<String>) -> Result<Vec<Units>, Fault> {
        self.0.free(order, skus).await
    }
    async fn settle(&self, record: RecordId, settlement: Settlement) -> Result<(), Fault> {
        pass("settle.before");
        let settled = self.0.settle(record, settlement).await;
        pass("settle.after");
        settled
    }
    async fn next_due(&self) -> Result<Option<Timestamp>, Fault> {
        self.0.next_due().await
    }
    async fn list(&self, filter: Filter) -> Result<Vec<Summary>, Fault> {
        self.0.list(filter).await
    }
    async fn story(&self, order: &str) -> Result<Vec<Story>, Fault> {
        self.0.story(order).await
    }
    async fn counts(&self) -> Result<Counts, Fault> {
        self.0.counts().await
    }
    async fn kv_get(&self, plugin: &str, key: &str) -> Result<Option<(Vec<u8>, i64)>, Fault> {
        self.0.kv_get(plugin, key).await
    }
    async fn kv_usage(&self, plugin: &str) -> Result<(u64, u64), Fault> {
        self.0.kv_usage(plugin).await
    }
    async fn quarantined(&self) -> Result<Vec<Quarantined>, Fault> {
        self.0.quarantined().await
    }
    async fn release(&self, plugin: &str, now: Timestamp) -> Result<usize, Fault> {
        self.0.release(plugin, now).await
    }
    async fn alerts(&self, most: usize) -> Result<Vec<Alert>, Fault> {
        self.0.alerts(most).await
    }
}
