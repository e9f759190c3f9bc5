//! Every path of goods and people reads what it says; and the page names them all.

use super::{schema, scope};
use crate::{
    Currency, Decimal, OrderNumber,
    entity::{
        customer::{Customer, Standing},
        echo::Kind as Sort,
        invoice::{self, Invoice},
        kit::{Component, Kit},
        product::{Price, Product, Weight, WeightUnit},
        shipment::{Parcel, Quantity, Shipment},
    },
    mapping::datum::Kind,
    order::{Address, Field, Instant, Value},
    sample,
    sync::{Level, Subject},
};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

const SORTS: [Sort; 5] = [Sort::Customer, Sort::Product, Sort::Stock, Sort::Shipment, Sort::Invoice];

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// An address whose every part says its path.
fn address(at: &str) -> Address {
    let part = |name: &str| format!("{at}.{name}");
    Address {
        name: part("name"),
        company: part("company"),
        line1: part("line1"),
        line2: part("line2"),
        city: part("city"),
        region: part("region"),
        postal_code: part("postal-code"),
        country: part("country"),
        phone: part("phone"),
        email: part("email"),
    }
}

fn at() -> Instant {
    Instant::utc("2026-03-01T02:30:00Z".parse().unwrap())
}

/// Every text of it is the name of its path; what else it says is beside it.
fn said(sort: Sort) -> (Subject, BTreeMap<&'static str, &'static str>) {
    let fields = vec![Field { name: "own".into(), value: Value::Text("mine".into()) }];
    let (currency, time) = (Currency::parse("CAD").unwrap(), "2026-03-01T02:30:00Z");
    match sort {
        Sort::Customer => {
            let texts = ["web-id", "number", "company", "contact", "email", "phone", "segment", "terms", "price-list", "tax-code"].map(str::to_owned);
            let [web_id, number, company, contact, email, phone, segment, terms, price_list, tax_code] = texts;
            let customer = Customer {
                web_id,
                number: Some(number),
                standing: Standing::OnHold,
                company,
                contact,
                email,
                phone,
                segment,
                billing: address("billing"),
                ship_to: vec![("address.code".into(), address("address"))],
                currency,
                credit_limit: Some(d("12.50")),
                terms,
                price_list,
                tax_code,
                changed_at: at(),
                fields,
            };
            let others = [("standing", "on-hold"), ("currency", "CAD"), ("credit-limit", "12.50"), ("changed-at", time)];
            (Subject::Customer(Box::new(customer)), others.into())
        }
        Sort::Product => {
            let component = Component { sku: "component.sku".into(), name: "component.name".into(), quantity: d("2"), worth: Some(d("7.99")) };
            let product = Product {
                sku: "sku".into(),
                name: "name".into(),
                description: "description".into(),
                product_type: "product-type".into(),
                is_sold: true,
                tax_class: "tax-class".into(),
                weight: Some(Weight { amount: d("1.250"), unit: WeightUnit::Kg }),
                prices: vec![Price { currency, list: "price.list".into(), from: d("10"), amount: d("17.0125") }],
                kit: Some(Kit { components: vec![component] }),
                changed_at: at(),
                fields,
            };
            let weights = [("weight.amount", "1.250"), ("weight.unit", "kg"), ("weight.grams", "1250.000")];
            let others = [("is-sold", "true"), ("changed-at", time), ("price.currency", "CAD"), ("price.from", "10"), ("price.amount", "17.0125")];
            let parts = [("component.quantity", "2"), ("component.worth", "7.99")];
            (Subject::Product(Box::new(product)), weights.into_iter().chain(others).chain(parts).collect())
        }
        Sort::Stock => {
            let level = Level { sku: "sku".into(), warehouse: "warehouse".into(), available: d("3.5"), changed_at: at() };
            (Subject::Stock(level), [("available", "3.5"), ("changed-at", time)].into())
        }
        Sort::Shipment => {
            let shipment = Shipment {
                number: "number".into(),
                order: OrderNumber::parse("order").unwrap(),
                warehouse: "warehouse".into(),
                shipped_at: at(),
                lines: vec![Quantity::new("line.id", d("2"))],
                parcels: vec![Parcel { carrier: "parcel.carrier".into(), tracking: "parcel.tracking".into(), link: "parcel.link".into() }],
                fields,
            };
            (Subject::Shipment(shipment), [("shipped-at", time), ("line.units", "2")].into())
        }
        _ => {
            let line = invoice::Line {
                line: "line.id".into(),
                sku: "line.sku".into(),
                quantity: d("2"),
                unit_price: d("5.25"),
                discount: d("0.50"),
                total: d("10.00"),
                tax: d("1.30"),
            };
            let invoice = Invoice {
                number: "number".into(),
                order: OrderNumber::parse("order").unwrap(),
                shipments: vec!["S1".into(), "S2".into()],
                invoiced_at: Some(at()),
                currency,
                lines: vec![line],
                discount: d("1.00"),
                shipping: d("4.00"),
                shipping_tax: d("0.52"),
                total: d("14.82"),
                fields,
            };
            let whole = [("discount", "1.00"), ("shipping", "4.00"), ("shipping-tax", "0.52"), ("total", "14.82"), ("currency", "CAD")];
            let line =
                [("line.quantity", "2"), ("line.unit-price", "5.25"), ("line.discount", "0.50"), ("line.total", "10.00"), ("line.tax", "1.30")];
            let others = [("shipments", "S1 S2"), ("invoiced-at", time)];
            (Subject::Invoice(Box::new(invoice)), whole.into_iter().chain(line).chain(others).collect())
        }
    }
}

