//! Hostile plugins under the real program: each costs its own order a named fault, and other orders go on.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{BREAKS, PATIENCE, guest, patient, plan, program, show, start};
use crossdock_partners::{
    orders::{Generated, generate},
    sender::Hook,
};
use crossdock_stage::{Plan, oracle::judge};
use rust_decimal::Decimal;
use serde_json::Value;
use std::{fs, process::Command};

#[tokio::test]
async fn each_misdeed_costs_one_order_its_named_fault_while_others_go_on() {
    let (_folder, plan) = plan();
    fs::copy(guest(), plan.plugins.join("hooks.wasm")).unwrap();
    // The guest does nothing, unless an event's id asks for a misdeed. Its time is long, so that on a busy machine, too, each
    // misdeed meets its own limit first.
    let hooks = plan.hooks.replace("\"order-hold\"", "\"hooks\"");
    let settings = format!(
        "{}\n[plugins.hooks]\nsettings = {{ mode = \"nothing\" }}\nlimits = {{ memory = \"16MiB\", fuel = 20_000_000, time = \"3s\" }}\n",
        plan.plugin_settings
    );
    let orders = generate(60, 43);
    // So many misdeeds of one version would take it out of service.
    let stage = start(Plan { hooks, plugin_settings: settings, sandbox: "quarantine-after = 1000".into(), ..plan }, &orders).await;
    let misdeeds = [
        ("loop", "E102"),
        ("sleep", "E103"),
        ("memory", "E104"),
        ("big-call", "E105"),
        ("long-answer", "E104"),
        ("failed", "E106"),
        ("panic", "E101"),
        ("stack", "E109"),
        ("calls", "E110"),
    ];
    let bad = generate(misdeeds.len(), 44);
    let mut hooks: Vec<Hook> = orders.iter().map(Generated::hook).collect();
    for (place, ((misdeed, _), order)) in misdeeds.iter().zip(&bad).enumerate() {
        hooks.insert(place * 5, Hook { id: format!("mode:{misdeed}"), ..order.hook() });
    }
    assert!(stage.send(&hooks, &patient()).await.iter().all(|sent| sent.acknowledged()));
    stage.drain(PATIENCE).await.unwrap();
    for ((misdeed, code), order) in misdeeds.iter().zip(&bad) {
        let record = &show(&stage, &order.number)[0];
        assert_eq!((&record["state"], &record["fault"]["code"]), (&Value::from("parked"), &Value::from(*code)), "{misdeed}: {record}");
        assert_eq!((&record["fault"]["detail"]["plugin"], &record["fault"]["detail"]["hook"]), (&Value::from("hooks"), &Value::from("pre-map")));
    }
    let panic = show(&stage, &bad[6].number)[0]["fault"]["detail"]["panic"].as_str().unwrap_or_default().to_owned();
    assert!(panic.contains("line 7 has no price"), "{panic}");
    let judgement = judge(&orders, &stage.sagepro.books(), &BREAKS);
    assert_eq!((judgement.delivered.len(), judgement.cents_off), (orders.len(), Decimal::ZERO));
    assert!(judge(&bad, &stage.sagepro.books(), &BREAKS).delivered.is_empty());
}

#[tokio::test]
async fn bad_files_are_refused_by_name_and_the_others_run() {
    let (_folder, plan) = plan();
    let good = fs::read(plan.plugins.join("segment-discount.wasm")).unwrap();
    fs::write(plan.plugins.join("text.wasm"), "this is not WebAssembly").unwrap();
    fs::write(plan.plugins.join("cut.wasm"), &good[..good.len() / 2]).unwrap();
    fs::write(plan.plugins.join("empty.wasm"), "").unwrap();
    fs::create_dir(plan.plugins.join("folder.wasm")).unwrap();
    let orders = generate(10, 47);
    let stage = start(Plan { log: "info", hooks: plan.hooks.replace("\"order-hold\", ", ""), ..plan }, &orders).await;
    let hooks: Vec<Hook> = orders.iter().map(Generated::hook).collect();
    stage.send(&hooks, &patient()).await;
    stage.drain(PATIENCE).await.unwrap();
    assert_eq!(judge(&orders, &stage.sagepro.books(), &BREAKS).delivered.len(), 10);
    let listed = stage.command(&["plugin", "list", "--json"]).unwrap();
    let listed: Vec<Value> = serde_json::from_slice(&listed.stdout).unwrap();
    let fault = |name: &str| listed.iter().find(|row| row["name"] == name).map(|row| row["fault"]["code"].clone());
    for name in ["text", "cut", "empty", "folder"] {
        assert_eq!(fault(name), Some(Value::from("E121")), "{name}");
    }
    assert_eq!(fault("segment-discount"), Some(Value::Null));
    let log = fs::read_to_string(stage.data().join("host.log")).unwrap();
    assert!(log.contains("text") && log.contains("E121"), "{log}");
}

#[tokio::test]
async fn a_named_rule_that_cannot_run_parks_orders_instead_of_letting_them_pass() {
    let (_folder, plan) = plan();
    fs::write(plan.plugins.join("segment-discount.wasm"), "overwritten by accident").unwrap();
    let orders = generate(3, 53);
    let stage = start(Plan { hooks: plan.hooks.replace("\"order-hold\", ", ""), ..plan }, &orders).await;
    let hooks: Vec<Hook> = orders.iter().map(Generated::hook).collect();
    stage.send(&hooks, &patient()).await;
    stage.drain(PATIENCE).await.unwrap();
    assert_eq!((stage.count(&["parked"]).await.unwrap(), stage.sagepro.booked()), (3, 0));
    assert_eq!(show(&stage, &orders[0].number)[0]["fault"]["code"], "E121");
}

#[test]
fn rehearse_tells_programs_what_is_wrong_and_exits_by_it() {
    let (folder, plan) = plan();
    let run = |file: &std::path::Path| {
        let output = Command::new(program()).current_dir(folder.path()).args(["plugin", "rehearse", "--json"]).arg(file).output().unwrap();
        (output.status.code(), serde_json::from_slice::<Value>(&output.stdout).unwrap_or_else(|_| panic!("{output:?}")))
    };
    let (code, answer) = run(&plan.plugins.join("warehouse-routing.wasm"));
    assert_eq!((code, &answer["ok"], &answer["hooks"][0]), (Some(0), &Value::from(true), &Value::from("route-order")));
    let bad = folder.path().join("bad.wasm");
    fs::write(&bad, b"\0asm\x0d\0\x01\0garbage").unwrap();
    let (code, answer) = run(&bad);
    assert_eq!((code, &answer["ok"]), (Some(1), &Value::from(false)));
    assert!(answer["fault"]["code"].as_str().is_some_and(|code| code.starts_with("E12")), "{answer}");
    assert!(answer["ms"].is_u64() && answer["host_rss_growth_kib"].is_u64(), "{answer}");
}
