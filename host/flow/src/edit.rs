//! Edits on an order or a document by a rule: each is checked, applied and recorded with before and after.
//! Sums follow the edits; what a rule did not touch keeps the shop's own cents.

use crate::{
    Document, Order,
    money::{self, Decimal},
    order::{Field, Value, put},
};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// Which part of an order, document, customer or product a change touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// `lines[3].unit-price`
    UnitPrice(u32),
    /// `lines[3].discount`
    Discount(u32),
    /// `shipping.amount`
    Shipping,
    /// `fields.NAME`: a custom field of the order, or a header field of a document.
    Field(Arc<str>),
    /// `lines[3].fields.NAME`
    LineField(u32, Arc<str>),
    /// `tags`
    Tags,
    /// `customer.NAME`: a part of a customer, by its name in [`crate::entity::content::Content`].
    Customer(Arc<str>),
    /// `product.NAME`: likewise of a product.
    Product(Arc<str>),
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::UnitPrice(line) => write!(f, "lines[{line}].unit-price"),
            Path::Discount(line) => write!(f, "lines[{line}].discount"),
            Path::Shipping => f.write_str("shipping.amount"),
            Path::Field(name) => write!(f, "fields.{name}"),
            Path::LineField(line, name) => write!(f, "lines[{line}].fields.{name}"),
            Path::Tags => f.write_str("tags"),
            Path::Customer(name) => write!(f, "customer.{name}"),
            Path::Product(name) => write!(f, "product.{name}"),
        }
    }
}

impl Serialize for Path {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Path, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_path(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no path of an order")))
    }
}

fn parse_path(text: &str) -> Option<Path> {
    if let Some(name) = text.strip_prefix("fields.") {
        return Some(Path::Field(name.into()));
    }
    if let Some(name) = text.strip_prefix("customer.") {
        return Some(Path::Customer(name.into()));
    }
    if let Some(name) = text.strip_prefix("product.") {
        return Some(Path::Product(name.into()));
    }
    match text {
        "shipping.amount" => return Some(Path::Shipping),
        "tags" => return Some(Path::Tags),
        _ => {}
    }
    let (line, rest) = text.strip_prefix("lines[")?.split_once("].")?;
    let line = line.parse().ok()?;
    match rest {
        "unit-price" => Some(Path::UnitPrice(line)),
        "discount" => Some(Path::Discount(line)),
        _ => Some(Path::LineField(line, rest.strip_prefix("fields.")?.into())),
    }
}

/// One recorded edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which part.
    pub path: Path,
    /// What was there; empty when nothing was.
    pub before: Value,
    /// What is there now.
    pub after: Value,
    /// Why, as the plugin says. Shared by the changes of one call.
    pub reason: Arc<str>,
}

/// Why an edit was refused; nothing of the call was applied. Mirrors the contract's `edit-error`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No line with this index.
    NoSuchLine(u32),
    /// A number that does not fit; says which.
    OutOfRange(String),
    /// A value that is not allowed; says which and why.
    Invalid(String),
    /// Forbidden by a rule of the host; names it.
    NotAllowed(String),
}

/// The longest field name, in bytes.
pub const MAX_NAME: usize = 64;
/// The longest text value, in bytes.
pub const MAX_TEXT: usize = 4096;

/// Something while a rule edits it: in the end the edits are taken, or all undone.
pub trait Editor {
    /// What is edited.
    type Subject;
    /// As edited, and what changed.
    fn finish(self) -> (Self::Subject, Vec<Change>);
    /// As it was before the first edit.
    fn revert(self) -> Self::Subject;
}

/// An order while a rule edits it. What an edit overwrites is kept aside, so that the order can be given back as it was
/// without a copy of the whole: see [`Editor::revert`]. Only an order that somebody else still holds is cloned.
pub struct OrderEditor {
    order: Arc<Order>,
    /// Lines whose price or discount changed in this call, ascending. Their tax is shared out anew together, so the
    /// result does not depend on how the rule cut its edits into calls.
    touched: Vec<u32>,
    stale: bool,
    changes: Vec<Change>,
    kept: Kept,
}

/// What was there before the first edit of each part.
#[derive(Default)]
struct Kept {
    /// Line, unit price, discount, tax, total.
    amounts: Vec<(u32, [Decimal; 4])>,
    line_fields: Vec<(u32, Vec<Field>)>,
    fields: Option<Vec<Field>>,
    tags: Option<Vec<String>>,
    /// Shipping's amount and tax.
    shipping: Option<(Decimal, Decimal)>,
    total: Option<Decimal>,
}

