//! Product types of vendors are shipped by the vendors; the rest by the first warehouse of ours that has all of it.

use crossdock_sdk::{
    Candidates, Context, HookError, Order, Route, RouteOrder, Shipment, Warehouse, settings,
};

struct DropShip;

impl RouteOrder for DropShip {
    fn route_order(
        _: &Context,
        order: &Order,
        candidates: &Candidates,
    ) -> Result<Route, HookError> {
        let vendors = settings::with_prefix("vendors.");
        let warehouses = candidates.warehouses();
        let mut shipments: Vec<Shipment> = Vec::new();
        let mut ours = Vec::new();
        for line in order.lines() {
            let vendor = vendors
                .iter()
                .find(|(carried, _)| carried == line.product_type());
            let Some((_, vendor)) = vendor else {
                ours.push(line);
                continue;
            };
            if !warehouses.iter().any(|warehouse| warehouse.id == *vendor) {
                return Ok(Route::hold(format!("`{vendor}` is none of the warehouses")));
            }
            match shipments
                .iter_mut()
                .find(|shipment| shipment.warehouse == *vendor)
            {
                Some(shipment) => shipment.add(line.index(), line.quantity()),
                None => shipments.push(Shipment::from(vendor).line(line.index(), line.quantity())),
            }
        }
        if !ours.is_empty() {
            let is_vendor = |of: &Warehouse| vendors.iter().any(|(_, vendor)| *vendor == of.id);
            let has_all = |at: usize| {
                ours.iter()
                    .all(|line| candidates.stock(at, line.index()) >= line.quantity())
            };
            let mut places = warehouses.iter().enumerate();
            let Some((_, home)) = places.find(|(at, of)| !is_vendor(of) && has_all(*at)) else {
                return Ok(Route::hold(
                    "no warehouse of ours has all that vendors do not ship",
                ));
            };
            let mut shipment = Shipment::from(&home.id);
            ours.iter()
                .for_each(|line| shipment.add(line.index(), line.quantity()));
            shipments.insert(0, shipment);
        }
        Ok(Route::ship(shipments))
    }
}

crossdock_sdk::export!(DropShip: route_order);

#[cfg(test)]
mod tests {
    use super::DropShip;
    use crossdock_sdk::{Route, Shipment, dec, sample};

    fn route(lamps_in_toronto: i64) -> Route {
        sample::settings(&[("vendors.furniture", "VND")]);
        let order = sample::order()
            .line("SOFA", 1, 900)
            .product_type("furniture");
        let order = order.line("LAMP", 2, 50).product_type("lighting").build();
        let candidates = sample::candidates(&order).warehouse("VND", "CA", "QC");
        let candidates = candidates
            .warehouse("TOR", "CA", "ON")
            .stock("LAMP", lamps_in_toronto);
        sample::route_order::<DropShip>(&order, &candidates.build()).unwrap()
    }

    #[test]
    fn the_vendor_ships_without_stock_and_we_ship_the_rest() {
        let ours = Shipment::from("TOR").line(1, dec!(2));
        let vendor = Shipment::from("VND").line(0, dec!(1));
        assert_eq!(route(2), Route::ship(vec![ours, vendor]));
    }

    #[test]
    fn what_we_do_not_have_holds_the_order() {
        assert!(matches!(route(1), Route::Hold(_)));
    }
}
