//! The seam to the place where changes wait: one row per flow and key with its latest state, a log of what was done about
//! it, who is whom on both sides, and how far each side was asked.

use super::State;
use crate::{
    Decimal, Fault,
    desk::{By, Span, What},
    entity::{
        Side,
        content::Content,
        echo::{Echo, Entity, Kind},
        lag,
        stock::Stock,
    },
    hook::HookRun,
    promise::Figure,
    record::Quarantined,
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A change on its way into the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The flow that it is for.
    pub flow: String,
    /// What it is.
    pub kind: Kind,
    /// The side that it comes from.
    pub side: Side,
    /// As that side gave it.
    pub news: super::peer::News,
    /// When it came.
    pub received_at: Timestamp,
}

/// One entity that both sides have, and what we know of both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Twin {
    /// The shop's id.
    pub shop: String,
    /// The ERP's.
    pub erp: String,
    /// What both agreed on last.
    #[serde(default)]
    pub base: Option<Content>,
    /// What we wrote, and nobody has changed since.
    #[serde(default)]
    pub echo: Echo,
}

impl Twin {
    /// The id on a side.
    pub fn id(&self, side: Side) -> &str {
        match side {
            Side::Shop => &self.shop,
            Side::Erp => &self.erp,
        }
    }

    /// As a side knows it.
    pub fn entity(&self, kind: Kind, side: Side) -> Entity {
        Entity::new(side, kind, self.id(side))
    }
}

/// A change that a worker may work on; nobody else has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The store's number of its row.
    pub row: i64,
    /// What came.
    pub arrival: Arrival,
    /// Attempts before this one.
    pub attempts: u32,
    /// Those that count against the schedule.
    pub tries: u32,
    /// Whether it may be on the other side already.
    pub doubtful: bool,
    /// A person let this version run again while a rule held it: holds are recorded, but stop it no more.
    pub released: bool,
    /// The other side's id, once it is known.
    pub partner: Option<String>,
}

/// The end of an attempt: what is written down in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The version that was worked on. A newer one that came meanwhile stays due, whatever came of this one.
    pub version: i64,
    /// Where it stands.
    pub state: State,
    /// When it is due again.
    pub due_at: Option<Timestamp>,
    /// Tries that count, this one included.
    pub tries: u32,
    /// Why it stopped, if by a fault.
    pub fault: Option<Fault>,
    /// Why nothing was to be done, in words.
    pub reason: Option<String>,
    /// The other side's id, once it is known.
    pub partner: Option<String>,
    /// What is known of both sides from now on.
    pub twin: Option<Twin>,
    /// What was compared, sent and answered, in words.
    pub steps: Vec<String>,
    /// What rules did, and of what.
    pub ruled: Option<Ruled>,
    /// Versions of rules that were taken out of service on the way.
    pub quarantined: Vec<Quarantined>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub at: Timestamp,
}

/// What rules did in one attempt, and of what: each run can be repeated exactly ([`crate::capability::Replay`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// Every run of every rule.
    pub runs: Vec<HookRun>,
    /// What the first of them was asked about, as its side gave it; nothing once its time is over or it was erased.
    pub came: Option<Vec<u8>>,
}

/// Which rows are meant. What is not said does not narrow.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// Only of this flow.
    pub flow: Option<String>,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only of this key, on the side that it comes from.
    pub key: Option<String>,
    /// Only in this state.
    pub state: Option<State>,
    /// At most so many, the latest first; 0 means all.
    pub most: usize,
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Row {
    /// The store's number of it.
    pub row: i64,
    /// The flow.
    pub flow: String,
    /// What it is.
    pub kind: Kind,
    /// The side that it comes from.
    pub side: Side,
    /// That side's id of it.
    pub key: String,
    /// The other side's, once it is known.
    pub partner: Option<String>,
    /// The version that came last.
    pub version: i64,
    /// When that was changed.
    pub changed_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// When it is due again.
    pub due_at: Option<Timestamp>,
    /// Attempts so far.
    pub attempts: u32,
    /// The last fault.
    pub fault: Option<Fault>,
    /// The last reason.
    pub reason: Option<String>,
    /// When the last change came.
    pub received_at: Timestamp,
    /// When it came to its end.
    pub settled_at: Option<Timestamp>,
    /// Whether it is still kept as its side gave it.
    pub original: Original,
}

