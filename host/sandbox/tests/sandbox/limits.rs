//! Every limit with a guest that reaches it. Each test fails when its limit is not enforced.

use crate::support::{load, load_in, mode, patient, sandbox, small};
use crossdock_flow::{
    Code, Fault,
    hook::{HookRun, Plugin, Verdict},
    sample,
};
use crossdock_sandbox::{Limits, Settings};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

async fn stopped(limits: Limits, name: &str) -> (Fault, HookRun) {
    let ran = load(limits).await.pre_map(&mode(name), Arc::new(sample::order(3))).await.settled();
    assert_eq!(*ran.subject, sample::order(3));
    (ran.answer.unwrap_err(), ran.run)
}

fn endless() -> Limits {
    Limits { fuel: u64::MAX / 2, host_calls: u64::MAX / 2, host_bytes: u64::MAX, ..Limits::default() }
}

#[tokio::test]
async fn a_loop_runs_out_of_fuel() {
    let (fault, run) = stopped(patient(), "loop").await;
    assert_eq!(fault.code, Code::PluginFuel);
    let reached = fault.reached.unwrap();
    assert_eq!((reached.limit.as_str(), reached.value), ("fuel", (50_000_000 + 3 * 500_000).to_string()));
    assert_eq!(run.fuel, run.fuel_limit);
}

#[tokio::test]
async fn a_loop_with_fuel_runs_out_of_time_while_others_go_on() {
    // One thread: the busy guest has to yield for anything else to happen at all.
    let plugin = load(Limits { time: Duration::from_millis(300), ..endless() }).await;
    let other = tokio::spawn(async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Instant::now()
    });
    let started = Instant::now();
    let ran = plugin.pre_map(&mode("loop"), Arc::new(sample::order(3))).await;
    let took = started.elapsed();
    assert_eq!(ran.answer.unwrap_err().code, Code::PluginTime);
    assert!(took >= Duration::from_millis(300) && took < Duration::from_secs(100), "{took:?}");
    assert!(other.await.unwrap() < started + took, "another task ran while the guest was busy");
}

#[tokio::test]
async fn a_sleeping_guest_runs_out_of_time() {
    let started = Instant::now();
    let (fault, _) = stopped(Limits { time: Duration::from_millis(100), ..Limits::default() }, "sleep").await;
    assert_eq!(fault.code, Code::PluginTime);
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[tokio::test]
async fn endless_host_calls_run_out_of_time() {
    let (fault, _) = stopped(Limits { time: Duration::from_millis(100), ..endless() }, "calls").await;
    assert_eq!(fault.code, Code::PluginTime);
}

#[tokio::test]
async fn memory_is_capped() {
    let (fault, run) = stopped(Limits { memory: 16 << 20, ..patient() }, "memory").await;
    assert_eq!(fault.code, Code::PluginMemory);
    assert!(run.memory <= 16 << 20 && run.memory > 8 << 20, "{}", run.memory);
}

#[tokio::test]
async fn a_deep_recursion_overflows_its_own_stack() {
    let (fault, _) = stopped(patient(), "stack").await;
    assert_eq!(fault.code, Code::PluginStack, "{fault}");
}

#[tokio::test]
async fn too_many_host_calls() {
    let (fault, _) = stopped(patient(), "calls").await;
    assert_eq!(fault.code, Code::PluginCalls);
    let reached = fault.reached.unwrap();
    assert_eq!((reached.limit.as_str(), reached.value.as_str(), reached.used.as_deref()), ("host-calls", "10300", Some("10301")));
}

#[tokio::test]
async fn too_many_bytes_through_host_calls() {
    for name in ["bytes", "edits"] {
        let limits = Limits { host_calls: u64::MAX / 2, host_bytes: 1 << 20, ..patient() };
        let (fault, run) = stopped(limits, name).await;
        assert_eq!(fault.code, Code::PluginCalls, "{name}");
        assert_eq!(fault.reached.unwrap().limit, "host-bytes", "{name}");
        assert!(run.changes.is_empty());
    }
}

#[tokio::test]
async fn a_large_answer_or_argument_is_refused() {
    for name in ["long-answer", "big-call"] {
        let sandbox = small(Settings { max_memory: 256 << 20, ..Settings::default() });
        let plugin = load_in(&sandbox, Limits { memory: 200 << 20, fuel: 1 << 40, ..patient() }).await;
        let ran = plugin.pre_map(&mode(name), Arc::new(sample::order(3))).await;
        let fault = ran.answer.unwrap_err();
        assert_eq!(fault.code, Code::PluginOutput, "{name}: {fault}");
        assert_eq!(fault.reached.unwrap().limit, "output");
    }
}

#[tokio::test]
async fn a_flood_of_lines_is_dropped_and_counted() {
    for (name, level) in [("logs", "info"), ("prints", "stdout")] {
        let plugin = load(Limits { log_lines: 50, ..patient() }).await;
        let ran = plugin.pre_map(&mode(name), Arc::new(sample::order(3))).await;
        assert_eq!(ran.answer, Ok(Verdict::Proceed), "{name}: the call goes on");
        assert_eq!(ran.run.logs.len(), 51);
        assert_eq!((ran.run.logs[49].level.as_str(), ran.run.logs[49].text.as_str()), (level, "line 49"));
        assert_eq!(ran.run.logs[50].text, "9950 lines dropped");
    }
}

#[tokio::test]
async fn leaving_is_no_answer() {
    let (fault, _) = stopped(patient(), "exit").await;
    assert_eq!(fault.code, Code::PluginTrapped);
    assert!(fault.message.contains("exit"), "{fault}");
}

#[tokio::test]
async fn a_full_sandbox_is_busy() {
    let sandbox = small(Settings { concurrency: 1, queue_timeout: Duration::from_millis(50), ..Settings::default() });
    let plugin = load_in(&sandbox, Limits { time: Duration::from_millis(500), ..endless() }).await;
    let order = Arc::new(sample::order(3));
    let (busy_context, context) = (mode("sleep"), mode("nothing"));
    let (slow, fast) = tokio::join!(plugin.pre_map(&busy_context, order.clone()), plugin.pre_map(&context, order.clone()));
    assert_eq!(slow.answer.unwrap_err().code, Code::PluginTime);
    let fault = fast.answer.unwrap_err();
    assert_eq!((fault.code, fault.reached.unwrap().value.as_str()), (Code::SandboxBusy, "1"));
    assert_eq!(plugin.pre_map(&context, order).await.answer, Ok(Verdict::Proceed), "the place is free again");
}

#[tokio::test]
async fn the_engine_tells_what_it_is() {
    let facts = sandbox().engine_facts();
    let lock = include_str!("../../../../Cargo.lock");
    assert!(lock.contains(&format!("name = \"wasmtime\"\nversion = \"{}\"", facts.wasmtime)), "{}", facts.wasmtime);
    assert!(!facts.cached);
}
