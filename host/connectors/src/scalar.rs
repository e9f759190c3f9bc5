//! The single values of a shop's JSON, as every shop writes them: shapes only. Numbers are exact, and what is wrong is told
//! by its kind and never quoted, for it may be a customer's.

use crate::number;
use crossdock_flow::{Decimal, order};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Unexpected, Visitor},
};
use serde_json::value::RawValue;
use std::fmt;

/// The most custom fields that one object may have.
pub(crate) const MAX_FIELDS: usize = 256;

/// A text. Whole numbers are taken as their digits, because shops write ids either way; `null` is empty.
#[derive(Default)]
pub(crate) struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }
            fn visit_unit<E: Error>(self) -> Result<Text, E> {
                Ok(Text::default())
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// An exact number; `None` when it has too many digits to be counted in. Whether it fits its field is checked there.
#[derive(Clone, Copy)]
pub(crate) struct Number(pub Option<Decimal>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        number::exact(json).map(Number).map_err(|_| wrong(json, "a number"))
    }
}

/// A time with its offset.
#[derive(Clone, Copy)]
pub(crate) struct Moment(pub order::Instant);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Moment, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Moment;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time with its offset, such as 2026-11-23T10:00:00-05:00")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Moment, E> {
                moment(text).map(Moment).ok_or_else(|| E::invalid_type(Unexpected::Other("another text"), &self))
            }
        }
        deserializer.deserialize_str(Reader)
    }
}

fn moment(text: &str) -> Option<order::Instant> {
    let pieces = jiff::fmt::temporal::Pieces::parse(text).ok()?;
    let offset = pieces.to_numeric_offset()?;
    let at = offset.to_timestamp(jiff::civil::DateTime::from_parts(pieces.date(), pieces.time()?)).ok()?;
    Some(order::Instant { at, offset_minutes: i16::try_from(offset.seconds() / 60).ok()? })
}

/// Custom fields in the order in which they came: up to [`MAX_FIELDS`] and one, so that too many can be told.
#[derive(Default)]
pub(crate) struct Fields(pub Vec<(String, Custom)>);

/// A custom field's value; a number that no canonical order can hold is `Number(None)`.
#[derive(Clone)]
pub(crate) enum Custom {
    Text(String),
    Number(Option<Decimal>),
    Flag(bool),
    Empty,
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Fields;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts, numbers and booleans")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    if fields.len() <= MAX_FIELDS {
                        fields.push(field);
                    }
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

impl<'de> Deserialize<'de> for Custom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Custom, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        match json.as_bytes().first() {
            Some(b'"') => serde_json::from_str(json).map(Custom::Text).map_err(|_| wrong(json, "a text of valid characters")),
            Some(b't') => Ok(Custom::Flag(true)),
            Some(b'f') => Ok(Custom::Flag(false)),
            Some(b'n') => Ok(Custom::Empty),
            _ => number::parse(json).map(Custom::Number).map_err(|_| wrong(json, "a text, a number or a boolean")),
        }
    }
}

/// Names the kind of what was there, never the value: it may be a customer's.
fn wrong<E: Error>(json: &str, expected: &'static str) -> E {
    let kind = match json.as_bytes().first() {
        Some(b'"') => "another text",
        Some(b'[') => "a list",
        Some(b'{') => "an object",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "something else",
    };
    E::invalid_type(Unexpected::Other(kind), &expected)
}
