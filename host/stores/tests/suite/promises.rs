//! What orders are promised: made with the order that begins, by whoever is first, and given back when it ends.

use super::{
    Place,
    given::{accepted, at, attempt, by, end, event},
};
use crossdock_flow::{
    Code, Decimal,
    desk::{Backend, Decision},
    entity::{Side, echo::Kind, lag::Policy},
    promise::{Figure, Promise, Units},
    record::{Attempt, Event, RecordId, Settlement, State},
    sync::{
        State as Stands,
        ledger::{Arrival, Counted, Settled, Which},
        peer::News,
    },
};
use jiff::SignedDuration;
use std::sync::Arc;

fn units(warehouse: &str, units: i64) -> Units {
    Units { sku: "LAMP".into(), warehouse: warehouse.into(), units: units.into() }
}

async fn count(store: &dyn Backend, warehouse: &str, figure: i64) -> usize {
    let read = store.stock("LAMP", warehouse).await.unwrap().map(|stock| (stock.version, stock.on_hand));
    let counted = Counted { sku: "LAMP".into(), warehouse: warehouse.into(), read, units: figure.into() };
    store.count_stock(vec![counted], Figure::Available, at(1)).await.unwrap()
}

/// An order of a shop, claimed.
async fn ordered(store: &dyn Backend, shop: &str, order: &str) -> RecordId {
    let event =
        Event { connection: shop.into(), id: format!("{shop}-{order}"), body: format!("{shop} {order}").into_bytes(), ..event("e", order, 0) };
    accepted(store, event).await
}

fn takes(takes: Vec<Units>) -> Attempt {
    Attempt { promise: Some(Promise { takes, counted: Vec::new() }), ..attempt(1, 1) }
}

async fn free(store: &dyn Backend, order: &str) -> Vec<(String, Decimal)> {
    let mut free: Vec<_> = store.free(order, vec!["LAMP".into()]).await.unwrap().into_iter().map(|free| (free.warehouse, free.units)).collect();
    free.sort();
    free
}

async fn left(store: &dyn Backend, warehouse: &str) -> (Decimal, Decimal) {
    let stock = store.stock("LAMP", warehouse).await.unwrap().unwrap();
    (stock.on_hand, stock.promised())
}

/// So many buyers, every other one in another shop, all at once; gives those that were first.
async fn buy(place: &Place, buyers: usize, there: i64) -> Vec<RecordId> {
    let store = place.open();
    count(&*store, "TOR", there).await;
    for buyer in 0..buyers {
        ordered(&*store, ["one", "two"][buyer % 2], &format!("W-{buyer}")).await;
    }
    let claimed = store.claim(at(60), buyers).await.unwrap();
    assert_eq!(claimed.len(), buyers);
    let begin = |record| {
        let store: Arc<dyn Backend> = store.clone();
        tokio::spawn(async move { store.begin(record, takes(vec![units("TOR", 1)])).await.map(|()| record) })
    };
    let mut sold = Vec::new();
    for begun in claimed.iter().map(|claimed| begin(claimed.record)).collect::<Vec<_>>() {
        match begun.await.unwrap() {
            Ok(record) => sold.push(record),
            Err(fault) => assert_eq!(fault.code, Code::NotEnoughStock),
        }
    }
    assert_eq!(left(&*store, "TOR").await, (there.into(), sold.len().into()));
    sold
}

pub(crate) async fn two_shops_sell_ten_units_to_a_hundred_buyers_ten_times(place: Place) {
    let sold = buy(&place, 100, 10).await;
    assert_eq!(sold.len(), 10);
    // The others are as they were: nothing of them is under way, on disk, too.
    let store = place.open();
    let begun: Vec<_> = store.list(Default::default()).await.unwrap().into_iter().filter(|one| one.state == State::Sending).collect();
    assert_eq!((begun.len(), left(&*store, "TOR").await), (10, (10.into(), 10.into())));
    assert!(begun.iter().all(|one| sold.contains(&one.record)));
}

