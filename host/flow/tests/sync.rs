//! What happens to one change, with both sides, the store and the clock in memory: no write without a look, no blind second
//! write, and nobody taken for somebody else.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

#[path = "sync/money.rs"]
mod money;
#[path = "sync/ruled.rs"]
mod ruled;

use async_trait::async_trait;
use crossdock_flow::{
    Code, Currency, Decimal, Fault, OrderNumber,
    clock::Clock,
    desk::{By, Span},
    entity::{
        Side,
        customer::{Customer, Standing},
        echo::{Entity, Kind},
        invoice::{self, Invoice},
        kit::Came,
        merge::{Rule, Rules},
        shipment::{Quantity, Shipment},
        stock::Stock,
    },
    hook,
    order::{Address, Field, Instant, Value, put},
    promise::Units,
    sample,
    settle::Schedule,
    sync::{
        Carries, Flow, Level, State, Subject,
        ledger::{Arrival, Claimed, Counts, Erasure, Ledger, Noted, Row, Settled, Step, Story, Twin, Which},
        peer::{News, Peer, Seek},
        run::Outside,
        sold::{Orders, Sold},
    },
    target::{Answer, Busy, Page, Receipt},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

struct At;
impl Clock for At {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// A side that keeps canonical entities as they are.
struct Memory {
    side: Side,
    rows: Mutex<Vec<(String, Subject)>>,
    /// What the next writes are answered with, and whether they are done all the same.
    answers: Mutex<Vec<(Answer, bool)>>,
    writes: Mutex<u32>,
}

impl Memory {
    fn new(side: Side) -> Memory {
        Memory { side, rows: Mutex::default(), answers: Mutex::default(), writes: Mutex::default() }
    }

    fn with(side: Side, rows: &[(&str, Subject)]) -> Memory {
        let memory = Memory::new(side);
        *memory.rows() = rows.iter().map(|(key, subject)| ((*key).to_owned(), subject.clone())).collect();
        memory
    }

    fn rows(&self) -> MutexGuard<'_, Vec<(String, Subject)>> {
        self.rows.lock().unwrap()
    }

    fn writes(&self) -> u32 {
        *self.writes.lock().unwrap()
    }
}

fn news(key: &str, subject: &Subject, origin: &str) -> News {
    News { key: key.into(), version: 1, changed_at: NOW, origin: origin.into(), body: serde_json::to_vec(subject).unwrap() }
}

#[async_trait]
impl Peer for Memory {
    fn name(&self) -> &str {
        "memory"
    }
    fn side(&self) -> Side {
        self.side
    }
    async fn changed(&self, _: Kind, _: Timestamp, _: Option<&str>) -> Result<Page<News>, Busy> {
        unreachable!()
    }
    fn read(&self, _: Kind, body: &[u8]) -> Result<Subject, Fault> {
        serde_json::from_slice(body).map_err(|_| Fault::new(Code::Malformed, "broken"))
    }
    fn write(&self, subject: &Subject) -> Result<Vec<u8>, Fault> {
        Ok(serde_json::to_vec(subject).unwrap())
    }
    async fn find(&self, _: Kind, seek: Seek<'_>) -> Result<Vec<News>, Busy> {
        let is_meant = |key: &str, subject: &Subject| match (seek, subject) {
            (Seek::Id(id), _) => key == id,
            (Seek::WebId(id), Subject::Customer(customer)) => customer.web_id == id,
            (Seek::Email(email), Subject::Customer(customer)) => customer.email == email,
            (Seek::Order(order), Subject::Shipment(shipment)) => shipment.order.as_str() == order,
            (Seek::Order(order), Subject::Invoice(invoice)) => invoice.order.as_str() == order,
            _ => false,
        };
        Ok(self.rows().iter().filter(|(key, subject)| is_meant(key, subject)).map(|(key, subject)| news(key, subject, "")).collect())
    }
    async fn put(&self, subject: &Subject, there: Option<&News>, _: &str) -> Answer {
        *self.writes.lock().unwrap() += 1;
        let key = there.map_or_else(
            || match subject {
                Subject::Shipment(shipment) => shipment.number.clone(),
                Subject::Stock(level) => Level::key(&level.sku, &level.warehouse),
                Subject::Entry(journal) => journal.reference.clone(),
                _ => "NEW".into(),
            },
            |there| there.key.clone(),
        );
        let (answer, is_done) = self.answers.lock().unwrap().pop().unwrap_or((Answer::Done(Receipt { number: key.clone() }), true));
        if is_done {
            let mut rows = self.rows();
            let mut subject = subject.clone();
            let before = rows.iter().position(|(known, _)| *known == key).map(|place| rows.remove(place).1);
            if let (Some(before), Some(fields)) = (before, subject.custom_mut()) {
                let mut all = before.custom().to_vec();
                fields.drain(..).for_each(|field| drop(put(&mut all, &field.name, field.value)));
                *fields = all;
            }
            rows.push((key, subject));
        }
        answer
    }
}

#[derive(Default)]
struct Notes {
    taken: Mutex<Vec<Arrival>>,
    twin: Mutex<Option<Twin>>,
    begun: Mutex<u32>,
    settled: Mutex<Vec<Settled>>,
}

#[async_trait]
impl Ledger for Notes {
    async fn take_in(&self, arrivals: Vec<Arrival>, _: Option<(String, Timestamp)>) -> Result<usize, Fault> {
        let mut taken = self.taken.lock().unwrap();
        taken.extend(arrivals);
        Ok(taken.len())
    }
    async fn asked(&self, _: &str) -> Result<Option<Timestamp>, Fault> {
        unreachable!()
    }
    async fn claim_changes(&self, _: Timestamp, _: usize) -> Result<Vec<Claimed>, Fault> {
        unreachable!()
    }
    fn unclaim_change(&self, _: i64) {}
    async fn twin(&self, _: &Entity) -> Result<Option<Twin>, Fault> {
        Ok(self.twin.lock().unwrap().clone())
    }
    async fn begin_change(&self, _: i64, _: Kind, twin: Option<Twin>) -> Result<(), Fault> {
        *self.begun.lock().unwrap() += 1;
        if twin.is_some() {
            *self.twin.lock().unwrap() = twin;
        }
        Ok(())
    }
    async fn settle_change(&self, _: i64, _: Kind, settled: Settled) -> Result<(), Fault> {
        if settled.twin.is_some() {
            self.twin.lock().unwrap().clone_from(&settled.twin);
        }
        self.settled.lock().unwrap().push(settled);
        Ok(())
    }
    async fn next_change(&self) -> Result<Option<Timestamp>, Fault> {
        unreachable!()
    }
    async fn changes(&self, _: Which) -> Result<Vec<Row>, Fault> {
        unreachable!()
    }
    async fn change_story(&self, _: Which) -> Result<Vec<Story>, Fault> {
        unreachable!()
    }
    async fn retry_changes(&self, _: Which, _: &By) -> Result<usize, Fault> {
        unreachable!()
    }
    async fn erase_changes(&self, _: Erasure, _: &By) -> Result<usize, Fault> {
        unreachable!()
    }
    async fn change_audit(&self, _: &Span, _: usize, _: usize) -> Result<Vec<Noted>, Fault> {
        unreachable!()
    }
    async fn change_counts(&self) -> Result<Counts, Fault> {
        unreachable!()
    }
    async fn step_stock(&self, _: &str, _: &str, _: Step) -> Result<Stock, Fault> {
        unreachable!()
    }
}

struct One(Option<Sold>);
#[async_trait]
impl Orders for One {
    async fn sold(&self, _: &str) -> Result<Option<Sold>, Fault> {
        Ok(self.0.clone())
    }
    async fn parts(&self, order: &str) -> Result<Vec<String>, Fault> {
        Ok(self.0.iter().map(|_| order.to_owned()).collect())
    }
}

struct World {
    to: Memory,
    notes: Notes,
    orders: One,
    binder: money::Folder,
    flow: Flow,
    rules: hook::Rules,
    /// A person let it run again while a rule held it.
    is_released: bool,
}

impl World {
    fn new(kind: Kind, from: Side, to: Memory) -> World {
        let flow = Flow {
            name: "it".into(),
            kind,
            from,
            shop: "shop".into(),
            every: Duration::ZERO,
            overlap: Duration::ZERO,
            rules: Rules::default(),
            carries: Carries::All,
            form: None,
            zone: TimeZone::UTC,
            schedule: Schedule::default(),
            addresses: None,
            integration: "acme".into(),
            books: None,
            promises: None,
        };
        World {
            to,
            notes: Notes::default(),
            orders: One(None),
            binder: money::Folder::default(),
            flow,
            rules: hook::Rules::default(),
            is_released: false,
        }
    }

    async fn carry(&self, key: &str, subject: &Subject, origin: &str) -> (State, Settled) {
        let from = Memory::new(self.flow.from);
        let arrival = Arrival { flow: "it".into(), kind: self.flow.kind, side: self.flow.from, news: news(key, subject, origin), received_at: NOW };
        let claimed = Claimed { row: 7, arrival, attempts: 0, tries: 0, doubtful: false, released: self.is_released, partner: None };
        let lag = SignedDuration::ZERO;
        let (ledger, orders, binder, rules) = (&self.notes, &self.orders, &self.binder, &self.rules);
        let outside = Outside { from: &from, to: &self.to, ledger, orders, binder, rules, clock: &At, lag };
        let state = self.flow.run(claimed, outside).await.unwrap();
        (state, self.notes.settled.lock().unwrap().last().unwrap().clone())
    }
}

fn level(units: i64) -> Subject {
    Subject::Stock(Level { sku: "A".into(), warehouse: "TOR".into(), available: units.into(), changed_at: Instant::utc(NOW) })
}

fn customer(web_id: &str, number: &str, email: &str) -> Subject {
    Subject::Customer(Box::new(Customer {
        web_id: web_id.into(),
        number: Some(number.to_owned()).filter(|number| !number.is_empty()),
        standing: Standing::Active,
        company: "Ada Ltd".into(),
        contact: String::new(),
        email: email.into(),
        phone: String::new(),
        segment: String::new(),
        billing: Address::default(),
        ship_to: Vec::new(),
        currency: Currency::parse("CAD").unwrap(),
        credit_limit: None,
        terms: String::new(),
        price_list: String::new(),
        tax_code: String::new(),
        changed_at: Instant::utc(NOW),
        fields: Vec::new(),
    }))
}

fn busy(retry_after: u64) -> Answer {
    let fault = Fault::new(Code::PartnerBusy, "it changed since");
    Answer::Busy(Busy { fault, retry_after: Some(Duration::from_secs(retry_after)), counts: false })
}

#[tokio::test]
async fn what_both_say_is_not_written_and_what_differs_is_once() {
    let world = World::new(Kind::Stock, Side::Erp, Memory::with(Side::Shop, &[("A@TOR", level(5))]));
    assert_eq!(world.carry("A@TOR", &level(5), "").await.0, State::NoOp);
    assert_eq!((world.to.writes(), *world.notes.begun.lock().unwrap()), (0, 0));
    assert_eq!(world.carry("A@TOR", &level(6), "").await.0, State::Settled);
    assert_eq!((world.to.writes(), *world.notes.begun.lock().unwrap()), (1, 1), "on disk before it is written");
    assert_eq!(world.to.rows()[0].1, level(6));
}

#[tokio::test]
async fn an_unknown_outcome_is_looked_up_and_a_conflict_comes_at_once() {
    let world = World::new(Kind::Stock, Side::Erp, Memory::new(Side::Shop));
    world.to.answers.lock().unwrap().push((Answer::Unknown(Fault::new(Code::Unknown, "silence")), true));
    let (state, settled) = world.carry("A@TOR", &level(6), "").await;
    assert_eq!((state, settled.due_at), (State::Sending, Some(NOW + Duration::from_secs(1))));
    assert_eq!(world.carry("A@TOR", &level(6), "").await.0, State::NoOp);
    assert_eq!(world.to.writes(), 1);
    world.to.answers.lock().unwrap().push((busy(0), false));
    let (state, settled) = world.carry("A@TOR", &level(9), "").await;
    assert_eq!((state, settled.due_at, settled.tries), (State::Due, Some(NOW), 0));
    world.to.answers.lock().unwrap().push((Answer::Refused(Fault::new(Code::Refused, "no")), false));
    assert_eq!(world.carry("A@TOR", &level(9), "").await.0, State::Parked);
}

#[tokio::test]
async fn our_own_stamp_and_our_own_words_are_echoes() {
    let world = World::new(Kind::Customer, Side::Shop, Memory::new(Side::Erp));
    assert_eq!(world.carry("W1", &customer("W1", "", "a@x"), "crossdock:acme").await.0, State::NoOp);
    assert_eq!(world.to.writes(), 0);
    // Another integration's stamp is somebody else.
    assert_eq!(world.carry("W1", &customer("W1", "", "a@x"), "crossdock:other").await.0, State::Settled);
    let twin = world.notes.twin.lock().unwrap().clone().unwrap();
    assert_eq!((&*twin.shop, &*twin.erp), ("W1", "NEW"));
    // What we wrote to the ERP comes back from there.
    let back =
        World { notes: Notes { twin: Mutex::new(Some(twin)), ..Notes::default() }, ..World::new(Kind::Customer, Side::Erp, Memory::new(Side::Shop)) };
    let (state, settled) = back.carry("NEW", &customer("W1", "NEW", "a@x"), "").await;
    assert_eq!((state, settled.reason.as_deref()), (State::NoOp, Some("it is what we wrote last")));
}

#[tokio::test]
async fn nobody_is_taken_for_somebody_else() {
    // Found by e-mail, and linked.
    let world = World::new(Kind::Customer, Side::Shop, Memory::with(Side::Erp, &[("C1", customer("", "C1", "a@x"))]));
    assert_eq!(world.carry("W1", &customer("W1", "", "a@x"), "").await.0, State::Settled);
    assert!(matches!(&world.to.rows()[0].1, Subject::Customer(there) if there.web_id == "W1"));
    // The e-mail is somebody else's, or that of two: a person says.
    for rows in [&[("C1", customer("W9", "C1", "a@x"))][..], &[("C1", customer("", "C1", "a@x")), ("C2", customer("", "C2", "a@x"))]] {
        let world = World::new(Kind::Customer, Side::Shop, Memory::with(Side::Erp, rows));
        let (state, settled) = world.carry("W1", &customer("W1", "", "a@x"), "").await;
        assert_eq!((state, settled.fault.map(|fault| fault.code), world.to.writes()), (State::Parked, Some(Code::CustomerUnclear), 0));
    }
}

fn with(subject: Subject, fields: &[(&str, &str)]) -> Subject {
    let mut subject = subject;
    *subject.custom_mut().unwrap() = fields.iter().map(|(name, text)| Field { name: (*name).into(), value: Value::Text((*text).into()) }).collect();
    subject
}

#[tokio::test]
async fn of_custom_fields_only_what_changed_is_written_and_only_what_goes() {
    let there = with(customer("W1", "C1", "a@x"), &[("gate", "1"), ("balance", "99"), ("rep", "BO")]);
    let news = with(customer("W1", "", "a@x"), &[("gate", "2"), ("secret", "x")]);
    let mut world = World::new(Kind::Customer, Side::Shop, Memory::with(Side::Erp, &[("C1", there.clone())]));
    world.flow.carries = Carries::Only(["gate".to_owned(), "rep".to_owned()].into());
    world.flow.rules.clear.insert("fields.rep".into());
    world.flow.rules.otherwise = Rule::ShopWins;
    assert_eq!(world.carry("W1", &news, "").await.0, State::Settled);
    let fields = |world: &World| world.to.rows()[0].1.custom().iter().map(|field| format!("{}={}", field.name, field.value)).collect::<Vec<_>>();
    assert_eq!(fields(&world), ["gate=2", "balance=99"], "cleared where it may be, and nothing else touched");
    assert_eq!(world.carry("W1", &news, "").await.0, State::NoOp);
    // What goes neither way is no reason to write without our stamp, and no difference.
    let other = with(customer("W1", "", "a@x"), &[("gate", "2")]);
    assert_eq!((world.carry("W1", &other, "").await.0, world.to.writes()), (State::NoOp, 1));
}

#[tokio::test]
async fn shipments_are_in_the_shops_terms_and_never_too_much() {
    let mut order = sample::order(2);
    order.lines[1].quantity = 5.into();
    let id = order.lines[1].id.clone();
    let number = order.number.clone();
    let shipment = |number: &str, line: &str, units: i64| {
        Subject::Shipment(Shipment {
            number: number.into(),
            order: OrderNumber::parse("4711-2").unwrap(),
            warehouse: "TOR".into(),
            shipped_at: Instant::utc(NOW),
            lines: vec![Quantity::new(line, units.into())],
            parcels: Vec::new(),
            fields: Vec::new(),
        })
    };
    let world = World::new(Kind::Shipment, Side::Erp, Memory::new(Side::Shop));
    assert_eq!(world.carry("S1", &shipment("S1", "1", 3), "").await.0, State::NoOp, "no order of ours");
    // The second document of a split order holds the second line only.
    let world = World { orders: One(Some(Sold { total: order.total, order, lines: vec![1], takes: Vec::new(), came: Vec::new() })), ..world };
    assert_eq!(world.carry("S1", &shipment("S1", "1", 3), "").await.0, State::Settled);
    assert_eq!(world.carry("S1", &shipment("S1", "1", 3), "").await.0, State::NoOp, "the same number again");
    let Subject::Shipment(there) = world.to.rows()[0].1.clone() else { panic!() };
    assert_eq!((there.order, &*there.lines[0].line), (number, &*id));
    // Less than before under the same number, more than was ordered, a line that did not go there.
    for (shipment, why) in [(shipment("S1", "1", 2), "shrinks"), (shipment("S2", "1", 3), "too much"), (shipment("S2", "2", 1), "no such line")] {
        let (state, settled) = world.carry("S", &shipment, "").await;
        assert_eq!((state, settled.fault.map(|fault| fault.code)), (State::Parked, Some(Code::ShipmentRefused)), "{why}");
    }
    assert_eq!(world.carry("S2", &shipment("S2", "1", 2), "").await.0, State::Settled);
    let units: Decimal =
        world.to.rows().iter().map(|(_, one)| if let Subject::Shipment(one) = one { one.lines[0].units } else { Decimal::ZERO }).sum();
    assert_eq!(units, 5.into());
}

#[tokio::test]
async fn a_customer_goes_as_it_is_now_and_not_as_it_was_listed() {
    let world = World::new(Kind::Customer, Side::Shop, Memory::new(Side::Erp));
    let from = Memory::with(Side::Shop, &[("W1", customer("W1", "", "now@example.com"))]);
    let news = News { version: 3, ..news("W1", &customer("W1", "", "then@example.com"), "") };
    let arrival = Arrival { flow: "it".into(), kind: Kind::Customer, side: Side::Shop, news, received_at: NOW };
    let claimed = Claimed { row: 7, arrival, attempts: 0, tries: 0, doubtful: false, released: false, partner: None };
    let (ledger, orders, binder, rules) = (&world.notes, &world.orders, &world.binder, &world.rules);
    let outside = Outside { from: &from, to: &world.to, ledger, orders, binder, rules, clock: &At, lag: SignedDuration::ZERO };
    assert_eq!(world.flow.run(claimed, outside).await.unwrap(), State::Settled);
    let Subject::Customer(written) = world.to.rows()[0].1.clone() else { panic!() };
    assert_eq!(written.email, "now@example.com");
    // What came is settled, so that what comes later is still news.
    assert_eq!(world.notes.settled.lock().unwrap().last().unwrap().version, 3);
}

#[tokio::test]
async fn what_leaves_in_parts_is_told_as_the_kit() {
    // Four kits of two mugs and a lamp; the mugs stand in two lines, a cent apart.
    let mut order = sample::order(2);
    order.lines[1].quantity = 4.into();
    let (kit, unit_price) = (order.lines[1].id.clone(), order.lines[1].unit_price);
    let part = |sku: &str, units: i64| Came { line: 1, part: Some((sku.into(), units.into())) };
    let came = vec![Came { line: 0, part: None }, part("MUG", 3), part("MUG", 5), part("LAMP", 4)];
    let takes = vec![Units { sku: "MUG".into(), warehouse: "TOR".into(), units: 8.into() }];
    let sold = Sold { total: order.total, order, lines: vec![0, 1, 2, 3], takes, came };
    let shipment = |lines: &[(&str, i64)]| Shipment {
        number: "S1".into(),
        order: OrderNumber::parse("4711").unwrap(),
        warehouse: "TOR".into(),
        shipped_at: Instant::utc(NOW),
        lines: lines.iter().map(|(line, units)| Quantity::new(*line, (*units).into())).collect(),
        parcels: Vec::new(),
        fields: Vec::new(),
    };
    let Subject::Shipment(told) = sold.translate(Subject::Shipment(shipment(&[("1", 1), ("2", 1), ("3", 1), ("4", 1)]))).unwrap() else { panic!() };
    assert_eq!(told.lines[1], Quantity::new(&kit, Decimal::ONE));
    assert_eq!(told.lines.len(), 2);
    // What left is promised no more: two of eight mugs.
    assert_eq!(sold.open(&told, &[])[0].units, 6.into());
    // Mugs without their lamp are no kits.
    for lines in [&[("2", 3), ("3", 5)][..], &[("3", 2), ("4", 3)]] {
        let fault = sold.translate(Subject::Shipment(shipment(lines))).unwrap_err();
        assert!(fault.code == Code::ShipmentRefused && fault.message.contains("comes in parts"), "{fault}");
    }
    let line = |line: &str, quantity: i64, total: i64| invoice::Line {
        line: line.into(),
        sku: "PART".into(),
        quantity: quantity.into(),
        unit_price: Decimal::ONE,
        discount: Decimal::ONE,
        total: total.into(),
        tax: Decimal::TWO,
    };
    let invoice = Invoice {
        number: "I1".into(),
        order: OrderNumber::parse("4711").unwrap(),
        shipments: Vec::new(),
        invoiced_at: None,
        currency: sold.order.currency,
        lines: vec![line("2", 3, 10), line("3", 5, 20), line("4", 4, 30)],
        discount: Decimal::ZERO,
        shipping: Decimal::ZERO,
        shipping_tax: Decimal::ZERO,
        total: 66.into(),
        fields: Vec::new(),
    };
    let Subject::Invoice(told) = sold.translate(Subject::Invoice(Box::new(invoice))).unwrap() else { panic!() };
    let told = &told.lines[0];
    assert_eq!((&told.line, told.quantity, told.unit_price), (&kit, 4.into(), unit_price));
    assert_eq!((told.total, told.discount, told.tax), (60.into(), 3.into(), 6.into()));
}
