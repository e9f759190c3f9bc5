//! The shipped templates on sample orders, and every mistake that a template can hold.

use super::{Mapping, SHIPPED, cut, read, read_with, width};
use crate::{
    Code, Decimal, Fault, Order,
    order::{Value, find},
    route, sample, sum,
    written::Mistake,
};
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn apply(order: &Order) -> Result<Vec<crate::Document>, Fault> {
    let mapping = read(SHIPPED[0].0, SHIPPED[0].1).unwrap();
    mapping.apply(order, &route::whole(order, &sample::candidates(order)), &TimeZone::get("America/Toronto").unwrap())
}

#[test]
fn the_shipped_templates_are_right() {
    for (name, text) in SHIPPED {
        let mapping = read(name, text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
        assert_eq!(mapping.name, *name);
        let order = sample::order(3);
        let documents = mapping.apply(&order, &route::whole(&order, &sample::candidates(&order)), &TimeZone::UTC).unwrap();
        sum::check_documents(&order, &documents).unwrap();
        assert_eq!((documents[0].key.as_str(), documents[0].customer.as_str()), ("SAMPLE-3", "C10042"));
        assert_eq!(find(&documents[0].fields, mapping.total_field()), Some(&Value::Number(order.total)));
        assert!(documents[0].locked.iter().any(|name| &**name == mapping.total_field()));
    }
}

#[test]
fn a_date_is_the_date_where_the_company_is() {
    let mut order = sample::order(1);
    order.ordered_at.at = "2026-03-01T02:30:00Z".parse().unwrap();
    assert_eq!(find(&apply(&order).unwrap()[0].fields, "OrderDate"), Some(&Value::Text("2026-02-28".into())));
}

#[test]
fn parts_have_keys_of_their_own_and_add_up() {
    let order = sample::order(2);
    let candidates = sample::candidates(&order);
    let part = |warehouse: &str, lines| route::Shipment { warehouse: warehouse.into(), lines, backorder: false };
    let shipments = vec![part("TOR", vec![(0, Decimal::ONE), (1, Decimal::ONE)])];
    let shipments = route::check(&order, &candidates, shipments).unwrap();
    let mapping = read(SHIPPED[0].0, SHIPPED[0].1).unwrap();
    let documents = mapping.apply(&order, &shipments, &TimeZone::UTC).unwrap();
    assert_eq!(documents.iter().map(|document| document.key.as_str()).collect::<Vec<_>>(), ["SAMPLE-2", "SAMPLE-2-2"]);
    assert!(documents[1].backorder);
    sum::check_documents(&order, &documents).unwrap();
}

#[test]
fn what_does_not_fit_is_refused_with_its_place() {
    let mut order = sample::order(2);
    order.shipping_to.city = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch".into();
    let fault = apply(&order).unwrap_err();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::MappingWidth, Some("ShipToAddress.City")));
    let mut order = sample::order(2);
    order.lines[1].sku = "A-SKU-THAT-IS-TOO-LONG".into();
    assert_eq!(apply(&order).unwrap_err().place.as_deref(), Some("lines[1].ItemCode"));
    let mut order = sample::order(1);
    order.customer.id = String::new();
    assert_eq!(apply(&order).unwrap_err().code, Code::MappingMissing);
}

#[test]
fn a_width_is_counted_in_characters() {
    let mut order = sample::order(1);
    order.shipping_to.city = "Ä".repeat(20);
    assert!(apply(&order).is_ok());
}

#[test]
fn cutting_ends_at_a_word() {
    let cases = [
        ("Oxford shirt, medium", 14, "Oxford shirt,"),
        ("Oxford shirt", 12, "Oxford shirt"),
        ("Donaudampfschiff", 6, "Donaud"),
        ("Éé ü ß", 4, "Éé ü"),
    ];
    for (text, width, expected) in cases {
        let mut text = text.to_owned();
        cut(&mut text, width);
        assert_eq!(text, expected);
    }
}