#[test]
fn every_path_reads_what_it_says() {
    for sort in SORTS {
        let (subject, others) = said(sort);
        let schema = schema(sort).unwrap();
        let zone = TimeZone::UTC;
        let scope = scope(&subject, &zone).unwrap();
        assert_eq!(schema.entity, sort.name());
        for (place, path) in schema.paths.iter().enumerate() {
            let line = schema.list_of(path.name).map(|_| 0);
            let datum = scope.path(place, line);
            assert_eq!(datum.to_text(), *others.get(path.name).unwrap_or(&path.name), "{sort} {}", path.name);
            let kind = match path.kind {
                Kind::List(_) => "list".to_owned(),
                kind => kind.to_string(),
            };
            assert_eq!(datum.kind(), kind, "{sort} {}", path.name);
            // An element that is not there gives nothing; nothing of a list is there without one.
            assert!(line.is_none() || (scope.path(place, Some(7)).is_empty() && scope.path(place, None).is_empty()), "{sort} {}", path.name);
        }
        assert!(others.keys().all(|name| schema.find(name).is_some()), "{sort}");
        assert_eq!((0..schema.lists.len()).map(|list| scope.lines(list)).collect::<Vec<_>>(), vec![1; schema.lists.len()], "{sort}");
        assert_eq!(scope.field("own").to_text(), if sort == Sort::Stock { "" } else { "mine" }, "{sort}");
    }
    assert!(schema(Sort::Payment).is_none() && scope(&Subject::Customer(Box::new(sample::customer())), &TimeZone::UTC).is_some());
}

#[test]
fn the_page_names_every_path() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/mapping.md");
    let page = std::fs::read_to_string(&file).unwrap();
    let mut rows = Vec::new();
    for sort in SORTS {
        let schema = schema(sort).unwrap();
        let told = |path: &crate::mapping::Path| format!("`{}` {}{}", path.name, path.kind, if path.locks { "*" } else { "" });
        let of = |list: Option<usize>| schema.paths.iter().filter(|path| schema.list_of(path.name) == list).map(told).collect::<Vec<_>>().join(", ");
        rows.push(format!("| `{sort}` | | {} |", of(None)));
        rows.extend(schema.lists.iter().enumerate().map(|(place, list)| format!("| `{sort}` | `{}` | {} |", list.name, of(Some(place)))));
    }
    let (before, rest) = page.split_once("<!-- entities -->\n").unwrap();
    let (table, after) = rest.split_once("<!-- entities -->").unwrap();
    let expected = format!("\n| entity | list | paths |\n|---|---|---|\n{}\n", rows.join("\n"));
    #[allow(clippy::disallowed_methods, reason = "BLESS is how golden files are written anew")]
    if std::env::var("BLESS").is_ok() {
        std::fs::write(&file, format!("{before}<!-- entities -->\n{expected}<!-- entities -->{after}")).unwrap();
        return;
    }
    assert_eq!(table, expected, "the table of paths in docs/mapping.md: BLESS=1 writes it");
}
