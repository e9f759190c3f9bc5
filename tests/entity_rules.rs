//! Rules on customers and products, and addresses in the ERP's form, through the real program and real HTTP.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{PATIENCE, patient, plan, quiet, start, until, with_plugin};
use crossdock_partners::orders::{Generated, generate};
use crossdock_stage::{Plan, Stage};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Long enough for a busy machine: these rules take a millisecond.
const TERMS: &str = "limits = { time = \"20s\" }\n";

fn flow(name: &str, entity: &str, from: &str, to: &str) -> String {
    format!("[sync.{name}]\nentity = \"{entity}\"\nfrom = \"{from}\"\nto = \"{to}\"\nevery = \"200ms\"\noverlap = \"2s\"\n")
}

/// Both directions of customers and the products, with these rules at their hooks and what is said of them.
fn ruled(rules: &[&str], hooks: &str, said: &str) -> (TempDir, Plan) {
    let (folder, plan) = plan();
    rules.iter().for_each(|rule| with_plugin(folder.path(), rule));
    let flows = [
        flow("customers-in", "customer", "shop", "erp"),
        flow("customers-out", "customer", "erp", "shop"),
        flow("products", "product", "erp", "shop"),
    ];
    let hooks = format!("{}{hooks}", plan.hooks.replace("\"order-hold\", ", ""));
    (folder, Plan { extra: format!("{said}\n{}", flows.concat()), hooks, ..plan })
}

fn told(stage: &Stage, command: &[&str]) -> String {
    String::from_utf8(stage.command(command).unwrap().stdout).unwrap()
}

fn explain(stage: &Stage, kind: &str, key: &str) -> Value {
    serde_json::from_str(&told(stage, &["sync", "explain", kind, key, "--json"])).unwrap_or_default()
}

fn account(id: &str, segment: &str, company: &str, country: &str) -> String {
    json!({
        "customerId": id, "name": "Ada", "company": company, "email": format!("{id}@example.com"), "phone": "1", "segment": segment,
        "currency": "CAD", "status": "active",
        "billingAddress": { "name": "Ada", "line1": "1  King St", "city": "Toronto", "region": "ON", "postalCode": "m5v1a1", "country": country }
    })
    .to_string()
}

