//! Customers and products held in memory. Edits follow the host's rules, as those on orders do.

use super::{canonical, check_field, check_name, find, put};
use crate::{Account, Address, Decimal, EditError, Field, Item, Price, ShipTo, Side, Standing, Value, sample::Change};
use std::cell::RefCell;

const CUSTOMER_TEXTS: [&str; 7] = ["company", "contact", "phone", "segment", "terms", "price-list", "tax-code"];
const PRODUCT_TEXTS: [&str; 4] = ["name", "description", "product-type", "tax-class"];
const KEYS: [&str; 5] = ["web-id", "number", "email", "currency", "sku"];

/// A customer and what was changed in it.
#[derive(Clone)]
pub(crate) struct Customer(pub(crate) RefCell<CustomerState>);

/// What a [`Customer`] holds.
#[derive(Clone)]
pub(crate) struct CustomerState {
    pub(crate) side: Side,
    pub(crate) account: Account,
    pub(crate) billing: Address,
    pub(crate) ship_to: Vec<ShipTo>,
    pub(crate) fields: Vec<Field>,
    pub(crate) changes: Vec<Change>,
}

impl CustomerState {
    fn record(&mut self, part: &str, before: Value, after: Value, reason: &str) {
        note(&mut self.changes, format!("customer.{part}"), before, after, reason);
    }

    fn record_address(&mut self, place: &str, before: &Address, after: &Address, reason: &str) {
        for ((part, before), (_, after)) in parts(before).into_iter().zip(parts(after)) {
            self.record(&format!("{place}.{part}"), text(before), text(after), reason);
        }
    }
}

impl Customer {
    pub(crate) fn comes_from(&self) -> Side {
        self.0.borrow().side
    }

    pub(crate) fn account(&self) -> Account {
        self.0.borrow().account.clone()
    }

    pub(crate) fn billing_address(&self) -> Address {
        self.0.borrow().billing.clone()
    }

    pub(crate) fn ship_to(&self) -> Vec<ShipTo> {
        self.0.borrow().ship_to.clone()
    }

    pub(crate) fn fields(&self) -> Vec<Field> {
        self.0.borrow().fields.clone()
    }

    pub(crate) fn field(&self, name: &str) -> Option<Value> {
        find(&self.0.borrow().fields, name)
    }

    pub(crate) fn changes(&self) -> Vec<Change> {
        self.0.borrow().changes.clone()
    }

    pub(crate) fn set(&self, name: &str, value: &Value, reason: &str) -> Result<(), EditError> {
        keep_keys(name)?;
        check_field(name, value)?;
        let invalid = |what: &str| Err(EditError::Invalid(format!("{name}: {what}")));
        let mut customer = self.0.borrow_mut();
        let account = &mut customer.account;
        let before = match name {
            name if CUSTOMER_TEXTS.contains(&name) => {
                let Some(written) = of_text(value) else { return invalid("it is a text") };
                let place = match name {
                    "company" => &mut account.company,
                    "contact" => &mut account.contact,
                    "phone" => &mut account.phone,
                    "segment" => &mut account.segment,
                    "terms" => &mut account.terms,
                    "price-list" => &mut account.price_list,
                    _ => &mut account.tax_code,
                };
                text(&std::mem::replace(place, written))
            }
            "credit-limit" => {
                let limit = match value {
                    Value::Empty => None,
                    Value::Number(limit) if limit.is_negative() => return invalid("a limit is zero or more"),
                    Value::Number(limit) => Some(*limit),
                    _ => return invalid("it is a number, or empty"),
                };
                std::mem::replace(&mut account.credit_limit, limit).map_or(Value::Empty, Value::Number)
            }
            "standing" => {
                let standing = match value.as_text() {
                    Some("active") => Standing::Active,
                    Some("on-hold") => Standing::OnHold,
                    Some("closed") => Standing::Closed,
                    _ => return invalid("it is `active`, `on-hold` or `closed`"),
                };
                let before = std::mem::replace(&mut account.standing, standing);
                match before {
                    Standing::Active => "active",
                    Standing::OnHold => "on-hold",
                    Standing::Closed => "closed",
                }
                .into()
            }
            _ => return Err(EditError::Invalid(format!("a customer has no part `{name}` to set"))),
        };
        customer.record(name, before, value.clone(), reason);
        Ok(())
    }

