//! The warehouses of the demo: three in three countries, not each with everything, so that orders are split.

use crossdock_partners::{orders::CATALOGUE, sagepro::Items};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// Id, country, region, product types (empty: all).
pub const WAREHOUSES: [(&str, &str, &str, &[&str]); 3] = [
    ("TOR", "CA", "ON", &[]),
    ("BUF", "US", "NY", &["apparel", "electronics", "housewares", "furniture"]),
    ("HAM", "DE", "HH", &["apparel", "housewares", "electronics"]),
];

/// The same as settings.
pub const SETTINGS: &str = r#"[[warehouses]]
id = "TOR"
country = "CA"
region = "ON"

[[warehouses]]
id = "BUF"
country = "US"
region = "NY"
product-types = ["apparel", "electronics", "housewares", "furniture"]

[[warehouses]]
id = "HAM"
country = "DE"
region = "HH"
product-types = ["apparel", "housewares", "electronics"]
"#;

/// Plenty of everything that a warehouse carries, but no Kitchen radios outside Hamburg.
pub fn stock() -> Items {
    let mut items = HashMap::new();
    for article in &CATALOGUE {
        let mut there = HashMap::new();
        for (id, _, _, types) in WAREHOUSES {
            let carries = types.is_empty() || types.contains(&article.product_type);
            if carries && (article.sku != "RADIO-FM-2" || id == "HAM") {
                there.insert(id.to_owned(), Decimal::from(100_000_000));
            }
        }
        items.insert(article.sku.to_owned(), there);
    }
    Items::List(items)
}
