//! What people do: retry, discard, edit; and what the host writes down beside the records.

use crate::{Place, given::*};
use crossdock_flow::{
    Code, Fault,
    correct::{Correction, Fix},
    desk::{Backend, Decision, Edit, Edited},
    record::{Attempt, Event, Filter, Kind, SentBefore, Settlement, State},
};

async fn state(store: &dyn Backend, record: i64) -> State {
    store.list(Filter { records: vec![record], ..Filter::default() }).await.unwrap()[0].state
}

pub(crate) async fn decisions_are_made_once_and_only_on_what_stopped(place: Place) {
    let store = place.open();
    let mut all = vec![77];
    for (number, state) in (0..).zip(State::ALL) {
        let record = accepted(&*store, event(&format!("e{number}"), &format!("W-{number}"), number)).await;
        claimed(&*store, number).await;
        store.settle(record, again(state, 9_999)).await.unwrap();
        all.push(record);
    }
    // In the order in which they were named, each once.
    all.reverse();
    all.extend(all.clone());
    for decision in [Decision::Retry, Decision::Discard] {
        let stopped = |summary: &&crossdock_flow::record::Summary| matches!(summary.state, State::Held | State::Parked | State::Rejected);
        let list = store.list(Filter::default()).await.unwrap();
        let expected: Vec<_> = list.iter().filter(stopped).map(|summary| summary.record).collect();
        assert_eq!(store.decide(&all, decision, &by(10_000)).await.unwrap(), expected);
        assert_eq!(store.decide(&all, decision, &by(10_001)).await.unwrap(), Vec::<i64>::new());
        for claimed in claimed(&*store, 10_000).await {
            store.settle(claimed.record, end(State::Parked, 10_000)).await.unwrap();
        }
    }
    assert_eq!(store.decide(&[], Decision::Discard, &by(0)).await, Ok(vec![]));
}

pub(crate) async fn discarded_is_over(place: Place) {
    let store = place.open();
    let a = ended(&*store, "a", "W-1", State::Parked, 0).await;
    let b = accepted(&*store, event("b", "W-1", 1)).await;
    assert_eq!(store.decide(&[a, b], Decision::Discard, &by(2)).await.unwrap(), [a], "what is due is passed over");
    drop(store);
    let store = place.open();
    assert_eq!(ids(&*store, 1_000_000).await, [b], "nor does it stand in the way");
    let story = store.story("W-1").await.unwrap().remove(0);
    assert_eq!((story.summary.state, story.summary.due_at), (State::Discarded, None));
    assert_eq!(store.counts().await.unwrap().records.iter().filter(|(_, n)| *n > 0).count(), 2);
    assert_eq!(retried(&*store, "W-1", 3).await, 0, "not even by retrying");
}

pub(crate) async fn what_may_be_in_the_erp_cannot_be_given_up(place: Place) {
    let store = place.open();
    let other = ended(&*store, "o", "W-0", State::Parked, 0).await;
    let a = accepted(&*store, event("a", "W-1", 0)).await;
    claimed(&*store, 0).await;
    store.begin(a, attempt(1, 2)).await.unwrap();
    for number in [None, Some("100")] {
        store.settle(a, Settlement { parts: vec![part(1, number)], ..end(State::Parked, 1) }).await.unwrap();
        let fault = store.decide(&[other, a], Decision::Discard, &by(2)).await.unwrap_err();
        assert_eq!((fault.code, fault.message.contains(&format!("record {a} "))), (Code::NotNow, true));
        assert_eq!(state(&*store, other).await, State::Parked, "all of it or nothing");
        assert_eq!(retried(&*store, "W-1", 3).await, 1);
        assert_eq!(ids(&*store, 3).await, [a]);
    }
    store.settle(a, end(State::Parked, 4)).await.unwrap();
    assert_eq!(decided(&*store, "W-1", Decision::Discard, 5).await, Ok(1), "once it is known that none is there");
}