    pub(crate) fn set_billing_address(&self, address: &Address, reason: &str) -> Result<(), EditError> {
        check_address(address)?;
        let mut customer = self.0.borrow_mut();
        let before = std::mem::replace(&mut customer.billing, address.clone());
        customer.record_address("billing", &before, address, reason);
        Ok(())
    }

    pub(crate) fn set_ship_to(&self, code: &str, address: &Address, reason: &str) -> Result<(), EditError> {
        check_name(code)?;
        if code.contains(['[', ']']) {
            return Err(EditError::Invalid("the code of an address has no brackets".into()));
        }
        check_address(address)?;
        let mut customer = self.0.borrow_mut();
        let place = customer.ship_to.iter().position(|known| known.code == code);
        let before = place.map(|place| customer.ship_to[place].address.clone()).unwrap_or_default();
        match place {
            Some(place) if *address == Address::default() => drop(customer.ship_to.remove(place)),
            Some(place) => customer.ship_to[place].address = address.clone(),
            None if *address == Address::default() => {}
            None => customer.ship_to.push(ShipTo { code: code.to_owned(), address: address.clone() }),
        }
        customer.record_address(&format!("ship-to[{code}]"), &before, address, reason);
        Ok(())
    }

    pub(crate) fn set_field(&self, name: &str, value: &Value, reason: &str) -> Result<(), EditError> {
        check_field(name, value)?;
        let mut customer = self.0.borrow_mut();
        let before = put(&mut customer.fields, name, value);
        customer.record(&format!("fields.{name}"), before, value.clone(), reason);
        Ok(())
    }
}

/// A product and what was changed in it.
#[derive(Clone)]
pub(crate) struct Product(pub(crate) RefCell<ProductState>);

/// What a [`Product`] holds.
#[derive(Clone)]
pub(crate) struct ProductState {
    pub(crate) item: Item,
    pub(crate) prices: Vec<Price>,
    pub(crate) fields: Vec<Field>,
    pub(crate) changes: Vec<Change>,
}

impl ProductState {
    fn record(&mut self, part: &str, before: Value, after: Value, reason: &str) {
        note(&mut self.changes, format!("product.{part}"), before, after, reason);
    }

    fn place(&self, currency: &str, price_list: &str, from: Decimal) -> Option<usize> {
        self.prices.iter().position(|known| known.currency == currency && known.price_list == price_list && known.from_units == from)
    }
}

impl Product {
    pub(crate) fn item(&self) -> Item {
        self.0.borrow().item.clone()
    }

    pub(crate) fn prices(&self) -> Vec<Price> {
        self.0.borrow().prices.clone()
    }

    pub(crate) fn fields(&self) -> Vec<Field> {
        self.0.borrow().fields.clone()
    }

    pub(crate) fn field(&self, name: &str) -> Option<Value> {
        find(&self.0.borrow().fields, name)
    }

    pub(crate) fn changes(&self) -> Vec<Change> {
        self.0.borrow().changes.clone()
    }

