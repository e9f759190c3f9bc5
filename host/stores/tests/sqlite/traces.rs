//! What stays in the file and what does not: the audit whatever is done to it, a customer's data not a byte once erased.

use crate::given::*;
use crossdock_flow::{
    Code, Fault,
    desk::{Decision, Desk, Edit, Retention, Swept},
    entity::{Side, content::Content, echo::Kind as Of},
    hook::{Hook, HookRun, LogLine},
    order::{Field, Value},
    record::{Attempt, Event, Kind, Settlement, State, Store},
    sample,
    sync::{
        State as Stands,
        ledger::{Arrival, Erasure, Ledger, Ruled, Settled, Twin, Which},
        peer::News,
    },
};
use crossdock_stores::sqlite::SqliteStore;
use jiff::Timestamp;
use std::{fs, sync::Arc};

/// Stands in everything that is of the customer.
fn secret(order: usize) -> String {
    format!("Kundin-{order:05}-Margarethe")
}

/// Takes an order through everything that can leave traces: parked, corrected, retried, sent, looked up, delivered.
async fn live(store: &SqliteStore, number: usize) {
    let (secret, at) = (secret(number), Timestamp::UNIX_EPOCH);
    let body = format!("{{\"orderId\":\"W-{number}\",\"name\":\"{}\"}}", secret.repeat(1 + number * 37 % 150));
    let Ok(crossdock_flow::record::Accepted::New(record)) = store.accept(Event { body: body.clone().into_bytes(), ..event(number) }).await else {
        panic!("it is new")
    };
    let claim = async || while !store.claim(at, 9).await.unwrap().iter().any(|claimed| claimed.record == record) {};
    let logs = vec![LogLine { level: "info".into(), text: secret.clone() }];
    let run = HookRun { logs, ..HookRun::new(Hook::PreMap, "discount".into(), "v1".into()) };
    let mut document = sample::document(&sample::order(1 + number % 3));
    document.fields.push(Field { name: "ShipToName".into(), value: Value::Text(secret.clone()) });
    let attempt = |count, edit| Attempt { runs: vec![run.clone()], fetched: Some(body.clone()), edit, ..Attempt::new(count, at) };
    let told = |state, count: usize| Settlement {
        fault: Some(Fault::new(Code::MappingLookup, format!("nothing for `{secret}`"))),
        reason: Some(secret.repeat(count)),
        steps: vec![secret.repeat(count)],
        ..end(state)
    };
    claim().await;
    store.settle(record, Settlement { attempt: Some(attempt(1, 0)), ..told(State::Parked, 1) }).await.unwrap();
    let copy = Edit { body: body.clone().into_bytes(), order: format!("W-{number}"), version: 2, kind: Kind::Created, by: by() };
    store.edit(record, copy).await.unwrap();
    store.decide(&[record], Decision::Retry, &by()).await.unwrap();
    claim().await;
    store.begin(record, Attempt { documents: Arc::new([document]), ..attempt(2, 1) }).await.unwrap();
    store.settle(record, told(State::Sending, 3)).await.unwrap();
    claim().await;
    store.settle(record, told(State::Delivered, 2)).await.unwrap();
}