pub(crate) async fn the_last_unit_is_sold_once(place: Place) {
    assert_eq!(buy(&place, 2, 1).await.len(), 1);
}

pub(crate) async fn a_promise_takes_the_place_of_the_one_before_and_ends_with_the_order(place: Place) {
    let store = place.open();
    for warehouse in ["TOR", "BUF"] {
        count(&*store, warehouse, 10).await;
    }
    let first = ordered(&*store, "shop", "W-1").await;
    store.claim(at(60), 9).await.unwrap();
    store.begin(first, takes(vec![units("TOR", 4), units("BUF", 3)])).await.unwrap();
    assert_eq!(free(&*store, "W-2").await, [("BUF".into(), 7.into()), ("TOR".into(), 6.into())]);
    assert_eq!(free(&*store, "W-1").await, [("BUF".into(), 10.into()), ("TOR".into(), 10.into())], "its own is free to it");
    assert!(store.free("W-2", vec!["FEE".into()]).await.unwrap().is_empty());
    // Refused in the end: what it was promised stays, until it runs again from elsewhere.
    store.settle(first, end(State::Parked, 61)).await.unwrap();
    assert_eq!(left(&*store, "TOR").await.1, 4.into());
    store.decide(&[first], Decision::Retry, &by(62)).await.unwrap();
    store.claim(at(63), 9).await.unwrap();
    store.begin(first, Attempt { number: 2, ..takes(vec![units("BUF", 5)]) }).await.unwrap();
    assert_eq!((left(&*store, "TOR").await.1, left(&*store, "BUF").await.1), (Decimal::ZERO, 5.into()));
    // The ERP has it, and counts it by itself.
    store.settle(first, Settlement { counted: vec!["BUF".into()], ..end(State::Delivered, 64) }).await.unwrap();
    assert_eq!(left(&*store, "BUF").await, (5.into(), Decimal::ZERO));
    // Another one is cancelled, a third is given up: all of theirs is free again.
    for (order, decision) in [("W-3", None), ("W-4", Some(Decision::Discard))] {
        let record = ordered(&*store, "shop", order).await;
        store.claim(at(70), 9).await.unwrap();
        store.begin(record, takes(vec![units("TOR", 9)])).await.unwrap();
        assert_eq!(left(&*store, "TOR").await.1, 9.into());
        match decision {
            None => store.settle(record, Settlement { releases: true, ..end(State::Cancelled, 71) }).await.unwrap(),
            Some(decision) => {
                store.settle(record, end(State::Parked, 71)).await.unwrap();
                store.decide(&[record], decision, &by(72)).await.unwrap();
            }
        }
        assert_eq!(left(&*store, "TOR").await, (10.into(), Decimal::ZERO), "{order}");
    }
}

pub(crate) async fn a_figure_that_orders_under_way_explain_is_not_counted_twice(place: Place) {
    let store = place.open();
    count(&*store, "TOR", 10).await;
    let record = ordered(&*store, "shop", "W-1").await;
    store.claim(at(60), 9).await.unwrap();
    store.begin(record, takes(vec![units("TOR", 4)])).await.unwrap();
    // The ERP has booked it, and we do not know yet: six are free all the same, not two.
    assert_eq!(count(&*store, "TOR", 6).await, 0);
    assert_eq!(left(&*store, "TOR").await, (10.into(), 4.into()));
    // More than that is gone: a fact.
    assert_eq!(count(&*store, "TOR", 5).await, 1);
    // What was read before something changed is read again.
    let old = Counted { sku: "LAMP".into(), warehouse: "TOR".into(), read: Some((0, 10.into())), units: 99.into() };
    assert_eq!(store.count_stock(vec![old], Figure::OnHand, at(2)).await.unwrap(), 0);
    assert_eq!(left(&*store, "TOR").await.0, 5.into());
}

