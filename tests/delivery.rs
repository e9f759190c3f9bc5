//! Orders from the shop's webhook to the ERP's books, through the real program, the real rules and real HTTP.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{BREAKS, PATIENCE, patient, plan, program, show, start};
use crossdock_partners::{
    faults::{Fault, On},
    orders::{Generated, generate},
    sender::{Hook, Options},
};
use crossdock_stage::{Stage, oracle::judge};
use rust_decimal::Decimal;
use serde_json::Value;
use std::process::Command;

fn hooks(orders: &[Generated]) -> Vec<Hook> {
    orders.iter().map(Generated::hook).collect()
}

/// Orders that no rule holds: the demo's limits are for the demo.
fn lenient(plan: crossdock_stage::Plan) -> crossdock_stage::Plan {
    crossdock_stage::Plan { hooks: plan.hooks.replace("\"order-hold\", ", ""), ..plan }
}

fn state(stage: &Stage, order: &str) -> String {
    show(stage, order)[0]["state"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_demo_accounts_for_every_order_in_the_erps_books() {
    let (folder, plan) = plan();
    let output = Command::new(program())
        .args(["demo", "--json", "--orders", "80", "--plugins"])
        .arg(&plan.plugins)
        .arg("--data")
        .arg(folder.path().join("demo"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |name: &str| report[name].as_u64().unwrap_or_else(|| panic!("{name} in {report}"));
    assert_eq!(number("delivered") + number("held") + number("rejected") + number("parked"), number("orders"));
    assert_eq!((number("orders"), number("parked"), number("duplicates_dropped")), (80, 1, 1));
    assert_eq!((number("lost"), number("delivered_twice"), number("cents_off"), number("misrouted")), (0, 0, 0, 0));
    assert!(number("split") > 0 && number("held") > 0 && number("hook_us_p50") > 0, "{report}");
    // One of each of what goes beside orders, and it is where it should be, as it should be.
    let beside = report["beside_orders"].as_array().unwrap();
    let well = |one: &&Value| one["there"].is_string() && one["wrong"].is_null();
    let there: Vec<&str> = beside.iter().filter(well).filter_map(|one| one["entity"].as_str()).collect();
    let goods = ["product", "stock", "customer", "customer", "shipment", "invoice"];
    let money = ["payment", "refund", "dispute", "dispute", "payout", "certificate", "month"];
    assert_eq!(there, [&goods[..], &money].concat(), "{report}");
    let told = |entity: &str| beside.iter().find(|one| one["entity"] == entity).and_then(|one| one["there"].as_str()).unwrap_or_default();
    assert!(told("payment").contains("gift-card-liability +20.00") && told("dispute").contains("gateway-fees +15.00"), "{report}");
}

#[tokio::test]
async fn an_erp_that_fails_in_every_way_gets_every_order_exactly_once() {
    let (_folder, plan) = plan();
    let orders = generate(150, 7);
    let stage = start(crossdock_stage::Plan { timeout: std::time::Duration::from_millis(300), ..lenient(plan) }, &orders).await;
    let faults = stage.sagepro.faults();
    for fault in
        [Fault::ErrorBefore, Fault::ErrorAfter, Fault::CloseAfter, Fault::SilenceAfter, Fault::RateLimit(0), Fault::Unavailable(0), Fault::Slow(20)]
    {
        faults.share(On::All, 40, fault);
    }
    let sent = stage.send(&hooks(&orders), &Options { duplicates: 100, shuffle: true, ..patient() }).await;
    assert!(sent.iter().all(|sent| sent.acknowledged()));
    stage.drain(PATIENCE).await.unwrap();
    let judgement = judge(&orders, &stage.sagepro.books(), &BREAKS);
    assert_eq!(judgement.delivered.len(), orders.len());
    assert_eq!((judgement.twice.len(), judgement.misrouted.len(), judgement.cents_off), (0, 0, Decimal::ZERO));
}

#[tokio::test]
async fn an_answer_that_never_came_is_looked_up_and_explained() {
    let (_folder, plan) = plan();
    let orders = generate(1, 11);
    let stage = start(crossdock_stage::Plan { timeout: std::time::Duration::from_millis(200), ..lenient(plan) }, &orders).await;
    stage.sagepro.faults().next(On::Create, 1, Fault::SilenceAfter);
    stage.send(&hooks(&orders), &patient()).await;
    stage.drain(PATIENCE).await.unwrap();
    let judgement = judge(&orders, &stage.sagepro.books(), &BREAKS);
    assert_eq!((judgement.delivered.len(), judgement.twice.len()), (1, 0));
    let output = stage.command(&["orders", "explain", &orders[0].number]).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("outcome unknown") && text.contains("so it was not sent again"), "{text}");
    assert!(text.contains("warehouse-routing") && text.contains(" fuel"), "{text}");
}

#[tokio::test]
async fn an_outage_delays_but_loses_nothing() {
    let (_folder, plan) = plan();
    let orders = generate(30, 13);
    let mut stage = start(lenient(plan), &orders).await;
    stage.sagepro.outage();
    assert!(stage.send(&hooks(&orders), &patient()).await.iter().all(|sent| sent.acknowledged()));
    assert_eq!(stage.count(&["due", "sending"]).await.unwrap(), 30);
    stage.sagepro.recover();
    stage.drain(PATIENCE).await.unwrap();
    assert_eq!(judge(&orders, &stage.sagepro.books(), &BREAKS).delivered.len(), 30);
}

#[tokio::test]
async fn a_refused_order_is_parked_and_delivered_after_the_cure() {
    let (_folder, plan) = plan();
    let orders = generate(1, 17);
    let stage = start(lenient(plan), &orders).await;
    stage.sagepro.faults().next(On::Create, 1, Fault::UnknownCustomer);
    stage.send(&hooks(&orders), &patient()).await;
    stage.drain(PATIENCE).await.unwrap();
    let record = &show(&stage, &orders[0].number)[0];
    assert_eq!((&record["state"], &record["fault"]["code"]), (&Value::from("parked"), &Value::from("E401")));
    assert!(stage.command(&["orders", "retry", &orders[0].number]).unwrap().status.success());
    while state(&stage, &orders[0].number) != "delivered" {
        stage.drain(PATIENCE).await.unwrap();
    }
    assert_eq!(judge(&orders, &stage.sagepro.books(), &BREAKS).cents_off, Decimal::ZERO);
}

#[tokio::test]
async fn a_held_order_waits_for_a_person_and_then_passes() {
    let (_folder, plan) = plan();
    let plan = crossdock_stage::Plan { plugin_settings: plan.plugin_settings.replace("9000", "1").replace("900000", "1"), ..plan };
    let orders = generate(1, 19);
    let stage = start(plan, &orders).await;
    stage.send(&hooks(&orders), &patient()).await;
    stage.drain(PATIENCE).await.unwrap();
    let number = &orders[0].number;
    assert_eq!(state(&stage, number), "held");
    assert_eq!(stage.sagepro.booked(), 0);
    assert!(stage.command(&["orders", "retry", number]).unwrap().status.success());
    while state(&stage, number) != "delivered" {
        stage.drain(PATIENCE).await.unwrap();
    }
    let explained = stage.command(&["orders", "explain", number]).unwrap();
    assert!(String::from_utf8(explained.stdout).unwrap().contains("a person released the order"));
}

#[tokio::test]
async fn events_of_one_order_keep_their_meaning_in_any_order() {
    let (_folder, plan) = plan();
    let orders = generate(4, 23);
    let stage = start(lenient(plan), &orders).await;
    let [stale, changed, cancelled, thin] = &orders[..] else { unreachable!() };
    let send = async |hook: Hook| {
        assert!(stage.send(&[hook], &patient()).await[0].acknowledged());
        stage.drain(PATIENCE).await.unwrap();
    };
    // An update that overtakes its creation is delivered; the creation is then stale.
    send(stale.updated(2)).await;
    send(stale.hook()).await;
    let records = show(&stage, &stale.number);
    assert_eq!((&records[0]["state"], &records[1]["state"]), (&Value::from("delivered"), &Value::from("superseded")));
    // A change after the export that changes no document changes nothing.
    send(changed.hook()).await;
    send(changed.updated(2)).await;
    assert_eq!(show(&stage, &changed.number)[1]["state"], "superseded");
    // A cancellation reaches the ERP.
    send(cancelled.hook()).await;
    send(cancelled.cancelled()).await;
    assert_eq!(show(&stage, &cancelled.number)[1]["state"], "cancelled");
    let books = stage.sagepro.books();
    assert!(books.iter().filter(|booked| booked.purchase_order_no.starts_with(&cancelled.number)).all(|booked| booked.status == "Cancelled"));
    // An event with only an id is fetched.
    send(thin.thin()).await;
    assert_eq!(state(&stage, &thin.number), "delivered");
    assert_eq!(judge(&[stale.clone(), changed.clone(), thin.clone()], &stage.sagepro.books(), &BREAKS).cents_off, Decimal::ZERO);
}

#[tokio::test]
async fn duplicates_by_id_and_by_content_run_once() {
    let (_folder, plan) = plan();
    let orders = generate(1, 29);
    let stage = start(lenient(plan), &orders).await;
    let hook = orders[0].hook();
    let copies = [hook.clone(), hook.clone(), Hook { id: "evt_another".into(), ..hook }];
    let sent = stage.send(&copies, &patient()).await;
    assert!(sent.iter().all(|sent| sent.status == Some(202)));
    stage.drain(PATIENCE).await.unwrap();
    assert_eq!(show(&stage, &orders[0].number).as_array().unwrap().len(), 1);
    assert_eq!(judge(&orders, &stage.sagepro.books(), &BREAKS).twice.len(), 0);
}

#[tokio::test]
async fn a_stop_finishes_what_runs_and_loses_nothing() {
    let (_folder, plan) = plan();
    let orders = generate(200, 31);
    let mut stage = start(lenient(plan), &orders).await;
    stage.sagepro.faults().share(On::Create, 1000, Fault::Slow(20));
    assert!(stage.send(&hooks(&orders), &patient()).await.iter().all(|sent| sent.acknowledged()));
    assert!(stage.stop().unwrap(), "the host did not end well");
    stage.sagepro.faults().clear();
    stage.restart().await.unwrap();
    stage.drain(PATIENCE).await.unwrap();
    let judgement = judge(&orders, &stage.sagepro.books(), &BREAKS);
    assert_eq!((judgement.delivered.len(), judgement.twice.len(), judgement.cents_off), (200, 0, Decimal::ZERO));
}
