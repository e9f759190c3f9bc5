//! Invoices: which there are to be, one per shipment or one per order, what is on each, and that together they come to
//! what the order is worth.

use super::{
    content::Content,
    shipment::{self, Progress, Shipment},
};
use crate::{
    Currency, Decimal, Fault, Order, OrderNumber,
    fault::Code,
    order::{Field, Instant},
    route,
    share::{LineShare, Share, share},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// When an invoice is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// One for each shipment.
    #[default]
    PerShipment,
    /// One for the order, once all of it is shipped.
    PerOrder,
}

/// A line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Line {
    /// The shop's id of the order's line.
    pub line: String,
    /// The article.
    pub sku: String,
    /// Units.
    pub quantity: Decimal,
    /// Price of one unit.
    pub unit_price: Decimal,
    /// Discount on this part of the line.
    pub discount: Decimal,
    /// Worth of this part, after discount, without tax. This amount decides.
    pub total: Decimal,
    /// Tax.
    pub tax: Decimal,
}

/// What is on an invoice. Obeys the sum rule: Σ `lines[].total` − `discount` + `shipping` + Σ `lines[].tax` +
/// `shipping-tax` = `total`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Invoice {
    /// The ERP's number; empty while it is only planned.
    pub number: String,
    /// The shop's order.
    pub order: OrderNumber,
    /// The shipments it is for, by number.
    pub shipments: Vec<String>,
    /// When it was made; nothing while it is only planned.
    pub invoiced_at: Option<Instant>,
    /// The currency of its amounts.
    pub currency: Currency,
    /// The lines.
    pub lines: Vec<Line>,
    /// Its part of the order's discount.
    pub discount: Decimal,
    /// Its part of shipping: all of it is on the first invoice, because it is charged once.
    pub shipping: Decimal,
    /// Tax on that.
    pub shipping_tax: Decimal,
    /// What is owed.
    pub total: Decimal,
    /// Custom fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

impl Invoice {
    /// What a shop is told, and what comes back from there as an echo.
    pub fn content(&self) -> Content {
        let mut content = Content::new();
        content.text("currency", self.currency.code());
        let amounts = [("discount", self.discount), ("shipping", self.shipping), ("shipping-tax", self.shipping_tax), ("total", self.total)];
        amounts.into_iter().for_each(|(name, amount)| content.number(name, amount));
        for line in &self.lines {
            content.number(format!("line[{}].quantity", line.line), line.quantity);
            content.number(format!("line[{}].total", line.line), line.total);
            content.number(format!("line[{}].tax", line.line), line.tax);
        }
        content.fields(&self.fields);
        content
    }

    /// The sum of its parts, which is to be its total.
    fn sum(&self) -> Decimal {
        let lines: Decimal = self.lines.iter().map(|line| line.total + line.tax).sum();
        lines - self.discount + self.shipping + self.shipping_tax
    }
}

impl fmt::Display for Invoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = if self.number.is_empty() { "planned" } else { &self.number };
        write!(f, "invoice {number} of {}: {} {}", self.order, self.total, self.currency)?;
        if !self.shipments.is_empty() {
            write!(f, " for {}", self.shipments.join(", "))?;
        }
        Ok(())
    }
}

/// The invoices there are to be for what is shipped. `shipments` are in the order in which they left: an invoice depends
/// only on the shipments before it, so that one that was made stays as it is when more is shipped. Fails with E225 when more
/// is shipped than was ordered.
pub fn plan(policy: Policy, order: &Order, shipments: &[Shipment]) -> Result<Vec<Invoice>, Fault> {
    let mut seen = BTreeSet::new();
    let shipments: Vec<&Shipment> = shipments.iter().filter(|shipment| seen.insert(&shipment.number)).collect();
    let mut rest = order.clone();
    let mut invoices = Vec::new();
    for shipment in &shipments {
        let part = take(&mut rest, shipment)?;
        invoices.push(invoice(order, vec![shipment.number.clone()], &part));
    }
    match policy {
        Policy::PerShipment => Ok(invoices),
        Policy::PerOrder => {
            let owned: Vec<Shipment> = shipments.iter().copied().cloned().collect();
            if shipment::progress(&shipment::count_up(&owned), &shipment::ordered(order)) != Progress::Whole {
                return Ok(Vec::new());
            }
            let numbers: Vec<String> = shipments.iter().map(|shipment| shipment.number.clone()).collect();
            let all = route::Shipment { warehouse: String::new(), lines: units(order), backorder: false };
            Ok(share(order, &[all]).iter().map(|whole| invoice(order, numbers.clone(), whole)).collect())
        }
    }
}

