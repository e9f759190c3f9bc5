//! The hooks of customers and products: the whole contract from the guest's side, and every limit as at the hooks of orders.

use crate::support::{guest, patient, sandbox};
use async_trait::async_trait;
use crossdock_flow::{
    Code, Fault,
    capability::{Allowed, Capability, Replay, Request, Response, Unanswered, World},
    entity::{Side, customer::Customer, product::Product},
    hook::{Hook, HookRun, Plugin, Ran, Verdict},
    order::Value,
    sample,
    sync::Subject,
};
use crossdock_sandbox::{Grants, Limits, Loaded, Sandbox, Settings, Terms};
use jiff::Timestamp;
use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

async fn load(limits: Limits) -> Loaded {
    load_in(&sandbox(), limits).await
}

async fn load_in(sandbox: &Sandbox, limits: Limits) -> Loaded {
    static GUEST: OnceLock<Vec<u8>> = OnceLock::new();
    let bytes = GUEST.get_or_init(|| guest("entities", "wasm32-wasip2")).clone();
    let grants = Grants { capabilities: vec![Capability::Kv], ..Grants::default() };
    sandbox.load("entities", bytes, Terms { limits, grants, ..Terms::default() }).await.unwrap()
}

/// A customer and a product that ask the guest to misbehave.
fn asking(mode: &str) -> [Subject; 2] {
    let name = format!("mode:{mode}");
    [
        Subject::Customer(Box::new(Customer { company: name.clone(), ..sample::customer() })),
        Subject::Product(Box::new(Product { name, ..sample::product() })),
    ]
}

/// Asks at both hooks; nothing of the subject is changed.
async fn stopped(limits: Limits, mode: &str) -> Vec<(Fault, HookRun)> {
    let plugin = load(limits).await;
    let mut all = Vec::new();
    for subject in asking(mode) {
        let ran = plugin.pre_map_subject(&sample::context(), Side::Shop, subject.clone()).await.settled();
        assert_eq!(ran.subject, subject);
        all.push((ran.answer.unwrap_err(), ran.run));
    }
    assert_eq!(all.iter().map(|(_, run)| run.hook).collect::<Vec<_>>(), [Hook::PreMapCustomer, Hook::PreMapProduct]);
    all
}

#[tokio::test]
async fn the_guest_finds_the_whole_contract_as_it_is_written() {
    let plugin = load(patient()).await;
    assert_eq!(plugin.hooks(), [Hook::PreMapCustomer, Hook::PreMapProduct]);
    // The rehearsal is on the samples, on which the guest checks every getter and edit.
    assert!(plugin.facts().rehearsal.iter().all(|run| run.fault.is_none() && run.fuel > 0), "{:?}", plugin.facts().rehearsal);
    let ran = plugin.pre_map_subject(&sample::context(), Side::Shop, Subject::Customer(Box::new(sample::customer()))).await.settled();
    assert_eq!(ran.answer.unwrap(), Verdict::Proceed);
    let paths: Vec<String> = ran.run.changes.iter().map(|change| change.path.to_string()).collect();
    assert_eq!(
        paths[..5],
        ["customer.price-list", "customer.credit-limit", "customer.standing", "customer.billing.city", "customer.ship-to[SHED].city"]
    );
    assert_eq!(ran.run.logs[0].text, "the customer is as it should be");
    let ran = plugin.pre_map_subject(&sample::context(), Side::Erp, Subject::Product(Box::new(sample::product()))).await.settled();
    assert_eq!(ran.answer.unwrap(), Verdict::Proceed);
    assert_eq!(ran.subject.content().get("price[CAD//0]"), &Value::Number("17.0125".parse().unwrap()));
    assert!(ran.run.changes.iter().all(|change| change.path.to_string().starts_with("product.") && &*change.reason == "seen"));
}

