//! Outside of the sandbox: orders, documents and candidates held in memory, for an author's native tests. Edits follow
//! the host's rules, so that what a test accepts the host accepts. Not the host: no guardrails, no limits.

mod entities;

pub(crate) use entities::{Customer, CustomerState, Product, ProductState};

use crate::{
    Address, Decimal, EditError, Field, Header, Payment, Value, Warehouse,
    bindings::imports::crossdock::plugin::{orders, types::Decimals},
    sample::Change,
};
use std::cell::{Ref, RefCell};

/// An order and what was changed in it.
#[derive(Clone)]
pub(crate) struct Order(pub(crate) RefCell<OrderState>);

/// What an [`Order`] holds. The sums of the header are computed when they are asked for.
#[derive(Clone)]
pub(crate) struct OrderState {
    pub(crate) header: Header,
    pub(crate) lines: Vec<Line>,
    pub(crate) shipping_rate: Decimal,
    pub(crate) billing_address: Address,
    pub(crate) shipping_address: Address,
    pub(crate) payment: Payment,
    pub(crate) fields: Vec<Field>,
    pub(crate) tags: Vec<String>,
    /// Lines whose price or discount changed, ascending: their tax is shared out anew together.
    pub(crate) touched: Vec<usize>,
    pub(crate) changes: Vec<Change>,
}

/// One line of an order.
#[derive(Clone, Default)]
pub(crate) struct Line {
    /// Id, SKU, name, product type.
    pub(crate) texts: [String; 4],
    pub(crate) quantity: Decimal,
    pub(crate) unit_price: Decimal,
    pub(crate) discount: Decimal,
    pub(crate) tax_rate: Decimal,
    pub(crate) tax: Decimal,
    pub(crate) fields: Vec<Field>,
}

impl Line {
    pub(crate) fn worth(&self, digits: u8) -> Decimal {
        (self.quantity * self.unit_price).round(digits)
    }

    fn total(&self, digits: u8) -> Decimal {
        self.worth(digits) - self.discount
    }
}

impl OrderState {
    /// The header with its sums, and the taxes of touched lines.
    pub(crate) fn sum(&mut self) {
        let digits = self.header.currency_digits;
        let mut rates: Vec<(Decimal, Vec<usize>)> = Vec::new();
        for &index in &self.touched {
            let rate = self.lines[index].tax_rate;
            match rates.iter_mut().find(|(known, _)| *known == rate) {
                Some((_, lines)) => lines.push(index),
                None => rates.push((rate, vec![index])),
            }
        }
        for (rate, lines) in rates {
            let totals: Vec<Decimal> = lines.iter().map(|&index| self.lines[index].total(digits)).collect();
            let tax = totals.iter().copied().sum::<Decimal>() * rate;
            for (index, share) in lines.into_iter().zip(allocate(tax, &totals, digits)) {
                self.lines[index].tax = share;
            }
        }
        let header = &mut self.header;
        header.subtotal = self.lines.iter().map(|line| line.total(digits)).sum();
        let shipping_tax = (header.shipping * self.shipping_rate).round(digits);
        header.tax = self.lines.iter().map(|line| line.tax).sum::<Decimal>() + shipping_tax;
        header.total = header.subtotal - header.discount + header.shipping + header.tax;
    }

    fn line(&mut self, index: u32) -> Result<&mut Line, EditError> {
        self.lines.get_mut(index as usize).ok_or(EditError::NoSuchLine(index))
    }

    fn touch(&mut self, index: u32) {
        if let Err(place) = self.touched.binary_search(&(index as usize)) {
            self.touched.insert(place, index as usize);
        }
    }

    fn record(&mut self, path: String, before: Value, after: Value, reason: &str) {
        self.changes.push(Change { path, before, after, reason: reason.to_owned() });
    }
}

