//! A store in a folder of its own, what goes into it, and the driver to look behind it.

use crossdock_flow::{
    Code, Fault, Order,
    desk::{By, Decision, Desk},
    record::{Attempt, Event, Kind, RecordId, Settlement, State},
    sample,
};
use crossdock_stores::sqlite::SqliteStore;
use jiff::Timestamp;
use rusqlite::Connection;
use std::path::PathBuf;

pub(crate) struct Place(pub(crate) tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("records.db")
    }

    pub(crate) fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path()).unwrap()
    }

    pub(crate) fn refused(&self) -> Fault {
        let fault = SqliteStore::open(&self.path()).map(drop).unwrap_err();
        assert_eq!(fault.code, Code::Store);
        assert_eq!(fault.place, Some(self.path().display().to_string()));
        fault
    }

    pub(crate) fn driver(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }
}

pub(crate) fn event(number: usize) -> Event {
    Event {
        connection: "shop".into(),
        id: format!("e{number}"),
        kind: Kind::Created,
        order: format!("W-{number}"),
        version: 1,
        body: noise(number, 3_000),
        received_at: Timestamp::UNIX_EPOCH,
        unreadable: None,
        doubtful: false,
    }
}

/// Bytes that packing makes no smaller; other ones for each number.
pub(crate) fn noise(number: usize, length: usize) -> Vec<u8> {
    let mut seed = 1 + number as u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

pub(crate) fn attempt(order: &Order, documents: usize) -> Attempt {
    let documents = vec![sample::document(order); documents].into();
    Attempt { documents, ..Attempt::new(1, Timestamp::UNIX_EPOCH) }
}

pub(crate) fn end(state: State) -> Settlement {
    Settlement::new(state, Timestamp::UNIX_EPOCH)
}

pub(crate) fn by() -> By {
    By { actor: "ada".into(), why: String::new(), at: Timestamp::UNIX_EPOCH }
}

pub(crate) async fn retried(store: &SqliteStore, record: RecordId) -> usize {
    store.decide(&[record], Decision::Retry, &by()).await.unwrap().len()
}

pub(crate) async fn futures<T>(tasks: Vec<tokio::task::JoinHandle<T>>) -> Vec<T> {
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}
