//! One record from the door to its end: what is written down, what comes back, what is told.

use crate::{Place, given::*};
use crossdock_flow::{
    Code, Fault,
    record::{Accepted, Attempt, Ended, Event, Filter, Settlement, State, Store},
};
use std::{collections::HashSet, time::Duration};

pub(crate) async fn accept_is_idempotent(place: Place) {
    let store = place.open();
    let first = accepted(&*store, event("e1", "W-1", 0)).await;
    let duplicate = Ok(Accepted::Duplicate(first));
    assert_eq!(store.accept(event("e1", "W-1", 5)).await, duplicate, "by id and content");
    assert_eq!(store.accept(Event { body: b"other".into(), ..event("e1", "W-1", 5) }).await, duplicate, "by id");
    assert_eq!(store.accept(Event { id: "e2".into(), ..event("e1", "W-1", 5) }).await, duplicate, "by content");
    let elsewhere = store.accept(Event { connection: "other-shop".into(), ..event("e1", "W-1", 5) }).await.unwrap();
    assert!(matches!(elsewhere, Accepted::New(_)), "another connection has ids of its own");
    let theirs = store.list(Filter { connection: Some("other-shop".into()), ..Filter::default() }).await.unwrap();
    assert!(theirs.len() == 1 && theirs[0].connection == "other-shop", "a list of one connection has nothing of another");
    let second = accepted(&*store, Event { id: "e2".into(), body: b"second".into(), ..event("e1", "W-1", 5) }).await;
    assert!(second > first);
    // Where id and content each name another record, the id decides.
    assert_eq!(store.accept(Event { id: "e2".into(), ..event("e1", "W-1", 5) }).await, Ok(Accepted::Duplicate(second)));
    assert_eq!(store.counts().await.unwrap().duplicates, 4);
    assert_eq!(store.story("W-1").await.unwrap()[0].body, Some(event("e1", "W-1", 0).body), "the first bytes stay");
}

pub(crate) async fn what_is_acknowledged_is_there_after_opening_again(place: Place) {
    let store = place.open();
    let body: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let record = accepted(&*store, Event { body: body.clone(), ..event("e1", "W-1", 0) }).await;
    drop(store);
    let store = place.open();
    assert_eq!(store.accept(event("e1", "W-1", 9)).await, Ok(Accepted::Duplicate(record)));
    let claimed = claimed(&*store, 0).await;
    let (found, given) = (&claimed[0], event("e1", "W-1", 0));
    assert_eq!((&found.body, found.record, &*found.connection, &found.event_id), (&body, record, "shop", &given.id));
    assert_eq!((found.kind, &found.order, found.version, found.received_at), (given.kind, &given.order, given.version, given.received_at));
    assert_eq!((found.attempts, found.tries, found.released, found.begun.is_none(), found.lane.len()), (0, 0, false, true, 0));
}

pub(crate) async fn an_unreadable_event_is_parked(place: Place) {
    let store = place.open();
    let fault = Fault::new(Code::Malformed, "no object").at("order");
    accepted(&*store, Event { unreadable: Some(fault.clone()), ..event("e1", "event:e1", 0) }).await;
    assert!(claimed(&*store, 100).await.is_empty());
    let list = store.list(Filter::default()).await.unwrap();
    assert_eq!((list[0].state, &list[0].fault, list[0].due_at), (State::Parked, &Some(fault), None));
    assert_eq!(retried(&*store, "event:e1", 5).await, 1);
    assert_eq!(claimed(&*store, 5).await[0].event_id, "e1");
}

pub(crate) async fn a_whole_life_is_told(place: Place) {
    let store = place.open();
    let record = accepted(&*store, event("e1", "W-1", 0)).await;
    assert_eq!(ids(&*store, 0).await, [record]);
    let fault = Fault::new(Code::PartnerBusy, "asleep");
    let busy = Settlement { attempt: Some(attempt(1, 0)), fault: Some(fault.clone()), steps: vec!["knocked".into()], ..again(State::Due, 10) };
    store.settle(record, busy).await.unwrap();
    assert_eq!(claimed(&*store, 10).await[0].tries, 1);
    store.begin(record, attempt(2, 1)).await.unwrap();
    let parts = vec![part(0, Some("100"))];
    store.settle(record, Settlement { parts: parts.clone(), steps: vec!["sent".into()], ..end(State::Delivered, 11) }).await.unwrap();
    let story = store.story("W-1").await.unwrap().remove(0);
    let first = Ended { at: at(10), state: State::Due, fault: Some(fault), reason: None, steps: vec!["knocked".into()] };
    let second = Ended { at: at(11), state: State::Delivered, fault: None, reason: None, steps: vec!["sent".into()] };
    assert_eq!(story.attempts_made, [(attempt(1, 0), Some(first)), (attempt(2, 1), Some(second))]);
    assert_eq!((story.summary.state, story.summary.due_at, story.summary.attempts), (State::Delivered, None, 2));
    assert_eq!((story.summary.parts, story.summary.worth, story.summary.fault), (parts, attempt(2, 1).worth, None));
    assert_eq!((story.version, story.body), (0, Some(event("e1", "W-1", 0).body)));
    assert!(claimed(&*store, 1000).await.is_empty());
}