#[test]
fn all_mistakes_of_a_template_at_once() {
    let text = "name = \"x\"\nkey = \"A\"\ncustomer = \"Nope\"\ntotal = \"C\"\n[header]\nA = \"customer.idd\"\nB = { form = \"number\" }\n\
                C = { from = \"total\", width = 3, overflow = \"cut\" }\nD = { from = \"status\", table = \"none\", functions = [\"shout\"] }\n[lines]\nE = \"line.sku\"\n";
    let mistakes = read("x.toml", text).unwrap_err();
    let seen: Vec<String> = mistakes.iter().map(|mistake| format!("{} {}", mistake.line, mistake.message)).collect();
    assert_eq!(
        seen,
        [
            "3 `Nope` is no field of [header]",
            "6 `customer.idd` is no path of the order",
            "7 is not known",
            "7 a row needs a source: `from`, `expr` or `constant`",
            "8 money, quantities and identity are never cut",
            "9 there is no function `shout`",
            "9 there is no table `none`",
        ]
    );
}

#[test]
fn a_field_of_the_erp_leads_back_to_the_order() {
    let mapping = read(SHIPPED[0].0, SHIPPED[0].1).unwrap();
    for (field, path) in [
        ("CustomerNo", Some("customer.id")),
        ("ShipToAddress.State", Some("shipping-to.region")),
        ("LineItems.ItemCode", Some("lines.sku")),
        ("LineItems[2].ItemCode", Some("lines.sku")),
        ("lines[0].Description", Some("lines.name")),
        // The same name stands in the header and in lines: what is asked for decides.
        ("Warehouse", Some("document.warehouse")),
        ("Salesperson", None),
        ("LineItems.GLCode", None),
        ("ItemCode", Some("lines.sku")),
        ("Nothing", None),
        ("LineItems.Nothing", None),
        ("", None),
    ] {
        assert_eq!(mapping.source_of(field).as_deref(), path, "{field}");
    }
    let own = "name = \"x\"\nkey = \"A\"\ncustomer = \"A\"\ntotal = \"A\"\n[header]\nA = { from = [\"fields.gate\", \"number\"] }\n\
               [lines]\n\"Text.Long\" = \"line.fields.note\"\n";
    let mapping = read("x.toml", own).unwrap();
    assert_eq!(
        (mapping.source_of("A").as_deref(), mapping.source_of("Rows[1].Text.Long").as_deref()),
        (Some("fields.gate"), Some("lines.fields.note"))
    );
}

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates")
}

/// Reads a template that may extend files of the folder.
fn open(file: &str, text: &str) -> Result<Mapping, Vec<Mistake>> {
    read_with(file, text, &|name, _| {
        std::fs::read_to_string(folder().join(name)).map(|text| (name.to_owned(), text)).map_err(|_| "no such file".into())
    })
}

#[test]
fn every_mistake_of_a_bad_template_is_told_with_its_place() {
    let mut seen = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let mistakes = open(file.file_name().unwrap().to_str().unwrap(), &std::fs::read_to_string(&file).unwrap()).unwrap_err();
        let told: String = mistakes.iter().map(|mistake| format!("{mistake}\n")).collect();
        let golden = file.with_extension("err");
        #[allow(clippy::disallowed_methods, reason = "BLESS is how golden files are written anew")]
        if std::env::var("BLESS").is_ok() {
            std::fs::write(&golden, &told).unwrap();
        }
        assert_eq!(told, std::fs::read_to_string(&golden).unwrap_or_default(), "{}", golden.display());
        seen += 1;
    }
    assert!(seen >= 7);
}

