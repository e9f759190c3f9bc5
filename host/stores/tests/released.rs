//! Stores of every released schema, as the programs of their time left them (see released/README.md): today's program opens
//! them, and everything that stood in them goes on.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use crossdock_flow::{
    Code,
    desk::{By, Decision, Desk, Edit, Retention, Span, Swept, What},
    record::{Accepted, Attempt, Event, Filter, Kind, Part, Settlement, State, Store, Story},
    sample,
};
use crossdock_stores::sqlite::SqliteStore;
use jiff::Timestamp;
use rusqlite::Connection;
use std::path::{Path, PathBuf};

const MIGRATIONS: [&str; 2] = [include_str!("../src/sqlite/migrations/0001-records.sql"), include_str!("../src/sqlite/migrations/0002-rules.sql")];

/// What is in each file, by order and record: its state and how many attempts it had.
const RECORDS: [(&str, State, u32); 17] = [
    ("W-AGAIN", State::Due, 1),
    ("W-SENDING", State::Sending, 1),
    ("W-UNKNOWN", State::Sending, 1),
    ("W-HELD", State::Held, 1),
    ("W-ON-HOLD", State::Held, 1),
    ("W-PARKED", State::Parked, 1),
    ("W-SPLIT", State::Parked, 1),
    ("event:e-unreadable", State::Parked, 0),
    ("W-REJECTED", State::Rejected, 1),
    ("W-DONE", State::Delivered, 1),
    ("W-OFF", State::Delivered, 1),
    ("W-OFF", State::Cancelled, 1),
    ("W-NEW", State::Superseded, 1),
    ("W-NEW", State::Delivered, 1),
    ("W-NEW", State::Superseded, 0),
    ("W-DUE", State::Due, 0),
    ("W-DONE", State::Due, 0),
];

struct Old {
    version: usize,
    folder: tempfile::TempDir,
}

/// A copy of each released file.
fn released() -> impl Iterator<Item = Old> {
    (1..=MIGRATIONS.len()).map(|version| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(file(version), folder.path().join("records.db")).unwrap();
        Old { version, folder }
    })
}

fn file(version: usize) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/released/{version:04}.db"))
}

impl Old {
    fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.folder.path().join("records.db")).unwrap()
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_772_000_000 + seconds).unwrap()
}

fn by(seconds: i64) -> By {
    By { actor: "ada".into(), why: "after the upgrade".into(), at: at(seconds) }
}

