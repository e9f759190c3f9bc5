//! What people do to records, and what is kept about it: the seam beside [`crate::record::Store`]. A store has both; the
//! workers see only the other one.

use crate::{
    Code, Decimal, Fault,
    correct::Correction,
    record::{RecordId, State, Summary},
};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{path::Path, time::Duration};

/// Who does something, why, and when: goes into the audit as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct By {
    /// A person's name, or `host`.
    pub actor: String,
    /// Why, in words; may be empty.
    pub why: String,
    /// When.
    pub at: Timestamp,
}

/// A corrected copy of an event. The original stays as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The whole corrected event.
    pub body: Vec<u8>,
    /// The order that the copy is about: an event that could not be read had none.
    pub order: String,
    /// The shop's version in the copy.
    pub version: i64,
    /// What the copy is about.
    pub kind: crate::record::Kind,
    /// Who, why, when.
    pub by: By,
}

/// An edit that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Edited {
    /// From 1 for each record.
    pub number: u32,
    /// Who, why, when.
    #[serde(flatten)]
    pub by: By,
    /// The copy; nothing once its time is over or it was erased.
    #[serde(skip)]
    pub body: Option<Vec<u8>>,
}

/// What happened to a record. Append-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// It came and is on disk.
    Accepted,
    /// Its documents are about to be sent.
    Begun,
    /// An attempt ended.
    Ended,
    /// A newer record of the order replaced it.
    Superseded,
    /// It could not be read from the store.
    Damaged,
    /// A person let it run again.
    Retried,
    /// A person corrected a copy of it.
    Edited,
    /// A person gave it up.
    Discarded,
    /// Its customer's data were erased.
    Erased,
    /// The time of its original or its runs was over.
    Expired,
}

/// One line of the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// The record.
    pub record: RecordId,
    /// Its order.
    pub order: String,
    /// Who: the connection it came by, `host`, or a person.
    pub actor: String,
    /// What.
    pub what: What,
    /// Where it stood before; nothing when it is new or where that was not written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<State>,
    /// Where it stood after.
    pub to: State,
    /// Why: a fault, a reason, a person's words. May be empty.
    pub cause: String,
}

/// Which lines of the audit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Only of this order.
    pub order: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

/// How long things are kept after a record has come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Original bytes, edited copies and what was fetched.
    pub originals: Duration,
    /// Runs, documents and steps of attempts.
    pub runs: Duration,
    /// Everything else: the record itself, its amounts, its audit.
    pub records: Duration,
}

const DAY: u64 = 24 * 3600;

impl Default for Retention {
    fn default() -> Retention {
        let days = |days: u64| Duration::from_secs(days * DAY);
        Retention { originals: days(30), runs: days(90), records: days(7 * 365) }
    }
}

/// How much was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Swept {
    /// Originals and copies.
    pub originals: u64,
    /// Attempts that lost their runs and documents.
    pub runs: u64,
    /// Records that are gone altogether.
    pub records: u64,
}

/// What a person does with one stopped record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Let it run again with the rules and the mapping of today; its tries begin anew. One with documents under way is
    /// looked up first; a hold is passed.
    Retry,
    /// Give it up. One with documents that may be in the ERP cannot be given up: it is refused with E208.
    Discard,
}