/// Checks the invoices of one order: each adds up, all are in the order's currency, and together they come to no more than
/// the order is worth, and to exactly that once every unit is on one. Returns what is still to be invoiced. Fails with E203,
/// naming both amounts, and with E202 for another currency, another order or more units than were ordered.
pub fn check(order: &Order, invoices: &[Invoice]) -> Result<Decimal, Fault> {
    let wrong = |code: Code, invoice: &Invoice, what: String| Err(Fault::new(code, what).at(format!("invoice {}", invoice.number)));
    for (index, invoice) in invoices.iter().enumerate() {
        if invoice.order != order.number || invoice.currency != order.currency {
            return wrong(
                Code::InvalidField,
                invoice,
                format!("it is of {} in {}, the order {} is in {}", invoice.order, invoice.currency, order.number, order.currency),
            );
        }
        if invoices[..index].iter().any(|other| other.number == invoice.number) && !invoice.number.is_empty() {
            return wrong(Code::InvalidField, invoice, "it is listed twice".into());
        }
        let sum = invoice.sum();
        if sum != invoice.total {
            return wrong(
                Code::SumsDiffer,
                invoice,
                format!("lines − discount + shipping + tax = {sum}, but its total is {}: a difference of {}", invoice.total, invoice.total - sum),
            );
        }
    }
    let mut is_whole = true;
    for line in &order.lines {
        let units: Decimal = invoices.iter().flat_map(|invoice| &invoice.lines).filter(|one| one.line == line.id).map(|one| one.quantity).sum();
        if units > line.quantity {
            let what = format!("{units} are invoiced, but only {} were ordered", line.quantity);
            return Err(Fault::new(Code::InvalidField, what).at(line.id.clone()));
        }
        is_whole &= units == line.quantity;
    }
    let sum: Decimal = invoices.iter().map(|invoice| invoice.total).sum();
    let open = order.total - sum;
    if open < Decimal::ZERO || (is_whole && !open.is_zero()) {
        let what = format!("the invoices together = {sum}, but the order's total is {}: a difference of {open}", order.total);
        return Err(Fault::new(Code::SumsDiffer, what).at("invoices"));
    }
    Ok(open)
}

/// The part of what is left that a shipment is worth; what is left then is less by it. Shared out by [`share`], between this
/// shipment and all the rest.
fn take(rest: &mut Order, shipment: &Shipment) -> Result<Share, Fault> {
    let refuse = |line: &str, what: String| Fault::new(Code::ShipmentRefused, what).at(format!("shipment {}, {line}", shipment.number));
    let mut lines: Vec<(u32, Decimal)> = Vec::new();
    for quantity in &shipment.lines {
        let found = (0..).zip(&rest.lines).find(|(_, line)| line.id == quantity.line);
        let (index, left) =
            found.map(|(index, line)| (index, line.quantity)).ok_or_else(|| refuse(&quantity.line, "the order has no such line".into()))?;
        if quantity.units <= Decimal::ZERO || quantity.units > left || lines.iter().any(|(other, _)| *other == index) {
            return Err(refuse(&quantity.line, format!("{} are shipped, but {left} are left to ship", quantity.units)));
        }
        lines.push((index, quantity.units));
    }
    let this = route::Shipment { warehouse: shipment.warehouse.clone(), lines, backorder: false };
    let taken = |index: u32| this.lines.iter().find(|(line, _)| *line == index).map(|(_, units)| *units).unwrap_or_default();
    let left: Vec<(u32, Decimal)> =
        units(rest).into_iter().map(|(index, units)| (index, units - taken(index))).filter(|(_, units)| !units.is_zero()).collect();
    let mut parts = vec![this];
    if !left.is_empty() {
        parts.push(route::Shipment { warehouse: String::new(), lines: left, backorder: true });
    }
    let part = share(rest, &parts).swap_remove(0);
    for LineShare { line, quantity, discount, ext, tax } in &part.lines {
        let line = &mut rest.lines[*line as usize];
        line.quantity -= quantity;
        line.discount -= discount;
        line.total -= ext;
        line.tax -= tax;
    }
    rest.shipping.amount -= part.shipping;
    rest.shipping.tax -= part.shipping_tax;
    rest.discount -= part.discount;
    rest.total -= part.total;
    Ok(part)
}

fn units(order: &Order) -> Vec<(u32, Decimal)> {
    (0..).zip(order.lines.iter().map(|line| line.quantity)).filter(|(_, units)| !units.is_zero()).collect()
}

fn invoice(order: &Order, shipments: Vec<String>, part: &Share) -> Invoice {
    let line = |share: &LineShare| {
        let line = &order.lines[share.line as usize];
        Line {
            line: line.id.clone(),
            sku: line.sku.clone(),
            quantity: share.quantity,
            unit_price: line.unit_price,
            discount: share.discount,
            total: share.ext,
            tax: share.tax,
        }
    };
    Invoice {
        number: String::new(),
        order: order.number.clone(),
        shipments,
        invoiced_at: None,
        currency: order.currency,
        lines: part.lines.iter().map(line).collect(),
        discount: part.discount,
        shipping: part.shipping,
        shipping_tax: part.shipping_tax,
        total: part.total,
        fields: Vec::new(),
    }
}
