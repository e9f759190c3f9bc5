//! The order as a plain Rust value. It reads lazily and by columns, and gathers price and discount edits until they
//! are flushed; where the data really lies (the host's resource, or memory in native tests) is `backing`'s matter.

use crate::{
    Address, Decimal, EditError, Field, Header, Payment, Value, backing,
    bindings::imports::crossdock::plugin as wit,
    edits::{Edits, put},
};
use std::{
    cell::{Cell, OnceCell, RefCell},
    fmt,
    ops::Deref,
    rc::Rc,
};

/// The canonical order.
///
/// Getters that answer an `Rc` hand out a snapshot: it stays as it was, so it can be kept while lines are edited.
/// Price and discount edits are gathered and sent when the hook ends, when a sum is read, or on [`Order::flush`].
pub struct Order {
    pub(crate) record: backing::Order,
    header: RefCell<Option<Rc<Header>>>,
    amounts: RefCell<Option<wit::orders::LineAmounts>>,
    texts: OnceCell<wit::orders::LineTexts>,
    count: Cell<Option<u32>>,
    billing: OnceCell<Rc<Address>>,
    shipping: OnceCell<Rc<Address>>,
    payment: OnceCell<Rc<Payment>>,
    edits: RefCell<Edits>,
    /// Whether an edit has been made since the amounts were read: their totals and taxes are old.
    stale: Cell<bool>,
    refused: RefCell<Option<EditError>>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Column {
    Quantity,
    UnitPrice,
    Discount,
    TaxRate,
    Tax,
    Total,
}

impl Order {
    pub(crate) fn new(record: backing::Order) -> Order {
        Order {
            record,
            header: RefCell::default(),
            amounts: RefCell::default(),
            texts: OnceCell::new(),
            count: Cell::new(None),
            billing: OnceCell::new(),
            shipping: OnceCell::new(),
            payment: OnceCell::new(),
            edits: RefCell::default(),
            stale: Cell::new(false),
            refused: RefCell::default(),
        }
    }

    /// What is true of the whole order; its sums hold the edits made so far.
    pub fn header(&self) -> Rc<Header> {
        self.send();
        self.header.borrow_mut().get_or_insert_with(|| Rc::new(self.record.header())).clone()
    }

    /// How many lines there are.
    pub fn line_count(&self) -> u32 {
        let count = self.count.get().unwrap_or_else(|| self.record.line_count());
        self.count.set(Some(count));
        count
    }

    /// The lines, in the shop's order.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = Line<'_>> {
        (0..self.line_count()).map(|index| Line { order: self, index })
    }

    /// One line, from 0; `None` when there is no such line.
    pub fn line(&self, index: u32) -> Option<Line<'_>> {
        (index < self.line_count()).then_some(Line { order: self, index })
    }

    /// The lines, to be edited.
    pub fn lines_mut(&mut self) -> impl ExactSizeIterator<Item = LineMut<'_>> {
        let order = &*self;
        (0..order.line_count()).map(move |index| LineMut { line: Line { order, index } })
    }

    /// One line to be edited, from 0; `None` when there is no such line.
    pub fn line_mut(&mut self, index: u32) -> Option<LineMut<'_>> {
        (index < self.line_count()).then_some(LineMut { line: Line { order: self, index } })
    }

    /// Where the invoice goes.
    pub fn billing_address(&self) -> Rc<Address> {
        self.billing.get_or_init(|| Rc::new(self.record.billing_address())).clone()
    }

    /// Where the goods go.
    pub fn shipping_address(&self) -> Rc<Address> {
        self.shipping.get_or_init(|| Rc::new(self.record.shipping_address())).clone()
    }

    /// How the customer pays.
    pub fn payment(&self) -> Rc<Payment> {
        self.payment.get_or_init(|| Rc::new(self.record.payment())).clone()
    }

    /// The custom fields, in the shop's order.
    pub fn fields(&self) -> Vec<Field> {
        self.record.fields()
    }

    /// One custom field; `None` when there is none of this name.
    pub fn field(&self, name: &str) -> Option<Value> {
        self.record.field(name)
    }

    /// One custom field of one line; `None` when there is no such line or field.
    pub fn line_field(&self, line: u32, name: &str) -> Option<Value> {
        self.record.line_field(line, name)
    }

    /// The tags, sorted.
    pub fn tags(&self) -> Vec<String> {
        self.record.tags()
    }

    /// Sets the price of shipping without tax, zero or more; its tax follows at its own rate.
    pub fn set_shipping(&mut self, amount: Decimal, reason: &str) -> Result<(), EditError> {
        self.header.take();
        self.record.set_shipping(amount.normalize(), reason)
    }

    /// Sets or adds a custom field; [`Value::Empty`] removes it.
    pub fn set_field(&mut self, name: &str, value: impl Into<Value>, reason: &str) -> Result<(), EditError> {
        self.record.set_field(name, &value.into(), reason)
    }

    /// Sets or adds a custom field of a line; [`Value::Empty`] removes it.
    pub fn set_line_field(&mut self, line: u32, name: &str, value: impl Into<Value>, reason: &str) -> Result<(), EditError> {
        self.record.set_line_field(line, name, &value.into(), reason)
    }

    /// Adds a tag; adding one that is there changes nothing.
    pub fn add_tag(&mut self, tag: &str, reason: &str) -> Result<(), EditError> {
        self.record.add_tag(tag, reason)
    }

    /// Sends the price and discount edits gathered so far and answers whether all were taken.
    ///
    /// They go in groups, one per kind and reason, each taken as a whole or refused as a whole. Answers the first
    /// refusal; whoever handles it here has handled it. Without a call of `flush`, a refusal becomes the hook's error.
    pub fn flush(&mut self) -> Result<(), EditError> {
        self.send();
        self.refused.take().map_or(Ok(()), Err)
    }

    /// What was edited so far, in order.
    #[cfg(not(target_family = "wasm"))]
    pub fn changes(&self) -> Vec<crate::sample::Change> {
        self.send();
        self.record.changes()
    }

    fn send(&self) {
        let mut edits = self.edits.borrow_mut();
        if edits.is_empty() {
            return;
        }
        if let Err(refused) = edits.send(&self.record) {
            self.refused.borrow_mut().get_or_insert(refused);
        }
        self.header.take();
        self.amounts.take();
        self.stale.set(false);
    }

    fn amount(&self, column: Column, line: u32) -> Decimal {
        if self.stale.get() && (matches!(column, Column::Total | Column::Tax) || self.amounts.borrow().is_none()) {
            self.send();
        }
        let mut amounts = self.amounts.borrow_mut();
        let amounts = amounts.get_or_insert_with(|| self.record.line_amounts());
        let column = match column {
            Column::Quantity => &amounts.quantity,
            Column::UnitPrice => &amounts.unit_price,
            Column::Discount => &amounts.discount,
            Column::TaxRate => &amounts.tax_rate,
            Column::Tax => &amounts.tax,
            Column::Total => &amounts.total,
        };
        Decimal { units: column.units.get(line as usize).copied().unwrap_or_default(), scale: column.scale }
    }

    fn edit(&self, column: Column, line: u32, value: Decimal, reason: &str) {
        let value = value.normalize();
        self.edits.borrow_mut().add(column == Column::UnitPrice, line, value, reason);
        self.stale.set(true);
        // What was set is what is read back, even before the host has seen it.
        let mut cached = self.amounts.borrow_mut();
        if let Some(amounts) = &mut *cached {
            let column = if column == Column::UnitPrice { &mut amounts.unit_price } else { &mut amounts.discount };
            if !put(column, line as usize, value) {
                *cached = None;
            }
        }
    }

    fn text(&self, line: u32, which: usize) -> &str {
        let texts = self.texts.get_or_init(|| self.record.line_texts());
        let at = line as usize * 4 + which;
        let start = if at == 0 { 0 } else { texts.ends.get(at - 1).copied().unwrap_or_default() };
        let end = texts.ends.get(at).copied().unwrap_or_default();
        texts.pool.get(start as usize..end as usize).unwrap_or_default()
    }
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order").field("lines", &self.line_count()).finish_non_exhaustive()
    }
}

