//! Writes the ERP's tax schedule of the state that the goods go to. The tax itself stays the shop's.

use crossdock_sdk::{Context, Document, HookError, Order, PostMap, Verdict, settings};

struct TaxClass;

impl PostMap for TaxClass {
    fn post_map(_: &Context, order: &Order, document: &mut Document) -> Result<Verdict, HookError> {
        let address = order.shipping_address();
        let state = format!("{}-{}", address.country, address.region);
        let schedule = |place: &str| settings::get(&format!("schedule.{place}"));
        let Some(schedule) = schedule(&state).or_else(|| schedule(&address.country)) else {
            return Ok(Verdict::hold(format!("no tax schedule is set for {state}")));
        };
        document.set_field("TaxSchedule", schedule, "tax schedule of the ship-to state")?;
        Ok(Verdict::Proceed)
    }
}

crossdock_sdk::export!(TaxClass: post_map);

#[cfg(test)]
mod tests {
    use super::TaxClass;
    use crossdock_sdk::{Value, Verdict, sample};

    fn schedule(country: &str, region: &str) -> (Verdict, Option<Value>) {
        sample::settings(&[
            ("schedule.US", "US-NONE"),
            ("schedule.US-NY", "NY-8875"),
            ("schedule.CA-ON", "HST13"),
        ]);
        let order = sample::order()
            .ship_to(country, region)
            .line("LAMP", 1, 10)
            .build();
        let mut document = sample::document(&order);
        let verdict = sample::post_map::<TaxClass>(&order, &mut document).unwrap();
        (verdict, document.field("TaxSchedule"))
    }

    #[test]
    fn the_state_goes_before_the_country() {
        assert_eq!(schedule("US", "NY").1, Some("NY-8875".into()));
        assert_eq!(schedule("US", "OR").1, Some("US-NONE".into()));
        assert_eq!(schedule("CA", "ON").1, Some("HST13".into()));
    }

    #[test]
    fn an_unknown_state_waits() {
        let held = Verdict::hold("no tax schedule is set for CA-QC");
        assert_eq!(schedule("CA", "QC"), (held, None));
    }
}
