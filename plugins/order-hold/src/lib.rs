//! Holds orders that a person should look at, at `pre-map`: large ones, and those that ship elsewhere than they bill.
//!
//! ```toml
//! [plugins.order-hold.settings]
//! limit.CAD = "5000"            # hold totals above this, per currency; a currency without a limit is not held
//! compare-country = "true"      # hold when the countries of billing and shipping differ; the default
//! compare-region = "false"      # and when their regions differ; the default
//! ```
//!
//! An order whose custom field `approved` is true goes through: that is how staff lets it pass.

use crossdock_sdk::{Context, HookError, Order, PreMap, Value, Verdict, settings};

struct OrderHold;

impl PreMap for OrderHold {
    fn pre_map(_: &Context, order: &mut Order) -> Result<Verdict, HookError> {
        if order.field("approved").as_ref().and_then(Value::as_flag) == Some(true) {
            return Ok(Verdict::Proceed);
        }
        let header = order.header();
        if let Some(limit) = settings::decimal(&format!("limit.{}", header.currency))?
            && header.total > limit
        {
            return Ok(Verdict::hold(format!("the total is above the limit of {limit} {}", header.currency)));
        }
        // The reason names no address: it is shown to people who need not see it.
        let (billing, shipping) = (order.billing_address(), order.shipping_address());
        let countries_differ = billing.country != shipping.country;
        if settings::flag("compare-country")?.unwrap_or(true) && countries_differ {
            return Ok(Verdict::hold("billing and shipping are in different countries"));
        }
        if settings::flag("compare-region")?.unwrap_or(false) && (countries_differ || billing.region != shipping.region) {
            return Ok(Verdict::hold("billing and shipping are in different regions"));
        }
        Ok(Verdict::Proceed)
    }
}

crossdock_sdk::export!(OrderHold: pre_map);

#[cfg(test)]
mod tests {
    use super::OrderHold;
    use crossdock_sdk::{Verdict, sample};

    fn held(order: sample::OrderBuilder) -> Option<String> {
        match sample::pre_map::<OrderHold>(&mut order.build()).unwrap() {
            Verdict::Hold(hold) => Some(hold.reason),
            _ => None,
        }
    }

    #[test]
    fn totals_above_the_limit_of_their_currency_are_held() {
        sample::settings(&[("limit.CAD", "113")]);
        assert_eq!(held(sample::order().line("A", 1, 100)), None); // 113.00 with tax: at the limit
        assert_eq!(held(sample::order().line("A", 1, "100.01")).as_deref(), Some("the total is above the limit of 113 CAD"));
        assert_eq!(held(sample::order().currency("USD", 2).line("A", 1, "100.01")), None);
    }

    #[test]
    fn an_approved_order_goes_through() {
        sample::settings(&[("limit.CAD", "1")]);
        assert_eq!(held(sample::order().line("A", 1, 100).field("approved", true)), None);
        assert_eq!(held(sample::order().line("A", 1, 100).field("approved", "true")), None);
        assert!(held(sample::order().line("A", 1, 100).field("approved", false)).is_some());
    }

    #[test]
    fn countries_and_regions_are_compared_as_set() {
        sample::settings(&[]);
        let abroad = || sample::order().line("A", 1, 1).ship_to("US", "NY");
        let region = || sample::order().line("A", 1, 1).ship_to("CA", "QC");
        assert!(held(abroad()).is_some_and(|reason| !reason.contains("US")));
        assert_eq!(held(region()), None);
        sample::settings(&[("compare-country", "false"), ("compare-region", "true")]);
        assert!(held(region()).is_some());
        sample::settings(&[("compare-country", "false")]);
        assert_eq!(held(abroad()), None);
    }
}