pub(crate) async fn what_is_sent_comes_back_with_its_parts(place: Place) {
    let store = place.open();
    let record = accepted(&*store, event("e1", "W-1", 0)).await;
    claimed(&*store, 0).await;
    store.begin(record, attempt(1, 3)).await.unwrap();
    assert!(claimed(&*store, 100).await.is_empty(), "it stays claimed");
    drop(store); // As in a crash: nobody settles.
    let store = place.open();
    let back = claimed(&*store, 100).await.remove(0);
    assert_eq!(back.begun, Some((attempt(1, 3), vec![part(0, None), part(1, None), part(2, None)])));
    assert_eq!(back.attempts, 1);
    let known = vec![part(0, Some("100")), part(1, None)];
    store.settle(record, Settlement { parts: known.clone(), ..again(State::Sending, 200) }).await.unwrap();
    assert!(claimed(&*store, 199).await.is_empty());
    let back = claimed(&*store, 200).await.remove(0);
    assert_eq!(back.begun, Some((attempt(1, 3), known)));
    assert_eq!(back.tries, 1);
}

pub(crate) async fn an_attempt_taken_up_again_keeps_its_steps(place: Place) {
    let store = place.open();
    let record = accepted(&*store, event("e1", "W-1", 0)).await;
    claimed(&*store, 0).await;
    store.begin(record, attempt(1, 1)).await.unwrap();
    let unknown = vec![part(0, None)];
    store.settle(record, Settlement { steps: vec!["sent".into()], parts: unknown, ..again(State::Sending, 5) }).await.unwrap();
    claimed(&*store, 5).await;
    store.settle(record, Settlement { steps: vec!["looked".into(), "found".into()], ..end(State::Delivered, 6) }).await.unwrap();
    let made = &store.story("W-1").await.unwrap()[0].attempts_made;
    let ended = made[0].1.as_ref().unwrap();
    assert_eq!(
        (made.len(), &ended.steps[..], ended.state, ended.at),
        (1, &["sent", "looked", "found"].map(String::from)[..], State::Delivered, at(6))
    );
}

pub(crate) async fn parts_replace_those_before(place: Place) {
    let store = place.open();
    let record = accepted(&*store, event("e1", "W-1", 0)).await;
    claimed(&*store, 0).await;
    store.begin(record, attempt(1, 3)).await.unwrap();
    store.settle(record, Settlement { parts: vec![part(1, None)], ..again(State::Sending, 0) }).await.unwrap();
    assert_eq!(store.list(Filter::default()).await.unwrap()[0].parts, [part(1, None)]);
    store.settle(record, again(State::Due, 0)).await.unwrap();
    assert_eq!(claimed(&*store, 0).await[0].begun, None);
    store.begin(record, attempt(2, 1)).await.unwrap();
    assert_eq!(store.list(Filter::default()).await.unwrap()[0].parts, [part(0, None)]);
}

pub(crate) async fn a_record_that_is_not_there_is_a_fault(place: Place) {
    let store = place.open();
    assert_eq!(store.begin(7, attempt(1, 1)).await.unwrap_err().code, Code::Internal);
    assert_eq!(store.settle(7, end(State::Delivered, 0)).await.unwrap_err().code, Code::Internal);
    assert_eq!(retried(&*store, "W-1", 0).await, 0);
    assert_eq!(store.story("W-1").await, Ok(Vec::new()));
    assert_eq!(store.counts().await.unwrap().records, State::ALL.map(|state| (state, 0)));
}

