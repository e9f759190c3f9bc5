//! Payment terms, salesperson, territory and GL codes for the ERP, at `post-map`.
//!
//! ```toml
//! [plugins.sales-tagging.settings]
//! terms.wholesale = "NET30"        # PaymentTerms by customer segment; `terms.default` for the others
//! territory.ON = "EAS"             # Territory by the region of the shipping address
//! salesperson.ON = "KIM"           # Salesperson by the region of the shipping address
//! gl.apparel = "4010-200"          # GLCode of a line by its product type
//! ```
//!
//! What no setting speaks of is left as the template made it; `.default` works for each of the four.

use crossdock_sdk::{Context, Document, HookError, Order, PostMap, Value, Verdict, settings};
use std::collections::BTreeMap;

struct SalesTagging;

impl PostMap for SalesTagging {
    fn post_map(_: &Context, order: &Order, document: &mut Document) -> Result<Verdict, HookError> {
        let segment = &order.header().segment;
        if let Some(terms) = choose(&settings::with_prefix("terms."), segment) {
            document.set_field("PaymentTerms", terms, "terms of the customer's segment")?;
        }
        let region = &order.shipping_address().region;
        if let Some(territory) = choose(&settings::with_prefix("territory."), region) {
            document.set_field("Territory", territory, "territory of the shipping address")?;
        }
        if let Some(person) = choose(&settings::with_prefix("salesperson."), region) {
            document.set_field("Salesperson", person, "salesperson of the territory")?;
        }
        let codes = settings::with_prefix("gl.");
        let before = document.column("GLCode");
        let skus = document.column("ItemCode");
        // A document can hold a part of the order: its lines are found by SKU, not by place.
        let types: BTreeMap<&str, &str> = order.lines().map(|line| (line.sku(), line.product_type())).collect();
        let code = |(sku, before): (&Value, &Value)| {
            let product_type = sku.as_text().and_then(|sku| types.get(sku));
            product_type.and_then(|product_type| choose(&codes, product_type)).map_or_else(|| before.clone(), Value::from)
        };
        let after: Vec<Value> = skus.iter().zip(before.iter()).map(code).collect();
        if after[..] != before[..] {
            document.set_column("GLCode", &after, "GL code of the product type")?;
        }
        Ok(Verdict::Proceed)
    }
}

/// The setting of this key, or else the default.
fn choose<'s>(table: &'s [(String, String)], key: &str) -> Option<&'s str> {
    let find = |wanted: &str| table.iter().find(|(known, _)| known == wanted).map(|(_, value)| value.as_str());
    find(key).or_else(|| find("default"))
}

crossdock_sdk::export!(SalesTagging: post_map);

#[cfg(test)]
mod tests {
    use super::SalesTagging;
    use crossdock_sdk::{Value, sample};

    #[test]
    fn a_document_gets_terms_salesperson_and_codes() {
        sample::settings(&[
            ("terms.wholesale", "NET30"),
            ("salesperson.ON", "KIM"),
            ("territory.ON", "EAS"),
            ("gl.apparel", "4010-200"),
            ("gl.default", "4000"),
        ]);
        let order = sample::order().segment("wholesale").line("SHIRT", 1, 10).product_type("apparel").line("MUG", 1, 5).build();
        let mut document = sample::document(&order);
        sample::post_map::<SalesTagging>(&order, &mut document).unwrap();
        assert_eq!(document.field("PaymentTerms"), Some("NET30".into()));
        assert_eq!(document.field("Salesperson"), Some("KIM".into()));
        assert_eq!(document.field("Territory"), Some("EAS".into()));
        assert_eq!(document.column("GLCode")[..], [Value::from("4010-200"), Value::from("4000")]);
    }

    #[test]
    fn without_settings_nothing_is_set() {
        sample::settings(&[]);
        let order = sample::order().line("SHIRT", 1, 10).build();
        let mut document = sample::document(&order);
        sample::post_map::<SalesTagging>(&order, &mut document).unwrap();
        assert_eq!(document.changes(), []);
    }
}
