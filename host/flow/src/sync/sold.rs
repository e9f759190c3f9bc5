//! From the ERP's purchase-order number and line numbers back to the shop's order: shipments and invoices come in the
//! ERP's terms, and a split order is several orders there.

use super::Subject;
use crate::{
    Code, Decimal, Fault, Order,
    entity::{
        invoice::{self, Invoice},
        shipment::{self, Advance, Quantity, Shipment},
    },
    promise::Units,
};
use async_trait::async_trait;

/// Knows which order went to the ERP under which number.
#[async_trait]
pub trait Orders: Send + Sync {
    /// What went under this purchase-order number; nothing when no order of ours did.
    async fn sold(&self, key: &str) -> Result<Option<Sold>, Fault>;
    /// The purchase-order numbers under which an order of the shop's is in the ERP.
    async fn parts(&self, order: &str) -> Result<Vec<String>, Fault>;
}

/// An order that is in the ERP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sold {
    /// The order as the shop sent it.
    pub order: Order,
    /// Which line of the order each line of this document is.
    pub lines: Vec<usize>,
    /// What all documents of the order are worth together. Rules may have lowered a price, so it need not be the shop's.
    pub total: Decimal,
    /// What its documents take of the stock, where orders are promised any.
    pub takes: Vec<Units>,
}

impl Sold {
    /// The shop's line behind a line number of the ERP's, from 1. Fails with E225.
    fn line(&self, number: &str) -> Result<String, Fault> {
        let place = number.parse::<usize>().ok().and_then(|number| self.lines.get(number.checked_sub(1)?)).copied();
        let line = place.and_then(|place| self.order.lines.get(place));
        line.map(|line| line.id.clone())
            .ok_or_else(|| Fault::new(Code::ShipmentRefused, format!("line {number} is none of the lines that went to the ERP")).at("lines"))
    }

    /// The same entity in the shop's terms. Fails with E225.
    pub fn translate(&self, subject: Subject) -> Result<Subject, Fault> {
        match subject {
            Subject::Shipment(mut shipment) => {
                shipment.order = self.order.number.clone();
                shipment.lines.iter_mut().try_for_each(|line| self.line(&line.line).map(|id| line.line = id))?;
                Ok(Subject::Shipment(shipment))
            }
            Subject::Invoice(mut invoice) => {
                invoice.order = self.order.number.clone();
                invoice.lines.iter_mut().try_for_each(|line| self.line(&line.line).map(|id| line.line = id))?;
                Ok(Subject::Invoice(invoice))
            }
            other => Ok(other),
        }
    }

    /// Whether a shipment may join those that the shop knows: nothing is counted down, and nothing above what was ordered.
    /// Fails with E225.
    pub fn admit_shipment(&self, new: &Shipment, known: &[Shipment]) -> Result<(), Fault> {
        let mut all: Vec<Shipment> = known.iter().filter(|shipment| shipment.number != new.number).cloned().collect();
        // What the shop was told of this shipment before is part of what it knows: a shipment never shrinks.
        let before = shipment::count_up(known);
        all.push(new.clone());
        match shipment::advance(&before, &shipment::ordered(&self.order), &whole(&shipment::count_up(&all), &before)) {
            Advance::Refused(fault) => Err(fault),
            Advance::New { .. } | Advance::Nothing => Ok(()),
        }
    }

    /// What of the order has yet to leave, by article and warehouse, with a shipment and those that the shop knows. A shipment
    /// that names no warehouse counts for each.
    pub fn open(&self, new: &Shipment, known: &[Shipment]) -> Vec<Units> {
        let all: Vec<&Shipment> = known.iter().filter(|shipment| shipment.number != new.number).chain([new]).collect();
        let sku = |line: &str| self.order.lines.iter().find(|known| known.id == line).map(|known| known.sku.as_str());
        let shipped = |units: &Units| -> Decimal {
            let there = all.iter().filter(|shipment| shipment.warehouse.is_empty() || shipment.warehouse == units.warehouse);
            there.flat_map(|shipment| &shipment.lines).filter(|line| sku(&line.line) == Some(&units.sku)).map(|line| line.units).sum()
        };
        let open = self.takes.iter().map(|units| Units { units: (units.units - shipped(units)).max(Decimal::ZERO), ..units.clone() });
        open.collect()
    }

    /// Whether an invoice may join those that the shop knows: each adds up, and together they come to no more than what is in
    /// the ERP, and to exactly that once all is invoiced. Fails with E202 or E203.
    pub fn admit_invoice(&self, new: &Invoice, known: &[Invoice]) -> Result<(), Fault> {
        let mut all: Vec<Invoice> = known.iter().filter(|invoice| invoice.number != new.number).cloned().collect();
        all.push(new.clone());
        let order = Order { total: self.total, ..self.order.clone() };
        invoice::check(&order, &all).map(drop)
    }
}

/// A line that is in no shipment any more counts as zero, and not as unsaid.
fn whole(now: &[Quantity], before: &[Quantity]) -> Vec<Quantity> {
    let missing = before.iter().filter(|line| now.iter().all(|one| one.line != line.line));
    now.iter().cloned().chain(missing.map(|line| Quantity::new(&line.line, Decimal::ZERO))).collect()
}
