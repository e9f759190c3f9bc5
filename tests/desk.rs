//! What people do at the desk, through the real program: parked orders are listed, mended, retried and given up; what no
//! webhook brought is found; books are compared; data are erased; backups are brought back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{BREAKS, PATIENCE, patient, plan, show, start};
use crossdock_partners::{
    faults::{Fault, On},
    orders::{Generated, event, generate},
    sender::Hook,
};
use crossdock_stage::{Plan, Stage, oracle::judge};
use rust_decimal::Decimal;
use serde_json::Value;
use std::time::Duration;

/// Orders that no rule holds: the demo's limits are for the demo.
fn lenient() -> (tempfile::TempDir, Plan) {
    let (folder, plan) = plan();
    let breaker = "breaker = { after = 10, probe = \"100ms\", longest = \"1s\" }\n";
    let plan = Plan { hooks: plan.hooks.replace("\"order-hold\", ", ""), erp: breaker.into(), ..plan };
    (folder, plan)
}

/// The event of an order whose JSON was changed by hand.
fn changed(order: &Generated, id: &str, change: impl FnOnce(&mut Value)) -> Hook {
    let mut json: Value = serde_json::from_str(&order.order).unwrap();
    change(&mut json);
    Hook { id: format!("evt_{id}"), number: order.number.clone(), body: event("order.created", &order.date, &json.to_string()).into() }
}

