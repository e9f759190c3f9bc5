//! What comes out when: the lanes of orders, times, holds, and what a person lets go on.

use crate::{Place, given::*};
use crossdock_flow::record::{Kind, LaneEntry, SentBefore, Settlement, State};
use std::{
    future::Future,
    task::{Context, Poll},
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn claims_are_oldest_first_and_never_twice(place: Place) {
    let store = place.open();
    let late = accepted(&*store, event("late", "W-0", 50)).await;
    let mut expected = Vec::new();
    for number in 0..20 {
        expected.push(accepted(&*store, event(&format!("e{number}"), &format!("W-{}", number + 1), number)).await);
    }
    let mut out = Vec::new();
    loop {
        let some = store.claim(at(30), 7).await.unwrap();
        assert!(some.len() <= 7);
        if some.is_empty() {
            break;
        }
        out.extend(some.iter().map(|claimed| claimed.record));
    }
    assert_eq!(out, expected);
    assert!(claimed(&*store, 49).await.is_empty());
    assert_eq!(store.claim(at(50), 0).await.unwrap().len(), 0);
    assert_eq!(ids(&*store, 50).await, [late]);
}

pub(crate) async fn one_of_an_order_at_a_time(place: Place) {
    let store = place.open();
    let a = accepted(&*store, event("a", "W-1", 0)).await;
    let b = accepted(&*store, event("b", "W-1", 1)).await;
    let other = accepted(&*store, event("c", "W-2", 2)).await;
    let first = claimed(&*store, 10).await;
    assert_eq!(first.iter().map(|claimed| claimed.record).collect::<Vec<_>>(), [a, other]);
    assert_eq!(first[0].lane, [LaneEntry { record: b, kind: Kind::Created, version: 1, state: State::Due, parts: Vec::new(), sent: None }]);
    store.begin(a, attempt(1, 2)).await.unwrap();
    assert!(claimed(&*store, 10).await.is_empty(), "nor while it is sent");
    let parts = vec![part(0, Some("100")), part(1, Some("101"))];
    store.settle(a, Settlement { parts: parts.clone(), ..end(State::Delivered, 10) }).await.unwrap();
    let second = claimed(&*store, 10).await.remove(0);
    let sent = Some(SentBefore { attempt: attempt(1, 2), body: Some(event("a", "W-1", 0).body) });
    assert_eq!(
        (second.record, second.lane),
        (b, vec![LaneEntry { record: a, kind: Kind::Created, version: 0, state: State::Delivered, parts, sent }])
    );
}

pub(crate) async fn an_earlier_record_that_waits_blocks_later_ones(place: Place) {
    let store = place.open();
    let a = accepted(&*store, event("a", "W-1", 0)).await;
    let b = accepted(&*store, event("b", "W-1", 1)).await;
    for state in [State::Due, State::Sending] {
        assert_eq!(ids(&*store, 200).await, [a]);
        store.begin(a, attempt(1, 1)).await.unwrap();
        store.settle(a, again(state, 200)).await.unwrap();
        assert!(claimed(&*store, 199).await.is_empty(), "behind {state}");
    }
    let c = accepted(&*store, event("c", "W-1", 2)).await;
    drop(store);
    let store = place.open();
    for record in [a, b, c] {
        assert_eq!(ids(&*store, 200).await, [record]);
        store.settle(record, end(State::Delivered, 200)).await.unwrap();
    }
}

pub(crate) async fn held_with_a_time_comes_back_by_itself(place: Place) {
    let store = place.open();
    let record = accepted(&*store, event("a", "W-1", 0)).await;
    claimed(&*store, 0).await;
    store.settle(record, Settlement { attempt: Some(attempt(1, 0)), reason: Some("credit".into()), ..again(State::Held, 60) }).await.unwrap();
    assert!(claimed(&*store, 59).await.is_empty());
    assert_eq!(store.next_due().await, Ok(Some(at(60))));
    let back = claimed(&*store, 60).await.remove(0);
    assert_eq!((back.record, back.attempts, back.begun, back.released), (record, 1, None, false));
    store.settle(record, end(State::Held, 60)).await.unwrap();
    assert!(claimed(&*store, 1_000_000).await.is_empty(), "without a time it waits for a person");
    assert_eq!(store.next_due().await, Ok(None));
}

pub(crate) async fn held_does_not_block_but_shares_its_lane(place: Place) {
    let store = place.open();
    let a = accepted(&*store, event("a", "W-1", 0)).await;
    claimed(&*store, 0).await;
    store.settle(a, again(State::Held, 60)).await.unwrap();
    let b = accepted(&*store, event("b", "W-1", 1)).await;
    assert_eq!(ids(&*store, 10).await, [b], "the later one goes on");
    assert!(claimed(&*store, 60).await.is_empty(), "but never both at once");
    assert_eq!(store.next_due().await, Ok(None));
    store.begin(b, attempt(1, 1)).await.unwrap();
    store.settle(b, end(State::Delivered, 60)).await.unwrap();
    assert_eq!(ids(&*store, 60).await, [a]);
    // It is sent now: what comes later waits for it.
    let c = accepted(&*store, event("c", "W-1", 61)).await;
    store.begin(a, attempt(1, 1)).await.unwrap();
    store.settle(a, again(State::Sending, 90)).await.unwrap();
    assert!(claimed(&*store, 89).await.is_empty());
    assert_eq!(ids(&*store, 90).await, [a]);
    store.settle(a, end(State::Delivered, 90)).await.unwrap();
    assert_eq!(ids(&*store, 90).await, [c]);
}

pub(crate) async fn held_that_is_sent_blocks_what_came_meanwhile(place: Place) {
    let store = place.open();
    let a = accepted(&*store, event("a", "W-1", 0)).await;
    claimed(&*store, 0).await;
    store.settle(a, again(State::Held, 60)).await.unwrap();
    assert_eq!(ids(&*store, 60).await, [a]);
    accepted(&*store, event("b", "W-1", 10)).await;
    store.begin(a, attempt(1, 1)).await.unwrap();
    drop(store); // As in a crash.
    assert_eq!(ids(&*place.open(), 60).await, [a], "though the other is due longer");
}

pub(crate) async fn parked_waits_for_a_person(place: Place) {
    let store = place.open();
    let a = accepted(&*store, event("a", "W-1", 0)).await;
    let b = accepted(&*store, event("b", "W-1", 1)).await;
    claimed(&*store, 0).await;
    store.settle(a, Settlement { tries: 8, ..again(State::Parked, 0) }).await.unwrap();
    assert_eq!(ids(&*store, 100).await, [b]);
    store.settle(b, end(State::Rejected, 1)).await.unwrap();
    assert!(claimed(&*store, 100).await.is_empty());
    assert_eq!(retried(&*store, "W-2", 100).await, 0);
    assert_eq!(retried(&*store, "W-1", 100).await, 2);
    assert_eq!(retried(&*store, "W-1", 100).await, 0, "they are due already");
    assert!(claimed(&*store, 99).await.is_empty());
    let back = claimed(&*store, 100).await;
    assert_eq!(back.iter().map(|claimed| (claimed.record, claimed.tries, claimed.released)).collect::<Vec<_>>(), [(a, 0, false)]);
}

pub(crate) async fn retry_puts_documents_under_way_to_be_looked_up(place: Place) {
    let store = place.open();
    let a = accepted(&*store, event("a", "W-1", 0)).await;
    claimed(&*store, 0).await;
    store.begin(a, attempt(1, 2)).await.unwrap();
    let parts = vec![part(0, Some("100")), part(1, None)];
    store.settle(a, Settlement { parts: parts.clone(), ..end(State::Parked, 1) }).await.unwrap();
    assert_eq!(retried(&*store, "W-1", 5).await, 1);
    assert_eq!(store.list(Default::default()).await.unwrap()[0].state, State::Sending);
    assert_eq!(claimed(&*store, 5).await[0].begun, Some((attempt(1, 2), parts)));
    // Refused altogether: nothing is in the ERP, so the rules run anew.
    store.settle(a, end(State::Parked, 6)).await.unwrap();
    assert_eq!(retried(&*store, "W-1", 7).await, 1);
    assert_eq!(store.list(Default::default()).await.unwrap()[0].state, State::Due);
    assert_eq!(claimed(&*store, 7).await[0].begun, None);
}

pub(crate) async fn retry_releases_what_was_held(place: Place) {
    let store = place.open();
    let a = accepted(&*store, event("a", "W-1", 0)).await;
    claimed(&*store, 0).await;
    store.settle(a, end(State::Held, 0)).await.unwrap();
    assert_eq!(retried(&*store, "W-1", 1).await, 1);
    assert!(claimed(&*store, 1).await[0].released);
    store.settle(a, again(State::Due, 2)).await.unwrap();
    drop(store);
    assert!(claimed(&*place.open(), 2).await[0].released, "it stays so");
}

pub(crate) async fn retry_blocks_what_came_later(place: Place) {
    let store = place.open();
    let a = accepted(&*store, event("a", "W-1", 0)).await;
    claimed(&*store, 0).await;
    store.settle(a, end(State::Parked, 0)).await.unwrap();
    let b = accepted(&*store, event("b", "W-1", 1)).await;
    retried(&*store, "W-1", 50).await;
    assert!(claimed(&*store, 49).await.is_empty(), "the later one could have come at 1, but waits behind the earlier now");
    assert_eq!(store.next_due().await, Ok(Some(at(50))));
    assert_eq!(ids(&*store, 50).await, [a]);
    store.settle(a, end(State::Cancelled, 50)).await.unwrap();
    assert_eq!(ids(&*store, 50).await, [b]);
}

pub(crate) async fn superseded_records_never_come(place: Place) {
    let store = place.open();
    let mut records = Vec::new();
    for number in 0..4 {
        records.push(accepted(&*store, event(&format!("e{number}"), "W-1", number)).await);
    }
    let other = accepted(&*store, event("other", "W-2", 9)).await;
    assert_eq!(ids(&*store, 9).await, [records[0], other]);
    // Only others of its own order: neither itself nor a stranger.
    let supersedes = vec![records[0], records[1], records[2], other];
    store.settle(records[0], Settlement { supersedes, ..end(State::Delivered, 9) }).await.unwrap();
    assert_eq!(ids(&*store, 9).await, [records[3]]);
    let story = store.story("W-1").await.unwrap();
    let states: Vec<_> = story.iter().map(|story| story.summary.state).collect();
    assert_eq!(states, [State::Delivered, State::Superseded, State::Superseded, State::Due]);
    assert_eq!(story[1].summary.reason, Some(format!("superseded by record {}", records[0])));
    assert_eq!(store.story("W-2").await.unwrap()[0].summary.state, State::Due);
}

pub(crate) async fn unclaimed_comes_again(place: Place) {
    let store = place.open();
    let a = accepted(&*store, event("a", "W-1", 0)).await;
    assert_eq!(ids(&*store, 0).await, [a]);
    store.unclaim(a);
    store.unclaim(a);
    assert_eq!(ids(&*store, 0).await, [a]);
    assert!(claimed(&*store, 0).await.is_empty());
    assert!(store.begin(999, attempt(1, 1)).await.is_err());
    assert!(claimed(&*store, 0).await.is_empty(), "another record's trouble gives nothing back");
}

pub(crate) async fn a_claim_that_nobody_waits_for_is_given_back(place: Place) {
    let store = place.open();
    for number in 0..50 {
        accepted(&*store, event(&format!("e{number}"), &format!("W-{number}"), 0)).await;
    }
    let mut forgotten = 0;
    for _ in 0..20 {
        let mut claim = Box::pin(store.claim(at(0), 50));
        // Once: it is on its way, and then forgotten. On a busy machine one may have come back already.
        match claim.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop())) {
            Poll::Pending => forgotten += 1,
            Poll::Ready(claimed) => claimed.unwrap().iter().for_each(|claimed| store.unclaim(claimed.record)),
        }
    }
    assert!(forgotten > 0);
    // Whatever those took comes back; the last of them may still be at it.
    let all_out = async {
        let mut out = 0;
        while out < 50 {
            out += claimed(&*store, 0).await.len();
            tokio::task::yield_now().await;
        }
        out
    };
    assert_eq!(tokio::time::timeout(PATIENCE, all_out).await, Ok(50));
}

