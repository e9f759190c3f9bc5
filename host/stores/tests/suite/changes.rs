//! What is kept alike: the newest state waits, nothing is lost that came meanwhile, and stock is never sold twice.

use super::{Place, given::by};
use crossdock_flow::{
    Code, Decimal, Fault,
    desk::Backend,
    entity::{Side, content::Content, echo::Kind},
    record::Quarantined,
    sync::{
        State,
        ledger::{Arrival, KEPT, Settled, Step, Twin, Which},
        peer::News,
    },
};
use jiff::Timestamp;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_772_000_000 + second).unwrap()
}

fn arrival(key: &str, version: i64, body: &str) -> Arrival {
    let news = News { key: key.into(), version, changed_at: at(version), origin: String::new(), body: body.into() };
    Arrival { flow: "products".into(), kind: Kind::Product, side: Side::Erp, news, received_at: at(version) }
}

fn settled(version: i64, state: State) -> Settled {
    Settled {
        version,
        state,
        due_at: None,
        tries: 1,
        fault: None,
        reason: None,
        partner: Some("S1".into()),
        twin: None,
        steps: vec!["taken".into()],
        ruled: None,
        quarantined: Vec::new(),
        started_at: at(50),
        at: at(51),
    }
}

async fn settle(store: &dyn Backend, row: i64, settled: Settled) {
    store.settle_change(row, Kind::Product, settled).await.unwrap();
}

pub(crate) async fn the_newest_change_waits_and_the_cursor_moves_with_it(place: Place) {
    let store = place.open();
    assert_eq!(store.asked("products").await.unwrap(), None);
    let cursor = Some(("products".to_owned(), at(9)));
    assert_eq!(store.take_in(vec![arrival("A", 2, "two"), arrival("B", 1, "one")], cursor).await.unwrap(), 2);
    // Older, the same again, and the same version with something else to say.
    assert_eq!(store.take_in(vec![arrival("A", 1, "one"), arrival("A", 2, "two"), arrival("B", 1, "other")], None).await.unwrap(), 1);
    assert_eq!(store.asked("products").await.unwrap(), Some(at(9)));
    drop(store);
    let store = place.open();
    let claimed = store.claim_changes(at(60), 9).await.unwrap();
    let bodies: Vec<_> = claimed.iter().map(|one| (&*one.arrival.news.key, &*one.arrival.news.body)).collect();
    assert_eq!(bodies, [("B", &b"other"[..]), ("A", &b"two"[..])]);
    assert!(store.claim_changes(at(60), 9).await.unwrap().is_empty(), "they are out");
    assert_eq!(store.next_change().await.unwrap(), None);
    store.unclaim_change(claimed[0].row);
    assert_eq!(store.claim_changes(at(60), 9).await.unwrap().len(), 1);
}

pub(crate) async fn a_newer_change_that_comes_meanwhile_is_not_lost(place: Place) {
    let store = place.open();
    store.take_in(vec![arrival("A", 1, "one")], None).await.unwrap();
    let row = store.claim_changes(at(60), 9).await.unwrap()[0].row;
    store.begin_change(row, Kind::Product, None).await.unwrap();
    store.take_in(vec![arrival("A", 2, "two")], None).await.unwrap();
    settle(&*store, row, settled(1, State::Settled)).await;
    let again = store.claim_changes(at(60), 9).await.unwrap().remove(0);
    assert_eq!((&*again.arrival.news.body, again.partner.as_deref()), (&b"two"[..], Some("S1")));
    settle(&*store, row, settled(2, State::Settled)).await;
    assert_eq!(store.change_counts().await.unwrap()["products"][&State::Settled], 1);
    assert_eq!(store.next_change().await.unwrap(), None);
}

pub(crate) async fn what_was_begun_comes_again_as_doubtful(place: Place) {
    let store = place.open();
    store.take_in(vec![arrival("A", 1, "one")], None).await.unwrap();
    let row = store.claim_changes(at(60), 9).await.unwrap()[0].row;
    store.begin_change(row, Kind::Product, None).await.unwrap();
    drop(store);
    let again = place.open().claim_changes(at(60), 9).await.unwrap().remove(0);
    assert_eq!((again.doubtful, again.attempts), (true, 1));
}

pub(crate) async fn a_story_keeps_the_latest_attempts(place: Place) {
    let store = place.open();
    store.take_in(vec![arrival("A", 1, "one")], None).await.unwrap();
    for _ in 0..KEPT + 5 {
        let row = store.claim_changes(at(60), 9).await.unwrap()[0].row;
        settle(&*store, row, Settled { due_at: Some(at(1)), ..settled(1, State::Due) }).await;
    }
    let which = Which { kind: Some(Kind::Product), key: Some("A".into()), ..Which::default() };
    let story = store.change_story(which).await.unwrap().remove(0);
    let numbers: Vec<u32> = story.attempts_made.iter().map(|one| one.number).collect();
    assert_eq!(numbers, (6..=KEPT + 5).collect::<Vec<_>>());
    assert_eq!((story.attempts_made[0].milliseconds, story.row.attempts), (1000, KEPT + 5));
}