/// The desk of the people who answer for the orders. What returns `Ok` is on disk.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Decides on held, parked and rejected records; others are passed over. One transaction, an audit line each.
    /// Returns those that it was done to.
    async fn decide(&self, records: &[RecordId], decision: Decision, by: &By) -> Result<Vec<RecordId>, Fault>;
    /// Keeps a corrected copy, which is what runs from now on; the record stays parked. Fails with E208 when it is not
    /// parked, held or rejected, or has documents that may be in the ERP. Returns the number of the edit.
    async fn edit(&self, record: RecordId, edit: Edit) -> Result<u32, Fault>;
    /// The edits of a record, oldest first.
    async fn edits(&self, record: RecordId) -> Result<Vec<Edited>, Fault>;
    /// The audit, oldest first, at most so many from the `skip`th on.
    async fn audit(&self, span: &Span, skip: usize, most: usize) -> Result<Vec<Entry>, Fault>;
    /// The corrections that are remembered, oldest first.
    async fn corrections(&self) -> Result<Vec<Correction>, Fault>;
    /// Remembers a correction; its `id` is given by the store. Returns it.
    async fn remember(&self, correction: Correction) -> Result<i64, Fault>;
    /// Forgets one; says whether it was there.
    async fn forget(&self, correction: i64, by: &By) -> Result<bool, Fault>;
    /// Removes what is past its time, of orders and of what is kept alike, a limited number at once: call it until nothing is
    /// removed. Never touches what is due, sending, held or parked. Rows of what is kept alike stay, without their bodies (but
    /// those of stock) and what attempts did.
    async fn sweep(&self, retention: Retention, now: Timestamp) -> Result<Swept, Fault>;
    /// Erases the customer's data of every record of an order: originals, copies, what was fetched, runs, documents,
    /// texts of faults, reasons and steps. Amounts, numbers, states and times stay. Fails with E208 while one of them is
    /// open (due, sending, held, parked). Returns how many records.
    async fn erase(&self, order: &str, by: &By) -> Result<usize, Fault>;
    /// Where the poll of a connection stands.
    async fn cursor(&self, connection: &str) -> Result<Option<Timestamp>, Fault>;
    /// Moves it.
    async fn set_cursor(&self, connection: &str, at: Timestamp) -> Result<(), Fault>;
    /// The highest version of an order that has come by a connection.
    async fn newest_version(&self, connection: &str, order: &str) -> Result<Option<i64>, Fault>;
    /// Writes something that a person should know.
    async fn alert(&self, at: Timestamp, kind: &str, subject: &str, message: &str) -> Result<(), Fault>;
    /// Makes everything that is due later than `latest` due then: for a clock that was ahead. What a rule holds until a later
    /// day is held again by that rule. Returns how many.
    async fn bring_forward(&self, latest: Timestamp) -> Result<usize, Fault>;
    /// Writes a whole, consistent copy while everything goes on. Fails with E601, also when the file is there already.
    async fn backup(&self, to: &Path) -> Result<(), Fault>;
}

/// A store as the program needs it: for the workers, for people, and for what is kept alike.
pub trait Backend: crate::record::Store + Desk + crate::sync::ledger::Ledger + crate::finance::binder::Binder {}
impl<T: crate::record::Store + Desk + crate::sync::ledger::Ledger + crate::finance::binder::Binder> Backend for T {}

/// Which of the stopped records a person means. What is not said does not narrow.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Only in these states; empty means all that wait for a person: held, parked, rejected.
    pub states: Vec<State>,
    /// Only of these orders.
    pub orders: Vec<String>,
    /// Only these records.
    pub records: Vec<RecordId>,
    /// Only with these faults.
    pub codes: Vec<Code>,
    /// Only by this connection.
    pub connection: Option<String>,
    /// Only those that came at least so long ago.
    pub older: Option<Duration>,
    /// Only those that came at most so long ago.
    pub newer: Option<Duration>,
    /// Only those worth at least so much, whatever the currency. What has no worth known is never meant then.
    pub least: Option<Decimal>,
    /// Only those worth at most so much.
    pub most: Option<Decimal>,
}

/// What waits for a person.
pub const WAITING: [State; 3] = [State::Held, State::Parked, State::Rejected];

impl Choice {
    /// Whether anything narrows it.
    pub fn is_everything(&self) -> bool {
        let Choice { states, orders, records, codes, connection, older, newer, least, most } = self;
        let lists = states.is_empty() && orders.is_empty() && records.is_empty() && codes.is_empty();
        lists && connection.is_none() && older.is_none() && newer.is_none() && least.is_none() && most.is_none()
    }

