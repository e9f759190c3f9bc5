//! Writes the ERP's tax schedule of the state that the goods go to. The tax itself stays the shop's.

use crossdock_sdk::{Context, Document, HookError, Order, PostMap, Verdict, settings};

struct TaxClass;

impl PostMap for TaxClass {
    fn post_map(_: &Context, order: &Order, document: &mut Document) -> Result<Verdict, HookError> {
        let address = order.shipping_address();
        let state = format!("schedule.{}-{}", address.country, address.region);
        let country = format!("schedule.{}", address.country);
        let schedule = match settings::get(&state) {
            Some(schedule) => schedule,
            None => settings::get(&country).ok_or_else(|| {
                HookError::Settings(format!("neither `{state}` nor `{country}` is set"))
            })?,
        };
        document.set_field("TaxSchedule", schedule, "tax schedule of the ship-to state")?;
        Ok(Verdict::Proceed)
    }
}

crossdock_sdk::export!(TaxClass: post_map);

#[cfg(test)]
mod tests {
    use super::TaxClass;
    use crossdock_sdk::{HookError, Value, sample};

    fn schedule(country: &str, region: &str) -> Result<Option<Value>, HookError> {
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
        sample::post_map::<TaxClass>(&order, &mut document)?;
        Ok(document.field("TaxSchedule"))
    }

    #[test]
    fn the_state_goes_before_the_country() {
        assert_eq!(schedule("US", "NY"), Ok(Some("NY-8875".into())));
        assert_eq!(schedule("US", "OR"), Ok(Some("US-NONE".into())));
        assert_eq!(schedule("CA", "ON"), Ok(Some("HST13".into())));
    }

    #[test]
    fn an_unknown_state_is_a_fault_of_the_settings() {
        let wrong = schedule("CA", "QC").unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "neither `schedule.CA-QC` nor `schedule.CA` is set"
        );
    }
}
