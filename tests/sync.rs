//! Goods and people on both sides, through the real program and real HTTP: products, stock, customers, shipments, invoices.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{PATIENCE, patient, plan, quiet, start, trouble, until};
use crossdock_partners::{
    faults::{Fault, On},
    orders::{Generated, generate},
};
use crossdock_stage::{Plan, Stage};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;

/// A flow in the settings.
fn flow(name: &str, entity: &str, from: &str, to: &str) -> String {
    format!("[sync.{name}]\nentity = \"{entity}\"\nfrom = \"{from}\"\nto = \"{to}\"\nevery = \"200ms\"\noverlap = \"2s\"\n")
}

fn keeping(flows: &[String]) -> (TempDir, Plan) {
    let (folder, plan) = plan();
    let hooks = plan.hooks.replace("\"order-hold\", ", "");
    (folder, Plan { extra: flows.join("\n"), hooks, shop: "timeout = \"400ms\"".into(), timeout: Duration::from_millis(400), ..plan })
}

fn explain(stage: &Stage, kind: &str, key: &str) -> Value {
    let output = stage.command(&["sync", "explain", kind, key, "--json"]).unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stdout)))
}

fn product(sku: &str, price: &str) -> String {
    format!(
        r#"{{"ItemCode":"{sku}","Description":"Lamp {sku}","Active":true,"TaxClass":"STD","Weight":1.250,"WeightUnit":"kg",
            "Prices":[{{"Currency":"CAD","Price":{price}}},{{"Currency":"CAD","PriceList":"trade","FromQuantity":10,"Price":17.0125}}]}}"#
    )
}