impl Order {
    fn read(&self) -> Ref<'_, OrderState> {
        self.0.borrow_mut().sum();
        self.0.borrow()
    }

    pub(crate) fn header(&self) -> Header {
        self.read().header.clone()
    }

    pub(crate) fn line_count(&self) -> u32 {
        self.0.borrow().lines.len() as u32
    }

    pub(crate) fn line_amounts(&self) -> orders::LineAmounts {
        let order = self.read();
        let digits = order.header.currency_digits;
        let column = |of: &dyn Fn(&Line) -> Decimal| column(order.lines.iter().map(of));
        orders::LineAmounts {
            quantity: column(&|line| line.quantity),
            unit_price: column(&|line| line.unit_price),
            discount: column(&|line| line.discount),
            tax_rate: column(&|line| line.tax_rate),
            tax: column(&|line| line.tax),
            total: column(&|line| line.total(digits)),
        }
    }

    pub(crate) fn line_texts(&self) -> orders::LineTexts {
        let mut texts = orders::LineTexts { pool: String::new(), ends: Vec::new() };
        for text in self.0.borrow().lines.iter().flat_map(|line| &line.texts) {
            texts.pool.push_str(text);
            texts.ends.push(texts.pool.len() as u32);
        }
        texts
    }

    pub(crate) fn billing_address(&self) -> Address {
        self.0.borrow().billing_address.clone()
    }

    pub(crate) fn shipping_address(&self) -> Address {
        self.0.borrow().shipping_address.clone()
    }

    pub(crate) fn payment(&self) -> Payment {
        self.0.borrow().payment.clone()
    }

    pub(crate) fn fields(&self) -> Vec<Field> {
        self.0.borrow().fields.clone()
    }

    pub(crate) fn field(&self, name: &str) -> Option<Value> {
        find(&self.0.borrow().fields, name)
    }

    pub(crate) fn line_field(&self, line: u32, name: &str) -> Option<Value> {
        find(&self.0.borrow().lines.get(line as usize)?.fields, name)
    }

    pub(crate) fn tags(&self) -> Vec<String> {
        self.0.borrow().tags.clone()
    }

    pub(crate) fn changes(&self) -> Vec<Change> {
        self.0.borrow().changes.clone()
    }

    pub(crate) fn set_unit_prices(&self, lines: &[u32], prices: &Decimals, reason: &str) -> Result<(), EditError> {
        let mut order = self.0.borrow_mut();
        let digits = order.header.currency_digits;
        for (index, price) in rows(lines, prices) {
            let path = format!("lines[{index}].unit-price");
            let line = order.line(index)?;
            let price = canonical(price, &path)?;
            if price.is_negative() {
                return Err(EditError::Invalid(format!("{path}: the price is negative")));
            }
            let worth = line.quantity.checked_mul(price).and_then(|worth| canonical(worth.round(digits), &path).ok());
            let worth = worth.ok_or_else(|| EditError::OutOfRange(format!("lines[{index}].total: quantity × price is too large")))?;
            if worth < line.discount {
                return Err(EditError::Invalid(format!("{path}: the line would be worth less than its discount")));
            }
        }
        for (index, price) in rows(lines, prices) {
            let before = std::mem::replace(&mut order.line(index)?.unit_price, price.normalize());
            order.record(format!("lines[{index}].unit-price"), before.into(), price.normalize().into(), reason);
            order.touch(index);
        }
        Ok(())
    }

    pub(crate) fn set_discounts(&self, lines: &[u32], discounts: &Decimals, reason: &str) -> Result<(), EditError> {
        let mut order = self.0.borrow_mut();
        let digits = order.header.currency_digits;
        let currency = order.header.currency.clone();
        for (index, discount) in rows(lines, discounts) {
            let path = format!("lines[{index}].discount");
            let worth = order.line(index)?.worth(digits);
            let discount = canonical(discount, &path)?;
            if discount.is_negative() || discount > worth {
                return Err(EditError::Invalid(format!("{path}: the discount must lie between 0 and the line's worth of {worth}")));
            }
            whole(discount, digits, &currency, &path)?;
        }
        for (index, discount) in rows(lines, discounts) {
            let before = std::mem::replace(&mut order.line(index)?.discount, discount.normalize());
            order.record(format!("lines[{index}].discount"), before.into(), discount.normalize().into(), reason);
            order.touch(index);
        }
        Ok(())
    }

    pub(crate) fn set_shipping(&self, amount: Decimal, reason: &str) -> Result<(), EditError> {
        let mut order = self.0.borrow_mut();
        let path = "shipping.amount";
        let amount = canonical(amount, path)?;
        if amount.is_negative() {
            return Err(EditError::Invalid(format!("{path}: the price is negative")));
        }
        whole(amount, order.header.currency_digits, &order.header.currency, path)?;
        let before = std::mem::replace(&mut order.header.shipping, amount);
        order.record(path.to_owned(), before.into(), amount.into(), reason);
        Ok(())
    }

    pub(crate) fn set_field(&self, name: &str, value: &Value, reason: &str) -> Result<(), EditError> {
        check_field(name, value)?;
        let mut order = self.0.borrow_mut();
        let before = put(&mut order.fields, name, value);
        order.record(format!("fields.{name}"), before, value.clone(), reason);
        Ok(())
    }

    pub(crate) fn set_line_field(&self, line: u32, name: &str, value: &Value, reason: &str) -> Result<(), EditError> {
        check_field(name, value)?;
        let mut order = self.0.borrow_mut();
        let before = put(&mut order.line(line)?.fields, name, value);
        order.record(format!("lines[{line}].fields.{name}"), before, value.clone(), reason);
        Ok(())
    }

    pub(crate) fn add_tag(&self, tag: &str, reason: &str) -> Result<(), EditError> {
        check_name(tag)?;
        let mut order = self.0.borrow_mut();
        if let Err(place) = order.tags.binary_search_by(|there| there.as_str().cmp(tag)) {
            order.tags.insert(place, tag.to_owned());
            order.record("tags".to_owned(), Value::Empty, tag.into(), reason);
        }
        Ok(())
    }
}

