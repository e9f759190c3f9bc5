//! What is told of a record: every change of its state, once, in the order in which it happened.

use crate::{Place, given::*};
use crossdock_flow::{
    Code, Fault,
    desk::{Backend, Decision, Entry, Span, What},
    record::{Attempt, Event, Settlement, State},
};

async fn told(store: &dyn Backend, order: &str, place: usize) -> Vec<Entry> {
    store.story(order).await.unwrap().remove(place).audit
}

fn short(entries: &[Entry]) -> Vec<(What, Option<State>, State, &str)> {
    entries.iter().map(|entry| (entry.what, entry.from, entry.to, entry.cause.as_str())).collect()
}

async fn everything(store: &dyn Backend, span: Span) -> Vec<Entry> {
    store.audit(&span, 0, 10_000).await.unwrap()
}

pub(crate) async fn an_order_that_nothing_stops_is_told_in_three_lines(place: Place) {
    let store = place.open();
    let record = accepted(&*store, event("a", "W-1", 1)).await;
    claimed(&*store, 1).await;
    store.begin(record, Attempt { begun_at: Some(at(2)), ..attempt(1, 1) }).await.unwrap();
    drop(store); // Even over a crash.
    let store = place.open();
    claimed(&*store, 5).await;
    store.settle(record, Settlement { parts: vec![part(0, Some("100"))], ..end(State::Delivered, 6) }).await.unwrap();
    let line = |seconds, actor: &str, what, from, to| {
        let (order, actor, cause) = ("W-1".into(), actor.into(), String::new());
        Entry { at: at(seconds), record, order, actor, what, from, to, cause }
    };
    let expected = [
        line(1, "shop", What::Accepted, None, State::Due),
        line(2, "host", What::Begun, Some(State::Due), State::Sending),
        line(6, "host", What::Ended, Some(State::Sending), State::Delivered),
    ];
    assert_eq!(told(&*store, "W-1", 0).await, expected);
    assert_eq!(everything(&*store, Span::default()).await, expected);
    // What comes later leaves them as they are.
    let change = accepted(&*store, event("b", "W-1", 7)).await;
    claimed(&*store, 7).await;
    store.settle(change, Settlement { supersedes: vec![record], ..end(State::Delivered, 8) }).await.unwrap();
    let lines = told(&*store, "W-1", 0).await;
    assert_eq!(lines[..3], expected);
    let cause = format!("superseded by record {change}");
    assert_eq!(short(&lines[3..]), [(What::Superseded, Some(State::Delivered), State::Superseded, &*cause)]);
}

pub(crate) async fn every_other_way_is_told_step_by_step(place: Place) {
    let store = place.open();
    let fault = Fault::new(Code::Malformed, "no object");
    let record = accepted(&*store, Event { unreadable: Some(fault.clone()), ..event("a", "event:a", 0) }).await;
    store.edit(record, edit("W-1", 1, b"copy", 1)).await.unwrap();
    retried(&*store, "W-1", 2).await;
    claimed(&*store, 2).await;
    store.settle(record, Settlement { reason: Some("credit".into()), attempt: Some(attempt(1, 0)), ..again(State::Held, 4) }).await.unwrap();
    claimed(&*store, 4).await;
    let unknown = Fault::new(Code::Unknown, "no answer");
    let edited = |number| Attempt { edit: 1, begun_at: Some(at(5)), ..attempt(number, 1) };
    store.begin(record, edited(2)).await.unwrap();
    // The same attempt ends three times: each is told.
    store.settle(record, Settlement { fault: Some(unknown.clone()), parts: vec![part(0, None)], ..again(State::Sending, 6) }).await.unwrap();
    claimed(&*store, 6).await;
    store.settle(record, Settlement { fault: Some(unknown.clone()), parts: vec![part(0, None)], ..again(State::Parked, 7) }).await.unwrap();
    retried(&*store, "W-1", 8).await;
    claimed(&*store, 8).await;
    store.settle(record, again(State::Due, 9)).await.unwrap();
    claimed(&*store, 9).await;
    store.settle(record, Settlement { reason: Some("nothing new".into()), ..end(State::Rejected, 9) }).await.unwrap();
    decided(&*store, "W-1", Decision::Discard, 10).await.unwrap();
    let lines = told(&*store, "W-1", 0).await;
    let (why, unreadable, unknown) = ("called the customer", fault.to_string(), unknown.to_string());
    assert_eq!(
        short(&lines),
        [
            (What::Accepted, None, State::Parked, &*unreadable),
            (What::Edited, Some(State::Parked), State::Parked, "called the customer (was `event:a`)"),
            (What::Retried, Some(State::Parked), State::Due, why),
            (What::Ended, Some(State::Due), State::Held, "credit"),
            (What::Begun, Some(State::Held), State::Sending, ""),
            (What::Ended, Some(State::Sending), State::Sending, &*unknown),
            (What::Ended, Some(State::Sending), State::Parked, &*unknown),
            (What::Retried, Some(State::Parked), State::Sending, why),
            (What::Ended, Some(State::Sending), State::Due, ""),
            (What::Ended, Some(State::Due), State::Rejected, "nothing new"),
            (What::Discarded, Some(State::Rejected), State::Discarded, why),
        ]
    );
    let actors: Vec<_> = lines.iter().map(|line| line.actor.as_str()).collect();
    assert_eq!(actors, ["shop", "ada", "ada", "host", "host", "host", "host", "ada", "host", "host", "ada"]);
    assert!(lines.iter().all(|line| line.order == "W-1" && line.record == record));
}

