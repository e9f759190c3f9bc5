//! What a disk, a file and a folder can do to the store: it refuses, says why, and goes on when that is over.

use crate::given::*;
use crossdock_flow::{
    Code, Fault,
    desk::{Desk, Retention, Span},
    record::{Filter, State, Store},
    sample,
};
use crossdock_stores::sqlite::SqliteStore;
use jiff::Timestamp;
use std::{
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

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
    // As a program of before left it, and packed: its length is damaged.
    for damage in ["plan = '{\"secret-name\":1}', packed = NULL", "packed = x'FFFFFF7F7365637265742D6E616D65'"] {
        is_parked(damage).await;
    }
}

async fn is_parked(damage: &str) {
    let place = Place::new();
    let store = place.open();
    for number in 0..3 {
        store.accept(event(number)).await.unwrap();
    }
    store.claim(Timestamp::UNIX_EPOCH, 1).await.unwrap();
    store.begin(1, attempt(&sample::order(1), 1)).await.unwrap();
    drop(store);
    place.driver().execute(&format!("UPDATE attempts SET {damage}"), []).unwrap();
    let store = place.open();
    let out: Vec<_> = store.claim(Timestamp::UNIX_EPOCH, 9).await.unwrap().iter().map(|claimed| claimed.record).collect();
    assert_eq!(out, [2, 3]);
    let parked = store.list(Filter { states: vec![State::Parked], ..Filter::default() }).await.unwrap().remove(0);
    assert_eq!((parked.record, parked.parts.len()), (1, 1), "its documents may be in the ERP: they stay known");
    let fault = parked.fault.unwrap();
    assert!(fault.code == Code::Store && !fault.message.contains("secret-name"), "{fault}");
    assert_eq!(retried(&store, 1).await, 1, "it was given back and can be retried");
    assert!(store.claim(Timestamp::UNIX_EPOCH, 9).await.unwrap().is_empty());
}

/// A store with so many records that waits, closed: all of it is in its file.
async fn filled(place: &Place, records: usize) {
    let store = place.open();
    for number in 0..records {
        store.accept(event(number)).await.unwrap();
    }
}

