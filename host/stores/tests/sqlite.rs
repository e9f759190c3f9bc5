//! What only a SQLite file can do wrong: damage, other versions, other processes, a log that grows.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use crossdock_flow::{
    Code, Fault, Order,
    record::{Attempt, Event, Filter, Kind, Settlement, State, Store},
    sample,
};
use crossdock_stores::sqlite::SqliteStore;
use jiff::Timestamp;
use rusqlite::Connection;
use std::{path::PathBuf, sync::Arc, time::Instant};

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("records.db")
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path()).unwrap()
    }

    fn refused(&self) -> Fault {
        let fault = SqliteStore::open(&self.path()).map(drop).unwrap_err();
        assert_eq!(fault.code, Code::Store);
        assert_eq!(fault.place, Some(self.path().display().to_string()));
        fault
    }

    fn driver(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }
}

fn event(number: usize) -> Event {
    Event {
        connection: "shop".into(),
        id: format!("e{number}"),
        kind: Kind::Created,
        order: format!("W-{number}"),
        version: 1,
        body: format!("{number:03000}").into_bytes(),
        received_at: Timestamp::UNIX_EPOCH,
        unreadable: None,
    }
}

fn attempt(order: &Order, documents: usize) -> Attempt {
    let documents = vec![sample::document(order); documents].into();
    Attempt { number: 1, started_at: Timestamp::UNIX_EPOCH, worth: None, runs: Vec::new(), documents, fetched: None }
}

fn end(state: State) -> Settlement {
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
        at: Timestamp::UNIX_EPOCH,
    }
}

