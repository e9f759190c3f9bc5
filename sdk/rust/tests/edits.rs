//! Edits on orders and documents in memory: gathered, sent, summed up and refused as the host does it.

use crossdock_sdk::{Context, Decimal, EditError, HookError, Order, PreMap, Value, Verdict, dec, log, sample, settings};

fn prices(order: &Order) -> Vec<Decimal> {
    order.lines().map(|line| line.unit_price()).collect()
}

#[test]
fn what_was_set_is_read_back_and_sums_follow() {
    let mut order = sample::order().line("A", 3, "10").line("B", 1, "5.55").shipping("7.50").build();
    let before = order.header();
    for line in order.lines_mut() {
        line.set_unit_price(line.unit_price().percent_off(dec!(10)), "ten");
    }
    assert_eq!(prices(&order), [dec!(9), dec!(4.995)]);
    let totals: Vec<Decimal> = order.lines().map(|line| line.total()).collect();
    assert_eq!(totals, [dec!(27), dec!(5)]);
    let after = order.header();
    assert_eq!(before.subtotal, dec!(35.55)); // a snapshot stays as it was
    assert_eq!((after.subtotal, after.tax, after.total), (dec!(32), dec!(5.14), dec!(44.64))); // 4.16 and 0.98 tax
}

#[test]
fn a_price_set_before_anything_was_read_is_read_back() {
    let mut order = sample::order().line("A", 2, "10").build();
    order.line_mut(0).unwrap().set_unit_price(dec!(8), "less");
    assert_eq!(prices(&order), [dec!(8)]);
    assert!(order.line_mut(1).is_none());
}

#[test]
fn tax_of_touched_lines_is_shared_by_largest_remainder() {
    // Three lines of 0.50 at 5 %: 0.075 of tax together, so 0.08, shared 0.03, 0.03, 0.02; alone each would have 0.03.
    let mut order = sample::order().line("A", 1, "1").tax_rate("0.05").line("B", 1, "1").tax_rate("0.05").line("C", 1, "1").tax_rate("0.05").build();
    for line in order.lines_mut() {
        line.set_discount(dec!(0.5), "half");
    }
    let taxes: Vec<Decimal> = order.lines().map(|line| line.tax()).collect();
    assert_eq!(taxes, [dec!(0.03), dec!(0.03), dec!(0.02)]);
}

#[test]
fn untouched_lines_keep_their_tax() {
    let mut order = sample::order().line("A", 1, "0.50").tax_rate("0.05").line("B", 1, "0.50").tax_rate("0.05").build();
    order.line_mut(1).unwrap().set_unit_price(dec!(0.3), "less");
    let taxes: Vec<Decimal> = order.lines().map(|line| line.tax()).collect();
    assert_eq!(taxes, [dec!(0.03), dec!(0.02)]); // 0.025 and 0.015, each rounded away from zero
}

#[test]
fn gathered_edits_of_one_line_keep_their_order() {
    // The discount must go before the price can fall below it, on line 1; on line 0 it is the other way round.
    let mut order = sample::order().line("A", 1, "10").line("B", 1, "10").line_discount("8").build();
    let first = order.line_mut(0).unwrap();
    first.set_unit_price(dec!(20), "r");
    first.set_discount(dec!(15), "r");
    let second = order.line_mut(1).unwrap();
    second.set_discount(dec!(0), "r");
    second.set_unit_price(dec!(5), "r");
    order.flush().unwrap();
    let totals: Vec<Decimal> = order.lines().map(|line| line.total()).collect();
    assert_eq!(totals, [dec!(5), dec!(5)]);
}

#[test]
fn edits_with_other_reasons_are_recorded_with_theirs() {
    let mut order = sample::order().line("A", 1, "10").line("B", 1, "10").line("C", 1, "10").build();
    for (line, reason) in order.lines_mut().zip(["twelve bytes", "twelve bites", "twelve bytes"]) {
        line.set_unit_price(dec!(9.5), reason);
    }
    let mut changes: Vec<_> = order.changes().into_iter().map(|change| (change.path, change.reason)).collect();
    changes.sort();
    let of = |line: u32, reason: &str| (format!("lines[{line}].unit-price"), reason.to_owned());
    assert_eq!(changes, [of(0, "twelve bytes"), of(1, "twelve bites"), of(2, "twelve bytes")]);
}

#[test]
fn a_group_is_refused_as_a_whole_and_the_others_are_taken() {
    let mut order = sample::order().line("A", 1, "10").line("B", 1, "10").build();
    for line in order.lines_mut() {
        line.set_unit_price(dec!(9) - Decimal::from(line.index()) * dec!(20), "bad group");
        line.set_discount(dec!(1), "good group");
    }
    assert!(matches!(order.flush(), Err(EditError::Invalid(text)) if text.contains("lines[1].unit-price")));
    assert_eq!(prices(&order), [dec!(10), dec!(10)]);
    assert_eq!(order.header().subtotal, dec!(18));
    assert_eq!(order.flush(), Ok(())); // handled once, gone
}