#[tokio::test]
async fn a_customer_arrives_in_the_erp_as_the_rule_made_it_and_nothing_loops() {
    let said = format!(
        "[plugins.customer-mapping]\nsettings = {{ segment.wholesale = {{ price-list = \"TRADE\", terms = \"NET30\" }}, otherwise.price-list = \"RETAIL\" }}\n{TERMS}"
    );
    let (_folder, plan) = ruled(&["customer-mapping"], "pre-map-customer = [\"customer-mapping\"]\n", &said);
    let stage = start(plan, &[]).await;
    stage.clarity.keep("customers", "W1", &account("W1", "wholesale", "Ada Ltd", "CA"));
    stage.clarity.keep("customers", "W2", &account("W2", "retail", "Bo Ltd", "CA"));
    until("both are in the ERP", &stage, || stage.sagepro.customers().len() == 2).await;
    quiet(&stage).await;
    let row = |id: &str| stage.sagepro.customers().into_iter().find(|row| row["WebId"] == id).unwrap();
    assert_eq!((&row("W1")["PriceList"], &row("W1")["Terms"], &row("W2")["PriceList"]), (&json!("TRADE"), &json!("NET30"), &json!("RETAIL")));
    assert_eq!(stage.sagepro.customer_writes(), 2, "one write each, whatever comes back");
    let explained = told(&stage, &["sync", "explain", "customer", "W1"]);
    for part in ["pre-map-customer customer-mapping", "customer.price-list: nothing → TRADE  segment wholesale", " fuel"] {
        assert!(explained.contains(part), "no `{part}` in:\n{explained}");
    }
    // For programs, too: which version of what plugin, what it cost, and what it changed.
    let run = &explain(&stage, "customer", "W1")[0]["attempts-made"][0]["runs"][0];
    assert_eq!((&run["hook"], &run["plugin"], &run["verdict"]), (&json!("pre-map-customer"), &json!("customer-mapping"), &json!("proceed")));
    assert!(
        run["version"].as_str().is_some_and(|version| version.len() == 64) && run["fuel"].as_u64() > Some(0) && run["memory"].as_u64() > Some(0),
        "{run}"
    );
    assert_eq!((&run["changes"][0]["path"], &run["changes"][0]["after"]["text"]), (&json!("customer.price-list"), &json!("TRADE")), "{run}");
    // Somebody in the ERP says better; the shop's next change does not take it back.
    let number = row("W1")["CustomerNo"].as_str().unwrap().to_owned();
    stage.sagepro.keep("customers", &number, r#"{"PriceList":"GOLD"}"#);
    quiet(&stage).await;
    stage.clarity.keep("customers", "W1", r#"{"phone":"2"}"#);
    until("the phone", &stage, || row("W1")["Phone"] == "2").await;
    quiet(&stage).await;
    assert_eq!((&row("W1")["PriceList"], &row("W1")["Terms"]), (&json!("GOLD"), &json!("NET30")));
    assert_eq!(stage.sagepro.customers().len(), 2);
}

#[tokio::test]
async fn a_product_arrives_in_the_shop_with_the_prices_of_the_rule() {
    let said = format!("[plugins.web-prices]\nsettings = {{ percent-off = 5, hidden = [\"hazmat\"] }}\n{TERMS}");
    let (_folder, plan) = ruled(&["web-prices"], "pre-map-product = [\"web-prices\"]\n", &said);
    let stage = start(plan, &[]).await;
    let product = |sku: &str, kind: &str, price: &str| {
        format!(r#"{{"ItemCode":"{sku}","Description":"{sku}","ItemType":"{kind}","Active":true,"Prices":[{{"Currency":"CAD","Price":{price}}}]}}"#)
    };
    stage.sagepro.keep("products", "L1", &product("L1", "lamp", "19.90"));
    stage.sagepro.keep("products", "S1", &product("S1", "hazmat", "12.50"));
    until("both are in the shop", &stage, || stage.clarity.writes("products").0 == 2).await;
    quiet(&stage).await;
    let amounts = |sku: &str| {
        let row = stage.clarity.kept("products", sku).unwrap();
        let mut amounts: Vec<Decimal> = row["prices"].as_array().unwrap().iter().map(|price| price["amount"].to_string().parse().unwrap()).collect();
        amounts.sort();
        amounts
    };
    // 19.90 less 5 % is 18.905: half away from zero.
    assert_eq!(amounts("L1"), [Decimal::new(1891, 2), Decimal::new(1990, 2)]);
    let active = |sku: &str| stage.clarity.kept("products", sku).unwrap()["active"].clone();
    assert_eq!((active("L1"), active("S1")), (json!(true), json!(false)));
    let writes = stage.clarity.writes("products");
    stage.sagepro.keep("products", "L1", &product("L1", "lamp", "20.00"));
    until("the new price", &stage, || amounts("L1") == [Decimal::from(19), Decimal::from(20)]).await;
    quiet(&stage).await;
    assert_ne!(stage.clarity.writes("products"), writes);
    let explained = told(&stage, &["sync", "explain", "product", "L1"]);
    assert!(explained.contains("pre-map-product web-prices") && explained.contains("product.price[CAD/web/0]"), "{explained}");
}

#[tokio::test]
async fn what_a_rule_holds_waits_for_a_person_or_for_better_news() {
    let said = format!("[plugins.customer-mapping]\nsettings = {{ hold-without-country = true }}\n{TERMS}");
    let (_folder, plan) = ruled(&["customer-mapping"], "pre-map-customer = [\"customer-mapping\"]\n", &said);
    let stage = start(plan, &[]).await;
    stage.clarity.keep("customers", "W1", &account("W1", "", "Ada Ltd", ""));
    until("it is parked", &stage, || told(&stage, &["sync", "list", "--parked"]).contains("E114")).await;
    let explained = told(&stage, &["sync", "explain", "customer", "W1"]);
    assert!(explained.contains("hold: the invoice's address has no country"), "{explained}");
    assert!(stage.sagepro.customers().is_empty());
    stage.clarity.keep("customers", "W1", &account("W1", "", "Ada Ltd", "CA"));
    until("it is in the ERP", &stage, || stage.sagepro.customers().len() == 1).await;
    // A person knows who it is: a retry passes the hold, for this version.
    stage.clarity.keep("customers", "W2", &account("W2", "", "Bo Ltd", ""));
    until("the other one is parked", &stage, || told(&stage, &["sync", "list", "--parked"]).contains("E114")).await;
    assert!(stage.command(&["sync", "retry", "customer", "W2", "--by", "ada", "--why", "she called"]).unwrap().status.success());
    until("both are in the ERP", &stage, || stage.sagepro.customers().len() == 2).await;
    until("it is settled", &stage, || explain(&stage, "customer", "W2")[0]["state"] != "sending").await;
    let explained = told(&stage, &["sync", "explain", "customer", "W2"]);
    assert!(explained.contains("a hold was passed") && explained.contains("ada let it run again: she called"), "{explained}");
    quiet(&stage).await;
    stage.clarity.keep("customers", "W2", r#"{"phone":"2"}"#);
    until("its next version is held again", &stage, || told(&stage, &["sync", "list", "--parked"]).contains("E114")).await;
    let audit = told(&stage, &["audit", "--sync"]);
    assert!(audit.contains("customer W2") && audit.contains("retried") && audit.contains("she called"), "{audit}");
}

#[tokio::test]
async fn a_customer_that_is_erased_is_gone_and_no_log_ever_had_it() {
    let said = format!("[plugins.customer-mapping]\nsettings = {{ hold-without-country = true, otherwise.price-list = \"RETAIL\" }}\n{TERMS}");
    let (_folder, plan) = ruled(&["customer-mapping"], "pre-map-customer = [\"customer-mapping\"]\n", &said);
    let mut stage = start(Plan { log: "trace", ..plan }, &[]).await;
    stage.clarity.keep("customers", "W1", &account("W1", "", "Geheimnis Ltd", "CA"));
    stage.clarity.keep("customers", "W2", &account("W2", "", "Geheimnis Bros", ""));
    until("one is in the ERP", &stage, || stage.sagepro.customers().len() == 1).await;
    until("the other one is parked", &stage, || told(&stage, &["sync", "list", "--parked"]).contains("E114")).await;
    quiet(&stage).await;
    let run = |arguments: &[&str]| {
        let output = stage.command(arguments).unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let number = stage.sagepro.customers()[0]["CustomerNo"].as_str().unwrap().to_owned();
    let (done, text) = run(&["sync", "erase", "customer", &number, "--by", "ada", "--why", "the customer asked"]);
    assert!(done && text.contains("2 row(s)"), "both directions, by the ERP's number: {text}");
    assert!(!run(&["sync", "erase", "customer", "W1"]).0, "once");
    let (done, text) = run(&["sync", "erase", "customer", "W2"]);
    assert!(!done && text.contains("E208") && text.contains("--force"), "what waits is not erased: {text}");
    assert!(run(&["sync", "erase", "customer", "W2", "--force", "--by", "ada"]).0);
    // Listed again by both sides, unchanged: it is known by its hash, and stays erased.
    quiet(&stage).await;
    let is_erased = |key: &str| {
        explain(&stage, "customer", key).as_array().is_some_and(|rows| !rows.is_empty() && rows.iter().all(|row| row["original"] == "erased"))
    };
    for key in ["W1", &number, "W2"] {
        assert!(is_erased(key), "{}", explain(&stage, "customer", key));
    }
    let (_, audit) = run(&["audit", "--sync"]);
    assert!(audit.contains("erased") && audit.contains("the customer asked") && audit.contains("parked → no-op"), "{audit}");
    assert_eq!(stage.sagepro.customers().len(), 1, "what is given up is not written");
    stage.stop().unwrap();
    for name in ["crossdock.db", "crossdock.db-wal", "host.log"] {
        let bytes = std::fs::read(stage.data().join(name)).unwrap_or_default();
        assert!(!bytes.windows(9).any(|window| window == b"Geheimnis"), "{name} still has it");
    }
    // Whoever changes on a side is a customer again.
    stage.restart().await.unwrap();
    stage.clarity.keep("customers", "W2", &account("W2", "", "Bo Ltd", "CA"));
    until("it is in the ERP", &stage, || stage.sagepro.customers().len() == 2).await;
}

#[tokio::test]
async fn limits_hold_at_these_hooks_and_others_go_on() {
    let said = format!("[plugins.entities]\ngrant = [\"kv\"]\n{TERMS}");
    let hooks = "pre-map-customer = [\"entities\"]\npre-map-product = [\"entities\"]\n";
    let (_folder, plan) = ruled(&["guest_entities"], hooks, &said);
    let stage = start(plan, &[]).await;
    let modes = [("loop", "E102"), ("memory", "E104"), ("panic", "E101"), ("note", "E106")];
    for (mode, _) in modes {
        stage.clarity.keep("customers", mode, &account(mode, "", &format!("mode:{mode}"), "CA"));
    }
    stage.sagepro.keep("products", "P1", r#"{"ItemCode":"P1","Description":"mode:loop","Active":true,"Prices":[]}"#);
    stage.clarity.keep("customers", "good", &account("good", "", "Ada Ltd", "CA"));
    until("all bad ones are parked", &stage, || told(&stage, &["sync", "list", "--parked"]).matches(" parked ").count() >= 5).await;
    for (mode, code) in modes {
        let row = &explain(&stage, "customer", mode)[0];
        assert_eq!((&row["state"], &row["fault"]["code"]), (&json!("parked"), &json!(code)), "{mode}: {row}");
    }
    let fault = &explain(&stage, "product", "P1")[0]["fault"];
    assert_eq!((&fault["code"], &fault["reached"]["limit"]), (&json!("E102"), &json!("fuel")), "{fault}");
    assert!(stage.clarity.kept("products", "P1").is_none());
    until("the good one is in the ERP", &stage, || stage.sagepro.customers().len() == 1).await;
}

#[tokio::test]
async fn addresses_reach_the_erp_in_its_form_and_an_unknown_country_waits() {
    let (_folder, plan) = ruled(&[], "", "[addresses]\ncase = \"upper\"\n");
    let country = |order: &Generated| serde_json::from_str::<Value>(&order.order).unwrap()["shippingAddress"]["country"].clone();
    let orders: Vec<Generated> =
        generate(20, 17).into_iter().filter(|order| ["CA", "US"].map(Value::from).contains(&country(order))).take(2).collect();
    let stage = start(plan, &orders).await;
    stage.clarity.keep("customers", "W1", &account("W1", "", "Ada Ltd", "Canada"));
    stage.clarity.keep("customers", "W2", &account("W2", "", "Bo Ltd", "Atlantis"));
    until("the good one is in the ERP", &stage, || stage.sagepro.customers().len() == 1).await;
    let there = &stage.sagepro.customers()[0]["BillTo"];
    assert_eq!(
        [&there["Address1"], &there["City"], &there["Zip"], &there["Country"]],
        [&json!("1 KING ST"), &json!("TORONTO"), &json!("M5V 1A1"), &json!("CA")]
    );
    until("the other one is parked", &stage, || told(&stage, &["sync", "list", "--parked"]).contains("E231")).await;
    quiet(&stage).await;
    let explained = told(&stage, &["sync", "explain", "customer", "W1"]);
    assert!(explained.contains("billing.country: `Canada` → `CA`") && explained.contains("billing.city: `Toronto` → `TORONTO`"), "{explained}");
    let shop = stage.clarity.kept("customers", "W1").unwrap();
    assert_eq!((&shop["billingAddress"]["city"], &shop["billingAddress"]["country"]), (&json!("Toronto"), &json!("Canada")), "what came stays");
    // Orders: the address that the goods go to.
    stage.send(&orders.iter().map(Generated::hook).collect::<Vec<_>>(), &patient()).await;
    stage.drain(PATIENCE).await.unwrap();
    let books = stage.sagepro.books();
    assert!(books.len() >= 2);
    for booked in &books {
        let city = booked.raw["ShipToAddress"]["City"].as_str().unwrap_or_else(|| panic!("{}", booked.raw));
        assert_eq!(city, city.to_uppercase());
        let order = orders.iter().find(|order| booked.purchase_order_no.starts_with(&order.number)).unwrap();
        let explained = told(&stage, &["orders", "explain", &order.number]);
        assert!(explained.contains("shipping-to.city: `"), "{explained}");
    }
}