/// What is left of an entity as its side gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Original {
    /// It is kept.
    Kept,
    /// Its time is over.
    Expired,
    /// A person had it erased.
    Erased,
}

/// Whose data are to be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// What it is.
    pub kind: Kind,
    /// Its key, on either side.
    pub key: String,
    /// Only as this side knows the key: where each side has another one of it.
    pub side: Option<Side>,
    /// What is not at its end is given up; else nothing is erased then.
    pub is_forced: bool,
}

/// What a person did to a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Noted {
    /// The flow.
    pub flow: String,
    /// What the row is of.
    pub kind: Kind,
    /// The side that it comes from.
    pub side: Side,
    /// That side's id of it.
    pub key: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// [`What::Retried`] or [`What::Erased`].
    pub what: What,
    /// Where it stood before.
    pub from: State,
    /// And after.
    pub to: State,
    /// Why, in the person's words. May be empty.
    pub cause: String,
}

/// One attempt, as it is kept. Of each row the latest are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Attempted {
    /// From 1.
    pub number: u32,
    /// The version that was worked on.
    pub version: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub milliseconds: i64,
    /// Where it stood then.
    pub state: State,
    /// The fault, if one.
    pub fault: Option<Fault>,
    /// Every run of every rule.
    pub runs: Vec<HookRun>,
    /// What the rules were asked about, as its side gave it; nothing where none was, and once its time is over.
    #[serde(skip)]
    pub came: Option<Vec<u8>>,
    /// What was compared, sent and answered, in words.
    pub steps: Vec<String>,
}

/// Everything about one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Story {
    /// The row.
    #[serde(flatten)]
    pub row: Row,
    /// The attempts that are kept, oldest first.
    pub attempts_made: Vec<Attempted>,
    /// What people did to it, oldest first.
    pub audit: Vec<Noted>,
}

/// How many rows stand where, by flow.
pub type Counts = BTreeMap<String, BTreeMap<State, u64>>;

/// Something that is done to a stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The ERP says that so much is there. It is a fact: set whatever was there before.
    Count(Decimal),
    /// An order that was accepted is promised so much.
    Reserve {
        /// The order.
        order: String,
        /// Units.
        units: Decimal,
    },
    /// The order's promise is taken back.
    Release(String),
    /// So much of an order's promise is still open; the rest has left, or the ERP counts it by itself.
    Keep {
        /// The order.
        order: String,
        /// Units.
        open: Decimal,
    },
    /// So much left the house for an order.
    Ship {
        /// The order.
        order: String,
        /// Units.
        units: Decimal,
    },
}

impl Step {
    /// Does it. Fails with E202 or E224 and leaves the stock as it was.
    pub fn apply(&self, stock: &mut Stock) -> Result<(), Fault> {
        match self {
            Step::Count(units) => stock.set_absolute(stock.version, stock.on_hand, *units).map(drop),
            Step::Reserve { order, units } => stock.reserve(order, *units),
            Step::Release(order) => {
                stock.release(order);
                Ok(())
            }
            Step::Keep { order, open } => stock.keep(order, *open),
            Step::Ship { order, units } => stock.ship(order, *units),
        }
    }
}

/// What is there of an article in a warehouse, by the ERP's figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The article.
    pub sku: String,
    /// The warehouse.
    pub warehouse: String,
    /// Version and units as they were read before; nothing when it was not known.
    pub read: Option<(u64, Decimal)>,
    /// Units, zero or more.
    pub units: Decimal,
}

/// Attempts of one row that are kept.
pub const KEPT: u32 = 20;

