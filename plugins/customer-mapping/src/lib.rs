//! The ERP's codes for customers of the shop, by segment and country, at `pre-map-customer`.
//!
//! ```toml
//! [plugins.customer-mapping.settings]
//! segment.wholesale.price-list = "TRADE"    # of a segment: price-list, terms, tax-code
//! segment.wholesale.terms = "NET30"
//! country.US.tax-code = "EXPORT"            # of the country of the invoice's address; more than the segment's
//! otherwise.price-list = "RETAIL"           # where neither says anything
//! hold-without-country = "true"             # nobody goes to the ERP without a country; not the default
//! ```
//!
//! What the shop's customer has already stays. Customers that come from the ERP are left as they are.

use crossdock_sdk::{Context, Customer, HookError, PreMapCustomer, Side, Verdict, settings};

/// The parts of a customer that the settings may give.
const PARTS: [&str; 3] = ["price-list", "terms", "tax-code"];

struct CustomerMapping;

impl PreMapCustomer for CustomerMapping {
    fn pre_map_customer(_: &Context, customer: &mut Customer) -> Result<Verdict, HookError> {
        if customer.comes_from() == Side::Erp {
            return Ok(Verdict::Proceed);
        }
        let account = customer.account();
        let country = customer.billing_address().country;
        if country.is_empty() && settings::flag("hold-without-country")?.unwrap_or(false) {
            return Ok(Verdict::hold("the invoice's address has no country"));
        }
        for part in PARTS {
            let there = match part {
                "price-list" => &account.price_list,
                "terms" => &account.terms,
                _ => &account.tax_code,
            };
            if !there.is_empty() {
                continue;
            }
            let ways = [
                (format!("country.{country}.{part}"), format!("country {country}")),
                (format!("segment.{}.{part}", account.segment), format!("segment {}", account.segment)),
                (format!("otherwise.{part}"), "neither country nor segment says more".to_owned()),
            ];
            if let Some((code, why)) = ways.into_iter().find_map(|(key, why)| Some((settings::get(&key)?, why))) {
                customer.set(part, code, &why)?;
            }
        }
        Ok(Verdict::Proceed)
    }
}

crossdock_sdk::export!(CustomerMapping: pre_map_customer);

#[cfg(test)]
mod tests {
    use super::CustomerMapping;
    use crossdock_sdk::{Customer, HookError, Side, Verdict, sample};

    fn ruled(mut customer: Customer) -> Customer {
        sample::pre_map_customer::<CustomerMapping>(&mut customer).unwrap();
        customer
    }

    #[test]
    fn the_country_says_more_than_the_segment() {
        sample::settings(&[
            ("segment.wholesale.price-list", "TRADE"),
            ("segment.wholesale.terms", "NET30"),
            ("country.US.price-list", "USD"),
            ("otherwise.tax-code", "STD"),
        ]);
        let account = ruled(sample::customer().segment("wholesale").bill_to("US", "NY").build()).account();
        assert_eq!((&*account.price_list, &*account.terms, &*account.tax_code), ("USD", "NET30", "STD"));
        let customer = ruled(sample::customer().segment("wholesale").build());
        assert_eq!(customer.changes()[0].path, "customer.price-list");
        assert_eq!(customer.changes()[0].reason, "segment wholesale");
    }

    #[test]
    fn what_is_there_stays_and_so_does_whoever_comes_from_the_erp() {
        sample::settings(&[("otherwise.price-list", "RETAIL")]);
        let known = sample::customer().account(|account| account.price_list = "GOLD".into()).build();
        assert_eq!(ruled(known).changes(), []);
        assert_eq!(ruled(sample::customer().comes_from(Side::Erp).build()).changes(), []);
        assert_eq!(ruled(sample::customer().build()).account().price_list, "RETAIL");
    }

    #[test]
    fn nobody_without_a_country_where_that_is_wanted() {
        let answer = |set: &[(&str, &str)]| {
            sample::settings(set);
            sample::pre_map_customer::<CustomerMapping>(&mut sample::customer().bill_to("", "").build())
        };
        assert!(matches!(answer(&[]), Ok(Verdict::Proceed)));
        assert!(matches!(answer(&[("hold-without-country", "true")]), Ok(Verdict::Hold(_))));
        assert!(matches!(answer(&[("hold-without-country", "maybe")]), Err(HookError::Settings(_))));
    }
}
