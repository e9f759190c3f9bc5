//! `crossdock mapping` from outside: check, test with coverage, preview and explain, on templates that extend shipped ones; and
//! templates of goods and people at work, through the real program and real HTTP.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{PATIENCE, plan, start};
use crossdock_stage::{Plan, Stage};
use serde_json::json;
use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const TEMPLATE: &str = r#"name = "acme"
extends = "clarity-sagepro"

[header]
Comment = { expr = "format(\"{} lines\", size(lines))", width = 20 }
Territory = { expr = "lookup(\"areas\", shipping_to.region)", width = 3 }

[tables.areas]
QC = "EAS"
"#;

const ORDER: &str = r#"{ "number": "4711", "lines": [ { "sku": "SHIRT-OX-M", "quantity": 2, "unit-price": "49.95" } ] }"#;

/// Exit code, and everything that was printed.
fn run(home: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_crossdock")).current_dir(home).arg("mapping").args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
}

fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("acme.toml"), TEMPLATE).unwrap();
    fs::create_dir_all(home.path().join("acme.tests/plain")).unwrap();
    fs::write(home.path().join("acme.tests/plain/order.json"), ORDER).unwrap();
    home
}

#[test]
fn a_template_is_checked_with_what_it_extends() {
    let home = home();
    let (code, told) = run(home.path(), &["check", "acme.toml"]);
    assert!(code == Some(0) && told.contains("`acme` has 33 rows in the header and 10 per line"), "{told}");
    fs::write(home.path().join("bad.toml"), TEMPLATE.replace("size(lines)", "sise(lines)").replace("clarity-sagepro", "acme.toml")).unwrap();
    let (code, told) = run(home.path(), &["check", "bad.toml"]);
    assert!(code == Some(1) && told.contains("bad.toml:5:42: header.Comment.expr: there is no function `sise`\n    did you mean `size`?"), "{told}");
    let (code, told) = run(home.path(), &["check", "nowhere.toml"]);
    assert!(code == Some(1) && told.contains("clarity-sagepro-native"), "{told}");
}

#[test]
fn cases_are_blessed_compared_and_counted() {
    let home = home();
    let (code, told) = run(home.path(), &["test", "acme.toml"]);
    assert!(code == Some(1) && told.contains("nothing is expected yet: --bless writes fault.txt down"), "{told}");
    let (code, _) = run(home.path(), &["test", "acme.toml", "--bless"]);
    let fault = fs::read_to_string(home.path().join("acme.tests/plain/fault.txt")).unwrap();
    assert!(code == Some(0) && fault.starts_with("E303 Territory: table `areas`"), "{fault}");
    fs::write(home.path().join("acme.tests/plain/lookups.toml"), "[tables.areas]\nON = \"MID\"\n").unwrap();
    assert_eq!(run(home.path(), &["test", "acme.toml"]).0, Some(1));
    assert_eq!(run(home.path(), &["test", "acme.toml", "--bless"]).0, Some(0));
    let (code, told) = run(home.path(), &["test", "acme.toml"]);
    assert!(code == Some(0) && told.contains("ok plain") && told.contains("only by their default: header.ShipToAddress.Address2"), "{told}");
    let (_, told) = run(home.path(), &["test", "acme.toml", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["ok"], &told["cases"][0]["ok"]), (&true.into(), &true.into()));
}

#[test]
fn a_preview_goes_on_after_a_fault_and_a_field_is_explained() {
    let home = home();
    let (code, told) = run(home.path(), &["preview", "acme.tests/plain/order.json", "--template", "acme.toml"]);
    assert!(code == Some(1) && told.contains("E303: table `areas`") && told.contains("lines[0].ItemCode"), "{told}");
    assert!(told.contains("1 lines") && told.contains("1 of 43 rows cannot be filled"), "{told}");
    let (code, told) = run(home.path(), &["explain", "Territory", "--template", "acme.toml"]);
    assert!(code == Some(0) && told.contains("acme.toml:6") && told.contains("overrides  clarity-sagepro:"), "{told}");
    let (code, told) = run(home.path(), &["explain", "LineItems.ItemCode"]);
    assert!(code == Some(0) && told.contains("may not change it") && told.contains("line.sku"), "{told}");
    let (code, told) = run(home.path(), &["explain", "Teritory"]);
    assert!(code == Some(1) && told.contains("did you mean `Territory`?"), "{told}");
}

