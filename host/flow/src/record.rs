//! A record is one event of one order and everything that was done about it; the seam to the place where records wait.

mod told;

pub use told::{Counts, Ended, Filter, Story, Summary};

use crate::{
    Currency, Decimal, Document, Fault,
    change::Proposal,
    entity::kit::Came,
    hook::HookRun,
    promise::{Promise, Units},
    route::Shipment,
};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// The store's number of a record, ascending in the order of acceptance.
pub type RecordId = i64;

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The order is new.
    Created,
    /// The order changed.
    Updated,
    /// The order is cancelled.
    Cancelled,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Waits for its turn or its time.
    Due,
    /// Documents may be at the ERP: looked up before anything is sent.
    Sending,
    /// A rule holds it.
    Held,
    /// Waits for a person, with a fault.
    Parked,
    /// A rule rejected it, with a reason for the merchant.
    Rejected,
    /// Every document is in the ERP.
    Delivered,
    /// Cancelled, here and in the ERP.
    Cancelled,
    /// Nothing to do: a newer event said more, or this one said nothing new.
    Superseded,
    /// A person gave it up.
    Discarded,
}

impl State {
    /// All states.
    pub const ALL: [State; 9] = [
        State::Due,
        State::Sending,
        State::Held,
        State::Parked,
        State::Rejected,
        State::Delivered,
        State::Cancelled,
        State::Superseded,
        State::Discarded,
    ];

    /// The name, as stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            State::Due => "due",
            State::Sending => "sending",
            State::Held => "held",
            State::Parked => "parked",
            State::Rejected => "rejected",
            State::Delivered => "delivered",
            State::Cancelled => "cancelled",
            State::Superseded => "superseded",
            State::Discarded => "discarded",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for State {
    type Err = ();
    fn from_str(name: &str) -> Result<State, ()> {
        State::ALL.into_iter().find(|state| state.name() == name).ok_or(())
    }
}

impl Kind {
    /// The name, as stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Created => "created",
            Kind::Updated => "updated",
            Kind::Cancelled => "cancelled",
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = ();
    fn from_str(name: &str) -> Result<Kind, ()> {
        [Kind::Created, Kind::Updated, Kind::Cancelled].into_iter().find(|kind| kind.name() == name).ok_or(())
    }
}

/// An event on its way into the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Name of the connection it came by.
    pub connection: Arc<str>,
    /// The sender's id: a second event with the same connection and id is a duplicate.
    pub id: String,
    /// What it is about.
    pub kind: Kind,
    /// The order's number: the key of its lane. For an unreadable event, `event:` and its id.
    pub order: String,
    /// The shop's version.
    pub version: i64,
    /// The original bytes, kept as they came. The same bytes by the same connection are a duplicate, too.
    pub body: Vec<u8>,
    /// When it came.
    pub received_at: Timestamp,
    /// Set when it cannot be read: it is stored as parked with this fault.
    pub unreadable: Option<Fault>,
    /// Its order may be in the ERP without our knowing, because no webhook brought it: it is looked up before it is sent.
    pub doubtful: bool,
}

/// What became of an event at the store's door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is on disk.
    New(RecordId),
    /// It was there before, as this record.
    Duplicate(RecordId),
}

/// Where one document of an order went: a row of the map shop order ↔ ERP orders, 1:n.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Part {
    /// Which document, from 0.
    pub part: u32,
    /// Its natural key.
    pub key: String,
    /// The warehouse.
    pub warehouse: String,
    /// Its worth.
    pub total: Decimal,
    /// The ERP's number, once it is known.
    pub number: Option<String>,
}

