//! Numbers as people write them: `1.234,50`, `1,234.50`, `1 234,50 €`. From text to text, digit by digit.

use crate::Currency;

/// Which sign parts the whole from the fraction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Comma,
    Point,
}

/// Rewrites a number as JSON writes it. `None` when it is one already, or is none even if it is read so.
pub(super) fn rewrite(text: &str, mark: Mark) -> Option<String> {
    if is_json(text) {
        return None;
    }
    let bare = without_currency(text);
    let (negative, bare) = match bare.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, bare.strip_prefix('+').unwrap_or(bare)),
    };
    let (decimal, grouping) = match mark {
        Mark::Comma => (',', '.'),
        Mark::Point => ('.', ','),
    };
    let (whole, fraction) = bare.split_once(decimal).unwrap_or((bare, ""));
    let whole = ungroup(whole, grouping)?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let number =
        format!("{}{}", if whole.is_empty() { "0" } else { whole }, if fraction.is_empty() { String::new() } else { format!(".{fraction}") });
    let nothing = number.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    Some(if negative && !nothing { format!("-{number}") } else { number })
}

/// Whether it is a number as JSON writes it.
pub(super) fn is_json(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    digits(whole)
        && digits(fraction)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
}

/// The digits of a whole number; groups of three may stand apart, all by the same sign.
fn ungroup(whole: &str, grouping: char) -> Option<String> {
    let apart = |c: char| c == grouping || c.is_whitespace() || matches!(c, '\'' | '\u{2019}');
    let mut groups = whole.split(apart);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let mut signs = whole.chars().filter(|c| apart(*c));
    let one_sign = signs.next().is_none_or(|sign| signs.all(|other| other == sign));
    let threes = rest.iter().all(|group| group.len() == 3) && (rest.is_empty() || (1..=3).contains(&first.len()));
    let digits = first.to_owned() + &rest.concat();
    (one_sign && threes && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// Takes spaces, a currency's sign or its code from both ends.
fn without_currency(text: &str) -> &str {
    const SIGNS: [&str; 16] = ["US$", "CA$", "AU$", "NZ$", "C$", "A$", "$", "€", "£", "¥", "₹", "kr.", "kr", "Fr.", "zł", ",-"];
    let mut text = text.trim();
    loop {
        let before = text;
        for sign in SIGNS {
            text = text.strip_suffix(sign).unwrap_or(text);
            if sign != ",-" {
                text = text.strip_prefix(sign).unwrap_or(text);
            }
        }
        let code = |code: &str| code.len() == 3 && Currency::parse(code).is_ok();
        if text.get(..3).is_some_and(code) {
            text = &text[3..];
        }
        if let Some(start) = text.len().checked_sub(3).filter(|start| text.get(*start..).is_some_and(code)) {
            text = &text[..start];
        }
        text = text.trim();
        if text == before {
            return text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decimal;
    use proptest::prelude::*;

    #[test]
    fn numbers_as_people_write_them() {
        for (text, comma, point) in [
            ("12,50", Some("12.50"), None),
            ("1.234,50", Some("1234.50"), None),
            ("1,234.50", None, Some("1234.50")),
            ("1 234,50", Some("1234.50"), None),
            ("1\u{a0}234,50\u{a0}€", Some("1234.50"), None),
            ("1\u{202f}234", Some("1234"), Some("1234")),
            ("1'234.50", None, Some("1234.50")),
            ("CHF 1\u{2019}234.50", None, Some("1234.50")),
            ("1,234", Some("1.234"), Some("1234")),
            ("1,234,567", None, Some("1234567")),
            ("1.234.567", Some("1234567"), None),
            ("$ 12.50", None, Some("12.50")),
            ("12,50 EUR", Some("12.50"), None),
            ("-12,50", Some("-12.50"), None),
            ("\u{2212}€ 0,00", None, None),
            ("€ \u{2212}0,00", Some("0.00"), None),
            ("12,-", Some("12"), Some("12")),
            (" 7 ", Some("7"), Some("7")),
            ("+7", Some("7"), Some("7")),
            ("007", Some("7"), Some("7")),
            (".5", None, Some("0.5")),
            // What is a number already, and what is none.
            ("12.50", None, None),
            ("1.234", None, None),
            ("-0.5e3", None, None),
            ("", None, None),
            ("$", None, None),
            (",", None, None),
            ("1,23,456", None, None),
            ("12,34.5", None, None),
            ("1 234.567,8", None, None),
            ("1,2,3", None, None),
            ("12.50.3", None, None),
            ("0x10", None, None),
            ("1e", None, None),
            ("12 %", None, None),
            ("١٢", None, None),
            ("ABC", None, None),
        ] {
            assert_eq!((rewrite(text, Mark::Comma).as_deref(), rewrite(text, Mark::Point).as_deref()), (comma, point), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_number_stays_the_same_and_is_one_afterwards(units in -99_999_999_999i64..99_999_999_999, scale in 0u32..4) {
            let number = Decimal::new(units, scale);
            let (whole, fraction) = { let text = number.abs().to_string(); text.split_once('.').map_or((text.clone(), String::new()), |(whole, fraction)| (whole.to_owned(), fraction.to_owned())) };
            for (mark, decimal, grouping) in [(Mark::Comma, ',', '.'), (Mark::Point, '.', ','), (Mark::Comma, ',', ' '), (Mark::Point, '.', '\'')] {
                let mut grouped = String::new();
                for (place, digit) in whole.chars().enumerate() {
                    if place > 0 && (whole.len() - place) % 3 == 0 {
                        grouped.push(grouping);
                    }
                    grouped.push(digit);
                }
                let sign = if number.is_sign_negative() { "-" } else { "" };
                let written = if fraction.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}{decimal}{fraction}") };
                let read = rewrite(&written, mark).unwrap_or_else(|| written.clone());
                // `1.234` is a number as it stands, whatever its writer meant.
                if !is_json(&written) {
                    prop_assert_eq!(read.parse::<Decimal>().unwrap(), number);
                }
                prop_assert!(is_json(&read) && rewrite(&read, mark).is_none(), "{} became {}", written, read);
            }
        }
    }
}