const CUSTOMER: &str = r#"name = "acme-customer"
entity = "customer"
to = "erp"
extends = "clarity-sagepro-customer"

[header]
Contact = { expr = "upper(contact)", width = 12, overflow = "cut" }
SALESREP = { expr = "lookup(\"reps\", billing.region, \"HOUSE\") + text(size(ship_to))" }
SINCE = { from = "changed-at", type = "date" }
Route = { from = "fields.gate-code", default = "" }

[ship-to]
"Address.City" = { expr = "title(address.city)", default = "" }

[tables.reps]
ON = "ANNA"
"#;

const ADA: &str = r#"{ "web-id": "W1", "number": null, "standing": "active", "company": "Ada Ltd", "contact": "Ada of Lovelace", "email": "ada@example.com",
  "phone": "", "segment": "", "currency": "CAD", "credit-limit": null, "terms": "", "price-list": "", "tax-code": "",
  "billing": { "city": "Toronto", "region": "ON" }, "ship-to": [["HOME", { "city": "NORTH BAY" }]],
  "changed-at": { "at": "2026-03-02T02:30:00Z", "offset-minutes": 0 } }"#;

#[test]
fn a_template_of_goods_and_people_says_what_it_is_for() {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(home.path().join(name), text).unwrap();
    write("acme-customer.toml", CUSTOMER);
    let (code, told) = run(home.path(), &["check", "acme-customer.toml"]);
    assert!(code == Some(0) && told.contains("`acme-customer` writes a customer to the ERP: 23 rows in the header, 11 in [ship-to]"), "{told}");
    // Cases: an entity in canonical form, and its row.
    fs::create_dir_all(home.path().join("acme-customer.tests/ada")).unwrap();
    write("acme-customer.tests/ada/entity.json", ADA);
    write("acme-customer.tests/ada/lookups.toml", "time-zone = \"America/Toronto\"\n[tables.reps]\nON = \"ANNE\"\n");
    assert_eq!(run(home.path(), &["test", "acme-customer.toml"]).0, Some(1));
    assert_eq!(run(home.path(), &["test", "acme-customer.toml", "--bless"]).0, Some(0));
    let expected: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(home.path().join("acme-customer.tests/ada/expected.json")).unwrap()).unwrap();
    let header = &expected["header"];
    assert_eq!(
        (&header["Contact"], &header["SALESREP"], &header["SINCE"], &header["Status"]),
        (&json!("ADA OF"), &json!("ANNE1"), &json!("2026-03-01"), &json!("Active"))
    );
    assert_eq!(expected["ship-to"], json!([{ "Code": "HOME", "Address.City": "North Bay" }]));
    let (code, told) = run(home.path(), &["test", "acme-customer.toml"]);
    assert!(code == Some(0) && told.contains("ok ada") && told.contains("header.Phone"), "{told}");
    // Preview of a file, and where a field comes from.
    write("ada.json", ADA);
    let (code, told) = run(home.path(), &["preview", "ada.json", "--template", "acme-customer.toml"]);
    assert!(code == Some(0) && told.contains("ADA OF") && told.contains("ship-to[0].Address.City"), "{told}");
    let (code, told) = run(home.path(), &["explain", "ship-to.Address.City", "--template", "acme-customer.toml"]);
    assert!(code == Some(0) && told.contains("acme-customer.toml:13") && told.contains("overrides  clarity-sagepro-customer:"), "{told}");
    // What it may not write, with place and cure.
    let wrong = CUSTOMER
        .replace("Contact =", "Contakt =")
        .replace("SINCE =", "CustomerNo =")
        .replace("Route =", "CardNo =")
        .replace("title(address", "title(adress");
    write("wrong.toml", &wrong);
    let (code, told) = run(home.path(), &["check", "wrong.toml"]);
    assert_eq!(code, Some(1));
    for part in [
        "wrong.toml:9: header.CustomerNo: `CustomerNo` is not for a template",
        "wrong.toml:10: header.CardNo: card data and passwords are never written",
        "wrong.toml:13:",
        "`adress.city` is no path of the customer",
    ] {
        assert!(told.contains(part), "no `{part}` in {told}");
    }
    write(
        "whole.toml",
        "name = \"w\"\nentity = \"product\"\nto = \"shop\"\n[header]\nname = \"nme\"\nsize = \"fields.size\"\n[prices]\namount = { constant = \"much\" }\n[components]\n",
    );
    let (_, told) = run(home.path(), &["check", "whole.toml"]);
    for part in [
        "`nme` is no path of the product\n    did you mean `name`?",
        "`size` is no field that a template can write here",
        "[header] has no row `active`, and the side always needs it",
        "[prices] has no row `currency`",
        "[components] has no row `quantity`",
        "the constant `much` is no number",
    ] {
        assert!(told.contains(part), "no `{part}` in {told}");
    }
    write("stranger.toml", "name = \"w\"\nentity = \"payment\"\nto = \"erp\"\n");
    assert!(run(home.path(), &["check", "stranger.toml"]).1.contains("product, stock, shipment or invoice with to = \"shop\""));
}

