//! The JSON of Shopify's orders, as the REST Admin API writes it: shapes only. Whether values are allowed is checked in
//! `convert`; what is not named here is not looked at.

use crate::scalar::{Custom, Moment, Number, Text};
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny},
};
use serde_json::value::RawValue;

/// What the door needs, and what tells an event that carries no order.
#[derive(Deserialize)]
pub(super) struct Head {
    pub id: Option<Text>,
    pub created_at: Option<Moment>,
    pub updated_at: Option<Moment>,
    pub cancelled_at: Option<Moment>,
    pub line_items: Option<IgnoredAny>,
    pub order_edit: Option<Edit>,
}

/// The body of `orders/edited`.
#[derive(Deserialize)]
pub(super) struct Edit {
    pub order_id: Text,
    pub created_at: Moment,
}

/// What the list needs of an order.
#[derive(Deserialize)]
pub(super) struct Row<'a> {
    pub id: Text,
    pub updated_at: Moment,
    #[serde(borrow)]
    pub cancelled_at: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Order {
    pub id: Text,
    #[serde(default)]
    pub name: Text,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub cancelled_at: Option<Moment>,
    pub closed_at: Option<Moment>,
    pub currency: Text,
    pub presentment_currency: Option<Text>,
    pub customer: Option<Customer>,
    #[serde(default)]
    pub email: Text,
    #[serde(default)]
    pub note: Text,
    #[serde(default)]
    pub tags: Text,
    #[serde(default)]
    pub taxes_included: bool,
    pub billing_address: Option<Address>,
    pub shipping_address: Option<Address>,
    #[serde(default)]
    pub financial_status: Text,
    pub payment_gateway_names: Option<Vec<Text>>,
    pub line_items: Vec<Line>,
    pub shipping_lines: Option<Vec<Shipping>>,
    pub subtotal_price: Option<Number>,
    pub total_discounts: Option<Number>,
    pub total_tax: Option<Number>,
    pub total_price: Number,
    pub total_price_set: Option<MoneySet>,
    pub total_outstanding: Option<Number>,
    pub current_total_price: Option<Number>,
    pub original_total_duties_set: Option<MoneySet>,
    pub refunds: Option<Vec<Refund>>,
    pub note_attributes: Option<Vec<Attribute>>,
}

#[derive(Deserialize)]
pub(super) struct Customer {
    #[serde(default)]
    pub id: Text,
    pub default_address: Option<Address>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Address {
    pub name: Text,
    pub company: Text,
    pub address1: Text,
    pub address2: Text,
    pub city: Text,
    pub province: Text,
    pub province_code: Text,
    pub zip: Text,
    pub country_code: Text,
    pub phone: Text,
}

#[derive(Deserialize)]
pub(super) struct Line {
    pub id: Text,
    #[serde(default)]
    pub sku: Text,
    #[serde(default)]
    pub name: Text,
    #[serde(default)]
    pub title: Text,
    pub quantity: Number,
    pub price: Number,
    #[serde(default)]
    pub gift_card: bool,
    #[serde(default)]
    pub fulfillment_status: Text,
    pub discount_allocations: Option<Vec<Allocation>>,
    pub tax_lines: Option<Vec<Tax>>,
    pub properties: Option<Vec<Attribute>>,
    /// There on tips only, also as `null`.
    #[serde(default)]
    pub tip_payment_gateway: Mark,
}

#[derive(Deserialize)]
pub(super) struct Shipping {
    #[serde(default)]
    pub title: Text,
    pub price: Number,
    #[serde(default)]
    pub is_removed: bool,
    pub discount_allocations: Option<Vec<Allocation>>,
    pub tax_lines: Option<Vec<Tax>>,
}

#[derive(Deserialize)]
pub(super) struct Allocation {
    pub amount: Number,
}

#[derive(Deserialize)]
pub(super) struct Tax {
    pub price: Number,
    pub rate: Option<Number>,
}

#[derive(Deserialize)]
pub(super) struct Refund {
    pub refund_line_items: Option<Vec<RefundLine>>,
    pub order_adjustments: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
pub(super) struct RefundLine {
    pub line_item_id: Text,
    pub quantity: Number,
    pub subtotal: Number,
    pub total_tax: Number,
    #[serde(default)]
    pub restock_type: Text,
}

#[derive(Deserialize)]
pub(super) struct MoneySet {
    pub shop_money: Option<Money>,
    pub presentment_money: Option<Money>,
}

#[derive(Deserialize)]
pub(super) struct Money {
    pub amount: Number,
}

#[derive(Deserialize)]
pub(super) struct Attribute {
    #[serde(default)]
    pub name: Text,
    #[serde(default)]
    pub value: Attached,
}

/// The value of an attribute. Apps hide whole objects under names that nobody sees.
#[derive(Clone)]
pub(super) enum Attached {
    Shown(Custom),
    Nested,
}

impl Default for Attached {
    fn default() -> Attached {
        Attached::Shown(Custom::Empty)
    }
}

impl<'de> Deserialize<'de> for Attached {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Attached, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?;
        match json.get().starts_with(['{', '[']) {
            true => Ok(Attached::Nested),
            false => Custom::deserialize(json).map(Attached::Shown).map_err(|_| D::Error::custom("a text, a number or a boolean was expected")),
        }
    }
}

/// Whether a field is there at all, whatever it holds.
#[derive(Default)]
pub(super) struct Mark(pub bool);

impl<'de> Deserialize<'de> for Mark {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Mark, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Mark(true))
    }
}
