//! What Sage Pro has booked: orders in the order of booking, found by both numbers, with every write that took effect,
//! and the stock that they took.

use super::{Items, check::Checked};
use crate::{
    changes::{Changes, Mark},
    time,
};
use axum::body::Bytes;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::HashMap;

/// An order in the books.
#[derive(Clone, Debug)]
pub struct Booked {
    /// Sage Pro's number, right-justified in 10.
    pub sales_order_no: String,
    /// The web order's number.
    pub purchase_order_no: String,
    /// The customer's number.
    pub customer: String,
    /// The total, exact.
    pub total: Decimal,
    /// The warehouse of the header; may be empty.
    pub warehouse: String,
    /// The lines.
    pub lines: Vec<BookedLine>,
    /// The body as it came. Numbers in it may have gone through a float: use the fields above for money.
    pub raw: Value,
    /// Empty for an open order, else `Cancelled`, `Shipped` or `PartlyShipped`.
    pub status: String,
    /// Every write that took effect, in order; the first is the creation.
    pub writes: Vec<Write>,
}

/// A write that took effect. Only a cancellation of what is cancelled already has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Counts the writes over all orders, from 1.
    pub sequence: u64,
    /// What was done.
    pub what: Wrote,
    /// The web order's number from then on.
    pub purchase_order_no: String,
    /// The total from then on.
    pub total: Decimal,
    /// The body, byte for byte.
    pub bytes: Bytes,
}

/// What a write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrote {
    /// POST: a new order.
    Create,
    /// PUT: another document in the order's place.
    Change,
    /// PUT: cancelled.
    Cancel,
}

/// A line in the books. What the document did not say is empty or zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BookedLine {
    /// The item.
    pub item: String,
    /// Units.
    pub quantity: Decimal,
    /// Price of one.
    pub unit_price: Decimal,
    /// Discount on the line.
    pub discount: Decimal,
    /// Worth of the line without tax.
    pub ext_price: Decimal,
    /// Tax of the line.
    pub tax: Decimal,
    /// Warehouse of the line.
    pub warehouse: String,
    /// General-ledger account.
    pub gl_code: String,
}

/// An order as it is kept: small, because a benchmark books hundreds of thousands.
struct Entry {
    customer: String,
    status: &'static str,
    mark: Mark,
    writes: Vec<Write>,
    /// Which of the writes holds the document.
    current: usize,
}

impl Entry {
    fn document(&self) -> &Write {
        &self.writes[self.current]
    }
}

/// Why an order is not written to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unwilling {
    Unknown,
    Shipped,
    Cancelled,
}

pub(super) struct Books {
    entries: Vec<Entry>,
    by_key: HashMap<String, Vec<usize>>,
    changes: Changes<usize>,
    written: u64,
    stock: HashMap<String, HashMap<String, Decimal>>,
    on_hand: bool,
}

/// Numbers begin above this.
const FIRST: usize = 10_000;

fn sales_order_no(index: usize) -> String {
    format!("{:>10}", FIRST + index)
}

impl Books {
    pub(super) fn new(items: Items, on_hand: bool) -> Books {
        let stock = match items {
            Items::List(stock) => stock,
            Items::Any => {
                let full = HashMap::from(["TOR", "BUF"].map(|warehouse| (warehouse.to_owned(), Decimal::from(1_000_000))));
                crate::orders::CATALOGUE.iter().map(|article| (article.sku.to_owned(), full.clone())).collect()
            }
        };
        Books { entries: Vec::new(), by_key: HashMap::new(), changes: Changes::new(), written: 0, stock, on_hand }
    }

    pub(super) fn knows(&self, item: &str) -> bool {
        self.stock.contains_key(item)
    }