impl OrderEditor {
    /// Starts on an order.
    pub fn new(order: Arc<Order>) -> OrderEditor {
        OrderEditor { order, touched: Vec::new(), stale: false, changes: Vec::new(), kept: Kept::default() }
    }

    /// The order with the edits so far, sums up to date.
    pub fn order(&mut self) -> &Order {
        if self.stale {
            self.recompute();
        }
        &self.order
    }

    /// What changed so far, in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The order's total before the first edit.
    pub fn total_before(&self) -> Decimal {
        self.kept.total.unwrap_or(self.order.total)
    }

    /// The totals before the first edit of the lines whose price or discount was edited, with their index.
    pub fn totals_before(&self) -> Vec<(u32, Decimal)> {
        self.kept.amounts.iter().map(|(index, [.., total])| (*index, *total)).collect()
    }

    /// Sets unit prices, one per line named: all or none.
    pub fn set_unit_prices(&mut self, lines: &[u32], prices: &[Decimal], reason: &str) -> Result<(), Refusal> {
        same_length(lines, prices)?;
        let mut fitted = Vec::with_capacity(prices.len());
        for (&index, &price) in lines.iter().zip(prices) {
            let line = self.order.lines.get(index as usize).ok_or(Refusal::NoSuchLine(index))?;
            let price = fit(price, || Path::UnitPrice(index))?;
            if price.is_sign_negative() && !price.is_zero() {
                return Err(Refusal::Invalid(format!("{}: the price is negative", Path::UnitPrice(index))));
            }
            let worth = money::fit(self.order.currency.round(line.quantity * price))
                .ok_or_else(|| Refusal::OutOfRange(format!("lines[{index}].total: quantity × price is too large")))?;
            if worth < line.discount {
                return Err(Refusal::Invalid(format!("{}: the line would be worth less than its discount", Path::UnitPrice(index))));
            }
            fitted.push(price);
        }
        let reason: Arc<str> = reason.into();
        self.touch(lines);
        let order = Arc::make_mut(&mut self.order);
        for (&index, price) in lines.iter().zip(fitted) {
            let before = std::mem::replace(&mut order.lines[index as usize].unit_price, price);
            if before == price {
                continue;
            }
            self.changes.push(Change {
                path: Path::UnitPrice(index),
                before: Value::Number(before),
                after: Value::Number(price),
                reason: reason.clone(),
            });
        }
        Ok(())
    }

    /// Sets the discounts of whole lines, one per line named: all or none.
    pub fn set_discounts(&mut self, lines: &[u32], discounts: &[Decimal], reason: &str) -> Result<(), Refusal> {
        same_length(lines, discounts)?;
        let mut fitted = Vec::with_capacity(discounts.len());
        for (&index, &discount) in lines.iter().zip(discounts) {
            let line = self.order.lines.get(index as usize).ok_or(Refusal::NoSuchLine(index))?;
            let discount = fit(discount, || Path::Discount(index))?;
            let worth = self.order.currency.round(line.quantity * line.unit_price);
            if discount < Decimal::ZERO || discount > worth {
                return Err(Refusal::Invalid(format!("{}: the discount must lie between 0 and the line's worth of {worth}", Path::Discount(index))));
            }
            if self.order.currency.round(discount) != discount {
                return Err(Refusal::Invalid(format!(
                    "{}: {} has {} decimals",
                    Path::Discount(index),
                    self.order.currency,
                    self.order.currency.digits()
                )));
            }
            fitted.push(discount);
        }
        let reason: Arc<str> = reason.into();
        self.touch(lines);
        let order = Arc::make_mut(&mut self.order);
        for (&index, discount) in lines.iter().zip(fitted) {
            let before = std::mem::replace(&mut order.lines[index as usize].discount, discount);
            if before == discount {
                continue;
            }
            self.changes.push(Change {
                path: Path::Discount(index),
                before: Value::Number(before),
                after: Value::Number(discount),
                reason: reason.clone(),
            });
        }
        Ok(())
    }

