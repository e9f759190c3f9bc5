//! The rules of the example plugins in plain Rust. What a rule changes is cloned first: a rule that fails must leave it as
//! it was, and plain Rust has no other means. Settings are constants, and no change is recorded.

use crate::rule;
use crossdock_flow::{
    Decimal, Document, Order,
    order::{Value, put},
    route::{Candidates, Shipment},
};
use std::collections::HashMap;

/// As `segment-discount`.
pub(super) fn discount(order: &Order) -> Order {
    let mut repriced = order.clone();
    rule::apply(&mut repriced);
    repriced
}

/// What is left to do where an engine answers nothing but prices.
pub(super) fn reprice(order: &Order, prices: &[(u32, Decimal)]) -> Order {
    let mut repriced = order.clone();
    let currency = repriced.currency;
    for &(index, price) in prices {
        let line = &mut repriced.lines[index as usize];
        line.unit_price = price;
        line.total = currency.round(line.quantity * price) - line.discount;
        line.tax = currency.round(line.total * line.tax_rate);
    }
    repriced.total = repriced.subtotal() - repriced.discount + repriced.shipping.amount + repriced.tax();
    repriced
}

/// As `warehouse-routing`, where one warehouse can ship all: the nearest that can. Lines of one SKU share its stock.
pub(super) fn route(order: &Order, candidates: &Candidates) -> Vec<Shipment> {
    let mut nearest: Vec<usize> = (0..candidates.warehouses.len()).collect();
    nearest.sort_by_key(|&at| candidates.warehouses[at].country != order.shipping_to.country);
    let alone = nearest.into_iter().find_map(|at| {
        let (warehouse, stock) = (&candidates.warehouses[at], &candidates.stock[at * order.lines.len()..]);
        let mut taken: HashMap<&str, Decimal> = HashMap::new();
        let mut lines = Vec::with_capacity(order.lines.len());
        for (index, (line, stock)) in (0..).zip(order.lines.iter().zip(stock)) {
            let carried = warehouse.product_types.is_empty() || warehouse.product_types.contains(&line.product_type);
            let taken = taken.entry(&line.sku).or_default();
            *taken += line.quantity;
            if !carried || *taken > *stock {
                return None;
            }
            lines.push((index, line.quantity));
        }
        Some(Shipment { warehouse: warehouse.id.clone(), lines, backorder: false })
    });
    alone.into_iter().collect()
}

/// As `sales-tagging`.
pub(super) fn tag(order: &Order, document: &Document) -> Document {
    let mut tagged = document.clone();
    let text = |text: &str| Value::Text(text.to_owned());
    if order.customer.segment == "wholesale" {
        put(&mut tagged.fields, "PaymentTerms", text("NET30"));
    }
    if order.shipping_to.region == "ON" {
        put(&mut tagged.fields, "Territory", text("EAS"));
        put(&mut tagged.fields, "Salesperson", text("KIM"));
    }
    for (line, fields) in order.lines.iter().zip(&mut tagged.lines) {
        let code = match line.product_type.as_str() {
            "apparel" => "4010-100",
            "electronics" => "4010-200",
            "hazmat" => "4010-300",
            "housewares" => "4010-400",
            _ => continue,
        };
        put(fields, "GLCode", text(code));
    }
    tagged
}
