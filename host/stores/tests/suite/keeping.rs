//! How long things are kept, what erasing leaves, and copies of the whole.

use crate::{Place, given::*};
use crossdock_flow::{
    Code, Fault,
    desk::{Backend, Decision, Retention, Span, Swept, What},
    hook::{Hook, HookRun, LogLine},
    record::{Accepted, Attempt, Filter, Settlement, State},
};
use std::{collections::HashSet, time::Duration};

const DAY: i64 = 24 * 3600;

fn kept(originals: i64, runs: i64, records: i64) -> Retention {
    let days = |days: i64| Duration::from_secs((days * DAY).unsigned_abs());
    Retention { originals: days(originals), runs: days(runs), records: days(records) }
}

fn run() -> HookRun {
    let logs = vec![LogLine { level: "info".into(), text: "Mrs. Kundin gets 5 %".into() }];
    HookRun { logs, ..HookRun::new(Hook::PreMap, "discount".into(), "v1".into()) }
}

/// A record that was corrected, delivered and told everything about, ended at `at(seconds)`.
async fn rich(store: &dyn Backend, id: &str, order: &str, seconds: i64) -> i64 {
    let record = accepted(store, event(id, order, seconds)).await;
    claimed(store, seconds).await;
    let fault = Fault::new(Code::MappingLookup, "nothing for `Mrs. Kundin`").at("customer");
    let stopped = Settlement { fault: Some(fault), steps: vec!["looked for Mrs. Kundin".into()], ..end(State::Parked, seconds) };
    store.settle(record, Settlement { attempt: Some(Attempt { runs: vec![run()], ..attempt(1, 0) }), ..stopped }).await.unwrap();
    store.edit(record, edit(order, seconds, b"copy of Mrs. Kundin", seconds)).await.unwrap();
    retried(store, order, seconds).await;
    claimed(store, seconds).await;
    let sent = Attempt { edit: 1, runs: vec![run()], fetched: Some("Mrs. Kundin, fetched".into()), corrections: vec![1], ..attempt(2, 1) };
    store.begin(record, sent).await.unwrap();
    let (reason, steps) = (Some("for Mrs. Kundin".into()), vec!["sent to Mrs. Kundin".into()]);
    store.settle(record, Settlement { parts: vec![part(0, Some("100"))], reason, steps, ..end(State::Delivered, seconds) }).await.unwrap();
    record
}

async fn swept(store: &dyn Backend, retention: Retention, seconds: i64) -> Swept {
    let mut all = Swept::default();
    loop {
        let some = store.sweep(retention, at(seconds)).await.unwrap();
        if some == Swept::default() {
            return all;
        }
        all = Swept { originals: all.originals + some.originals, runs: all.runs + some.runs, records: all.records + some.records };
    }
}

