//! Writes the ERP's number of the customer: by the shop's id, else by the currency's house account.

use crossdock_sdk::{Context, Document, HookError, Order, PostMap, Verdict, settings};

struct CustomerMapping;

impl PostMap for CustomerMapping {
    fn post_map(_: &Context, order: &Order, document: &mut Document) -> Result<Verdict, HookError> {
        let header = order.header();
        let known = settings::get(&format!("customers.{}", header.customer_id));
        let (customer, reason) = match known {
            Some(customer) => (customer, "the ERP's number of this customer"),
            None => {
                let key = format!("house-account.{}", header.currency);
                (
                    settings::required(&key)?,
                    "not known to the ERP: the house account",
                )
            }
        };
        document.set_field("CustomerNo", customer, reason)?;
        Ok(Verdict::Proceed)
    }
}

crossdock_sdk::export!(CustomerMapping: post_map);

#[cfg(test)]
mod tests {
    use super::CustomerMapping;
    use crossdock_sdk::{HookError, Value, sample};

    fn customer(id: &str, currency: &str) -> Result<Option<Value>, HookError> {
        sample::settings(&[
            ("customers.C10042", "ACME01"),
            ("house-account.CAD", "WEBCAD"),
        ]);
        let order = sample::order().header(|header| header.customer_id = id.into());
        let order = order.currency(currency, 2).line("LAMP", 1, 10).build();
        let mut document = sample::document(&order);
        sample::post_map::<CustomerMapping>(&order, &mut document)?;
        Ok(document.field("CustomerNo"))
    }

    #[test]
    fn the_shops_customer_becomes_the_erps() {
        assert_eq!(customer("C10042", "CAD"), Ok(Some("ACME01".into())));
        assert_eq!(customer("C7", "CAD"), Ok(Some("WEBCAD".into())));
        assert_eq!(customer("", "CAD"), Ok(Some("WEBCAD".into()))); // a guest
        let missing = HookError::Settings("`house-account.USD` is missing".into());
        assert_eq!(customer("C7", "USD"), Err(missing));
    }
}