#[test]
fn the_hosts_rules_for_numbers_hold() {
    let edit = |change: &dyn Fn(&mut Order)| {
        let mut order = sample::order().line("A", 2, "10").build();
        change(&mut order);
        order.flush()
    };
    let price = |price: Decimal| edit(&|order| order.line_mut(0).unwrap().set_unit_price(price, "r"));
    let discount = |amount: Decimal| edit(&|order| order.line_mut(0).unwrap().set_discount(amount, "r"));
    assert_eq!(price(dec!(1.50000000)), Ok(()));
    assert!(matches!(price(dec!(1.00001)), Err(EditError::OutOfRange(_))));
    assert!(matches!(price(dec!(100000000000)), Err(EditError::OutOfRange(_))));
    assert!(matches!(price(dec!(99999999999)), Err(EditError::OutOfRange(_)))); // twice that is too large
    assert!(matches!(price(dec!(-0.01)), Err(EditError::Invalid(_))));
    assert_eq!(discount(dec!(20)), Ok(()));
    assert!(matches!(discount(dec!(20.01)), Err(EditError::Invalid(_))));
    assert!(matches!(discount(dec!(0.001)), Err(EditError::Invalid(_))));
    let mut order = sample::order().line("A", 2, "10").build();
    assert!(matches!(order.set_shipping(dec!(1.005), "r"), Err(EditError::Invalid(_))));
    assert_eq!(order.set_line_field(7, "x", true, "r"), Err(EditError::NoSuchLine(7)));
    assert!(matches!(order.set_field("", true, "r"), Err(EditError::Invalid(_))));
    assert!(matches!(order.set_field("x", "y".repeat(4097), "r"), Err(EditError::Invalid(_))));
    assert_eq!(order.changes(), []);
}

#[test]
fn fields_tags_and_shipping_are_edited_and_recorded() {
    let mut order = sample::order().line("A", 1, "100").field("po", "7").line_field("gift", true).tag("b").build();
    order.set_field("po", Value::Empty, "gone").unwrap();
    order.set_field("new", dec!(2.5), "why not").unwrap();
    order.add_tag("a", "first").unwrap();
    order.add_tag("b", "there already").unwrap();
    order.set_shipping(dec!(10), "flat").unwrap();
    assert_eq!((order.field("po"), order.field("new")), (None, Some(dec!(2.5).into())));
    assert_eq!(order.line_field(0, "gift").and_then(|gift| gift.as_flag()), Some(true));
    assert_eq!(order.tags(), ["a", "b"]);
    assert_eq!(order.header().total, dec!(124.30));
    let paths: Vec<_> = order.changes().into_iter().map(|change| change.path).collect();
    assert_eq!(paths, ["fields.po", "fields.new", "tags", "shipping.amount"]);
}

#[test]
fn documents_refuse_money_and_take_the_rest() {
    let order = sample::order().line("A", 1, "100").line("B", 1, "1").build();
    let mut document = sample::document(&order);
    assert!(matches!(document.set_field("TotalAmount", dec!(1), "r"), Err(EditError::NotAllowed(_))));
    assert!(matches!(document.set_line_field(0, "UnitPrice", dec!(1), "r"), Err(EditError::NotAllowed(_))));
    assert!(matches!(document.set_column("GLCode", &["1".into()], "r"), Err(EditError::Invalid(_))));
    assert_eq!(document.column("GLCode")[..], [Value::Empty, Value::Empty]);
    document.set_column("GLCode", &["1".into(), "2".into()], "r").unwrap();
    document.set_line_field(1, "GLCode", "3", "r").unwrap();
    let codes: Vec<_> = document.lines().filter_map(|line| line.text("GLCode")).collect();
    assert_eq!(codes, ["1", "3"]);
    assert_eq!(document.lines().next().unwrap().number("UnitPrice"), Some(dec!(100)));
    assert_eq!((document.key().as_str(), document.warehouse().as_str()), ("SAMPLE-1", "TOR"));
}

struct Careless;

impl PreMap for Careless {
    fn pre_map(_: &Context, order: &mut Order) -> Result<Verdict, HookError> {
        for line in order.lines_mut() {
            line.set_unit_price(dec!(-1), "oops");
        }
        log::info("done");
        Ok(if settings::flag("hold")?.unwrap_or(false) { Verdict::hold("wait") } else { Verdict::Proceed })
    }
}

#[test]
fn a_refusal_that_nobody_handled_fails_the_hook() {
    sample::settings(&[]);
    let order = || sample::order().line("A", 1, "10").build();
    assert!(matches!(sample::pre_map::<Careless>(&mut order()), Err(HookError::Failed(text)) if text.contains("negative")));
    assert_eq!(sample::logged(), [(log::Level::Info, "done".to_owned())]);
    // Edits are discarded on hold, so a bad one does no harm.
    sample::settings(&[("hold", "true")]);
    assert_eq!(sample::pre_map::<Careless>(&mut order()), Ok(Verdict::hold("wait")));
    sample::settings(&[("hold", "perhaps")]);
    assert!(
        matches!(sample::pre_map::<Careless>(&mut order()), Err(HookError::Settings(text)) if text.contains("`hold`") && !text.contains("perhaps"))
    );
}

#[test]
fn settings_are_found_by_key_and_prefix() {
    sample::settings(&[("b.2", "20"), ("b.1", "10"), ("a", "x")]);
    let pairs = |all: &[(&str, &str)]| all.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect::<Vec<_>>();
    assert_eq!(settings::with_prefix("b."), pairs(&[("1", "10"), ("2", "20")]));
    assert_eq!(settings::required("a").unwrap(), "x");
    assert!(matches!(settings::required("c"), Err(HookError::Settings(text)) if text.contains("`c`")));
    assert!(matches!(settings::decimal("a"), Err(HookError::Settings(text)) if text.contains("`a`")));
    assert_eq!(settings::decimals("b.").unwrap()[1], ("2".to_owned(), dec!(20)));
}

#[test]
fn addresses_and_payments_do_not_show_in_debug() {
    let order = sample::order().line("A", 1, "10").build();
    let shown = format!("{:?} {:?} {order:?}", order.shipping_address(), order.payment());
    assert!(!shown.contains("Sam") && !shown.contains("Example") && !shown.contains("M5V"), "{shown}");
}