fn flow(name: &str, entity: &str, from: &str, to: &str, template: &Path) -> String {
    let template = template.display();
    format!("[sync.{name}]\nentity = \"{entity}\"\nfrom = \"{from}\"\nto = \"{to}\"\nevery = \"200ms\"\noverlap = \"2s\"\nmapping = '{template}'\n")
}

async fn until(what: &str, stage: &Stage, is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "never: {what}\n{}", said(stage, &["sync", "list", "--most", "30"]));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until nothing is written any more on either side, for ten polls of each.
async fn quiet(stage: &Stage) {
    let writes = || (stage.sagepro.customer_writes(), stage.clarity.writes("customers"), stage.clarity.writes("products"));
    let (mut last, mut since, end) = (writes(), Instant::now(), Instant::now() + PATIENCE);
    while since.elapsed() < Duration::from_secs(2) {
        assert!(Instant::now() < end, "they write to each other for ever: {last:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        if writes() != last {
            (last, since) = (writes(), Instant::now());
        }
    }
}

fn said(stage: &Stage, command: &[&str]) -> String {
    let output = stage.command(command).unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

fn with(flows: &str, rest: &str) -> (TempDir, Plan) {
    let (folder, plan) = plan();
    let flows = flows.replace("HOME", &folder.path().display().to_string());
    let hooks = plan.hooks.replace("\"order-hold\", ", "");
    (folder, Plan { extra: format!("{flows}{rest}"), hooks, ..plan })
}

#[tokio::test]
async fn a_customer_goes_by_templates_both_ways_and_nothing_loops() {
    let out = "name = \"out\"\nentity = \"customer\"\nto = \"shop\"\nextends = \"sagepro-clarity-customer\"\n[header]\n\
               \"customFields.rep\" = { expr = \"lower(fields.SALESREP)\", default = \"\" }\n";
    let flows = flow("customers-in", "customer", "shop", "erp", Path::new("HOME/in.toml"))
        + "custom-fields = []\n"
        + &flow("customers-out", "customer", "erp", "shop", Path::new("HOME/out.toml"))
        + "custom-fields = []\n";
    let (folder, plan) = with(&flows, "");
    fs::write(folder.path().join("in.toml"), CUSTOMER.replace("SINCE = { from = \"changed-at\", type = \"date\" }\n", "")).unwrap();
    fs::write(folder.path().join("out.toml"), out).unwrap();
    let stage = start(plan, &[]).await;
    let account = json!({ "customerId": "W1", "name": "Ada of Lovelace", "company": "Ada Ltd", "email": "ada@example.com", "currency": "CAD",
        "status": "active", "billingAddress": { "city": "Toronto", "region": "ON" }, "customFields": { "gate-code": "7", "Terms": "own" } });
    stage.clarity.keep("customers", "W1", &account.to_string());
    until("it is in the ERP", &stage, || stage.sagepro.customers().len() == 1).await;
    quiet(&stage).await;
    let number = stage.sagepro.customers()[0]["CustomerNo"].as_str().unwrap().to_owned();
    let erp = || stage.sagepro.kept("customers", &number).unwrap();
    let shop = || stage.clarity.kept("customers", "W1").unwrap();
    assert_eq!((&erp()["Contact"], &erp()["SALESREP"], &erp()["Route"]), (&json!("ADA OF"), &json!("ANNA0"), &json!("7")));
    assert_eq!((&erp()["Terms"], erp().get("gate-code"), &erp()["Company"]), (&json!(""), None, &json!("Ada Ltd")));
    assert_eq!(stage.sagepro.customer_writes(), 1, "one write, whatever comes back");
    // The ERP's own column comes back by the other template; the name in the shop stays the shop's.
    stage.sagepro.keep("customers", &number, r#"{"SALESREP":"BO","Phone":"9"}"#);
    until("the phone", &stage, || shop()["phone"] == "9").await;
    quiet(&stage).await;
    assert_eq!(
        (&shop()["customFields"]["rep"], &shop()["name"], shop()["customFields"].get("SALESREP")),
        (&json!("bo"), &json!("Ada of Lovelace"), None)
    );
    assert_eq!((&erp()["SALESREP"], &erp()["Contact"]), (&json!("BO"), &json!("ADA OF")), "what the ERP said better stays");
    // A change in the shop goes over by the template again.
    stage.clarity.keep("customers", "W1", r#"{"name":"Ada King"}"#);
    until("the name", &stage, || erp()["Contact"] == "ADA KING").await;
    quiet(&stage).await;
    assert_eq!((&shop()["name"], &erp()["SALESREP"]), (&json!("Ada King"), &json!("BO")));
    let told = said(&stage, &["sync", "explain", "customer", "W1"]);
    assert!(told.contains("by the template `acme-customer`: contact: `Ada King` → `ADA KING`"), "{told}");
    // From the kept row, by the template of its flow.
    let told = said(&stage, &["mapping", "preview", "--customer", "W1"]);
    assert!(told.contains("ADA KING") && told.contains("by `acme-customer`"), "{told}");
}

#[tokio::test]
async fn a_product_is_cut_at_a_width_and_a_row_that_fails_parks_with_its_place() {
    let text = "name = \"web\"\nentity = \"product\"\nto = \"shop\"\nextends = \"sagepro-clarity-product\"\n[header]\n\
                name = { from = \"name\", width = 12, overflow = \"cut\" }\ndescription = { from = \"description\", width = 8, default = \"\" }\n\
                \"customFields.from-price\" = { expr = \"smallest(prices.map(p, p.amount))\", default = \"\" }\n\
                [prices]\namount = { expr = \"round(price.amount * dec(\\\"1.1\\\"), 2)\" }\n";
    let (folder, plan) = with(&flow("products", "product", "erp", "shop", Path::new("HOME/web.toml")), "");
    fs::write(folder.path().join("web.toml"), text).unwrap();
    let stage = start(plan, &[]).await;
    let product = |sku: &str, description: &str| {
        format!(
            r#"{{"ItemCode":"{sku}","Description":"Desk lamp, brass","LongDescription":"{description}","Active":true,"Finish":"brass",
                "Prices":[{{"Currency":"CAD","Price":20.00}},{{"Currency":"CAD","PriceList":"trade","FromQuantity":10,"Price":17.50}}]}}"#
        )
    };
    stage.sagepro.keep("products", "L1", &product("L1", "short"));
    until("it is in the shop", &stage, || stage.clarity.kept("products", "L1").is_some()).await;
    quiet(&stage).await;
    let row = stage.clarity.kept("products", "L1").unwrap();
    assert_eq!((&row["name"], &row["active"], &row["customFields"]["Finish"]), (&json!("Desk lamp,"), &json!(true), &json!("brass")));
    let text = stage.clarity.row("products", "L1").unwrap();
    assert!(text.contains(r#""from-price":17.5}"#) && text.contains(r#""amount":22.00"#) && text.contains(r#""amount":19.25"#), "{text}");
    assert_eq!(stage.clarity.writes("products"), (1, 1));
    // What does not fit is refused with its row, and nothing of it goes.
    stage.sagepro.keep("products", "L2", &product("L2", "much longer than that"));
    let parked = || said(&stage, &["sync", "list", "--parked"]);
    until("it is parked", &stage, || parked().contains("E302")).await;
    let told = said(&stage, &["sync", "explain", "product", "L2"]);
    assert!(told.contains("E302 description: 21 characters, but the field holds 8"), "{told}");
    assert!(stage.clarity.kept("products", "L2").is_none());
    let told = said(&stage, &["mapping", "preview", "--product", "L2"]);
    assert!(told.contains("E302") && told.contains("1 of"), "{told}");
}