#[cfg(unix)]
#[test]
fn a_missing_folder_is_made_and_closed_to_others() {
    use std::os::unix::fs::MetadataExt;
    let place = Place::new();
    let folder = place.0.path().join("data/orders");
    SqliteStore::open(&folder.join("records.db")).unwrap();
    assert_eq!(std::fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn a_store_of_a_newer_version_is_refused() {
    let place = Place::new();
    drop(place.open());
    place.driver().pragma_update(None, "user_version", 77).unwrap();
    let fault = place.refused();
    assert!(fault.message.contains("version 77") && fault.message.contains("newer program"), "{fault}");
    let version: i32 = place.driver().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 77, "it was not touched");
}

#[test]
fn the_database_of_another_program_is_refused() {
    let place = Place::new();
    place.driver().execute_batch("CREATE TABLE songs (name TEXT)").unwrap();
    assert!(place.refused().message.contains("another program"));
}

#[test]
fn a_damaged_file_is_refused() {
    let place = Place::new();
    std::fs::write(place.path(), [b'x'; 8192]).unwrap();
    let fault = place.refused();
    assert!(fault.message.contains("damaged"), "{fault}");
    // A file stands where the folder should be.
    let missing = SqliteStore::open(&place.path().join("records.db")).map(drop).unwrap_err();
    assert!(missing.message.contains("folder is there"), "{missing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_inside_is_a_fault_and_no_panic() {
    let place = Place::new();
    let store = place.open();
    for number in 0..100 {
        store.accept(event(number)).await.unwrap();
    }
    drop(store);
    let mut bytes = std::fs::read(place.path()).unwrap();
    bytes[4096..].fill(0xAB);
    std::fs::write(place.path(), bytes).unwrap();
    let fault = match SqliteStore::open(&place.path()) {
        Ok(store) => store.accept(event(1000)).await.unwrap_err(),
        Err(fault) => fault,
    };
    assert!(fault.code == Code::Store && fault.message.contains("damaged"), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_read_is_parked_and_the_others_go_on() {
    let place = Place::new();
    let store = place.open();
    for number in 0..3 {
        store.accept(event(number)).await.unwrap();
    }
    store.claim(Timestamp::UNIX_EPOCH, 1).await.unwrap();
    store.begin(1, attempt(&sample::order(1), 1)).await.unwrap();
    drop(store);
    place.driver().execute("UPDATE attempts SET plan = '{\"secret-name\":1}'", []).unwrap();
    let store = place.open();
    let out: Vec<_> = store.claim(Timestamp::UNIX_EPOCH, 9).await.unwrap().iter().map(|claimed| claimed.record).collect();
    assert_eq!(out, [2, 3]);
    let parked = store.list(Filter { states: vec![State::Parked], ..Filter::default() }).await.unwrap().remove(0);
    assert_eq!((parked.record, parked.parts.len()), (1, 1), "its documents may be in the ERP: they stay known");
    let fault = parked.fault.unwrap();
    assert!(fault.code == Code::Store && !fault.message.contains("secret-name"), "{fault}");
    assert_eq!(store.retry("W-0", Timestamp::UNIX_EPOCH).await, Ok(1), "it was given back and can be retried");
    assert!(store.claim(Timestamp::UNIX_EPOCH, 9).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_lists_and_retries_while_the_host_runs() {
    let place = Place::new();
    let host = place.open();
    host.accept(event(0)).await.unwrap();
    host.claim(Timestamp::UNIX_EPOCH, 9).await.unwrap();
    host.settle(1, end(State::Parked)).await.unwrap();
    let person = place.open();
    assert_eq!(person.list(Filter::default()).await.unwrap()[0].state, State::Parked);
    assert_eq!(person.retry("W-0", Timestamp::UNIX_EPOCH).await, Ok(1));
    assert_eq!(host.claim(Timestamp::UNIX_EPOCH, 9).await.unwrap().len(), 1, "the host sees it without being told");
    let fault = person.claim(Timestamp::UNIX_EPOCH, 9).await.unwrap_err();
    assert!(fault.code == Code::Store && fault.message.contains("another host"), "{fault}");
    drop(host);
    assert_eq!(person.claim(Timestamp::UNIX_EPOCH, 9).await.unwrap().len(), 1, "once the host is gone another may");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_takes_no_neighbour_with_it() {
    let place = Place::new();
    let store = Arc::new(place.open());
    store.accept(event(0)).await.unwrap();
    // While somebody else writes, everything waits, and then goes into one transaction.
    let other = place.driver();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let accepting: Vec<_> = (1..40)
        .map(|number| {
            tokio::spawn({
                let store = store.clone();
                async move { store.accept(event(number)).await }
            })
        })
        .collect();
    let twice = tokio::spawn({
        let store = store.clone();
        async move { store.begin(1, attempt(&sample::order(1), 2)).await }
    });
    let tasks = tokio::spawn(async move { (futures(accepting).await, twice.await.unwrap()) });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    other.execute_batch("COMMIT").unwrap();
    let (accepted, twice) = tasks.await.unwrap();
    assert!(accepted.iter().all(Result::is_ok));
    assert_eq!(twice.unwrap_err().code, Code::Store, "two documents are the same part");
    assert_eq!(store.list(Filter::default()).await.unwrap().len(), 40);
    assert_eq!(store.story("W-0").await.unwrap()[0].attempts_made, [], "nothing of it was written");
}

async fn futures<T>(tasks: Vec<tokio::task::JoinHandle<T>>) -> Vec<T> {
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_locks_it_too_long_is_a_fault() {
    let place = Place::new();
    let store = place.open();
    let other = place.driver();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let began = Instant::now();
    let fault = store.accept(event(0)).await.unwrap_err();
    assert!(fault.code == Code::Store && fault.message.contains("locked"), "{fault}");
    assert!((4..100).contains(&began.elapsed().as_secs()), "it waits, but not for ever");
    other.execute_batch("COMMIT").unwrap();
    store.accept(event(0)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_does_not_grow_for_ever() {
    let place = Place::new();
    let store = Arc::new(place.open());
    for round in 0..20 {
        let accepting = (0..256).map(|number| {
            tokio::spawn({
                let store = store.clone();
                async move { store.accept(event(round * 256 + number)).await }
            })
        });
        assert!(futures(accepting.collect()).await.iter().all(Result::is_ok));
    }
    let log = std::fs::metadata(place.0.path().join("records.db-wal")).unwrap().len();
    assert!(log < 10 << 20, "15 MB were accepted, and {log} bytes of log are there");
    drop(store);
    assert!(!place.0.path().join("records.db-wal").exists(), "closing folds all of it into the file");
}
