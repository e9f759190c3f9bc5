//! The outside of the flow as a few lists in memory: a shop whose events say what their order holds, an ERP that does as it
//! is told and may lose its answers, a clock that is set by hand, and a place at which the host is killed.

use async_trait::async_trait;
use crossdock_flow::{
    Code, Decimal, Document, Fault, Order,
    clock::Clock,
    correct::Place,
    order::{Value, find},
    sample,
    source::{Content, Head, Listed, Received, Source},
    target::{Answer, Booked, Busy, Found, Page, Receipt, Standing, Stock, Target},
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Mutex, MutexGuard},
    time::Duration,
};

/// What goes wrong with one call of the ERP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Too many requests: nothing is done, and it does not count.
    RateLimited { after: Option<u8> },
    /// Out of order for a while: nothing is done.
    Down { after: Option<u8> },
    /// It is done, but the answer is lost.
    LostAfterwards,
    /// It is not done, and the answer is lost.
    LostBefore,
    /// Refused for good.
    Refused,
}

/// Before or after the effect of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Before,
    After,
}

/// An order in the ERP.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) customer: String,
    pub(crate) total: Decimal,
    pub(crate) city: String,
    pub(crate) standing: Standing,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) now: Timestamp,
    /// The ERP's books by number.
    pub(crate) books: Vec<Entry>,
    /// What the next calls of the ERP meet; none: they do as they are told.
    pub(crate) troubles: VecDeque<Option<Trouble>>,
    /// The host is killed at this call from now on.
    pub(crate) crash: Option<(u32, When)>,
    pub(crate) crashed: bool,
    calls: u32,
    /// The version of the record that runs.
    pub(crate) running: i64,
    /// The version of the last write that took effect.
    pub(crate) applied: i64,
    /// Keys that were sent, and nobody knows what came of it.
    uncertain: BTreeSet<String>,
    /// Keys that were sent in this run.
    sent: BTreeSet<String>,
    /// What went wrong in this run.
    pub(crate) met: Vec<Trouble>,
    /// What must never happen, and did.
    pub(crate) violations: Vec<String>,
}

/// Everything outside of one host. Survives its death.
#[derive(Default)]
pub(crate) struct World(Mutex<State>);

impl World {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// A run of a record begins.
    pub(crate) fn enter(&self, version: i64, crash: Option<(u32, When)>) {
        let mut state = self.state();
        (state.running, state.crash, state.crashed, state.calls) = (version, crash, false, 0);
        state.sent.clear();
        state.met.clear();
    }

    /// The host is gone: of what it sent in this run nothing is known.
    pub(crate) fn die(&self) {
        let mut state = self.state();
        let sent = std::mem::take(&mut state.sent);
        state.uncertain.extend(sent);
    }

    /// Does something outside, unless the host is killed before or after it: then the call never returns.
    pub(crate) async fn call<T>(&self, effect: impl FnOnce(&mut State) -> T) -> T {
        let dead = {
            let mut state = self.state();
            state.calls += 1;
            state.crashed |= state.crash == Some((state.calls, When::Before));
            state.crashed
        };
        if dead {
            std::future::pending::<()>().await;
        }
        let (result, dead) = {
            let mut state = self.state();
            let result = effect(&mut state);
            state.crashed |= state.crash == Some((state.calls, When::After));
            (result, state.crashed)
        };
        if dead {
            std::future::pending::<()>().await;
        }
        result
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.state().now
    }
}

/// What an event holds: a version of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// Units of the first line. Three of them come from two warehouses.
    pub(crate) units: u8,
    /// Where it goes.
    pub(crate) city: u8,
    /// What the rules or the reader make of it.
    pub(crate) fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Passes,
    IsHeld,
    IsRejected,
    CannotBeRead,
}

impl Version {
    pub(crate) fn city(&self) -> String {
        format!("City {}", self.city)
    }

    /// What the ERP gets to see of it.
    pub(crate) fn says(&self) -> (u8, u8) {
        (self.units, self.city)
    }

