//! Takes each line from the warehouses in the operator's order, as many units as each has; what nobody has is
//! backordered. Orders that would need more shipments than allowed wait.

use crossdock_sdk::{
    Candidates, Context, Decimal, HookError, Order, Route, RouteOrder, Shipment, dec, settings,
};
use std::collections::BTreeMap;

struct SplitByStock;

impl RouteOrder for SplitByStock {
    fn route_order(
        _: &Context,
        order: &Order,
        candidates: &Candidates,
    ) -> Result<Route, HookError> {
        let most = settings::decimal("most-shipments")?.unwrap_or(dec!(2));
        let mut open: Vec<Decimal> = order.lines().map(|line| line.quantity()).collect();
        let mut shipments = Vec::new();
        for (at, warehouse) in candidates.warehouses().iter().enumerate() {
            let mut shipment = Shipment::from(&warehouse.id);
            // Lines of the same SKU see the same stock: what one takes, the next does not have.
            let mut taken: BTreeMap<&str, Decimal> = BTreeMap::new();
            for line in order
                .lines()
                .filter(|line| warehouse.carries(line.product_type()))
            {
                let taken = taken.entry(line.sku()).or_default();
                let open = &mut open[line.index() as usize];
                let units = (*open).min(candidates.stock(at, line.index()) - *taken);
                if units > Decimal::ZERO {
                    *taken += units;
                    *open -= units;
                    shipment.add(line.index(), units);
                }
            }
            if !shipment.lines.is_empty() {
                shipments.push(shipment);
            }
        }
        if Decimal::from(shipments.len() as u32) > most {
            return Ok(Route::hold(format!(
                "it would take {} shipments",
                shipments.len()
            )));
        }
        Ok(Route::ship(shipments))
    }
}

crossdock_sdk::export!(SplitByStock: route_order);

#[cfg(test)]
mod tests {
    use super::SplitByStock;
    use crossdock_sdk::{Route, Shipment, dec, sample};

    fn route(most: &str) -> Route {
        sample::settings(&[("most-shipments", most)]);
        // Two lines of one SKU, 10 units in all; Toronto has 7, Buffalo 2.
        let order = sample::order()
            .line("LAMP", 6, 50)
            .line("LAMP", 4, 45)
            .build();
        let candidates = sample::candidates(&order)
            .warehouse("TOR", "CA", "ON")
            .stock("LAMP", 7);
        let candidates = candidates
            .warehouse("BUF", "US", "NY")
            .stock("LAMP", 2)
            .build();
        sample::route_order::<SplitByStock>(&order, &candidates).unwrap()
    }

    #[test]
    fn each_warehouse_gives_what_it_has() {
        let toronto = Shipment::from("TOR").line(0, dec!(6)).line(1, dec!(1));
        let buffalo = Shipment::from("BUF").line(1, dec!(2));
        // One unit of line 1 is in no shipment: the host backorders it.
        assert_eq!(route("2"), Route::ship(vec![toronto, buffalo]));
    }

    #[test]
    fn too_many_shipments_wait() {
        assert_eq!(route("1"), Route::hold("it would take 2 shipments"));
    }
}