/// One line of an order. Cheap to copy; its texts are borrowed from the order.
#[derive(Clone, Copy)]
pub struct Line<'o> {
    order: &'o Order,
    index: u32,
}

impl<'o> Line<'o> {
    /// Its index, from 0.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// The shop's id of the line.
    pub fn id(&self) -> &'o str {
        self.order.text(self.index, 0)
    }

    /// Stock keeping unit: the shop's code of the article.
    pub fn sku(&self) -> &'o str {
        self.order.text(self.index, 1)
    }

    /// The article's name.
    pub fn name(&self) -> &'o str {
        self.order.text(self.index, 2)
    }

    /// For example `apparel` or `hazmat`; empty when the shop sends none.
    pub fn product_type(&self) -> &'o str {
        self.order.text(self.index, 3)
    }

    /// Units ordered, more than zero.
    pub fn quantity(&self) -> Decimal {
        self.order.amount(Column::Quantity, self.index)
    }

    /// Price of one unit without tax, before the line's discount.
    pub fn unit_price(&self) -> Decimal {
        self.order.amount(Column::UnitPrice, self.index)
    }

    /// Discount on the whole line, zero or more.
    pub fn discount(&self) -> Decimal {
        self.order.amount(Column::Discount, self.index)
    }

    /// Tax rate as a fraction: 0.13 is 13 %.
    pub fn tax_rate(&self) -> Decimal {
        self.order.amount(Column::TaxRate, self.index)
    }

    /// Tax of the line, with the edits made so far.
    pub fn tax(&self) -> Decimal {
        self.order.amount(Column::Tax, self.index)
    }

    /// quantity × unit price, rounded to the currency, − discount. Without tax, with the edits made so far.
    pub fn total(&self) -> Decimal {
        self.order.amount(Column::Total, self.index)
    }

    /// One custom field of the line.
    pub fn field(&self, name: &str) -> Option<Value> {
        self.order.line_field(self.index, name)
    }
}

impl fmt::Debug for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("index", &self.index).field("sku", &self.sku()).finish_non_exhaustive()
    }
}

/// One line of an order that may be edited; reads like a [`Line`].
#[derive(Debug)]
pub struct LineMut<'o> {
    line: Line<'o>,
}

impl<'o> LineMut<'o> {
    /// Sets the unit price, zero or more, at most 4 decimals. Total, tax and the order's sums follow.
    /// Gathered: a refusal shows in [`Order::flush`] or when the hook ends.
    pub fn set_unit_price(&self, price: Decimal, reason: &str) {
        self.line.order.edit(Column::UnitPrice, self.line.index, price, reason);
    }

    /// Sets the discount: an amount for the whole line, from zero to quantity × unit price, in whole cents.
    /// Gathered: a refusal shows in [`Order::flush`] or when the hook ends.
    pub fn set_discount(&self, discount: Decimal, reason: &str) {
        self.line.order.edit(Column::Discount, self.line.index, discount, reason);
    }
}

impl<'o> Deref for LineMut<'o> {
    type Target = Line<'o>;
    fn deref(&self) -> &Line<'o> {
        &self.line
    }
}