fn run(stage: &Stage, arguments: &[&str]) -> (bool, String) {
    let output = stage.command(arguments).unwrap();
    (output.status.success(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

fn json(stage: &Stage, arguments: &[&str]) -> Value {
    let (_, text) = run(stage, &[arguments, &["--json"]].concat());
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

async fn send(stage: &Stage, hooks: &[Hook]) {
    assert!(stage.send(hooks, &patient()).await.iter().all(|sent| sent.acknowledged()));
    stage.drain(PATIENCE).await.unwrap();
}

/// Waits until the newest record of an order stands somewhere.
async fn until(stage: &Stage, order: &str, state: &str) {
    for _ in 0..2_000 {
        let records = show(stage, order);
        if records.as_array().is_some_and(|records| records.iter().any(|record| record["state"] == state)) {
            return;
        }
        stage.drain(PATIENCE).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{order} is not {state}: {}", show(stage, order));
}

#[tokio::test]
async fn a_mistyped_article_is_suggested_accepted_and_remembered() {
    let (_folder, plan) = lenient();
    let orders = generate(2, 101);
    let stage = start(plan, &orders).await;
    // One letter wrong, everywhere it stands: the ERP does not know the article.
    let right = orders[0].expected.lines[0].sku.clone();
    let wrong = format!("{}X", right);
    let mistype = |json: &mut Value| {
        json["lineItems"].as_array_mut().unwrap().iter_mut().for_each(|line| {
            if line["sku"] == *right {
                line["sku"] = wrong.clone().into();
            }
        })
    };
    send(&stage, &[changed(&orders[0], "typo", mistype)]).await;
    let number = &orders[0].number;
    let listed = json(&stage, &["parked", "list", "--code", "E401"]);
    assert_eq!((listed["in-all"].as_u64(), &listed["parked"][0]["order"]), (Some(1), &Value::from(number.as_str())), "{listed}");
    assert_eq!(json(&stage, &["parked", "list", "--code", "E402"])["in-all"], 0);
    let shown = json(&stage, &["parked", "show", number]);
    let suggestion = &shown[0]["suggestions"][0];
    assert_eq!((&suggestion["from"], &suggestion["to"]), (&Value::from(wrong.as_str()), &Value::from(right.as_str())), "{shown}");
    assert!(suggestion["reason"].as_str().is_some_and(|reason| !reason.is_empty()));

    let count = shown[0]["suggestions"].as_array().unwrap().iter().filter(|one| one["from"] == *wrong && one["to"] == *right).count();
    let accepted: Vec<String> = (1..=count).map(|number| number.to_string()).collect();
    let mut arguments = vec!["parked", "edit", number, "--why", "typing error in the shop", "--by", "kim", "--remember", "--retry"];
    accepted.iter().for_each(|number| arguments.extend(["--accept", number]));
    let edited = json(&stage, &arguments);
    assert_eq!((&edited["edit"], &edited["retried"]), (&Value::from(1), &Value::from(true)), "{edited}");
    until(&stage, number, "delivered").await;
    assert_eq!(judge(&orders[..1], &stage.sagepro.books(), &BREAKS).cents_off, Decimal::ZERO);
    let (_, told) = run(&stage, &["orders", "explain", number]);
    assert!(told.contains("kim") && told.contains("typing error in the shop") && told.contains("worked on edit 1"), "{told}");

    // The same mistake again mends itself, and says so.
    let again = changed(&orders[1], "again", |json| json["lineItems"][0]["sku"] = wrong.clone().into());
    send(&stage, &[again]).await;
    let (_, told) = run(&stage, &["orders", "explain", &orders[1].number]);
    assert!(told.contains("corrected as remembered") && told.contains("delivered"), "{told}");
    let corrections = json(&stage, &["corrections", "list"]);
    assert_eq!((&corrections[0]["path"], &corrections[0]["by"]["actor"]), (&Value::from("lineItems[*].sku"), &Value::from("kim")), "{corrections}");
    let forgotten = corrections[0]["id"].to_string();
    assert!(run(&stage, &["corrections", "forget", &forgotten]).0);
    assert!(!run(&stage, &["corrections", "forget", &forgotten]).0, "it is gone");
}

#[tokio::test]
async fn a_decimal_comma_is_suggested_and_the_original_bytes_stay() {
    let (_folder, plan) = lenient();
    let orders = generate(1, 103);
    let stage = start(plan, &orders).await;
    let price = orders[0].expected.lines[0].unit_price.to_string();
    let hook = changed(&orders[0], "comma", |json| json["lineItems"][0]["unitPrice"] = price.replace('.', ",").into());
    let original = hook.body.to_string();
    send(&stage, &[hook]).await;
    let number = &orders[0].number;
    let shown = json(&stage, &["parked", "show", number]);
    assert_eq!(shown[0]["suggestions"][0]["to"], *price, "{shown}");
    assert!(run(&stage, &["parked", "edit", number, "--accept", "1", "--why", "comma", "--retry"]).0);
    until(&stage, number, "delivered").await;
    let (_, audit) = run(&stage, &["audit", "--order", number, "--json"]);
    let lines: Vec<Value> = audit.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let what: Vec<&str> = lines.iter().filter_map(|line| line["what"].as_str()).collect();
    for wanted in ["accepted", "edited", "retried", "ended"] {
        assert!(what.contains(&wanted), "{wanted} is not in {what:?}");
    }
    assert!(lines.iter().any(|line| line["what"] == "edited" && line["cause"].as_str().is_some_and(|cause| cause.contains("comma"))), "{audit}");
    let story = json(&stage, &["orders", "explain", number]);
    assert_eq!(story[0]["edits"][0]["number"], 1, "{story}");
    // The original is still what came, byte for byte: a retry of an export shows both.
    let exported = stage.command(&["parked", "export", "--state", "parked"]).unwrap();
    assert!(exported.stdout.is_empty(), "nothing is parked any more");
    assert!(original.contains(&price.replace('.', ",")));
}

#[tokio::test]
async fn parked_orders_are_chosen_in_bulk_and_given_up_only_with_nothing_in_the_erp() {
    let (_folder, plan) = lenient();
    let orders = generate(6, 107);
    let stage = start(plan, &orders).await;
    stage.sagepro.faults().share(On::Create, 1000, Fault::UnknownCustomer);
    send(&stage, &orders.iter().map(Generated::hook).collect::<Vec<_>>()).await;
    assert_eq!(json(&stage, &["parked", "list", "--sort", "age"])["in-all"], 6);
    let worth: Vec<Decimal> = json(&stage, &["parked", "list"])["parked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["worth"][0].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(worth.is_sorted_by(|a, b| a >= b), "the dearest first: {worth:?}");
    let exported = stage.command(&["parked", "export", "--all"]).unwrap();
    let lines: Vec<Value> = String::from_utf8(exported.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sent = orders.iter().find(|order| lines[0]["record"]["order"] == *order.number).unwrap();
    assert_eq!((lines.len(), lines[0]["original"].as_str()), (6, Some(&*sent.body)), "the original bytes");

    assert!(!run(&stage, &["parked", "retry"]).0, "nothing is chosen by accident");
    assert_eq!(json(&stage, &["parked", "retry", "--all", "--dry-run"])["retried"].as_array().unwrap().len(), 0);
    assert!(run(&stage, &["parked", "discard", &orders[0].number, "--why", "a test order"]).0);
    assert_eq!(show(&stage, &orders[0].number)[0]["state"], "discarded");
    stage.sagepro.faults().clear();
    let retried = json(&stage, &["parked", "retry", "--code", "E401"]);
    assert_eq!(retried["retried"].as_array().unwrap().len(), 5, "{retried}");
    for order in &orders[1..] {
        until(&stage, &order.number, "delivered").await;
    }
    let judgement = judge(&orders, &stage.sagepro.books(), &BREAKS);
    assert_eq!((judgement.delivered.len(), judgement.twice.len(), judgement.cents_off), (5, 0, Decimal::ZERO));
}

#[tokio::test]
async fn a_newer_version_changes_the_erp_until_something_is_shipped() {
    let (_folder, plan) = lenient();
    let orders = generate(3, 109);
    let stage = start(plan, &orders).await;
    let [open, shipped, cancelled] = &orders[..] else { unreachable!() };
    send(&stage, &orders.iter().map(Generated::hook).collect::<Vec<_>>()).await;
    let another = |order: &Generated, version: u32| {
        let mut hook = order.updated(version);
        hook.body = hook.body.replace("Example Street", "Changed Street").into();
        hook
    };
    send(&stage, &[another(open, 2)]).await;
    assert_eq!(show(&stage, &open.number)[1]["state"], "delivered", "{}", show(&stage, &open.number));
    let (_, told) = run(&stage, &["orders", "explain", &open.number]);
    assert!(told.contains("proposal: change") && told.contains("Changed Street"), "{told}");
    assert_eq!(judge(&orders, &stage.sagepro.books(), &BREAKS).twice.len(), 0);
    // A version that changes nothing of the documents is said to change nothing.
    send(&stage, &[Hook { id: "evt_same".into(), ..another(open, 3) }]).await;
    assert_eq!(show(&stage, &open.number)[2]["state"], "superseded", "{}", show(&stage, &open.number));

    for booked in stage.sagepro.books() {
        if booked.purchase_order_no.starts_with(&shipped.number) {
            stage.sagepro.ship(&booked.sales_order_no);
        }
    }
    send(&stage, &[another(shipped, 2)]).await;
    send(&stage, &[shipped.cancelled()]).await;
    let records = show(&stage, &shipped.number);
    assert_eq!((&records[1]["fault"]["code"], &records[2]["fault"]["code"]), (&Value::from("E206"), &Value::from("E206")), "{records}");
    send(&stage, &[cancelled.cancelled()]).await;
    assert_eq!(show(&stage, &cancelled.number)[1]["state"], "cancelled");
}

#[tokio::test]
async fn what_no_webhook_brought_is_found_and_both_books_are_compared() {
    let (_folder, plan) = lenient();
    let orders = generate(5, 113);
    let stage = start(plan, &orders).await;
    send(&stage, &orders[..4].iter().map(Generated::hook).collect::<Vec<_>>()).await;
    let differing = json(&stage, &["books"]);
    assert_eq!(
        (differing["differences"].as_array().unwrap().len(), &differing["differences"][0]["what"]),
        (1, &Value::from("missing-here")),
        "{differing}"
    );
    assert!(!run(&stage, &["books"]).0, "a script notices");
    let polled = json(&stage, &["orders", "poll", "--since", "1d"]);
    assert_eq!((&polled["listed"], &polled["found"]), (&Value::from(5), &Value::from(1)), "{polled}");
    until(&stage, &orders[4].number, "delivered").await;
    let (agree, told) = run(&stage, &["books"]);
    assert!(agree, "{told}");
    // The webhook that comes late says nothing new.
    send(&stage, &[orders[4].hook()]).await;
    let judgement = judge(&orders, &stage.sagepro.books(), &BREAKS);
    assert_eq!((judgement.delivered.len(), judgement.twice.len()), (5, 0));
    assert_eq!(json(&stage, &["orders", "poll", "--since", "1d"])["found"], 0);
}

#[tokio::test]
async fn an_erp_that_is_down_is_left_alone_and_the_outage_is_no_try() {
    let (_folder, plan) = lenient();
    let orders = generate(40, 127);
    // Without the circuit every order would have used up these tries after a fifth of a second.
    let mut stage = start(Plan { retry: vec!["50ms"; 4], ..plan }, &orders).await;
    stage.sagepro.outage();
    assert!(stage.send(&orders.iter().map(Generated::hook).collect::<Vec<_>>(), &patient()).await.iter().all(|sent| sent.acknowledged()));
    for _ in 0..200 {
        if json(&stage, &["alerts"]).as_array().unwrap().iter().any(|alert| alert["kind"] == "circuit-open") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let health = stage.health().await.unwrap();
    assert!(health["partners"][0]["probing"].as_bool().unwrap(), "{health}");
    // The outage lasts: that is what the orders have to outlive.
    tokio::time::sleep(Duration::from_secs(1)).await;
    stage.sagepro.recover();
    stage.drain(PATIENCE).await.unwrap();
    let judgement = judge(&orders, &stage.sagepro.books(), &BREAKS);
    assert_eq!((judgement.delivered.len(), judgement.twice.len()), (40, 0));
    let kinds: Vec<String> = json(&stage, &["alerts"]).as_array().unwrap().iter().map(|alert| alert["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["circuit-closed", "circuit-open"], "newest first");
}

#[tokio::test]
async fn erased_data_are_gone_and_no_log_ever_had_them() {
    let (_folder, plan) = lenient();
    let orders = generate(2, 131);
    let mut stage = start(Plan { log: "trace", ..plan }, &orders).await;
    let marked = |json: &mut Value| {
        for address in ["shippingAddress", "billingAddress"] {
            json[address]["name"] = "Xaver Geheimnis".into();
            json[address]["email"] = "xaver@geheim.example".into();
        }
    };
    // One is delivered, one is refused for its city, which the ERP's message quotes.
    send(&stage, &[changed(&orders[0], "secret", marked)]).await;
    let refused = changed(&orders[1], "long", |json| {
        marked(json);
        json["shippingAddress"]["city"] = "Geheimstadt an der sehr langen Donau bei Wien".into();
    });
    send(&stage, &[refused]).await;
    assert_eq!(show(&stage, &orders[1].number)[0]["state"], "parked");
    assert!(!run(&stage, &["orders", "erase", &orders[1].number, "--why", "asked for"]).0, "what waits cannot be erased");
    let number = &orders[0].number;
    let (_, told) = run(&stage, &["orders", "erase", number, "--why", "the customer asked"]);
    assert!(told.contains("erased"), "{told}");
    let record = &show(&stage, number)[0];
    assert!(record["worth"][0].is_string() && record["state"] == "delivered", "amounts stay: {record}");
    let (_, audit) = run(&stage, &["audit", "--order", number]);
    assert!(audit.contains("erased") && audit.contains("the customer asked"), "{audit}");
    let (_, told) = run(&stage, &["orders", "explain", number]);
    assert!(!told.contains("Geheim"), "{told}");
    stage.stop().unwrap();
    let log = std::fs::read_to_string(stage.data().join("host.log")).unwrap();
    assert!(log.contains(number.as_str()), "the log is not empty");
    for secret in ["Geheim", "geheim.example"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn a_backup_of_a_running_host_comes_back_and_nothing_is_sent_twice() {
    let (_folder, plan) = lenient();
    let orders = generate(30, 137);
    let mut stage = start(plan, &orders).await;
    let hooks: Vec<Hook> = orders.iter().map(Generated::hook).collect();
    send(&stage, &hooks[..10]).await;
    stage.sagepro.faults().share(On::Create, 1000, Fault::Unavailable(1));
    assert!(stage.send(&hooks[10..20], &patient()).await.iter().all(|sent| sent.acknowledged()));
    let copy = stage.data().join("copy.db");
    let copy = copy.to_str().unwrap();
    let (written, told) = run(&stage, &["backup", copy]);
    assert!(written, "{told}");
    assert!(!run(&stage, &["backup", copy]).0, "a backup is never written over");
    // What the backup does not know: ten orders that were waiting are delivered, ten come new.
    stage.sagepro.faults().clear();
    stage.drain(PATIENCE).await.unwrap();
    send(&stage, &hooks[20..]).await;
    let (refused, told) = run(&stage, &["restore", copy]);
    assert!(!refused && told.contains("stop it"), "a running host keeps its store: {told}");
    stage.stop().unwrap();
    let (restored, told) = run(&stage, &["restore", copy]);
    assert!(restored, "{told}");
    stage.restart().await.unwrap();
    stage.drain(PATIENCE).await.unwrap();
    // The shop is asked for what came since, and sends some of it again.
    run(&stage, &["orders", "poll", "--since", "1d"]);
    send(&stage, &hooks).await;
    let judgement = judge(&orders, &stage.sagepro.books(), &BREAKS);
    assert_eq!((judgement.delivered.len(), judgement.twice.len(), judgement.cents_off), (30, 0, Decimal::ZERO));
    let (_, told) = run(&stage, &["orders", "explain", &orders[15].number]);
    assert!(told.contains("was not sent again"), "{told}");
}

#[tokio::test]
async fn a_store_that_is_damaged_or_newer_is_refused_with_what_to_do() {
    let (_folder, plan) = lenient();
    let orders = generate(1, 139);
    let mut stage = start(plan, &orders).await;
    send(&stage, &[orders[0].hook()]).await;
    stage.stop().unwrap();
    let file = stage.data().join("crossdock.db");
    let well = std::fs::read(&file).unwrap();
    // The version that SQLite keeps for its users stands at byte 60.
    let mut newer = well.clone();
    newer[60..64].copy_from_slice(&9_999_u32.to_be_bytes());
    let mut damaged = well.clone();
    damaged[100..2_048].fill(0xAA);
    for (bytes, word) in [(newer, "newer program"), (damaged, "backup")] {
        std::fs::write(&file, bytes).unwrap();
        let (well, told) = run(&stage, &["orders", "list"]);
        assert!(!well && told.contains("E601") && told.contains(word), "{told}");
        assert!(stage.restart().await.is_err(), "no host runs on it");
    }
    std::fs::write(&file, well).unwrap();
    stage.restart().await.unwrap();
    assert_eq!(show(&stage, &orders[0].number)[0]["state"], "delivered");
}

#[tokio::test]
async fn an_order_is_certified_to_the_cent_or_its_residual_is_placed() {
    let (_folder, plan) = lenient();
    let orders = generate(16, 107);
    let stage = start(plan, &orders).await;
    let captured = |(number, order): (usize, &Generated)| {
        changed(order, &order.number, |json| {
            json["paymentInfo"]["method"] = "card".into();
            if number > 0 {
                json["paymentInfo"]["status"] = "captured".into();
            }
        })
    };
    let hooks: Vec<Hook> = orders.iter().enumerate().map(captured).collect();
    send(&stage, &hooks).await;
    let (open, text) = run(&stage, &["orders", "certify", &orders[0].number]);
    assert!(!open && text.contains("which is not captured"), "{text}");
    let (mut held, mut changed) = (0, 0);
    for order in &orders[1..] {
        let stories = show(&stage, &order.number);
        let billed: Decimal =
            stories[0]["parts"].as_array().unwrap().iter().map(|part| part["total"].as_str().unwrap().parse::<Decimal>().unwrap()).sum();
        let same = billed == order.expected.total;
        for how in [&["orders", "certify", &order.number][..], &["orders", "certify", &order.number, "--live"]] {
            let (holds, text) = run(&stage, how);
            assert_eq!(holds, same, "{text}");
            assert_eq!(text.contains("in what `segment-discount` changed"), !same, "{text}");
        }
        (held, changed) = if same { (held + 1, changed) } else { (held, changed + 1) };
    }
    assert!(held > 0 && changed > 0, "{held} held, {changed} changed by a rule");
    let certificate = json(&stage, &["orders", "certify", &orders[1].number]);
    assert_eq!(certificate["equations"].as_array().unwrap().len(), 4, "{certificate}");
    send(&stage, &[orders[1].cancelled()]).await;
    let (holds, text) = run(&stage, &["orders", "certify", &orders[1].number]);
    assert!(!holds && text.contains("is cancelled"), "{text}");
}
