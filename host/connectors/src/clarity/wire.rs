//! The JSON of Clarity, as sent: shapes only. Whether values are allowed is checked in `convert`.

use crate::scalar::{Fields, Moment, Number, Text};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

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