/// One attempt: what the rules did and which documents came of it. On disk before the first document is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// The order's worth and currency after the rules, for lists; none when it could not be read.
    pub worth: Option<(Decimal, Currency)>,
    /// Every run of every rule.
    pub runs: Vec<HookRun>,
    /// Which warehouse ships what; empty when it did not come so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shipments: Vec<Shipment>,
    /// The documents to send; empty when a rule or fault stopped it.
    pub documents: Arc<[Document]>,
    /// When the documents were about to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at: Option<Timestamp>,
    /// For a change or a cancellation of an order that is in the ERP: what it does there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
    /// What was fetched for a thin event, as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched: Option<String>,
    /// What it is promised of the stock, where orders are promised any: held from the moment at which this is on disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Promise>,
    /// Which line of the shop's each line came from, where kits were taken apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub came: Vec<Came>,
    /// The edit whose copy it worked on; 0 for the original.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub edit: u32,
    /// The remembered corrections that were made in the bytes before they were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<i64>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A record that a worker may work on: nobody else has it, and nothing earlier of its order is open.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The record.
    pub record: RecordId,
    /// The connection it came by.
    pub connection: Arc<str>,
    /// The sender's id of the event.
    pub event_id: String,
    /// What it is about.
    pub kind: Kind,
    /// The order's number.
    pub order: String,
    /// The shop's version.
    pub version: i64,
    /// The bytes to work on: the newest corrected copy, or else the original.
    pub body: Vec<u8>,
    /// The number of that copy; 0 for the original.
    pub edit: u32,
    /// When it came.
    pub received_at: Timestamp,
    /// Attempts that were begun before this claim.
    pub attempts: u32,
    /// Tries that count against the schedule.
    pub tries: u32,
    /// A person let it run again while it was held: holds are recorded, but stop it no more.
    pub released: bool,
    /// Documents of it may be in the ERP without our knowing (see [`Event::doubtful`]; or the store is a backup that was
    /// brought back): each is looked up before it is sent.
    pub doubtful: bool,
    /// For [`State::Sending`]: the attempt that was begun, and what is known of its documents.
    pub begun: Option<(Attempt, Vec<Part>)>,
    /// The other records of the same order, oldest first, with their documents.
    pub lane: Vec<LaneEntry>,
}

/// Another record of the same order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneEntry {
    /// The record.
    pub record: RecordId,
    /// What it was about.
    pub kind: Kind,
    /// The shop's version.
    pub version: i64,
    /// Where it stands.
    pub state: State,
    /// Its documents.
    pub parts: Vec<Part>,
    /// What it last sent, for a record with `parts`.
    pub sent: Option<SentBefore>,
}

/// What an earlier record of the order sent to the ERP: what a change is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentBefore {
    /// The attempt with its documents and shipments.
    pub attempt: Attempt,
    /// The bytes that it worked on; nothing once their time is over.
    pub body: Option<Vec<u8>>,
}

/// The end of an attempt: what is written down in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Where the record stands now.
    pub state: State,
    /// When it is due again, for `Due`, `Sending` and `Held` with a time.
    pub due_at: Option<Timestamp>,
    /// Tries that count against the schedule, including this one.
    pub tries: u32,
    /// Why it stopped, if by a fault.
    pub fault: Option<Fault>,
    /// The reason of a hold, a rejection or a no-op, in words.
    pub reason: Option<String>,
    /// What happened in this attempt, step by step, in words: sent, looked up, found.
    pub steps: Vec<String>,
    /// The attempt, when it was not begun (nothing was to be sent).
    pub attempt: Option<Attempt>,
    /// The documents that are in the ERP (with number) or may be (without): they replace what was written before.
    pub parts: Vec<Part>,
    /// Other records of the order that this one supersedes.
    pub supersedes: Vec<RecordId>,
    /// Warehouses whose documents the ERP counts by itself from now on: what the order was promised there is no longer held.
    pub counted: Vec<String>,
    /// Whether all that the order was promised is free again.
    pub releases: bool,
    /// Plugin versions that failed too often on the way; written down with an alert each.
    pub quarantined: Vec<Quarantined>,
    /// When it ended.
    pub at: Timestamp,
}

impl Settlement {
    /// The end of an attempt about which there is nothing more to say.
    pub fn new(state: State, at: Timestamp) -> Settlement {
        Settlement {
            state,
            due_at: None,
            tries: 0,
            fault: None,
            reason: None,
            steps: Vec::new(),
            attempt: None,
            parts: Vec::new(),
            supersedes: Vec::new(),
            counted: Vec::new(),
            releases: false,
            quarantined: Vec::new(),
            at,
        }
    }
}