/// The shop was told this version of a level.
fn settled(version: i64, seconds: i64) -> Settled {
    Settled {
        version,
        state: Stands::Settled,
        due_at: None,
        tries: 1,
        fault: None,
        reason: None,
        partner: None,
        twin: None,
        quarantined: Vec::new(),
        steps: Vec::new(),
        ruled: None,
        started_at: at(seconds),
        at: at(seconds),
    }
}

pub(crate) async fn a_buffer_that_changes_is_told_although_no_level_does(place: Place) {
    let store = place.open();
    count(&*store, "TOR", 10).await;
    let news = News { key: "LAMP@TOR".into(), version: 1, changed_at: at(0), origin: String::new(), body: b"10".to_vec() };
    let arrival = Arrival { flow: "stock".into(), kind: Kind::Stock, side: Side::Erp, news, received_at: at(0) };
    store.take_in(vec![arrival], None).await.unwrap();
    let told = async |seconds: i64| {
        for row in store.claim_changes(at(seconds), 9).await.unwrap() {
            store.settle_change(row.row, Kind::Stock, settled(row.arrival.news.version, seconds)).await.unwrap();
        }
    };
    // Four are sold in a day: of which none within a moment, and two within half a day.
    let record = ordered(&*store, "shop", "W-1").await;
    store.claim(at(60), 9).await.unwrap();
    store.begin(record, takes(vec![units("TOR", 4)])).await.unwrap();
    told(60).await;
    let policy = Policy::default();
    let keep = async |hours: i64, seconds: i64| store.keep_back(policy, SignedDuration::from_hours(hours), at(seconds)).await.unwrap();
    assert_eq!((keep(0, 100).await, store.next_change().await.unwrap()), (0, None), "nothing is kept back, as before");
    assert_eq!((keep(12, 100).await, store.next_change().await.unwrap()), (1, Some(at(100))), "the shop learns later");
    told(100).await;
    assert_eq!((keep(12, 200).await, store.next_change().await.unwrap()), (0, None), "told once");
    assert_eq!(store.stock("LAMP", "TOR").await.unwrap().unwrap().buffer, 2.into());
    // A day later nothing sells any more, and nothing is kept back.
    let later = 26 * 3_600;
    assert_eq!((keep(12, later).await, store.next_change().await.unwrap()), (1, Some(at(later))), "sales fade");
    assert_eq!((left(&*store, "TOR").await, store.stock("LAMP", "TOR").await.unwrap().unwrap().buffer), ((10.into(), 4.into()), Decimal::ZERO));
}

pub(crate) async fn what_the_shop_is_told_is_due_again_when_a_promise_changes_it(place: Place) {
    let store = place.open();
    count(&*store, "TOR", 10).await;
    let news = News { key: "LAMP@TOR".into(), version: 1, changed_at: at(0), origin: String::new(), body: b"10".to_vec() };
    let arrival = Arrival { flow: "stock".into(), kind: Kind::Stock, side: Side::Erp, news, received_at: at(0) };
    store.take_in(vec![arrival], None).await.unwrap();
    let row = store.claim_changes(at(60), 9).await.unwrap().remove(0);
    // While it is on its way an order is promised some: it goes again.
    let record = ordered(&*store, "shop", "W-1").await;
    store.claim(at(60), 9).await.unwrap();
    store.begin(record, takes(vec![units("TOR", 4)])).await.unwrap();
    store.settle_change(row.row, Kind::Stock, settled(1, 61)).await.unwrap();
    let again = store.claim_changes(at(90), 9).await.unwrap().remove(0);
    store.settle_change(again.row, Kind::Stock, settled(again.arrival.news.version, 61)).await.unwrap();
    let stands = async || store.changes(Which::default()).await.unwrap()[0].state;
    assert_eq!(stands().await, Stands::Settled);
    store.settle(record, Settlement { counted: vec!["TOR".into()], ..end(State::Delivered, 95) }).await.unwrap();
    assert_eq!(stands().await, Stands::Due);
}
