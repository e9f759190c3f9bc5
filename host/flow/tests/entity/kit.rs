use super::d;
use crossdock_flow::{
    Code, Currency, Decimal,
    entity::kit::{Component, KIT, Kit, Policy, apply, explode, takes},
    order::{Line, Value, find},
    sample, sum,
};
use proptest::prelude::*;

fn kit(components: &[(&str, &str, Option<&str>)]) -> Kit {
    let component = |(sku, quantity, worth): &(&str, &str, Option<&str>)| Component {
        sku: (*sku).into(),
        name: String::new(),
        quantity: d(quantity),
        worth: worth.map(d),
    };
    Kit { components: components.iter().map(component).collect() }
}

fn line(quantity: Decimal, unit_price: Decimal, discount: Decimal, tax: Decimal, currency: Currency) -> Line {
    let total = currency.round(quantity * unit_price) - discount;
    Line { sku: "GIFT-BOX".into(), quantity, unit_price, discount, tax, total, ..sample::order(1).lines.remove(0) }
}

fn cad() -> Currency {
    Currency::parse("CAD").unwrap()
}

#[test]
fn pitfall_19_by_policy() {
    let line = line(d("2"), d("10.00"), d("1.00"), d("2.47"), cad());
    let kit = kit(&[("MUG", "2", Some("3.00")), ("TEA", "1", Some("4.00"))]);
    for policy in [Policy::Pass, Policy::Erp] {
        assert_eq!(explode(&line, &kit, policy, cad()).unwrap(), std::slice::from_ref(&line), "{policy}");
    }
    let lines = explode(&line, &kit, Policy::Explode, cad()).unwrap();
    let told: Vec<_> = lines.iter().map(|line| (line.sku.as_str(), line.quantity, line.unit_price, line.discount, line.total, line.tax)).collect();
    assert_eq!(told, [("MUG", d("4"), d("3"), d("0.60"), d("11.40"), d("1.48")), ("TEA", d("2"), d("4"), d("0.40"), d("7.60"), d("0.99"))]);
    assert_eq!(find(&lines[1].fields, KIT), Some(&Value::Text("GIFT-BOX".into())));
    assert_eq!((lines[0].id.as_str(), lines[1].id.as_str()), ("L1/1", "L1/2"));
    // What is taken from stock: the kit where it is an article, its components where it is not.
    let sku_and_units = |policy| takes(&line, &kit, policy).into_iter().map(|(sku, units)| format!("{units} {sku}")).collect::<Vec<_>>();
    assert_eq!(sku_and_units(Policy::Pass), ["2 GIFT-BOX"]);
    assert_eq!(sku_and_units(Policy::Erp), ["4 MUG", "2 TEA"]);
    assert_eq!(sku_and_units(Policy::Explode), ["4 MUG", "2 TEA"]);
}

/// 1000 units for 10.01: no price of four decimals makes that, two lines do.
#[test]
fn prices_that_cannot_be_written_become_two_lines() {
    let line = line(d("1"), d("10.01"), d("0"), d("1.30"), cad());
    let lines = explode(&line, &kit(&[("SCREW", "1000", None)]), Policy::Explode, cad()).unwrap();
    let told: Vec<_> = lines.iter().map(|line| (line.quantity, line.unit_price, line.total)).collect();
    assert_eq!(told, [(d("1"), d("0.02"), d("0.02")), (d("999"), d("0.01"), d("9.99"))]);
    assert_eq!(lines.iter().map(|line| line.tax).sum::<Decimal>(), d("1.30"));
    // Of a thousand and a half there is no such pair.
    let line = self::line(d("1"), d("10.03"), d("0"), d("0"), cad());
    let fault = explode(&line, &kit(&[("WIRE", "1000.5", None)]), Policy::Explode, cad()).unwrap_err();
    assert!(fault.code == Code::KitUnclear && fault.message.contains("no price"), "{fault}");
}

