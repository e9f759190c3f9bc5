//! What an order takes of the stock: its kits taken apart, what is there for it, and what it is promised of that.

use super::{Flow, Outside, Routed, Ruled, Stop, journal::Journal};
use crate::{
    entity::kit,
    lane::There,
    promise::{Figure, Shelf, Units},
    sum,
};
use std::sync::Arc;

impl Flow {
    /// Takes apart the kits that go to the ERP as their components. The order's sums stay as they are.
    pub(super) fn unpack(&self, Ruled(order): Ruled, journal: &mut Journal) -> Result<Ruled, Stop> {
        let Some((unpacked, came)) = kit::unpack(&order, &self.kits)? else { return Ok(Ruled(order)) };
        sum::check(&unpacked)?;
        for (line, shops) in order.lines.iter().enumerate() {
            let parts: Vec<String> = came
                .iter()
                .filter(|came| came.line == line)
                .filter_map(|came| came.part.as_ref())
                .map(|(sku, units)| format!("{units} of {sku}"))
                .collect();
            if !parts.is_empty() {
                journal.steps.push(format!("{} of {} is taken apart: {}", shops.quantity, shops.sku, parts.join(", ")));
            }
        }
        journal.attempt.came = came;
        Ok(Ruled(Arc::new(unpacked)))
    }

    /// What is there for an order: what the ERP said, or what may be promised of it.
    pub(super) async fn shelf<'o>(&self, Ruled(order): &Ruled, there: &[There], outside: Outside<'o>) -> Result<Shelf<'o>, Stop> {
        let Some(counts) = self.counts else { return Ok(Shelf::heard(outside.stock)) };
        let skus = order.lines.iter().map(|line| line.sku.clone()).collect();
        let free = outside.store.free(order.number.as_str(), skus).await.map_err(Stop::Store)?;
        let counted = if counts == Figure::Available { counted(there) } else { Vec::new() };
        Ok(Shelf::promising(outside.stock, free, counted))
    }

    /// Keeps to what may be promised; the rest is a backorder.
    pub(super) fn promise(&self, Routed(order, shipments): &mut Routed, shelf: Shelf<'_>, journal: &mut Journal) {
        let Some((promise, cut)) = shelf.promise(order, shipments, &self.warehouses) else { return };
        journal.steps.extend(promise.takes.iter().map(|units| format!("takes {units}")));
        journal.steps.extend(cut.iter().map(|units| format!("not there, or promised to others: {units} is backordered")));
        journal.attempt.promise = Some(promise);
    }
}

/// What the ERP has taken off for the documents that are there.
fn counted(there: &[There]) -> Vec<Units> {
    let of = |there: &There| {
        let promise = there.sent.as_ref().and_then(|sent| sent.attempt.promise.clone()).unwrap_or_default();
        promise.takes.into_iter().filter(|units| units.warehouse == there.part.warehouse).collect::<Vec<_>>()
    };
    let mut counted: Vec<Units> = Vec::new();
    for units in there.iter().flat_map(of) {
        // A backorder has the warehouse of another document, and takes nothing.
        if counted.iter().all(|other| !other.is(&units.sku, &units.warehouse)) {
            counted.push(units);
        }
    }
    counted
}
