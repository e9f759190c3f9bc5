//! Money from the shop to the ERP's journal, through the real program and real HTTP: payments by several tenders, refunds,
//! disputes and payouts, each posted once and balanced; what the certificate and the close say of them; and what they name.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{OUTLET, PATIENCE, both, patient, plan, start, trouble, until};
use crossdock_partners::orders::{Generated, generate};
use crossdock_stage::{Plan, Stage};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use tempfile::TempDir;

const ACCOUNTS: &str = r#"
[ledger]
currency = "CAD"

[ledger.accounts]
receivable = "1200"
cash-clearing = "1050"
bank = "1000"
gateway-fees = "6100"
gift-card-liability = "2300"
store-credit-liability = "2310"
sales = "4000"
sales-tax = "2200"
freight = "4100"
discounts = "4200"
refunds-returns = "4300"
chargebacks-receivable = "1250"
chargeback-losses = "6200"
rounding = "6900"
tips = "2400"
"#;

fn flow(entity: &str, from: &str, to: &str, every: &str) -> String {
    format!("[sync.{entity}s]\nentity = \"{entity}\"\nfrom = \"{from}\"\nto = \"{to}\"\nevery = \"{every}\"\noverlap = \"2s\"\n")
}

/// A stage whose shop tells of its money, asked every so often.
fn keeping(every: &str) -> (TempDir, Plan) {
    let (folder, plan) = plan();
    let hooks = plan.hooks.replace("\"order-hold\", ", "");
    let money = ["payment", "refund", "dispute", "payout"].map(|entity| flow(entity, "shop", "erp", every)).join("\n");
    let extra = format!("{ACCOUNTS}\n{}\n{money}", flow("invoice", "erp", "shop", every));
    (folder, Plan { extra, hooks, shop: "timeout = \"400ms\"".into(), timeout: Duration::from_millis(400), ..plan })
}

/// What a command prints, and whether all is well.
fn run(stage: &Stage, arguments: &[&str]) -> (bool, String) {
    let output = stage.command(arguments).unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).join("\n");
    (output.status.success(), text)
}

fn ledger(stage: &Stage) -> Vec<String> {
    let output = stage.command(&["ledger", "list", "--most", "0", "--json"]).unwrap();
    let kept: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let id = |kept: &Value| format!("{}/{}", kept["entry"]["source"]["event"].as_str().unwrap(), kept["entry"]["source"]["id"].as_str().unwrap());
    kept.as_array().into_iter().flatten().map(id).collect()
}