pub(crate) async fn lists_are_newest_first_and_filtered(place: Place) {
    let store = place.open();
    let mut records = Vec::new();
    for (number, state) in (0..).zip(State::ALL) {
        let record = accepted(&*store, event(&format!("e{number}"), &format!("W-{number}"), number)).await;
        assert_eq!(ids(&*store, number).await, [record]);
        // Far away, so that those that are due again do not come between.
        let reason = Some(format!("{state}"));
        store.settle(record, Settlement { reason, attempt: Some(attempt(1, 0)), ..again(state, 9_999) }).await.unwrap();
        records.push(record);
    }
    let list = |filter| async { store.list(filter).await.unwrap().into_iter().map(|summary| summary.record).collect::<Vec<_>>() };
    let newest_first: Vec<_> = records.iter().rev().copied().collect();
    assert_eq!(list(Filter::default()).await, newest_first);
    assert_eq!(list(Filter { most: 3, ..Filter::default() }).await, newest_first[..3]);
    for (record, state) in records.iter().zip(State::ALL) {
        assert_eq!(list(Filter { states: vec![state], ..Filter::default() }).await, [*record], "{state}");
    }
    assert_eq!(list(Filter { states: vec![State::Parked, State::Due, State::Held], ..Filter::default() }).await.len(), 3);
    assert_eq!(list(Filter { states: vec![State::Parked, State::Held], most: 1, ..Filter::default() }).await.len(), 1);
    assert_eq!(list(Filter { order: Some("W-2".into()), ..Filter::default() }).await, [records[2]]);
    assert_eq!(list(Filter { records: vec![records[4], records[1], 77], ..Filter::default() }).await, [records[4], records[1]]);
    let one = Filter { records: vec![records[4], records[1]], order: Some("W-4".into()), ..Filter::default() };
    assert_eq!(list(one).await, [records[4]]);
    assert!(list(Filter { order: Some("W-2".into()), states: vec![State::Due], most: 9, ..Filter::default() }).await.is_empty());
    let due: HashSet<_> = store.list(Filter::default()).await.unwrap().into_iter().filter(|s| s.due_at.is_some()).map(|s| s.state).collect();
    assert_eq!(due, HashSet::from([State::Due, State::Sending, State::Held]), "only these have a time");
}

pub(crate) async fn counts_add_up(place: Place) {
    let store = place.open();
    for number in 0..10 {
        accepted(&*store, event(&format!("e{number}"), &format!("W-{}", number % 5), number)).await;
    }
    for claimed in claimed(&*store, 100).await {
        let state = if claimed.order == "W-0" { State::Parked } else { State::Delivered };
        let supersedes = claimed.lane.iter().map(|entry| entry.record).collect();
        store.settle(claimed.record, Settlement { supersedes, ..end(state, 100) }).await.unwrap();
    }
    store.accept(event("e1", "W-1", 0)).await.unwrap();
    drop(store);
    let store = place.open();
    let counts = store.counts().await.unwrap();
    assert_eq!(counts.duplicates, 1);
    for (state, n) in counts.records {
        let listed = store.list(Filter { states: vec![state], ..Filter::default() }).await.unwrap().len();
        assert_eq!(n as usize, listed, "{state}");
    }
    assert_eq!(store.list(Filter { states: vec![State::Superseded], ..Filter::default() }).await.unwrap().len(), 5);
}

pub(crate) async fn many_at_once(place: Place) {
    let store = place.open();
    let accepting = (0..500).map(|number| {
        let store = store.clone();
        tokio::spawn(async move { store.accept(event(&format!("e{}", number / 2), &format!("W-{}", number / 10), 0)).await.unwrap() })
    });
    let mut new = HashSet::new();
    let mut duplicates = 0;
    for task in accepting.collect::<Vec<_>>() {
        match task.await.unwrap() {
            Accepted::New(record) => assert!(new.insert(record)),
            Accepted::Duplicate(_) => duplicates += 1,
        }
    }
    assert_eq!((new.len(), duplicates), (250, 250));
    let working = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { tokio::time::timeout(Duration::from_secs(60), work(&*store)).await.unwrap() })
    });
    let mut done = Vec::new();
    for task in working.collect::<Vec<_>>() {
        done.extend(task.await.unwrap());
    }
    let handed_out = done.len();
    assert_eq!((handed_out, done.into_iter().collect::<HashSet<_>>()), (250, new), "each exactly once");
}

/// Delivers until nothing is left; returns what it had.
async fn work(store: &dyn Store) -> Vec<i64> {
    let mut done = Vec::new();
    while store.counts().await.unwrap().records.iter().any(|(state, n)| *n > 0 && matches!(state, State::Due | State::Sending)) {
        for claimed in store.claim(at(0), 5).await.unwrap() {
            assert!(claimed.lane.iter().all(|entry| entry.record > claimed.record || entry.state == State::Delivered), "in order");
            store.begin(claimed.record, Attempt { documents: [].into(), ..attempt(1, 0) }).await.unwrap();
            store.settle(claimed.record, end(State::Delivered, 0)).await.unwrap();
            done.push(claimed.record);
        }
    }
    done
}