    /// Sets the price of shipping; its tax follows at its own rate.
    pub fn set_shipping(&mut self, amount: Decimal, reason: &str) -> Result<(), Refusal> {
        let amount = fit(amount, || Path::Shipping)?;
        if amount < Decimal::ZERO {
            return Err(Refusal::Invalid("shipping.amount: the price is negative".into()));
        }
        let currency = self.order.currency;
        if currency.round(amount) != amount {
            return Err(Refusal::Invalid(format!("shipping.amount: {currency} has {} decimals", currency.digits())));
        }
        let shipping = &mut Arc::make_mut(&mut self.order).shipping;
        self.kept.shipping.get_or_insert((shipping.amount, shipping.tax));
        let before = std::mem::replace(&mut shipping.amount, amount);
        shipping.tax = currency.round(amount * shipping.tax_rate);
        self.changes.push(Change { path: Path::Shipping, before: Value::Number(before), after: Value::Number(amount), reason: reason.into() });
        self.stale = true;
        Ok(())
    }

    /// Sets, adds or removes a custom field.
    pub fn set_field(&mut self, name: &str, value: Value, reason: &str) -> Result<(), Refusal> {
        let value = check_field(name, value)?;
        let fields = &mut Arc::make_mut(&mut self.order).fields;
        self.kept.fields.get_or_insert_with(|| fields.clone());
        let before = put(fields, name, value.clone());
        note(&mut self.changes, Path::Field(name.into()), before, value, reason.into());
        Ok(())
    }

    /// Sets, adds or removes a custom field of a line.
    pub fn set_line_field(&mut self, line: u32, name: &str, value: Value, reason: &str) -> Result<(), Refusal> {
        let value = check_field(name, value)?;
        let place = Arc::make_mut(&mut self.order).lines.get_mut(line as usize).ok_or(Refusal::NoSuchLine(line))?;
        if !self.kept.line_fields.iter().any(|(kept, _)| *kept == line) {
            self.kept.line_fields.push((line, place.fields.clone()));
        }
        let before = put(&mut place.fields, name, value.clone());
        note(&mut self.changes, Path::LineField(line, name.into()), before, value, reason.into());
        Ok(())
    }

    /// Adds a tag.
    pub fn add_tag(&mut self, tag: &str, reason: &str) -> Result<(), Refusal> {
        check_name(tag)?;
        if let Err(place) = self.order.tags.binary_search_by(|there| there.as_str().cmp(tag)) {
            let tags = &mut Arc::make_mut(&mut self.order).tags;
            self.kept.tags.get_or_insert_with(|| tags.clone());
            tags.insert(place, tag.to_owned());
            self.changes.push(Change { path: Path::Tags, before: Value::Empty, after: Value::Text(tag.to_owned()), reason: reason.into() });
        }
        Ok(())
    }

    fn touch(&mut self, lines: &[u32]) {
        self.touched.reserve(lines.len());
        self.kept.amounts.reserve(lines.len());
        self.changes.reserve(lines.len());
        for &line in lines {
            let place = match self.touched.last() {
                Some(last) if *last >= line => self.touched.binary_search(&line),
                _ => Err(self.touched.len()),
            };
            if let Err(place) = place {
                self.touched.insert(place, line);
                let before = &self.order.lines[line as usize];
                self.kept.amounts.push((line, [before.unit_price, before.discount, before.tax, before.total]));
            }
        }
        self.stale = true;
    }

    /// Totals of the touched lines; their tax, exact per rate and shared out by largest remainder; then the order's total.
    fn recompute(&mut self) {
        self.stale = false;
        let order = Arc::make_mut(&mut self.order);
        self.kept.total.get_or_insert(order.total);
        let digits = order.currency.digits();
        let mut rates: Vec<(Decimal, Vec<u32>)> = Vec::new();
        for &index in &self.touched {
            let line = &mut order.lines[index as usize];
            line.total = order.currency.round(line.quantity * line.unit_price) - line.discount;
            match rates.iter_mut().find(|(rate, _)| *rate == line.tax_rate) {
                Some((_, lines)) => lines.push(index),
                None => rates.push((line.tax_rate, vec![index])),
            }
        }
        for (rate, lines) in rates {
            let totals: Vec<Decimal> = lines.iter().map(|&index| order.lines[index as usize].total).collect();
            let tax = totals.iter().sum::<Decimal>() * rate;
            for (&index, share) in lines.iter().zip(money::allocate(tax, &totals, digits)) {
                order.lines[index as usize].tax = share;
            }
        }
        order.total = order.subtotal() - order.discount + order.shipping.amount + order.tax();
    }
}

impl Editor for OrderEditor {
    type Subject = Arc<Order>;

    fn finish(mut self) -> (Arc<Order>, Vec<Change>) {
        if self.stale {
            self.recompute();
        }
        (self.order, self.changes)
    }

