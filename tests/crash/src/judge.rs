//! The judge: from what the shop was promised, the ERP's own books and the host's list of what waits, without a line of
//! the host. Every order is delivered, cancelled or parked; else it is lost.

use crossdock_partners::{
    history::{History, Marks, Version},
    sagepro::{Booked, Wrote},
};
use crossdock_stage::oracle::{owed, routed_well};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// What the shop may rely on for one order.
#[derive(Clone, Copy, Debug)]
pub struct Promise<'s> {
    /// The order.
    pub order: &'s History,
    /// Its newest version that the host has acknowledged or must have found, from 0.
    pub newest: usize,
}

/// What the host says of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The order.
    pub order: String,
    /// The event's id.
    pub event: String,
    /// Where it stands.
    pub state: String,
    /// Why it waits; empty when it does not say.
    pub why: String,
}

impl Record {
    /// Whether it waits for a person, and says why.
    pub fn waits(&self) -> bool {
        matches!(&*self.state, "parked" | "held" | "rejected") && !self.why.is_empty()
    }
}

/// What became of the orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// In the books exactly once, in their newest version, to the cent.
    pub delivered_once: usize,
    /// Of those, in more than one document.
    pub split: usize,
    /// Cancelled as asked: nothing of them is open.
    pub cancelled: usize,
    /// Their newest version waits for a person, with a reason.
    pub parked: Vec<String>,
    /// Neither: an older version or nothing is in the books, or a cancelled order still is, and nobody is told.
    pub lost: Vec<String>,
    /// Had two open documents of one number, at the end or on the way.
    pub twice: Vec<String>,
    /// Orders whose newest version is in the books with another sum, and by how much in units of the smallest coin.
    pub off: Vec<(String, Decimal)>,
    /// A unit too few, too many, or from a warehouse that does not carry it.
    pub misrouted: Vec<String>,
    /// Went back to an older version on the way.
    pub out_of_order: Vec<String>,
    /// Documents of orders that nobody placed.
    pub strange: Vec<String>,
}

impl Judgement {
    /// Whether the promise was kept.
    pub fn is_kept(&self) -> bool {
        let Judgement { lost, twice, off, misrouted, out_of_order, strange, .. } = self;
        lost.is_empty() && twice.is_empty() && off.is_empty() && misrouted.is_empty() && out_of_order.is_empty() && strange.is_empty()
    }

    /// By how many of the smallest coins all sums differ together.
    pub fn cents_off(&self) -> Decimal {
        self.off.iter().map(|(_, coins)| *coins).sum()
    }
}

/// Reads the host's own list, as `orders list --json` prints it.
pub fn records(list: &Value) -> Vec<Record> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let read = |row: &Value| Record {
        order: text(&row["order"]),
        event: text(&row["event-id"]),
        state: text(&row["state"]),
        why: if row["fault"].is_object() { row["fault"].to_string() } else { text(&row["reason"]) },
    };
    list["orders"].as_array().map(|rows| rows.iter().map(read).collect()).unwrap_or_default()
}

