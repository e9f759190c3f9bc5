//! Properties of the editor, whatever a rule does with it: sums hold, order and cutting of bulk edits do not matter, and a
//! refused edit leaves no trace.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use crossdock_flow::{
    Currency, Decimal, Order,
    edit::{Editor, MAX_NAME, OrderEditor, Refusal},
    fault::Code,
    money::LIMIT,
    order::Value,
    sample, sum,
};
use proptest::prelude::*;
use std::sync::Arc;

#[derive(Clone, Debug)]
enum Edit {
    Prices(Vec<(u32, Decimal)>),
    Discounts(Vec<(u32, Decimal)>),
    Shipping(Decimal),
    Field(String, Value),
    LineField(u32, String, Value),
    Tag(String),
    /// Not an edit: a rule reads the order in between.
    Look,
}

fn amount(scale: u32) -> impl Strategy<Value = Decimal> {
    prop_oneof![
        8 => (-50i64..2_000_000).prop_map(move |units| Decimal::new(units, scale)),
        1 => Just(Decimal::new(999_999_999_999_999, 4)),
        1 => (0i64..1_000_000).prop_map(|units| Decimal::new(units, 7)),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-c]", 1 => Just(String::new()), 1 => Just("x".repeat(MAX_NAME + 1)), 1 => Just("a\nb".into())]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![Just(Value::Empty), Just(Value::Text("t".into())), Just(Value::Flag(true)), amount(3).prop_map(Value::Number)]
}

fn edit() -> impl Strategy<Value = Edit> {
    // Lines from 0 to 8 of an order of 1 to 7: some are not there.
    let bulk = |scale| prop::collection::vec((0u32..8, amount(scale)), 0..6);
    prop_oneof![
        4 => bulk(2).prop_map(Edit::Prices),
        4 => bulk(2).prop_map(Edit::Discounts),
        1 => bulk(4).prop_map(Edit::Prices),
        1 => amount(2).prop_map(Edit::Shipping),
        1 => (name(), value()).prop_map(|(name, value)| Edit::Field(name, value)),
        1 => (0u32..8, name(), value()).prop_map(|(line, name, value)| Edit::LineField(line, name, value)),
        1 => name().prop_map(Edit::Tag),
        1 => Just(Edit::Look),
    ]
}

/// An order of several lines in a currency, with a few tax rates, a discount on the whole and odd quantities, whose sums hold.
fn order() -> impl Strategy<Value = Order> {
    let line = (1i64..20_000, 0u32..4, 0i64..500_000, 0usize..3);
    (prop::collection::vec(line, 1..8), prop::sample::select(vec!["CAD", "JPY", "KWD"]), 0i64..5).prop_map(|(lines, currency, discount)| {
        let mut order = sample::order(lines.len());
        order.currency = Currency::parse(currency).unwrap();
        let digits = order.currency.digits();
        for (line, (quantity, scale, price, rate)) in order.lines.iter_mut().zip(lines) {
            line.quantity = Decimal::new(quantity, scale);
            line.unit_price = Decimal::new(price, 4);
            line.tax_rate = [Decimal::ZERO, Decimal::new(5, 2), Decimal::new(14975, 5)][rate];
            line.total = order.currency.round(line.quantity * line.unit_price);
            line.tax = order.currency.round(line.total * line.tax_rate);
        }
        order.shipping.amount = order.currency.round(order.shipping.amount);
        order.shipping.tax = order.currency.round(order.shipping.amount * order.shipping.tax_rate);
        order.discount = Decimal::new(discount, digits);
        order.total = order.subtotal() - order.discount + order.shipping.amount + order.tax();
        order
    })
}

fn apply(editor: &mut OrderEditor, edit: &Edit) -> Result<(), Refusal> {
    match edit {
        Edit::Prices(pairs) => {
            let (lines, prices): (Vec<u32>, Vec<Decimal>) = pairs.iter().copied().unzip();
            editor.set_unit_prices(&lines, &prices, "why")
        }
        Edit::Discounts(pairs) => {
            let (lines, discounts): (Vec<u32>, Vec<Decimal>) = pairs.iter().copied().unzip();
            editor.set_discounts(&lines, &discounts, "why")
        }
        Edit::Shipping(amount) => editor.set_shipping(*amount, "why"),
        Edit::Field(name, value) => editor.set_field(name, value.clone(), "why"),
        Edit::LineField(line, name, value) => editor.set_line_field(*line, name, value.clone(), "why"),
        Edit::Tag(tag) => editor.add_tag(tag, "why"),
        Edit::Look => {
            editor.order();
            Ok(())
        }
    }
}