impl Attempt {
    /// An attempt of which nothing is known yet.
    pub fn new(number: u32, started_at: Timestamp) -> Attempt {
        Attempt {
            number,
            started_at,
            worth: None,
            runs: Vec::new(),
            shipments: Vec::new(),
            documents: Arc::new([]),
            begun_at: None,
            proposal: None,
            fetched: None,
            promise: None,
            came: Vec::new(),
            edit: 0,
            corrections: Vec::new(),
        }
    }
}

/// A plugin version that is out of service until a person releases it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Quarantined {
    /// Name of the plugin.
    pub plugin: String,
    /// sha256 of the component, hex.
    pub version: String,
    /// Since when.
    pub since: Timestamp,
    /// What it did.
    pub why: String,
}

/// Something that a person should know, written down for whoever watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Alert {
    /// Ascending.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What kind: `quarantined`, `released`, `books-differ`, `circuit-open`, `clock-jumped`.
    pub kind: String,
    /// Whom it is about, for example a plugin's name.
    pub subject: String,
    /// What happened, in a sentence.
    pub message: String,
}

/// Where records wait. Everything that returns `Ok` from a write is on disk.
#[async_trait]
pub trait Store: Send + Sync {
    /// Stores an event, or finds it as a duplicate by (connection, id) or (connection, content).
    async fn accept(&self, event: Event) -> Result<Accepted, Fault>;
    /// Hands out records that are due at `now`, at most `most`, oldest first: never two of one order, never one that is
    /// out already, never one while an earlier record of its order is `Due` or `Sending`.
    async fn claim(&self, now: Timestamp, most: usize) -> Result<Vec<Claimed>, Fault>;
    /// Gives a claimed record back as it was.
    fn unclaim(&self, record: RecordId);
    /// Writes down that documents are about to be sent: the record is `Sending` from here on. It stays claimed. What the
    /// rules wrote in their key-value places ([`crate::capability::Kept::of`] the runs) is written in the same transaction, and what
    /// the order is promised ([`Attempt::promise`]) takes the place of what it was promised before. Fails with E113 when somebody
    /// else wrote what the rules read, with E224 when somebody else was promised it meanwhile; then nothing is written.
    async fn begin(&self, record: RecordId, attempt: Attempt) -> Result<(), Fault>;
    /// What may still be promised to an order of these articles, in every warehouse that has a figure: what is there, less
    /// what others were promised. A store that keeps no stock knows nothing.
    async fn free(&self, order: &str, skus: Vec<String>) -> Result<Vec<Units>, Fault> {
        let _nothing_is_kept = (order, skus);
        Ok(Vec::new())
    }
    /// Writes down how it ended, and gives up the claim.
    async fn settle(&self, record: RecordId, settlement: Settlement) -> Result<(), Fault>;
    /// The earliest time at which something that is not out now is due.
    async fn next_due(&self) -> Result<Option<Timestamp>, Fault>;
    /// Lists records, newest first.
    async fn list(&self, filter: Filter) -> Result<Vec<Summary>, Fault>;
    /// Everything about every record of one order, oldest first.
    async fn story(&self, order: &str) -> Result<Vec<Story>, Fault>;
    /// Counts.
    async fn counts(&self) -> Result<Counts, Fault>;
    /// What a plugin wrote under a key, and which writing that was.
    async fn kv_get(&self, plugin: &str, key: &str) -> Result<Option<(Vec<u8>, i64)>, Fault>;
    /// How many keys and bytes (of keys and values) a plugin has.
    async fn kv_usage(&self, plugin: &str) -> Result<(u64, u64), Fault>;
    /// The plugin versions that are out of service.
    async fn quarantined(&self) -> Result<Vec<Quarantined>, Fault>;
    /// Puts every version of a plugin back into service, and says so with an alert. Returns how many.
    async fn release(&self, plugin: &str, now: Timestamp) -> Result<usize, Fault>;
    /// The alerts, newest first, at most so many; 0 means all.
    async fn alerts(&self, most: usize) -> Result<Vec<Alert>, Fault>;
}
