//! A shop, an ERP and a store of paper: what an order needs around it to run through the flow's own rules, with failure
//! policy, guard, breaker and quarantine as in the program. Nothing is sent and nothing is kept.

use async_trait::async_trait;
use crossdock_flow::{
    Code, Document, Fault, Order,
    clock::SystemClock,
    correct::Place,
    hook::Rules,
    mapping,
    record::{Accepted, Alert, Attempt, Claimed, Counts, Event, Filter, Kind, Quarantined, RecordId, Settlement, State, Store, Story, Summary},
    route::Warehouse,
    run::{Flow, Outside},
    sample,
    settle::Schedule,
    source::{Content, Head, Listed, Received, Source},
    target::{Answer, Booked, Busy, Found, Page, Receipt, Standing, Stock, Target},
};
use jiff::{Timestamp, tz::TimeZone};
use std::sync::Arc;

/// Orders that come again and again and need the same rules.
pub(crate) struct Orders {
    flow: Flow,
    paper: Paper,
    event_id: String,
    stock: Stock,
}

impl Orders {
    /// Orders of so many lines, in events of this id.
    pub(crate) fn new(rules: Rules, event_id: String, lines: usize) -> Result<Orders, String> {
        let (name, template) = mapping::SHIPPED[0];
        let warehouse = Warehouse { id: "TOR".into(), country: "CA".into(), region: String::new(), product_types: Vec::new() };
        let flow = Flow {
            integration: "hostile".into(),
            rules,
            mapping: mapping::read(name, template).map_err(|mistakes| format!("{mistakes:?}"))?,
            zone: TimeZone::UTC,
            warehouses: Arc::new([warehouse]),
            schedule: Schedule::default(),
            counts: None,
            addresses: None,
            kits: Arc::default(),
            checks_articles: false,
        };
        Ok(Orders { flow, paper: Paper(sample::order(lines)), event_id, stock: Stock::default() })
    }

    /// The rules change; what was counted against the old ones is forgotten with them.
    pub(crate) fn set(&mut self, rules: Rules) {
        self.flow.rules = rules;
    }

    /// One order, from claimed to settled.
    pub(crate) async fn one(&self) -> Result<State, Fault> {
        let claimed = Claimed {
            record: 1,
            connection: "paper".into(),
            event_id: self.event_id.clone(),
            kind: Kind::Created,
            order: self.paper.0.number.to_string(),
            version: self.paper.0.version,
            body: Vec::new(),
            edit: 0,
            received_at: Timestamp::UNIX_EPOCH,
            attempts: 0,
            tries: 0,
            released: false,
            doubtful: false,
            begun: None,
            lane: Vec::new(),
        };
        let Orders { paper, stock, .. } = self;
        self.flow.run(claimed, Outside { source: paper, target: paper, store: paper, clock: &SystemClock, stock, corrections: &[] }).await
    }
}

/// Knows one order, and takes everything.
struct Paper(Order);

fn nobody_asks<T>() -> Result<T, Fault> {
    Err(Fault::new(Code::Internal, "an order on its way does not ask this"))
}

#[async_trait]
impl Source for Paper {
    fn name(&self) -> &str {
        "paper"
    }
    fn receive(&self, _: &dyn Fn(&str) -> Option<String>, _: &[u8], _: Timestamp) -> Result<Received, Fault> {
        nobody_asks()
    }
    fn head(&self, _: &str, _: &[u8]) -> Result<Head, Fault> {
        nobody_asks()
    }
    fn read(&self, _: &[u8]) -> Result<Content, Fault> {
        Ok(Content::Order(Box::new(self.0.clone())))
    }
    async fn fetch(&self, _: &str) -> Result<Vec<u8>, Busy> {
        Ok(Vec::new())
    }
    async fn updated_since(&self, _: Timestamp, _: Option<&str>) -> Result<Page<Listed>, Busy> {
        Ok(Page { rows: Vec::new(), next: None })
    }
    fn locate(&self, _: &[u8], _: &str) -> Vec<Place> {
        Vec::new()
    }
    fn root(&self, _: &[u8]) -> &'static str {
        ""
    }
}

#[async_trait]
impl Target for Paper {
    fn name(&self) -> &str {
        "paper"
    }
    async fn create(&self, document: &Document) -> Answer {
        Answer::Done(Receipt { number: document.key.clone() })
    }
    async fn find(&self, _: &Document) -> Found {
        Found::Missing
    }
    async fn cancel(&self, number: &str) -> Answer {
        Answer::Done(Receipt { number: number.into() })
    }
    async fn change(&self, number: &str, _: &Document) -> Answer {
        Answer::Done(Receipt { number: number.into() })
    }
    async fn standing(&self, _: &str) -> Result<Option<Standing>, Busy> {
        Ok(None)
    }
    async fn booked(&self, _: Timestamp, _: Option<&str>) -> Result<Page<Booked>, Busy> {
        Ok(Page { rows: Vec::new(), next: None })
    }
    async fn stock(&self) -> Result<Stock, Busy> {
        Ok(Stock::default())
    }
}

#[async_trait]
impl Store for Paper {
    async fn accept(&self, _: Event) -> Result<Accepted, Fault> {
        nobody_asks()
    }
    async fn claim(&self, _: Timestamp, _: usize) -> Result<Vec<Claimed>, Fault> {
        nobody_asks()
    }
    fn unclaim(&self, _: RecordId) {}
    async fn begin(&self, _: RecordId, _: Attempt) -> Result<(), Fault> {
        Ok(())
    }
    async fn settle(&self, _: RecordId, _: Settlement) -> Result<(), Fault> {
        Ok(())
    }
    async fn next_due(&self) -> Result<Option<Timestamp>, Fault> {
        nobody_asks()
    }
    async fn list(&self, _: Filter) -> Result<Vec<Summary>, Fault> {
        nobody_asks()
    }
    async fn story(&self, _: &str) -> Result<Vec<Story>, Fault> {
        nobody_asks()
    }
    async fn counts(&self) -> Result<Counts, Fault> {
        nobody_asks()
    }
    async fn kv_get(&self, _: &str, _: &str) -> Result<Option<(Vec<u8>, i64)>, Fault> {
        nobody_asks()
    }
    async fn kv_usage(&self, _: &str) -> Result<(u64, u64), Fault> {
        nobody_asks()
    }
    async fn quarantined(&self) -> Result<Vec<Quarantined>, Fault> {
        nobody_asks()
    }
    async fn release(&self, _: &str, _: Timestamp) -> Result<usize, Fault> {
        nobody_asks()
    }
    async fn alerts(&self, _: usize) -> Result<Vec<Alert>, Fault> {
        nobody_asks()
    }
}