    /// Whether this record is meant.
    pub fn means(&self, summary: &Summary, now: Timestamp) -> bool {
        fn within<T: PartialEq>(list: &[T], one: &T) -> bool {
            list.is_empty() || list.contains(one)
        }
        let states = if self.states.is_empty() { &WAITING[..] } else { &self.states };
        let age = Duration::try_from(now.duration_since(summary.received_at)).unwrap_or_default();
        let worth = summary.worth.map(|(worth, _)| worth);
        within(states, &summary.state)
            && within(&self.orders, &summary.order)
            && within(&self.records, &summary.record)
            && (self.codes.is_empty() || summary.fault.as_ref().is_some_and(|fault| self.codes.contains(&fault.code)))
            && self.connection.as_ref().is_none_or(|connection| *connection == summary.connection)
            && self.older.is_none_or(|least| age >= least)
            && self.newer.is_none_or(|most| age <= most)
            && self.least.is_none_or(|least| worth.is_some_and(|worth| worth >= least))
            && self.most.is_none_or(|most| worth.is_some_and(|worth| worth <= most))
    }
}

/// The dearest first, and of the same worth the oldest; what has no worth known comes first of all, because it may be
/// worth anything. Amounts of different currencies are compared as they are.
pub fn by_worth_and_age(list: &mut [Summary]) {
    list.sort_by_key(|one| (one.worth.is_some(), one.worth.map(|(worth, _)| std::cmp::Reverse(worth)), one.received_at, one.record));
}

/// Why something cannot be done to a record as it stands.
pub fn not_now(record: RecordId, why: &str) -> Fault {
    Fault::new(Code::NotNow, format!("record {record} {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Currency, record::Kind};

    fn summary(record: RecordId, state: State, worth: Option<i64>, code: Option<Code>, age: i64) -> Summary {
        Summary {
            record,
            order: record.to_string(),
            connection: "shop".into(),
            event_id: record.to_string(),
            kind: Kind::Created,
            state,
            received_at: Timestamp::from_second(1_000_000 - age).unwrap(),
            due_at: None,
            attempts: 0,
            worth: worth.map(|worth| (Decimal::from(worth), Currency::parse("CAD").unwrap())),
            fault: code.map(|code| Fault::new(code, "")),
            reason: None,
            parts: Vec::new(),
        }
    }

    #[test]
    fn a_choice_narrows_by_everything_that_it_says() {
        let all = [
            summary(1, State::Parked, Some(100), Some(Code::Refused), 60),
            summary(2, State::Parked, None, Some(Code::Malformed), 7_200),
            summary(3, State::Held, Some(900), None, 10),
            summary(4, State::Delivered, Some(900), None, 10),
        ];
        let now = Timestamp::from_second(1_000_000).unwrap();
        let meant = |choice: Choice| all.iter().filter(|one| choice.means(one, now)).map(|one| one.record).collect::<Vec<_>>();
        let hour = Some(Duration::from_secs(3_600));
        assert_eq!(meant(Choice::default()), [1, 2, 3], "what has ended is never meant unless it is named");
        assert_eq!(meant(Choice { states: vec![State::Delivered], ..Choice::default() }), [4]);
        assert_eq!(meant(Choice { codes: vec![Code::Refused], ..Choice::default() }), [1]);
        assert_eq!(meant(Choice { older: hour, ..Choice::default() }), [2]);
        assert_eq!(meant(Choice { newer: hour, ..Choice::default() }), [1, 3]);
        assert_eq!(meant(Choice { least: Some(Decimal::from(500)), ..Choice::default() }), [3]);
        assert_eq!(meant(Choice { most: Some(Decimal::from(500)), ..Choice::default() }), [1], "what has no worth known is not below anything");
        assert_eq!(meant(Choice { orders: vec!["2".into(), "3".into()], ..Choice::default() }), [2, 3]);
        assert_eq!(meant(Choice { records: vec![3], ..Choice::default() }), [3]);
        assert_eq!(meant(Choice { connection: Some("other".into()), ..Choice::default() }), [] as [RecordId; 0]);
        assert!(Choice::default().is_everything() && !Choice { older: hour, ..Choice::default() }.is_everything());
    }

    #[test]
    fn the_dearest_and_oldest_stand_first() {
        let mut all = [
            summary(1, State::Parked, Some(5), None, 1),
            summary(2, State::Parked, Some(900), None, 1),
            summary(3, State::Parked, Some(900), None, 100),
            summary(4, State::Parked, None, None, 1),
        ];
        by_worth_and_age(&mut all);
        assert_eq!(all.map(|one| one.record), [4, 3, 2, 1]);
    }
}