pub(crate) async fn who_is_whom_is_found_from_both_sides(place: Place) {
    let store = place.open();
    store.take_in(vec![arrival("W1", 1, "one")], None).await.unwrap();
    let row = store.claim_changes(at(60), 9).await.unwrap()[0].row;
    let mut base = Content::new();
    base.text("email", "a@x");
    let twin = Twin { shop: "W1".into(), erp: "C1".into(), base: Some(base), ..Twin::default() };
    settle(&*store, row, Settled { twin: Some(twin.clone()), ..settled(1, State::Settled) }).await;
    assert_eq!(store.twin(&twin.entity(Kind::Product, Side::Shop)).await.unwrap().as_ref(), Some(&twin));
    assert_eq!(store.twin(&twin.entity(Kind::Product, Side::Erp)).await.unwrap().as_ref(), Some(&twin));
    assert_eq!(store.twin(&twin.entity(Kind::Customer, Side::Erp)).await.unwrap(), None);
    // Paired otherwise, the one before has no other any more.
    let other = Twin { shop: "W2".into(), ..twin.clone() };
    store.begin_change(row, Kind::Product, Some(other.clone())).await.unwrap();
    assert_eq!(store.twin(&twin.entity(Kind::Product, Side::Shop)).await.unwrap(), None);
    assert_eq!(store.twin(&twin.entity(Kind::Product, Side::Erp)).await.unwrap(), Some(other));
}

pub(crate) async fn parked_changes_wait_until_somebody_retries_them(place: Place) {
    let store = place.open();
    store.take_in(vec![arrival("A", 1, "one"), arrival("B", 1, "one")], None).await.unwrap();
    for claimed in store.claim_changes(at(60), 9).await.unwrap() {
        let fault = Some(Fault::new(Code::Refused, "no"));
        let out = Quarantined { plugin: "codes".into(), version: "v1".into(), since: at(50), why: "it broke".into() };
        settle(&*store, claimed.row, Settled { fault, quarantined: vec![out], ..settled(1, State::Parked) }).await;
    }
    let out = store.quarantined().await.unwrap();
    assert_eq!((out.len(), &*out[0].plugin, &*out[0].version), (1, "codes", "v1"), "a version that a rule of customers lost is out for all, once");
    assert!(store.claim_changes(at(999), 9).await.unwrap().is_empty());
    let parked = store.changes(Which { state: Some(State::Parked), most: 9, ..Which::default() }).await.unwrap();
    assert_eq!((parked.len(), parked[0].fault.as_ref().map(|fault| fault.code)), (2, Some(Code::Refused)));
    assert_eq!(store.retry_changes(Which { key: Some("A".into()), ..Which::default() }, &by(70)).await.unwrap(), 1);
    let again = store.claim_changes(at(999), 9).await.unwrap();
    assert_eq!((again.len(), again[0].tries, &*again[0].arrival.news.key), (1, 0, "A"));
    assert_eq!(store.retry_changes(Which::default(), &by(70)).await.unwrap(), 1, "the other one");
}

pub(crate) async fn a_hundred_buyers_of_ten_units_get_ten(place: Place) {
    let store = place.open();
    store.step_stock("A", "TOR", Step::Count(10.into())).await.unwrap();
    let buyers: Vec<_> = (0..100)
        .map(|buyer| {
            let store = store.clone();
            let order = format!("{}-{buyer}", ["one", "two"][buyer % 2]);
            tokio::spawn(
                async move { store.step_stock("A", "TOR", Step::Reserve { order: order.clone(), units: Decimal::ONE }).await.map(|_| order) },
            )
        })
        .collect();
    let mut sold = Vec::new();
    for buyer in buyers {
        match buyer.await.unwrap() {
            Ok(order) => sold.push(order),
            Err(fault) => assert_eq!(fault.code, Code::NotEnoughStock),
        }
    }
    assert_eq!(sold.len(), 10);
    drop(store);
    // What was promised is on disk; what is shipped is taken, what is cancelled can be sold again.
    let store = place.open();
    let left = store.step_stock("A", "TOR", Step::Ship { order: sold[0].clone(), units: Decimal::ONE }).await.unwrap();
    assert_eq!((left.on_hand, left.available(), left.promised()), (9.into(), Decimal::ZERO, 9.into()));
    let late = Step::Reserve { order: "late".into(), units: Decimal::ONE };
    assert!(store.step_stock("A", "TOR", late.clone()).await.is_err());
    store.step_stock("A", "TOR", Step::Release(sold[1].clone())).await.unwrap();
    assert_eq!(store.step_stock("A", "TOR", late).await.unwrap().available(), Decimal::ZERO);
    // The ERP counts less than was promised: a fact, and nothing goes below zero.
    let short = store.step_stock("A", "TOR", Step::Count(3.into())).await.unwrap();
    assert_eq!((short.available(), short.short()), (Decimal::ZERO, 6.into()));
}
