//! A backup brought back: what it does not know may be in the ERP, so everything is doubtful from then on.

use crate::given::{Place, attempt, end, event};
use crossdock_flow::{
    Code,
    desk::Desk,
    record::{Event, Filter, State, Store},
    sample,
};
use crossdock_stores::sqlite::{SqliteStore, restore};
use jiff::{SignedDuration, Timestamp};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_is_full_of_doubt() {
    let place = Place::new();
    let copy = place.0.path().join("copy.db");
    let store = place.open();
    for number in 0..3 {
        store.accept(event(number)).await.unwrap();
    }
    // One is delivered, one is under way, one waits.
    let claimed = store.claim(NOW, 2).await.unwrap();
    for claimed in &claimed {
        store.begin(claimed.record, attempt(&sample::order(1), 1)).await.unwrap();
    }
    store.settle(claimed[0].record, end(State::Delivered)).await.unwrap();
    assert!(claimed.iter().all(|claimed| !claimed.doubtful));
    store.backup(&copy).await.unwrap();
    store.accept(event(3)).await.unwrap();
    let refused = restore(&copy, &place.path(), NOW).unwrap_err();
    assert!(refused.code == Code::Store && refused.message.contains("stop it"), "{refused}");
    drop(store);

    let restored = restore(&copy, &place.path(), NOW).unwrap();
    assert_eq!(restored.records, 3);
    let aside = SqliteStore::open(&restored.aside.unwrap()).unwrap();
    assert_eq!(aside.list(Filter::default()).await.unwrap().len(), 4, "what stood there is whole");
    let store = place.open();
    let late = NOW + SignedDuration::from_hours(24 * 8);
    store.accept(event(4)).await.unwrap();
    store.accept(Event { received_at: late, ..event(5) }).await.unwrap();
    let mut claimed = store.claim(late, 9).await.unwrap();
    claimed.sort_by_key(|claimed| claimed.record);
    let doubtful: Vec<_> = claimed.iter().map(|claimed| (claimed.order.as_str(), claimed.doubtful)).collect();
    assert_eq!(doubtful, [("W-1", true), ("W-2", true), ("W-4", true), ("W-5", false)]);
    assert_eq!(store.counts().await.unwrap().records.iter().map(|(_, count)| count).sum::<u64>(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_poll_found_is_doubtful() {
    let place = Place::new();
    let store = place.open();
    store.accept(Event { doubtful: true, ..event(0) }).await.unwrap();
    store.accept(event(1)).await.unwrap();
    assert_eq!(store.claim(NOW, 9).await.unwrap().iter().map(|claimed| claimed.doubtful).collect::<Vec<_>>(), [true, false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_none_changes_nothing() {
    let place = Place::new();
    let store = place.open();
    store.accept(event(0)).await.unwrap();
    let copy = place.0.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    drop(store);
    let mut damaged = std::fs::read(&copy).unwrap();
    let length = damaged.len();
    damaged[100..length.min(8_000)].fill(0xAA);
    let other = place.0.path().join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
    std::fs::write(place.0.path().join("damaged.db"), damaged).unwrap();
    for name in ["damaged.db", "other.db", "missing.db"] {
        let fault = restore(&place.0.path().join(name), &place.path(), NOW).unwrap_err();
        assert_eq!(fault.code, Code::Store, "{name}");
        assert_eq!(place.open().list(Filter::default()).await.unwrap().len(), 1, "{name}");
        let left: Vec<_> = std::fs::read_dir(place.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().contains("restoring")), "{left:?}");
    }
    // Where no store is there yet, a backup becomes one.
    let elsewhere = place.0.path().join("new/records.db");
    assert_eq!(restore(&copy, &elsewhere, NOW).unwrap().aside, None);
    assert_eq!(SqliteStore::open(&elsewhere).unwrap().list(Filter::default()).await.unwrap().len(), 1);
}
