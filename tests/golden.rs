//! Golden cases: one folder each in tests/golden. `order.json` is what the shop sends; `documents.json` is what the ERP
//! would get without rules, or `fault.txt` why not; `rule.md` says the rule in a sentence. `shipments.json` is what a
//! routing rule would have answered, `kits.json` what the settings say of kits.
//! `BLESS=1` writes the outcome anew.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crossdock_connectors::{Secret, clarity};
use crossdock_flow::{
    Decimal, Document, Fault, Order,
    entity::kit::{self, Kit, Kits},
    mapping,
    order::Value,
    route, sample,
    source::{Content, Source},
    sum,
};
use jiff::tz::TimeZone;
use serde_json::{Map, json};
use std::{fs, path::Path, time::Duration};

fn shop() -> clarity::Clarity {
    let secrets = vec![Secret::new("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap()];
    clarity::Clarity::new(clarity::Settings {
        name: "shop".into(),
        secrets,
        tolerance: Duration::from_secs(300),
        api: None,
        timeout: Duration::from_secs(1),
    })
    .unwrap()
}

fn documents(body: &[u8], shipments: Option<&str>, kits: &Kits) -> Result<Vec<Document>, Fault> {
    let Content::Order(order) = shop().read(body)? else { panic!("the event is thin") };
    let order = kit::unpack(&order, kits)?.map_or(*order, |(order, _)| order);
    sum::check(&order)?;
    let candidates = sample::candidates(&order);
    let shipments = match shipments {
        None => route::whole(&order, &candidates),
        Some(text) => route::check(&order, &candidates, read_shipments(text))?,
    };
    let mapping = mapping::read(mapping::SHIPPED[0].0, mapping::SHIPPED[0].1).unwrap();
    let documents = mapping.apply(&order, &shipments, &TimeZone::get("America/Toronto").unwrap())?;
    sum::check_documents(&order, &documents)?;
    documents.into_iter().map(|document| mapping.check(document)).collect()
}

fn read_kits(text: &str) -> Kits {
    let rows: Map<String, serde_json::Value> = serde_json::from_str(text).unwrap();
    let policy = |row: &serde_json::Value| serde_json::from_value(row["policy"].clone()).unwrap();
    rows.into_iter().map(|(sku, row)| (sku, (Kit { components: serde_json::from_value(row["components"].clone()).unwrap() }, policy(&row)))).collect()
}

fn read_shipments(text: &str) -> Vec<route::Shipment> {
    let rows: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
    let line = |line: &serde_json::Value| (line[0].as_u64().unwrap() as u32, line[1].as_str().unwrap().parse::<Decimal>().unwrap());
    let shipment = |row: &serde_json::Value| route::Shipment {
        warehouse: row["warehouse"].as_str().unwrap().to_owned(),
        lines: row["lines"].as_array().unwrap().iter().map(line).collect(),
        backorder: false,
    };
    rows.iter().map(shipment).collect()
}

/// A document as people compare it: what is empty is left out.
fn show(document: &Document) -> serde_json::Value {
    let fields = |fields: &[crossdock_flow::order::Field]| {
        fields
            .iter()
            .filter(|field| field.value != Value::Empty)
            .map(|field| (field.name.to_string(), json!(field.value.to_string())))
            .collect::<Map<_, _>>()
    };
    json!({ "key": document.key, "header": fields(&document.fields), "lines": document.lines.iter().map(|line| fields(line)).collect::<Vec<_>>() })
}

fn outcome(folder: &Path) -> (&'static str, String) {
    let body = fs::read(folder.join("order.json")).unwrap();
    let shipments = fs::read_to_string(folder.join("shipments.json")).ok();
    let kits = fs::read_to_string(folder.join("kits.json")).map(|text| read_kits(&text)).unwrap_or_default();
    match documents(&body, shipments.as_deref(), &kits) {
        Ok(documents) => {
            let shown: Vec<_> = documents.iter().map(show).collect();
            ("documents.json", format!("{:#}\n", json!(shown)))
        }
        Err(fault) => ("fault.txt", format!("{fault}\n")),
    }
}

#[test]
fn every_golden_case_comes_out_as_written() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    #[allow(clippy::disallowed_methods, reason = "BLESS is how golden files are written anew")]
    let bless = std::env::var("BLESS").is_ok();
    let mut seen = 0;
    for entry in fs::read_dir(top).unwrap() {
        let folder = entry.unwrap().path();
        let (file, text) = outcome(&folder);
        if bless {
            for old in ["documents.json", "fault.txt"] {
                let _gone = fs::remove_file(folder.join(old));
            }
            fs::write(folder.join(file), &text).unwrap();
        }
        assert_eq!(text, fs::read_to_string(folder.join(file)).unwrap_or_default(), "{}", folder.display());
        let rule = fs::read_to_string(folder.join("rule.md")).unwrap_or_default();
        assert!(rule.trim().len() > 20 && rule.trim().lines().count() == 1, "{} states its rule in a line of rule.md", folder.display());
        seen += 1;
    }
    assert!(seen >= 31);
}

#[test]
fn an_order_survives_being_written_and_read() {
    let order = sample::order(3);
    let text = serde_json::to_string(&order).unwrap();
    assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), order);
}