    pub(crate) fn set(&self, name: &str, value: &Value, reason: &str) -> Result<(), EditError> {
        keep_keys(name)?;
        check_field(name, value)?;
        let mut product = self.0.borrow_mut();
        let item = &mut product.item;
        let before = match (name, value) {
            ("is-sold", Value::Flag(is_sold)) => Value::Flag(std::mem::replace(&mut item.is_sold, *is_sold)),
            ("is-sold", _) => return Err(EditError::Invalid("is-sold: it is a flag".into())),
            (name, value) if PRODUCT_TEXTS.contains(&name) => {
                let Some(written) = of_text(value) else { return Err(EditError::Invalid(format!("{name}: it is a text"))) };
                let place = match name {
                    "name" => &mut item.name,
                    "description" => &mut item.description,
                    "product-type" => &mut item.product_type,
                    _ => &mut item.tax_class,
                };
                text(&std::mem::replace(place, written))
            }
            _ => return Err(EditError::Invalid(format!("a product has no part `{name}` to set"))),
        };
        product.record(name, before, value.clone(), reason);
        Ok(())
    }

    pub(crate) fn set_price(&self, price: &Price, reason: &str) -> Result<(), EditError> {
        let path = format!("price[{}/{}/{}]", price.currency, price.price_list, price.from_units.normalize());
        let from_units = canonical(price.from_units, &path)?;
        let amount = canonical(price.amount, &path)?;
        if amount.is_negative() || from_units.is_negative() {
            return Err(EditError::Invalid(format!("product.{path}: a price and its quantity are zero or more")));
        }
        if price.price_list.len() > 64 || price.price_list.contains(['/', '[', ']']) {
            return Err(EditError::Invalid("the name of a price list has at most 64 bytes and no `/`, `[` or `]`".into()));
        }
        let mut product = self.0.borrow_mut();
        let before = match product.place(&price.currency, &price.price_list, from_units) {
            Some(place) => Value::Number(std::mem::replace(&mut product.prices[place].amount, amount)),
            None => {
                product.prices.push(Price { from_units, amount, ..price.clone() });
                Value::Empty
            }
        };
        product.record(&path, before, amount.into(), reason);
        Ok(())
    }

    pub(crate) fn remove_price(&self, currency: &str, price_list: &str, from_units: Decimal, reason: &str) -> Result<(), EditError> {
        let mut product = self.0.borrow_mut();
        if let Some(place) = product.place(currency, price_list, from_units) {
            let gone = product.prices.remove(place);
            let path = format!("price[{currency}/{price_list}/{}]", from_units.normalize());
            product.record(&path, gone.amount.into(), Value::Empty, reason);
        }
        Ok(())
    }

    pub(crate) fn set_field(&self, name: &str, value: &Value, reason: &str) -> Result<(), EditError> {
        check_field(name, value)?;
        let mut product = self.0.borrow_mut();
        let before = put(&mut product.fields, name, value);
        product.record(&format!("fields.{name}"), before, value.clone(), reason);
        Ok(())
    }
}

fn keep_keys(name: &str) -> Result<(), EditError> {
    if KEYS.contains(&name) {
        return Err(EditError::NotAllowed(format!("`{name}` is what both sides know it by: no rule changes it")));
    }
    Ok(())
}

/// What is as it was is no change, as on the host.
fn note(changes: &mut Vec<Change>, path: String, before: Value, after: Value, reason: &str) {
    let plain = |value: Value| match value {
        Value::Text(text) if text.trim().is_empty() => Value::Empty,
        value => value,
    };
    let (before, after) = (plain(before), plain(after));
    if before != after {
        changes.push(Change { path, before, after, reason: reason.to_owned() });
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn of_text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Empty => Some(String::new()),
        _ => None,
    }
}

fn parts(address: &Address) -> [(&'static str, &str); 10] {
    let Address { name, company, line1, line2, city, region, postal_code, country, phone, email } = address;
    [
        ("name", name),
        ("company", company),
        ("line1", line1),
        ("line2", line2),
        ("city", city),
        ("region", region),
        ("postal-code", postal_code),
        ("country", country),
        ("phone", phone),
        ("email", email),
    ]
}

fn check_address(address: &Address) -> Result<(), EditError> {
    if parts(address).iter().any(|(_, part)| part.len() > 4096) {
        return Err(EditError::Invalid("a part of an address has at most 4096 bytes".into()));
    }
    Ok(())
}
