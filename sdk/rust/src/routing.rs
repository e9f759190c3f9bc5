//! Where an order can be shipped from, and the answer of a routing rule.

use crate::{Decimal, Hold, Instant, Route, Shipment, ShipmentLine, Warehouse, backing, bindings::imports::crossdock::plugin::types::Decimals};
use std::{cell::OnceCell, fmt};

/// The candidates for one order: warehouses, and what each has of each line's SKU.
pub struct Candidates {
    record: backing::Candidates,
    warehouses: OnceCell<Vec<Warehouse>>,
    stock: OnceCell<Decimals>,
}

impl Candidates {
    pub(crate) fn new(record: backing::Candidates) -> Candidates {
        Candidates { record, warehouses: OnceCell::new(), stock: OnceCell::new() }
    }

    /// The warehouses, in the operator's order of preference.
    pub fn warehouses(&self) -> &[Warehouse] {
        self.warehouses.get_or_init(|| self.record.warehouses())
    }

    /// What a warehouse (by its place in [`Candidates::warehouses`]) has of a line's SKU, as the host last heard; 0 when
    /// there is no such warehouse or line. Two lines of the same SKU see the same stock: count it down yourself.
    pub fn stock(&self, warehouse: usize, line: u32) -> Decimal {
        let stock = self.stock.get_or_init(|| self.record.stock());
        let rows = stock.units.len() / self.warehouses().len().max(1);
        let place = (line as usize) < rows && warehouse < self.warehouses().len();
        let units = if place { stock.units.get(warehouse * rows + line as usize) } else { None };
        Decimal { units: units.copied().unwrap_or_default(), scale: stock.scale }
    }
}

impl fmt::Debug for Candidates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidates").field("warehouses", &self.warehouses()).finish_non_exhaustive()
    }
}

impl Warehouse {
    /// Whether it carries this product type. A warehouse without a list carries all.
    pub fn carries(&self, product_type: &str) -> bool {
        self.product_types.is_empty() || self.product_types.iter().any(|carried| carried == product_type)
    }
}

impl Shipment {
    /// A shipment from this warehouse, without lines yet. One shipment per warehouse.
    pub fn from(warehouse: impl Into<String>) -> Shipment {
        Shipment { warehouse: warehouse.into(), lines: Vec::new() }
    }

    /// With so many units of a line; a line at most once.
    pub fn line(mut self, line: u32, quantity: Decimal) -> Shipment {
        self.add(line, quantity);
        self
    }

    /// Adds so many units of a line; a line at most once.
    pub fn add(&mut self, line: u32, quantity: Decimal) {
        self.lines.push(ShipmentLine { line, quantity });
    }
}

impl Route {
    /// Ship like this. What no shipment holds is backordered.
    pub fn ship(shipments: Vec<Shipment>) -> Route {
        Route::Ship(shipments)
    }

    /// Keep the order and wait for a person.
    pub fn hold(reason: impl Into<String>) -> Route {
        Route::Hold(Hold { reason: reason.into(), until: None })
    }

    /// Keep the order and run the hook again at this time.
    pub fn hold_until(reason: impl Into<String>, until: Instant) -> Route {
        Route::Hold(Hold { reason: reason.into(), until: Some(until) })
    }

    /// Do not deliver.
    pub fn reject(reason: impl Into<String>) -> Route {
        Route::Reject(reason.into())
    }
}
