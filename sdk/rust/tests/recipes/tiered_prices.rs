//! From so many units of an article on, its price is that of the price list.

use crossdock_sdk::{Context, Decimal, HookError, Order, PreMap, Verdict, settings};

struct TieredPrices;

struct Tier {
    sku: String,
    from: Decimal,
    price: Decimal,
}

impl PreMap for TieredPrices {
    fn pre_map(_: &Context, order: &mut Order) -> Result<Verdict, HookError> {
        let tiers = tiers()?;
        for line in order.lines_mut() {
            let (sku, quantity) = (line.sku(), line.quantity());
            let reached = tiers
                .iter()
                .filter(|tier| tier.sku == sku && tier.from <= quantity);
            if let Some(tier) = reached.max_by_key(|tier| tier.from)
                && tier.price < line.unit_price()
            {
                line.set_unit_price(tier.price, &format!("price list: {} or more", tier.from));
            }
        }
        Ok(Verdict::Proceed)
    }
}

/// The settings `tiers.SKU.UNITS`. The units stand behind the last point: a SKU may hold points.
fn tiers() -> Result<Vec<Tier>, HookError> {
    let tier = |(key, price): (String, Decimal)| {
        let wrong = || settings::wrong(&format!("tiers.{key}"), "tiers.SKU.UNITS");
        let (sku, from) = key.rsplit_once('.').ok_or_else(wrong)?;
        Ok(Tier {
            sku: sku.into(),
            from: from.parse().map_err(|_| wrong())?,
            price,
        })
    };
    settings::decimals("tiers.")?
        .into_iter()
        .map(tier)
        .collect()
}

crossdock_sdk::export!(TieredPrices: pre_map);

#[cfg(test)]
mod tests {
    use super::TieredPrices;
    use crossdock_sdk::{dec, sample};

    #[test]
    fn the_highest_tier_reached_counts() {
        sample::settings(&[
            ("tiers.BOLT-M8.100", "0.0425"),
            ("tiers.BOLT-M8.1000", "0.039"),
        ]);
        let order = sample::order()
            .line("BOLT-M8", 99, "0.05")
            .line("BOLT-M8", 1000, "0.05");
        let mut order = order.line("NUT-M8", 1000, "0.02").build();
        sample::pre_map::<TieredPrices>(&mut order).unwrap();
        let prices: Vec<_> = order.lines().map(|line| line.unit_price()).collect();
        assert_eq!(prices, [dec!(0.05), dec!(0.039), dec!(0.02)]);
        assert_eq!(order.header().subtotal, dec!(63.95)); // 4.95 + 39.00 + 20.00
    }

    #[test]
    fn a_price_is_never_raised() {
        sample::settings(&[("tiers.BOLT-M8.100", "0.0425")]);
        let mut order = sample::order().line("BOLT-M8", 100, "0.04").build();
        sample::pre_map::<TieredPrices>(&mut order).unwrap();
        assert_eq!(order.changes(), []);
    }
}
