//! Exact numbers out of JSON text: every digit is read as it stands, and never through a float.

use crossdock_flow::money::{self, Decimal};

/// The text is no number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoNumber;

/// Reads one JSON number, or a JSON string that holds one, as an amount. `None` is a number that no canonical order can
/// hold: over four digits after the point, or ten to the eleven and above. Exponents are fine when the result is exact.
pub(crate) fn parse(json: &str) -> Result<Option<Decimal>, NoNumber> {
    exact(json).map(|number| number.and_then(money::fit))
}

/// As [`parse`], but `None` only when the number has more digits than can be counted in at all.
pub(crate) fn exact(json: &str) -> Result<Option<Decimal>, NoNumber> {
    match json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(text) if text.contains('\\') => read(&serde_json::from_str::<String>(json).map_err(|_| NoNumber)?),
        Some(text) => read(text),
        None => read(json),
    }
}

fn read(text: &str) -> Result<Option<Decimal>, NoNumber> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, signed(exponent)?),
        None => (text, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    if !all_digits(whole) || !all_digits(fraction) || (whole.len() > 1 && whole.starts_with('0')) {
        return Err(NoNumber);
    }
    // The scale as written is kept where it may be (19.90 stays 19.90); zeros beyond it say nothing.
    let written = if digits.contains('.') { fraction.len().min(money::MAX_SCALE as usize) } else { 0 };
    let fraction = &fraction[..fraction.trim_end_matches('0').len().max(written)];
    let whole = whole.trim_start_matches('0');
    if whole.len() + fraction.len() > 28 {
        return Ok(None);
    }
    let mut units = whole.bytes().chain(fraction.bytes()).fold(0i128, |units, digit| units * 10 + i128::from(digit - b'0'));
    if units == 0 {
        return Ok(Some(Decimal::ZERO));
    }
    let mut scale = fraction.len() as i64 - exponent;
    while scale > i64::from(money::MAX_SCALE) && units % 10 == 0 {
        units /= 10;
        scale -= 1;
    }
    if !(-12..=28).contains(&scale) {
        return Ok(None);
    }
    while scale < 0 {
        units *= 10;
        scale += 1;
    }
    let units = if negative { -units } else { units };
    Ok(Decimal::try_from_i128_with_scale(units, scale as u32).ok())
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An exponent; one that no number here could use is as good as a large one.
fn signed(text: &str) -> Result<i64, NoNumber> {
    let (sign, digits) = match text.as_bytes().first() {
        Some(b'-') => (-1, &text[1..]),
        Some(b'+') => (1, &text[1..]),
        _ => (1, text),
    };
    if !all_digits(digits) {
        return Err(NoNumber);
    }
    Ok(sign * digits.parse::<i64>().unwrap_or(i64::MAX).min(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Option<Decimal> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn every_digit_counts() {
        for (json, number) in [
            ("19.99", "19.99"),
            ("\"19.99\"", "19.99"),
            ("0.1", "0.1"),
            ("-0.3", "-0.3"),
            ("0", "0"),
            ("-0.00", "0"),
            ("1e3", "1000"),
            ("1.5E+2", "150"),
            ("12300e-4", "1.23"),
            ("99999999999.9999", "99999999999.9999"),
            // A float would read this as …58.1200.
            ("90071992547.1299", "90071992547.1299"),
            ("1.50000000000000000000000000000000000000000000", "1.5"),
            ("1e10", "10000000000"),
            ("0e999999999999999999999", "0"),
            ("\"1\\u0032\"", "12"),
        ] {
            assert_eq!(parse(json), Ok(d(number)), "{json}");
        }
        assert_eq!(parse("19.90").unwrap().unwrap().to_string(), "19.90");
    }

    #[test]
    fn what_does_not_fit_is_said_so() {
        for json in ["1.00001", "1e11", "100000000000", "1e400", "1e-400", "1e99999999999999999999", "123456789012345678901234567890", "1e-5"] {
            assert_eq!(parse(json), Ok(None), "{json}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for json in [
            "\"\"",
            "\"12,50\"",
            "\" 1\"",
            "\"1.\"",
            "\".5\"",
            "\"+1\"",
            "\"0x10\"",
            "\"NaN\"",
            "\"1e\"",
            "\"007\"",
            "\"--1\"",
            "null",
            "true",
            "[1]",
            "{}",
            "\"1.2.3\"",
            "\"١\"",
        ] {
            assert_eq!(parse(json), Err(NoNumber), "{json}");
        }
    }
}
