//! Chooses warehouses by product type, stock and country, with as few shipments as possible, at `route-order`.
//!
//! ```toml
//! [plugins.warehouse-routing.settings]
//! country-first = "true"     # prefer warehouses in the ship-to country; the default
//! ```
//!
//! The warehouse that has the most whole lines goes first, so one that can ship the whole order ships it alone. Then
//! what is left is split, first over warehouses that ship anyway. What nobody has stays: the host backorders it.

use crossdock_sdk::{Candidates, Context, Decimal, HookError, Order, Route, RouteOrder, Shipment, settings};
use std::collections::BTreeMap;

struct WarehouseRouting;

impl RouteOrder for WarehouseRouting {
    fn route_order(_: &Context, order: &Order, candidates: &Candidates) -> Result<Route, HookError> {
        let country = &order.shipping_address().country;
        let country_first = settings::flag("country-first")?.unwrap_or(true);
        let warehouses = candidates.warehouses();
        let mut plan = Plan {
            wanted: order.lines().map(|line| line.quantity()).collect(),
            taken: vec![BTreeMap::new(); warehouses.len()],
            shipments: warehouses.iter().map(|warehouse| Shipment::from(&warehouse.id)).collect(),
        };
        for whole_lines in [true, false] {
            // Nearest first, and the operator's order of preference among equals.
            let mut open: Vec<usize> = (0..warehouses.len()).collect();
            open.sort_by_key(|&at| country_first && warehouses[at].country != *country);
            while !open.is_empty() && plan.wanted.iter().any(|units| !units.is_zero()) {
                let offers = open.iter().map(|&at| (!plan.shipments[at].lines.is_empty(), plan.offer(at, whole_lines, order, candidates)));
                // `rev`, because of equals the last one wins, and that is to be the nearest.
                let best = offers.enumerate().rev().max_by_key(|(_, (ships, offer))| (*ships, offer.len()));
                let Some((place, (_, offer))) = best else { break };
                plan.take(open.remove(place), offer, order);
            }
        }
        Ok(Route::ship(plan.shipments.into_iter().filter(|shipment| !shipment.lines.is_empty()).collect()))
    }
}

struct Plan<'o> {
    /// Units of each line that no shipment holds yet.
    wanted: Vec<Decimal>,
    /// What each warehouse ships of each SKU: lines of the same SKU share its stock.
    taken: Vec<BTreeMap<&'o str, Decimal>>,
    shipments: Vec<Shipment>,
}

impl<'o> Plan<'o> {
    /// The lines and units that this warehouse can add.
    fn offer(&self, at: usize, whole_lines: bool, order: &'o Order, candidates: &Candidates) -> Vec<(u32, Decimal)> {
        let (warehouse, mut taken, mut offer) = (&candidates.warehouses()[at], self.taken[at].clone(), Vec::new());
        for line in order.lines().filter(|line| warehouse.carries(line.product_type())) {
            let wanted = self.wanted[line.index() as usize];
            let taken = taken.entry(line.sku()).or_default();
            let units = wanted.min(candidates.stock(at, line.index()) - *taken);
            if units > Decimal::ZERO && (units == wanted || !whole_lines) {
                *taken += units;
                offer.push((line.index(), units));
            }
        }
        offer
    }

    fn take(&mut self, at: usize, offer: Vec<(u32, Decimal)>, order: &'o Order) {
        for (index, units) in offer {
            self.wanted[index as usize] -= units;
            self.shipments[at].add(index, units);
            if let Some(line) = order.line(index) {
                *self.taken[at].entry(line.sku()).or_default() += units;
            }
        }
    }
}

crossdock_sdk::export!(WarehouseRouting: route_order);

#[cfg(test)]
mod tests;
