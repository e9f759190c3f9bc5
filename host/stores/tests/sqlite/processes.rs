//! What several processes, and many callers of one, do to each other.

use crate::given::*;
use crossdock_flow::{
    Code,
    record::{Filter, State, Store},
    sample,
};
use jiff::Timestamp;
use std::{sync::Arc, time::Instant};

#[tokio::test(flavor = "multi_thread")]
async fn another_process_lists_and_retries_while_the_host_runs() {
    let place = Place::new();
    let host = place.open();
    host.accept(event(0)).await.unwrap();
    host.claim(Timestamp::UNIX_EPOCH, 9).await.unwrap();
    host.settle(1, end(State::Parked)).await.unwrap();
    let person = place.open();
    assert_eq!(person.list(Filter::default()).await.unwrap()[0].state, State::Parked);
    assert_eq!(retried(&person, 1).await, 1);
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

#[tokio::test(flavor = "multi_thread")]
async fn whoever_locks_it_too_long_is_a_fault_and_nothing_is_lost() {
    let place = Place::new();
    let store = place.open();
    for number in 0..2 {
        store.accept(event(number)).await.unwrap();
    }
    store.claim(Timestamp::UNIX_EPOCH, 9).await.unwrap();
    store.begin(2, attempt(&sample::order(1), 1)).await.unwrap();
    let other = place.driver();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let began = Instant::now();
    let (accepted, begun, settled) =
        tokio::join!(store.accept(event(2)), store.begin(1, attempt(&sample::order(1), 1)), store.settle(2, end(State::Delivered)));
    for fault in [accepted.map(drop), begun, settled].map(Result::unwrap_err) {
        assert!(fault.code == Code::Store && fault.message.contains("locked"), "{fault}");
    }
    assert!((4..100).contains(&began.elapsed().as_secs()), "it waits, but not for ever");
    // What is read is what was written; and who only reads does not wait.
    let states: Vec<_> = store.list(Filter::default()).await.unwrap().iter().map(|summary| summary.state).collect();
    assert_eq!(states, [State::Sending, State::Due]);
    other.execute_batch("COMMIT").unwrap();
    store.accept(event(2)).await.unwrap();
    store.unclaim(1); // As a worker does whose attempt could not begin.
    let again: Vec<_> = store.claim(Timestamp::UNIX_EPOCH, 9).await.unwrap().iter().map(|claimed| claimed.record).collect();
    assert_eq!(again, [1, 2, 3]);
    store.settle(2, end(State::Delivered)).await.unwrap();
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
