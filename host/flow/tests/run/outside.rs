//! Everything outside of one record, simulated: a shop, an ERP that answers from a list, a store that only writes down, and
//! what happened in which order.

use async_trait::async_trait;
use crossdock_flow::{
    Code, Decimal, Document, Fault, Order,
    clock::Clock,
    correct::Place,
    edit::{DocumentEditor, OrderEditor},
    hook::{Context, Hook, HookRun, Plugin, Ran, Route, Rules, Verdict},
    mapping,
    record::{Accepted, Alert, Attempt, Claimed, Counts, Event, Filter, Kind, Part, Quarantined, RecordId, Settlement, Store, Story, Summary},
    route::{Candidates, Shipment, Warehouse},
    rule::Rule,
    run::{Flow, Outside},
    sample,
    settle::Schedule,
    source::{Content, Head, Listed, Received, Source},
    target::{Answer, Booked, Busy, Found, Page, Receipt, Standing, Stock, Target},
};
use jiff::{Timestamp, tz::TimeZone};
use std::sync::{Arc, Mutex};

/// What happened outside, in order.
pub(crate) type Log = Arc<Mutex<Vec<String>>>;

pub(crate) struct FixedClock;
impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_772_000_000).unwrap()
    }
}

/// A shop whose events hold this order, or only its id.
pub(crate) struct Shop(pub(crate) Content);
#[async_trait]
impl Source for Shop {
    fn name(&self) -> &str {
        "shop"
    }
    fn receive(&self, _: &dyn Fn(&str) -> Option<String>, _: &[u8], _: Timestamp) -> Result<Received, Fault> {
        unreachable!("the flow never receives")
    }
    fn head(&self, _: &str, _: &[u8]) -> Result<Head, Fault> {
        unreachable!("the flow never corrects")
    }
    fn read(&self, body: &[u8]) -> Result<Content, Fault> {
        match body {
            b"fetched" => Ok(Content::Order(Box::new(sample::order(2)))),
            b"broken" => Err(Fault::new(Code::Malformed, "not JSON")),
            _ => Ok(self.0.clone()),
        }
    }
    async fn fetch(&self, _: &str) -> Result<Vec<u8>, Busy> {
        Ok(b"fetched".to_vec())
    }
    async fn updated_since(&self, _: Timestamp, _: Option<&str>) -> Result<Page<Listed>, Busy> {
        unreachable!("the flow never polls")
    }
    fn locate(&self, _: &[u8], _: &str) -> Vec<Place> {
        Vec::new()
    }
    fn root(&self, _: &[u8]) -> &'static str {
        ""
    }
}

/// An ERP that answers from a list, then takes everything; `find` answers `found`.
pub(crate) struct Erp {
    pub(crate) log: Log,
    pub(crate) answers: Mutex<Vec<Answer>>,
    pub(crate) found: Found,
    pub(crate) standing: Option<Standing>,
    pub(crate) standing_busy: bool,
    pub(crate) cancels: Mutex<Vec<Answer>>,
}
#[async_trait]
impl Target for Erp {
    fn name(&self) -> &str {
        "erp"
    }
    async fn create(&self, document: &Document) -> Answer {
        self.log.lock().unwrap().push(format!("create {}", document.key));
        self.answers.lock().unwrap().pop().unwrap_or_else(|| Answer::Done(Receipt { number: format!("SO-{}", document.key) }))
    }
    async fn find(&self, document: &Document) -> Found {
        self.log.lock().unwrap().push(format!("find {}", document.key));
        self.found.clone()
    }
    async fn cancel(&self, number: &str) -> Answer {
        self.log.lock().unwrap().push(format!("cancel {number}"));
        self.cancels.lock().unwrap().pop().unwrap_or_else(|| Answer::Done(Receipt { number: number.into() }))
    }
    async fn change(&self, number: &str, document: &Document) -> Answer {
        self.log.lock().unwrap().push(format!("change {number} to {}", document.key));
        self.answers.lock().unwrap().pop().unwrap_or_else(|| Answer::Done(Receipt { number: number.into() }))
    }
    async fn standing(&self, number: &str) -> Result<Option<Standing>, Busy> {
        self.log.lock().unwrap().push(format!("look at {number}"));
        if self.standing_busy {
            return Err(Busy { fault: Fault::new(Code::PartnerBusy, "503"), retry_after: None, counts: true });
        }
        Ok(self.standing)
    }
    async fn booked(&self, _: Timestamp, _: Option<&str>) -> Result<Page<Booked>, Busy> {
        unreachable!("the flow never reads the books")
    }
    async fn stock(&self) -> Result<Stock, Busy> {
        Ok(Stock::default())
    }
}