pub(crate) async fn an_edit_is_a_copy_beside_the_original(place: Place) {
    let store = place.open();
    for (number, stopped) in [State::Parked, State::Held, State::Rejected].into_iter().enumerate() {
        let (id, order) = (format!("e{number}"), format!("W-{number}"));
        let record = ended(&*store, &id, &order, stopped, 0).await;
        for (count, body) in [(1, "copy"), (2, "better copy")] {
            let given = Edit { kind: Kind::Updated, ..edit(&order, 6 + i64::from(count), body.as_bytes(), 1) };
            assert_eq!(store.edit(record, given).await, Ok(count));
        }
        assert_eq!(state(&*store, record).await, stopped, "it waits for its decision");
        let expected = [(1, "copy"), (2, "better copy")].map(|(number, body)| Edited { number, by: by(1), body: Some(body.into()) });
        assert_eq!(store.edits(record).await.unwrap(), expected);
        let story = store.story(&order).await.unwrap().remove(0);
        assert_eq!((story.body, &story.edits[..], story.version), (Some(event(&id, &order, 0).body), &expected[..], 8));
        retried(&*store, &order, 2).await;
    }
    drop(store);
    let store = place.open();
    for claimed in claimed(&*store, 2).await {
        assert_eq!((&claimed.body[..], claimed.edit, claimed.version, claimed.kind), (&b"better copy"[..], 2, 8, Kind::Updated));
        store.begin(claimed.record, Attempt { edit: 2, ..attempt(2, 1) }).await.unwrap();
    }
    assert_eq!(store.list(Filter { states: vec![State::Sending], ..Filter::default() }).await.unwrap().len(), 3);
    assert_eq!(store.edits(77).await, Ok(vec![]));
}

pub(crate) async fn only_what_stopped_and_is_not_in_the_erp_can_be_edited(place: Place) {
    let store = place.open();
    let mut refused = vec![77];
    for state in [State::Due, State::Sending, State::Delivered, State::Cancelled, State::Superseded, State::Discarded] {
        let record = accepted(&*store, event(state.name(), state.name(), 0)).await;
        claimed(&*store, 0).await;
        store.settle(record, again(state, 9_999)).await.unwrap();
        refused.push(record);
    }
    let split = accepted(&*store, event("split", "W-1", 0)).await;
    claimed(&*store, 0).await;
    store.begin(split, attempt(1, 2)).await.unwrap();
    store.settle(split, Settlement { parts: vec![part(0, Some("100"))], ..end(State::Parked, 0) }).await.unwrap();
    refused.push(split);
    for record in refused {
        assert_eq!(store.edit(record, edit("W-9", 9, b"copy", 1)).await.unwrap_err().code, Code::NotNow);
        assert_eq!(store.edits(record).await, Ok(vec![]));
    }
    assert_eq!(records(&*store, "W-9").await, Vec::<i64>::new());
}

pub(crate) async fn an_unreadable_event_gets_the_place_that_its_copy_says(place: Place) {
    let store = place.open();
    let fault = Fault::new(Code::Malformed, "no object");
    let lost = accepted(&*store, Event { unreadable: Some(fault), ..event("lost", "event:lost", 0) }).await;
    let later = accepted(&*store, event("later", "W-1", 1)).await;
    assert_eq!(ids(&*store, 1).await, [later]);
    store.edit(lost, Edit { kind: Kind::Updated, ..edit("W-1", 7, b"found", 2) }).await.unwrap();
    assert_eq!(records(&*store, "event:lost").await, Vec::<i64>::new());
    assert_eq!(records(&*store, "W-1").await, [lost, later]);
    assert_eq!(retried(&*store, "W-1", 3).await, 1);
    assert!(claimed(&*store, 3).await.is_empty(), "the other one of its order is out");
    store.settle(later, again(State::Due, 3)).await.unwrap();
    let found = claimed(&*store, 3).await.remove(0);
    assert_eq!((found.record, &*found.order, found.version, found.kind, found.lane.len()), (lost, "W-1", 7, Kind::Updated, 1));
    assert_eq!((&found.body[..], &found.event_id[..]), (&b"found"[..], "lost"));
    assert!(claimed(&*store, 3).await.is_empty(), "it came earlier: the other one waits");
    assert_eq!(store.accept(event("lost", "event:lost", 9)).await, Ok(crossdock_flow::record::Accepted::Duplicate(lost)));
}

