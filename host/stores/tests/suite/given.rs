//! What tests put into a store: events, attempts, settlements, in as few words as possible.

use crossdock_flow::{
    Currency, Decimal, Document, Fault,
    desk::{Backend, By, Decision, Edit},
    record::{Accepted, Attempt, Claimed, Event, Filter, Kind, Part, RecordId, Settlement, State, Store},
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
        doubtful: false,
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
        worth: Some((Decimal::new(12345, 2), Currency::parse("CAD").unwrap())),
        documents: documents.collect(),
        ..Attempt::new(number, at(i64::from(number)))
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
    Settlement::new(state, at(seconds))
}

/// An end after which it is due again at `at(seconds)`.
pub(crate) fn again(state: State, seconds: i64) -> Settlement {
    Settlement { due_at: Some(at(seconds)), tries: 1, ..end(state, seconds) }
}

/// A person, at `at(seconds)`.
pub(crate) fn by(seconds: i64) -> By {
    By { actor: "ada".into(), why: "called the customer".into(), at: at(seconds) }
}

/// A corrected copy of an event of [`event`].
pub(crate) fn edit(order: &str, version: i64, body: &[u8], seconds: i64) -> Edit {
    Edit { body: body.into(), order: order.into(), version, kind: Kind::Created, by: by(seconds) }
}

/// The records of an order, oldest first.
pub(crate) async fn records(store: &dyn Backend, order: &str) -> Vec<RecordId> {
    let list = store.list(Filter { order: Some(order.into()), ..Filter::default() }).await.unwrap();
    list.iter().rev().map(|summary| summary.record).collect()
}

/// Decides on every record of an order, at `at(seconds)`; returns how many of them it was done to.
pub(crate) async fn decided(store: &dyn Backend, order: &str, decision: Decision, seconds: i64) -> Result<usize, Fault> {
    store.decide(&records(store, order).await, decision, &by(seconds)).await.map(|done| done.len())
}

/// Lets every record of an order that stopped run again; returns how many.
pub(crate) async fn retried(store: &dyn Backend, order: &str, seconds: i64) -> usize {
    decided(store, order, Decision::Retry, seconds).await.unwrap()
}

/// A record that came at `seconds` and ended there and then, with one document where `state` says that it is in the ERP.
pub(crate) async fn ended(store: &dyn Backend, id: &str, order: &str, state: State, seconds: i64) -> RecordId {
    let record = accepted(store, event(id, order, seconds)).await;
    assert_eq!(ids(store, seconds).await, [record]);
    if state == State::Delivered {
        store.begin(record, attempt(1, 1)).await.unwrap();
        store.settle(record, Settlement { parts: vec![part(0, Some("100"))], ..end(state, seconds) }).await.unwrap();
    } else {
        store.settle(record, Settlement { attempt: Some(attempt(1, 0)), ..end(state, seconds) }).await.unwrap();
    }
    record
}
