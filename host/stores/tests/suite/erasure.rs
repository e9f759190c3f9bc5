//! How long what is kept alike keeps its words, and what erasing leaves of a customer.

use crate::{
    Place,
    given::{at, by},
};
use crossdock_flow::{
    Code, Fault,
    desk::{Backend, Retention, Span, Swept, What},
    entity::{
        Side,
        content::Content,
        echo::{Entity, Kind},
    },
    hook::{Hook, HookRun, LogLine},
    sync::{
        State,
        ledger::{Arrival, Claimed, Erasure, Original, Ruled, Settled, Story, Twin, Which},
        peer::News,
    },
};
use std::time::Duration;

const DAY: i64 = 24 * 3600;

fn kept(originals: i64, runs: i64) -> Retention {
    let days = |days: i64| Duration::from_secs((days * DAY).unsigned_abs());
    Retention { originals: days(originals), runs: days(runs), records: days(365) }
}

fn arrival(kind: Kind, side: Side, key: &str, version: i64) -> Arrival {
    let body = format!("{{\"id\":\"{key}\",\"version\":{version},\"name\":\"Mrs. Kundin\"}}").into_bytes();
    let news = News { key: key.into(), version, changed_at: at(version), origin: "clerk Kundin".into(), body };
    Arrival { flow: format!("{kind}-{}", if side == Side::Shop { "in" } else { "out" }), kind, side, news, received_at: at(version) }
}

/// Takes a row in and claims it.
async fn claimed(store: &dyn Backend, arrival: Arrival) -> Claimed {
    let key = arrival.news.key.clone();
    assert_eq!(store.take_in(vec![arrival], None).await.unwrap(), 1);
    store.claim_changes(at(90 * DAY), 99).await.unwrap().into_iter().find(|one| one.arrival.news.key == key).unwrap()
}

/// A run of a rule that tells of the customer, and what it was asked about.
fn ruled() -> Ruled {
    let logs = vec![LogLine { level: "info".into(), text: "Mrs. Kundin gets TRADE".into() }];
    let run = HookRun { logs, ..HookRun::new(Hook::PreMapCustomer, "codes".into(), "v1".into()) };
    Ruled { runs: vec![run], came: Some(b"Mrs. Kundin".into()) }
}

/// An end at `at(9)`, of which everything tells of the customer.
fn end(version: i64, state: State) -> Settled {
    let is_stopped = state == State::Parked;
    Settled {
        version,
        state,
        due_at: None,
        tries: 1,
        fault: is_stopped.then(|| Fault::new(Code::CustomerUnclear, "who is Mrs. Kundin?")),
        reason: (!is_stopped).then(|| "Mrs. Kundin is there".into()),
        partner: None,
        twin: None,
        steps: vec!["looked for Mrs. Kundin".into()],
        ruled: Some(ruled()),
        quarantined: Vec::new(),
        started_at: at(8),
        at: at(9),
    }
}

async fn settled(store: &dyn Backend, arrival: Arrival, state: State, twin: Option<Twin>) {
    let (kind, version) = (arrival.kind, arrival.news.version);
    let row = claimed(store, arrival).await.row;
    store.settle_change(row, kind, Settled { twin, ..end(version, state) }).await.unwrap();
}