pub(crate) async fn everything_has_its_time(place: Place) {
    let store = place.open();
    rich(&*store, "a", "W-1", 0).await;
    let newest = accepted(&*store, event("z", "W-9", 0)).await;
    let retention = kept(30, 90, 365);
    assert_eq!(swept(&*store, retention, 30 * DAY - 1).await, Swept::default());
    assert_eq!(swept(&*store, retention, 30 * DAY).await, Swept { originals: 2, ..Swept::default() });
    assert_eq!(swept(&*store, retention, 30 * DAY).await, Swept::default());
    let story = store.story("W-1").await.unwrap().remove(0);
    assert_eq!((story.body, &story.edits[0].body, &story.edits[0].by), (None, &None, &by(0)));
    assert_eq!(
        story.attempts_made[1].0,
        Attempt { edit: 1, runs: vec![run()], corrections: vec![1], ..attempt(2, 1) },
        "runs stay, what was fetched goes"
    );
    assert_eq!(story.attempts_made[1].1.as_ref().unwrap().steps, ["sent to Mrs. Kundin"]);
    assert_eq!(store.accept(event("a", "W-1", 99)).await, Ok(Accepted::Duplicate(story.summary.record)), "it is still known");
    // What comes to the order later finds what was sent, but not of which bytes.
    let later = accepted(&*store, event("later", "W-1", 31 * DAY)).await;
    let lane = claimed(&*store, 31 * DAY).await.into_iter().find(|claimed| claimed.record == later).unwrap().lane;
    assert_eq!((lane[0].sent.as_ref().unwrap().attempt.documents.len(), &lane[0].sent.as_ref().unwrap().body), (1, &None));
    store.unclaim(later);
    store.unclaim(newest);

    assert_eq!(swept(&*store, retention, 90 * DAY).await, Swept { runs: 2, ..Swept::default() });
    let story = store.story("W-1").await.unwrap().remove(0);
    let (attempt_made, ended) = &story.attempts_made[1];
    assert_eq!(*attempt_made, Attempt { documents: [].into(), edit: 1, corrections: vec![1], ..attempt(2, 1) });
    let ended = ended.as_ref().unwrap();
    assert_eq!((ended.steps.len(), ended.state, ended.reason.as_deref()), (0, State::Delivered, Some("for Mrs. Kundin")));
    assert_eq!((story.summary.parts, story.summary.worth), (vec![part(0, Some("100"))], attempt(1, 0).worth));
    let lane = claimed(&*store, 90 * DAY).await.into_iter().find(|claimed| claimed.record == later).unwrap().lane;
    assert_eq!((lane[0].parts.len(), &lane[0].sent), (1, &None));
    let expired: Vec<_> = story.audit.iter().filter(|line| line.what == What::Expired).map(|line| (line.at, &*line.cause, &*line.actor)).collect();
    assert_eq!(expired, [(at(30 * DAY), "original", "host"), (at(90 * DAY), "runs", "host")]);

    assert_eq!(swept(&*store, retention, 365 * DAY).await, Swept { records: 1, ..Swept::default() });
    assert_eq!(records(&*store, "W-1").await, [later]);
    assert!(store.audit(&Span::default(), 0, 99).await.unwrap().iter().all(|line| line.record != 1), "its audit goes with it, and not before");
    drop(store);
    assert_eq!(place.open().counts().await.unwrap().records.iter().map(|(_, n)| n).sum::<u64>(), 2);
}

pub(crate) async fn what_is_open_is_never_swept(place: Place) {
    let store = place.open();
    let nothing = kept(0, 0, 0);
    let mut open = HashSet::new();
    for (number, state) in (0..).zip(State::ALL) {
        let record = accepted(&*store, event(&format!("e{number}"), &format!("W-{number}"), number)).await;
        claimed(&*store, number).await;
        store.settle(record, Settlement { attempt: Some(attempt(1, 0)), at: at(number), ..again(state, 9_999_999) }).await.unwrap();
        if matches!(state, State::Due | State::Sending | State::Held | State::Parked) {
            open.insert(record);
        }
    }
    let newest = accepted(&*store, event("z", "W-Z", 50)).await;
    open.insert(newest);
    // One that was at its end and runs again is open, too.
    assert_eq!(retried(&*store, "W-4", 60).await, 1);
    open.insert(records(&*store, "W-4").await[0]);
    assert_eq!(swept(&*store, nothing, 1_000).await.records, 4);
    let left: HashSet<_> = store.list(Filter::default()).await.unwrap().into_iter().map(|summary| summary.record).collect();
    assert_eq!(left, open);
    for record in open {
        let order = store.list(Filter { records: vec![record], ..Filter::default() }).await.unwrap().remove(0).order;
        assert!(store.story(&order).await.unwrap()[0].body.is_some());
    }
}

pub(crate) async fn sweeping_takes_a_few_at_a_time_and_all_in_the_end(place: Place) {
    let store = place.open();
    let superseded = |number: i64| Settlement { reason: Some("nothing new".into()), ..end(State::Superseded, number) };
    for number in 0..700 {
        accepted(&*store, event(&format!("e{number}"), &format!("W-{number}"), number)).await;
    }
    for claimed in claimed(&*store, 700).await {
        store.settle(claimed.record, superseded(700)).await.unwrap();
    }
    let first = store.sweep(kept(1, 1, 9), at(700 + DAY)).await.unwrap();
    assert!((1..700).contains(&first.originals), "{first:?}");
    assert_eq!(first.originals + swept(&*store, kept(1, 1, 9), 700 + DAY).await.originals, 700);
    // None of them has a run to remove: that must not look as if there was nothing left to do.
    let all = swept(&*store, kept(1, 1, 2), 700 + 2 * DAY).await;
    assert_eq!((all.records, store.list(Filter::default()).await.unwrap().len()), (699, 1));
}

