//! Writes the ERP's number of the customer: by the shop's id, else the house account of the currency.

use crossdock_sdk::{Context, Document, HookError, Order, PostMap, Verdict, settings};

struct CustomerMapping;

impl PostMap for CustomerMapping {
    fn post_map(_: &Context, order: &Order, document: &mut Document) -> Result<Verdict, HookError> {
        let header = order.header();
        let known = settings::get(&format!("customers.{}", header.customer_id));
        let house = settings::get(&format!("house-account.{}", header.currency));
        if let Some(customer) = known {
            document.set_field("CustomerNo", customer, "the ERP's number of this customer")?;
        } else if let Some(house) = house {
            document.set_field(
                "CustomerNo",
                house,
                "not known to the ERP: the house account",
            )?;
        } else {
            return Ok(Verdict::hold("the ERP has no number for this customer"));
        }
        Ok(Verdict::Proceed)
    }
}

crossdock_sdk::export!(CustomerMapping: post_map);

#[cfg(test)]
mod tests {
    use super::CustomerMapping;
    use crossdock_sdk::{Value, Verdict, sample};

    fn customer(id: &str, currency: &str) -> (Verdict, Option<Value>) {
        sample::settings(&[
            ("customers.C10042", "ACME01"),
            ("house-account.CAD", "WEBCAD"),
        ]);
        let order = sample::order().header(|header| header.customer_id = id.into());
        let order = order.currency(currency, 2).line("LAMP", 1, 10).build();
        let mut document = sample::document(&order);
        let verdict = sample::post_map::<CustomerMapping>(&order, &mut document).unwrap();
        (verdict, document.field("CustomerNo"))
    }

    #[test]
    fn the_shops_customer_becomes_the_erps() {
        assert_eq!(customer("C10042", "CAD").1, Some("ACME01".into()));
        assert_eq!(customer("C7", "CAD").1, Some("WEBCAD".into()));
        assert_eq!(customer("", "CAD").1, Some("WEBCAD".into())); // a guest
    }

    #[test]
    fn without_a_house_account_the_order_waits() {
        let held = Verdict::hold("the ERP has no number for this customer");
        assert_eq!(customer("C7", "USD"), (held, Some("C7".into())));
    }
}
