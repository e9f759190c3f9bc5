//! From the ERP's purchase-order number and line numbers back to the shop's order: shipments and invoices come in the
//! ERP's terms, and a split order is several orders there.

use super::Subject;
use crate::{
    Code, Decimal, Fault, Order,
    entity::{
        invoice::{self, Invoice},
        kit::Came,
        shipment::{self, Advance, Quantity, Shipment},
    },
    money,
    promise::Units,
};
use async_trait::async_trait;
use std::collections::BTreeMap;

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
    /// Which line of the shop's each line came from, where kits were taken apart; else each is its own.
    pub came: Vec<Came>,
}

impl Sold {
    /// The line that went to the ERP under a line number there, from 1. Fails with E225.
    fn went(&self, number: &str) -> Result<Came, Fault> {
        let place = number.parse::<usize>().ok().and_then(|number| self.lines.get(number.checked_sub(1)?)).copied();
        let came = place.and_then(|place| if self.came.is_empty() { Some(Came { line: place, part: None }) } else { self.came.get(place).cloned() });
        came.filter(|came| came.line < self.order.lines.len())
            .ok_or_else(|| refused(format!("line {number} is none of the lines that went to the ERP")))
    }

    /// Units of the ERP's lines as lines of the shop's: of a kit that was taken apart, as many as its parts make. Which of
    /// them each is made of stands beside it. Fails with E225 where the parts make no whole number of the same kits.
    fn packed(&self, lines: &[(&str, Decimal)]) -> Result<Vec<(usize, Decimal, Vec<usize>)>, Fault> {
        let mut packed: Vec<(usize, Decimal, Vec<usize>)> = Vec::new();
        let mut kits: BTreeMap<usize, Vec<(usize, String, Decimal)>> = BTreeMap::new();
        for (place, (number, units)) in lines.iter().enumerate() {
            match self.went(number)? {
                Came { line, part: None } => packed.push((line, *units, vec![place])),
                Came { line, part: Some((sku, _)) } => kits.entry(line).or_default().push((place, sku, *units)),
            }
        }
        for (line, parts) in kits {
            let ordered = &self.order.lines[line];
            let mut made: Option<Decimal> = None;
            let whole = self.came.iter().filter(|came| came.line == line).filter_map(|came| came.part.as_ref());
            let mut of: BTreeMap<&str, Decimal> = BTreeMap::new();
            whole.for_each(|(sku, units)| *of.entry(sku).or_default() += units);
            for (sku, all) in of {
                let units: Decimal = parts.iter().filter(|(_, part, _)| part == sku).map(|(_, _, units)| units).sum();
                let kits = money::fit((units * ordered.quantity / all).normalize());
                if kits.is_none() || made.is_some_and(|made| Some(made) != kits) {
                    let what = format!("{} comes in parts, and {units} of {sku} are not as many kits as the other parts are", ordered.sku);
                    return Err(refused(what));
                }
                made = kits;
            }
            packed.push((line, made.unwrap_or_default(), parts.into_iter().map(|(place, ..)| place).collect()));
        }
        Ok(packed)
    }

    /// The same entity in the shop's terms. Fails with E225.
    pub fn translate(&self, subject: Subject) -> Result<Subject, Fault> {
        match subject {
            Subject::Shipment(mut shipment) => {
                let lines: Vec<(&str, Decimal)> = shipment.lines.iter().map(|line| (&*line.line, line.units)).collect();
                let packed = self.packed(&lines)?;
                shipment.order = self.order.number.clone();
                shipment.lines = packed.into_iter().map(|(line, units, _)| Quantity::new(&self.order.lines[line].id, units)).collect();
                Ok(Subject::Shipment(shipment))
            }
            Subject::Invoice(mut invoice) => {
                let lines: Vec<(&str, Decimal)> = invoice.lines.iter().map(|line| (&*line.line, line.quantity)).collect();
                let packed = self.packed(&lines)?;
                invoice.order = self.order.number.clone();
                invoice.lines = packed.into_iter().map(|(line, units, places)| self.invoiced(&invoice.lines, line, units, &places)).collect();
                Ok(Subject::Invoice(invoice))
            }
            other => Ok(other),
        }
    }

    /// Lines of an invoice as one of the shop's: a kit has the amounts of all its parts, and its own price.
    fn invoiced(&self, lines: &[invoice::Line], line: usize, units: Decimal, places: &[usize]) -> invoice::Line {
        let shops = &self.order.lines[line];
        if let [place] = places
            && self.came.iter().all(|came| came.line != line || came.part.is_none())
        {
            return invoice::Line { line: shops.id.clone(), ..lines[*place].clone() };
        }
        let sum = |of: fn(&invoice::Line) -> Decimal| places.iter().map(|place| of(&lines[*place])).sum::<Decimal>();
        invoice::Line {
            line: shops.id.clone(),
            sku: shops.sku.clone(),
            quantity: units,
            unit_price: shops.unit_price,
            discount: sum(|line| line.discount),
            total: sum(|line| line.total),
            tax: sum(|line| line.tax),
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

    /// How many of an article one unit of a line of the shop's takes.
    fn takes_of(&self, line: &str, sku: &str) -> Decimal {
        let Some(place) = self.order.lines.iter().position(|known| known.id == line) else { return Decimal::ZERO };
        let parts: Vec<_> = self.came.iter().filter(|came| came.line == place).filter_map(|came| came.part.as_ref()).collect();
        if parts.is_empty() {
            return Decimal::from(u8::from(self.order.lines[place].sku == sku));
        }
        parts.iter().filter(|(part, _)| part == sku).map(|(_, units)| units / self.order.lines[place].quantity).sum()
    }

    /// What of the order has yet to leave, by article and warehouse, with a shipment and those that the shop knows. A shipment
    /// that names no warehouse counts for each.
    pub fn open(&self, new: &Shipment, known: &[Shipment]) -> Vec<Units> {
        let all: Vec<&Shipment> = known.iter().filter(|shipment| shipment.number != new.number).chain([new]).collect();
        let shipped = |units: &Units| -> Decimal {
            let there = all.iter().filter(|shipment| shipment.warehouse.is_empty() || shipment.warehouse == units.warehouse);
            there.flat_map(|shipment| &shipment.lines).map(|line| line.units * self.takes_of(&line.line, &units.sku)).sum()
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

fn refused(what: String) -> Fault {
    Fault::new(Code::ShipmentRefused, what).at("lines")
}

/// A line that is in no shipment any more counts as zero, and not as unsaid.
fn whole(now: &[Quantity], before: &[Quantity]) -> Vec<Quantity> {
    let missing = before.iter().filter(|line| now.iter().all(|one| one.line != line.line));
    now.iter().cloned().chain(missing.map(|line| Quantity::new(&line.line, Decimal::ZERO))).collect()
}
