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
// @hook pre-map-customer

/// Gives customers of the shop that have no price list the one of the setting `price-list` (RETAIL).
impl PreMapCustomer for Plugin {
    fn pre_map_customer(_: &Context, customer: &mut Customer) -> Result<Verdict, HookError> {
        if customer.comes_from() == Side::Shop && customer.account().price_list.is_empty() {
            let list = settings::get("price-list").unwrap_or_else(|| "RETAIL".into());
            customer.set("price-list", list, "price list of the settings")?;
        }
        Ok(Verdict::Proceed)
    }
}

crossdock_sdk::export!(Plugin: pre_map_customer);
// @end
// @hook pre-map-product

/// Gives the shop a price list `web`: everybody's price less the setting `web-percent` (5).
impl PreMapProduct for Plugin {
    fn pre_map_product(_: &Context, product: &mut Product) -> Result<Verdict, HookError> {
        let percent = settings::decimal("web-percent")?.unwrap_or(dec!(5));
        let reason = format!("{percent} % off everybody's price");
        for price in product.prices() {
            if price.price_list.is_empty() {
                let amount = price.amount.percent_off(percent).round(2);
                let web = Price {
                    price_list: "web".into(),
                    amount,
                    ..price
                };
                product.set_price(&web, &reason)?;
            }
        }
        Ok(Verdict::Proceed)
    }
}

crossdock_sdk::export!(Plugin: pre_map_product);
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
    // @hook pre-map-customer

    #[test]
    fn who_has_no_price_list_gets_that_of_the_settings() {
        sample::settings(&[("price-list", "TRADE")]);
        let mut customer = sample::customer().build();
        sample::pre_map_customer::<Plugin>(&mut customer).unwrap();
        assert_eq!(customer.account().price_list, "TRADE");
        let mut known = sample::customer().comes_from(Side::Erp).build();
        sample::pre_map_customer::<Plugin>(&mut known).unwrap();
        assert_eq!(known.changes(), []);
    }
    // @end
    // @hook pre-map-product

    #[test]
    fn the_web_price_follows_everybodys() {
        let mut product = sample::product("LAMP").price("CAD", "19.99").build();
        sample::pre_map_product::<Plugin>(&mut product).unwrap();
        let prices = product.prices();
        assert_eq!((prices.len(), prices[1].amount), (2, dec!(18.99)));
        // Again on what came of it, nothing changes.
        sample::pre_map_product::<Plugin>(&mut product).unwrap();
        assert_eq!(product.changes().len(), 1);
    }
    // @end
}
