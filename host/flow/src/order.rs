//! The canonical order: what every shop's order becomes at the door, and what every rule and mapping reads.
//! Amounts are exact decimals that passed [`crate::money::fit`]; the sums have been checked by [`crate::sum::check`].

use crate::{
    fault::{Code, Fault, shorten},
    money::{Currency, Decimal},
};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// The shop's own number for an order. Never empty, no control characters, at most 64 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrderNumber(Arc<str>);

impl OrderNumber {
    /// Parses a number. Fails with E202.
    pub fn parse(text: &str) -> Result<OrderNumber, Fault> {
        let text = text.trim();
        if text.is_empty() || text.len() > 64 || text.chars().any(char::is_control) {
            return Err(Fault::new(Code::InvalidField, format!("`{}` is no order number: 1 to 64 printable characters", shorten(text))));
        }
        Ok(OrderNumber(text.into()))
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for OrderNumber {
    type Error = Fault;
    fn try_from(text: String) -> Result<OrderNumber, Fault> {
        OrderNumber::parse(&text)
    }
}

impl From<OrderNumber> for String {
    fn from(number: OrderNumber) -> String {
        number.0.to_string()
    }
}

/// A point in time and the offset at which its sender wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Instant {
    /// The instant.
    pub at: jiff::Timestamp,
    /// Minutes east of UTC.
    pub offset_minutes: i16,
}

impl Instant {
    /// An instant written in UTC.
    pub fn utc(at: jiff::Timestamp) -> Instant {
        Instant { at, offset_minutes: 0 }
    }
}

/// The value of a custom field or of a document field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// Text.
    Text(String),
    /// An exact number.
    Number(Decimal),
    /// Yes or no.
    Flag(bool),
    /// Nothing.
    Empty,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Number(number) => number.fmt(f),
            Value::Flag(flag) => flag.fmt(f),
            Value::Empty => Ok(()),
        }
    }
}

/// A named value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The name, unique within its list.
    pub name: Arc<str>,
    /// The value.
    pub value: Value,
}

/// Finds a field by name.
pub fn find<'f>(fields: &'f [Field], name: &str) -> Option<&'f Value> {
    fields.iter().find(|field| &*field.name == name).map(|field| &field.value)
}

/// Sets, adds or (with [`Value::Empty`]) removes a field; returns what was there before.
pub fn put(fields: &mut Vec<Field>, name: &str, value: Value) -> Option<Value> {
    let place = fields.iter().position(|field| &*field.name == name);
    match (place, value) {
        (Some(place), Value::Empty) => Some(fields.remove(place).value),
        (Some(place), value) => Some(std::mem::replace(&mut fields[place].value, value)),
        (None, Value::Empty) => None,
        (None, value) => {
            fields.push(Field { name: name.into(), value });
            None
        }
    }
}

/// A postal address; unknown parts are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Address {
    /// Person.
    pub name: String,
    /// Company.
    pub company: String,
    /// First line.
    pub line1: String,
    /// Second line.
    pub line2: String,
    /// City.
    pub city: String,
    /// State, province or county, as the shop writes it.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: String,
    /// Phone.
    pub phone: String,
    /// E-mail.
    pub email: String,
}

/// Who orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Customer {
    /// The shop's id of the customer, which the ERP knows too.
    pub id: String,
    /// The merchant's segment, for example `wholesale`; may be empty.
    pub segment: String,
}

/// How the customer pays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Payment {
    /// For example `card`, `on-account`.
    pub method: String,
    /// For example `authorized`, `captured`.
    pub status: String,
    /// The gateway's id; may be empty.
    pub transaction_id: String,
    /// What was authorized or captured.
    pub amount: Decimal,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Line {
    /// The shop's id of the line.
    pub id: String,
    /// Stock keeping unit.
    pub sku: String,
    /// The article's name.
    pub name: String,
    /// For example `apparel`; may be empty.
    pub product_type: String,
    /// Units, more than zero.
    pub quantity: Decimal,
    /// Price of one unit, without tax, before discount; zero or more.
    pub unit_price: Decimal,
    /// Discount on the whole line, zero or more.
    pub discount: Decimal,
    /// Tax rate as a fraction, 0 to 1.
    pub tax_rate: Decimal,
    /// Tax of the line.
    pub tax: Decimal,
    /// quantity × unit price, rounded, − discount.
    pub total: Decimal,
    /// Custom fields of the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// Shipping as the shop sold it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Shipping {
    /// The method's name or code; may be empty.
    pub method: String,
    /// Price without tax.
    pub amount: Decimal,
    /// Tax rate as a fraction.
    pub tax_rate: Decimal,
    /// Tax on shipping.
    pub tax: Decimal,
}

/// The canonical order.
///
/// The sum rule holds at all times: Σ `lines[].total` − `discount` + `shipping.amount` + Σ `lines[].tax` +
/// `shipping.tax` = `total`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Order {
    /// The shop's number.
    pub number: OrderNumber,
    /// The shop's version of the order: higher is newer. Milliseconds of its update time when it sends no version.
    pub version: i64,
    /// The shop's status.
    pub status: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// When it was placed.
    pub ordered_at: Instant,
    /// Who orders.
    pub customer: Customer,
    /// Where the invoice goes.
    pub billing: Address,
    /// Where the goods go.
    pub shipping_to: Address,
    /// How it is paid.
    pub payment: Payment,
    /// The lines, at least one.
    pub lines: Vec<Line>,
    /// Shipping.
    pub shipping: Shipping,
    /// Discount on the whole order, zero or more.
    pub discount: Decimal,
    /// What the customer owes.
    pub total: Decimal,
    /// Custom fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// Tags, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl Order {
    /// Sum of the lines' totals.
    pub fn subtotal(&self) -> Decimal {
        self.lines.iter().map(|line| line.total).sum()
    }

    /// All tax, of the lines and of shipping.
    pub fn tax(&self) -> Decimal {
        self.lines.iter().map(|line| line.tax).sum::<Decimal>() + self.shipping.tax
    }
}