/// A store that only writes down.
pub(crate) struct Paper {
    pub(crate) log: Log,
    pub(crate) settled: Mutex<Option<Settlement>>,
    pub(crate) refused: Option<Code>,
}
#[async_trait]
impl Store for Paper {
    async fn accept(&self, _: Event) -> Result<Accepted, Fault> {
        unreachable!()
    }
    async fn claim(&self, _: Timestamp, _: usize) -> Result<Vec<Claimed>, Fault> {
        unreachable!()
    }
    fn unclaim(&self, _: RecordId) {
        self.log.lock().unwrap().push("unclaim".into());
    }
    async fn begin(&self, _: RecordId, attempt: Attempt) -> Result<(), Fault> {
        if let Some(code) = self.refused {
            return Err(Fault::new(code, "nothing was written"));
        }
        self.log.lock().unwrap().push(format!("begin {} documents, {} runs", attempt.documents.len(), attempt.runs.len()));
        Ok(())
    }
    async fn settle(&self, _: RecordId, settlement: Settlement) -> Result<(), Fault> {
        self.log.lock().unwrap().push(format!("settle {}", settlement.state));
        *self.settled.lock().unwrap() = Some(settlement);
        Ok(())
    }
    async fn next_due(&self) -> Result<Option<Timestamp>, Fault> {
        unreachable!()
    }
    async fn list(&self, _: Filter) -> Result<Vec<Summary>, Fault> {
        unreachable!()
    }
    async fn story(&self, _: &str) -> Result<Vec<Story>, Fault> {
        unreachable!()
    }
    async fn counts(&self) -> Result<Counts, Fault> {
        unreachable!()
    }
    async fn kv_get(&self, _: &str, _: &str) -> Result<Option<(Vec<u8>, i64)>, Fault> {
        unreachable!()
    }
    async fn kv_usage(&self, _: &str) -> Result<(u64, u64), Fault> {
        unreachable!()
    }
    async fn quarantined(&self) -> Result<Vec<Quarantined>, Fault> {
        unreachable!()
    }
    async fn release(&self, _: &str, _: Timestamp) -> Result<usize, Fault> {
        unreachable!()
    }
    async fn alerts(&self, _: usize) -> Result<Vec<Alert>, Fault> {
        unreachable!()
    }
}

/// A plugin with fixed answers.
pub(crate) struct Fixed {
    pub(crate) name: Arc<str>,
    pub(crate) verdict: Result<Verdict, Fault>,
    pub(crate) route: Route,
}
impl Fixed {
    pub(crate) fn of(verdict: Result<Verdict, Fault>) -> Fixed {
        Fixed { name: "rule".into(), verdict, route: Route::Ship(Vec::new()) }
    }
    pub(crate) fn run(&self, hook: Hook) -> HookRun {
        let (verdict, fault) = (self.verdict.clone().ok(), self.verdict.clone().err());
        HookRun { verdict, fault, ..HookRun::new(hook, self.name.clone(), self.name.clone()) }
    }
}
#[async_trait]
impl Plugin for Fixed {
    fn name(&self) -> &Arc<str> {
        &self.name
    }
    fn version(&self) -> &Arc<str> {
        &self.name
    }
    fn answers(&self, _: Hook) -> bool {
        true
    }
    async fn pre_map(&self, _: &Context, order: Arc<Order>) -> Ran<OrderEditor, Verdict> {
        let mut editor = OrderEditor::new(order);
        editor.add_tag(&self.name, "was here").unwrap();
        Ran { subject: editor, answer: self.verdict.clone(), run: self.run(Hook::PreMap) }
    }
    async fn route_order(&self, _: &Context, _: Arc<Order>, _: Arc<Candidates>) -> Ran<(), Route> {
        Ran { subject: (), answer: Ok(self.route.clone()), run: self.run(Hook::RouteOrder) }
    }
    async fn post_map(&self, _: &Context, _: Arc<Order>, document: Document) -> Ran<DocumentEditor, Verdict> {
        Ran { subject: DocumentEditor::new(document), answer: self.verdict.clone(), run: self.run(Hook::PostMap) }
    }
}

