//! Stock that orders are promised, through the real program and real HTTP, while both partners fail: nobody is sold what is
//! not there, and the shop is told what it may sell.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{OUTLET, PATIENCE, both, patient, plan, show, start, trouble, until};
use crossdock_partners::{
    clarity::Clarity,
    orders::{Generated, single},
    sagepro::{Booked, Items},
    signature::sign_body,
};
use crossdock_stage::{Plan, Stage};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};
use tempfile::TempDir;

const SKU: &str = "LAMP-DESK-01";

const STOCK: &str = "[sync.stock]\nentity = \"stock\"\nfrom = \"erp\"\nto = \"shop\"\nevery = \"200ms\"\noverlap = \"2s\"\n";
const SHIPMENTS: &str = "[sync.shipments]\nentity = \"shipment\"\nfrom = \"erp\"\nto = \"shop\"\nevery = \"200ms\"\noverlap = \"2s\"\n";

/// A stage without rules, whose ERP has so many lamps in these warehouses.
fn shelf(there: &[(&str, i64)], extra: &str) -> (TempDir, Plan) {
    let (folder, mut plan) = plan();
    let units = there.iter().map(|(warehouse, units)| ((*warehouse).to_owned(), Decimal::from(*units))).collect();
    plan.sagepro.items = Items::List(HashMap::from([(SKU.to_owned(), units)]));
    let hooks = "pre-map = []\nroute-order = \"warehouse-routing\"\npost-map = []\n".into();
    (folder, Plan { extra: extra.into(), hooks, shop: "timeout = \"400ms\"".into(), timeout: Duration::from_millis(400), ..plan })
}

/// Without the rule, an order goes to the first warehouse whole.
fn unrouted(plan: Plan) -> Plan {
    std::fs::remove_file(plan.plugins.join("warehouse-routing.wasm")).unwrap();
    Plan { hooks: "pre-map = []\npost-map = []\n".into(), ..plan }
}

/// Everybody orders one.
fn buyers(count: usize) -> Vec<Generated> {
    (0..count).map(|buyer| single(&format!("B{buyer:03}"), SKU, 1, 5)).collect()
}

async fn buy(stage: &Stage, orders: &[Generated]) {
    let sent = stage.send(&orders.iter().map(Generated::hook).collect::<Vec<_>>(), &patient()).await;
    assert!(sent.iter().all(|sent| sent.acknowledged()));
    stage.drain(PATIENCE).await.unwrap();
}

/// Units that the ERP has orders for: sold, and waiting as backorders.
fn sold(books: &[Booked]) -> (Decimal, Decimal) {
    let units = |backorder: bool| -> Decimal {
        let booked = books.iter().filter(|booked| booked.status != "Cancelled" && (booked.raw["Backorder"] == true) == backorder);
        booked.flat_map(|booked| &booked.lines).map(|line| line.quantity).sum()
    };
    (units(false), units(true))
}

/// What the shop is told it may sell.
fn told(stage: &Stage, warehouse: &str) -> Option<Decimal> {
    let row = stage.clarity.kept("inventory", &format!("{SKU}@{warehouse}"))?;
    row["available"].to_string().parse().ok()
}