pub(crate) async fn a_number_is_never_given_twice(place: Place) {
    let store = place.open();
    let last = ended(&*store, "a", "W-1", State::Rejected, 0).await;
    swept(&*store, kept(0, 0, 0), 10 * DAY).await;
    drop(store);
    let store = place.open();
    assert!(accepted(&*store, event("b", "W-2", 0)).await > last);
}

pub(crate) async fn a_corrected_copy_begins_its_time_anew(place: Place) {
    let store = place.open();
    let record = ended(&*store, "a", "W-1", State::Rejected, 0).await;
    accepted(&*store, event("z", "W-9", 0)).await;
    assert_eq!(swept(&*store, kept(30, 90, 365), 40 * DAY).await.originals, 1);
    let fault = store.decide(&[record], Decision::Retry, &by(40 * DAY)).await.unwrap_err();
    assert_eq!((fault.code, fault.message.contains("original")), (Code::NotNow, true));
    store.edit(record, edit("W-1", 0, b"copy", 41 * DAY)).await.unwrap();
    assert_eq!(swept(&*store, kept(30, 90, 365), 50 * DAY).await, Swept::default());
    assert_eq!(retried(&*store, "W-1", 51 * DAY).await, 1);
    assert_eq!(claimed(&*store, 51 * DAY).await.into_iter().find(|claimed| claimed.record == record).unwrap().body, b"copy");
    store.settle(record, Settlement { attempt: Some(Attempt { edit: 1, ..attempt(2, 0) }), ..end(State::Rejected, 52 * DAY) }).await.unwrap();
    assert_eq!(swept(&*store, kept(30, 90, 365), 82 * DAY).await.originals, 1);
}

pub(crate) async fn erasing_leaves_amounts_numbers_states_and_times(place: Place) {
    let store = place.open();
    let record = rich(&*store, "a", "W-1", 0).await;
    let other = rich(&*store, "b", "W-2", 1).await;
    let before = store.story("W-1").await.unwrap().remove(0);
    assert_eq!(store.erase("W-1", &by(9)).await, Ok(1));
    assert_eq!(store.erase("W-1", &by(10)).await, Ok(0), "once");
    assert_eq!(store.erase("nobody", &by(9)).await, Ok(0));
    drop(store);
    let store = place.open();
    let story = store.story("W-1").await.unwrap().remove(0);
    assert!(!format!("{story:?}").contains("Kundin") && !serde_json::to_string(&story).unwrap().contains("Kundin"), "{story:?}");
    assert_eq!((story.body, &story.edits[0].body, &story.edits[0].by), (None, &None, &by(0)), "what a person wrote stays");
    let (is, was) = (&story.summary, &before.summary);
    assert_eq!((&is.parts, is.worth, is.state, is.received_at, is.attempts), (&was.parts, was.worth, was.state, was.received_at, 2));
    let (first, first_end) = &story.attempts_made[0];
    assert_eq!((first, first_end.as_ref().unwrap().fault.as_ref().unwrap().code), (&attempt(1, 0), Code::MappingLookup));
    assert_eq!(story.attempts_made[1].0, Attempt { documents: [].into(), edit: 1, corrections: vec![1], ..attempt(2, 1) });
    let ends = |attempts: &[(Attempt, Option<crossdock_flow::record::Ended>)]| {
        attempts.iter().map(|(_, end)| end.as_ref().map(|end| (end.at, end.state))).collect::<Vec<_>>()
    };
    assert_eq!(ends(&story.attempts_made), ends(&before.attempts_made));
    let steps = |audit: &[crossdock_flow::desk::Entry]| audit.iter().map(|line| (line.at, line.what, line.from, line.to)).collect::<Vec<_>>();
    let (last, lines) = story.audit.split_last().unwrap();
    assert_eq!(steps(lines), steps(&before.audit));
    assert_eq!(
        (last.what, last.from, last.to, &*last.actor, &*last.cause),
        (What::Erased, Some(State::Delivered), State::Delivered, "ada", "called the customer")
    );
    assert_eq!(lines[1].cause, "E303");
    let untouched = store.story("W-2").await.unwrap().remove(0);
    assert_eq!((untouched.summary.record, untouched.body.is_some(), untouched.attempts_made[1].0.runs.len()), (other, true, 1));
    assert_eq!(store.accept(event("a", "W-1", 99)).await, Ok(Accepted::Duplicate(record)), "it is still known");
}

