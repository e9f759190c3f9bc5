//! What a run says: one JSON object for programs, a table for people.

use crate::{
    judge::{Judgement, Record},
    kills::STEPS,
    run::Options,
    script::{How, Script},
};
use crossdock_partners::sender::Sent;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashSet},
    fmt::Write,
    time::Duration,
};

/// How many order numbers of each kind are told.
const TOLD: usize = 20;

/// The kills so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// By step.
    pub at_steps: BTreeMap<&'static str, usize>,
    /// At a random moment.
    pub at_random: usize,
    /// While it started.
    pub starting: usize,
    /// Starts that found orders under way.
    pub with_work: usize,
    /// How long it took from the start until it was ready.
    pub starts: Vec<Duration>,
}

impl Tally {
    /// All of them.
    pub(crate) fn kills(&self) -> usize {
        self.at_steps.values().sum::<usize>() + self.at_random + self.starting
    }
}

/// The result of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// How often the host was killed.
    pub kills: usize,
    /// Of those, at each named step.
    pub kills_by_step: BTreeMap<&'static str, usize>,
    /// Of those, at a random moment while it ran.
    pub kills_at_random: usize,
    /// Of those, at a random moment while it started.
    pub kills_while_starting: usize,
    /// Starts that found orders under way, a moment after they were ready: what the kill before had cut off.
    pub starts_with_work: usize,
    /// Orders placed.
    pub orders: usize,
    /// Events of all of them: new, changed, cancelled.
    pub events: usize,
    /// Events sent twice.
    pub told_twice: usize,
    /// Events sent after a newer one of their order.
    pub told_out_of_order: usize,
    /// Events never sent.
    pub never_told: usize,
    /// Orders of which an event was acknowledged.
    pub acknowledged: usize,
    /// Orders in the books exactly once, in their newest version, to the cent.
    pub delivered_once: usize,
    /// Of those, in several documents.
    pub split: usize,
    /// Orders cancelled as asked.
    pub cancelled: usize,
    /// Orders that wait for a person, with a reason.
    pub parked: usize,
    /// Orders of which neither is true.
    pub lost: usize,
    /// Orders with two open documents of one number at any time.
    pub twice: usize,
    /// By how many of the smallest coins sums differ.
    pub cents_off: u64,
    /// Orders with a unit too few or too many, or from a wrong warehouse.
    pub misrouted: usize,
    /// Orders that went back to an older version on the way.
    pub out_of_order: usize,
    /// Documents of orders that nobody placed.
    pub strange: usize,
    /// From start to ready, in milliseconds: the median and the longest.
    pub start_ms: [u64; 2],
    /// How long the run took.
    pub seconds: u64,
    /// The seed.
    pub seed: u64,
    /// Faults for which orders are parked, and how many.
    pub parked_for: BTreeMap<String, usize>,
    /// What the judge found.
    #[serde(skip)]
    pub judgement: Judgement,
    #[serde(skip)]
    missed: Vec<&'static str>,
}

impl Report {
    pub(crate) fn new(
        options: &Options,
        script: &Script,
        sent: &[Sent],
        mut tally: Tally,
        judgement: Judgement,
        records: &[Record],
        took: Duration,
    ) -> Report {
        let acknowledged: HashSet<&str> = sent.iter().filter(|sent| sent.acknowledged()).map(|sent| &*sent.number).collect();
        tally.starts.sort();
        let start = |place: usize| tally.starts.get(place).map_or(0, |start| u64::try_from(start.as_millis()).unwrap_or(u64::MAX));
        let mut parked_for: BTreeMap<String, usize> = BTreeMap::new();
        let parked: HashSet<&String> = judgement.parked.iter().collect();
        for record in records.iter().filter(|record| record.waits() && parked.contains(&record.order)) {
            *parked_for.entry(why(record)).or_default() += 1;
        }
        Report {
            kills: tally.kills(),
            missed: STEPS.iter().map(|(step, _)| *step).take(options.kills).filter(|step| !tally.at_steps.contains_key(step)).collect(),
            kills_by_step: STEPS.iter().map(|(step, _)| (*step, tally.at_steps.get(step).copied().unwrap_or_default())).collect(),
            kills_at_random: tally.at_random,
            kills_while_starting: tally.starting,
            starts_with_work: tally.with_work,
            orders: script.orders.len(),
            events: script.orders.iter().map(|order| order.versions.len()).sum(),
            told_twice: script.count(How::Again),
            told_out_of_order: script.out_of_order,
            never_told: script.count(How::Untold),
            acknowledged: acknowledged.len(),
            delivered_once: judgement.delivered_once,
            split: judgement.split,
            cancelled: judgement.cancelled,
            parked: judgement.parked.len(),
            lost: judgement.lost.len(),
            twice: judgement.twice.len(),
            cents_off: judgement.cents_off().ceil().to_u64().unwrap_or(u64::MAX),
            misrouted: judgement.misrouted.len(),
            out_of_order: judgement.out_of_order.len(),
            strange: judgement.strange.len(),
            start_ms: [start(tally.starts.len() / 2), start(tally.starts.len().saturating_sub(1))],
            seconds: took.as_secs(),
            seed: options.seed,
            parked_for,
            judgement,
        }
    }