/// Where changes wait. Everything that returns `Ok` from a write is on disk.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Takes changes in, and then moves the cursor of the flow. One that is no newer than what is known of its key is
    /// dropped, unless it is of the same version and says something else. Returns how many were news.
    async fn take_in(&self, arrivals: Vec<Arrival>, cursor: Option<(String, Timestamp)>) -> Result<usize, Fault>;
    /// How far a flow has asked.
    async fn asked(&self, flow: &str) -> Result<Option<Timestamp>, Fault>;
    /// Hands out rows that are due, oldest first, none that is out already.
    async fn claim_changes(&self, now: Timestamp, most: usize) -> Result<Vec<Claimed>, Fault>;
    /// Gives a claimed row back as it was.
    fn unclaim_change(&self, row: i64);
    /// The two that an entity of a side is one of; nothing while it has no other.
    async fn twin(&self, entity: &Entity) -> Result<Option<Twin>, Fault>;
    /// Writes down that it is about to be written: the row is [`State::Sending`] from here on, and what is written is known
    /// to be ours, because its echo may be quicker than the answer.
    async fn begin_change(&self, row: i64, kind: Kind, twin: Option<Twin>) -> Result<(), Fault>;
    /// Writes down how it ended, and gives up the claim.
    async fn settle_change(&self, row: i64, kind: Kind, settled: Settled) -> Result<(), Fault>;
    /// The earliest time at which something that is not out is due.
    async fn next_change(&self) -> Result<Option<Timestamp>, Fault>;
    /// Lists rows, the latest first.
    async fn changes(&self, which: Which) -> Result<Vec<Row>, Fault>;
    /// Everything about the rows of a key.
    async fn change_story(&self, which: Which) -> Result<Vec<Story>, Fault>;
    /// Makes parked rows due again, with all tries before them, and writes down who did; one that a rule holds passes its hold,
    /// until there is a newer version of it. Returns how many.
    async fn retry_changes(&self, which: Which, by: &By) -> Result<usize, Fault>;
    /// Erases what is kept of somebody or something, of both sides: bodies, what they agreed on, what attempts did, the texts of
    /// faults and reasons. Keys, states, times and the hashes that tell an echo stay, and who did it is written down. Fails with
    /// E208 while a row of it is due, sending or parked, unless it is forced: then it is given up. Fails with E208, too, when the
    /// key is another one's on each side. Returns how many rows.
    async fn erase_changes(&self, erasure: Erasure, by: &By) -> Result<usize, Fault>;
    /// What people did to rows, oldest first, at most so many from the `skip`th on. A span's order is a row's key here.
    async fn change_audit(&self, span: &Span, skip: usize, most: usize) -> Result<Vec<Noted>, Fault>;
    /// Counts.
    async fn change_counts(&self) -> Result<Counts, Fault>;
    /// Does something to the stock of an article in a warehouse, with nobody in between; gives the stock after it. Of one that
    /// is not known nothing is there. Fails with E202 and E224: then nothing was done.
    async fn step_stock(&self, sku: &str, warehouse: &str, step: Step) -> Result<Stock, Fault>;
    /// The stock of an article in a warehouse; nothing while nobody has said anything of it. A ledger that keeps none knows none.
    async fn stock(&self, sku: &str, warehouse: &str) -> Result<Option<Stock>, Fault> {
        let _nothing_is_kept = (sku, warehouse);
        Ok(None)
    }
    /// What is there of everything, to compare with what the ERP says next.
    async fn stocks(&self) -> Result<Vec<Counted>, Fault> {
        Ok(Vec::new())
    }
    /// Keeps back of every stock what its sales and so late a shop call for now ([`Stock::keep_back`]). Where that is otherwise than
    /// before, what a shop is told of it is due again. Returns of how many.
    async fn keep_back(&self, policy: lag::Policy, late: SignedDuration, now: Timestamp) -> Result<usize, Fault> {
        let _nothing_is_kept = (policy, late, now);
        Ok(0)
    }
    /// Sets what is there to what the ERP says, as far as it still is what was read before the ERP was asked: what changed
    /// meanwhile is set the next time. Where the ERP takes its open orders off, a figure that orders under way explain
    /// ([`Stock::explains`]) says nothing new. What a shop is told of what was set is due again. Returns how many were set.
    async fn count_stock(&self, counted: Vec<Counted>, counts: Figure, now: Timestamp) -> Result<usize, Fault> {
        let _nothing_is_kept = (counted, counts, now);
        Ok(0)
    }
}