/// In how many places of the store's files something stands.
fn traces(place: &Place, what: &str) -> usize {
    let files = ["records.db", "records.db-wal"].map(|name| fs::read(place.0.path().join(name)).unwrap_or_default());
    files.iter().map(|bytes| bytes.windows(what.len()).filter(|window| *window == what.as_bytes()).count()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_is_nowhere_in_the_file() {
    let place = Place::new();
    let store = place.open();
    for number in 0..150 {
        live(&store, number).await;
    }
    for number in [0, 1, 70, 71, 149] {
        assert!(traces(&place, &secret(number)) > 5, "or the test sees nothing");
        assert_eq!(store.erase(&format!("W-{number}"), &by()).await, Ok(1));
        assert_eq!(traces(&place, &secret(number)), 0, "order {number}");
    }
    assert!(traces(&place, &secret(2)) > 5, "the others keep theirs");
}

/// Takes a customer through everything that can leave traces on both sides: parked, retried, begun, told about, paired.
async fn pair(store: &SqliteStore, number: usize) {
    let (secret, at) = (secret(number), Timestamp::UNIX_EPOCH);
    let mut base = Content::new();
    base.text("name", &secret);
    let logs = vec![LogLine { level: "info".into(), text: secret.clone() }];
    let run = HookRun { logs, ..HookRun::new(Hook::PreMapCustomer, "codes".into(), "v1".into()) };
    let twin = Twin { shop: format!("W-{number}"), erp: format!("C-{number}"), base: Some(base), ..Twin::default() };
    for (flow, side, key) in [("in", Side::Shop, &twin.shop), ("out", Side::Erp, &twin.erp)] {
        let body = format!("{{\"name\":\"{}\"}}", secret.repeat(1 + number * 37 % 150)).into_bytes();
        let news = News { key: key.clone(), version: 1, changed_at: at, origin: secret.clone(), body };
        store.take_in(vec![Arrival { flow: flow.into(), kind: Of::Customer, side, news, received_at: at }], None).await.unwrap();
        for state in [Stands::Parked, Stands::Settled] {
            let row = store.claim_changes(at, 9).await.unwrap()[0].row;
            store.begin_change(row, Of::Customer, Some(twin.clone())).await.unwrap();
            let settled = Settled {
                version: 1,
                state,
                due_at: None,
                tries: 1,
                fault: (state == Stands::Parked).then(|| Fault::new(Code::CustomerUnclear, secret.clone())),
                reason: Some(secret.repeat(3)),
                partner: None,
                twin: Some(twin.clone()),
                steps: vec![secret.repeat(2)],
                ruled: Some(Ruled { runs: vec![run.clone()], came: Some(secret.repeat(9).into_bytes()) }),
                quarantined: Vec::new(),
                started_at: at,
                at,
            };
            store.settle_change(row, Of::Customer, settled).await.unwrap();
            store.retry_changes(Which::default(), &by()).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_is_erased_is_nowhere_in_the_file() {
    let place = Place::new();
    let store = place.open();
    for number in 0..80 {
        pair(&store, number).await;
    }
    for number in [0, 1, 40, 79] {
        assert!(traces(&place, &secret(number)) > 5, "or the test sees nothing");
        let erasure = Erasure { kind: Of::Customer, key: format!("W-{number}"), side: None, is_forced: false };
        assert_eq!(store.erase_changes(erasure, &by()).await, Ok(2));
        assert_eq!(traces(&place, &secret(number)), 0, "customer {number}");
    }
    assert!(traces(&place, &secret(2)) > 5, "the others keep theirs");
    // Who did it stays, whatever is tried.
    let driver = place.driver();
    for sql in ["DELETE FROM change_audit", "UPDATE change_audit SET actor = 'nobody'"] {
        let error = driver.execute(sql, []).unwrap_err().to_string();
        assert!(error.contains("only ever added"), "{sql}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_past_its_time_is_nowhere_in_the_file() {
    let place = Place::new();
    let store = place.open();
    for number in 0..30 {
        live(&store, number).await;
    }
    let now = Timestamp::from_second(9_999_999_999).unwrap();
    while store.sweep(Retention::default(), now).await.unwrap() != Swept::default() {}
    drop(store);
    // All but the last one, whose number must not be given again; of that one stay fault and reason.
    for number in 0..29 {
        assert_eq!(traces(&place, &secret(number)), 0, "order {number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_old_pages_delays_what_is_wiped_but_not_for_ever() {
    let place = Place::new();
    let store = place.open();
    live(&store, 0).await;
    let reader = place.driver();
    reader.execute_batch("BEGIN").unwrap();
    let before: i64 = reader.query_row("SELECT count(*) FROM bodies", [], |row| row.get(0)).unwrap();
    assert_eq!(before, 1);
    assert_eq!(store.erase("W-0", &by()).await, Ok(1));
    assert!(traces(&place, &secret(0)) > 0, "it is still read");
    reader.execute_batch("COMMIT").unwrap();
    store.accept(event(1)).await.unwrap();
    assert_eq!(traces(&place, &secret(0)), 0, "the next write wipes it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_is_only_ever_added_to() {
    let place = Place::new();
    let store = place.open();
    live(&store, 0).await;
    let driver = place.driver();
    let before = store.story("W-0").await.unwrap().remove(0).audit;
    for sql in [
        "DELETE FROM audit",
        "DELETE FROM audit WHERE number = 2",
        "UPDATE audit SET cause = 'better'",
        "UPDATE audit SET cause = 'E401' WHERE number = 1",
        "UPDATE audit SET at = at + 1",
        "UPDATE audit SET actor = 'nobody'",
        "UPDATE audit SET before = NULL WHERE before IS NOT NULL",
        "UPDATE audit SET after = 2 WHERE number = 1",
        "UPDATE audit SET what = 2 WHERE what <> 2",
        "UPDATE audit SET number = number + 100",
        "INSERT OR REPLACE INTO audit SELECT record, number, at, what, actor, before, after, 'better' FROM audit",
        "UPDATE records SET received_at = 0, body_hash = x'00'",
        "UPDATE records SET event_id = 'other'",
    ] {
        let error = driver.execute(sql, []).unwrap_err().to_string();
        assert!(error.contains("only ever added") || error.contains("never changes"), "{sql}: {error}");
    }
    store.accept(event(1)).await.unwrap();
    assert!(driver.execute("DELETE FROM bodies WHERE record = 2", []).is_ok());
    let error = driver.execute("DELETE FROM records WHERE id = 2", []).unwrap_err().to_string();
    assert!(error.contains("not at its end"), "{error}");
    assert_eq!(store.story("W-0").await.unwrap().remove(0).audit, before);
}
