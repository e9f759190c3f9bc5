//! Rounds unit prices to a step of the currency, half away from zero: in CHF to five centimes.

use crossdock_sdk::{Context, Decimal, HookError, Order, PreMap, Verdict, settings};

struct Rounding;

impl PreMap for Rounding {
    fn pre_map(_: &Context, order: &mut Order) -> Result<Verdict, HookError> {
        let key = format!("step.{}", order.header().currency);
        let Some(step) = settings::decimal(&key)? else {
            return Ok(Verdict::Proceed);
        };
        if step <= Decimal::ZERO {
            return Err(settings::wrong(&key, "more than zero, such as 0.05"));
        }
        let reason = format!("rounded to {step}");
        for line in order.lines_mut() {
            let before = line.unit_price();
            let steps = before.checked_div(step, 0);
            let after = steps
                .and_then(|steps| steps.checked_mul(step))
                .ok_or_else(|| {
                    HookError::Unsupported(format!("line {}: the price is too large", line.index()))
                })?;
            if after != before {
                line.set_unit_price(after, &reason);
            }
        }
        Ok(Verdict::Proceed)
    }
}

crossdock_sdk::export!(Rounding: pre_map);

#[cfg(test)]
mod tests {
    use super::Rounding;
    use crossdock_sdk::{HookError, dec, sample};

    #[test]
    fn prices_are_rounded_to_the_step() {
        sample::settings(&[("step.CHF", "0.05")]);
        let order = sample::order()
            .currency("CHF", 2)
            .line("A", 1, "19.98")
            .line("B", 1, "7.12");
        let mut order = order
            .line("C", 3, "7.125")
            .line("D", 1, "0.02")
            .line("E", 1, "4")
            .build();
        sample::pre_map::<Rounding>(&mut order).unwrap();
        let prices: Vec<_> = order.lines().map(|line| line.unit_price()).collect();
        assert_eq!(prices, [dec!(20), dec!(7.10), dec!(7.15), dec!(0), dec!(4)]);
        assert_eq!(order.changes().len(), 4);
    }

    #[test]
    fn a_step_of_nothing_is_a_wrong_setting() {
        sample::settings(&[("step.CAD", "0")]);
        let mut order = sample::order().line("A", 1, "19.98").build();
        let wrong = sample::pre_map::<Rounding>(&mut order).unwrap_err();
        assert!(matches!(wrong, HookError::Settings(text) if text.contains("step.CAD")));
    }
}
