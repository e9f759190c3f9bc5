//! Charges gift wrap, per line that asks for it, with the shipping. (A rule cannot add a line.)

use crossdock_sdk::{Context, Decimal, HookError, Order, PreMap, Value, Verdict, settings};

struct GiftWrap;

impl PreMap for GiftWrap {
    fn pre_map(_: &Context, order: &mut Order) -> Result<Verdict, HookError> {
        let header = order.header();
        let wrapped = order
            .lines()
            .filter(|line| line.field("gift-wrap").as_ref().and_then(Value::as_flag) == Some(true));
        let count = wrapped.count() as u32;
        if count == 0 {
            return Ok(Verdict::Proceed);
        }
        let key = format!("fee.{}", header.currency);
        let fee: Decimal = settings::decimal(&key)?
            .ok_or_else(|| HookError::Settings(format!("`{key}` is missing")))?;
        let charge = fee * Decimal::from(count);
        let reason = format!("gift wrap: {count} × {fee}");
        order.set_shipping(header.shipping + charge, &reason)?;
        order.set_field("gift-wrap-charge", charge, &reason)?;
        order.add_tag("gift-wrap", &reason)?;
        Ok(Verdict::Proceed)
    }
}

crossdock_sdk::export!(GiftWrap: pre_map);

#[cfg(test)]
mod tests {
    use super::GiftWrap;
    use crossdock_sdk::{dec, sample};

    #[test]
    fn each_wrapped_line_is_charged_with_the_shipping() {
        sample::settings(&[("fee.CAD", "4.50")]);
        let order = sample::order()
            .line("MUG", 2, "10")
            .line_field("gift-wrap", true);
        let order = order.line("LAMP", 1, "50").line_field("gift-wrap", "true");
        let mut order = order.line("BULB", 3, "5").shipping("15").build();
        sample::pre_map::<GiftWrap>(&mut order).unwrap();
        assert_eq!(order.header().shipping, dec!(24)); // 15.00 + 2 × 4.50
        assert_eq!(order.header().total, dec!(123.17)); // (85.00 + 24.00) × 1.13
        assert_eq!(order.field("gift-wrap-charge"), Some(dec!(9).into()));
    }

    #[test]
    fn without_wrapping_nothing_changes() {
        sample::settings(&[]);
        let mut order = sample::order().line("MUG", 2, "10").shipping("15").build();
        sample::pre_map::<GiftWrap>(&mut order).unwrap();
        assert_eq!(order.changes(), []);
    }
}
