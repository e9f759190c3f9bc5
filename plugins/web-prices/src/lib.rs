//! A price list of its own for the shop, made of everybody's price, at `pre-map-product`; and articles that are not sold there.
//!
//! ```toml
//! [plugins.web-prices.settings]
//! price-list = "web"           # the default
//! percent-off = "5"            # of everybody's price; without it no list is made
//! digits = "2"                 # the default: prices are rounded to it, half away from zero
//! hidden = ["hazmat"]          # product types that the shop does not sell
//! ```

use crossdock_sdk::{Context, Decimal, HookError, PreMapProduct, Price, Product, Verdict, dec, settings};

struct WebPrices;

impl PreMapProduct for WebPrices {
    fn pre_map_product(_: &Context, product: &mut Product) -> Result<Verdict, HookError> {
        if let Some(percent) = settings::decimal("percent-off")? {
            make_list(product, percent)?;
        }
        let item = product.item();
        if item.is_sold && settings::with_prefix("hidden.").iter().any(|(_, hidden)| *hidden == item.product_type) {
            product.set("is-sold", false, &format!("{} is not sold in the shop", item.product_type))?;
        }
        Ok(Verdict::Proceed)
    }
}

fn make_list(product: &mut Product, percent: Decimal) -> Result<(), HookError> {
    let list = settings::get("price-list").unwrap_or_else(|| "web".into());
    if percent.is_negative() || percent > dec!(100) {
        return Err(settings::wrong("percent-off", "0 to 100 per cent"));
    }
    let digits = match settings::get("digits") {
        None => 2,
        Some(text) => text.parse().ok().filter(|digits| *digits <= 4).ok_or_else(|| settings::wrong("digits", "a number from 0 to 4"))?,
    };
    for price in product.prices().into_iter().filter(|price| price.price_list.is_empty()) {
        let amount = price.amount.percent_off(percent).round(digits);
        product.set_price(&Price { price_list: list.clone(), amount, ..price }, &format!("{percent} % off everybody's price"))?;
    }
    Ok(())
}

crossdock_sdk::export!(WebPrices: pre_map_product);

#[cfg(test)]
mod tests {
    use super::WebPrices;
    use crossdock_sdk::{HookError, dec, sample};

    #[test]
    fn the_list_follows_everybodys_price_and_no_other() {
        sample::settings(&[("percent-off", "5")]);
        let mut product = sample::product("A").price("CAD", "19.99").list_price("CAD", "trade", 10, "15").build();
        sample::pre_map_product::<WebPrices>(&mut product).unwrap();
        let prices: Vec<_> = product.prices().into_iter().map(|price| (price.price_list, price.amount)).collect();
        assert_eq!(prices, [("".into(), dec!(19.99)), ("trade".into(), dec!(15)), ("web".into(), dec!(18.99))]);
        assert_eq!(product.changes()[0].path, "product.price[CAD/web/0]");
        // Again on what came of it, nothing changes.
        sample::pre_map_product::<WebPrices>(&mut product).unwrap();
        assert_eq!(product.changes().len(), 1);
    }

    #[test]
    fn hidden_types_are_not_sold() {
        sample::settings(&[("percent-off", "0"), ("hidden.0", "hazmat")]);
        let hidden = |product_type: &str| {
            let mut product = sample::product("A").item(|item| item.product_type = product_type.into()).build();
            sample::pre_map_product::<WebPrices>(&mut product).unwrap();
            !product.item().is_sold
        };
        assert!(hidden("hazmat") && !hidden("apparel"));
    }

    #[test]
    fn a_wrong_setting_is_named() {
        for (set, named) in [
            (&[("percent-off", "101")][..], "percent-off"),
            (&[("percent-off", "x")], "percent-off"),
            (&[("percent-off", "1"), ("digits", "5")], "digits"),
        ] {
            sample::settings(set);
            let error = sample::pre_map_product::<WebPrices>(&mut sample::product("A").price("CAD", 1).build()).unwrap_err();
            assert!(matches!(error, HookError::Settings(text) if text.contains(named)), "{named}");
        }
    }
}
