//! The way of one record with everything outside simulated: what is sent, what is written down, and in which order.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use async_trait::async_trait;
use crossdock_flow::{
    Code, Decimal, Document, Fault, Order,
    clock::Clock,
    edit::{DocumentEditor, OrderEditor},
    guard::{Guard, Pattern},
    hook::{Context, Hook, HookRun, Mark, Plugin, Ran, Route, Rules, Verdict},
    mapping,
    record::{
        Accepted, Alert, Attempt, Claimed, Counts, Event, Filter, Kind, LaneEntry, Part, Quarantined, RecordId, Settlement, State, Store, Story,
        Summary,
    },
    route::{Candidates, Shipment, Warehouse},
    rule::{Breaker, Policy, Rule},
    run::{Flow, Outside},
    sample,
    settle::Schedule,
    source::{Content, Received, Source},
    target::{Answer, Busy, Found, Receipt, Stock, Target},
};
use jiff::{Timestamp, tz::TimeZone};
use std::sync::{Arc, Mutex};

/// What happened outside, in order.
type Log = Arc<Mutex<Vec<String>>>;

struct FixedClock;
impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_772_000_000).unwrap()
    }
}

/// A shop whose events hold this order, or only its id.
struct Shop(Content);
#[async_trait]
impl Source for Shop {
    fn name(&self) -> &str {
        "shop"
    }
    fn receive(&self, _: &dyn Fn(&str) -> Option<String>, _: &[u8], _: Timestamp) -> Result<Received, Fault> {
        unreachable!("the flow never receives")
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
}

/// An ERP that answers from a list, then takes everything; `find` answers `found`.
struct Erp {
    log: Log,
    answers: Mutex<Vec<Answer>>,
    found: Found,
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
        Answer::Done(Receipt { number: number.into() })
    }
    async fn stock(&self) -> Result<Stock, Busy> {
        Ok(Stock::default())
    }
}

