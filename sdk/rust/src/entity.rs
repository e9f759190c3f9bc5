//! Customers and products on their way from one side to the other, as plain Rust values.

use crate::{Account, Address, Decimal, EditError, Field, Item, Price, ShipTo, Side, Value, backing};
use std::fmt;

/// A customer on its way from one side to the other. Web id, number, e-mail and currency are what both sides know it by:
/// they cannot be set ([`EditError::NotAllowed`]).
pub struct Customer {
    pub(crate) record: backing::Customer,
}

impl Customer {
    pub(crate) fn new(record: backing::Customer) -> Customer {
        Customer { record }
    }

    /// The side that it comes from; it goes to the other one.
    pub fn comes_from(&self) -> Side {
        self.record.comes_from()
    }

    /// What is true of the whole customer, with the edits made so far.
    pub fn account(&self) -> Account {
        self.record.account()
    }

    /// Where invoices go.
    pub fn billing_address(&self) -> Address {
        self.record.billing_address()
    }

    /// Where goods go. The first is the usual one.
    pub fn ship_to(&self) -> Vec<ShipTo> {
        self.record.ship_to()
    }

    /// The custom fields, in the side's order.
    pub fn fields(&self) -> Vec<Field> {
        self.record.fields()
    }

    /// One custom field; `None` when there is none of this name.
    pub fn field(&self, name: &str) -> Option<Value> {
        self.record.field(name)
    }

    /// Sets a part: the texts `company`, `contact`, `phone`, `segment`, `terms`, `price-list` and `tax-code`, the number
    /// `credit-limit` ([`Value::Empty`] for none), or `standing`, one of the texts `active`, `on-hold` and `closed`.
    pub fn set(&mut self, part: &str, value: impl Into<Value>, reason: &str) -> Result<(), EditError> {
        self.record.set(part, &value.into(), reason)
    }

    /// Sets the whole address that invoices go to.
    pub fn set_billing_address(&mut self, address: &Address, reason: &str) -> Result<(), EditError> {
        self.record.set_billing_address(address, reason)
    }

    /// Sets the whole of an address that goods go to, or adds it; [`Address::default`] takes it away.
    pub fn set_ship_to(&mut self, code: &str, address: &Address, reason: &str) -> Result<(), EditError> {
        self.record.set_ship_to(code, address, reason)
    }

    /// Sets or adds a custom field; [`Value::Empty`] removes it.
    pub fn set_field(&mut self, name: &str, value: impl Into<Value>, reason: &str) -> Result<(), EditError> {
        self.record.set_field(name, &value.into(), reason)
    }

    /// What was edited so far, in order.
    #[cfg(not(target_family = "wasm"))]
    pub fn changes(&self) -> Vec<crate::sample::Change> {
        self.record.changes()
    }
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customer").finish_non_exhaustive()
    }
}

/// A product on its way from the ERP to the shop. Its SKU cannot be set ([`EditError::NotAllowed`]).
pub struct Product {
    pub(crate) record: backing::Product,
}

impl Product {
    pub(crate) fn new(record: backing::Product) -> Product {
        Product { record }
    }

    /// What is true of the whole product, with the edits made so far.
    pub fn item(&self) -> Item {
        self.record.item()
    }

    /// Its prices.
    pub fn prices(&self) -> Vec<Price> {
        self.record.prices()
    }

    /// The custom fields, in the ERP's order.
    pub fn fields(&self) -> Vec<Field> {
        self.record.fields()
    }

    /// One custom field; `None` when there is none of this name.
    pub fn field(&self, name: &str) -> Option<Value> {
        self.record.field(name)
    }

    /// Sets a part: the texts `name`, `description`, `product-type` and `tax-class`, or the flag `is-sold`.
    pub fn set(&mut self, part: &str, value: impl Into<Value>, reason: &str) -> Result<(), EditError> {
        self.record.set(part, &value.into(), reason)
    }

    /// Sets the price of a currency, list and quantity, or adds it.
    pub fn set_price(&mut self, price: &Price, reason: &str) -> Result<(), EditError> {
        self.record.set_price(price, reason)
    }

    /// Takes a price away: that of this currency, list and quantity. One that is not there changes nothing.
    pub fn remove_price(&mut self, currency: &str, price_list: &str, from_units: Decimal, reason: &str) -> Result<(), EditError> {
        self.record.remove_price(currency, price_list, from_units, reason)
    }

    /// Sets or adds a custom field; [`Value::Empty`] removes it.
    pub fn set_field(&mut self, name: &str, value: impl Into<Value>, reason: &str) -> Result<(), EditError> {
        self.record.set_field(name, &value.into(), reason)
    }

    /// What was edited so far, in order.
    #[cfg(not(target_family = "wasm"))]
    pub fn changes(&self) -> Vec<crate::sample::Change> {
        self.record.changes()
    }
}

impl fmt::Debug for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Product").field("item", &self.item()).finish_non_exhaustive()
    }
}
