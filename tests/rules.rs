//! What the operator says of rules holds under the real program: failure policies, quarantine and release, guards, pins,
//! signatures, and grants.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{BREAKS, PATIENCE, guest, patient, plan, show, start};
use crossdock_partners::{
    orders::{Generated, generate},
    sender::Hook,
};
use crossdock_stage::{Plan, Stage, oracle::judge};
use serde_json::Value;
use std::fs;

/// The plan with the guest that misbehaves on demand, in the place of `order-hold`.
fn with_guest(plan: Plan, said: &str) -> Plan {
    fs::copy(guest(), plan.plugins.join("hooks.wasm")).unwrap();
    let hooks = plan.hooks.replace("\"order-hold\"", "\"hooks\"");
    let settings = format!("{}\n[plugins.hooks]\nsettings = {{ mode = \"nothing\" }}\n{said}\n", plan.plugin_settings);
    Plan { hooks, plugin_settings: settings, ..plan }
}

/// Sends an order as an event that makes the guest do this.
async fn send(stage: &Stage, orders: &[Generated], mode: &str) {
    let hooks: Vec<Hook> = orders.iter().map(|order| Hook { id: format!("mode:{mode}#{}", order.number), ..order.hook() }).collect();
    assert!(stage.send(&hooks, &patient()).await.iter().all(|sent| sent.acknowledged()));
    stage.drain(PATIENCE).await.unwrap();
}

fn said(stage: &Stage, arguments: &[&str]) -> String {
    let output = stage.command(arguments).unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn a_rule_that_may_be_skipped_lets_the_order_go_on_marked() {
    let (_folder, plan) = plan();
    let orders = generate(1, 71);
    let stage = start(with_guest(plan, "on-fault = { pre-map = \"skip\" }"), &orders).await;
    send(&stage, &orders, "panic").await;
    assert_eq!(judge(&orders, &stage.sagepro.books(), &BREAKS).delivered.len(), 1);
    let told = said(&stage, &["orders", "explain", &orders[0].number]);
    assert!(told.contains("E101 plugin `hooks` in pre-map: the guest panicked") && told.contains("skipped: its failure policy"), "{told}");
}

#[tokio::test]
async fn the_last_version_that_worked_stands_in() {
    let (_folder, plan) = plan();
    // The version that works: it does nothing, whatever the event says. The next one panics on demand.
    let works = fs::read(plan.plugins.join("segment-discount.wasm")).unwrap();
    let plan = with_guest(plan, "on-fault = \"previous\"");
    let (file, fails) = (plan.plugins.join("hooks.wasm"), fs::read(plan.plugins.join("hooks.wasm")).unwrap());
    fs::write(&file, works).unwrap();
    let orders = generate(3, 73);
    let mut stage = start(plan, &orders).await;
    send(&stage, &orders[..1], "nothing").await;
    assert!(stage.stop().unwrap());
    fs::write(&file, fails).unwrap();
    stage.restart().await.unwrap();
    send(&stage, &orders[1..2], "panic").await;
    let told = said(&stage, &["orders", "explain", &orders[1].number]);
    assert!(told.contains("the guest panicked") && told.contains("the last version that worked stood in"), "{told}");
    // A file that is no plugin at all: the version that worked goes on.
    assert!(stage.stop().unwrap());
    fs::write(&file, "overwritten by accident").unwrap();
    stage.restart().await.unwrap();
    send(&stage, &orders[2..], "nothing").await;
    assert_eq!(judge(&orders, &stage.sagepro.books(), &BREAKS).delivered.len(), 3);
}

#[tokio::test]
async fn a_version_that_fails_too_often_is_taken_out_of_service_until_a_person_releases_it() {
    let (_folder, plan) = plan();
    let orders = generate(5, 79);
    let plan = Plan { sandbox: "quarantine-after = 2".into(), ..with_guest(plan, "") };
    let mut stage = start(plan, &orders).await;
    send(&stage, &orders[..1], "panic").await;
    assert_eq!(said(&stage, &["alerts"]), "no alerts\n");
    send(&stage, &orders[1..2], "failed").await;
    let told = said(&stage, &["alerts", "--json"]);
    let alerts: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&alerts[0]["kind"], &alerts[0]["subject"]), (&Value::from("quarantined"), &Value::from("hooks")));
    assert!(alerts[0]["message"].as_str().unwrap().contains("2 faults within"), "{told}");
    // An order that it would have let pass is not shown to it, and it stays so after a restart.
    send(&stage, &orders[2..3], "nothing").await;
    assert!(stage.stop().unwrap());
    stage.restart().await.unwrap();
    send(&stage, &orders[3..4], "nothing").await;
    for order in &orders[2..4] {
        assert_eq!(show(&stage, &order.number)[0]["fault"]["code"], "E112");
    }
    assert!(said(&stage, &["plugin", "list"]).contains("out of service since"));
    assert!(said(&stage, &["plugin", "release", "hooks"]).contains("back in service"));
    assert!(said(&stage, &["plugin", "release", "hooks"]).contains("no version of `hooks` is out of service"));
    // The running host notices by itself.
    let begun = std::time::Instant::now();
    loop {
        assert!(said(&stage, &["orders", "retry", &orders[2].number]).contains("run again"), "it waits for a person");
        stage.drain(PATIENCE).await.unwrap();
        if show(&stage, &orders[2].number)[0]["state"] == "delivered" {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "the host never noticed the release");
    }
    assert_eq!(stage.sagepro.booked(), judge(&orders, &stage.sagepro.books(), &BREAKS).delivered.len());
}