/// One case: the outside, and what came of it.
pub(crate) struct Case {
    pub(crate) rules: Rules,
    pub(crate) shop: Shop,
    pub(crate) answers: Vec<Answer>,
    pub(crate) found: Found,
    pub(crate) standing: Option<Standing>,
    pub(crate) standing_busy: bool,
    pub(crate) cancels: Vec<Answer>,
    pub(crate) refused: Option<Code>,
    pub(crate) claimed: Claimed,
}

impl Case {
    pub(crate) fn new() -> Case {
        let order = sample::order(2);
        Case {
            rules: Rules::default(),
            claimed: Claimed {
                record: 7,
                connection: "shop".into(),
                event_id: "evt-1".into(),
                kind: Kind::Created,
                order: order.number.to_string(),
                version: order.version,
                body: b"order".to_vec(),
                edit: 0,
                received_at: FixedClock.now(),
                attempts: 0,
                tries: 0,
                released: false,
                doubtful: false,
                begun: None,
                lane: Vec::new(),
            },
            shop: Shop(Content::Order(Box::new(order))),
            answers: Vec::new(),
            found: Found::Missing,
            standing: Some(Standing::Open),
            standing_busy: false,
            cancels: Vec::new(),
            refused: None,
        }
    }

    pub(crate) fn pre_map(mut self, verdict: Result<Verdict, Fault>) -> Case {
        self.rules.pre_map.push(Rule::new(Arc::new(Fixed::of(verdict))));
        self
    }

    pub(crate) fn split(mut self) -> Case {
        let shipment = |warehouse: &str, line| Shipment {
            warehouse: warehouse.into(),
            lines: vec![(line, sample::order(2).lines[line as usize].quantity)],
            backorder: false,
        };
        self.rules.route_order =
            Some(Rule::new(Arc::new(Fixed { route: Route::Ship(vec![shipment("TOR", 0), shipment("BUF", 1)]), ..Fixed::of(Ok(Verdict::Proceed)) })));
        self
    }

    /// Runs it; gives what happened in order, and the settlement.
    pub(crate) async fn run(self) -> (Vec<String>, Option<Settlement>) {
        let log = Log::default();
        let erp = Erp {
            log: log.clone(),
            answers: Mutex::new(self.answers),
            found: self.found,
            standing: self.standing,
            standing_busy: self.standing_busy,
            cancels: Mutex::new(self.cancels),
        };
        let store = Paper { log: log.clone(), settled: Mutex::default(), refused: self.refused };
        let warehouse = |id: &str| Warehouse { id: id.into(), country: "CA".into(), region: String::new(), product_types: Vec::new() };
        let flow = Flow {
            integration: "test".into(),
            rules: self.rules,
            mapping: mapping::read(mapping::SHIPPED[0].0, mapping::SHIPPED[0].1).unwrap(),
            zone: TimeZone::UTC,
            warehouses: Arc::new([warehouse("TOR"), warehouse("BUF")]),
            schedule: Schedule::default(),
            counts: None,
            addresses: None,
            kits: Arc::default(),
            checks_articles: false,
        };
        let outside = Outside { source: &self.shop, target: &erp, store: &store, clock: &FixedClock, stock: &Stock::default(), corrections: &[] };
        let ran = flow.run(self.claimed, outside).await;
        let settled = store.settled.into_inner().unwrap();
        assert_eq!(ran.ok(), settled.as_ref().map(|settled| settled.state));
        let log = log.lock().unwrap().clone();
        (log, settled)
    }
}

pub(crate) fn unknown() -> Answer {
    Answer::Unknown(Fault::new(Code::Unknown, "timeout"))
}

pub(crate) fn begun() -> Option<(Attempt, Vec<Part>)> {
    let order = sample::order(2);
    let documents = vec![Document { key: "A".into(), ..sample::document(&order) }, Document { part: 1, key: "B".into(), ..sample::document(&order) }];
    let part = |part, key: &str, number: Option<&str>| Part {
        part,
        key: key.into(),
        warehouse: "TOR".into(),
        total: Decimal::ONE,
        number: number.map(str::to_owned),
    };
    let attempt = Attempt { documents: documents.into(), ..Attempt::new(1, FixedClock.now()) };
    Some((attempt, vec![part(0, "A", Some("SO-A")), part(1, "B", None)]))
}