/// A document and what was changed in it.
#[derive(Clone)]
pub(crate) struct Document(pub(crate) RefCell<DocumentState>);

/// What a [`Document`] holds.
#[derive(Clone, Default)]
pub(crate) struct DocumentState {
    pub(crate) key: String,
    pub(crate) warehouse: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) lines: Vec<Vec<Field>>,
    /// Names of fields that carry money, quantity or identity.
    pub(crate) locked: Vec<String>,
    pub(crate) changes: Vec<Change>,
}

impl DocumentState {
    fn check(&self, name: &str, value: &Value) -> Result<(), EditError> {
        check_field(name, value)?;
        if self.locked.iter().any(|locked| locked == name) {
            return Err(EditError::NotAllowed(format!(
                "`{name}` carries money, quantity or identity: change it in pre-map, so that the sums stay right"
            )));
        }
        Ok(())
    }

    fn put_line(&mut self, line: usize, name: &str, value: &Value, reason: &str) {
        let before = put(&mut self.lines[line], name, value);
        let path = format!("lines[{line}].fields.{name}");
        self.changes.push(Change { path, before, after: value.clone(), reason: reason.to_owned() });
    }
}

impl Document {
    pub(crate) fn key(&self) -> String {
        self.0.borrow().key.clone()
    }

    pub(crate) fn warehouse(&self) -> String {
        self.0.borrow().warehouse.clone()
    }

    pub(crate) fn fields(&self) -> Vec<Field> {
        self.0.borrow().fields.clone()
    }

    pub(crate) fn field(&self, name: &str) -> Option<Value> {
        find(&self.0.borrow().fields, name)
    }

    pub(crate) fn line_count(&self) -> u32 {
        self.0.borrow().lines.len() as u32
    }

    pub(crate) fn column(&self, name: &str) -> Vec<Value> {
        self.0.borrow().lines.iter().map(|fields| find(fields, name).unwrap_or(Value::Empty)).collect()
    }

    pub(crate) fn changes(&self) -> Vec<Change> {
        self.0.borrow().changes.clone()
    }

    pub(crate) fn set_field(&self, name: &str, value: &Value, reason: &str) -> Result<(), EditError> {
        let mut document = self.0.borrow_mut();
        document.check(name, value)?;
        let before = put(&mut document.fields, name, value);
        document.changes.push(Change { path: format!("fields.{name}"), before, after: value.clone(), reason: reason.to_owned() });
        Ok(())
    }

    pub(crate) fn set_line_field(&self, line: u32, name: &str, value: &Value, reason: &str) -> Result<(), EditError> {
        let mut document = self.0.borrow_mut();
        document.check(name, value)?;
        if line as usize >= document.lines.len() {
            return Err(EditError::NoSuchLine(line));
        }
        document.put_line(line as usize, name, value, reason);
        Ok(())
    }

    pub(crate) fn set_column(&self, name: &str, values: &[Value], reason: &str) -> Result<(), EditError> {
        let mut document = self.0.borrow_mut();
        if values.len() != document.lines.len() {
            return Err(EditError::Invalid(format!("{} lines, but {} values", document.lines.len(), values.len())));
        }
        values.iter().try_for_each(|value| document.check(name, value))?;
        for (line, value) in values.iter().enumerate() {
            document.put_line(line, name, value, reason);
        }
        Ok(())
    }
}