pub(crate) async fn a_worker_never_overrules_a_person(place: Place) {
    let store = place.open();
    let record = accepted(&*store, event("a", "W-1", 0)).await;
    claimed(&*store, 0).await;
    store.settle(record, Settlement { attempt: Some(attempt(1, 0)), ..again(State::Held, 5) }).await.unwrap();
    // A worker has it when a person corrects it, and then when a person gives it up.
    assert_eq!(claimed(&*store, 5).await[0].edit, 0);
    store.edit(record, edit("W-1", 0, b"copy", 5)).await.unwrap();
    assert_eq!(store.begin(record, attempt(2, 1)).await.unwrap_err().code, Code::NotNow, "it would send what was corrected");
    store.unclaim(record);
    assert_eq!(claimed(&*store, 5).await[0].edit, 1);
    assert_eq!(decided(&*store, "W-1", Decision::Discard, 6).await, Ok(1));
    assert_eq!(store.begin(record, Attempt { edit: 1, ..attempt(2, 1) }).await.unwrap_err().code, Code::NotNow);
    assert_eq!(store.settle(record, again(State::Due, 7)).await.unwrap_err().code, Code::NotNow);
    assert_eq!(state(&*store, record).await, State::Discarded);
    assert!(claimed(&*store, 1_000_000).await.is_empty());
    assert_eq!(store.story("W-1").await.unwrap()[0].attempts_made.len(), 1, "nothing of it was written");
}

pub(crate) async fn the_lane_tells_what_was_sent_last(place: Place) {
    let store = place.open();
    let record = ended(&*store, "a", "W-1", State::Parked, 0).await;
    let mut expected = Vec::new();
    for (number, body, fetched) in [(1, "copy", None), (2, "thin copy", Some("fetched"))] {
        store.edit(record, edit("W-1", 0, body.as_bytes(), 1)).await.unwrap();
        retried(&*store, "W-1", 1).await;
        claimed(&*store, 1).await;
        let attempt = Attempt { edit: number, fetched: fetched.map(Into::into), ..attempt(1 + number, 2) };
        store.begin(record, attempt.clone()).await.unwrap();
        expected.push(SentBefore { attempt, body: Some(fetched.unwrap_or(body).into()) });
        if number == 1 {
            store.settle(record, end(State::Parked, 1)).await.unwrap();
        }
    }
    store.settle(record, Settlement { parts: vec![part(0, Some("100"))], ..end(State::Delivered, 2) }).await.unwrap();
    let later = accepted(&*store, event("b", "W-1", 3)).await;
    let lane = claimed(&*store, 3).await.remove(0).lane;
    assert_eq!(lane[0].sent, expected.pop());
    // An attempt that came to no documents is not what was sent.
    store.settle(later, Settlement { attempt: Some(attempt(1, 0)), parts: vec![part(0, Some("100"))], ..end(State::Parked, 3) }).await.unwrap();
    accepted(&*store, event("c", "W-1", 4)).await;
    let lane = claimed(&*store, 4).await.remove(0).lane;
    assert_eq!((lane[0].sent.is_some(), lane[1].parts.len(), &lane[1].sent), (true, 1, &None));
}

pub(crate) async fn corrections_are_remembered_until_forgotten(place: Place) {
    let store = place.open();
    let correction = |path: &str, fix| Correction { id: 0, connection: "shop".into(), path: path.into(), fix, by: by(1) };
    let comma = correction("total", Fix::DecimalComma);
    let sku = correction("lineItems[*].sku", Fix::Replace { from: "A 1".into(), to: "A-1".into() });
    let first = store.remember(comma.clone()).await.unwrap();
    let second = store.remember(sku.clone()).await.unwrap();
    assert!(second > first);
    assert_eq!(store.remember(Correction { by: by(9), ..comma.clone() }).await, Ok(first), "it is there already");
    let other = store.remember(Correction { connection: "other".into(), ..comma.clone() }).await.unwrap();
    drop(store);
    let store = place.open();
    assert_eq!(store.corrections().await.unwrap()[..2], [Correction { id: first, ..comma.clone() }, Correction { id: second, ..sku.clone() }]);
    assert_eq!(
        (store.forget(first, &by(2)).await, store.forget(first, &by(2)).await, store.forget(77, &by(2)).await),
        (Ok(true), Ok(false), Ok(false))
    );
    store.forget(other, &by(2)).await.unwrap();
    let again = store.remember(comma.clone()).await.unwrap();
    assert!(again > other, "attempts name corrections: a number never means another one");
    assert_eq!(store.corrections().await.unwrap(), [Correction { id: second, ..sku }, Correction { id: again, ..comma }]);
}

