//! {{name}}: what this plugin decides, and its tests. The host checks and records every edit; the sums follow.

use crossdock_sdk::*;

struct Plugin;
// @hook pre-map

/// Takes `percent` (5) off all prices for customers of the segment `segment` (wholesale).
impl PreMap for Plugin {
    fn pre_map(_: &Context, order: &mut Order) -> Result<Verdict, HookError> {
        let segment = settings::get("segment").unwrap_or_else(|| "wholesale".into());
        let percent = settings::decimal("percent")?.unwrap_or(dec!(5));
        let header = order.header();
        if header.segment == segment {
            let reason = format!("{segment}: {percent} % off");
            for line in order.lines_mut() {
                let price = line.unit_price().percent_off(percent);
                line.set_unit_price(price.round(header.currency_digits), &reason);
            }
        }
        Ok(Verdict::Proceed)
    }
}

crossdock_sdk::export!(Plugin: pre_map);
// @end
// @hook route-order

/// Ships everything from the first warehouse that has everything.
impl RouteOrder for Plugin {
    fn route_order(
        _: &Context,
        order: &Order,
        candidates: &Candidates,
    ) -> Result<Route, HookError> {
        for (at, warehouse) in candidates.warehouses().iter().enumerate() {
            if order
                .lines()
                .all(|line| candidates.stock(at, line.index()) >= line.quantity())
            {
                let mut shipment = Shipment::from(&warehouse.id);
                order
                    .lines()
                    .for_each(|line| shipment.add(line.index(), line.quantity()));
                return Ok(Route::ship(vec![shipment]));
            }
        }
        Ok(Route::hold("no warehouse has everything"))
    }
}

crossdock_sdk::export!(Plugin: route_order);
// @end
// @hook post-map

/// Writes the setting `payment-terms` (NET30) into the ERP's document.
impl PostMap for Plugin {
    fn post_map(_: &Context, _: &Order, document: &mut Document) -> Result<Verdict, HookError> {
        let terms = settings::get("payment-terms").unwrap_or_else(|| "NET30".into());
        document.set_field("PaymentTerms", terms, "terms of the settings")?;
        Ok(Verdict::Proceed)
    }
}

crossdock_sdk::export!(Plugin: post_map);
// @end

#[cfg(test)]
mod tests {
    use super::*;
    // @hook pre-map

    #[test]
    fn the_segment_gets_its_percentage() {
        sample::settings(&[("percent", "10")]);
        let mut order = sample::order()
            .segment("wholesale")
            .line("LAMP", 2, "49.95")
            .build();
        sample::pre_map::<Plugin>(&mut order).unwrap();
        assert_eq!(order.line(0).unwrap().unit_price(), dec!(44.96));
        assert_eq!(order.changes()[0].reason, "wholesale: 10 % off");
    }

    #[test]
    fn others_pay_the_list_price() {
        let mut order = sample::order()
            .segment("retail")
            .line("LAMP", 2, "49.95")
            .build();
        sample::pre_map::<Plugin>(&mut order).unwrap();
        assert_eq!(order.changes(), []);
    }
    // @end
    // @hook route-order

    #[test]
    fn the_first_warehouse_that_has_everything_ships() {
        let order = sample::order()
            .line("LAMP", 2, "10")
            .line("BULB", 5, "1")
            .build();
        let candidates = sample::candidates(&order)
            .warehouse("TOR", "CA", "ON")
            .stock("LAMP", 9)
            .warehouse("VAN", "CA", "BC")
            .stock("LAMP", 2)
            .stock("BULB", 5)
            .build();
        let route = sample::route_order::<Plugin>(&order, &candidates).unwrap();
        let all = Shipment::from("VAN").line(0, dec!(2)).line(1, dec!(5));
        assert_eq!(route, Route::ship(vec![all]));
    }

    #[test]
    fn without_stock_the_order_waits() {
        let order = sample::order().line("LAMP", 2, "10").build();
        let candidates = sample::candidates(&order)
            .warehouse("TOR", "CA", "ON")
            .build();
        let route = sample::route_order::<Plugin>(&order, &candidates).unwrap();
        assert!(matches!(route, Route::Hold(_)));
    }
    // @end
    // @hook post-map

    #[test]
    fn the_terms_of_the_settings_are_written() {
        sample::settings(&[("payment-terms", "NET45")]);
        let order = sample::order().line("LAMP", 2, "10").build();
        let mut document = sample::document(&order);
        sample::post_map::<Plugin>(&order, &mut document).unwrap();
        assert_eq!(document.field("PaymentTerms"), Some("NET45".into()));
    }
    // @end
}