#[tokio::test]
async fn a_loop_runs_out_of_fuel_at_both_hooks() {
    for (fault, run) in stopped(patient(), "loop").await {
        assert_eq!(fault.code, Code::PluginFuel);
        assert_eq!((run.fuel, fault.reached.unwrap().value), (run.fuel_limit, (50_000_000 + 500_000).to_string()));
    }
}

#[tokio::test]
async fn time_memory_and_host_calls_end_at_both_hooks() {
    let endless = Limits { fuel: u64::MAX / 2, host_calls: u64::MAX / 2, host_bytes: u64::MAX, ..Limits::default() };
    for (fault, _) in stopped(Limits { time: Duration::from_millis(300), ..endless }, "loop").await {
        assert_eq!(fault.code, Code::PluginTime);
    }
    for (fault, run) in stopped(patient(), "memory").await {
        assert_eq!(fault.code, Code::PluginMemory);
        assert!(run.memory <= Limits::default().memory, "{}", run.memory);
    }
    for (fault, _) in stopped(Limits { fuel: u64::MAX / 2, ..patient() }, "calls").await {
        assert_eq!(fault.code, Code::PluginCalls);
    }
    for (fault, _) in stopped(patient(), "panic").await {
        assert_eq!(fault.code, Code::PluginTrapped);
        assert!(fault.detail.unwrap().panic.contains("asked to"));
    }
}

#[tokio::test]
async fn a_note_that_nothing_would_keep_is_refused_and_not_lost() {
    for (fault, run) in stopped(patient(), "note").await {
        assert_eq!((fault.code, fault.message.as_str()), (Code::PluginFailed, "notes are kept with orders: at this hook nothing can be written"));
        assert!(run.calls.is_empty(), "{:?}", run.calls);
    }
}

/// Notes that say something else each time.
#[derive(Default)]
struct Restless(AtomicI64);

#[async_trait]
impl World for Restless {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
    fn random(&self, count: usize) -> Vec<u8> {
        vec![0; count]
    }
    async fn look_up(&self, _: &str, _: &str) -> Result<Option<Vec<(String, String)>>, Fault> {
        Ok(None)
    }
    async fn kv_get(&self, _: &str, _: &str) -> Result<Option<(Vec<u8>, i64)>, Fault> {
        let time = self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Some((format!("NET{time}").into_bytes(), time)))
    }
    async fn kv_usage(&self, _: &str) -> Result<(u64, u64), Fault> {
        Ok((0, 0))
    }
    async fn fetch(&self, _: &str, _: &[Allowed], _: Request, _: usize) -> Result<Response, Unanswered> {
        Err(Unanswered::Timeout)
    }
}

#[tokio::test]
async fn a_recorded_run_on_a_customer_repeats_exactly() {
    let ask = async |world: Arc<dyn World>| {
        let sandbox = Sandbox::with(Settings { concurrency: 2, ..Settings::default() }, world).unwrap();
        let [customer, _] = asking("read");
        load_in(&sandbox, patient()).await.pre_map_subject(&sample::context(), Side::Shop, customer).await.settled()
    };
    let (live, other) = (ask(Arc::new(Restless::default())).await, ask(Arc::new(Restless(AtomicI64::new(40)))).await);
    assert_ne!(live.subject, other.subject, "the world differs from run to run");
    let terms = |ran: &Ran<Subject, Verdict>| ran.run.changes.iter().map(|change| change.after.to_string()).collect::<Vec<_>>();
    assert_eq!((terms(&live), live.run.calls.len()), (vec!["NET0".to_owned(), "NET1".to_owned()], 2));
    // As it is kept and read back.
    let kept: HookRun = serde_json::from_str(&serde_json::to_string(&live.run).unwrap()).unwrap();
    let again = ask(Arc::new(Replay::new(kept.calls.clone()))).await;
    assert_eq!(again.subject, live.subject, "the same answers give the same output");
    assert_eq!((again.run.fuel, &again.run.calls, &again.run.changes), (kept.fuel, &kept.calls, &kept.changes), "and the same fuel");
}