pub(crate) async fn what_stands_beside_the_records_is_kept(place: Place) {
    let store = place.open();
    assert_eq!(store.cursor("shop").await, Ok(None));
    for seconds in [5, 9, 9, 7] {
        store.set_cursor("shop", at(seconds)).await.unwrap();
    }
    store.set_cursor("other", at(1)).await.unwrap();
    for version in [3, 9, 4] {
        accepted(&*store, event(&format!("e{version}"), "W-1", version)).await;
    }
    accepted(&*store, Event { connection: "other".into(), ..event("e20", "W-1", 20) }).await;
    store.alert(at(3), "books-differ", "sage", "one order is missing").await.unwrap();
    drop(store);
    let store = place.open();
    assert_eq!((store.cursor("shop").await, store.cursor("other").await), (Ok(Some(at(7))), Ok(Some(at(1)))));
    assert_eq!(store.newest_version("shop", "W-1").await, Ok(Some(9)));
    assert_eq!(store.newest_version("other", "W-1").await, Ok(Some(20)));
    assert_eq!((store.newest_version("shop", "W-2").await, store.newest_version("nobody", "W-1").await), (Ok(None), Ok(None)));
    let alert = store.alerts(0).await.unwrap().remove(0);
    assert_eq!((alert.at, &*alert.kind, &*alert.subject, &*alert.message), (at(3), "books-differ", "sage", "one order is missing"));
}

pub(crate) async fn a_clock_that_was_ahead_leaves_nothing_stuck(place: Place) {
    let store = place.open();
    let ahead = 10_000_000;
    let first = accepted(&*store, event("a", "W-1", ahead)).await;
    // Behind it, and therefore out of sight.
    let behind = accepted(&*store, event("b", "W-1", ahead + 1)).await;
    let held = accepted(&*store, event("c", "W-2", 0)).await;
    assert_eq!(ids(&*store, 5).await, [held]);
    store.settle(held, Settlement { attempt: Some(attempt(1, 0)), ..again(State::Held, ahead) }).await.unwrap();
    let soon = accepted(&*store, event("d", "W-3", 8)).await;
    assert!(claimed(&*store, 7).await.is_empty(), "the clock is right again, and they are far away");
    assert_eq!(store.bring_forward(at(9)).await, Ok(3));
    assert_eq!(store.bring_forward(at(9)).await, Ok(0));
    assert!(claimed(&*store, 7).await.is_empty());
    assert_eq!(ids(&*store, 9).await, [soon, first, held], "what was due earlier stays so");
    store.settle(first, end(State::Parked, 9)).await.unwrap();
    assert_eq!(ids(&*store, 9).await, [behind]);
}

pub(crate) async fn many_decided_at_once_keep_their_lanes(place: Place) {
    let store = place.open();
    let mut all = Vec::new();
    for number in 0..300 {
        let (id, order) = (format!("e{number}"), format!("W-{}", number % 100));
        all.push(ended(&*store, &id, &order, State::Parked, number).await);
    }
    assert_eq!(store.decide(&all, Decision::Retry, &by(1_000)).await.unwrap().len(), 300);
    for round in 0..3 {
        let out = ids(&*store, 1_000).await;
        assert_eq!(out, all[round * 100..(round + 1) * 100], "one of each order at a time");
        for record in out {
            store.settle(record, end(State::Delivered, 1_000)).await.unwrap();
        }
    }
}
