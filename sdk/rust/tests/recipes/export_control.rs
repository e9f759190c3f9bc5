//! Holds orders with controlled goods for countries that need a licence; rejects those for countries under embargo.

use crossdock_sdk::{Context, HookError, Order, PreMap, Value, Verdict, settings};

struct ExportControl;

impl PreMap for ExportControl {
    fn pre_map(_: &Context, order: &mut Order) -> Result<Verdict, HookError> {
        let country = &order.shipping_address().country;
        if listed("embargo.", country) {
            return Ok(Verdict::reject("we do not deliver to this country"));
        }
        if listed("free.", country) {
            return Ok(Verdict::Proceed);
        }
        for line in order.lines() {
            let class = line.field("eccn");
            let class = class.as_ref().and_then(Value::as_text).unwrap_or("EAR99");
            if class != "EAR99" || listed("controlled.", line.product_type()) {
                let place = line.index() + 1;
                return Ok(Verdict::hold(format!(
                    "line {place} needs an export licence ({class})"
                )));
            }
        }
        Ok(Verdict::Proceed)
    }
}

fn listed(list: &str, wanted: &str) -> bool {
    settings::with_prefix(list)
        .iter()
        .any(|(_, one)| one == wanted)
}

crossdock_sdk::export!(ExportControl: pre_map);

#[cfg(test)]
mod tests {
    use super::ExportControl;
    use crossdock_sdk::{Verdict, sample};

    fn verdict(country: &str, product_type: &str, class: &str) -> Verdict {
        sample::settings(&[
            ("embargo.0", "KP"),
            ("free.0", "CA"),
            ("free.1", "US"),
            ("controlled.0", "optics"),
        ]);
        let order = sample::order()
            .ship_to(country, "")
            .line("MUG", 1, 9)
            .line("SCOPE", 1, 900);
        let mut order = order
            .product_type(product_type)
            .line_field("eccn", class)
            .build();
        sample::pre_map::<ExportControl>(&mut order).unwrap()
    }

    #[test]
    fn class_type_and_country_decide() {
        let held = |class| Verdict::hold(format!("line 2 needs an export licence ({class})"));
        assert_eq!(verdict("CH", "tools", "EAR99"), Verdict::Proceed);
        assert_eq!(verdict("CH", "tools", "6A004"), held("6A004"));
        assert_eq!(verdict("CH", "optics", "EAR99"), held("EAR99"));
        assert_eq!(verdict("US", "optics", "6A004"), Verdict::Proceed);
        assert!(matches!(
            verdict("KP", "tools", "EAR99"),
            Verdict::Reject(_)
        ));
    }
}