#[tokio::test]
async fn products_reach_the_shop_to_the_cent_whatever_fails() {
    let (_folder, plan) = keeping(&[flow("products", "product", "erp", "shop")]);
    let stage = start(plan, &[]).await;
    trouble(stage.sagepro.faults(), 40);
    trouble(stage.clarity.faults(), 40);
    // The shop's own texts are none of the ERP's business.
    stage.clarity.keep("products", "L001", r#"{"sku":"L001","description":"A lamp for readers.","active":false,"prices":[]}"#);
    for n in 0..40 {
        stage.sagepro.keep("products", &format!("L{n:03}"), &product(&format!("L{n:03}"), &format!("{n}.90")));
    }
    until("40 products", &stage, || stage.clarity.writes("products").0 == 40).await;
    // Changed again while it may be under way: the last price holds.
    for price in ["20.00", "21.10", "22.2050"] {
        stage.sagepro.keep("products", "L007", &product("L007", price));
    }
    let price = |sku: &str| stage.clarity.row("products", sku).unwrap_or_default();
    until("the last price", &stage, || price("L007").contains(r#""amount":22.2050"#)).await;
    until("the first product", &stage, || price("L001").contains(r#""amount":1.90"#)).await;
    stage.sagepro.faults().clear();
    stage.clarity.faults().clear();
    let row = stage.clarity.kept("products", "L001").unwrap();
    assert_eq!(
        (row["description"].as_str(), row["active"].as_bool(), row["taxClass"].as_str()),
        (Some("A lamp for readers."), Some(true), Some("STD"))
    );
    assert!(price("L001").contains(r#""amount":17.0125"#) && price("L001").contains("1.250"), "{}", price("L001"));
    // A price that is taken away is gone; and then nothing is written any more.
    let one = product("L001", "1.90").replace(r#",{"Currency":"CAD","PriceList":"trade","FromQuantity":10,"Price":17.0125}"#, "");
    stage.sagepro.keep("products", "L001", &one);
    until("the trade price is gone", &stage, || !price("L001").contains("trade")).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let writes = stage.clarity.writes("products");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.clarity.writes("products"), writes, "what both say is not written again");
    let told = explain(&stage, "product", "L001");
    assert!(["settled", "no-op"].contains(&told[0]["state"].as_str().unwrap()), "{told}");
    let counts = &stage.health().await.unwrap()["sync"]["products"];
    assert_eq!(counts["settled"].as_u64().unwrap_or(0) + counts["no-op"].as_u64().unwrap_or(0), 40, "{counts}");
}

#[tokio::test]
async fn a_product_that_the_shop_refuses_waits_for_a_person() {
    let (_folder, plan) = keeping(&[flow("products", "product", "erp", "shop")]);
    let stage = start(plan, &[]).await;
    stage.clarity.faults().next(On::Write, 1, Fault::FieldTooLong);
    stage.sagepro.keep("products", "P1", &product("P1", "5.00"));
    let parked = || String::from_utf8(stage.command(&["sync", "list", "--parked"]).unwrap().stdout).unwrap();
    until("it is parked", &stage, || parked().contains("E401")).await;
    let told = String::from_utf8(stage.command(&["sync", "explain", "product", "P1"]).unwrap().stdout).unwrap();
    assert!(told.contains("refused") && told.contains("E401"), "{told}");
    assert!(stage.command(&["sync", "retry", "product", "P1"]).unwrap().status.success());
    until("it is in the shop", &stage, || stage.clarity.kept("products", "P1").is_some()).await;
    assert!(!stage.command(&["sync", "retry", "product", "P1"]).unwrap().status.success());
}

#[tokio::test]
async fn stock_is_set_absolutely_and_read_again_when_somebody_was_quicker() {
    let (_folder, plan) = keeping(&[flow("stock", "stock", "erp", "shop")]);
    let stage = start(plan, &[]).await;
    trouble(stage.sagepro.faults(), 40);
    trouble(stage.clarity.faults(), 40);
    let level = |units: &str| format!(r#"{{"ItemCode":"A","Warehouse":"TOR","Available":{units}}}"#);
    stage.sagepro.keep("inventory", "A@TOR", &level("10"));
    let available = || stage.clarity.kept("inventory", "A@TOR").map(|row| row["available"].to_string());
    until("the first level", &stage, || available().as_deref() == Some("10")).await;
    // The shop sells at the same time as the ERP counts: versions go up on both sides.
    for units in 0..10 {
        stage.clarity.keep("inventory", "A@TOR", &format!(r#"{{"available":{}}}"#, 9 - units));
        stage.sagepro.keep("inventory", "A@TOR", &level(&format!("{}.5", 100 + units)));
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    until("the last level", &stage, || available().as_deref() == Some("109.5")).await;
    // Less than nothing is nothing.
    stage.sagepro.keep("inventory", "A@TOR", &level("-3"));
    until("an empty shelf", &stage, || available().as_deref() == Some("0")).await;
}

async fn sold(stage: &Stage, orders: &[Generated]) -> Vec<crossdock_partners::sagepro::Booked> {
    stage.send(&orders.iter().map(Generated::hook).collect::<Vec<_>>(), &patient()).await;
    stage.drain(PATIENCE).await.unwrap();
    stage.sagepro.books()
}

#[tokio::test]
async fn shipments_arrive_once_each_in_parts_and_never_more_than_was_ordered() {
    let (_folder, plan) = keeping(&[flow("shipments", "shipment", "erp", "shop")]);
    let orders = generate(3, 41);
    let stage = start(plan, &orders).await;
    let books = sold(&stage, &orders).await;
    trouble(stage.sagepro.faults(), 40);
    trouble(stage.clarity.faults(), 40);
    let whole =
        |booked: &crossdock_partners::sagepro::Booked| (1..).zip(&booked.lines).map(|(line, booked)| (line, booked.quantity)).collect::<Vec<_>>();
    let mut sent = 0;
    for booked in &books {
        let key = &booked.purchase_order_no;
        // The first unit of the first line leaves first; tracking comes later.
        let first = stage.sagepro.dispatch(key, &[(1, Decimal::ONE)], &[]);
        let rest: Vec<_> = whole(booked).into_iter().map(|(line, units)| (line, if line == 1 { units - Decimal::ONE } else { units })).collect();
        let rest: Vec<_> = rest.into_iter().filter(|(_, units)| !units.is_zero()).collect();
        sent += 1;
        if !rest.is_empty() {
            stage.sagepro.dispatch(key, &rest, &["1Z 77"]);
            sent += 1;
        }
        until("the first parcel", &stage, || stage.clarity.kept("shipments", &first).is_some()).await;
        stage.sagepro.repack(&first, &["1Z 42"]);
        until("its number", &stage, || stage.clarity.row("shipments", &first).unwrap().contains("1Z 42")).await;
    }
    until("all shipments", &stage, || stage.clarity.all("shipments").len() == sent).await;
    // What is in the shop adds up to what was ordered there, line by line.
    for order in &orders {
        let event: Value = serde_json::from_str(&order.order).unwrap();
        for line in event["lineItems"].as_array().unwrap() {
            let shipped: f64 = stage
                .clarity
                .all("shipments")
                .iter()
                .filter(|shipment| shipment["orderId"] == event["orderId"])
                .flat_map(|shipment| shipment["lines"].as_array().unwrap().clone())
                .filter(|shipped| shipped["lineId"] == line["lineId"])
                .map(|shipped| shipped["quantity"].as_f64().unwrap())
                .sum();
            assert!((shipped - line["quantity"].as_f64().unwrap()).abs() < 1e-9, "{line}: {shipped}");
        }
    }
    // One more than was ordered is refused, and the shop never hears of it.
    let much = stage.sagepro.dispatch(&books[0].purchase_order_no, &[(1, Decimal::ONE)], &[]);
    until("it is parked", &stage, || explain_state(&stage, "shipment", &much) == "parked").await;
    assert_eq!(explain(&stage, "shipment", &much)[0]["fault"]["code"], "E225");
    assert_eq!(stage.clarity.all("shipments").len(), sent);
}

fn explain_state(stage: &Stage, kind: &str, key: &str) -> String {
    let output = stage.command(&["sync", "explain", kind, key, "--json"]).unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    told[0]["state"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn invoices_add_up_to_what_is_in_the_erp_or_wait_for_a_person() {
    let (_folder, plan) = keeping(&[flow("invoices", "invoice", "erp", "shop")]);
    let orders = generate(6, 43);
    let stage = start(plan, &orders).await;
    let books = sold(&stage, &orders).await;
    trouble(stage.sagepro.faults(), 40);
    trouble(stage.clarity.faults(), 40);
    for booked in &books {
        stage.sagepro.invoice(&booked.purchase_order_no, Decimal::ZERO);
    }
    until("all invoices", &stage, || stage.clarity.all("invoices").len() == books.len()).await;
    for order in &orders {
        let cents = |json: &Value| json.to_string().parse::<Decimal>().unwrap();
        let invoiced: Decimal =
            stage.clarity.all("invoices").iter().filter(|one| one["orderId"] == *order.number).map(|one| cents(&one["totalAmount"])).sum();
        let parts: Decimal = books.iter().filter(|one| one.purchase_order_no.starts_with(&order.number)).map(|one| one.total).sum();
        assert_eq!(invoiced, parts, "{}", order.number);
    }
    let wrong = stage.sagepro.invoice(&books[0].purchase_order_no, Decimal::new(1, 2));
    until("it is parked", &stage, || explain_state(&stage, "invoice", &wrong) == "parked").await;
    assert!(stage.clarity.kept("invoices", &wrong).is_none());
}

fn both_ways(rules: &str) -> Vec<String> {
    let rules = |flow: String| format!("{flow}{rules}\n");
    vec![rules(flow("customers-in", "customer", "shop", "erp")), rules(flow("customers-out", "customer", "erp", "shop"))]
}

fn account(id: &str, email: &str, phone: &str) -> String {
    json!({
        "customerId": id, "name": "Ada", "company": "Ada Ltd", "email": email, "phone": phone, "currency": "CAD", "status": "active",
        "billingAddress": { "name": "Ada", "line1": "1 King St", "city": "Toronto", "region": "ON", "postalCode": "M5V 1A1", "country": "CA" }
    })
    .to_string()
}

#[tokio::test]
async fn a_customer_of_the_shop_arrives_once_in_the_erp_and_its_echo_does_not_come_back() {
    let (_folder, plan) = keeping(&both_ways(""));
    let stage = start(plan, &[]).await;
    // By webhook, twice, and by the poll.
    stage.clarity.keep("customers", "W1", &account("W1", "ada@example.com", "1"));
    let hook = stage.clarity.customer_hook("W1", "customer.created");
    let sent = stage.send(&[hook.clone(), hook], &patient()).await;
    assert!(sent.iter().all(|sent| sent.acknowledged()));
    until("it is in the ERP", &stage, || stage.sagepro.customers().len() == 1).await;
    quiet(&stage).await;
    assert_eq!((stage.sagepro.customer_writes(), stage.clarity.writes("customers").0), (1, 1));
    let there = &stage.sagepro.customers()[0];
    assert_eq!((&there["WebId"], &there["Email"], &there["BillTo"]["City"]), (&json!("W1"), &json!("ada@example.com"), &json!("Toronto")));
    // A change in the shop goes over once.
    stage.clarity.keep("customers", "W1", r#"{"phone":"2"}"#);
    until("the phone", &stage, || stage.sagepro.customers()[0]["Phone"] == "2").await;
    quiet(&stage).await;
    assert_eq!(stage.sagepro.customers().len(), 1);
    // A change in the ERP comes back once, and not as an echo.
    let number = stage.sagepro.customers()[0]["CustomerNo"].as_str().unwrap().to_owned();
    stage.sagepro.keep("customers", &number, r#"{"Contact":"Ada L."}"#);
    until("the name", &stage, || stage.clarity.kept("customers", "W1").unwrap()["name"] == "Ada L.").await;
    quiet(&stage).await;
    assert_eq!(stage.clarity.kept("customers", "W1").unwrap()["erpNumber"], json!(number));
    let told = explain(&stage, "customer", "W1");
    assert!(told.to_string().contains("echo") || told.to_string().contains("says the same"), "{told}");
}

#[tokio::test]
async fn a_customer_of_the_erp_gets_an_account_and_one_who_has_one_is_linked() {
    let (_folder, plan) = keeping(&both_ways(""));
    let stage = start(plan, &[]).await;
    let row = |number: &str, email: &str| {
        json!({ "CustomerNo": number, "Company": "Bo Inc", "Contact": "Bo", "Email": email, "Phone": "9", "Currency": "CAD", "Terms": "NET30" })
            .to_string()
    };
    stage.sagepro.keep("customers", "BO0001", &row("BO0001", "bo@example.com"));
    stage.sagepro.keep("customers", "ADA001", &row("ADA001", "Ada@example.com"));
    stage.clarity.keep("customers", "W1", &account("W1", "ada@example.com", "1"));
    until("both are linked", &stage, || {
        let all = stage.clarity.all("customers");
        all.len() == 2 && all.iter().all(|one| one["erpNumber"] != "" && !one["erpNumber"].is_null())
    })
    .await;
    quiet(&stage).await;
    assert_eq!((stage.sagepro.customers().len(), stage.clarity.all("customers").len()), (2, 2));
    assert_eq!(stage.sagepro.kept("customers", "ADA001").unwrap()["Terms"], "NET30", "what the shop does not know stays");
    assert_eq!(stage.clarity.kept("customers", "W1").unwrap()["erpNumber"], "ADA001");
}

#[tokio::test]
async fn a_customer_changed_on_both_sides_is_merged_by_rule() {
    let (_folder, plan) = keeping(&both_ways(r#"rules = { otherwise = "newest", phone = "erp-wins", email = "shop-wins" }"#));
    let mut stage = start(plan, &[]).await;
    stage.clarity.keep("customers", "W1", &account("W1", "ada@example.com", "1"));
    until("it is in the ERP", &stage, || stage.sagepro.customers().len() == 1).await;
    quiet(&stage).await;
    let number = stage.sagepro.customers()[0]["CustomerNo"].as_str().unwrap().to_owned();
    // While the host is away both sides change the same fields, and each one more.
    assert!(stage.stop().unwrap());
    stage.sagepro.keep("customers", &number, r#"{"Phone":"erp","Email":"erp@example.com","Contact":"By the ERP"}"#);
    stage.clarity.keep("customers", "W1", r#"{"phone":"shop","email":"shop@example.com","company":"By the shop"}"#);
    stage.restart().await.unwrap();
    let shop = || stage.clarity.kept("customers", "W1").unwrap();
    let erp = || stage.sagepro.kept("customers", &number).unwrap();
    until("both say the same", &stage, || {
        shop()["phone"] == erp()["Phone"]
            && shop()["email"] == erp()["Email"]
            && shop()["name"] == erp()["Contact"]
            && shop()["company"] == erp()["Company"]
    })
    .await;
    quiet(&stage).await;
    let (shop, erp) = (shop(), erp());
    assert_eq!(
        (&shop["phone"], &shop["email"], &shop["name"], &shop["company"]),
        (&json!("erp"), &json!("shop@example.com"), &json!("By the ERP"), &json!("By the shop"))
    );
    assert_eq!((&erp["Phone"], &erp["Email"]), (&json!("erp"), &json!("shop@example.com")));
}

#[tokio::test]
async fn customers_that_come_while_everything_fails_arrive_once() {
    let (_folder, plan) = keeping(&both_ways(""));
    let stage = start(plan, &[]).await;
    trouble(stage.sagepro.faults(), 40);
    trouble(stage.clarity.faults(), 40);
    for n in 0..25 {
        stage.clarity.keep("customers", &format!("W{n}"), &account(&format!("W{n}"), &format!("c{n}@example.com"), "1"));
    }
    until("all are in the ERP", &stage, || stage.sagepro.customers().len() >= 25).await;
    quiet(&stage).await;
    let mut web_ids: Vec<String> = stage.sagepro.customers().iter().map(|one| one["WebId"].to_string()).collect();
    web_ids.sort();
    web_ids.dedup();
    assert_eq!((web_ids.len(), stage.sagepro.customers().len(), stage.clarity.all("customers").len()), (25, 25, 25));
}

#[tokio::test]
async fn killed_in_the_middle_nothing_is_lost_and_nothing_doubled() {
    let mut flows = both_ways("");
    flows.push(flow("products", "product", "erp", "shop"));
    let (_folder, plan) = keeping(&flows);
    let mut stage = start(plan, &[]).await;
    for n in 0..30 {
        stage.clarity.keep("customers", &format!("W{n}"), &account(&format!("W{n}"), &format!("c{n}@example.com"), "1"));
        stage.sagepro.keep("products", &format!("L{n:03}"), &product(&format!("L{n:03}"), "3.10"));
    }
    for milliseconds in [40, 90, 150, 230, 320] {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        stage.kill().unwrap();
        stage.restart().await.unwrap();
    }
    until("all are there", &stage, || stage.sagepro.customers().len() >= 30 && stage.clarity.writes("products").0 == 30).await;
    quiet(&stage).await;
    let mut web_ids: Vec<String> = stage.sagepro.customers().iter().map(|one| one["WebId"].to_string()).collect();
    web_ids.sort();
    web_ids.dedup();
    assert_eq!((web_ids.len(), stage.sagepro.customers().len(), stage.clarity.all("customers").len()), (30, 30, 30));
    let counts = stage.health().await.unwrap()["sync"].clone();
    assert!(counts["products"].get("parked").is_none() && counts["customers-in"].get("parked").is_none(), "{counts}");
}

#[tokio::test]
async fn custom_fields_go_both_ways_by_name_and_a_side_that_lacks_one_is_left_alone() {
    let mut flows = both_ways(r#"rules = { clear = ["phone", "fields.gate-code"] }"#);
    flows.push(flow("products", "product", "erp", "shop"));
    let (_folder, plan) = keeping(&flows);
    let stage = start(plan, &[]).await;
    stage.sagepro.lacks("newsletter");
    let fields = r#"{"gate-code":"1234#","newsletter":true,"visits":12.50,"cardNumber":"4111"}"#;
    let own = account("W1", "ada@example.com", "1").replacen('{', &format!(r#"{{"customFields":{fields},"#), 1);
    stage.clarity.keep("customers", "W1", &own);
    until("it is in the ERP", &stage, || stage.sagepro.customers().len() == 1).await;
    quiet(&stage).await;
    let number = stage.sagepro.customers()[0]["CustomerNo"].as_str().unwrap().to_owned();
    let erp = || stage.sagepro.kept("customers", &number).unwrap();
    let shop = || stage.clarity.kept("customers", "W1").unwrap();
    assert_eq!((&erp()["gate-code"], erp().get("cardNumber"), erp().get("newsletter")), (&json!("1234#"), None, None));
    assert_eq!(erp()["visits"].to_string(), "12.5");
    assert!(stage.sagepro.customer_writes() <= 2, "what it lacks is not written again and again");
    // The ERP's own columns come to the shop; what is no custom field, and what is never read, stays where it is.
    stage.sagepro.keep("customers", &number, r#"{"RouteCode":"N7   ","Stops":3,"CardNo":"4111","Contacts":[{"Name":"Bo"}]}"#);
    until("the column", &stage, || shop()["customFields"]["RouteCode"] == "N7").await;
    quiet(&stage).await;
    assert_eq!(
        shop()["customFields"],
        json!({ "gate-code": "1234#", "newsletter": true, "visits": 12.5, "cardNumber": "4111", "RouteCode": "N7", "Stops": 3 })
    );
    // What one side changes goes over by itself, and what is cleared is cleared where that is allowed.
    stage.sagepro.keep("customers", &number, r#"{"Stops":4}"#);
    until("the number", &stage, || shop()["customFields"]["Stops"] == 4).await;
    quiet(&stage).await;
    let less = r#"{"customFields":{"newsletter":true,"RouteCode":"N7","Stops":4},"phone":""}"#;
    stage.clarity.keep("customers", "W1", less);
    until("it is cleared", &stage, || erp()["gate-code"].is_null() && erp()["Phone"] == "").await;
    quiet(&stage).await;
    assert_eq!((&erp()["RouteCode"], &erp()["CardNo"]), (&json!("N7   "), &json!("4111")), "what did not change was not written");
    assert_eq!(shop()["customFields"]["visits"], 12.5, "what may not be cleared comes back");
    // Products, one way: the shop's own fields stay.
    stage.clarity.keep("products", "L1", r#"{"sku":"L1","active":false,"prices":[],"customFields":{"badge":"new"}}"#);
    stage.sagepro.keep("products", "L1", &product("L1", "5.00").replacen('{', r#"{"Voltage":"230 V","Dimmable":true,"#, 1));
    until("the product", &stage, || stage.clarity.row("products", "L1").unwrap().contains("Voltage")).await;
    assert_eq!(stage.clarity.kept("products", "L1").unwrap()["customFields"], json!({ "badge": "new", "Voltage": "230 V", "Dimmable": true }));
}

#[tokio::test]
async fn only_the_custom_fields_that_are_named_go() {
    let named = both_ways(r#"custom-fields = ["RouteCode"]"#);
    let (_folder, plan) = keeping(&named);
    let stage = start(plan, &[]).await;
    let own = account("W1", "ada@example.com", "1").replacen('{', r#"{"customFields":{"gate-code":"1","RouteCode":"S1"},"#, 1);
    stage.clarity.keep("customers", "W1", &own);
    until("it is in the ERP", &stage, || stage.sagepro.customers().len() == 1).await;
    let number = stage.sagepro.customers()[0]["CustomerNo"].as_str().unwrap().to_owned();
    quiet(&stage).await;
    // A balance changes with every order, and says nothing to the shop.
    stage.sagepro.keep("customers", &number, r#"{"Balance":99.10,"RouteCode":"N7"}"#);
    until("the column", &stage, || stage.clarity.kept("customers", "W1").unwrap()["customFields"]["RouteCode"] == "N7").await;
    quiet(&stage).await;
    let (shop, erp) = (stage.clarity.kept("customers", "W1").unwrap(), stage.sagepro.kept("customers", &number).unwrap());
    assert_eq!((&shop["customFields"], erp.get("gate-code")), (&json!({ "gate-code": "1", "RouteCode": "N7" }), None));
    assert_eq!(stage.sagepro.customer_writes(), 1, "a balance is not written back");
}