    /// Whether the promise was kept and every step had its kill.
    pub fn is_well(&self) -> bool {
        self.judgement.is_kept() && self.missed.is_empty()
    }

    /// What is wrong, line by line: the first orders of each kind, and the steps at which the host was never killed.
    pub fn wrongs(&self) -> Vec<String> {
        let Judgement { lost, twice, off, misrouted, out_of_order, strange, .. } = &self.judgement;
        let off: Vec<String> = off.iter().map(|(order, coins)| format!("{order} by {coins}")).collect();
        let kinds = [
            ("lost", lost),
            ("twice", twice),
            ("cents off", &off),
            ("misrouted", misrouted),
            ("out of order", out_of_order),
            ("of nobody's order", strange),
        ];
        let mut wrongs: Vec<String> = kinds
            .into_iter()
            .filter(|(_, orders)| !orders.is_empty())
            .map(|(kind, orders)| format!("{kind}: {}", orders.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join(" ")))
            .collect();
        wrongs.extend(self.missed.iter().map(|step| format!("the host was never killed at {step}")));
        wrongs
    }

    /// The table for people.
    pub fn table(&self) -> String {
        let mut table = String::new();
        let mut row = |name: &str, value: String| writeln!(table, "  {name:<42}{value}").unwrap_or_default();
        row("kills", self.kills.to_string());
        row("  at random, running", self.kills_at_random.to_string());
        row("  at random, starting", self.kills_while_starting.to_string());
        for (step, _) in STEPS {
            row(&format!("  at {step}"), self.kills_by_step[step].to_string());
        }
        row("starts that found orders under way", self.starts_with_work.to_string());
        row("orders placed", self.orders.to_string());
        row("events: new, changed, cancelled", self.events.to_string());
        row("  sent twice", self.told_twice.to_string());
        row("  sent after a newer one", self.told_out_of_order.to_string());
        row("  never sent, found by asking the shop", self.never_told.to_string());
        row("orders acknowledged", self.acknowledged.to_string());
        row("  delivered once, newest, to the cent", self.delivered_once.to_string());
        row("    of them split over warehouses", self.split.to_string());
        row("  cancelled as asked", self.cancelled.to_string());
        row("  parked with a reason", self.parked.to_string());
        for (fault, orders) in &self.parked_for {
            row(&format!("    {fault}"), orders.to_string());
        }
        row("lost", self.lost.to_string());
        row("twice", self.twice.to_string());
        row("cents off", self.cents_off.to_string());
        row("from a wrong warehouse", self.misrouted.to_string());
        row("went back to an older version", self.out_of_order.to_string());
        row("documents of nobody's order", self.strange.to_string());
        row("from start to ready, median / longest", format!("{} / {} ms", self.start_ms[0], self.start_ms[1]));
        row("seconds", self.seconds.to_string());
        table
    }
}

/// A fault's code, or that a rule said so.
fn why(record: &Record) -> String {
    let fault: serde_json::Value = serde_json::from_str(&record.why).unwrap_or_default();
    fault["code"].as_str().unwrap_or("a rule").to_owned()
}