pub(crate) async fn nothing_is_erased_while_something_is_open(place: Place) {
    let store = place.open();
    ended(&*store, "a", "W-1", State::Delivered, 0).await;
    let open = accepted(&*store, event("b", "W-1", 1)).await;
    let refused = async |state: State| {
        let fault = store.erase("W-1", &by(9)).await.unwrap_err();
        assert_eq!((fault.code, fault.message.contains(state.name())), (Code::NotNow, true), "{fault}");
        let story = store.story("W-1").await.unwrap();
        assert!(story.iter().all(|story| story.body.is_some() && story.audit.iter().all(|line| line.what != What::Erased)));
    };
    refused(State::Due).await;
    claimed(&*store, 9).await;
    store.begin(open, attempt(1, 1)).await.unwrap();
    for state in [State::Sending, State::Held, State::Parked] {
        claimed(&*store, 9).await;
        store.settle(open, again(state, 9)).await.unwrap();
        refused(state).await;
    }
    decided(&*store, "W-1", Decision::Discard, 9).await.unwrap();
    assert_eq!(store.erase("W-1", &by(9)).await, Ok(2));
}

pub(crate) async fn a_backup_is_whole_while_everything_goes_on(place: Place) {
    let store = place.open();
    for number in 0..200 {
        ended(&*store, &format!("e{number}"), &format!("W-{number}"), State::Delivered, number).await;
    }
    rich(&*store, "rich", "W-RICH", 300).await;
    let (from, writing) = (store.clone(), store.clone());
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let writer = tokio::spawn(async move {
        let mut number = 1_000;
        while !*stopped.borrow() {
            ended(&*writing, &format!("e{number}"), &format!("W-{number}"), State::Delivered, number).await;
            number += 1;
        }
        number
    });
    let copy = place.path().with_file_name("copy.db");
    from.backup(&copy).await.unwrap();
    stop.send(true).unwrap();
    let last = writer.await.unwrap();
    let copied = place.open_at(&copy);
    let list = copied.list(Filter::default()).await.unwrap();
    assert!((201..=201 + usize::try_from(last - 1_000).unwrap()).contains(&list.len()), "{}", list.len());
    // One moment: nobody is counted who is not there, and everybody has everything.
    assert_eq!(copied.counts().await.unwrap().records.iter().map(|(_, n)| *n).sum::<u64>(), list.len() as u64);
    for summary in list {
        let story = copied.story(&summary.order).await.unwrap();
        assert!(story[0].body.is_some());
        // One that was on its way has gone on since.
        if summary.state == State::Delivered {
            assert_eq!(story, store.story(&summary.order).await.unwrap());
        }
    }
    // It is a store like any other.
    accepted(&*copied, event("new", "W-NEW", 0)).await;
    for taken in [&copy, &place.path()] {
        let fault = store.backup(taken).await.unwrap_err();
        assert_eq!((fault.code, fault.message.contains("file already")), (Code::Store, true));
    }
    let nowhere = place.path().with_file_name("nowhere").join("copy.db");
    assert_eq!(store.backup(&nowhere).await.unwrap_err().code, Code::Store);
    let files: HashSet<_> = std::fs::read_dir(copy.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(files.iter().all(|name| !name.to_string_lossy().contains("part")), "{files:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        assert_eq!(std::fs::metadata(&copy).unwrap().mode() & 0o777, 0o600, "orders are personal data");
    }
}