async fn story(store: &dyn Backend, kind: Kind, key: &str) -> Story {
    store.change_story(Which { kind: Some(kind), key: Some(key.into()), ..Which::default() }).await.unwrap().remove(0)
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

fn erasure(key: &str) -> Erasure {
    Erasure { kind: Kind::Customer, key: key.into(), side: None, is_forced: false }
}

pub(crate) async fn what_is_kept_alike_has_its_time(place: Place) {
    let store = place.open();
    let customer = || arrival(Kind::Customer, Side::Shop, "W1", 1);
    settled(&*store, customer(), State::Settled, None).await;
    settled(&*store, arrival(Kind::Stock, Side::Erp, "A@TOR", 1), State::NoOp, None).await;
    settled(&*store, arrival(Kind::Customer, Side::Shop, "W2", 1), State::Parked, None).await;
    claimed(&*store, arrival(Kind::Product, Side::Erp, "DUE", 1)).await;
    assert_eq!(swept(&*store, kept(30, 90), 9 + 30 * DAY - 1).await, Swept::default());
    assert_eq!(swept(&*store, kept(30, 90), 9 + 30 * DAY).await, Swept { originals: 1, ..Swept::default() });
    let told = story(&*store, Kind::Customer, "W1").await;
    assert_eq!((told.row.original, told.attempts_made[0].steps.len(), told.row.state), (Original::Expired, 1, State::Settled));
    let Ruled { runs, .. } = ruled();
    assert_eq!((&told.attempts_made[0].runs, &told.attempts_made[0].came), (&runs, &None), "runs stay, what they were asked about goes");
    assert_eq!(story(&*store, Kind::Stock, "A@TOR").await.row.original, Original::Kept, "it is of nobody, and comes again by itself");
    // It is still known: the same is no news, and something else under the same version is.
    assert_eq!(store.take_in(vec![customer()], None).await.unwrap(), 0);
    assert_eq!(swept(&*store, kept(30, 90), 9 + 90 * DAY).await, Swept { runs: 2, ..Swept::default() });
    let told = story(&*store, Kind::Customer, "W1").await;
    let [attempt] = &told.attempts_made[..] else { panic!() };
    assert_eq!((attempt.steps.len(), attempt.runs.len(), told.row.reason.is_some()), (0, 0, true));
    assert_eq!(swept(&*store, kept(30, 90), 900 * DAY).await, Swept::default(), "once, and never what waits");
    for (kind, key) in [(Kind::Customer, "W2"), (Kind::Product, "DUE")] {
        assert_eq!(story(&*store, kind, key).await.row.original, Original::Kept, "{key}");
    }
    // What comes anew has a time of its own, and what is tried again has words of its own.
    let mut other = customer();
    other.news.body = b"another name".into();
    settled(&*store, other, State::Settled, None).await;
    assert_eq!(story(&*store, Kind::Customer, "W1").await.row.original, Original::Kept);
    assert_eq!(swept(&*store, kept(30, 90), 9 + 90 * DAY).await, Swept { originals: 1, runs: 1, ..Swept::default() });
}

pub(crate) async fn erasing_a_customer_leaves_keys_states_and_times(place: Place) {
    let store = place.open();
    let mut base = Content::new();
    base.text("name", "Mrs. Kundin");
    let mut twin = Twin { shop: "W1".into(), erp: "C1".into(), base: Some(base.clone()), ..Twin::default() };
    twin.echo.wrote(Entity::new(Side::Erp, Kind::Customer, "C1"), &base, at(9));
    let [shop, erp] = [arrival(Kind::Customer, Side::Shop, "W1", 1), arrival(Kind::Customer, Side::Erp, "C1", 1)];
    settled(&*store, shop.clone(), State::Settled, Some(twin.clone())).await;
    settled(&*store, erp.clone(), State::NoOp, Some(twin.clone())).await;
    settled(&*store, arrival(Kind::Customer, Side::Shop, "W2", 1), State::Settled, None).await;
    let before = story(&*store, Kind::Customer, "W1").await;
    assert_eq!(store.erase_changes(erasure("C1"), &by(99)).await, Ok(2), "on both sides, by the key on either");
    assert_eq!(store.erase_changes(erasure("W1"), &by(100)).await, Ok(0), "once");
    assert_eq!(store.erase_changes(erasure("nobody"), &by(100)).await, Ok(0));
    drop(store);
    let store = place.open();
    for key in ["W1", "C1"] {
        let told = story(&*store, Kind::Customer, key).await;
        assert!(!format!("{told:?}").contains("Kundin") && told.attempts_made[0].runs.is_empty() && told.attempts_made[0].came.is_none(), "{told:?}");
        assert_eq!((told.row.original, told.attempts_made.len(), told.attempts_made[0].started_at), (Original::Erased, 1, at(8)));
        let [line] = &told.audit[..] else { panic!("{:?}", told.audit) };
        assert_eq!((line.what, &*line.actor, &*line.cause, line.at, &*line.key), (What::Erased, "ada", "called the customer", at(99), key));
    }
    let told = story(&*store, Kind::Customer, "W1").await;
    let (is, was) = (&told.row, &before.row);
    assert_eq!(
        (is.state, is.version, is.changed_at, is.received_at, is.settled_at),
        (was.state, was.version, was.changed_at, was.received_at, was.settled_at)
    );
    let known = store.twin(&Entity::new(Side::Shop, Kind::Customer, "W1")).await.unwrap().unwrap();
    assert_eq!((known.base, known.erp, known.echo), (None, "C1".into(), twin.echo), "an echo is still known as one");
    assert_eq!(store.next_change().await.unwrap(), None);
    assert_eq!(story(&*store, Kind::Customer, "W2").await.row.original, Original::Kept, "others keep theirs");
    let lines = store.change_audit(&Span::default(), 0, 9).await.unwrap();
    assert_eq!(lines.iter().map(|line| &*line.key).collect::<Vec<_>>(), ["W1", "C1"]);
    assert_eq!(store.change_audit(&Span { order: Some("C1".into()), ..Span::default() }, 0, 9).await.unwrap().len(), 1);
    // The same again is no news; a change of it is, and is kept as any other.
    assert_eq!(store.take_in(vec![shop, erp], None).await.unwrap(), 0);
    settled(&*store, arrival(Kind::Customer, Side::Shop, "W1", 2), State::Settled, None).await;
    assert_eq!(story(&*store, Kind::Customer, "W1").await.row.original, Original::Kept);
}

pub(crate) async fn nothing_of_a_customer_that_waits_is_erased_unless_it_is_given_up(place: Place) {
    let store = place.open();
    let refused = async |state: State| {
        let fault = store.erase_changes(erasure("W1"), &by(99)).await.unwrap_err();
        assert!(fault.code == Code::NotNow && fault.message.contains(state.name()) && fault.message.contains("--force"), "{fault}");
        assert_eq!(story(&*store, Kind::Customer, "W1").await.row.original, Original::Kept);
    };
    store.take_in(vec![arrival(Kind::Customer, Side::Shop, "W1", 1)], None).await.unwrap();
    refused(State::Due).await;
    let row = store.claim_changes(at(60), 9).await.unwrap()[0].row;
    store.settle_change(row, Kind::Customer, end(1, State::Parked)).await.unwrap();
    refused(State::Parked).await;
    assert_eq!(store.retry_changes(Which::default(), &by(60)).await, Ok(1));
    let row = store.claim_changes(at(60), 9).await.unwrap()[0].row;
    store.begin_change(row, Kind::Customer, None).await.unwrap();
    refused(State::Sending).await;
    // Somebody works on it: what comes of that is written down without a word, and it never runs again.
    let forced = Erasure { is_forced: true, ..erasure("W1") };
    assert_eq!(store.erase_changes(forced.clone(), &by(99)).await, Ok(1));
    assert_eq!(store.begin_change(row, Kind::Customer, None).await.unwrap_err().code, Code::NotNow, "it is not written any more");
    let busy = Settled { due_at: Some(at(60)), reason: Some("Mrs. Kundin, later".into()), ..end(1, State::Due) };
    store.settle_change(row, Kind::Customer, busy).await.unwrap();
    let told = story(&*store, Kind::Customer, "W1").await;
    assert!(told.row.state == State::NoOp && told.row.due_at.is_none() && !format!("{told:?}").contains("Kundin"), "{told:?}");
    assert!(store.claim_changes(at(999), 9).await.unwrap().is_empty());
    let steps: Vec<_> = told.audit.iter().map(|line| (line.what, line.from, line.to)).collect();
    assert_eq!(steps, [(What::Retried, State::Parked, State::Due), (What::Erased, State::Sending, State::NoOp)]);
}

pub(crate) async fn a_key_that_is_another_customers_on_each_side_is_asked_about(place: Place) {
    let store = place.open();
    for side in [Side::Shop, Side::Erp] {
        settled(&*store, arrival(Kind::Customer, side, "100", 1), State::Settled, None).await;
    }
    let fault = store.erase_changes(erasure("100"), &by(99)).await.unwrap_err();
    assert!(fault.code == Code::NotNow && fault.message.contains("--side"), "{fault}");
    assert_eq!(store.erase_changes(Erasure { side: Some(Side::Erp), ..erasure("100") }, &by(99)).await, Ok(1));
    let stories = store.change_story(Which { key: Some("100".into()), ..Which::default() }).await.unwrap();
    let left: Vec<_> = stories.iter().map(|story| (story.row.side, story.row.original)).collect();
    assert!(left.contains(&(Side::Shop, Original::Kept)) && left.contains(&(Side::Erp, Original::Erased)), "{left:?}");
}
