//! What stands beside the records: the plugins' key-value places, quarantine, alerts.

use super::{
    Place,
    given::{accepted, at, attempt, claimed, end, event},
};
use crossdock_flow::{
    Code,
    capability::HostCall,
    hook::{Hook, HookRun, Verdict},
    record::{Attempt, Filter, Quarantined, RecordId, Settlement, State, Store},
};

/// A run that let the order go on and asked the outside these things.
fn run(calls: Vec<HostCall>) -> HookRun {
    HookRun { verdict: Some(Verdict::Proceed), calls, ..HookRun::new(Hook::PreMap, "counter".into(), "v1".into()) }
}

fn get(version: i64) -> HostCall {
    HostCall::KvGet { key: "seen".into(), value: None, version }
}

fn set(value: Option<&str>) -> HostCall {
    HostCall::KvSet { key: "seen".into(), value: value.map(Into::into) }
}

async fn begun(store: &dyn Store, number: i64, calls: Vec<HostCall>) -> Result<RecordId, Code> {
    let record = accepted(store, event(&format!("e{number}"), &format!("W-{number}"), number)).await;
    claimed(store, number).await;
    store.begin(record, Attempt { runs: vec![run(calls)], ..attempt(1, 1) }).await.map(|()| record).map_err(|fault| fault.code)
}

pub(crate) async fn what_rules_keep_is_written_with_the_attempt(place: Place) {
    let store = place.open();
    let first = begun(&*store, 1, vec![get(0), set(Some("61")), set(Some("6162"))]).await.unwrap();
    let (value, writing) = store.kv_get("counter", "seen").await.unwrap().unwrap();
    assert_eq!((value.as_slice(), store.kv_usage("counter").await.unwrap()), (&b"ab"[..], (1, 6)));
    assert_eq!(store.kv_get("other", "seen").await.unwrap(), None, "each plugin has a place of its own");
    store.settle(first, end(State::Delivered, 1)).await.unwrap();
    // Held: what it wrote is dropped with the attempt.
    let held = accepted(&*store, event("e2", "W-2", 2)).await;
    claimed(&*store, 2).await;
    let attempt = Attempt { runs: vec![run(vec![set(Some("ff"))])], ..attempt(1, 0) };
    store.settle(held, Settlement { attempt: Some(attempt), ..end(State::Held, 2) }).await.unwrap();
    assert_eq!(store.kv_get("counter", "seen").await.unwrap(), Some((b"ab".to_vec(), writing)));
    begun(&*store, 3, vec![get(writing), set(None)]).await.unwrap();
    assert_eq!(store.kv_get("counter", "seen").await.unwrap(), None);
    assert_eq!(store.kv_usage("counter").await.unwrap(), (0, 0));
}

pub(crate) async fn what_was_written_meanwhile_is_a_conflict(place: Place) {
    let store = place.open();
    begun(&*store, 1, vec![get(0), set(Some("01"))]).await.unwrap();
    let (_, first) = store.kv_get("counter", "seen").await.unwrap().unwrap();
    begun(&*store, 2, vec![get(first), set(Some("02"))]).await.unwrap();
    assert_eq!(begun(&*store, 3, vec![get(first), set(Some("03"))]).await, Err(Code::KvConflict));
    assert_eq!(store.kv_get("counter", "seen").await.unwrap().unwrap().0, [2]);
    let due = store.list(Filter { order: Some("W-3".into()), ..Filter::default() }).await.unwrap();
    assert_eq!((due[0].state, due[0].parts.len()), (State::Due, 0), "nothing of the attempt was written");
}

pub(crate) async fn versions_out_of_service_are_released_by_a_person(place: Place) {
    let store = place.open();
    let out = |version: &str| Quarantined { plugin: "counter".into(), version: version.repeat(64), since: at(1), why: "10 faults".into() };
    for (number, version) in [(1, "a"), (2, "b"), (3, "a")] {
        let record = accepted(&*store, event(&format!("e{number}"), &format!("W-{number}"), number)).await;
        claimed(&*store, number).await;
        store.settle(record, Settlement { quarantined: vec![out(version)], ..end(State::Parked, number) }).await.unwrap();
    }
    drop(store);
    let store = place.open();
    assert_eq!(store.quarantined().await.unwrap(), [out("a"), out("b")]);
    assert_eq!(store.alerts(0).await.unwrap().len(), 2, "one alert each, not one per order");
    assert_eq!(
        (store.release("counter", at(9)).await, store.release("counter", at(9)).await, store.release("other", at(9)).await),
        (Ok(2), Ok(0), Ok(0))
    );
    assert_eq!(store.quarantined().await.unwrap(), []);
    let alerts = store.alerts(2).await.unwrap();
    assert_eq!((alerts.len(), alerts[0].kind.as_str(), alerts[0].at, alerts[1].kind.as_str()), (2, "released", at(9), "quarantined"));
    assert!(alerts[1].message.starts_with("version bbbbbbbbbbbb is out of service: 10 faults"), "{}", alerts[1].message);
}