    fn revert(mut self) -> Arc<Order> {
        if self.changes.is_empty() && !self.stale && self.kept.total.is_none() {
            return self.order;
        }
        let order = Arc::make_mut(&mut self.order);
        for (index, [unit_price, discount, tax, total]) in self.kept.amounts {
            let line = &mut order.lines[index as usize];
            (line.unit_price, line.discount, line.tax, line.total) = (unit_price, discount, tax, total);
        }
        for (index, fields) in self.kept.line_fields {
            order.lines[index as usize].fields = fields;
        }
        if let Some(fields) = self.kept.fields {
            order.fields = fields;
        }
        if let Some(tags) = self.kept.tags {
            order.tags = tags;
        }
        if let Some(shipping) = self.kept.shipping {
            (order.shipping.amount, order.shipping.tax) = shipping;
        }
        if let Some(total) = self.kept.total {
            order.total = total;
        }
        self.order
    }
}

/// A document while a rule edits it. It can be given back as it was: see [`Editor::revert`].
pub struct DocumentEditor {
    document: Document,
    changes: Vec<Change>,
    /// Where among its fields each change took place, beside `changes`: what undoing it needs to know.
    places: Vec<usize>,
}

impl DocumentEditor {
    /// Starts on a document.
    pub fn new(document: Document) -> DocumentEditor {
        DocumentEditor { document, changes: Vec::new(), places: Vec::new() }
    }

    /// The document with the edits so far.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// What changed so far, in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Sets, adds or removes a header field that is not locked.
    pub fn set_field(&mut self, name: &str, value: Value, reason: &str) -> Result<(), Refusal> {
        let value = check_field(name, value)?;
        self.unlocked(name)?;
        let name: Arc<str> = name.into();
        if let Some((place, before)) = change(&mut self.document.fields, &name, &value) {
            self.note(Path::Field(name), place, before, value, reason.into());
        }
        Ok(())
    }

    /// Sets, adds or removes a field of a line that is not locked.
    pub fn set_line_field(&mut self, line: u32, name: &str, value: Value, reason: &str) -> Result<(), Refusal> {
        let value = check_field(name, value)?;
        self.unlocked(name)?;
        let fields = self.document.lines.get_mut(line as usize).ok_or(Refusal::NoSuchLine(line))?;
        let name: Arc<str> = name.into();
        if let Some((place, before)) = change(fields, &name, &value) {
            self.note(Path::LineField(line, name), place, before, value, reason.into());
        }
        Ok(())
    }

    /// Sets one field of every line: all or none.
    pub fn set_column(&mut self, name: &str, values: Vec<Value>, reason: &str) -> Result<(), Refusal> {
        same_length(&self.document.lines, &values)?;
        self.unlocked(name)?;
        let values = values.into_iter().map(|value| check_field(name, value)).collect::<Result<Vec<_>, _>>()?;
        let (name, reason): (Arc<str>, Arc<str>) = (name.into(), reason.into());
        for (index, value) in (0..).zip(values) {
            if let Some((place, before)) = change(&mut self.document.lines[index as usize], &name, &value) {
                self.note(Path::LineField(index, name.clone()), place, before, value, reason.clone());
            }
        }
        Ok(())
    }

    fn note(&mut self, path: Path, place: usize, before: Value, after: Value, reason: Arc<str>) {
        self.changes.push(Change { path, before, after, reason });
        self.places.push(place);
    }

    fn unlocked(&self, name: &str) -> Result<(), Refusal> {
        if self.document.locked.iter().any(|locked| &**locked == name) {
            return Err(Refusal::NotAllowed(format!(
                "`{name}` carries money, quantity or identity: change it in pre-map, so that the sums stay right"
            )));
        }
        Ok(())
    }
}

impl Editor for DocumentEditor {
    type Subject = Document;

    fn finish(self) -> (Document, Vec<Change>) {
        (self.document, self.changes)
    }

    fn revert(mut self) -> Document {
        for (change, place) in self.changes.into_iter().zip(self.places).rev() {
            let (fields, name) = match change.path {
                Path::Field(name) => (&mut self.document.fields, name),
                Path::LineField(line, name) => (&mut self.document.lines[line as usize], name),
                _ => continue,
            };
            match (change.before, change.after) {
                (Value::Empty, _) => drop(fields.remove(place)),
                (value, Value::Empty) => fields.insert(place, Field { name, value }),
                (value, _) => fields[place].value = value,
            }
        }
        self.document
    }
}

