//! `crossdock schema` and `crossdock fit` from outside: an ERP whose fields become narrower is noticed, told once, and the
//! orders that would not fit are named, while nothing of what customers wrote is.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{PATIENCE, patient, plan, start};
use crossdock_flow::clock::{Clock, SystemClock};
use crossdock_partners::{
    orders::{event, generate},
    sender::Hook,
};
use crossdock_stage::{Plan, Stage};
use jiff::{SignedDuration, tz::TimeZone};
use serde_json::Value;
use std::{fs, time::Duration};

const CITY: &str = "ShipToAddress.City";

fn run(stage: &Stage, arguments: &[&str]) -> (Option<i32>, String) {
    let output = stage.command(arguments).unwrap();
    (output.status.code(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

fn json(stage: &Stage, arguments: &[&str]) -> Value {
    let (_, text) = run(stage, &[arguments, &["--json"]].concat());
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The row of a field and a finding, as JSON; null when there is none.
fn row(fit: &Value, field: &str, finding: &str) -> Value {
    let rows = fit["report"]["rows"].as_array().unwrap();
    rows.iter().find(|row| row["field"] == field && row["finding"] == finding).cloned().unwrap_or_default()
}

fn orders_of(row: &Value) -> Vec<&str> {
    row["some"].as_array().map(|some| some.iter().filter_map(|one| one["order"].as_str()).collect()).unwrap_or_default()
}

fn schema_alerts(stage: &Stage) -> Vec<Value> {
    json(stage, &["alerts"]).as_array().unwrap().iter().filter(|alert| alert["kind"] == "schema-changed").cloned().collect()
}

/// A plan whose night begins in so many seconds.
fn night_in(plan: Plan, seconds: i64) -> Plan {
    let at = (SystemClock.now() + SignedDuration::from_secs(seconds)).to_zoned(TimeZone::get("America/Toronto").unwrap());
    Plan { orders: format!("{}nightly = \"{}\"\n", plan.orders, at.strftime("%H:%M:%S")), ..plan }
}

#[tokio::test]
async fn a_field_that_becomes_narrower_is_noticed_told_and_accepted() {
    let (_folder, plan) = plan();
    let stage = start(night_in(plan, 12), &[]).await;
    let (code, told) = run(&stage, &["schema", "compare"]);
    assert!(code == Some(1) && told.contains("schema read"), "{told}");
    let (code, told) = run(&stage, &["schema", "read"]);
    assert!(code == Some(0) && told.contains("2 tables are read") && told.contains("SalesOrderLine: 10 columns"), "{told}");
    let (_, told) = run(&stage, &["schema", "show"]);
    assert!(told.contains(CITY) && told.contains("text 20"), "{told}");
    let kept = fs::read_to_string(stage.data().join("schema/erp.json")).unwrap();
    assert!(!kept.contains("CC_NUM") && !kept.contains("Password"), "what is never read is never kept");
    assert_eq!(run(&stage, &["schema", "compare"]).0, Some(0));

    assert!(stage.sagepro.set_width(CITY, 9) && stage.sagepro.set_width("PurchaseOrderNo", 30));
    let (code, told) = run(&stage, &["schema", "compare"]);
    assert!(code == Some(1) && told.contains("breaking SalesOrder.ShipToAddress.City is narrower: text 20 → text 9"), "{told}");
    assert!(told.contains("harmless SalesOrder.PurchaseOrderNo is wider"), "{told}");
    let changes = json(&stage, &["schema", "compare"]);
    let breaking: Vec<bool> = changes["changes"].as_array().unwrap().iter().filter_map(|change| change["breaking"].as_bool()).collect();
    assert_eq!(breaking.iter().filter(|breaking| **breaking).count(), 1, "{changes}");

    for _ in 0..300 {
        if !schema_alerts(&stage).is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let alerts = schema_alerts(&stage);
    assert_eq!(alerts.len(), 1, "the night has come: {alerts:?}");
    let message = alerts[0]["message"].as_str().unwrap();
    assert!(alerts[0]["subject"] == "erp" && message.starts_with("2 changes, 1 of them breaking: SalesOrder.ShipToAddress.City"), "{message}");
    // The alert accepts nothing: a person does.
    assert_eq!(run(&stage, &["schema", "compare"]).0, Some(1));
    assert_eq!(run(&stage, &["schema", "read"]).0, Some(0));
    assert_eq!(run(&stage, &["schema", "compare"]).0, Some(0));
}

#[tokio::test]
async fn fit_names_the_orders_that_would_not_go_in() {
    let (_folder, plan) = plan();
    let orders = generate(30, 211);
    let stage = start(Plan { hooks: String::new(), ..plan }, &orders).await;
    let ship = |order: &str, what: &str| serde_json::from_str::<Value>(order).unwrap()["shippingAddress"][what].as_str().unwrap().to_owned();
    let city = |order: &str| ship(order, "city");
    let mut hooks: Vec<Hook> = orders.iter().map(|order| order.hook()).collect();
    // One with a name that the template cuts, and an article that nobody has.
    let mut odd: Value = serde_json::from_str(&orders[0].order).unwrap();
    odd["shippingAddress"]["name"] = "Bartholomew Featherstonehaugh of Longshanks".into();
    odd["lineItems"][0]["sku"] = "NOPE-1".into();
    hooks[0].body = event("order.created", &orders[0].date, &odd.to_string()).into();
    assert!(stage.send(&hooks, &patient()).await.iter().all(|sent| sent.acknowledged()));
    stage.drain(PATIENCE).await.unwrap();

    // Orders with a name, or a city, of more than so many characters.
    let longer = |what: &str, width: usize| -> Vec<&str> {
        let mut longer: Vec<&str> =
            orders.iter().skip(1).filter(|order| ship(&order.order, what).chars().count() > width).map(|order| order.number.as_str()).collect();
        if ship(&odd.to_string(), what).chars().count() > width {
            longer.insert(0, &orders[0].number);
        }
        assert!((1..=10).contains(&longer.len()), "so many are named: {longer:?}");
        longer
    };
    // Without tables, the template's own widths: the name is cut, no city is too long.
    let fit = json(&stage, &["fit"]);
    assert!(fit["report"]["orders"] == 30 && fit["against"].as_str().unwrap().contains("clarity-sagepro"), "{fit}");
    let names = row(&fit, "ShipToAddress.Name", "cut");
    assert_eq!(orders_of(&names), longer("name", 35), "{fit}");
    assert_eq!(names["some"][0]["length"], "Bartholomew Featherstonehaugh of Longshanks".len(), "{fit}");
    assert_eq!(fit["report"]["refused"], 0, "{fit}");

    assert_eq!(run(&stage, &["schema", "read"]).0, Some(0));
    assert_eq!(json(&stage, &["fit"])["report"]["refused"], 0, "the tables are as wide as the template");
    assert!(stage.sagepro.set_width(CITY, 8) && stage.sagepro.set_width("ShipToAddress.Name", 30));
    assert_eq!(row(&json(&stage, &["fit"]), CITY, "too-wide"), Value::Null, "what is kept is what counts");
    let fit = json(&stage, &["fit", "--schema", "live", "--articles"]);
    assert_eq!(orders_of(&row(&fit, CITY, "too-wide")), longer("city", 8), "{fit}");
    // The template cuts at 35, which is still too wide for 30: it is refused, and the template is to blame.
    assert_eq!(orders_of(&row(&fit, "ShipToAddress.Name", "too-wide")), longer("name", 30), "{fit}");
    assert_eq!(row(&fit, "ShipToAddress.Name", "cut"), Value::Null, "{fit}");
    let narrower: Vec<&str> = fit["narrower"].as_array().unwrap().iter().filter_map(|one| one["field"].as_str()).collect();
    assert_eq!(narrower, ["ShipToAddress.Name", CITY]);
    let articles = row(&fit, "lines[].ItemCode", "unmapped");
    assert_eq!((&articles["orders"], &articles["some-codes"][0]), (&1.into(), &"NOPE-1".into()), "{fit}");

    let (code, told) = run(&stage, &["fit", "--schema", "live"]);
    assert!(code == Some(0) && told.contains("the template says text 20, the ERP text 8"), "{told}");
    for order in &orders {
        assert!(!told.contains(&city(&order.order)), "{told}");
    }
    assert!(!told.contains("Bartholomew") && !fit.to_string().contains("Bartholomew"), "no word of a customer is told");

    // The same site with the letters of Windows only, from a file.
    let kept = fs::read_to_string(stage.data().join("schema/erp.json")).unwrap();
    let windows = stage.data().join("windows.json");
    fs::write(&windows, kept.replace("\"unicode\"", "\"cp1252\"")).unwrap();
    let fit = json(&stage, &["fit", "--schema", windows.to_str().unwrap()]);
    assert!(fit["report"]["rows"].as_array().unwrap().iter().any(|row| row["finding"] == "code-page"), "{fit}");

    // The newest only; and files instead of the store.
    assert_eq!(json(&stage, &["fit", "--orders", "last:3"])["report"]["orders"], 3);
    let folder = stage.data().join("files");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("1.json"), odd.to_string()).unwrap();
    fs::write(folder.join("2.json"), "{").unwrap();
    let fit = json(&stage, &["fit", "--from", folder.to_str().unwrap()]);
    assert_eq!((&fit["report"]["orders"], fit["unreadable"].as_array().unwrap().len()), (&1.into(), 1), "{fit}");
}

/// The header of a table: names, letters and widths.
fn table(columns: &[(&str, u8, u8)]) -> Vec<u8> {
    let mut bytes = vec![0; 32];
    (bytes[0], bytes[29]) = (0x30, 0x03);
    bytes[8..10].copy_from_slice(&u16::try_from(32 + 32 * columns.len() + 264).unwrap().to_le_bytes());
    for (name, letter, width) in columns {
        let mut column = [0; 32];
        column[..name.len()].copy_from_slice(name.as_bytes());
        (column[11], column[16]) = (*letter, *width);
        bytes.extend(column);
    }
    bytes.push(0x0D);
    bytes.extend([0; 263]);
    bytes
}

#[tokio::test]
async fn tables_on_disk_are_read_beside_the_facade() {
    let (_folder, plan) = plan();
    let stage = start(plan, &[]).await;
    let file = stage.data().join("ARCUST01.DBF");
    let name = file.to_str().unwrap();
    fs::write(&file, table(&[("CUSTNO", b'C', 6), ("CC_NUM", b'C', 20), ("CITY", b'C', 20)])).unwrap();
    assert_eq!(run(&stage, &["schema", "read", "--from", "erp"]).0, Some(0));
    let (code, told) = run(&stage, &["schema", "read", "--from", name]);
    assert!(code == Some(0) && told.contains("ARCUST01: 2 columns, code page 1252"), "{told}");
    // Both are kept, and each is compared with its own place only.
    assert_eq!(json(&stage, &["schema", "show"])["tables"].as_array().unwrap().len(), 3);
    assert_eq!(run(&stage, &["schema", "compare"]).0, Some(0));
    fs::write(&file, table(&[("CUSTNO", b'C', 6), ("PASSWORD", b'C', 20), ("CITY", b'C', 15)])).unwrap();
    let (code, told) = run(&stage, &["schema", "compare", "--from", name]);
    assert!(code == Some(1) && told.contains("ARCUST01.CITY is narrower") && !told.contains("PASSWORD") && !told.contains("CC_NUM"), "{told}");
    fs::write(&file, "no table").unwrap();
    let (code, told) = run(&stage, &["schema", "compare", "--from", name]);
    assert!(code == Some(1) && told.contains("E405") && told.contains("no table"), "{told}");
    // A table that holds no field of a document cannot stand for the ERP.
    fs::write(&file, table(&[("CUSTNO", b'C', 6)])).unwrap();
    let (code, told) = run(&stage, &["fit", "--schema", name]);
    assert!(code == Some(1) && told.contains("SalesOrder") && told.contains("[schema]"), "{told}");
}