    /// The whole order.
    pub(crate) fn order(&self) -> Order {
        let mut order = sample::order(2);
        order.shipping_to.city = self.city();
        let line = &mut order.lines[0];
        line.quantity = Decimal::from(self.units);
        line.total = line.quantity * line.unit_price;
        line.tax = order.currency.round(line.total * line.tax_rate);
        order.total = order.subtotal() + order.shipping.amount + order.tax();
        order.status = match self.fate {
            Fate::IsHeld => "held".into(),
            Fate::IsRejected => "rejected".into(),
            _ => "placed".into(),
        };
        order
    }

    /// The event's bytes; the mark makes two events of one version differ.
    pub(crate) fn bytes(&self, mark: &str) -> Vec<u8> {
        let fate = match self.fate {
            Fate::Passes => 'p',
            Fate::IsHeld => 'h',
            Fate::IsRejected => 'r',
            Fate::CannotBeRead => 'x',
        };
        format!("{} {} {fate} {mark}", self.units, self.city).into_bytes()
    }

    fn read(body: &[u8]) -> Version {
        let text = String::from_utf8(body.to_vec()).unwrap();
        let parts: Vec<&str> = text.split(' ').collect();
        let fate = match parts[2] {
            "h" => Fate::IsHeld,
            "r" => Fate::IsRejected,
            "x" => Fate::CannotBeRead,
            _ => Fate::Passes,
        };
        Version { units: parts[0].parse().unwrap(), city: parts[1].parse().unwrap(), fate }
    }
}