fn schema(connection: &Connection) -> Vec<(String, String)> {
    let mut query = connection.prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name").unwrap();
    query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn released_migrations_never_change() {
    for version in 1..=MIGRATIONS.len() {
        let old = Connection::open_with_flags(file(version), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let new = Connection::open_in_memory().unwrap();
        for sql in &MIGRATIONS[..version] {
            new.execute_batch(sql).unwrap();
        }
        assert_eq!(schema(&old), schema(&new));
        assert_eq!(old.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap(), i64::try_from(version).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_listed_and_told() {
    for old in released() {
        let store = old.open();
        let list = store.list(Filter::default()).await.unwrap();
        let is: Vec<_> = list.iter().rev().take(17).map(|summary| (summary.order.as_str(), summary.state, summary.attempts)).collect();
        assert_eq!(is, RECORDS, "version {}", old.version);
        let counts = store.counts().await.unwrap();
        assert_eq!(counts.duplicates, 1);
        for (state, n) in counts.records {
            assert_eq!(n, list.iter().filter(|summary| summary.state == state).count() as u64, "{state}");
        }
        for summary in &list {
            let story = store.story(&summary.order).await.unwrap().into_iter().find(|story| story.summary == *summary).unwrap();
            assert!(story.body.is_some() && story.edits.is_empty());
            told(&story);
        }
        let all = store.audit(&Span::default(), 0, 1_000).await.unwrap();
        assert_eq!(all.iter().filter(|line| line.what == What::Accepted).count(), list.len());
        drop(store);
        assert_eq!(old.open().list(Filter::default()).await.unwrap(), list, "opening it again changes nothing");
    }
}

/// What was written down then is told: how it came, and how its attempts ended.
fn told(story: &Story) {
    let first = &story.audit[0];
    assert_eq!((first.what, first.at, &*first.actor), (What::Accepted, story.summary.received_at, "shop"));
    let to = if story.summary.attempts == 0 && story.summary.state == State::Parked { State::Parked } else { State::Due };
    assert_eq!(first.to, to);
    let ends: Vec<_> = story.attempts_made.iter().filter_map(|(_, end)| end.as_ref()).map(|end| (end.at, end.state)).collect();
    let lines: Vec<_> = story.audit[1..].iter().map(|line| (line.at, line.to)).collect();
    assert_eq!(lines, ends, "{}", story.summary.order);
    if story.summary.order == "W-PARKED" {
        assert_eq!(story.audit[1].cause, "E203 a cent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_waited_goes_on() {
    for old in released() {
        let store = old.open();
        assert_eq!(store.next_due().await.unwrap(), Some(at(20)));
        let claimed = store.claim(at(6_000), 100).await.unwrap();
        let orders: Vec<_> = claimed.iter().map(|claimed| (claimed.order.as_str(), claimed.begun.is_some())).collect();
        let expected = [("W-SENDING", true), ("W-DUE", false), ("W-DONE", false), ("W-AGAIN", false), ("W-UNKNOWN", true), ("W-HELD", false)];
        assert_eq!(orders, expected);
        let (attempt, parts) = claimed[4].begun.clone().unwrap();
        assert_eq!((attempt.documents.len(), attempt.runs.len(), attempt.edit, attempt.begun_at), (2, 1, 0, None));
        assert_eq!(parts.iter().map(|part| part.number.as_deref()).collect::<Vec<_>>(), [Some("100"), None]);
        // A change is compared with what the older program sent.
        let sent = claimed[2].lane[0].sent.clone().unwrap();
        assert_eq!((sent.attempt.documents[0].key.as_str(), sent.attempt.shipments.len()), ("W-DONE", 0));
        assert!(String::from_utf8(sent.body.unwrap()).unwrap().contains("\"e-done\""));
        for claimed in claimed {
            let record = claimed.record;
            if claimed.begun.is_none() {
                let documents = [sample::document(&sample::order(1))].into();
                store.begin(record, Attempt { documents, ..Attempt::new(claimed.attempts + 1, at(6_000)) }).await.unwrap();
            }
            store.settle(record, Settlement::new(State::Delivered, at(6_001))).await.unwrap();
            let story = store.story(&claimed.order).await.unwrap().into_iter().find(|story| story.summary.record == record).unwrap();
            let last = story.audit.last().unwrap();
            assert_eq!((last.from, last.to), (Some(State::Sending), State::Delivered), "{}", claimed.order);
        }
        assert!(store.claim(at(1_000_000), 100).await.unwrap().is_empty());
        let known = store.accept(event("e-due", "W-DUE")).await.unwrap();
        assert!(matches!(known, Accepted::Duplicate(16)));
        let Accepted::New(new) = store.accept(event("e-next", "W-NEXT")).await.unwrap() else { panic!("it is new") };
        assert!(new > 17);
    }
}

fn event(id: &str, order: &str) -> Event {
    Event {
        connection: "shop".into(),
        id: id.into(),
        kind: Kind::Created,
        order: order.into(),
        version: 1,
        body: id.into(),
        received_at: at(7_000),
        unreadable: None,
        doubtful: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_decide_on_what_had_stopped() {
    for old in released() {
        let store = old.open();
        // Held, parked, split, unreadable, rejected.
        let copy = Edit { body: b"copy".to_vec(), order: "W-FOUND".into(), version: 1, kind: Kind::Created, by: by(6_000) };
        assert_eq!(store.edit(8, copy).await, Ok(1));
        let split = store.decide(&[7], Decision::Discard, &by(6_000)).await.unwrap_err();
        assert_eq!(split.code, Code::NotNow, "a part of it is in the ERP");
        assert_eq!(store.decide(&[6], Decision::Discard, &by(6_000)).await.unwrap(), [6]);
        let all: Vec<i64> = (1..=17).collect();
        assert_eq!(store.decide(&all, Decision::Retry, &by(6_000)).await.unwrap(), [4, 5, 7, 8, 9]);
        let claimed = store.claim(at(6_000), 100).await.unwrap();
        let split = claimed.iter().find(|claimed| claimed.record == 7).unwrap();
        let known: &[Part] = &split.begun.as_ref().unwrap().1;
        assert_eq!((known.len(), known[0].number.as_deref()), (1, Some("101")));
        let found = claimed.iter().find(|claimed| claimed.record == 8).unwrap();
        assert_eq!((&*found.order, &found.body[..], found.edit), ("W-FOUND", &b"copy"[..], 1));
        let discarded = store.counts().await.unwrap().records.into_iter().find(|(state, _)| *state == State::Discarded);
        assert_eq!(discarded, Some((State::Discarded, 1)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_had_ended_is_swept_and_erased() {
    for old in released() {
        let store = old.open();
        assert_eq!(store.erase("W-NEW", &by(6_000)).await, Ok(3));
        let day = |days: i64| std::time::Duration::from_secs(86_400 * days.unsigned_abs());
        let retention = Retention { originals: day(30), runs: day(90), records: day(365) };
        assert_eq!(store.sweep(retention, at(86_400 * 29)).await.unwrap(), Swept::default());
        let swept = store.sweep(retention, at(86_400 * 400)).await.unwrap();
        let over = RECORDS.iter().filter(|(_, state, _)| matches!(state, State::Delivered | State::Rejected | State::Cancelled | State::Superseded));
        assert_eq!(swept.records, over.count() as u64);
        let left = store.list(Filter::default()).await.unwrap();
        assert!(left.iter().all(|summary| summary.due_at.is_some() || matches!(summary.state, State::Held | State::Parked | State::Delivered)));
    }
}
