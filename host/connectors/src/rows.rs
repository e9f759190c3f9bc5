//! What the lists and look-ups of both partners have in common when goods and people are kept alike: rows with their own
//! bytes, key, version, time and stamp. Pure.

use crate::http::{self, unreadable};
use crossdock_flow::{
    Code, Fault,
    order::Instant,
    sync::peer::News,
    target::{Busy, Page},
};
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// How a partner's row says what it is.
pub(crate) struct Names {
    /// The list in an answer: `products`.
    pub(crate) list: &'static str,
    /// The fields of the key, joined by `@`.
    pub(crate) key: &'static [&'static str],
    /// The field of the time of the change, RFC 3339.
    pub(crate) changed_at: &'static str,
    /// The field of the version, where there is one.
    pub(crate) version: &'static str,
    /// The field of the stamp, where there is one.
    pub(crate) origin: &'static str,
}

type Fields<'a> = BTreeMap<&'a str, &'a RawValue>;

/// Reads one row. `None` when it cannot be told what it is or when it was changed.
fn row(names: &Names, json: &RawValue) -> Option<News> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Row<'a>(#[serde(borrow)] Fields<'a>);
    let Row(fields) = serde_json::from_str(json.get()).ok()?;
    let text = |name: &str| {
        let json = fields.get(name)?.get();
        let text = serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned());
        Some(text.trim().to_owned()).filter(|text| !text.is_empty() && text != "null")
    };
    let keys: Option<Vec<String>> = names.key.iter().map(|name| text(name)).collect();
    let changed_at: Timestamp = text(names.changed_at)?.parse().ok()?;
    let version = match text(names.version) {
        Some(version) => version.parse().ok()?,
        None => changed_at.as_microsecond(),
    };
    Some(News { key: keys?.join("@"), version, changed_at, origin: text(names.origin).unwrap_or_default(), body: json.get().as_bytes().to_vec() })
}

/// Reads a page of a list; `page` is what it was asked with. Fails with E405 for a row that cannot be told: silence about it
/// would look like "not there".
pub(crate) fn page(partner: &str, names: &Names, body: &[u8], page: Option<&str>) -> Result<Page<News>, Busy> {
    let broken = || unreadable(partner, names.list);
    let fields: BTreeMap<String, &RawValue> = serde_json::from_slice(body).map_err(|_| broken())?;
    // Partners answer 200 with an error inside, too.
    if fields.get("error").is_some_and(|error| error.get() != "null") {
        return Err(broken());
    }
    let rows: Vec<&RawValue> = fields.get(names.list).and_then(|rows| serde_json::from_str(rows.get()).ok()).ok_or_else(broken)?;
    let rows = rows.into_iter().map(|json| row(names, json).ok_or_else(|| unreadable(partner, &format!("a row of {}", names.list))));
    let next: Option<String> = fields.get("next").and_then(|next| serde_json::from_str(next.get()).ok()).flatten();
    Ok(Page { rows: rows.collect::<Result<_, _>>()?, next: http::next(partner, page, next)? })
}

/// Reads an answer that is one row.
pub(crate) fn one(partner: &str, names: &Names, body: &[u8]) -> Result<News, Busy> {
    let json: Option<&RawValue> = serde_json::from_slice(body).ok();
    json.and_then(|json| row(names, json)).ok_or_else(|| unreadable(partner, names.list))
}

/// Reads a body into a shape, naming where it does not fit. Fails with E201.
pub(crate) fn shape<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    borrowed(body)
}

/// As [`shape`], of what stays in the body.
pub(crate) fn borrowed<'b, T: Deserialize<'b>>(body: &'b [u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| {
        // Never the value: it may be a customer's.
        Fault::new(Code::Malformed, format!("it cannot be read: {:?} error at column {}", error.classify(), error.column()))
    })
}

/// Encodes a shape. Fails with E699.
pub(crate) fn bytes(shape: &impl serde::Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(shape).map_err(|error| Fault::new(Code::Internal, format!("it cannot be written: {error}")))
}

/// Reads a time with its offset. Fails with E202.
pub(crate) fn instant(text: &str) -> Result<Instant, Fault> {
    let read = || {
        let pieces = jiff::fmt::temporal::Pieces::parse(text).ok()?;
        let offset = pieces.to_numeric_offset()?;
        let at = offset.to_timestamp(jiff::civil::DateTime::from_parts(pieces.date(), pieces.time()?)).ok()?;
        Some(Instant { at, offset_minutes: i16::try_from(offset.seconds() / 60).ok()? })
    };
    read().ok_or_else(|| Fault::new(Code::InvalidField, "a time with its offset is needed, such as 2026-11-23T10:00:00-05:00"))
}

/// Writes a time as RFC 3339 with its offset.
pub(crate) fn moment(instant: Instant) -> String {
    let offset = jiff::tz::Offset::from_seconds(i32::from(instant.offset_minutes) * 60).unwrap_or(jiff::tz::Offset::UTC);
    instant.at.display_with_offset(offset).to_string()
}
