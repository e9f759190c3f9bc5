//! What tests put into a store: events, attempts, settlements, in as few words as possible.

use crossdock_flow::{
    Currency, Decimal, Document,
    record::{Accepted, Attempt, Claimed, Event, Kind, Part, RecordId, Settlement, State, Store},
    sample,
};
use jiff::Timestamp;

/// So many seconds after a fixed point.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_772_000_000 + seconds).unwrap()
}

/// An event of an order, received at `at(seconds)`; its bytes are its own.
pub(crate) fn event(id: &str, order: &str, seconds: i64) -> Event {
    Event {
        connection: "shop".into(),
        id: id.into(),
        kind: Kind::Created,
        order: order.into(),
        version: seconds,
        body: format!("{{\"id\":\"{id}\",\"order\":\"{order}\"}}").into_bytes(),
        received_at: at(seconds),
        unreadable: None,
    }
}

/// Accepts an event that must be new.
pub(crate) async fn accepted(store: &dyn Store, event: Event) -> RecordId {
    match store.accept(event).await.unwrap() {
        Accepted::New(record) => record,
        Accepted::Duplicate(record) => panic!("a duplicate of {record}"),
    }
}

/// Claims everything that is due.
pub(crate) async fn claimed(store: &dyn Store, seconds: i64) -> Vec<Claimed> {
    store.claim(at(seconds), 1000).await.unwrap()
}

/// The records of what is due, claimed.
pub(crate) async fn ids(store: &dyn Store, seconds: i64) -> Vec<RecordId> {
    claimed(store, seconds).await.iter().map(|claimed| claimed.record).collect()
}

/// An attempt with so many documents.
pub(crate) fn attempt(number: u32, documents: u32) -> Attempt {
    let order = sample::order(2);
    let documents = (0..documents).map(|part| Document { part, key: key(part), ..sample::document(&order) });
    Attempt {
        number,
        started_at: at(i64::from(number)),
        worth: Some((Decimal::new(12345, 2), Currency::parse("CAD").unwrap())),
        runs: Vec::new(),
        documents: documents.collect(),
        fetched: None,
    }
}

fn key(part: u32) -> String {
    if part == 0 { "W-1".into() } else { format!("W-1-{}", part + 1) }
}

/// What is known of a document of [`attempt`].
pub(crate) fn part(part: u32, number: Option<&str>) -> Part {
    let total = sample::order(2).total;
    Part { part, key: key(part), warehouse: "TOR".into(), total, number: number.map(Into::into) }
}

/// An end in a state, at `at(seconds)`.
pub(crate) fn end(state: State, seconds: i64) -> Settlement {
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
        quarantined: Vec::new(),
        at: at(seconds),
    }
}

/// An end after which it is due again at `at(seconds)`.
pub(crate) fn again(state: State, seconds: i64) -> Settlement {
    Settlement { due_at: Some(at(seconds)), tries: 1, ..end(state, seconds) }
}