fn list(stage: &Stage, warehouse: &str, units: i64) {
    stage.sagepro.keep(
        "inventory",
        &format!("{SKU}@{warehouse}"),
        &format!(r#"{{"ItemCode":"{SKU}","Warehouse":"{warehouse}","Available":{units}}}"#),
    );
}

#[tokio::test]
async fn a_hundred_buyers_of_ten_units_get_ten_whatever_fails() {
    let (_folder, plan) = shelf(&[("TOR", 10)], &format!("[stock]\ncounts = \"available\"\n{STOCK}"));
    let orders = buyers(100);
    let stage = start(unrouted(plan), &orders).await;
    list(&stage, "TOR", 10);
    until("the shop is told ten", &stage, || told(&stage, "TOR") == Some(Decimal::TEN)).await;
    trouble(stage.sagepro.faults(), 30);
    trouble(stage.clarity.faults(), 30);
    buy(&stage, &orders).await;
    let books = stage.sagepro.books();
    assert_eq!(sold(&books), (10.into(), 90.into()), "who is not promised one waits for the next");
    assert!(stage.sagepro.doubles().is_empty());
    until("the shop is told that none is left", &stage, || told(&stage, "TOR") == Some(Decimal::ZERO)).await;
    // What happened to each is told.
    let backorder = books.iter().find(|booked| booked.raw["Backorder"] == true).unwrap();
    let explained = stage.command(&["orders", "explain", &backorder.purchase_order_no]).unwrap();
    assert!(String::from_utf8_lossy(&explained.stdout).contains("is backordered"), "{}", String::from_utf8_lossy(&explained.stdout));
}

#[tokio::test]
async fn without_promises_a_hundred_buyers_get_what_is_not_there() {
    // What the test above shows is shown by nothing when this is not so.
    let (_folder, plan) = shelf(&[("TOR", 10)], "");
    let orders = buyers(100);
    let stage = start(unrouted(plan), &orders).await;
    buy(&stage, &orders).await;
    assert_eq!(sold(&stage.sagepro.books()), (100.into(), Decimal::ZERO));
}

#[tokio::test]
async fn the_rule_routes_by_what_is_left_and_nobody_gets_anothers() {
    let (_folder, plan) = shelf(&[("TOR", 6), ("BUF", 4)], "[stock]\ncounts = \"available\"\n");
    let orders = buyers(60);
    let stage = start(plan, &orders).await;
    trouble(stage.sagepro.faults(), 30);
    buy(&stage, &orders).await;
    let books = stage.sagepro.books();
    assert_eq!(sold(&books), (10.into(), 50.into()));
    for (warehouse, most) in [("TOR", 6), ("BUF", 4)] {
        let units = sold(&books.iter().filter(|booked| booked.warehouse == warehouse).cloned().collect::<Vec<_>>()).0;
        assert_eq!(units, Decimal::from(most), "{warehouse}");
    }
}

#[tokio::test]
async fn what_stands_in_the_warehouse_is_promised_until_it_leaves_or_is_cancelled() {
    let (_folder, mut plan) = shelf(&[("TOR", 10)], &format!("[stock]\ncounts = \"on-hand\"\n{STOCK}{SHIPMENTS}"));
    plan.sagepro.on_hand = true;
    let orders: Vec<Generated> = [("K1", 3), ("K2", 2), ("K3", 4)].map(|(number, units)| single(number, SKU, units, 5)).into();
    let stage = start(unrouted(plan), &orders).await;
    list(&stage, "TOR", 10);
    until("the shop is told ten", &stage, || told(&stage, "TOR") == Some(Decimal::TEN)).await;
    trouble(stage.sagepro.faults(), 30);
    trouble(stage.clarity.faults(), 30);
    // The ERP's figure stays at ten: what is told is less what was promised.
    buy(&stage, &orders[..2]).await;
    assert_eq!(sold(&stage.sagepro.books()), (5.into(), Decimal::ZERO));
    until("five are promised", &stage, || told(&stage, "TOR") == Some(5.into())).await;
    // One of three leaves: as much is there less as is promised less.
    stage.sagepro.dispatch("K1", &[(1, Decimal::ONE)], &[]);
    let on_hand = || stage.sagepro.kept("inventory", &format!("{SKU}@TOR")).unwrap()["Available"].to_string();
    assert_eq!(on_hand(), "9");
    until("the shop has the shipment", &stage, || stage.clarity.all("shipments").len() == 1).await;
    until("nothing else can be sold", &stage, || told(&stage, "TOR") == Some(5.into())).await;
    // A cancelled order's units are free again.
    assert!(stage.send(&[orders[1].cancelled()], &patient()).await[0].acknowledged());
    until("its two are free", &stage, || told(&stage, "TOR") == Some(7.into())).await;
    assert_eq!(show(&stage, "K2")[1]["state"], "cancelled");
    // What is promised is not sold again: five of the seven, then three of which two are there.
    let more: Vec<Generated> = [("K4", 5), ("K5", 3)].map(|(number, units)| single(number, SKU, units, 5)).into();
    for order in &more {
        buy(&stage, std::slice::from_ref(order)).await;
    }
    let books = stage.sagepro.books();
    assert_eq!(sold(&books), (10.into(), 1.into()));
    until("none is left", &stage, || told(&stage, "TOR") == Some(Decimal::ZERO)).await;
    // The rest of the first order leaves, and everything else; then nothing is there and nothing is promised.
    for booked in books.iter().filter(|booked| booked.status.is_empty() && booked.raw["Backorder"] != true) {
        let shipped = if booked.purchase_order_no == "K1" { Decimal::ONE } else { Decimal::ZERO };
        stage.sagepro.dispatch(&booked.purchase_order_no, &[(1, booked.lines[0].quantity - shipped)], &[]);
    }
    assert_eq!(on_hand(), "0");
    until("all shipments are in the shop", &stage, || stage.clarity.all("shipments").len() == 4).await;
    list(&stage, "TOR", 4);
    until("what comes in can be sold", &stage, || told(&stage, "TOR") == Some(4.into())).await;
    stage.sagepro.faults().clear();
    stage.clarity.faults().clear();
    let explained = stage.command(&["sync", "explain", "stock", &format!("{SKU}@TOR"), "--json"]).unwrap();
    let explained: Value = serde_json::from_slice(&explained.stdout).unwrap();
    assert!(explained.to_string().contains("4 there, 0 promised"), "{explained}");
}

#[tokio::test]
async fn a_change_is_promised_what_it_takes_more_and_a_buffer_is_kept_back() {
    let extra = format!("[stock]\ncounts = \"available\"\nbuffer = {{ least = \"2\" }}\n{STOCK}");
    let (_folder, plan) = shelf(&[("TOR", 10)], &extra);
    let orders = [single("C1", SKU, 3, 5)];
    let stage = start(unrouted(plan), &orders).await;
    list(&stage, "TOR", 10);
    until("the shop is told eight", &stage, || told(&stage, "TOR") == Some(8.into())).await;
    buy(&stage, &orders).await;
    until("five", &stage, || told(&stage, "TOR") == Some(5.into())).await;
    // Eight instead of three: the seven that are left may be sold to whoever the shop let order.
    let more = single("C1", SKU, 12, 5);
    let event = crossdock_partners::orders::event("order.updated", &more.date, &more.order.replacen(r#""version":1,"#, r#""version":2,"#, 1));
    let hook = crossdock_partners::sender::Hook { id: "evt_C1_v2".into(), number: "C1".into(), body: event.into() };
    assert!(stage.send(&[hook], &patient()).await[0].acknowledged());
    stage.drain(PATIENCE).await.unwrap();
    let books = stage.sagepro.books();
    assert_eq!(sold(&books), (10.into(), 2.into()), "{}", json!(show(&stage, "C1")));
    until("none is left", &stage, || told(&stage, "TOR") == Some(Decimal::ZERO)).await;
}

#[tokio::test]
async fn a_kit_goes_in_parts_and_comes_back_whole() {
    let kit = "[kits.DESK-SET]\npolicy = \"explode\"\ncomponents = [{ sku = \"LAMP-DESK-01\", quantity = \"1\", worth = \"6.00\" }, { sku = \"MUG-BLUE\", quantity = \"3\", worth = \"1.00\" }]\n";
    let invoices = SHIPMENTS.replace("shipment", "invoice");
    let (_folder, mut plan) = shelf(&[("TOR", 10)], &format!("{kit}[stock]\ncounts = \"available\"\n{SHIPMENTS}{invoices}"));
    let Items::List(items) = &mut plan.sagepro.items else { unreachable!() };
    items.insert("MUG-BLUE".into(), HashMap::from([("TOR".to_owned(), Decimal::from(10))]));
    // Three sets are there by the mugs, whatever the lamps say.
    let orders = [single("S1", "DESK-SET", 2, 5), single("S2", "DESK-SET", 2, 5)];
    let stage = start(unrouted(plan), &orders).await;
    trouble(stage.sagepro.faults(), 30);
    trouble(stage.clarity.faults(), 30);
    for order in &orders {
        buy(&stage, std::slice::from_ref(order)).await;
    }
    let books = stage.sagepro.books();
    let lines = |key: &str| -> Vec<(String, Decimal)> {
        let booked = books.iter().find(|booked| booked.purchase_order_no == key).unwrap();
        booked.lines.iter().map(|line| (line.item.clone(), line.quantity)).collect()
    };
    assert_eq!(lines("S1"), [(SKU.to_owned(), 2.into()), ("MUG-BLUE".to_owned(), 6.into())]);
    assert_eq!(sold(&books).1, 2.into(), "two mugs of the second order wait");
    for order in &orders {
        let total: Decimal = books.iter().filter(|booked| booked.purchase_order_no.starts_with(&order.number)).map(|booked| booked.total).sum();
        assert_eq!(total, order.expected.total);
    }
    let explained = stage.command(&["orders", "explain", "S1"]).unwrap();
    let explained = String::from_utf8_lossy(&explained.stdout).into_owned();
    assert!(explained.contains("2 of DESK-SET is taken apart: 2 of LAMP-DESK-01, 6 of MUG-BLUE"), "{explained}");
    // One set leaves and the whole is invoiced: the shop hears of sets.
    let shipment = stage.sagepro.dispatch("S1", &[(1, Decimal::ONE), (2, 3.into())], &["1Z 7"]);
    let invoice = stage.sagepro.invoice("S1", Decimal::ZERO);
    until("both are in the shop", &stage, || {
        stage.clarity.kept("shipments", &shipment).is_some() && stage.clarity.kept("invoices", &invoice).is_some()
    })
    .await;
    let shipped = stage.clarity.kept("shipments", &shipment).unwrap();
    assert_eq!(
        (shipped["lines"].as_array().unwrap().len(), &shipped["lines"][0]["lineId"], shipped["lines"][0]["quantity"].as_f64()),
        (1, &json!("L1"), Some(1.0))
    );
    let invoiced = stage.clarity.row("invoices", &invoice).unwrap();
    assert!(invoiced.contains("DESK-SET") && !invoiced.contains("MUG-BLUE"), "{invoiced}");
    // Lamps without their mugs are no sets: a person looks.
    let half = stage.sagepro.dispatch("S1", &[(1, Decimal::ONE)], &[]);
    let parked = || String::from_utf8(stage.command(&["sync", "list", "--parked"]).unwrap().stdout).unwrap();
    until("it is parked", &stage, || parked().contains(&half)).await;
    assert!(parked().contains("E225"), "{}", parked());
}

#[tokio::test]
async fn an_order_with_articles_that_the_erp_lacks_waits_and_each_is_named() {
    let (_folder, plan) = shelf(&[("TOR", 10)], "");
    let plan = Plan { orders: plan.orders.clone() + "check-articles = true\n", ..unrouted(plan) };
    let orders = [single("A1", "LAMP-DESK-O1", 1, 5), single("A2", SKU, 1, 5)];
    let stage = start(plan, &orders).await;
    buy(&stage, &orders).await;
    let books = stage.sagepro.books();
    assert_eq!(books.iter().map(|booked| &*booked.purchase_order_no).collect::<Vec<_>>(), ["A2"]);
    let told = stage.command(&["parked", "show", "A1"]).unwrap();
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("E222") && told.contains("the ERP has no article `LAMP-DESK-O1`; near: LAMP-DESK-01"), "{told}");
}

async fn buy_in_both(stage: &Stage, shop: &[Generated], outlet: &[Generated]) {
    let hooks = |orders: &[Generated]| orders.iter().map(Generated::hook).collect::<Vec<_>>();
    let (shop, outlet, patient) = (hooks(shop), hooks(outlet), patient());
    let (one, other) = tokio::join!(stage.send(&shop, &patient), stage.send_from_outlet(&outlet, &patient));
    assert!(one.iter().chain(&other).all(|sent| sent.acknowledged()));
    stage.drain(PATIENCE).await.unwrap();
}

/// What a command prints, on both streams.
fn said(stage: &Stage, arguments: &[&str]) -> String {
    let output = stage.command(arguments).unwrap();
    [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat()
}

#[tokio::test]
async fn a_hundred_buyers_in_two_shops_get_the_ten_that_are_there_and_each_shop_hears_of_its_own() {
    let papers = SHIPMENTS.replace("shipment", "invoice");
    let extra = format!("[stock]\ncounts = \"available\"\n{}{}{}", both(STOCK), both(SHIPMENTS), both(&papers));
    let (_folder, plan) = shelf(&[("TOR", 10)], &extra);
    // Both count from the same number.
    let orders = buyers(50);
    let stage = start(Plan { outlet: Some(OUTLET.into()), ..unrouted(plan) }, &orders).await;
    orders.iter().for_each(|order| stage.outlet.put(&order.number, &order.order));
    list(&stage, "TOR", 10);
    let are_told = |units: i64| {
        let level =
            |shop: &Clarity| shop.kept("inventory", &format!("{SKU}@TOR")).and_then(|row| row["available"].to_string().parse::<Decimal>().ok());
        let levels = [level(&stage.clarity), level(&stage.outlet)];
        assert!(levels.iter().flatten().all(|level| *level >= Decimal::ZERO), "less than nothing: {levels:?}");
        levels == [Some(units.into()); 2]
    };
    until("both shops are told ten", &stage, || are_told(10)).await;
    let partners = [stage.sagepro.faults(), stage.clarity.faults(), stage.outlet.faults()];
    partners.iter().for_each(|faults| trouble(faults, 30));
    buy_in_both(&stage, &orders, &orders).await;
    let books = stage.sagepro.books();
    assert_eq!(sold(&books), (10.into(), 90.into()));
    assert!(stage.sagepro.doubles().is_empty(), "{:?}", stage.sagepro.doubles());
    let mut keys: Vec<&str> = books.iter().map(|booked| &*booked.purchase_order_no).collect();
    keys.sort_unstable();
    let mut wanted: Vec<String> = orders.iter().flat_map(|order| [order.number.clone(), format!("O-{}", order.number)]).collect();
    wanted.sort_unstable();
    assert_eq!(keys, wanted, "two orders of one number are two orders, each under its own key");
    until("both shops are told that none is left", &stage, || are_told(0)).await;
    partners.iter().for_each(|faults| faults.clear());
    // What leaves and is billed is told to the shop that sold it, under its own number.
    let shipped = ["B000", "O-B000", "O-B001"]
        .map(|key| (key, stage.sagepro.dispatch(key, &[(1, Decimal::ONE)], &[]), stage.sagepro.invoice(key, Decimal::ZERO)));
    let papers = |shop: &Clarity| shop.all("shipments").len() + shop.all("invoices").len();
    until("each shop has its papers", &stage, || (papers(&stage.clarity), papers(&stage.outlet)) == (2, 4)).await;
    for (key, shipment, invoice) in &shipped {
        let (shop, other) = if key.starts_with("O-") { (&stage.outlet, &stage.clarity) } else { (&stage.clarity, &stage.outlet) };
        for (papers, number) in [("shipments", shipment), ("invoices", invoice)] {
            assert_eq!(shop.kept(papers, number).unwrap()["orderId"], json!(key.trim_start_matches("O-")));
            assert!(other.kept(papers, number).is_none(), "{number} of {key} is in the other shop, too");
        }
    }
    let told = said(&stage, &["sync", "list", "--flow", "outlet-shipments"]);
    assert!(told.contains("no order of the shop's went to the ERP as B000"), "{told}");
}

#[tokio::test]
async fn people_say_which_shop_they_mean_when_both_have_the_number() {
    let (_folder, plan) = shelf(&[("TOR", 10)], "");
    let (shop, outlet) = ([single("4711", SKU, 1, 5)], [single("4711", SKU, 2, 5), single("4712", "LAMP-DESK-O1", 1, 5)]);
    let mut stage = start(Plan { outlet: Some(OUTLET.into()), ..unrouted(plan) }, &shop).await;
    outlet.iter().for_each(|order| stage.outlet.put(&order.number, &order.order));
    buy_in_both(&stage, &shop, &outlet).await;
    for command in [&["orders", "show", "4711"][..], &["orders", "explain", "4711"], &["orders", "certify", "4711"], &["orders", "erase", "4711"]] {
        let told = said(&stage, command);
        assert!(told.contains("E209") && told.contains("`4711` of `shop`") && told.contains("`O-4711` of `outlet`"), "{command:?}: {told}");
    }
    // By the shop, or as the ERP calls it.
    for order in [&["4711", "--shop", "outlet"][..], &["O-4711"]] {
        let told = said(&stage, &[&["orders", "show"][..], order].concat());
        assert!(told.contains("O-4711 from TOR"), "{told}");
        assert!(said(&stage, &[&["orders", "certify"][..], order].concat()).starts_with("O-4711 "));
        assert!(said(&stage, &[&["mapping", "preview", "--order"][..], order].concat()).contains("O-4711"));
    }
    assert!(said(&stage, &["orders", "show", "4711", "--shop", "shop"]).contains("4711 from TOR"));
    let unknown = said(&stage, &["orders", "show", "4711", "--shop", "shpo"]);
    assert!(unknown.contains("orders do not come from `shpo`") && unknown.contains("shop, outlet"), "{unknown}");
    // One number that only one has: nobody has to say whose it is.
    assert!(said(&stage, &["parked", "show", "4712"]).contains("E401"));
    let listed = said(&stage, &["orders", "list", "--shop", "outlet"]);
    assert!(listed.contains("SHOP") && listed.contains("O-4711") && !listed.contains("\n4711"), "{listed}");
    // Corrected and retried like any other.
    let mended = said(&stage, &["parked", "edit", "4712", "--set", "data.lineItems[0].sku=LAMP-DESK-01", "--retry", "--why", "typing error"]);
    assert!(mended.contains("it runs again"), "{mended}");
    stage.drain(PATIENCE).await.unwrap();
    let mut keys: Vec<String> = stage.sagepro.books().into_iter().map(|booked| booked.purchase_order_no).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["4711", "O-4711", "O-4712"]);
    // The books of each shop are its own: what the other has in the ERP is no difference.
    let books = said(&stage, &["books"]);
    assert!(books.contains("both books agree"), "{books}");
    assert_eq!(stage.health().await.unwrap()["shops"].as_array().unwrap().len(), 2);
    // Under another prefix the outlet's orders would come a second time.
    assert!(stage.stop().unwrap());
    let settings = std::fs::read_to_string(stage.settings()).unwrap();
    std::fs::write(stage.settings(), settings.replace("\"O-\"", "\"P-\"")).unwrap();
    let refused = said(&stage, &["run"]);
    assert!(refused.contains("E602") && refused.contains("`outlet`") && refused.contains("such as O-471"), "{refused}");
    // Without the outlet its orders are nobody's: those of the same number are not taken for them.
    let alone = settings.replace("[\"shop\", \"outlet\"]", "\"shop\"");
    std::fs::write(stage.settings(), &alone).unwrap();
    let certified = said(&stage, &["orders", "certify", "O-4711"]);
    assert!(certified.contains("is of the shop `outlet`"), "{certified}");
}

#[tokio::test]
async fn an_order_that_would_be_taken_for_the_other_shops_waits_for_a_person() {
    let (_folder, plan) = shelf(&[("TOR", 10)], "");
    let (shop, outlet) = ([single("O-1", SKU, 1, 5)], [single("1", SKU, 2, 5)]);
    let stage = start(Plan { outlet: Some(OUTLET.into()), ..unrouted(plan) }, &shop).await;
    buy_in_both(&stage, &shop, &outlet).await;
    let books = stage.sagepro.books();
    assert_eq!(books.iter().map(|booked| (&*booked.purchase_order_no, booked.lines[0].quantity)).collect::<Vec<_>>(), [("O-1", 2.into())]);
    let told = said(&stage, &["parked", "list"]);
    assert!(told.contains("event:shop:O-1") && told.contains("E202"), "{told}");
    // Found by the poll as well, it is the same order and no second one.
    stage.clarity.put("O-1", &shop[0].order);
    assert!(said(&stage, &["orders", "poll", "--shop", "shop"]).contains("0 of them were new here"));
}

/// An order of Shopify's that adds up, as it is published but for the articles.
const SHOPIFY: &str = r##"{"id":5678901234567,"name":"#1042","email":"jon@example.com","created_at":"2026-01-05T09:00:00-05:00","updated_at":"2026-01-05T09:00:03-05:00",
"cancelled_at":null,"currency":"USD","taxes_included":false,"financial_status":"paid","payment_gateway_names":["shopify_payments"],
"subtotal_price":"40.00","total_line_items_price":"40.00","total_discounts":"0.00","total_tax":"2.80","total_price":"47.80","total_outstanding":"0.00",
"customer":{"id":207119551},"billing_address":{"name":"Jon Smith","address1":"1 Main","city":"Louisville","province":"Kentucky","province_code":"KY","zip":"40202","country_code":"US"},
"shipping_address":{"name":"Jo Smith","address1":"2 Main","city":"Louisville","province":"Kentucky","province_code":"KY","zip":"40202","country_code":"US"},
"line_items":[{"id":11,"sku":"LAMP-DESK-01","name":"Desk lamp","quantity":2,"price":"20.00","total_discount":"0.00","gift_card":false,"taxable":true,
"discount_allocations":[],"tax_lines":[{"title":"State","price":"2.80","rate":0.07}],"properties":[]}],
"shipping_lines":[{"id":1,"title":"Standard","code":"STD","price":"5.00","discounted_price":"5.00","discount_allocations":[],"tax_lines":[]}],"refunds":[]}"##;

#[tokio::test]
async fn a_clarity_shop_and_a_shopify_outlet_sell_from_one_shelf() {
    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    let (folder, plan) = shelf(&[("TOR", 3)], &format!("[stock]\ncounts = \"available\"\n{STOCK}"));
    let secret = folder.path().join("shopify-secret");
    std::fs::write(&secret, SECRET).unwrap();
    // The ERP's customers have six characters: the outlet's are one customer there.
    let template = folder.path().join("outlet.toml");
    std::fs::write(&template, "name = \"outlet\"\nextends = \"clarity-sagepro\"\n[header]\nCustomerNo = { constant = \"OUTLET\" }\n").unwrap();
    let outlet = format!("kind = \"shopify\"\nsecrets = [{{ file = {secret:?} }}]\nkey-prefix = \"S-\"\nmapping = {template:?}\n");
    let orders = [single("5678901234567", SKU, 2, 5)];
    let stage = start(Plan { outlet: Some(outlet), ..unrouted(plan) }, &orders).await;
    list(&stage, "TOR", 3);
    until("the shop is told three", &stage, || told(&stage, "TOR") == Some(3.into())).await;
    let send = async |signature: String| {
        let request = crossdock_partners::sender::client().post(stage.webhooks_of("outlet")).body(SHOPIFY);
        let request = request.header("x-shopify-hmac-sha256", signature).header("x-shopify-topic", "orders/create");
        request.header("x-shopify-event-id", "98880550-7158").header("x-shopify-webhook-id", "b54557e4").send().await.unwrap().status().as_u16()
    };
    assert_eq!(send(sign_body("another0123456789abcdef0123456789", SHOPIFY.as_bytes())).await, 401, "each shop has its own secrets");
    assert_eq!(send(sign_body(SECRET, SHOPIFY.as_bytes())).await, 202);
    stage.drain(PATIENCE).await.unwrap();
    buy(&stage, &orders).await;
    let books = stage.sagepro.books();
    let booked = |key: &str| {
        books.iter().find(|booked| booked.purchase_order_no == key).unwrap_or_else(|| panic!("{key}: {}", said(&stage, &["parked", "list"])))
    };
    assert_eq!(booked("S-5678901234567").total, "47.80".parse::<Decimal>().unwrap());
    assert_eq!(sold(&books), (3.into(), 1.into()), "two went to the outlet, and one was left");
    until("none is left for the shop", &stage, || told(&stage, "TOR") == Some(Decimal::ZERO)).await;
    assert_eq!(booked("S-5678901234567").customer, "OUTLET");
    assert_eq!(booked("5678901234567").customer, orders[0].expected.customer, "each shop has a template of its own");
    let previewed = said(&stage, &["mapping", "preview", "--order", "5678901234567", "--shop", "outlet"]);
    assert!(previewed.contains("by `outlet`") && previewed.contains("OUTLET"), "{previewed}");
}