/// The references in the ERP's journal, each with how often it is there. Every entry balances.
fn journal(stage: &Stage) -> BTreeMap<String, usize> {
    let mut references = BTreeMap::new();
    for entry in stage.sagepro.journal() {
        let cents = |json: &Value| json.to_string().parse::<Decimal>().unwrap();
        let lines = entry["Lines"].as_array().unwrap();
        let sum: Decimal = lines.iter().map(|line| cents(&line["Debit"]) - cents(&line["Credit"])).sum();
        assert!(sum.is_zero() && lines.len() >= 2, "{entry}");
        *references.entry(entry["Reference"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    references
}

fn month(at: Timestamp) -> String {
    at.to_zoned(TimeZone::get("America/Toronto").unwrap()).strftime("%Y-%m").to_string()
}

fn payment(order: &str, total: Decimal, at: Timestamp) -> String {
    let card = total - Decimal::from(20);
    format!(
        r#"{{"paymentId":"tx-{order}","orderId":"{order}","status":"captured","takenAt":"{at}","currency":"CAD","cardHolder":"Sam Sample",
            "tenders":[{{"kind":"card","transactionId":"tx-{order}","amount":{card}}},{{"kind":"gift-card","transactionId":"gc-{order}","amount":"20.00"}}]}}"#
    )
}

fn dispute(status: &str, at: Timestamp) -> String {
    json!({
        "disputeId": "dp-1", "kind": "chargeback", "amount": 30, "currency": "CAD", "fee": 15, "reason": "fraudulent", "networkReasonCode": "4827",
        "status": status, "openedAt": at.to_string(), "orderId": null
    })
    .to_string()
}

/// Orders in the books' currency that no rule changes.
fn plain(orders: Vec<Generated>, most: usize) -> Vec<Generated> {
    let is_plain =
        |order: &Generated| order.expected.currency == "CAD" && order.expected.segment != "wholesale" && order.expected.total > Decimal::from(100);
    orders.into_iter().filter(is_plain).take(most).collect()
}

#[tokio::test]
async fn every_entry_is_in_the_journal_once_whatever_fails_and_what_is_missing_is_named() {
    let (_folder, plan) = keeping("200ms");
    let orders = plain(generate(80, 71), 5);
    let mut stage = start(plan, &orders).await;
    stage.send(&orders.iter().map(Generated::hook).collect::<Vec<_>>(), &patient()).await;
    stage.drain(PATIENCE).await.unwrap();
    trouble(stage.sagepro.faults(), 40);
    trouble(stage.clarity.faults(), 40);
    let at = crossdock_partners::time();
    for order in &orders {
        stage.clarity.keep("payments", &format!("tx-{}", order.number), &payment(&order.number, order.expected.total, at));
    }
    stage.clarity.keep("disputes", "dp-1", &dispute("needs-response", at));
    for booked in stage.sagepro.books() {
        stage.sagepro.invoice(&booked.purchase_order_no, Decimal::ZERO);
    }
    let billed = stage.sagepro.books().len();
    for milliseconds in [60, 150, 310] {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        stage.kill().unwrap();
        stage.restart().await.unwrap();
    }
    until("payments, invoices and the dispute", &stage, || {
        let kept = ledger(&stage);
        let count = |event: &str| kept.iter().filter(|id| id.starts_with(event)).count();
        (count("payment/"), count("invoice/"), count("dispute-opened/")) == (orders.len(), billed, 1)
    })
    .await;
    // Of what is billed and paid: lines that come back, and an amount alone, to the gift card.
    let (first, second) = (&orders[0].number, &orders[1].number);
    let back = format!(
        r#"{{"refundId":"re-1","orderId":"{first}","refundedAt":"{at}","currency":"CAD","lines":[{{"lineId":"L1","quantity":1,"amount":10.00,"taxAmount":1.30}}],
            "amount":"11.30","transactions":[{{"transactionId":"rt-1","kind":"card","amount":11.30,"status":"STATUS"}}]}}"#
    );
    stage.clarity.keep("refunds", "re-1", &back.replace("STATUS", "pending"));
    let amount = json!({
        "refundId": "re-2", "orderId": second, "refundedAt": at.to_string(), "currency": "CAD", "amount": 5,
        "transactions": [{ "transactionId": "rt-2", "kind": "gift-card", "amount": 5, "status": "settled" }]
    });
    stage.clarity.keep("refunds", "re-2", &amount.to_string());
    until("the amount alone", &stage, || journal(&stage).contains_key("refund/re-2")).await;
    assert!(!journal(&stage).contains_key("refund/re-1"), "its money is on its way");
    stage.clarity.keep("refunds", "re-1", &back.replace("STATUS", "settled"));
    stage.clarity.keep("disputes", "dp-1", &dispute("lost", at));
    // The gateway pays out all of it, with its fees.
    let mut lines: Vec<Value> = Vec::new();
    let mut paid = Decimal::new(-1130 - 4500, 2);
    for order in &orders {
        let gross = order.expected.total - Decimal::from(20);
        paid += gross - Decimal::new(125, 2);
        let net = (gross - Decimal::new(125, 2)).to_string();
        lines.push(
            json!({ "transactionId": format!("tx-{}", order.number), "kind": "charge", "gross": gross.to_string(), "fee": "1.25", "net": net }),
        );
    }
    lines.push(json!({ "transactionId": "rt-1", "kind": "refund", "gross": "-11.30", "fee": 0, "net": "-11.30" }));
    lines.push(json!({ "transactionId": "dp-1", "kind": "dispute", "gross": -30, "fee": 15, "net": -45 }));
    let payout = json!({ "payoutId": "po-1", "paidAt": at.to_string(), "currency": "CAD", "amount": paid.to_string(), "lines": lines });
    stage.clarity.keep("payouts", "po-1", &payout.to_string());
    for milliseconds in [80, 190] {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        stage.kill().unwrap();
        stage.restart().await.unwrap();
    }
    let wanted: Vec<String> = orders
        .iter()
        .map(|order| format!("payment/tx-{}", order.number))
        .chain(["refund/re-1", "refund/re-2", "dispute-opened/dp-1", "dispute-lost/dp-1", "payout/po-1"].map(str::to_owned))
        .collect();
    let month = month(at);
    until("the whole journal", &stage, || wanted.iter().all(|reference| journal(&stage).contains_key(reference))).await;
    until("nothing waits", &stage, || run(&stage, &["close", "--month", &month]).0).await;
    stage.sagepro.faults().clear();
    stage.clarity.faults().clear();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let there = journal(&stage);
    assert!(there.values().all(|times| *times == 1) && there.len() == wanted.len(), "{there:?}");
    let memo = stage.sagepro.journal().into_iter().find(|entry| entry["Reference"] == "refund/re-1").unwrap();
    assert_eq!(memo["Document"], "credit memo over 11.30, 11.30 paid back", "{memo}");

    // Both sides say the same, to the cent.
    for order in &orders {
        for how in [&["orders", "certify", &order.number][..], &["orders", "certify", &order.number, "--live"]] {
            let (holds, text) = run(&stage, how);
            assert!(holds && text.contains("the ledger's payments") && text.contains("the ledger's invoices"), "{text}");
        }
    }
    let (matches, text) = run(&stage, &["close", "--month", &month, "--live"]);
    assert!(matches && text.contains("everything matches"), "{text}");
    let (found, text) = run(&stage, &["ledger", "show", "dispute-lost/dp-1"]);
    assert!(found && text.contains("6200") && text.contains("chargeback-losses") && text.contains("30"), "{text}");
    assert!(!run(&stage, &["ledger", "show", "payment/none"]).0);
    let store = std::fs::read(stage.data().join("crossdock.db")).unwrap();
    let log = std::fs::read(stage.data().join("crossdock.db-wal")).unwrap_or_default();
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let tender = format!("gc-{first}");
    assert!(holds(&store, &tender) || holds(&log, &tender));
    let is_personal = |bytes: &[u8]| bytes.windows(10).any(|window| window == b"cardHolder");
    assert!(!is_personal(&store) && !is_personal(&log), "what is not read of a payment is not kept");

    // An entry is missing in the ERP, a payment in the shop, and a refund cannot be posted: each is named.
    let lost = format!("payment/tx-{first}");
    let number = stage.sagepro.journal().into_iter().find(|entry| entry["Reference"] == *lost).unwrap()["JournalNo"].as_str().unwrap().to_owned();
    assert!(stage.sagepro.strike(&number) && stage.clarity.forget("payments", &format!("tx-{second}")));
    let (matches, text) = run(&stage, &["close", "--month", &month, "--live"]);
    assert!(!matches && text.contains("2 do not match"), "{text}");
    assert!(text.contains(&format!("entry {lost}")) && text.contains("the ERP's journal does not have it"), "{text}");
    assert!(text.contains(&format!("payment tx-{second}")) && text.contains("the shop does not list it any more"), "{text}");
    let (holds, text) = run(&stage, &["orders", "certify", first, "--live"]);
    assert!(!holds && text.contains(&format!("in payment tx-{first}, which has no entry")), "{text}");
    stage.clarity.keep("refunds", "re-3", &back.replace("re-1", "re-3").replace("STATUS", "settled").replace("\"11.30\"", "99.99"));
    until("it is named", &stage, || run(&stage, &["close", "--month", &month]).1.contains("refund re-3")).await;
    let (matches, text) = run(&stage, &["close", "--month", &month, "--json"]);
    let told: Value = serde_json::from_str(text.lines().collect::<Vec<_>>().join("\n").trim()).unwrap();
    assert!(!matches && told["unmatched"][0]["why"].as_str().unwrap().contains("E702"), "{told}");
    let (locked, text) = run(&stage, &["close", "--month", &month, "--lock"]);
    assert!(!locked && !text.contains("locked:"), "{text}");
}