#[test]
fn nothing_is_shared_by_guess() {
    let line = line(d("1.5"), d("10.00"), d("0"), d("0"), cad());
    let fails = |kit: Kit, told: &str| {
        let fault = explode(&line, &kit, Policy::Explode, cad()).unwrap_err();
        assert!(fault.code == Code::KitUnclear && fault.message.contains(told), "{fault}");
    };
    fails(kit(&[]), "no components");
    fails(kit(&[("MUG", "1", Some("3")), ("TEA", "1", None)]), "`TEA` has no worth");
    fails(kit(&[("MUG", "0.0001", None)]), "too many digits");
    assert_eq!(explode(&line, &kit(&[("GIFT-BOX", "1", None)]), Policy::Explode, cad()).unwrap_err().code, Code::InvalidField);
}

#[test]
fn an_order_keeps_its_sums() {
    let mut order = sample::order(3);
    order.lines[1].sku = "GIFT-BOX".into();
    let box_of = kit(&[("MUG", "3", Some("2.99")), ("TEA", "1", Some("4.01")), ("CARD", "1", Some("0"))]);
    let made = apply(&order, |sku| (sku == "GIFT-BOX").then_some((&box_of, Policy::Explode))).unwrap();
    sum::check(&made).unwrap();
    assert_eq!((made.lines.len(), made.total, made.tax()), (5, order.total, order.tax()));
    assert_eq!((&made.lines[0], &made.lines[4]), (&order.lines[0], &order.lines[2]));
    let fault = apply(&order, |sku| (sku == "GIFT-BOX").then_some((EMPTY, Policy::Explode)));
    assert_eq!(fault.unwrap_err().place.as_deref(), Some("lines[1].sku"));
}

const EMPTY: &Kit = &Kit { components: Vec::new() };

proptest! {
    /// Whatever is taken apart: total, discount and tax add up to the line, each part by itself obeys the sum rule, and
    /// nothing is less than nothing.
    #[test]
    fn parts_add_up_to_the_kit(
        code in prop::sample::select(vec!["CAD", "JPY", "KWD"]),
        quantity in 1i64..2000,
        cents in 0i64..100_000,
        part in 0u32..=100,
        rate in 0i64..30,
        components in prop::collection::vec((1i64..500, prop::option::of(0i64..10_000)), 1..6),
    ) {
        let currency = Currency::parse(code).unwrap();
        let quantity = Decimal::from(quantity);
        let unit_price = Decimal::new(cents, currency.digits());
        let discount = currency.round(quantity * unit_price * Decimal::new(part.into(), 2));
        let mut line = line(quantity, unit_price, discount, Decimal::ZERO, currency);
        line.tax = currency.round(line.total * Decimal::new(rate, 2));
        let has_worth = components[0].1.is_some();
        let components = components.iter().enumerate().map(|(index, (units, worth))| Component {
            sku: format!("P{index}"),
            name: String::new(),
            quantity: Decimal::from(*units),
            worth: has_worth.then(|| Decimal::new(worth.unwrap_or(1), 2)),
        });
        let kit = Kit { components: components.collect() };
        let lines = explode(&line, &kit, Policy::Explode, currency).unwrap();
        let sum = |of: fn(&Line) -> Decimal| lines.iter().map(of).sum::<Decimal>();
        prop_assert_eq!((sum(|line| line.total), sum(|line| line.discount), sum(|line| line.tax)), (line.total, line.discount, line.tax));
        for (index, component) in kit.components.iter().enumerate() {
            let units: Decimal = lines.iter().filter(|line| line.sku == format!("P{index}")).map(|line| line.quantity).sum();
            prop_assert_eq!(units, line.quantity * component.quantity);
        }
        for line in &lines {
            prop_assert_eq!(currency.round(line.quantity * line.unit_price) - line.discount, line.total);
            prop_assert!(line.total >= Decimal::ZERO && line.discount >= Decimal::ZERO && line.tax >= Decimal::ZERO && line.quantity > Decimal::ZERO);
            prop_assert!(crossdock_flow::money::fit(line.unit_price).is_some());
        }
    }
}
