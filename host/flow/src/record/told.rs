//! What lists and stories tell of records.

use super::{Attempt, Kind, Part, RecordId, State};
use crate::{
    Currency, Decimal, Fault,
    desk::{Edited, Entry},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Which records to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only in these states; empty means all.
    pub states: Vec<State>,
    /// Only of this order.
    pub order: Option<String>,
    /// Only by this connection.
    pub connection: Option<String>,
    /// Only these records; empty means all.
    pub records: Vec<RecordId>,
    /// At most so many, newest first; 0 means all.
    pub most: usize,
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Summary {
    /// The record.
    pub record: RecordId,
    /// The order.
    pub order: String,
    /// The connection.
    pub connection: String,
    /// The event.
    pub event_id: String,
    /// What it is about.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// When it came.
    pub received_at: Timestamp,
    /// When it is due.
    pub due_at: Option<Timestamp>,
    /// Attempts begun.
    pub attempts: u32,
    /// Worth and currency, where known.
    pub worth: Option<(Decimal, Currency)>,
    /// The last fault.
    pub fault: Option<Fault>,
    /// The last reason.
    pub reason: Option<String>,
    /// Its documents.
    pub parts: Vec<Part>,
}

/// Everything about one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Story {
    /// The record.
    #[serde(flatten)]
    pub summary: Summary,
    /// The shop's version.
    pub version: i64,
    /// The original bytes; nothing once their time is over or they were erased.
    #[serde(skip)]
    pub body: Option<Vec<u8>>,
    /// Corrected copies, oldest first.
    pub edits: Vec<Edited>,
    /// Every attempt with what came of it, oldest first.
    pub attempts_made: Vec<(Attempt, Option<Ended>)>,
    /// Every change of its state, oldest first.
    pub audit: Vec<Entry>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// Where the record stood then.
    pub state: State,
    /// The fault, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// The reason, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Step by step.
    pub steps: Vec<String>,
}

/// How many records stand where, and how many duplicates were dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Records by state, every state once.
    pub records: Vec<(State, u64)>,
    /// Events that were answered but not run, because they were there before.
    pub duplicates: u64,
}