/// Prices for every line, no discount: what a bulk edit may set without being refused.
fn prices(order: &Order, seed: &[u16]) -> Vec<(u32, Decimal)> {
    (0..).zip(seed.iter().cycle()).take(order.lines.len()).map(|(line, price)| (line, Decimal::new(i64::from(*price), 2))).collect()
}

/// Whether all sums of an order are right. What it is worth in all may be too little or too much: that is judged once, when
/// the rule is done, because another edit of it may bring it back.
fn sums_hold(order: &Order) -> bool {
    let out_of_range = order.total < Decimal::ZERO || order.total >= LIMIT;
    sum::check(order).map_or_else(|fault| fault.code == Code::InvalidField && out_of_range, |()| !out_of_range)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sums_hold_after_any_edits(order in order(), edits in prop::collection::vec(edit(), 0..12)) {
        prop_assert!(sum::check(&order).is_ok());
        let before = order.clone();
        let shared = Arc::new(order);
        let mut editor = OrderEditor::new(shared.clone());
        for edit in &edits {
            // Whether it is taken or refused, the sums hold.
            if apply(&mut editor, edit).is_ok() {
                prop_assert!(sums_hold(editor.order()), "after {edit:?}: {:?}", sum::check(editor.order()));
            }
        }
        let (after, changes) = editor.finish();
        prop_assert!(sums_hold(&after));
        prop_assert_eq!(&*shared, &before, "the caller's order stays");
        for (line, old) in after.lines.iter().zip(&before.lines) {
            prop_assert!(line.unit_price >= Decimal::ZERO && line.discount >= Decimal::ZERO && line.total >= Decimal::ZERO, "{line:?}");
            prop_assert!(line.tax >= Decimal::ZERO);
            prop_assert_eq!(after.currency.round(line.tax), line.tax);
            prop_assert_eq!((&line.quantity, &line.tax_rate, &line.sku, &line.id), (&old.quantity, &old.tax_rate, &old.sku, &old.id));
        }
        if changes.is_empty() {
            prop_assert_eq!(&*after, &before);
        }
    }

    #[test]
    fn a_refused_edit_leaves_no_trace(order in order(), edits in prop::collection::vec(edit(), 1..12)) {
        let shared = Arc::new(order);
        let (mut all, mut taken) = (OrderEditor::new(shared.clone()), OrderEditor::new(shared));
        for edit in &edits {
            if apply(&mut all, edit).is_ok() {
                apply(&mut taken, edit).unwrap();
            }
        }
        prop_assert_eq!(all.finish(), taken.finish());
    }

    #[test]
    fn cutting_and_order_of_bulk_edits_do_not_matter(
        order in order(),
        seed in prop::collection::vec(any::<u16>(), 1..8),
        shuffled in Just((0..7usize).collect::<Vec<_>>()).prop_shuffle(),
        looks in any::<bool>(),
    ) {
        let shared = Arc::new(order);
        let pairs = prices(&shared, &seed);
        let mut whole = OrderEditor::new(shared.clone());
        apply(&mut whole, &Edit::Prices(pairs.clone())).unwrap();
        let mut cut = OrderEditor::new(shared);
        for place in shuffled.into_iter().filter(|place| *place < pairs.len()) {
            apply(&mut cut, &Edit::Prices(vec![pairs[place]])).unwrap();
            if looks {
                cut.order();
            }
        }
        prop_assert_eq!(whole.finish().0, cut.finish().0);
    }

    #[test]
    fn an_edit_that_is_taken_back_gives_the_same_order_as_the_same_edit_once(order in order(), seed in prop::collection::vec(any::<u16>(), 1..8)) {
        let shared = Arc::new(order);
        let pairs = prices(&shared, &seed);
        let (mut once, mut twice) = (OrderEditor::new(shared.clone()), OrderEditor::new(shared));
        apply(&mut once, &Edit::Prices(pairs.clone())).unwrap();
        for _ in 0..2 {
            apply(&mut twice, &Edit::Prices(pairs.clone())).unwrap();
            twice.order();
        }
        prop_assert_eq!(once.finish().0, twice.finish().0);
    }
}