/// The first document of an order by a template that extends the shipped one.
fn by(rows: &str, order: &Order) -> Result<crate::Document, Fault> {
    let text = format!("name = \"t\"\nextends = \"clarity-sagepro\"\n{rows}");
    let mapping = open("t.toml", &text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    Ok(mapping.apply(order, &route::whole(order, &sample::candidates(order)), &TimeZone::UTC)?.remove(0))
}

fn text(document: &crate::Document, name: &str) -> String {
    find(&document.fields, name).map(ToString::to_string).unwrap_or_default()
}

#[test]
fn a_template_extends_another_row_by_row() {
    let order = sample::order(2);
    let rows = "[header]\nCustomerNo = { width = 8 }\nShipVia = \"fields.carrier\"\nTerritory = { remove = true }\n\
                PaymentTerms = { expr = \"lookup(\\\"terms\\\", payment.method)\", required = true }\nOwn = { expr = \"size(lines)\" }\n\
                [lines]\nGLCode = { constant = \"4000\" }\n[tables.terms]\non-account = \"NET90\"\n";
    let document = by(rows, &order).unwrap();
    assert_eq!(["PaymentTerms", "ShipVia", "Own", "OrderDate"].map(|name| text(&document, name)), ["NET90", "", "2", "2026-02-25"]);
    assert!(find(&document.fields, "Territory").is_none());
    assert_eq!(find(&document.lines[0], "GLCode"), Some(&Value::Text("4000".into())));
    // The value meets the width of the row that it overrides.
    let fault = by("[header]\nShipVia = { from = \"billing.email\", overflow = \"reject\" }\n", &{
        let mut order = order;
        order.billing.email = "a.very.long.name@example.com".into();
        order
    });
    assert_eq!(fault.unwrap_err().place.as_deref(), Some("ShipVia"));
}

#[test]
fn an_expression_locks_what_it_carries() {
    let rows = "[header]\nMoney = { expr = \"round(document.total, 0)\" }\nChoice = { expr = \"document.total > 5 ? \\\"A\\\" : \\\"B\\\"\" }\n";
    let document = by(rows, &sample::order(1)).unwrap();
    let locked = |name: &str| document.locked.iter().any(|locked| &**locked == name);
    assert!(locked("Money") && !locked("Choice"));
}

#[test]
fn computed_numbers_and_types_are_checked_when_they_are_there() {
    let mut order = sample::order(1);
    order.fields.push(crate::order::Field { name: "size".into(), value: Value::Text("12.345".into()) });
    for (row, expected) in [
        ("{ expr = \"document.total / 7\" }", "E304 X: "),
        ("{ from = \"fields.size\", type = \"number\", scale = 2 }", "E304 X: 12.345 has more than 2 decimals"),
        ("{ from = \"fields.size\", type = \"number\", digits = 1 }", "E304 X: 12.345 has more than 1 digits before the point"),
        ("{ from = \"customer.id\", type = \"number\" }", "E304 X: `C10042` is no number"),
        ("{ from = \"customer.id\", type = \"date\" }", "E304 X: `C10042` is no date"),
        ("{ from = \"customer.id\", type = \"flag\" }", "E304 X: `C10042` is no flag"),
        ("{ from = \"fields.nope\" }", "E301 X: nothing at fields.nope"),
    ] {
        let fault = by(&format!("[header]\nX = {row}\n"), &order).unwrap_err().to_string();
        assert!(fault.starts_with(expected), "{row}: {fault}");
    }
    for (row, expected) in [
        ("{ from = \"fields.size\", type = \"number\" }", Value::Number("12.345".parse().unwrap())),
        ("{ from = \"document.total\", type = \"text\" }", Value::Text(order.total.to_string())),
        ("{ constant = \"true\", type = \"text\" }", Value::Text("true".into())),
        ("{ expr = \"round(document.total / 3, 2) * 3 - document.total\" }", Value::Number("0".parse().unwrap())),
    ] {
        let document = by(&format!("[header]\nX = {row}\n"), &order).unwrap();
        let found = find(&document.fields, "X").unwrap();
        assert!(
            *found == expected
                || matches!((found, &expected), (Value::Number(found), Value::Number(zero)) if zero.is_zero() && found.abs() < Decimal::ONE),
            "{row}: {found:?}"
        );
    }
}

#[test]
fn what_does_not_fit_spills_into_the_next_field() {
    let rows = "[header]\n\"ShipToAddress.Address1\" = { width = 16, overflow = { spill = \"ShipToAddress.Address2\" } }\n\
                \"ShipToAddress.Address2\" = { width = 20, overflow = \"cut\" }\n\"ShipToAddress.City\" = { overflow = [\"transliterate\", \"cut\"] }\n";
    let mut order = sample::order(1);
    order.shipping_to.line1 = "221b Baker Street, 2nd floor".into();
    order.shipping_to.line2 = "left".into();
    order.shipping_to.city = "Zürich (Altstetten) bei Kilometer 7".into();
    let document = by(rows, &order).unwrap();
    let fields = ["ShipToAddress.Address1", "ShipToAddress.Address2", "ShipToAddress.City"].map(|name| text(&document, name));
    assert_eq!(fields, ["221b Baker", "Street, 2nd floor", "Zurich (Altstetten)"]);
    order.shipping_to.line1 = "Donaudampfschifffahrtsgesellschaft".into();
    assert_eq!(by(rows, &order).unwrap_err().code, Code::MappingWidth);
}

#[test]
fn a_trace_sees_what_apply_does() {
    let order = sample::order(2);
    let mapping = read(SHIPPED[0].0, SHIPPED[0].1).unwrap();
    let shipments = route::whole(&order, &sample::candidates(&order));
    let document = mapping.apply(&order, &shipments, &TimeZone::UTC).unwrap().remove(0);
    let steps = mapping.trace(&order, &shipments, &TimeZone::UTC);
    let made = document.fields.iter().chain(document.lines.iter().flatten());
    assert_eq!(steps.len(), made.clone().count());
    for (step, field) in steps.iter().zip(made) {
        assert_eq!((step.target.as_str(), step.result.as_ref().unwrap()), (&*field.name, &field.value));
    }
    assert!(steps.iter().any(|step| step.by_default) && steps.iter().any(|step| step.line == Some(1)));
    let facts = mapping.facts();
    assert_eq!(facts[0].places, ["clarity-sagepro:9"]);
    assert!(facts.iter().any(|fact| fact.table.as_deref() == Some("`terms`: 12 entries, `*` gives `NET30`")));
}

proptest! {
    #[test]
    fn spilling_loses_no_word(text in "[a-zß ]{0,60}", width in 1usize..30) {
        let mut kept = text.clone();
        match width::spill(&mut kept, width) {
            Some(rest) => {
                prop_assert!(kept.chars().count() <= width);
                let words: Vec<&str> = kept.split_whitespace().chain(rest.split_whitespace()).collect();
                prop_assert_eq!(words, text.split_whitespace().collect::<Vec<_>>());
            }
            None => {
                prop_assert_eq!(&kept, &text);
                prop_assert!(text.chars().count() > width);
                prop_assert!(text.trim_end().chars().count() > width);
            }
        }
    }

    #[test]
    fn cutting_never_exceeds(text in "\\PC{0,60}", width in 1usize..40) {
        let mut short = text.clone();
        cut(&mut short, width);
        prop_assert!(short.chars().count() <= width);
        prop_assert!(text.starts_with(&short));
    }

    #[test]
    fn transliterating_makes_ascii(text in "\\PC{0,40}") {
        let mut made = text.clone();
        width::ascii(&mut made);
        prop_assert!(made.is_ascii());
        prop_assert!(!text.is_ascii() || made == text);
    }

    /// Whatever is written, reading an expression ends with an expression or with flaws within its text.
    #[test]
    fn any_text_is_an_expression_or_has_flaws(text in "[a-z_.()\"' +*?:,0-9<=\\[\\]{}-]{0,40}") {
        if let Err(flaws) = super::expression::Expression::read(&text, &super::ORDER, &[], Some(0)) {
            prop_assert!(!flaws.is_empty());
            prop_assert!(flaws.iter().all(|flaw| flaw.offset <= text.len() && text.is_char_boundary(flaw.offset)));
        }
    }
}
