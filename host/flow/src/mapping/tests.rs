//! The shipped templates on sample orders, and every mistake that a template can hold.

use super::{SHIPPED, cut, read};
use crate::{
    Code, Decimal, Fault, Order,
    order::{Value, find},
    route, sample, sum,
};
use jiff::tz::TimeZone;

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
            "2 `A` is no field of [header]",
            "3 `Nope` is no field of [header]",
            "6 `customer.idd` is no path of the order",
            "7 a row needs either `from` or `constant`",
            "7 is not known",
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
        assert_eq!(mapping.source_of(field), path, "{field}");
    }
    let own = "name = \"x\"\nkey = \"A\"\ncustomer = \"A\"\ntotal = \"A\"\n[header]\nA = { from = [\"fields.gate\", \"number\"] }\n\
               [lines]\n\"Text.Long\" = \"line.fields.note\"\n";
    let mapping = read("x.toml", own).unwrap();
    assert_eq!((mapping.source_of("A"), mapping.source_of("Rows[1].Text.Long")), (Some("fields.gate"), Some("lines.fields.note")));
}