    /// Books a checked order and takes its units from stock; gives Sage Pro's number.
    pub(super) fn book(&mut self, order: &Checked, body: &Bytes) -> String {
        self.take(order, Decimal::NEGATIVE_ONE);
        let index = self.entries.len();
        self.by_key.entry(order.purchase_order_no.clone()).or_default().push(index);
        let mark = self.changes.touch(index, None, time());
        let created = self.write(Wrote::Create, order.purchase_order_no.clone(), order.total, body);
        self.entries.push(Entry { customer: order.customer.clone(), status: "", mark, writes: vec![created], current: 0 });
        sales_order_no(index)
    }

    /// Puts a checked order in the place of another; gives Sage Pro's number.
    pub(super) fn change(&mut self, number: &str, order: &Checked, body: &Bytes) -> Result<String, Unwilling> {
        let index = self.open(number)?;
        if self.entries[index].status == "Cancelled" {
            return Err(Unwilling::Cancelled);
        }
        self.give_back(index);
        self.take(order, Decimal::NEGATIVE_ONE);
        let before = self.entries[index].document().purchase_order_no.clone();
        if before != order.purchase_order_no {
            self.by_key.entry(before).or_default().retain(|there| *there != index);
            self.by_key.entry(order.purchase_order_no.clone()).or_default().push(index);
        }
        let changed = self.write(Wrote::Change, order.purchase_order_no.clone(), order.total, body);
        let entry = &mut self.entries[index];
        entry.customer.clone_from(&order.customer);
        entry.current = entry.writes.len();
        entry.writes.push(changed);
        self.touch(index);
        Ok(sales_order_no(index))
    }

    /// Cancels, and gives the units back; gives Sage Pro's number. Once more does nothing.
    pub(super) fn cancel(&mut self, number: &str, body: &Bytes) -> Result<String, Unwilling> {
        let index = self.open(number)?;
        if self.entries[index].status.is_empty() {
            self.give_back(index);
            let Write { purchase_order_no, total, .. } = self.entries[index].document().clone();
            let cancelled = self.write(Wrote::Cancel, purchase_order_no, total, body);
            self.entries[index].writes.push(cancelled);
            self.entries[index].status = "Cancelled";
            self.touch(index);
        }
        Ok(sales_order_no(index))
    }

    /// Says that an order is shipped, as far as `status` says.
    pub(super) fn ship(&mut self, number: &str, status: &'static str) -> bool {
        let Some(index) = self.place(number) else { return false };
        self.entries[index].status = status;
        self.touch(index);
        true
    }

    /// The rows under a purchase-order number, as JSON text.
    pub(super) fn under(&self, purchase_order_no: &str) -> String {
        self.rows(self.by_key.get(purchase_order_no).into_iter().flatten().copied(), "")
    }

    /// Every row, as JSON text.
    pub(super) fn every(&self) -> String {
        self.rows(0..self.entries.len(), "")
    }

