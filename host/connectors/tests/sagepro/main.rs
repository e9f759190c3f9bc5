//! The Sage Pro connector against the simulated ERP: every outcome that a write can have, over real connections.
#![allow(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

mod changes;
mod journal;
mod lists;
mod tables;
mod writes;

use crossdock_connectors::{
    Secret,
    sagepro::{Auth, SagePro, Settings},
};
use crossdock_flow::{
    Document,
    order::{Field, Value, put},
    target::{Answer, Receipt},
};
use std::time::Duration;

const TOKEN: &str = "sagepro-test-token";

fn connect(url: String, auth: Auth) -> SagePro {
    SagePro::new(Settings { name: "erp".into(), base_url: url, auth, timeout: Duration::from_secs(2) }).unwrap()
}

fn bearer() -> Auth {
    Auth::Bearer(Secret::new(TOKEN).unwrap())
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn fields(fields: &[(&str, Value)]) -> Vec<Field> {
    fields.iter().map(|(name, value)| Field { name: (*name).into(), value: value.clone() }).collect()
}

/// 3 × 0.1250 → 0.38, tax 0.05, freight 15.00, freight tax 1.95, discount 1.00: 16.38.
fn document(key: &str) -> Document {
    let text = |text: &str| Value::Text(text.into());
    Document {
        part: 0,
        key: key.into(),
        customer: "C10042".into(),
        total: "16.38".parse().unwrap(),
        warehouse: "TOR".into(),
        backorder: false,
        fields: fields(&[
            ("PurchaseOrderNo", text(key)),
            ("CustomerNo", text("C10042")),
            ("Currency", text("CAD")),
            ("ShipToAddress.Name", text("Zoë Müller-Beispiel")),
            ("ShipToAddress.City", text("Toronto")),
            ("Warehouse", text("TOR")),
            ("Freight", number("15.00")),
            ("FreightTax", number("1.95")),
            ("OrderDiscount", number("1.00")),
            ("TotalAmount", number("16.38")),
        ]),
        lines: vec![fields(&[
            ("ItemCode", text("MUG-BLUE")),
            ("Quantity", number("3")),
            ("UnitPrice", number("0.1250")),
            ("ExtPrice", number("0.38")),
            ("TaxAmount", number("0.05")),
        ])],
        locked: [].into(),
    }
}

fn done(number: &str) -> Answer {
    Answer::Done(Receipt { number: number.into() })
}

/// The document with one more mug: 4 × 0.1250 → 0.50, tax 0.07, and the rest as before: 16.52.
fn changed(key: &str) -> Document {
    let mut changed = document(key);
    changed.total = "16.52".parse().unwrap();
    drop(put(&mut changed.fields, "TotalAmount", number("16.52")));
    for (field, value) in [("Quantity", "4"), ("ExtPrice", "0.50"), ("TaxAmount", "0.07")] {
        drop(put(&mut changed.lines[0], field, number(value)));
    }
    changed
}
