//! The SDK's decimal against rust_decimal, which the host counts with: same results, or an honest "does not fit".

use crossdock_sdk::{Decimal, dec};
use proptest::prelude::*;
use rust_decimal::{Decimal as Reference, RoundingStrategy::MidpointAwayFromZero};
use std::collections::HashSet;

fn reference(number: Decimal) -> Reference {
    Reference::from_i128_with_scale(number.units().into(), number.scale().into())
}

/// Amounts as orders hold them, and now and then anything at all.
fn numbers() -> impl Strategy<Value = Decimal> {
    let usual = (-1_000_000_000_000_000_i64..1_000_000_000_000_000, 0_u8..=4);
    let any = (any::<i64>(), 0_u8..=18);
    prop_oneof![3 => usual, 1 => any].prop_map(|(units, scale)| Decimal::new(units, scale))
}

/// What a reference result is as units and scale, if 18 digits can hold it.
fn fits(number: Reference) -> bool {
    let short = number.normalize();
    short.scale() <= 18 && i64::try_from(short.mantissa()).is_ok()
}

proptest! {
    #[test]
    fn sums_and_differences_are_exact_or_refused(a in numbers(), b in numbers()) {
        for (ours, theirs) in [(a.checked_add(b), reference(a).checked_add(reference(b))), (a.checked_sub(b), reference(a).checked_sub(reference(b)))] {
            match ours {
                Some(sum) => prop_assert_eq!(reference(sum), theirs.unwrap()),
                // 10^18 at scale 18 beside a small scale: rust_decimal rounds where we refuse, so compare only what it holds exactly.
                None => prop_assert!(a.scale().abs_diff(b.scale()) > 4 || !theirs.is_some_and(fits)),
            }
        }
    }

    #[test]
    fn products_are_exact(units in -1_000_000_000_000_i64..1_000_000_000_000, scale in 0_u8..=4, rate in -100_000_i64..100_000, digits in 0_u8..=4) {
        let (a, b) = (Decimal::new(units, scale), Decimal::new(rate, digits));
        prop_assert_eq!(reference(a.checked_mul(b).unwrap()), reference(a) * reference(b));
        prop_assert_eq!(reference(a.percent(b)), reference(a) * reference(b) / Reference::from(100));
        prop_assert_eq!(a.percent_off(b), a - a.percent(b));
    }

    #[test]
    fn rounding_is_half_away_from_zero(a in numbers(), digits in 0_u8..=6) {
        prop_assert_eq!(reference(a.round(digits)), reference(a).round_dp_with_strategy(digits.into(), MidpointAwayFromZero));
    }

    #[test]
    fn quotients_are_rounded_half_away_from_zero(a in -1_000_000_000_i64..1_000_000_000, b in 1_i64..1_000_000, scale in 0_u8..=4, digits in 0_u8..=6) {
        let ours = Decimal::new(a, 2).checked_div(Decimal::new(b, scale), digits).unwrap();
        let theirs = reference(Decimal::new(a, 2)) / reference(Decimal::new(b, scale));
        prop_assert_eq!(reference(ours), theirs.round_dp_with_strategy(digits.into(), MidpointAwayFromZero));
    }

    #[test]
    fn order_and_equality_look_at_the_value(a in numbers(), b in numbers(), zeros in 0_u8..=2) {
        prop_assert_eq!(a.cmp(&b), reference(a).cmp(&reference(b)));
        if let Some(units) = a.units().checked_mul(10_i64.pow(zeros.into())) && a.scale() <= 16 {
            let longer = Decimal::new(units, a.scale() + zeros);
            prop_assert_eq!(a, longer);
            prop_assert_eq!(HashSet::from([a, longer]).len(), 1);
        }
    }

    #[test]
    fn text_goes_there_and_back(a in numbers()) {
        prop_assert_eq!(a.to_string(), reference(a).to_string());
        let back: Decimal = a.to_string().parse().unwrap_or(a); // i64::MIN has no positive twin to parse by
        prop_assert_eq!((back.units(), back.scale()), (a.units(), a.scale()));
    }
}

#[test]
fn text_that_is_no_exact_number_is_refused() {
    for text in ["", "-", ".", "1.", "1,5", "1e5", "0x1", " 1", "1_000", "1.2.3", "9223372036854775808", "0.1234567890123456789"] {
        assert!(text.parse::<Decimal>().is_err(), "{text}");
    }
    assert_eq!("+.5".parse(), Ok(dec!(0.5)));
}

#[test]
fn results_that_do_not_fit_are_refused() {
    let most = Decimal::new(i64::MAX, 0);
    assert_eq!(most.checked_add(Decimal::ONE), None);
    assert_eq!((-most).checked_sub(dec!(2)), None);
    assert_eq!(most.checked_mul(dec!(1.5)), None);
    assert_eq!(most.checked_mul(dec!(10)), None);
    assert_eq!(Decimal::new(1, 18).checked_mul(dec!(0.1)), None);
    assert_eq!(Decimal::ONE.checked_div(Decimal::ZERO, 2), None);
    // 20 zeros after the point, but they do not count.
    assert_eq!(Decimal::new(10, 18).checked_mul(Decimal::new(100, 2)), Some(Decimal::new(1, 17)));
}

#[test]
#[should_panic(expected = "does not fit")]
fn an_operator_panics_rather_than_rounds() {
    let _ = Decimal::new(i64::MAX, 0) * dec!(3);
}