    /// A page of what was booked or changed since then, as JSON text. `None` for a cursor that is none.
    pub(super) fn changed(&self, since: Timestamp, cursor: Option<&str>, limit: usize) -> Option<String> {
        let (indices, next) = self.changes.page(since, cursor, limit)?;
        Some(self.rows(indices.into_iter(), &format!(r#","next":{}"#, json!(next))))
    }

    /// The row of an order, as JSON text.
    pub(super) fn one(&self, number: &str) -> Option<String> {
        self.place(number).map(|index| self.row(index))
    }

    fn rows(&self, indices: impl Iterator<Item = usize>, more: &str) -> String {
        format!(r#"{{"orders":[{}]{more}}}"#, indices.map(|index| self.row(index)).collect::<Vec<_>>().join(","))
    }

    fn row(&self, index: usize) -> String {
        let entry = &self.entries[index];
        let Write { purchase_order_no, total, .. } = entry.document();
        let text = |text: &str| Value::from(text).to_string();
        format!(
            r#"{{"SalesOrderNo":{},"PurchaseOrderNo":{},"CustomerNo":{},"TotalAmount":{total},"Status":{}}}"#,
            text(&sales_order_no(index)),
            text(purchase_order_no),
            text(&entry.customer),
            text(entry.status)
        )
    }

    fn write(&mut self, what: Wrote, purchase_order_no: String, total: Decimal, body: &Bytes) -> Write {
        self.written += 1;
        Write { sequence: self.written, what, purchase_order_no, total, bytes: body.clone() }
    }

    fn touch(&mut self, index: usize) {
        let entry = &mut self.entries[index];
        entry.mark = self.changes.touch(index, Some(entry.mark), time());
    }

    /// The units of an order, `sign` times, into stock. What stands in the warehouse stands there until it leaves.
    fn take(&mut self, order: &Checked, sign: Decimal) {
        if self.on_hand {
            return;
        }
        for line in &order.lines {
            let warehouse = if line.warehouse.is_empty() { &order.warehouse } else { &line.warehouse };
            if let Some(available) = self.stock.get_mut(line.item.as_str()).and_then(|stock| stock.get_mut(warehouse.as_str())) {
                *available += sign * line.quantity;
            }
        }
    }

    fn give_back(&mut self, index: usize) {
        let order = Checked::read(&self.entries[index].document().bytes).unwrap_or_default();
        self.take(&order, Decimal::ONE);
    }

    fn place(&self, number: &str) -> Option<usize> {
        let index = number.trim().parse::<usize>().ok()?.checked_sub(FIRST)?;
        (index < self.entries.len()).then_some(index)
    }

    /// An order that can be written to.
    fn open(&self, number: &str) -> Result<usize, Unwilling> {
        let index = self.place(number).ok_or(Unwilling::Unknown)?;
        if matches!(self.entries[index].status, "Shipped" | "PartlyShipped") { Err(Unwilling::Shipped) } else { Ok(index) }
    }

    /// Takes what leaves from what stands there. What is only available was taken when it was booked.
    pub(super) fn leave(&mut self, item: &str, warehouse: &str, units: Decimal) {
        if let Some(there) = self.stock.get_mut(item).and_then(|stock| stock.get_mut(warehouse)).filter(|_| self.on_hand) {
            *there -= units;
        }
    }

    /// Sets what is there.
    pub(super) fn count(&mut self, item: &str, warehouse: &str, units: Decimal) {
        self.stock.entry(item.to_owned()).or_default().insert(warehouse.to_owned(), units);
    }

    /// What is there.
    pub(super) fn there(&self, item: &str, warehouse: &str) -> Option<Decimal> {
        self.stock.get(item)?.get(warehouse).copied()
    }

    pub(super) fn inventory(&self) -> String {
        let rows = self.stock.iter().flat_map(|(item, warehouses)| {
            warehouses.iter().map(move |(warehouse, available)| {
                format!(r#"{{"ItemCode":{},"Warehouse":{},"Available":{available}}}"#, json!(item), json!(warehouse))
            })
        });
        format!(r#"{{"inventory":[{}]}}"#, rows.collect::<Vec<_>>().join(","))
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.by_key.clear();
        self.changes = Changes::new();
    }

    pub(super) fn doubles(&self) -> Vec<String> {
        let mut doubles: Vec<String> = self.by_key.iter().filter(|(_, places)| places.len() > 1).map(|(key, _)| key.clone()).collect();
        doubles.sort();
        doubles
    }

    pub(super) fn all(&self) -> Vec<Booked> {
        let entries = self.entries.iter().enumerate();
        let booked = entries.map(|(index, entry)| {
            let Write { purchase_order_no, total, bytes, .. } = entry.document();
            let order = Checked::read(bytes).unwrap_or_default();
            Booked {
                sales_order_no: sales_order_no(index),
                purchase_order_no: purchase_order_no.clone(),
                customer: entry.customer.clone(),
                total: *total,
                warehouse: order.warehouse,
                lines: order.lines,
                raw: serde_json::from_slice(bytes).unwrap_or_default(),
                status: entry.status.to_owned(),
                writes: entry.writes.clone(),
            }
        });
        booked.collect()
    }
}
