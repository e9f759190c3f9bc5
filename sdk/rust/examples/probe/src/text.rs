//! How values are written in the probe's log.

use crossdock_sdk::{Address, Decimal, EditError, Instant, Value};

/// A decimal without trailing zeros behind the point.
pub(crate) fn plain(number: Decimal) -> String {
    number.normalize().to_string()
}

pub(crate) fn value(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("text:{text}"),
        Value::Number(number) => format!("number:{}", plain(*number)),
        Value::Flag(flag) => format!("flag:{flag}"),
        Value::Empty => "-".into(),
    }
}

pub(crate) fn instant(instant: Instant) -> String {
    format!("{}@{}", instant.unix_ms, instant.offset_minutes)
}

pub(crate) fn address(which: &str, of: &Address) -> String {
    format!(
        "{which} name={}|company={}|line1={}|line2={}|city={}|region={}|postal-code={}|country={}|phone={}|email={}",
        of.name, of.company, of.line1, of.line2, of.city, of.region, of.postal_code, of.country, of.phone, of.email
    )
}

pub(crate) fn comma(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(",")
}

/// What became of an edit that may be refused.
pub(crate) fn outcome(of: Result<(), EditError>) -> &'static str {
    match of {
        Ok(()) => "taken",
        Err(EditError::NoSuchLine(_)) => "refused no-such-line",
        Err(EditError::ReadOnly) => "refused read-only",
        Err(EditError::OutOfRange(_)) => "refused out-of-range",
        Err(EditError::Invalid(_)) => "refused invalid",
        Err(EditError::NotAllowed(_)) => "refused not-allowed",
    }
}