#[tokio::test]
async fn a_webhook_is_enough_and_what_comes_late_for_a_locked_month_is_a_correction() {
    // Nobody is asked for an hour.
    let (_folder, plan) = keeping("1h");
    let stage = start(plan, &[]).await;
    let now = crossdock_partners::time();
    let before = now - (45 * 24).hours();
    let transfer = |id: &str| {
        json!({
            "paymentId": id, "orderId": "W-1", "status": "captured", "takenAt": before.to_string(), "currency": "CAD",
            "tenders": [{ "kind": "bank-transfer", "transactionId": id, "amount": "12.34" }]
        })
        .to_string()
    };
    let send = async |id: &str| {
        stage.clarity.keep("payments", id, &transfer(id));
        let hook = stage.clarity.hook("payments", id, "payment.created");
        let sent = stage.send(&[hook.clone(), hook], &patient()).await;
        assert!(sent.iter().all(|sent| sent.acknowledged()));
        until("it is in the journal", &stage, || journal(&stage).contains_key(&format!("payment/{id}"))).await;
    };
    send("bt-1").await;
    let month = month(before);
    let lock = || run(&stage, &["close", "--month", &month, "--lock"]);
    until("the month can be locked", &stage, || lock().0).await;
    send("bt-2").await;
    let late = stage.sagepro.journal().into_iter().find(|entry| entry["Reference"] == "payment/bt-2").unwrap();
    let date = late["Date"].as_str().unwrap();
    assert!(late["Corrects"] == *month && !date.starts_with(&month) && date.ends_with("-01"), "{late}");
    let (_, text) = run(&stage, &["ledger", "list", "--month", &date[..7]]);
    assert!(text.contains("payment/bt-2") && text.contains(&month), "{text}");
    assert!(lock().0, "what was locked still matches");
    assert_eq!(journal(&stage).values().sum::<usize>(), 2);
    // An event that nobody takes is acknowledged, and so the sending ends.
    let (told, text) = run(&stage, &["sync", "explain", "payment", "bt-2"]);
    assert!(told && text.contains("into the ledger: payment/bt-2"), "{text}");
}