/// Warehouses, and what each has of each line's SKU, row by row.
#[derive(Clone, Default)]
pub(crate) struct Candidates {
    pub(crate) warehouses: Vec<Warehouse>,
    pub(crate) stock: Vec<Decimal>,
}

impl Candidates {
    pub(crate) fn warehouses(&self) -> Vec<Warehouse> {
        self.warehouses.clone()
    }

    pub(crate) fn stock(&self) -> Decimals {
        column(self.stock.iter().copied())
    }
}

pub(crate) use crate::sample::{
    http_send, kv_get, kv_remove, kv_set, log, look_up, now, one_setting as setting, random, sorted_settings as all_settings,
};

/// Shares `total` out by `weights`, in whole units of `digits` digits: each share rounded down, then the units left to
/// the largest remainders, the earlier line first on a tie.
pub(crate) fn allocate(total: Decimal, weights: &[Decimal], digits: u8) -> Vec<Decimal> {
    let scale = weights.iter().map(|weight| weight.scale()).max().unwrap_or_default();
    let weights: Vec<i128> = weights.iter().map(|weight| weight.at_scale(scale).unwrap_or_default().into()).collect();
    let units = i128::from(total.round(digits).at_scale(digits).unwrap_or_default());
    let sum: i128 = weights.iter().sum();
    let mut shares: Vec<i128> = weights.iter().map(|weight| if sum == 0 { 0 } else { units * weight / sum }).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&line| std::cmp::Reverse(if sum == 0 { 0 } else { units * weights[line] % sum }));
    let left = units - shares.iter().sum::<i128>();
    if sum == 0 {
        shares.first_mut().into_iter().for_each(|first| *first = units);
    } else {
        order.into_iter().take(left as usize).for_each(|line| shares[line] += 1);
    }
    shares.into_iter().map(|units| Decimal { units: units as i64, scale: digits }).collect()
}

fn column(numbers: impl Iterator<Item = Decimal> + Clone) -> Decimals {
    let scale = numbers.clone().map(|number| number.scale).max().unwrap_or_default();
    Decimals { scale, units: numbers.map(|number| number.at_scale(scale).unwrap_or(i64::MAX)).collect() }
}

fn rows<'r>(lines: &'r [u32], values: &'r Decimals) -> impl Iterator<Item = (u32, Decimal)> + 'r {
    lines.iter().copied().zip(values.units.iter().map(|&units| Decimal { units, scale: values.scale }))
}

/// The number in its shortest form, if it may stand in an order: at most 4 decimals and below 10^11.
fn canonical(number: Decimal, path: &str) -> Result<Decimal, EditError> {
    let short = number.normalize();
    if short.scale > 4 || short.abs() >= Decimal::new(100_000_000_000, 0) {
        return Err(EditError::OutOfRange(format!("{path}: at most 4 decimals and below 10^11")));
    }
    Ok(short)
}

fn whole(amount: Decimal, digits: u8, currency: &str, path: &str) -> Result<(), EditError> {
    if amount.round(digits) != amount {
        return Err(EditError::Invalid(format!("{path}: {currency} has {digits} decimals")));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), EditError> {
    if name.is_empty() || name.len() > 64 || name.chars().any(char::is_control) {
        return Err(EditError::Invalid("a name has 1 to 64 bytes and no control characters".into()));
    }
    Ok(())
}

fn check_field(name: &str, value: &Value) -> Result<(), EditError> {
    check_name(name)?;
    match value {
        Value::Text(text) if text.len() > 4096 => Err(EditError::Invalid(format!("`{name}`: a text has at most 4096 bytes"))),
        Value::Number(number) => canonical(*number, &format!("fields.{name}")).map(|_| ()),
        _ => Ok(()),
    }
}

fn find(fields: &[Field], name: &str) -> Option<Value> {
    fields.iter().find(|field| field.name == name).map(|field| field.value.clone())
}

/// Sets, adds or (with [`Value::Empty`]) removes a field; answers what was there before.
pub(crate) fn put(fields: &mut Vec<Field>, name: &str, value: &Value) -> Value {
    let place = fields.iter().position(|field| field.name == name);
    match (place, value) {
        (Some(place), Value::Empty) => fields.remove(place).value,
        (Some(place), value) => std::mem::replace(&mut fields[place].value, value.clone()),
        (None, Value::Empty) => Value::Empty,
        (None, value) => {
            fields.push(Field { name: name.to_owned(), value: value.clone() });
            Value::Empty
        }
    }
}
