//! What Sage Pro has booked: orders in the order of booking, found by both numbers, and the stock that they took.

use super::{Items, check::Checked};
use axum::body::Bytes;
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
    /// Empty for an open order, else `Cancelled` or `Shipped`.
    pub status: String,
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
    purchase_order_no: String,
    customer: String,
    total: Decimal,
    status: &'static str,
    body: Bytes,
}

pub(super) struct Books {
    entries: Vec<Entry>,
    by_key: HashMap<String, Vec<usize>>,
    stock: HashMap<String, HashMap<String, Decimal>>,
}

/// Numbers begin above this.
const FIRST: usize = 10_000;

fn sales_order_no(index: usize) -> String {
    format!("{:>10}", FIRST + index)
}

impl Books {
    pub(super) fn new(items: Items) -> Books {
        let stock = match items {
            Items::List(stock) => stock,
            Items::Any => {
                let full = HashMap::from(["TOR", "BUF"].map(|warehouse| (warehouse.to_owned(), Decimal::from(1_000_000))));
                crate::orders::CATALOGUE.iter().map(|article| (article.sku.to_owned(), full.clone())).collect()
            }
        };
        Books { entries: Vec::new(), by_key: HashMap::new(), stock }
    }

    pub(super) fn knows(&self, item: &str) -> bool {
        self.stock.contains_key(item)
    }

    /// Books a checked order and takes its units from stock; gives Sage Pro's number.
    pub(super) fn book(&mut self, order: &Checked, body: &Bytes) -> String {
        for line in &order.lines {
            let warehouse = if line.warehouse.is_empty() { &order.warehouse } else { &line.warehouse };
            if let Some(available) = self.stock.get_mut(line.item.as_str()).and_then(|stock| stock.get_mut(warehouse.as_str())) {
                *available -= line.quantity;
            }
        }
        let index = self.entries.len();
        self.by_key.entry(order.purchase_order_no.clone()).or_default().push(index);
        self.entries.push(Entry {
            purchase_order_no: order.purchase_order_no.clone(),
            customer: order.customer.clone(),
            total: order.total,
            status: "",
            body: body.clone(),
        });
        sales_order_no(index)
    }

    /// Rows for a look-up, as JSON text.
    pub(super) fn rows(&self, purchase_order_no: Option<&str>) -> String {
        let row = |index: usize| {
            let Entry { purchase_order_no, customer, total, status, .. } = &self.entries[index];
            let text = |text: &str| Value::from(text).to_string();
            format!(
                r#"{{"SalesOrderNo":{},"PurchaseOrderNo":{},"CustomerNo":{},"TotalAmount":{total},"Status":{}}}"#,
                text(&sales_order_no(index)),
                text(purchase_order_no),
                text(customer),
                text(status)
            )
        };
        let rows: Vec<String> = match purchase_order_no {
            Some(key) => self.by_key.get(key).into_iter().flatten().map(|index| row(*index)).collect(),
            None => (0..self.entries.len()).map(row).collect(),
        };
        format!(r#"{{"orders":[{}]}}"#, rows.join(","))
    }

    /// Cancels; `None` when there is no such order, else whether it could be.
    pub(super) fn cancel(&mut self, number: &str) -> Option<bool> {
        let index = self.place(number)?;
        let entry = &mut self.entries[index];
        if entry.status == "Shipped" {
            return Some(false);
        }
        entry.status = "Cancelled";
        Some(true)
    }

    pub(super) fn ship(&mut self, number: &str) -> bool {
        self.place(number).map(|index| self.entries[index].status = "Shipped").is_some()
    }

    fn place(&self, number: &str) -> Option<usize> {
        let index = number.trim().parse::<usize>().ok()?.checked_sub(FIRST)?;
        (index < self.entries.len()).then_some(index)
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
    }

    pub(super) fn doubles(&self) -> Vec<String> {
        let mut doubles: Vec<String> = self.by_key.iter().filter(|(_, places)| places.len() > 1).map(|(key, _)| key.clone()).collect();
        doubles.sort();
        doubles
    }

    pub(super) fn all(&self) -> Vec<Booked> {
        let entries = self.entries.iter().enumerate();
        let booked = entries.map(|(index, entry)| {
            let order = Checked::read(&entry.body).unwrap_or_default();
            Booked {
                sales_order_no: sales_order_no(index),
                purchase_order_no: entry.purchase_order_no.clone(),
                customer: entry.customer.clone(),
                total: entry.total,
                warehouse: order.warehouse,
                lines: order.lines,
                raw: serde_json::from_slice(&entry.body).unwrap_or_default(),
                status: entry.status.to_owned(),
            }
        });
        booked.collect()
    }
}