#[tokio::test]
async fn an_order_in_another_currency_is_in_the_books_by_its_own_rate() {
    let (_folder, plan) = keeping("200ms");
    let orders: Vec<Generated> =
        generate(120, 72).into_iter().filter(|one| one.expected.currency == "USD" && one.expected.segment == "vip").collect();
    let stage = start(plan, &orders).await;
    stage.send(&orders.iter().map(Generated::hook).collect::<Vec<_>>(), &patient()).await;
    stage.drain(PATIENCE).await.unwrap();
    // Of one document: invoices are converted one by one.
    let parts = |order: &Generated| stage.sagepro.books().iter().filter(|booked| booked.purchase_order_no.starts_with(&order.number)).count();
    let order = orders.iter().find(|order| parts(order) == 1).unwrap();
    let (number, total, at) = (&order.number, order.expected.total, crossdock_partners::time());
    // Billed before the rate is known: it is entered with the payment.
    let invoice = stage.sagepro.invoice(number, Decimal::ZERO);
    until("the shop has the invoice", &stage, || stage.clarity.kept("invoices", &invoice).is_some()).await;
    assert!(ledger(&stage).is_empty());
    let paid = json!({
        "paymentId": "tx-usd", "orderId": number, "status": "captured", "takenAt": at.to_string(), "currency": "USD", "shopCurrency": "CAD",
        "rate": "1.372918", "rateDate": "2026-11-23", "tenders": [{ "kind": "card", "transactionId": "tx-usd", "amount": total.to_string() }]
    });
    let back = json!({
        "refundId": "re-usd", "orderId": number, "refundedAt": at.to_string(), "currency": "USD", "amount": "3.33",
        "transactions": [{ "transactionId": "rt-usd", "kind": "card", "amount": "3.33", "status": "settled" }]
    });
    // The refund comes first: it waits for the payment that says at what rate.
    stage.clarity.keep("refunds", "re-usd", &back.to_string());
    until("it waits", &stage, || run(&stage, &["sync", "explain", "refund", "re-usd"]).1.contains("E706")).await;
    stage.clarity.keep("payments", "tx-usd", &paid.to_string());
    until("both are in the journal", &stage, || journal(&stage).len() == 2).await;
    until("both have their number", &stage, || run(&stage, &["orders", "certify", number, "--live"]).0).await;
    let (holds, text) = run(&stage, &["orders", "certify", number]);
    let worth = (total * Decimal::new(1_372_918, 6)).round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    assert!(holds && text.contains(&format!("the ledger's invoices = {worth} CAD")) && text.contains("the refunds credit"), "{text}");
    let memo = stage.sagepro.journal().into_iter().find(|entry| entry["Reference"] == "refund/re-usd").unwrap();
    assert!(memo["Document"].as_str().unwrap().starts_with("credit memo over 4.57") && memo["Currency"] == "CAD", "{memo}");
}