/// Sets, adds or removes a field; says where it stood and what was there, unless nothing changes.
fn change(fields: &mut Vec<Field>, name: &Arc<str>, value: &Value) -> Option<(usize, Value)> {
    let place = fields.iter().position(|field| field.name == *name);
    match (place, value) {
        (Some(place), Value::Empty) => Some((place, fields.remove(place).value)),
        (Some(place), value) if fields[place].value == *value => None,
        (Some(place), value) => Some((place, std::mem::replace(&mut fields[place].value, value.clone()))),
        (None, Value::Empty) => None,
        (None, value) => {
            fields.push(Field { name: name.clone(), value: value.clone() });
            Some((fields.len() - 1, Value::Empty))
        }
    }
}

/// Writes a change down, unless nothing changed.
fn note(changes: &mut Vec<Change>, path: Path, before: Option<Value>, after: Value, reason: Arc<str>) {
    let before = before.unwrap_or(Value::Empty);
    if before != after {
        changes.push(Change { path, before, after, reason });
    }
}

pub(crate) fn fit(number: Decimal, path: impl Fn() -> Path) -> Result<Decimal, Refusal> {
    money::fit(number).ok_or_else(|| Refusal::OutOfRange(format!("{}: at most {} decimals and below 10^11", path(), money::MAX_SCALE)))
}

fn same_length<A, B>(a: &[A], b: &[B]) -> Result<(), Refusal> {
    if a.len() != b.len() {
        return Err(Refusal::Invalid(format!("{} lines, but {} values", a.len(), b.len())));
    }
    Ok(())
}

pub(crate) fn check_name(name: &str) -> Result<(), Refusal> {
    if name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Refusal::Invalid(format!("a name has 1 to {MAX_NAME} bytes and no control characters")));
    }
    Ok(())
}

pub(crate) fn check_field(name: &str, value: Value) -> Result<Value, Refusal> {
    check_name(name)?;
    match value {
        Value::Text(text) if text.len() > MAX_TEXT => Err(Refusal::Invalid(format!("`{name}`: a text has at most {MAX_TEXT} bytes"))),
        Value::Number(number) => fit(number, || Path::Field(name.into())).map(Value::Number),
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn reverting_gives_the_order_back_as_it_was() {
        let mut before = sample::order(4);
        before.lines[2].fields.push(Field { name: "bin".into(), value: Value::Flag(true) });
        let mut editor = OrderEditor::new(Arc::new(before.clone()));
        let d = |units| Decimal::new(units, 2);
        editor.set_unit_prices(&[3, 0], &[d(100), d(250)], "a").unwrap();
        editor.set_discounts(&[0, 2], &[d(1), d(2)], "b").unwrap();
        assert_ne!(editor.order().total, before.total);
        editor.set_unit_prices(&[1, 0], &[d(300), d(900)], "c").unwrap();
        editor.set_shipping(d(0), "d").unwrap();
        editor.set_field("po-reference", Value::Empty, "e").unwrap();
        editor.set_field("new", Value::Flag(true), "f").unwrap();
        editor.set_line_field(2, "bin", Value::Empty, "g").unwrap();
        editor.add_tag("vip", "h").unwrap();
        assert_eq!(*editor.revert(), before);
        assert_eq!(*OrderEditor::new(Arc::new(before.clone())).revert(), before);
    }

    #[test]
    fn reverting_gives_the_document_back_as_it_was() {
        let before = sample::document(&sample::order(3));
        let (first, last) = (before.fields[0].name.clone(), before.fields.last().unwrap().name.clone());
        let open = Document { locked: [].into(), ..before };
        let mut editor = DocumentEditor::new(open.clone());
        let text = |text: &str| Value::Text(text.into());
        editor.set_field(&first, Value::Empty, "a").unwrap();
        editor.set_field("new", text("1"), "b").unwrap();
        editor.set_field(&last, text("2"), "c").unwrap();
        editor.set_field(&first, text("3"), "d").unwrap();
        editor.set_field("new", Value::Empty, "e").unwrap();
        editor.set_line_field(1, "bin", text("4"), "f").unwrap();
        editor.set_column("bin", vec![text("5"), text("4"), Value::Empty], "g").unwrap();
        assert_ne!(*editor.document(), open);
        assert_eq!(editor.revert(), open);
    }

    #[test]
    fn an_order_that_nobody_else_holds_is_edited_in_place() {
        let order = Arc::new(sample::order(1));
        let place = Arc::as_ptr(&order);
        let mut editor = OrderEditor::new(order);
        editor.add_tag("vip", "seen").unwrap();
        assert_eq!(Arc::as_ptr(&editor.finish().0), place);
    }
}
