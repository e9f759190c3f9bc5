//! The step `arithmetic`: what the SDK's decimal answers, exactly, to sums that stand in settings.

use crate::text::plain;
use crossdock_sdk::{Decimal, MAX_SCALE, dec, log, settings};
use std::cmp::Ordering;

pub(crate) fn run() {
    for (key, sum) in settings::with_prefix("sum.") {
        log::info(format!("sum.{key} {}", result(&sum).unwrap_or_else(|| "bad".into())));
    }
}

/// `None` when the words make no sum.
fn result(sum: &str) -> Option<String> {
    let words: Vec<&str> = sum.split(' ').collect();
    let number = |at: usize| words.get(at)?.parse::<Decimal>().ok();
    let (a, b) = (number(0)?, number(2)?);
    let answer = match (words[1], words.len()) {
        ("+", 3) => a.checked_add(b),
        ("-", 3) => a.checked_sub(b),
        ("*", 3) => a.checked_mul(b),
        ("/", 4) => a.checked_div(b, digits(number(3)?)?),
        ("%", 3) => percent_off(a, b),
        ("r", 3) => Some(a.round(digits(b)?)),
        ("c", 3) => {
            return Some(match a.cmp(&b) {
                Ordering::Less => "less".into(),
                Ordering::Equal => "equal".into(),
                Ordering::Greater => "more".into(),
            });
        }
        _ => return None,
    };
    Some(answer.map_or_else(|| "no".into(), plain))
}

/// As `percent_off`, which panics when the result does not fit.
fn percent_off(of: Decimal, percent: Decimal) -> Option<Decimal> {
    of.checked_mul(Decimal::HUNDRED.checked_sub(percent)?.checked_mul(dec!(0.01))?)
}

fn digits(number: Decimal) -> Option<u8> {
    let whole = number.normalize();
    u8::try_from(whole.units()).ok().filter(|digits| whole.scale() == 0 && *digits <= MAX_SCALE)
}