#[tokio::test]
async fn two_shops_that_count_alike_have_each_its_money_in_the_journal() {
    let (_folder, plan) = keeping("200ms");
    let sections = ["payment", "refund", "dispute", "payout"].map(|entity| both(&flow(entity, "shop", "erp", "200ms"))).concat();
    let extra = format!("{ACCOUNTS}\n{}{sections}", both(&flow("invoice", "erp", "shop", "200ms")));
    let orders = plain(generate(80, 71), 1);
    let stage = start(Plan { extra, outlet: Some(OUTLET.into()), ..plan }, &orders).await;
    let (order, at) = (&orders[0], crossdock_partners::time());
    let number = &order.number;
    stage.outlet.put(number, &order.order);
    stage.send(&[order.hook()], &patient()).await;
    stage.send_from_outlet(&[order.hook()], &patient()).await;
    stage.drain(PATIENCE).await.unwrap();
    for booked in stage.sagepro.books() {
        stage.sagepro.invoice(&booked.purchase_order_no, Decimal::ZERO);
    }
    let shops = [&stage.clarity, &stage.outlet];
    [stage.sagepro.faults(), stage.clarity.faults(), stage.outlet.faults()].iter().for_each(|faults| trouble(faults, 40));
    let gross = order.expected.total - Decimal::from(20);
    let net = gross - Decimal::new(125, 2);
    let line =
        json!({ "transactionId": format!("tx-{number}"), "kind": "charge", "gross": gross.to_string(), "fee": "1.25", "net": net.to_string() });
    let payout = json!({ "payoutId": "po-1", "paidAt": at.to_string(), "currency": "CAD", "amount": net.to_string(), "lines": [line] });
    for shop in shops {
        shop.keep("payments", &format!("tx-{number}"), &payment(number, order.expected.total, at));
        shop.keep("payouts", "po-1", &payout.to_string());
    }
    let month = month(at);
    let ours = [format!("payment/tx-{number}"), format!("payment/O-tx-{number}"), "payout/po-1".to_owned(), "payout/O-po-1".to_owned()];
    until("all four", &stage, || ours.iter().all(|reference| journal(&stage).contains_key(reference))).await;
    until("nothing waits", &stage, || run(&stage, &["close", "--month", &month]).0).await;
    [stage.sagepro.faults(), stage.clarity.faults(), stage.outlet.faults()].iter().for_each(|faults| faults.clear());
    let posted = journal(&stage);
    assert!(posted.len() == ours.len() && posted.values().all(|times| *times == 1), "{posted:?}");
    for shop in ["shop", "outlet"] {
        let certified = run(&stage, &["orders", "certify", number, "--shop", shop]);
        assert!(certified.0, "{shop}: {}", certified.1);
    }
    let live = run(&stage, &["close", "--month", &month, "--live"]);
    assert!(live.0, "{}", live.1);
    // What one of them forgets is missed of that one, though the other has a payment of the same id.
    assert!(stage.outlet.forget("payments", &format!("tx-{number}")));
    let told = run(&stage, &["close", "--month", &month, "--live"]);
    let names = told.1.contains(&format!("payment O-tx-{number}")) && told.1.contains("1 do not match");
    assert!(!told.0 && names, "{}", told.1);
}