pub(crate) async fn a_refused_change_is_not_told(place: Place) {
    let store = place.open();
    let record = ended(&*store, "a", "W-1", State::Delivered, 0).await;
    let before = everything(&*store, Span::default()).await;
    store.decide(&[record], Decision::Discard, &by(1)).await.unwrap();
    store.edit(record, edit("W-1", 1, b"copy", 1)).await.unwrap_err();
    store.begin(record, attempt(2, 1)).await.unwrap_err();
    store.settle(record, end(State::Parked, 1)).await.unwrap_err();
    store.accept(event("a", "W-1", 9)).await.unwrap();
    assert_eq!(everything(&*store, Span::default()).await, before);
}

pub(crate) async fn the_audit_is_read_by_time_order_and_page(place: Place) {
    let store = place.open();
    for number in 0..9 {
        let state = if number % 2 == 0 { State::Delivered } else { State::Parked };
        ended(&*store, &format!("e{number}"), &format!("W-{number}"), state, number * 10).await;
    }
    retried(&*store, "W-1", 500).await;
    let all = everything(&*store, Span::default()).await;
    assert_eq!(all.len(), 5 * 3 + 4 * 2 + 1);
    // Those of `begin` are at the attempt's own time.
    assert!(all.windows(2).all(|pair| pair[0].at <= pair[1].at));
    assert_eq!((all[all.len() - 1].what, &*all[all.len() - 1].order), (What::Retried, "W-1"));
    for size in [1, 7, 24] {
        let mut paged = Vec::new();
        loop {
            let page = store.audit(&Span::default(), paged.len(), size).await.unwrap();
            assert!(page.len() <= size);
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, all);
    }
    let only = |span: Span| all.iter().filter(move |entry| within(&span, entry)).cloned().collect::<Vec<_>>();
    for order in [None, Some("W-1".into()), Some("W-2".into()), Some("nobody".into())] {
        for (since, until) in [(None, None), (Some(at(10)), None), (None, Some(at(20))), (Some(at(10)), Some(at(10))), (Some(at(10)), Some(at(500)))]
        {
            let span = Span { order: order.clone(), since, until };
            assert_eq!(everything(&*store, span.clone()).await, only(span));
        }
    }
}

fn within(span: &Span, entry: &Entry) -> bool {
    span.order.as_ref().is_none_or(|order| *order == entry.order)
        && span.since.is_none_or(|since| entry.at >= since)
        && span.until.is_none_or(|until| entry.at < until)
}

pub(crate) async fn a_clock_that_goes_back_does_not_change_the_order_of_a_story(place: Place) {
    let store = place.open();
    let record = accepted(&*store, event("a", "W-1", 100)).await;
    claimed(&*store, 100).await;
    store.settle(record, Settlement { attempt: Some(attempt(1, 0)), ..end(State::Parked, 50) }).await.unwrap();
    retried(&*store, "W-1", 20).await;
    claimed(&*store, 20).await;
    store.settle(record, Settlement { attempt: Some(attempt(2, 0)), ..end(State::Rejected, 10) }).await.unwrap();
    let lines = told(&*store, "W-1", 0).await;
    assert_eq!(lines.iter().map(|line| line.to).collect::<Vec<_>>(), [State::Due, State::Parked, State::Due, State::Rejected]);
    assert!(lines.windows(2).all(|pair| pair[1].from == Some(pair[0].to)));
}