/// Judges. `discounts` are the wholesale breaks of the rules' settings: from this quantity, so many percent.
pub fn judge(promises: &[Promise<'_>], books: &[Booked], records: &[Record], discounts: &[(i64, i64)]) -> Judgement {
    let mut judgement = Judgement::default();
    let known: HashSet<&str> = promises.iter().map(|promise| &*promise.order.number).collect();
    let mut documents: HashMap<&str, Vec<&Booked>> = HashMap::new();
    for booked in books {
        let key = booked.purchase_order_no.as_str();
        let order = if known.contains(key) { key } else { key.rsplit_once('-').map_or(key, |(order, _)| order) };
        if known.contains(order) {
            documents.entry(order).or_default().push(booked);
        } else {
            judgement.strange.push(key.to_owned());
        }
    }
    let mut waiting: HashMap<&str, Vec<&Record>> = HashMap::new();
    for record in records.iter().filter(|record| record.waits()) {
        waiting.entry(&record.order).or_default().push(record);
    }
    for promise in promises {
        let number = promise.order.number.as_str();
        let all = documents.get(number).map(Vec::as_slice).unwrap_or_default();
        let waits = waiting.get(number).is_some_and(|records| records.iter().any(|record| is_about(record, promise)));
        one(promise, all, waits, discounts, &mut judgement);
    }
    judgement
}

/// Whether a record is about the newest version. One of which we did not send the event is the host's own finding.
fn is_about(record: &Record, promise: &Promise<'_>) -> bool {
    let version = promise.order.versions.iter().position(|version| version.hook.id == record.event);
    version.is_none_or(|version| version == promise.newest)
}

fn one(promise: &Promise<'_>, all: &[&Booked], waits: bool, discounts: &[(i64, i64)], judgement: &mut Judgement) {
    let number = &promise.order.number;
    let open: Vec<&Booked> = all.iter().filter(|booked| booked.status != "Cancelled").copied().collect();
    if goes_back(promise.order, all) {
        judgement.out_of_order.push(number.clone());
    }
    if was_twice(all) {
        judgement.twice.push(number.clone());
        return;
    }
    let Version { wanted, .. } = &promise.order.versions[promise.newest];
    let Some((expected, marks)) = wanted else {
        match (open.is_empty(), waits) {
            (true, _) => judgement.cancelled += 1,
            (false, true) => judgement.parked.push(number.clone()),
            (false, false) => judgement.lost.push(number.clone()),
        }
        return;
    };
    let is_newest = !open.is_empty() && open.iter().all(|booked| marks.fit(&booked.raw));
    let total: Decimal = open.iter().map(|booked| booked.total).sum();
    let off = total - owed(expected, discounts);
    let whole = is_newest && off.is_zero() && routed_well(expected, &open);
    if whole {
        judgement.delivered_once += 1;
        judgement.split += usize::from(open.len() > 1);
    } else if waits {
        judgement.parked.push(number.clone());
    } else if !is_newest {
        judgement.lost.push(number.clone());
    } else if off.is_zero() {
        judgement.misrouted.push(number.clone());
    } else {
        let coins = Decimal::from(if expected.currency == "JPY" { 1 } else { 100 });
        judgement.off.push((number.clone(), (off * coins).abs()));
    }
}

/// All that took effect, in the order in which it did: which document, what was done, with which bytes.
fn writes<'b>(all: &[&'b Booked]) -> Vec<(&'b Booked, &'b crossdock_partners::sagepro::Write)> {
    let mut writes: Vec<_> = all.iter().flat_map(|booked| booked.writes.iter().map(move |write| (*booked, write))).collect();
    writes.sort_by_key(|(_, write)| write.sequence);
    writes
}

/// Whether two documents of one number were open at the same time.
fn was_twice(all: &[&Booked]) -> bool {
    let mut open: HashMap<&str, HashSet<&str>> = HashMap::new();
    for (booked, write) in writes(all) {
        let there = open.entry(&write.purchase_order_no).or_default();
        match write.what {
            Wrote::Cancel => there.remove(&*booked.sales_order_no),
            Wrote::Create | Wrote::Change => there.insert(&booked.sales_order_no),
        };
        if there.len() > 1 {
            return true;
        }
    }
    false
}

/// Whether no ascending row of versions explains what was written, one after the other.
fn goes_back(order: &History, all: &[&Booked]) -> bool {
    let marks: Vec<&Marks> = order.versions.iter().filter_map(|version| version.wanted.as_ref().map(|(_, marks)| marks)).collect();
    let mut at_least = 0;
    for (_, write) in writes(all) {
        if write.what == Wrote::Cancel {
            continue;
        }
        let document: Value = serde_json::from_slice(&write.bytes).unwrap_or_default();
        let Some(version) = (at_least..marks.len()).find(|version| marks[*version].fit(&document)) else { return true };
        at_least = version;
    }
    false
}
