//! The JSON of Clarity, as sent: shapes only. Whether values are allowed is checked in `convert`.

use crate::number;
use crossdock_flow::{Decimal, order};
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Unexpected, Visitor},
};
use serde_json::value::RawValue;
use std::fmt;

/// The most custom fields that one object may have.
pub(super) const MAX_FIELDS: usize = 256;

#[derive(Deserialize)]
pub(super) struct Event<D> {
    #[serde(rename = "type")]
    pub kind: Text,
    pub timestamp: Option<Moment>,
    pub data: D,
}

/// What the door needs of `data`, and what tells a thin event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head {
    pub order_id: Text,
    pub version: Option<Number>,
    pub updated_at: Option<Moment>,
    pub line_items: Option<IgnoredAny>,
}

/// What the list needs of an order. What can be wrong in an order that is listed all the same is read later.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row<'a> {
    pub order_id: Text,
    pub version: Option<Number>,
    #[serde(borrow)]
    pub updated_at: Option<&'a RawValue>,
    #[serde(borrow)]
    pub order_date: Option<&'a RawValue>,
    #[serde(borrow)]
    pub status: Option<&'a RawValue>,
}

/// Tells an event from a bare order.
#[derive(Deserialize)]
pub(super) struct Shape {
    pub data: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    pub order_id: Text,
    pub version: Option<Number>,
    pub status: Text,
    pub order_date: Moment,
    pub updated_at: Option<Moment>,
    pub currency: Text,
    pub customer_id: Text,
    pub customer: Option<Customer>,
    #[serde(default)]
    pub customer_segment: Text,
    pub shipping_address: Address,
    pub billing_address: Address,
    pub line_items: Vec<Line>,
    pub shipping: Option<Shipping>,
    pub discount_amount: Option<Number>,
    pub total_amount: Number,
    pub payment_info: Payment,
    pub custom_fields: Option<Fields>,
    pub tags: Option<Vec<Text>>,
}

#[derive(Deserialize)]
pub(super) struct Customer {
    #[serde(default)]
    pub segment: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub(super) struct Address {
    pub name: Text,
    pub company: Text,
    pub line1: Text,
    pub line2: Text,
    pub city: Text,
    pub region: Text,
    pub postal_code: Text,
    pub country: Text,
    pub phone: Text,
    pub email: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    pub line_id: Text,
    pub sku: Text,
    #[serde(default)]
    pub name: Text,
    #[serde(default)]
    pub product_type: Text,
    pub quantity: Number,
    pub unit_price: Number,
    pub discount_amount: Option<Number>,
    pub tax_rate: Number,
    pub tax_amount: Number,
    pub line_total: Number,
    pub custom_fields: Option<Fields>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shipping {
    #[serde(default)]
    pub method: Text,
    pub amount: Number,
    pub tax_rate: Option<Number>,
    pub tax_amount: Option<Number>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payment {
    pub method: Text,
    #[serde(default)]
    pub status: Text,
    #[serde(default)]
    pub transaction_id: Text,
    pub amount: Number,
}

/// A text. Whole numbers are taken as their digits, because shops write ids either way; `null` is empty.
#[derive(Default)]
pub(super) struct Text(pub String);

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
pub(super) struct Number(pub Option<Decimal>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        number::exact(json).map(Number).map_err(|_| wrong(json, "a number"))
    }
}

/// A time with its offset.
pub(super) struct Moment(pub order::Instant);

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
pub(super) struct Fields(pub Vec<(String, Custom)>);

/// A custom field's value; a number that no canonical order can hold is `Number(None)`.
pub(super) enum Custom {
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
