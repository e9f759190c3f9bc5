//! What plugins may ask of the outside: nothing without a grant, no more than the grant, and every answer on record, so
//! that a run can be repeated exactly.

use crate::support::{guest, mode, patient};
use async_trait::async_trait;
use crossdock_flow::{
    Code, Fault, Order,
    capability::{Allowed, Capability, HostCall, Kept, Replay, Request, Response, Unanswered, World},
    hook::{Plugin, Ran, Verdict},
    order::find,
    sample,
};
use crossdock_sandbox::{Grants, Limits, Loaded, Sandbox, Settings, Terms};
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// A world whose answers differ from call to call.
#[derive(Default)]
struct Busy {
    kv: Mutex<BTreeMap<String, Vec<u8>>>,
    asked: AtomicU64,
    silent: bool,
}

#[async_trait]
impl World for Busy {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_772_000_000 + self.asked.fetch_add(1, Ordering::Relaxed) as i64).unwrap()
    }
    fn random(&self, count: usize) -> Vec<u8> {
        vec![self.asked.fetch_add(1, Ordering::Relaxed) as u8; count]
    }
    async fn look_up(&self, what: &str, key: &str) -> Result<Option<Vec<(String, String)>>, Fault> {
        Ok((what == "stock").then(|| vec![("TOR".into(), format!("12 of {key}"))]))
    }
    async fn kv_get(&self, _: &str, key: &str) -> Result<Option<(Vec<u8>, i64)>, Fault> {
        Ok(self.kv.lock().unwrap().get(key).map(|value| (value.clone(), 7)))
    }
    async fn kv_usage(&self, _: &str) -> Result<(u64, u64), Fault> {
        let kv = self.kv.lock().unwrap();
        Ok((kv.len() as u64, kv.iter().map(|(key, value)| (key.len() + value.len()) as u64).sum()))
    }
    async fn fetch(&self, plugin: &str, _: &[Allowed], request: Request, _: usize) -> Result<Response, Unanswered> {
        if self.silent {
            std::future::pending::<()>().await;
        }
        let body = format!("{plugin} asked {} for the {}th time", request.url, self.asked.fetch_add(1, Ordering::Relaxed));
        Ok(Response { status: 200, headers: Vec::new(), body: body.into_bytes() })
    }
}

fn component() -> Vec<u8> {
    static COMPONENT: OnceLock<Vec<u8>> = OnceLock::new();
    COMPONENT.get_or_init(|| guest("outside", "wasm32-wasip2")).clone()
}

fn everything() -> Grants {
    Grants { capabilities: Capability::ALL.to_vec(), ..Grants::default() }
}

async fn load(world: impl World + 'static, limits: Limits, grants: Grants) -> Result<Loaded, Fault> {
    let sandbox = Sandbox::with(Settings { concurrency: 4, ..Settings::default() }, Arc::new(world)).unwrap();
    sandbox.load("outside", component(), Terms { limits, grants, settings: Vec::new() }).await
}

async fn ask(plugin: &Loaded, asked: &str) -> Ran<Arc<Order>, Verdict> {
    plugin.pre_map(&mode(asked), Arc::new(sample::order(1))).await.settled()
}

fn seen(ran: &Ran<Arc<Order>, Verdict>, name: &str) -> String {
    find(&ran.subject.fields, name).unwrap_or_else(|| panic!("{:?}", ran.answer)).to_string()
}

#[tokio::test]
async fn nothing_is_granted_by_itself_and_the_refusal_says_how() {
    let fault = load(Busy::default(), patient(), Grants::default()).await.unwrap_err();
    assert_eq!(fault.code, Code::NotGranted);
    let lines = "[plugins.outside] grant = [\"lookup\", \"kv\", \"http\", \"clock\", \"random\"]";
    assert!(fault.message.contains("it asks for lookup, kv, http, clock, random") && fault.message.ends_with(lines), "{fault}");
    let some = Grants { capabilities: vec![Capability::Kv, Capability::Clock, Capability::Lookup, Capability::Random], ..Grants::default() };
    let fault = load(Busy::default(), patient(), some).await.unwrap_err();
    assert!(fault.message.contains("it asks for http, which"), "{fault}");
}

