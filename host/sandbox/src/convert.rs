//! Numbers, texts and values between the canonical model and the contract. Numbers that do not fit never pass silently.

use crate::{bindings::types as wit, meter::Stop};
use crossdock_flow::{
    Decimal,
    edit::Refusal,
    hook::{Context, Verdict},
    order::{Field, Instant, Value},
};
use wasmtime::{Error, Result};

/// Units lie within ±(2^53 − 1), so that JavaScript guests read them exactly.
const MOST_UNITS: i64 = (1 << 53) - 1;
/// Most digits after the point.
const MOST_SCALE: u8 = 9;
/// The longest text of a plugin that the host keeps as a reason or message, in bytes.
pub(crate) const MOST_TEXT: usize = 500;

/// A number for the guest. Canonical numbers always fit; a sum or a mapped number may not.
pub(crate) fn decimal(number: Decimal) -> Result<wit::Decimal> {
    let fits = |number: Decimal| {
        let units = i64::try_from(number.mantissa()).ok().filter(|units| units.abs() <= MOST_UNITS)?;
        let scale = u8::try_from(number.scale()).ok().filter(|scale| *scale <= MOST_SCALE)?;
        Some(wit::Decimal { units, scale })
    };
    fits(number).or_else(|| fits(number.normalize())).ok_or_else(|| Error::new(Stop::Number))
}

/// A column of numbers for the guest, all at the largest scale among them.
pub(crate) fn decimals<'n>(numbers: impl Iterator<Item = &'n Decimal> + Clone) -> Result<wit::Decimals> {
    let scale = numbers.clone().map(Decimal::scale).max().unwrap_or(0);
    let mut units = Vec::with_capacity(numbers.size_hint().0);
    for number in numbers {
        let value = if number.scale() == scale {
            // Nearly always: the numbers of a column are written alike.
            i64::try_from(number.mantissa()).ok()
        } else {
            // At most 28 digits, so the power fits; the product is checked by try_from.
            let power = 10i128.pow(scale - number.scale());
            number.mantissa().checked_mul(power).and_then(|units| i64::try_from(units).ok())
        };
        units.push(value.filter(|units| units.abs() <= MOST_UNITS).ok_or_else(|| Error::new(Stop::Number))?);
    }
    let scale = u8::try_from(scale).ok().filter(|scale| *scale <= MOST_SCALE).ok_or_else(|| Error::new(Stop::Number))?;
    Ok(wit::Decimals { scale, units })
}

/// A number from the guest, or a sentence that says why it is out of range.
pub(crate) fn read_decimal(number: wit::Decimal) -> Result<Decimal, String> {
    if number.scale > MOST_SCALE {
        return Err(format!("a scale of {} is over {MOST_SCALE}", number.scale));
    }
    if !(-MOST_UNITS..=MOST_UNITS).contains(&number.units) {
        return Err("units are beyond ±(2^53 − 1)".into());
    }
    Ok(Decimal::new(number.units, number.scale.into()))
}

/// A column of numbers from the guest.
pub(crate) fn read_decimals(column: &wit::Decimals) -> Result<Vec<Decimal>, String> {
    let scale = column.scale;
    column.units.iter().map(|&units| read_decimal(wit::Decimal { units, scale })).collect()
}

/// A value for the guest.
pub(crate) fn value(value: &Value) -> Result<wit::Value> {
    Ok(match value {
        Value::Text(text) => wit::Value::Text(text.clone()),
        Value::Number(number) => wit::Value::Number(decimal(*number)?),
        Value::Flag(flag) => wit::Value::Flag(*flag),
        Value::Empty => wit::Value::Empty,
    })
}

/// A value from the guest; `name` stands in the refusal.
pub(crate) fn read_value(name: &str, value: wit::Value) -> Result<Value, wit::EditError> {
    Ok(match value {
        wit::Value::Text(text) => Value::Text(text),
        wit::Value::Number(number) => Value::Number(read_decimal(number).map_err(|why| wit::EditError::OutOfRange(format!("{}: {why}", cut(name))))?),
        wit::Value::Flag(flag) => Value::Flag(flag),
        wit::Value::Empty => Value::Empty,
    })
}