/// Breaks the page of a table that holds a row, and says how many rows of the table are in it.
fn break_page(place: &Place, table: &str, row: i64) -> Vec<i64> {
    let driver = place.driver();
    // The leaves in order, with how many rows each has.
    let mut leaves = driver.prepare("SELECT pageno, ncell FROM dbstat WHERE name = ?1 AND pagetype = 'leaf' ORDER BY path").unwrap();
    let leaves = leaves.query_map([table], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).unwrap();
    let mut last = 0;
    for leaf in leaves {
        let (page, rows) = leaf.unwrap();
        let first = last + 1;
        last += rows;
        if (first..=last).contains(&row) {
            let file = fs::OpenOptions::new().write(true).open(place.path()).unwrap();
            file.write_all_at(&[0xEE; 2048], u64::try_from(page - 1).unwrap() * 2048).unwrap();
            return (first..=last).collect();
        }
    }
    panic!("there is no such row");
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_met_while_running_stops_only_what_stands_there() {
    let place = Place::new();
    filled(&place, 40).await;
    let store = place.open();
    let broken = break_page(&place, "bodies", 20);
    let out: Vec<_> = store.claim(Timestamp::UNIX_EPOCH, 99).await.unwrap().iter().map(|claimed| claimed.record).collect();
    assert_eq!(out, (1..=40).filter(|record| !broken.contains(record)).collect::<Vec<_>>(), "the others go on");
    let parked = store.list(Filter { states: vec![State::Parked], ..Filter::default() }).await.unwrap();
    assert_eq!(parked.iter().rev().map(|summary| summary.record).collect::<Vec<_>>(), broken);
    let fault = parked[0].fault.clone().unwrap();
    assert!(fault.code == Code::Store && fault.message.contains("bring back a backup"), "{fault}");
    let fault = store.story("W-19").await.unwrap_err();
    assert!(fault.code == Code::Store && fault.message.contains("bring back a backup"), "{fault}");
    assert_eq!(store.story("W-1").await.unwrap().len(), 1);
    store.accept(event(1000)).await.unwrap();
    store.begin(1, attempt(&sample::order(1), 1)).await.unwrap();
    let fault = store.backup(&place.0.path().join("copy.db")).await.unwrap_err();
    assert!(fault.code == Code::Store && fault.message.contains("damaged"), "no copy is made of what is not whole: {fault}");
    assert_eq!(fs::read_dir(place.0.path()).unwrap().filter(|entry| entry.as_ref().unwrap().path().to_string_lossy().contains("copy")).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_even_be_parked_is_left_out() {
    let place = Place::new();
    filled(&place, 60).await;
    let store = place.open();
    // The damage is where its state stands.
    let broken = break_page(&place, "records", 30);
    assert!(broken.len() < 40);
    let mut out = Vec::new();
    loop {
        let some = store.claim(Timestamp::UNIX_EPOCH, 7).await.unwrap();
        if some.is_empty() {
            break;
        }
        out.extend(some.iter().map(|claimed| claimed.record));
    }
    assert_eq!(out, (1..=60).filter(|record| !broken.contains(record)).collect::<Vec<_>>());
    assert_eq!(store.next_due().await, Ok(None));
    store.settle(60, end(State::Parked)).await.unwrap();
    let fault = store.settle(30, end(State::Parked)).await.unwrap_err();
    assert!(fault.message.contains("damaged"), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_bytes_are_flipped_it_says_so_or_goes_on() {
    let place = Place::new();
    filled(&place, 30).await;
    let store = place.open();
    store.claim(Timestamp::UNIX_EPOCH, 10).await.unwrap();
    for record in 1..=9 {
        store.begin(record, attempt(&sample::order(1), 1)).await.unwrap();
    }
    for (record, state) in [(1, State::Delivered), (2, State::Parked), (3, State::Rejected), (4, State::Held), (5, State::Superseded)] {
        store.settle(record, end(state)).await.unwrap();
    }
    drop(store);
    let whole = fs::read(place.path()).unwrap();
    let (mut refused, mut seed) = (0, 0x9E37_79B9_7F4A_7C15_u64);
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 1).unwrap() % below
    };
    for round in 0..60 {
        let mut bytes = whole.clone();
        for _ in 0..1 << (round % 8) {
            bytes[random(whole.len())] ^= 1 << random(8);
        }
        let place = Place::new();
        fs::write(place.path(), bytes).unwrap();
        for fault in work_on(&place.path()).await {
            refused += 1;
            assert!(matches!(fault.code, Code::Store | Code::NotNow), "round {round}: {fault}");
            assert!(!fault.message.contains("has ended") && !fault.message.contains("is stopping"), "a thread died in round {round}");
        }
    }
    assert!(refused > 20, "{refused}: this must be seen");
}

/// Everything that a host does to a store; what it was refused.
async fn work_on(path: &Path) -> Vec<Fault> {
    let store = match SqliteStore::open(path) {
        Ok(store) => store,
        Err(fault) => return vec![fault],
    };
    let mut faults = Vec::new();
    let mut note = |result: Result<(), Fault>| faults.extend(result.err());
    note(store.accept(event(1000)).await.map(drop));
    let claimed = store.claim(Timestamp::UNIX_EPOCH, 99).await;
    note(claimed.as_ref().map(drop).map_err(Clone::clone));
    for claimed in claimed.unwrap_or_default() {
        note(store.settle(claimed.record, end(State::Delivered)).await);
    }
    note(store.list(Filter::default()).await.map(drop));
    for number in 0..5 {
        note(store.story(&format!("W-{number}")).await.map(drop));
        note(store.erase(&format!("W-{number}"), &by()).await.map(drop));
    }
    note(store.audit(&Span::default(), 0, 1_000).await.map(drop));
    note(store.counts().await.map(drop));
    note(store.decide(&[1, 2, 3, 4, 5], crossdock_flow::desk::Decision::Retry, &by()).await.map(drop));
    note(store.sweep(Retention::default(), Timestamp::from_second(9_999_999_999).unwrap()).await.map(drop));
    note(store.backup(&path.with_extension("copy")).await);
    faults
}

fn moved(path: &Path) -> PathBuf {
    path.with_extension("elsewhere")
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_by_a_store_that_is_gone() {
    let place = Place::new();
    let folder = place.0.path().join("data");
    let store = SqliteStore::open(&folder.join("records.db")).unwrap();
    for number in 0..2 {
        store.accept(event(number)).await.unwrap();
    }
    store.claim(Timestamp::UNIX_EPOCH, 9).await.unwrap();
    store.begin(2, attempt(&sample::order(1), 1)).await.unwrap();
    // Unmounted, moved, replaced by another one, without its log.
    let log = folder.join("records.db-wal");
    type Step<'s> = &'s dyn Fn();
    let steps: [(Step<'_>, Step<'_>); 3] = [
        (&|| fs::rename(&folder, moved(&folder)).unwrap(), &|| fs::rename(moved(&folder), &folder).unwrap()),
        (
            &|| {
                fs::rename(&folder, moved(&folder)).unwrap();
                drop(SqliteStore::open(&folder.join("records.db")).unwrap());
            },
            &|| {
                fs::remove_dir_all(&folder).unwrap();
                fs::rename(moved(&folder), &folder).unwrap();
            },
        ),
        (&|| fs::rename(&log, moved(&log)).unwrap(), &|| fs::rename(moved(&log), &log).unwrap()),
    ];
    for (number, (vanish, come_back)) in (10..).zip(steps) {
        vanish();
        let refused = [
            store.accept(event(number)).await.map(drop),
            store.begin(1, attempt(&sample::order(1), 1)).await,
            store.edit(1, edit()).await.map(drop).or_else(|fault| if fault.code == Code::NotNow { Ok(()) } else { Err(fault) }),
        ];
        for fault in refused.map(Result::unwrap_err) {
            assert!(fault.code == Code::Store && fault.message.contains("not where it was"), "{fault}");
        }
        come_back();
        // The shop sends it again, because it was not acknowledged; without a restart it is accepted, or was already there.
        store.accept(event(number)).await.unwrap();
        assert!(store.accept(event(100 + number)).await.is_ok());
    }
    store.settle(2, end(State::Delivered)).await.unwrap();
    drop(store);
    let store = SqliteStore::open(&folder.join("records.db")).unwrap();
    let orders: Vec<_> = store.list(Filter::default()).await.unwrap().into_iter().map(|summary| summary.order).collect();
    for number in [0, 1, 10, 11, 12, 110, 111, 112] {
        assert!(orders.contains(&format!("W-{number}")), "{number} was acknowledged");
    }
}

fn edit() -> crossdock_flow::desk::Edit {
    crossdock_flow::desk::Edit { body: b"copy".to_vec(), order: "W-0".into(), version: 1, kind: crossdock_flow::record::Kind::Created, by: by() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_written_is_refused_until_it_can() {
    let place = Place::new();
    filled(&place, 1).await;
    // Where the log should be stands something that cannot be written to; that also stops who may do everything.
    let log = place.0.path().join("records.db-wal");
    fs::create_dir(&log).unwrap();
    let fault = place.refused();
    assert!(fault.message.contains("may be written"), "{fault}");
    fs::remove_dir(&log).unwrap();
    assert_eq!(place.open().list(Filter::default()).await.unwrap().len(), 1);
    let fault = SqliteStore::open(Path::new("/dev/null/records.db")).map(drop).unwrap_err();
    assert!(fault.code == Code::Store && fault.place.is_some(), "{fault}");
}