#[tokio::test]
async fn what_the_guard_forbids_never_reaches_the_erp() {
    let (_folder, plan) = plan();
    let orders: Vec<Generated> = generate(60, 83).into_iter().filter(|order| order.expected.segment == "wholesale").take(10).collect();
    let settings = format!("{}\n[guard]\nmax-line-discount = \"9%\"\n", plan.plugin_settings);
    let stage = start(Plan { hooks: plan.hooks.replace("\"order-hold\", ", ""), plugin_settings: settings, ..plan }, &orders).await;
    let hooks: Vec<Hook> = orders.iter().map(Generated::hook).collect();
    stage.send(&hooks, &patient()).await;
    stage.drain(PATIENCE).await.unwrap();
    // Ten units or more get ten per cent off, which is more than nine.
    let mut refused = 0;
    for order in &orders {
        let over = order.expected.lines.iter().any(|line| line.quantity >= 10.into());
        let record = &show(&stage, &order.number)[0];
        assert_eq!(record["state"], if over { "parked" } else { "delivered" }, "{record}");
        if over {
            refused += 1;
            assert_eq!((&record["fault"]["code"], &record["fault"]["detail"]["plugin"]), (&Value::from("E111"), &Value::from("segment-discount")));
            assert!(record["fault"]["message"].as_str().unwrap().ends_with("breaks max-line-discount = \"9%\""), "{record}");
        }
    }
    assert!(refused > 0);
    let judgement = judge(&orders, &stage.sagepro.books(), &BREAKS);
    assert_eq!((judgement.delivered.len(), judgement.cents_off), (orders.len() - refused, 0.into()));
}

#[tokio::test]
async fn what_a_rule_is_granted_works_and_is_told() {
    let (_folder, plan) = plan();
    fs::copy(guest().with_file_name("guest_outside.wasm"), plan.plugins.join("outside.wasm")).unwrap();
    let hooks = plan.hooks.replace("\"order-hold\"", "\"outside\"");
    let orders = generate(6, 97);
    let refused = start(Plan { hooks: hooks.clone(), data: plan.data.join("refused"), ..plan.clone() }, &orders).await;
    send(&refused, &orders[..1], "count").await;
    let record = &show(&refused, &orders[0].number)[0];
    assert_eq!((&record["state"], &record["fault"]["code"]), (&Value::from("parked"), &Value::from("E128")));
    drop(refused);

    let granted = "\n[plugins.outside]\ngrant = [\"lookup\", \"kv\", \"http\", \"clock\", \"random\"]\n";
    let settings = format!("{}{granted}", plan.plugin_settings);
    let mut stage = start(Plan { hooks, plugin_settings: settings, ..plan }, &orders).await;
    let told = |stage: &Stage, order: &Generated| said(stage, &["orders", "explain", &order.number]);
    send(&stage, &orders[..1], "count").await;
    assert!(told(&stage, &orders[0]).contains("fields.count: nothing → 1"), "{}", told(&stage, &orders[0]));
    // Rejected: what it wrote goes with it. Restarted: what was written stays.
    send(&stage, &orders[1..2], "count-then-reject").await;
    assert!(stage.stop().unwrap());
    stage.restart().await.unwrap();
    send(&stage, &orders[2..3], "count").await;
    assert!(told(&stage, &orders[2]).contains("fields.count: nothing → 2") && told(&stage, &orders[2]).contains("wrote its key seen: 8 bytes"));
    send(&stage, &orders[3..4], "look~SHIRT-OX-M").await;
    assert!(told(&stage, &orders[3]).contains("looked up stock SHIRT-OX-M: known"), "{}", told(&stage, &orders[3]));
    // The ERP's own server is an address that nobody listed.
    send(&stage, &orders[4..5], &format!("get~{}/", stage.sagepro.url().replace("127.0.0.1", "localhost"))).await;
    assert!(told(&stage, &orders[4]).contains("no answer: NotAllowed"), "{}", told(&stage, &orders[4]));
    send(&stage, &orders[5..], "time").await;
    assert!(told(&stage, &orders[5]).contains("asked the time: 20"), "{}", told(&stage, &orders[5]));
    assert_eq!(judge(&orders, &stage.sagepro.books(), &BREAKS).delivered.len(), 5);
}

#[tokio::test]
async fn only_the_pinned_the_signed_and_the_granted_run() {
    let (_folder, plan) = plan();
    let orders = generate(1, 89);
    let pins = "\n[plugins.segment-discount]\nsha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"\n";
    let settings = plan.plugin_settings.replace("[plugins.segment-discount.settings]", &format!("{pins}[plugins.segment-discount.settings]"));
    let stage = start(Plan { plugin_settings: settings, ..plan.clone() }, &orders).await;
    send(&stage, &orders, "nothing").await;
    let record = &show(&stage, &orders[0].number)[0];
    assert_eq!((&record["state"], &record["fault"]["code"]), (&Value::from("parked"), &Value::from("E129")));
    drop(stage);

    let key = "trusted-keys = [\"RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\"]";
    let stage = start(Plan { sandbox: key.into(), data: plan.data.join("signed"), ..plan }, &orders).await;
    let listed: Value = serde_json::from_slice(&stage.command(&["plugin", "list", "--json"]).unwrap().stdout).unwrap();
    assert!(listed.as_array().unwrap().iter().all(|plugin| plugin["fault"]["code"] == "E129"), "{listed}");
    let told = said(&stage, &["doctor"]);
    assert!(told.contains("by one of 1 trusted keys") && told.contains("48.0."), "{told}");
}
