//! Our three hooks, each beside the same rule in plain Rust.

use super::plain;
use crate::rule;
use crossdock_flow::{
    Decimal, Document, Order,
    hook::{Context, Plugin, Route},
    route::Candidates,
    sample,
};
use crossdock_sandbox::{Limits, Loaded, Sandbox, Terms};
use std::{
    hint::black_box,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// Settings of `sales-tagging`; in plain Rust they are written into the code.
const TAGGING: [(&str, &str); 7] = [
    ("gl.apparel", "4010-100"),
    ("gl.electronics", "4010-200"),
    ("gl.hazmat", "4010-300"),
    ("gl.housewares", "4010-400"),
    ("salesperson.ON", "KIM"),
    ("terms.wholesale", "NET30"),
    ("territory.ON", "EAS"),
];

/// What all contenders work on.
pub(super) struct Subject {
    pub(super) order: Arc<Order>,
    pub(super) candidates: Arc<Candidates>,
    document: Document,
    pub(super) context: Context,
}

impl Subject {
    pub(super) fn new(lines: usize) -> Subject {
        let order = Arc::new(sample::order(lines));
        // Enough of everything in each warehouse, so that plain Rust need not split.
        let mut candidates = sample::candidates(&order);
        candidates.stock.fill(Decimal::from(1_000_000));
        Subject { candidates: Arc::new(candidates), document: sample::document(&order), context: sample::context(), order }
    }
}

/// The example plugins, loaded.
pub(super) struct Rules {
    pub(super) discount: Loaded,
    pub(super) routing: Loaded,
    pub(super) tagging: Loaded,
}

/// Nanoseconds of each call.
#[derive(Default)]
pub(super) struct Times {
    pub(super) plain: Vec<u64>,
    pub(super) sandboxed: Vec<u64>,
}

impl Rules {
    pub(super) async fn load(sandbox: &Sandbox, folder: &Path) -> Rules {
        let tagging = TAGGING.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Rules {
            discount: load(sandbox, folder, "segment-discount", rule::settings()).await,
            routing: load(sandbox, folder, "warehouse-routing", Vec::new()).await,
            tagging: load(sandbox, folder, "sales-tagging", tagging.into()).await,
        }
    }

    /// Plugins and plain Rust must come to the same, or the comparison is worth nothing. Gives the prices that changed.
    pub(super) async fn check(&self, subject: &Subject) -> Vec<(u32, Decimal)> {
        let Subject { order, candidates, document, context } = subject;
        let ran = self.discount.pre_map(context, order.clone()).await.settled();
        assert!(ran.answer.is_ok(), "{:?}", ran.answer);
        let amounts = |order: &Order| order.lines.iter().map(|line| (line.unit_price, line.total)).collect::<Vec<_>>();
        // Not the tax: plain Rust rounds that of each line, the host shares out the cents that this leaves over.
        assert_eq!(amounts(&ran.subject), amounts(&plain::discount(order)), "the plugin and plain Rust disagree at pre-map");
        let routed = self.routing.route_order(context, order.clone(), candidates.clone()).await;
        assert_eq!(routed.answer, Ok(Route::Ship(plain::route(order, candidates))), "they disagree at route-order");
        let tagged = self.tagging.post_map(context, order.clone(), document.clone()).await.settled();
        assert_eq!(tagged.subject, plain::tag(order, document), "they disagree at post-map");
        let lines = (0..).zip(order.lines.iter().zip(&ran.subject.lines));
        lines.filter(|(_, (before, after))| before.unit_price != after.unit_price).map(|(index, (_, after))| (index, after.unit_price)).collect()
    }

    /// So many calls of each hook, one hook after the other: a contender's calls of a round run together.
    pub(super) async fn turn(&self, subject: &Subject, calls: usize) -> [Times; 3] {
        let Subject { order, candidates, document, .. } = subject;
        let mut times = [Times::default(), Times::default(), Times::default()];
        let [pre_map, route_order, post_map] = &mut times;
        pre_map.plain.extend((0..calls).map(|_| clock(|| plain::discount(black_box(order)))));
        for _ in 0..calls {
            pre_map.sandboxed.push(self.pre_map(subject).await);
        }
        route_order.plain.extend((0..calls).map(|_| clock(|| plain::route(black_box(order), candidates))));
        for _ in 0..calls {
            route_order.sandboxed.push(self.route_order(subject).await);
        }
        post_map.plain.extend((0..calls).map(|_| clock(|| plain::tag(black_box(order), document))));
        for _ in 0..calls {
            post_map.sandboxed.push(self.post_map(subject).await);
        }
        times
    }

    /// So many orders, each through its three hooks: the sums.
    pub(super) async fn orders(&self, subject: &Subject, calls: usize) -> Times {
        let Subject { order, candidates, document, .. } = subject;
        let mut times = Times::default();
        for _ in 0..calls {
            let discounted = clock(|| plain::discount(black_box(order)));
            let routed = clock(|| plain::route(black_box(order), candidates));
            times.plain.push(discounted + routed + clock(|| plain::tag(black_box(order), document)));
        }
        for _ in 0..calls {
            times.sandboxed.push(self.pre_map(subject).await + self.route_order(subject).await + self.post_map(subject).await);
        }
        times
    }

    // What a call leaves behind is dropped off the clock. The flow gives the order away, as here: what an edit overwrites is
    // kept aside and can be put back.
    pub(super) async fn pre_map(&self, subject: &Subject) -> u64 {
        let own = Arc::new(Order::clone(&subject.order));
        let start = Instant::now();
        let ran = self.discount.pre_map(&subject.context, own).await.settled();
        let took = start.elapsed();
        drop(black_box(ran));
        nanos(took)
    }

    pub(super) async fn route_order(&self, subject: &Subject) -> u64 {
        let (own, places) = (subject.order.clone(), subject.candidates.clone());
        let start = Instant::now();
        let ran = self.routing.route_order(&subject.context, own, places).await;
        let took = start.elapsed();
        drop(black_box(ran));
        nanos(took)
    }

    pub(super) async fn post_map(&self, subject: &Subject) -> u64 {
        let (own, paper) = (subject.order.clone(), subject.document.clone());
        let start = Instant::now();
        let ran = self.tagging.post_map(&subject.context, own, paper).await.settled();
        let took = start.elapsed();
        drop(black_box(ran));
        nanos(took)
    }
}

/// What a host does around an engine's call: writing the order as JSON, where the engine reads that, and making the answer
/// an order again.
pub(super) fn host_part(subject: &Subject, prices: &[(u32, Decimal)], calls: usize) -> [Vec<u64>; 2] {
    let order = &subject.order;
    let write = || serde_json::to_string(black_box(&**order)).unwrap_or_else(|error| panic!("{error}"));
    let written = (0..calls).map(|_| clock(write)).collect();
    [written, (0..calls).map(|_| clock(|| plain::reprice(black_box(order), prices))).collect()]
}

async fn load(sandbox: &Sandbox, folder: &Path, name: &str, settings: Vec<(String, String)>) -> Loaded {
    let path = folder.join(format!("{name}.wasm"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; script/plugins builds it", path.display()));
    // Under callgrind everything takes fifty times as long; what a call may use stays as it is in production.
    let limits = Limits { compile_time: Duration::from_secs(1_000), time: Duration::from_secs(60), ..Limits::default() };
    sandbox.load(name, bytes, Terms { limits, settings, ..Terms::default() }).await.unwrap_or_else(|fault| panic!("{fault}"))
}

fn clock<T>(work: impl FnOnce() -> T) -> u64 {
    let start = Instant::now();
    let done = work();
    let took = start.elapsed();
    drop(black_box(done));
    nanos(took)
}

pub(super) fn nanos(took: Duration) -> u64 {
    u64::try_from(took.as_nanos()).unwrap_or(u64::MAX)
}
