//! Shipping is free from a worth of the goods on, within some countries.

use crossdock_sdk::{Context, Decimal, HookError, Order, PreMap, Verdict, settings};

struct FreeShipping;

impl PreMap for FreeShipping {
    fn pre_map(_: &Context, order: &mut Order) -> Result<Verdict, HookError> {
        let header = order.header();
        let Some(from) = settings::decimal(&format!("from.{}", header.currency))? else {
            return Ok(Verdict::Proceed);
        };
        let country = &order.shipping_address().country;
        let near = settings::with_prefix("countries.")
            .iter()
            .any(|(_, near)| near == country);
        let goods = header.subtotal - header.discount;
        if near && goods >= from && !header.shipping.is_zero() {
            order.set_shipping(
                Decimal::ZERO,
                &format!("free from {from} {}", header.currency),
            )?;
        }
        Ok(Verdict::Proceed)
    }
}

crossdock_sdk::export!(FreeShipping: pre_map);

#[cfg(test)]
mod tests {
    use super::FreeShipping;
    use crossdock_sdk::{dec, sample};

    #[test]
    fn the_goods_after_discounts_count() {
        sample::settings(&[
            ("from.CAD", "150"),
            ("countries.0", "CA"),
            ("countries.1", "US"),
        ]);
        let order = |quantity| sample::order().line("LAMP", quantity, "50").shipping("15");
        for (order, shipping, total) in [
            (order(3), dec!(0), dec!(169.50)), // 150.00 × 1.13
            (order(3).discount("0.01"), dec!(15), dec!(186.44)), // 149.99 + 15.00 + 19.50 + 1.95
            (order(3).ship_to("DE", ""), dec!(15), dec!(186.45)),
            (order(3).currency("EUR", 2), dec!(15), dec!(186.45)),
        ] {
            let mut order = order.build();
            sample::pre_map::<FreeShipping>(&mut order).unwrap();
            assert_eq!(
                (order.header().shipping, order.header().total),
                (shipping, total)
            );
        }
    }
}
