use super::{at, d, round};
use crossdock_flow::{
    Code, Currency, Decimal,
    entity::{
        kit::{Component, Kit},
        missing,
        product::{Price, Product, Weight, WeightUnit},
    },
    order::Instant,
    sample,
    target::Stock,
};
use std::collections::BTreeSet;

fn price(code: &str, list: &str, from: &str, amount: &str) -> Price {
    Price { currency: Currency::parse(code).unwrap(), list: list.into(), from: d(from), amount: d(amount) }
}

fn product() -> Product {
    Product {
        sku: "MUG-BLUE".into(),
        name: "Mug, blue".into(),
        description: String::new(),
        product_type: "housewares".into(),
        is_sold: true,
        tax_class: "STD".into(),
        weight: Some(Weight { amount: d("1"), unit: WeightUnit::Lb }),
        prices: vec![price("CAD", "", "0", "7.99"), price("CAD", "", "10", "6.99"), price("CAD", "W", "0", "5.00"), price("USD", "", "0", "5.99")],
        kit: None,
        changed_at: Instant::utc(at(1)),
        fields: Vec::new(),
    }
}

#[test]
fn the_price_is_that_of_currency_list_and_break() {
    let product = product();
    let of = |code: &str, list: &str, units: &str| product.price(Currency::parse(code).unwrap(), list, d(units)).map(|price| price.amount);
    assert_eq!(of("CAD", "", "9.9"), Some(d("7.99")));
    assert_eq!(of("CAD", "", "10"), Some(d("6.99")));
    assert_eq!(of("CAD", "W", "100"), Some(d("5.00")));
    assert_eq!(of("CAD", "NO-SUCH", "100"), Some(d("6.99")));
    assert_eq!(of("USD", "W", "1"), Some(d("5.99")));
    assert_eq!(of("EUR", "", "1"), None, "no price is converted");
    assert_eq!(product.prices[1].to_string(), "6.99 CAD from 10");
}

#[test]
fn what_is_wrong_is_named() {
    let with = |price: Price| Product { prices: vec![product().prices[0].clone(), price], ..product() };
    with(price("CAD", "W", "0", "1")).check().unwrap();
    for wrong in [price("CAD", "", "0.00", "1"), price("CAD", "W", "0", "-1"), price("CAD", "W", "0", "1.00001"), price("CAD", "W", "-1", "1")] {
        let fault = with(wrong).check().unwrap_err();
        assert_eq!((fault.code, fault.place.as_deref()), (Code::InvalidField, Some("prices[1]")));
    }
    assert_eq!(Product { sku: " ".into(), ..product() }.check().unwrap_err().place.as_deref(), Some("sku"));
    let component = |sku: &str, quantity: &str| Component { sku: sku.into(), name: String::new(), quantity: d(quantity), worth: None };
    for components in [
        vec![component("MUG-BLUE", "1")],
        vec![component("A", "1"), component("A", "2")],
        vec![component("A", "0")],
        vec![Component { worth: Some(d("-1")), ..component("A", "1") }],
    ] {
        assert_eq!(Product { kit: Some(Kit { components }), ..product() }.check().unwrap_err().code, Code::InvalidField);
    }
}

#[test]
fn a_price_that_changes_changes_the_content() {
    let (old, mut new) = (product(), product());
    new.prices[1].amount = d("6.49");
    new.prices.reverse();
    new.changed_at = Instant::utc(at(2));
    let told: Vec<String> = old.content().compare(&new.content()).iter().map(ToString::to_string).collect();
    assert_eq!(told, ["price[CAD//10]: `6.99` → `6.49`"]);
    new.weight = Some(Weight { amount: d("453.59237"), unit: WeightUnit::G });
    assert_eq!(old.content().compare(&new.content()).len(), 1, "the same weight in another unit is the same");
    round(&new);
}

#[test]
fn pitfall_14_every_unknown_article_is_named_with_what_was_meant() {
    let mut order = sample::order(4);
    let known: BTreeSet<String> = order.lines.iter().map(|line| line.sku.clone()).collect();
    assert_eq!((missing::find(&order, &known), missing::fault(&[])), (Vec::new(), None));
    order.lines[0].sku = "shirt 0x m".into();
    order.lines[1].sku = "LAMP-DESK-O2".into();
    order.lines[2].sku = String::new();
    order.lines[3].sku = "TEAPOT".into();
    let found = missing::find(&order, &known);
    let near: Vec<(usize, Vec<String>)> = found.iter().map(|one| (one.line, one.near.clone())).collect();
    assert_eq!(near, [(0, vec!["SHIRT-OX-M".into()]), (1, vec!["LAMP-DESK-01".into()]), (2, vec![]), (3, vec![])]);
    let fault = missing::fault(&found).unwrap();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::UnknownItem, Some("lines[0].sku")));
    for told in ["`shirt 0x m`; near: SHIRT-OX-M", "lines[1].sku: ", "lines[2].sku: the line has no article", "`TEAPOT`"] {
        assert!(fault.message.contains(told), "{fault}");
    }
    round(&found);
    // By the list that was heard last: before any was, nothing is known to be missing.
    let heard = |skus: &BTreeSet<String>| Stock { units: [("TOR".to_owned(), skus.iter().map(|sku| (sku.clone(), Decimal::ZERO)).collect())].into() };
    assert_eq!(missing::check(&order, &heard(&known)), Err(fault));
    assert_eq!(missing::check(&sample::order(4), &heard(&known)), Ok(()), "none is left, but it is known");
    assert_eq!([Stock::default(), heard(&BTreeSet::new())].map(|stock| missing::check(&order, &stock)), [Ok(()), Ok(())]);
}