/// The shop.
pub(crate) struct Shop;

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
        match Version::read(body) {
            Version { fate: Fate::CannotBeRead, .. } => Err(Fault::new(Code::InvalidField, "the SKU is empty")),
            version => Ok(Content::Order(Box::new(version.order()))),
        }
    }
    async fn fetch(&self, _: &str) -> Result<Vec<u8>, Busy> {
        unreachable!("no event is thin")
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

impl State {
    /// A question is never refused, a write may be.
    fn trouble(&mut self, write: bool) -> Option<Trouble> {
        let trouble = self.troubles.pop_front().flatten().filter(|trouble| write || *trouble != Trouble::Refused);
        self.met.extend(trouble);
        trouble
    }

    fn entry(&mut self, number: &str) -> Option<&mut Entry> {
        self.books.get_mut(number.parse::<usize>().ok()?)
    }

    /// A write took effect.
    fn apply(&mut self) {
        if self.running < self.applied {
            self.violations.push(format!("version {} was written after version {}", self.running, self.applied));
        }
        self.applied = self.applied.max(self.running);
    }

    /// A write: what went wrong with it, and whether it takes effect all the same.
    fn write(&mut self, effect: impl FnOnce(&mut State) -> Answer) -> Answer {
        let unknown = || Answer::Unknown(Fault::new(Code::Unknown, "no answer"));
        match self.trouble(true) {
            None => effect(self),
            Some(Trouble::LostAfterwards) => {
                effect(self);
                unknown()
            }
            Some(Trouble::LostBefore) => unknown(),
            Some(Trouble::Refused) => Answer::Refused(Fault::new(Code::Refused, "no such item")),
            Some(trouble) => Answer::Busy(busy(trouble)),
        }
    }

    /// A question: only an answer that does not come is trouble.
    fn ask<T>(&mut self, answer: impl FnOnce(&mut State) -> T) -> Result<T, Busy> {
        match self.trouble(false) {
            None => Ok(answer(self)),
            Some(trouble) => Err(busy(trouble)),
        }
    }

    /// What came of the run is on disk: of what it sent nothing is open but what got no answer.
    pub(crate) fn written_down(&mut self) {
        self.sent.clear();
    }

    pub(crate) fn open(&self) -> impl Iterator<Item = &Entry> {
        self.books.iter().filter(|entry| entry.standing != Standing::Cancelled)
    }

    /// How many are open under each key.
    pub(crate) fn open_by_key(&self) -> BTreeMap<&str, usize> {
        self.open().fold(BTreeMap::new(), |mut keys, entry| {
            *keys.entry(entry.key.as_str()).or_default() += 1;
            keys
        })
    }
}

fn busy(trouble: Trouble) -> Busy {
    let (after, counts) = match trouble {
        Trouble::RateLimited { after } => (after, false),
        Trouble::Down { after } => (after, true),
        _ => (None, true),
    };
    Busy { fault: Fault::new(Code::PartnerBusy, "busy"), retry_after: after.map(|seconds| Duration::from_secs(seconds.into())), counts }
}

fn refused(why: &str) -> Answer {
    Answer::Refused(Fault::new(Code::Refused, why))
}

fn entry(document: &Document) -> Entry {
    let city = find(&document.fields, "ShipToAddress.City").map(Value::to_string).unwrap_or_default();
    Entry { key: document.key.clone(), customer: document.customer.clone(), total: document.total, city, standing: Standing::Open }
}

#[async_trait]
impl Target for World {
    fn name(&self) -> &str {
        "erp"
    }

    async fn create(&self, document: &Document) -> Answer {
        self.call(|state| {
            let key = document.key.clone();
            if state.uncertain.contains(&key) {
                state.violations.push(format!("{key} was sent again without a look"));
            }
            state.sent.insert(key.clone());
            let answer = state.write(|state| {
                if state.open().any(|entry| entry.key == document.key) {
                    state.violations.push(format!("{} is in the books twice", document.key));
                }
                state.apply();
                state.books.push(entry(document));
                Answer::Done(Receipt { number: (state.books.len() - 1).to_string() })
            });
            if matches!(answer, Answer::Unknown(_)) {
                state.uncertain.insert(key);
            }
            answer
        })
        .await
    }

    async fn find(&self, document: &Document) -> Found {
        let found = self.call(|state| {
            let found = state.ask(|state| {
                let open = state.books.iter().enumerate().filter(|(_, entry)| entry.standing != Standing::Cancelled);
                let mut rows = open.filter(|(_, entry)| entry.key == document.key);
                match rows.next() {
                    None => Found::Missing,
                    Some((number, entry)) if entry.customer == document.customer && entry.total == document.total => {
                        Found::Here(Receipt { number: number.to_string() })
                    }
                    Some(_) => Found::Other(Fault::new(Code::Conflict, "another order")),
                }
            });
            if found.is_ok() {
                state.uncertain.remove(&document.key);
            }
            found
        });
        found.await.unwrap_or_else(Found::Busy)
    }

    async fn cancel(&self, number: &str) -> Answer {
        let done = || Answer::Done(Receipt { number: number.into() });
        self.call(|state| {
            // Cancelling one that is cancelled is done, that much is promised.
            let before = state.entry(number).map(|entry| entry.standing);
            while before == Some(Standing::Cancelled) && state.troubles.front() == Some(&Some(Trouble::Refused)) {
                state.troubles.pop_front();
            }
            state.write(|state| match before {
                None => refused("no such order"),
                Some(Standing::Shipped) => refused("it is shipped"),
                Some(Standing::Cancelled) => done(),
                Some(Standing::Open) => {
                    state.apply();
                    state.entry(number).unwrap().standing = Standing::Cancelled;
                    done()
                }
            })
        })
        .await
    }

    async fn change(&self, number: &str, document: &Document) -> Answer {
        self.call(|state| {
            state.write(|state| {
                match state.entry(number).map(|entry| entry.standing) {
                    None => return refused("no such order"),
                    Some(Standing::Shipped | Standing::Cancelled) => return refused("it cannot be changed any more"),
                    Some(Standing::Open) => {}
                }
                state.apply();
                *state.entry(number).unwrap() = entry(document);
                Answer::Done(Receipt { number: number.into() })
            })
        })
        .await
    }

    async fn standing(&self, number: &str) -> Result<Option<Standing>, Busy> {
        self.call(|state| state.ask(|state| state.entry(number).map(|entry| entry.standing))).await
    }

    async fn booked(&self, _: Timestamp, _: Option<&str>) -> Result<Page<Booked>, Busy> {
        unreachable!("the flow never reads the books")
    }

    async fn stock(&self) -> Result<Stock, Busy> {
        unreachable!("the flow is given the stock")
    }
}