/// Fields for the guest.
pub(crate) fn fields(fields: &[Field]) -> Result<Vec<wit::Field>> {
    fields.iter().map(|field| Ok(wit::Field { name: field.name.to_string(), value: value(&field.value)? })).collect()
}

/// Bytes that a value moves.
pub(crate) fn weigh_value(value: &Value) -> usize {
    16 + if let Value::Text(text) = value { text.len() } else { 0 }
}

/// Bytes that fields move.
pub(crate) fn weigh_fields(fields: &[Field]) -> usize {
    fields.iter().map(|field| field.name.len() + weigh_value(&field.value)).sum()
}

/// Bytes that a value of the guest moves.
pub(crate) fn weigh_read(value: &wit::Value) -> usize {
    16 + if let wit::Value::Text(text) = value { text.len() } else { 0 }
}

/// A time for the guest.
pub(crate) fn instant(instant: Instant) -> wit::Instant {
    wit::Instant { unix_ms: instant.at.as_millisecond(), offset_minutes: instant.offset_minutes }
}

/// The context for the guest.
pub(crate) fn context(context: &Context) -> wit::Context {
    wit::Context {
        integration: context.integration.to_string(),
        event_id: context.event_id.clone(),
        attempt: context.attempt,
        now: instant(context.now),
    }
}

/// A refusal for the guest.
pub(crate) fn refusal(refusal: Refusal) -> wit::EditError {
    match refusal {
        Refusal::NoSuchLine(line) => wit::EditError::NoSuchLine(line),
        Refusal::OutOfRange(text) => wit::EditError::OutOfRange(text),
        Refusal::Invalid(text) => wit::EditError::Invalid(text),
        Refusal::NotAllowed(text) => wit::EditError::NotAllowed(text),
    }
}

/// A hold from the guest, or a sentence that says what is wrong with it.
pub(crate) fn read_hold(hold: wit::Hold) -> Result<Verdict, String> {
    let until = match hold.until {
        None => None,
        Some(until) if !(-1080..=1080).contains(&until.offset_minutes) => {
            return Err(format!("hold.until: an offset of {} minutes is none of this world", until.offset_minutes));
        }
        Some(until) => Some(jiff::Timestamp::from_millisecond(until.unix_ms).map_err(|_| "hold.until: the time is out of range".to_owned())?),
    };
    Ok(Verdict::Hold { reason: cut(&hold.reason).into(), until })
}

/// Cuts a text of the guest to what the host keeps.
pub(crate) fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST_TEXT)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_cross_exactly() {
        for text in ["0", "-0.5", "19.99", "99999999999.9999", "-99999999999.9999", "1.500000000000"] {
            assert_eq!(read_decimal(decimal(d(text)).unwrap()).unwrap(), d(text));
        }
        assert!(decimal(d("9007199254740992")).is_err());
        assert!(decimal(d("0.0000000001")).is_err());
    }

    #[test]
    fn a_column_has_one_scale() {
        let column = decimals([d("1"), d("2.5"), d("-3.1234")].iter()).unwrap();
        assert_eq!((column.scale, column.units.as_slice()), (4, [10000, 25000, -31234].as_slice()));
        assert_eq!(read_decimals(&column).unwrap(), [d("1"), d("2.5"), d("-3.1234")]);
        let none = decimals([].iter()).unwrap();
        assert_eq!((none.scale, none.units.len()), (0, 0));
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let number = |units, scale| read_decimal(wit::Decimal { units, scale });
        assert_eq!(number(MOST_UNITS, 9).unwrap(), d("9007199.254740991"));
        assert!(number(MOST_UNITS + 1, 0).is_err());
        assert!(number(-MOST_UNITS - 1, 0).is_err());
        assert!(number(i64::MIN, 0).is_err());
        assert!(number(1, 10).is_err());
    }

    #[test]
    fn holds_are_checked() {
        let hold =
            |unix_ms, offset_minutes| read_hold(wit::Hold { reason: "é".repeat(MOST_TEXT), until: Some(wit::Instant { unix_ms, offset_minutes }) });
        assert!(matches!(hold(0, 60), Ok(Verdict::Hold { reason, .. }) if reason.len() == MOST_TEXT));
        assert!(hold(i64::MAX, 0).is_err());
        assert!(hold(0, 1081).is_err());
    }
}