/// A store that only writes down.
struct Paper {
    log: Log,
    settled: Mutex<Option<Settlement>>,
    refused: Option<Code>,
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
    async fn retry(&self, _: &str, _: Timestamp) -> Result<usize, Fault> {
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
struct Fixed {
    name: Arc<str>,
    verdict: Result<Verdict, Fault>,
    route: Route,
}
impl Fixed {
    fn of(verdict: Result<Verdict, Fault>) -> Fixed {
        Fixed { name: "rule".into(), verdict, route: Route::Ship(Vec::new()) }
    }
    fn run(&self, hook: Hook) -> HookRun {
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
struct Case {
    rules: Rules,
    shop: Shop,
    answers: Vec<Answer>,
    found: Found,
    refused: Option<Code>,
    claimed: Claimed,
}

impl Case {
    fn new() -> Case {
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
                received_at: FixedClock.now(),
                attempts: 0,
                tries: 0,
                released: false,
                begun: None,
                lane: Vec::new(),
            },
            shop: Shop(Content::Order(Box::new(order))),
            answers: Vec::new(),
            found: Found::Missing,
            refused: None,
        }
    }

    fn pre_map(mut self, verdict: Result<Verdict, Fault>) -> Case {
        self.rules.pre_map.push(Rule::new(Arc::new(Fixed::of(verdict))));
        self
    }

    fn split(mut self) -> Case {
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
    async fn run(self) -> (Vec<String>, Option<Settlement>) {
        let log = Log::default();
        let erp = Erp { log: log.clone(), answers: Mutex::new(self.answers), found: self.found };
        let store = Paper { log: log.clone(), settled: Mutex::default(), refused: self.refused };
        let warehouse = |id: &str| Warehouse { id: id.into(), country: "CA".into(), region: String::new(), product_types: Vec::new() };
        let flow = Flow {
            integration: "test".into(),
            rules: self.rules,
            mapping: mapping::read(mapping::SHIPPED[0].0, mapping::SHIPPED[0].1).unwrap(),
            zone: TimeZone::UTC,
            warehouses: Arc::new([warehouse("TOR"), warehouse("BUF")]),
            schedule: Schedule::default(),
        };
        let outside = Outside { source: &self.shop, target: &erp, store: &store, clock: &FixedClock, stock: &Stock::default() };
        let ran = flow.run(self.claimed, outside).await;
        let settled = store.settled.into_inner().unwrap();
        assert_eq!(ran.ok(), settled.as_ref().map(|settled| settled.state));
        let log = log.lock().unwrap().clone();
        (log, settled)
    }
}

fn unknown() -> Answer {
    Answer::Unknown(Fault::new(Code::Unknown, "timeout"))
}

fn begun() -> Option<(Attempt, Vec<Part>)> {
    let order = sample::order(2);
    let documents = vec![Document { key: "A".into(), ..sample::document(&order) }, Document { part: 1, key: "B".into(), ..sample::document(&order) }];
    let part = |part, key: &str, number: Option<&str>| Part {
        part,
        key: key.into(),
        warehouse: "TOR".into(),
        total: Decimal::ONE,
        number: number.map(str::to_owned),
    };
    let attempt = Attempt { number: 1, started_at: FixedClock.now(), worth: None, runs: Vec::new(), documents: documents.into(), fetched: None };
    Some((attempt, vec![part(0, "A", Some("SO-A")), part(1, "B", None)]))
}

#[tokio::test]
async fn an_order_is_on_disk_as_sending_before_anything_is_sent() {
    let (log, settled) = Case::new().pre_map(Ok(Verdict::Proceed)).run().await;
    assert_eq!(log, ["begin 1 documents, 1 runs", "create SAMPLE-2", "settle delivered"]);
    assert_eq!(settled.unwrap().parts[0].number.as_deref(), Some("SO-SAMPLE-2"));
}

#[tokio::test]
async fn a_split_order_becomes_a_document_per_warehouse() {
    let (log, settled) = Case::new().split().run().await;
    assert_eq!(log, ["begin 2 documents, 1 runs", "create SAMPLE-2", "create SAMPLE-2-2", "settle delivered"]);
    let total: Decimal = settled.unwrap().parts.iter().map(|part| part.total).sum();
    assert_eq!(total, sample::order(2).total);
}

#[tokio::test]
async fn when_a_part_is_unknown_the_rest_waits_until_it_is_looked_up() {
    let case = Case { answers: vec![unknown()], ..Case::new().split() };
    let (log, settled) = case.run().await;
    assert_eq!(log, ["begin 2 documents, 1 runs", "create SAMPLE-2", "settle sending"]);
    let settled = settled.unwrap();
    assert_eq!((settled.parts.len(), settled.parts[0].number.as_deref()), (1, None));
    assert_eq!(settled.due_at, Some(FixedClock.now() + Schedule::default().look_up_after));
}

#[tokio::test]
async fn what_was_begun_is_looked_up_and_only_what_is_missing_is_sent() {
    let found = Case {
        claimed: Claimed { begun: begun(), attempts: 1, ..Case::new().claimed },
        found: Found::Here(Receipt { number: "SO-B".into() }),
        ..Case::new()
    };
    let (log, settled) = found.run().await;
    assert_eq!(log, ["find B", "settle delivered"]);
    let settled = settled.unwrap();
    assert_eq!(settled.parts.iter().filter_map(|part| part.number.as_deref()).collect::<Vec<_>>(), ["SO-A", "SO-B"]);
    assert!(settled.steps[0].contains("was not sent again"));

    let missing = Case { claimed: Claimed { begun: begun(), ..Case::new().claimed }, ..Case::new() };
    assert_eq!(missing.run().await.0, ["find B", "create B", "settle delivered"]);

    let busy = Busy { fault: Fault::new(Code::PartnerBusy, "503"), retry_after: None, counts: true };
    let silent = Case { claimed: Claimed { begun: begun(), ..Case::new().claimed }, found: Found::Busy(busy), ..Case::new() };
    assert_eq!(silent.run().await.0, ["find B", "settle sending"]);

    let other = Case {
        claimed: Claimed { begun: begun(), ..Case::new().claimed },
        found: Found::Other(Fault::new(Code::Conflict, "another customer")),
        ..Case::new()
    };
    let (log, settled) = other.run().await;
    assert_eq!(log, ["find B", "settle parked"]);
    assert_eq!(settled.unwrap().fault.unwrap().code, Code::Conflict);
}

#[tokio::test]
async fn holds_rejections_and_faults_send_nothing() {
    let hold = || Ok(Verdict::Hold { reason: "over the limit".into(), until: None });
    let (log, settled) = Case::new().pre_map(hold()).run().await;
    assert_eq!((log, settled.unwrap().reason.as_deref()), (vec!["settle held".to_owned()], Some("over the limit")));
    // A person released it.
    let case = Case::new().pre_map(hold());
    let (log, settled) = Case { claimed: Claimed { released: true, ..case.claimed }, ..case }.run().await;
    assert_eq!(log.last().unwrap(), "settle delivered");
    assert!(settled.unwrap().steps[0].contains("released"));

    let (log, _) = Case::new().pre_map(Ok(Verdict::Reject { reason: "no export".into() })).run().await;
    assert_eq!(log, ["settle rejected"]);
    let (log, settled) = Case::new().pre_map(Err(Fault::new(Code::PluginFuel, "out of fuel"))).run().await;
    assert_eq!(log, ["settle parked"]);
    assert_eq!(settled.unwrap().attempt.unwrap().runs.len(), 1);
    // All sandboxes busy: nobody's fault, so it comes again.
    assert_eq!(Case::new().pre_map(Err(Fault::new(Code::SandboxBusy, "busy"))).run().await.0, ["settle due"]);
}

#[tokio::test]
async fn a_route_that_breaks_the_contract_is_the_rules_fault() {
    let mut case = Case::new();
    let route = Route::Ship(vec![Shipment { warehouse: "MARS".into(), lines: vec![(0, Decimal::ONE)], backorder: false }]);
    case.rules.route_order = Some(Rule::new(Arc::new(Fixed { route, ..Fixed::of(Ok(Verdict::Proceed)) })));
    let (log, settled) = case.run().await;
    assert_eq!(log, ["settle parked"]);
    let fault = settled.unwrap().fault.unwrap();
    assert_eq!((fault.code, fault.detail.unwrap().plugin.as_str()), (Code::PluginAnswer, "rule"));
}

fn broken() -> Result<Verdict, Fault> {
    Err(Fault::new(Code::PluginTrapped, "the guest panicked"))
}

fn marks(settlement: &Settlement) -> Vec<(String, Option<Mark>)> {
    settlement.attempt.iter().flat_map(|attempt| &attempt.runs).map(|run| (run.plugin.to_string(), run.mark)).collect()
}

#[tokio::test]
async fn a_rule_that_may_be_skipped_stops_nothing() {
    let mut case = Case::new().pre_map(broken()).pre_map(Ok(Verdict::Reject { reason: "seen".into() }));
    case.rules.pre_map[0].policy = Policy::Skip;
    let (log, settled) = case.run().await;
    assert_eq!(log, ["settle rejected"], "the next rule ran");
    assert_eq!(marks(&settled.unwrap()), [("rule".to_owned(), Some(Mark::Skipped)), ("rule".to_owned(), None)]);
    for hook in [Hook::RouteOrder, Hook::PostMap] {
        let mut case = Case::new();
        let rule = Rule { policy: Policy::Skip, ..Rule::new(Arc::new(Fixed { route: Route::Stop(Verdict::Proceed), ..Fixed::of(broken()) })) };
        match hook {
            Hook::PostMap => case.rules.post_map = vec![rule],
            _ => {
                let route = Route::Ship(vec![Shipment { warehouse: "MARS".into(), lines: vec![(0, Decimal::ONE)], backorder: false }]);
                let plugin = Arc::new(Fixed { route, ..Fixed::of(Ok(Verdict::Proceed)) });
                case.rules.route_order = Some(Rule { plugin, ..rule });
            }
        }
        assert_eq!(case.run().await.0.last().unwrap(), "settle delivered", "{hook}");
    }
}

#[tokio::test]
async fn the_previous_version_stands_in() {
    let previous = |verdict| Some(Arc::new(Fixed { name: "older".into(), ..Fixed::of(verdict) }) as Arc<dyn Plugin>);
    let mut case = Case::new().pre_map(broken()).pre_map(Ok(Verdict::Reject { reason: "end".into() }));
    case.rules.pre_map[0].policy = Policy::Previous;
    case.rules.pre_map[0].previous = previous(Ok(Verdict::Proceed));
    let (_, settled) = case.run().await;
    let settled = settled.unwrap();
    assert_eq!(marks(&settled)[..2], [("rule".to_owned(), None), ("older".to_owned(), Some(Mark::Previous))]);
    let runs = settled.attempt.unwrap().runs;
    assert!(runs[0].changes.is_empty() && runs[1].changes.len() == 1, "only what the previous version did counts");

    let mut case = Case::new().pre_map(broken());
    case.rules.pre_map[0].policy = Policy::Previous;
    case.rules.pre_map[0].previous = previous(broken());
    assert_eq!(case.run().await.0, ["settle parked"]);
}

#[tokio::test]
async fn a_version_that_fails_too_often_is_not_called_any_more() {
    let breaker = Arc::new(Breaker::new(2, std::time::Duration::from_secs(60)));
    let run = async |verdict| {
        let mut case = Case::new().pre_map(verdict);
        case.rules.pre_map[0].breaker = breaker.clone();
        case.run().await.1.unwrap()
    };
    assert!(run(broken()).await.quarantined.is_empty());
    let second = run(broken()).await;
    assert_eq!((second.quarantined[0].plugin.as_str(), second.fault.unwrap().code), ("rule", Code::PluginTrapped));
    assert!(second.quarantined[0].why.starts_with("2 faults within 60s, the last one E101"), "{}", second.quarantined[0].why);
    let third = run(Ok(Verdict::Proceed)).await;
    assert_eq!((third.fault.unwrap().code, third.quarantined.len()), (Code::PluginQuarantined, 0));
}

#[tokio::test]
async fn a_rule_that_could_not_be_loaded_keeps_its_own_fault() {
    let breaker = Arc::new(Breaker::new(1, std::time::Duration::from_secs(60)));
    for _ in 0..3 {
        let mut case = Case::new().pre_map(Err(Fault::new(Code::NotWasm, "overwritten by accident")));
        case.rules.pre_map[0].breaker = breaker.clone();
        let settled = case.run().await.1.unwrap();
        assert_eq!((settled.fault.unwrap().code, settled.quarantined.len()), (Code::NotWasm, 0));
    }
}

#[tokio::test]
async fn two_orders_that_meet_in_a_rules_notes_are_tried_again() {
    let (log, settled) = Case { refused: Some(Code::KvConflict), ..Case::new() }.run().await;
    assert_eq!((log, settled.unwrap().fault.unwrap().code), (vec!["settle due".to_owned()], Code::KvConflict));
}

#[tokio::test]
async fn what_the_guard_forbids_never_reaches_the_erp() {
    let mut case = Case::new().pre_map(Ok(Verdict::Proceed));
    case.rules.pre_map[0].guard = Arc::new(Guard { may_change: Some(vec![Pattern::parse("fields.*").unwrap()]), ..Guard::default() });
    let (log, settled) = case.run().await;
    assert_eq!(log, ["settle parked"]);
    let fault = settled.unwrap().fault.unwrap();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::PluginGuard, Some("tags")));
}

#[tokio::test]
async fn unreadable_bytes_and_wrong_sums_are_parked() {
    let case = Case::new();
    let broken = Case { claimed: Claimed { body: b"broken".to_vec(), ..case.claimed }, ..case };
    assert_eq!(broken.run().await.1.unwrap().fault.unwrap().code, Code::Malformed);
    let mut order = sample::order(2);
    order.total += Decimal::new(1, 2);
    let wrong = Case { shop: Shop(Content::Order(Box::new(order))), ..Case::new() };
    let fault = wrong.run().await.1.unwrap().fault.unwrap();
    assert_eq!(fault.code, Code::SumsDiffer);
    assert!(fault.message.contains("0.01"), "{}", fault.message);
}

#[tokio::test]
async fn a_thin_event_is_fetched_and_kept() {
    let (log, settled) = Case { shop: Shop(Content::Thin("SAMPLE-2".into())), ..Case::new() }.run().await;
    assert_eq!(log.last().unwrap(), "settle delivered");
    assert!(settled.unwrap().steps[0].contains("fetched"));
}

#[tokio::test]
async fn when_the_store_fails_nothing_is_sent_and_the_record_comes_again() {
    let (log, settled) = Case { refused: Some(Code::Store), ..Case::new() }.run().await;
    assert_eq!((log, settled), (vec!["unclaim".to_owned()], None));
}

#[tokio::test]
async fn a_cancellation_reaches_every_part() {
    let (_, parts) = begun().unwrap();
    let parts: Vec<Part> = parts.into_iter().map(|part| Part { number: Some(format!("SO-{}", part.key)), ..part }).collect();
    let delivered = LaneEntry { record: 3, kind: Kind::Created, version: 1, state: State::Delivered, parts };
    let case = Case::new();
    let cancel = Case { claimed: Claimed { kind: Kind::Cancelled, version: 2, lane: vec![delivered], ..case.claimed }, ..case };
    let (log, settled) = cancel.run().await;
    assert_eq!(log, ["cancel SO-A", "cancel SO-B", "settle cancelled"]);
    assert_eq!(settled.unwrap().reason.as_deref(), Some("cancelled in the ERP: SO-A, SO-B"));
}