pub(crate) async fn next_due_knows_what_can_come_next(place: Place) {
    let store = place.open();
    assert_eq!(store.next_due().await, Ok(None));
    let a = accepted(&*store, event("a", "W-1", 5)).await;
    accepted(&*store, event("b", "W-1", 6)).await;
    let c = accepted(&*store, event("c", "W-2", 7)).await;
    assert_eq!(store.next_due().await, Ok(Some(at(5))));
    assert_eq!(ids(&*store, 5).await, [a]);
    assert_eq!(store.next_due().await, Ok(Some(at(7))), "not what stands behind one that is out");
    assert_eq!(ids(&*store, 7).await, [c]);
    assert_eq!(store.next_due().await, Ok(None));
    store.settle(a, end(State::Delivered, 8)).await.unwrap();
    assert_eq!(store.next_due().await, Ok(Some(at(6))));
}

pub(crate) async fn a_long_lane_comes_in_order(place: Place) {
    let store = place.open();
    let mut records = Vec::new();
    for number in 0..100 {
        records.push(accepted(&*store, event(&format!("e{number}"), "W-1", 100 - number)).await);
    }
    for record in records {
        assert_eq!(ids(&*store, 100).await, [record], "by acceptance, not by time");
        store.settle(record, end(State::Delivered, 100)).await.unwrap();
    }
}
