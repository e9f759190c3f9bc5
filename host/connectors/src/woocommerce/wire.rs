//! The JSON of WooCommerce's orders, as its REST API (v3) writes it: shapes only. Whether values are allowed is checked in
//! `convert`; what is not named here is not looked at.

use crate::scalar::{Number, Text};
use jiff::{Timestamp, civil::DateTime, tz::Offset};
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, Unexpected, Visitor},
};
use serde_json::value::RawValue;
use std::fmt;

/// What the door needs, and what tells an event that carries no order; and what the list needs of an order.
#[derive(Deserialize)]
pub(super) struct Head {
    #[serde(default)]
    pub id: Text,
    #[serde(default)]
    pub status: Text,
    pub date_created_gmt: Option<Local>,
    pub date_modified_gmt: Option<Local>,
    pub line_items: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct Order<'a> {
    pub id: Text,
    #[serde(default)]
    pub number: Text,
    pub status: Text,
    pub currency: Text,
    pub date_created: Option<Local>,
    pub date_created_gmt: Local,
    pub date_modified_gmt: Option<Local>,
    pub date_paid_gmt: Option<Local>,
    #[serde(default)]
    pub customer_id: Text,
    #[serde(default)]
    pub customer_note: Text,
    pub billing: Address,
    pub shipping: Address,
    #[serde(default)]
    pub payment_method: Text,
    #[serde(default)]
    pub transaction_id: Text,
    #[serde(borrow)]
    pub line_items: Vec<Line<'a>>,
    pub shipping_lines: Option<Vec<Shipping>>,
    pub fee_lines: Option<Vec<Fee>>,
    pub tax_lines: Option<Vec<Rate>>,
    pub total: Number,
    pub total_tax: Option<Number>,
    #[serde(borrow)]
    pub meta_data: Option<Vec<Meta<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Address {
    pub first_name: Text,
    pub last_name: Text,
    pub company: Text,
    pub address_1: Text,
    pub address_2: Text,
    pub city: Text,
    pub state: Text,
    pub postcode: Text,
    pub country: Text,
    pub email: Text,
    pub phone: Text,
}

#[derive(Deserialize)]
pub(super) struct Line<'a> {
    pub id: Text,
    #[serde(default)]
    pub name: Text,
    #[serde(default)]
    pub sku: Text,
    pub quantity: Number,
    pub subtotal: Number,
    pub total: Number,
    pub total_tax: Number,
    pub taxes: Option<Vec<Taxed>>,
    #[serde(borrow)]
    pub meta_data: Option<Vec<Meta<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct Shipping {
    #[serde(default)]
    pub method_title: Text,
    pub total: Number,
    pub total_tax: Number,
    pub taxes: Option<Vec<Taxed>>,
}

#[derive(Deserialize)]
pub(super) struct Fee {
    pub id: Text,
    #[serde(default)]
    pub name: Text,
    pub total: Number,
    pub total_tax: Number,
    pub taxes: Option<Vec<Taxed>>,
}

/// A rate that a line may be taxed with; its `total` is empty where it is not.
#[derive(Deserialize)]
pub(super) struct Taxed {
    pub id: Text,
    #[serde(default)]
    pub total: Text,
}

/// A rate of the order: in percent, from WooCommerce 3.7 on.
#[derive(Deserialize)]
pub(super) struct Rate {
    pub rate_id: Text,
    pub rate_percent: Option<Number>,
}

#[derive(Deserialize)]
pub(super) struct Meta<'a> {
    #[serde(default)]
    pub key: Text,
    #[serde(borrow)]
    pub value: Option<&'a RawValue>,
}

/// A time without its offset, as WordPress writes all of them.
#[derive(Clone, Copy)]
pub(super) struct Local(pub DateTime);

impl Local {
    /// The instant, of a time that is in GMT. `None` at the ends of time.
    pub(super) fn gmt(self) -> Option<Timestamp> {
        Offset::UTC.to_timestamp(self.0).ok()
    }
}

impl<'de> Deserialize<'de> for Local {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Local, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Local;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time without an offset, such as 2026-11-23T15:00:00")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Local, E> {
                // An offset would say that it is another time than the field's name does.
                let pieces = jiff::fmt::temporal::Pieces::parse(text).ok().filter(|pieces| pieces.to_numeric_offset().is_none());
                let local = pieces.and_then(|pieces| Some(DateTime::from_parts(pieces.date(), pieces.time()?)));
                local.map(Local).ok_or_else(|| E::invalid_type(Unexpected::Other("another text"), &self))
            }
        }
        deserializer.deserialize_str(Reader)
    }
}