#[tokio::test]
async fn what_is_granted_answers_and_is_recorded() {
    let plugin = load(Busy::default(), patient(), everything()).await.unwrap();
    let ran = ask(&plugin, "look LAMP").await;
    assert!(seen(&ran, "stock").starts_with("Some([(\"TOR\", \"12 of LAMP\")]) None None"), "{}", seen(&ran, "stock"));
    assert_eq!(ran.run.calls.len(), 3);
    let ran = ask(&plugin, "count").await;
    assert_eq!(seen(&ran, "count"), "1", "its own writing is read back");
    let get = HostCall::KvGet { key: "seen".into(), value: None, version: 0 };
    assert_eq!(ran.run.calls, [get, HostCall::KvSet { key: "seen".into(), value: Some("0100000000000000".into()) }]);
    assert_eq!(Kept::of(&[ran.run]).written.len(), 1);
    assert_eq!(Kept::of(&[ask(&plugin, "count-then-reject").await.run]).written.len(), 0);
    let ran = ask(&plugin, "remove").await;
    assert_eq!(seen(&ran, "there"), "false");
    assert_eq!(seen(&ask(&plugin, "dice 100000").await, "dice"), "4096", "random bytes are capped");
}

#[tokio::test]
async fn what_an_earlier_rule_of_the_order_wrote_is_there() {
    let plugin = load(Busy::default(), patient(), everything()).await.unwrap();
    let first = ask(&plugin, "count").await;
    let mut context = mode("count");
    context.kept = Arc::new(Kept::of(&[first.run]));
    let second = plugin.pre_map(&context, Arc::new(sample::order(1))).await.settled();
    assert_eq!(seen(&second, "count"), "2");
    assert!(matches!(second.run.calls[..], [HostCall::KvSet { .. }]), "what was written on the way is no reading of the store");
}

#[tokio::test]
async fn a_place_has_a_quota_of_keys_and_bytes() {
    for (grants, told) in [
        (Grants { kv_keys: 3, ..everything() }, "it may have 3 keys; for more, write: [plugins.outside] kv = { keys = 6 }"),
        (Grants { kv_bytes: 320, ..everything() }, "it may have 320 bytes; for more, write: [plugins.outside] kv = { bytes = 640 }"),
    ] {
        let there = Busy { kv: Mutex::new(BTreeMap::from([("key-0".to_owned(), vec![1])])), ..Busy::default() };
        let plugin = load(there, patient(), grants).await.unwrap();
        let ran = ask(&plugin, "fill").await;
        assert!(seen(&ran, "full").contains(told), "{}", seen(&ran, "full"));
        assert_eq!(ran.run.calls.len(), 3, "the first replaces what was there");
    }
}

#[tokio::test]
async fn a_silent_server_costs_one_request_its_timeout() {
    let grants = Grants { http_timeout: Duration::from_millis(50), ..everything() };
    let plugin = load(Busy { silent: true, ..Busy::default() }, patient(), grants).await.unwrap();
    let ran = ask(&plugin, "get http://slow.example/").await;
    assert!(seen(&ran, "answer").contains("Timeout"));
    assert!(matches!(&ran.run.calls[..], [HostCall::Http { answer: Err(Unanswered::Timeout), .. }]));
}

#[tokio::test]
async fn waiting_counts_against_the_time_of_the_call() {
    let limits = Limits { time: Duration::from_millis(100), ..patient() };
    let plugin = load(Busy { silent: true, ..Busy::default() }, limits, everything()).await.unwrap();
    assert_eq!(ask(&plugin, "get http://slow.example/").await.answer.unwrap_err().code, Code::PluginTime);
    assert_eq!(ask(&plugin, "flood http://slow.example/").await.answer.unwrap_err().code, Code::PluginTime);
}

#[tokio::test]
async fn requests_count_as_host_calls() {
    let limits = Limits { host_calls: 20, host_calls_per_line: 0, ..patient() };
    let plugin = load(Busy::default(), limits, everything()).await.unwrap();
    let ran = ask(&plugin, "flood http://fast.example/").await;
    assert_eq!(ran.answer.unwrap_err().code, Code::PluginCalls);
    assert!(ran.run.calls.len() <= 20);
}

#[tokio::test]
async fn a_recorded_run_repeats_exactly() {
    let live = ask(&load(Busy::default(), patient(), everything()).await.unwrap(), "all").await;
    let other = ask(&load(Busy { asked: AtomicU64::new(99), ..Busy::default() }, patient(), everything()).await.unwrap(), "all").await;
    assert_ne!(seen(&live, "all"), seen(&other, "all"), "the world differs from run to run");
    let again = ask(&load(Replay::new(live.run.calls.clone()), patient(), everything()).await.unwrap(), "all").await;
    assert_eq!(again.subject, live.subject, "the same answers give the same output");
    assert_eq!((again.run.fuel, &again.run.calls, &again.run.changes), (live.run.fuel, &live.run.calls, &live.run.changes), "and the same fuel");
}
