//! Price breaks by quantity for one customer segment, at `pre-map`.
//!
//! ```toml
//! [plugins.segment-discount.settings]
//! segment = "wholesale"     # the default
//! breaks.10 = "5"           # from 10 units of a line: 5 % off its unit price
//! breaks.50 = "10"          # from 50 units: 10 % off
//! ```
//!
//! The largest break that a line reaches counts. Prices are rounded to the currency's digits; a list price that is finer
//! (a screw at 0.0425) keeps four.

use crossdock_sdk::{Context, Decimal, HookError, Order, PreMap, Verdict, dec, settings};

struct SegmentDiscount;

/// From so many units of a line, so many per cent off.
struct Break {
    units: Decimal,
    percent: Decimal,
    reason: String,
}

impl PreMap for SegmentDiscount {
    fn pre_map(_: &Context, order: &mut Order) -> Result<Verdict, HookError> {
        let header = order.header();
        let segment = settings::get("segment").unwrap_or_else(|| "wholesale".into());
        if header.segment != segment {
            return Ok(Verdict::Proceed);
        }
        let breaks = breaks(&segment)?;
        for line in order.lines_mut() {
            let quantity = line.quantity();
            if let Some(reached) = breaks.iter().find(|reached| reached.units <= quantity) {
                let list = line.unit_price();
                let digits = if list.normalize().scale() > header.currency_digits { 4 } else { header.currency_digits };
                line.set_unit_price(list.percent_off(reached.percent).round(digits), &reached.reason);
            }
        }
        Ok(Verdict::Proceed)
    }
}

/// The breaks of the settings, the largest first.
fn breaks(segment: &str) -> Result<Vec<Break>, HookError> {
    let mut breaks = Vec::new();
    for (key, percent) in settings::decimals("breaks.")? {
        let units: Decimal = key.parse().map_err(|_| settings::wrong(&format!("breaks.{key}"), "a quantity after the point, such as breaks.10"))?;
        if percent.is_negative() || percent > dec!(100) {
            return Err(settings::wrong(&format!("breaks.{key}"), "0 to 100 per cent"));
        }
        breaks.push(Break { units, percent, reason: format!("{segment}: {units} or more, {percent} % off") });
    }
    breaks.sort_by_key(|one| std::cmp::Reverse(one.units));
    Ok(breaks)
}

crossdock_sdk::export!(SegmentDiscount: pre_map);

#[cfg(test)]
mod tests {
    use super::SegmentDiscount;
    use crossdock_sdk::{HookError, dec, sample};

    #[test]
    fn the_largest_break_reached_counts() {
        sample::settings(&[("breaks.10", "5"), ("breaks.50", "10")]);
        let mut order = sample::order().segment("wholesale").line("A", 9, "10").line("B", 10, "19.99").line("C", 60, "8").build();
        sample::pre_map::<SegmentDiscount>(&mut order).unwrap();
        let prices: Vec<_> = order.lines().map(|line| line.unit_price()).collect();
        assert_eq!(prices, [dec!(10), dec!(18.99), dec!(7.20)]);
        assert_eq!(order.changes()[0].reason, "wholesale: 10 or more, 5 % off");
    }

    #[test]
    fn a_fine_list_price_stays_fine() {
        sample::settings(&[("breaks.10", "5")]);
        let mut order = sample::order().segment("wholesale").line("SCREW", 200, "0.0425").build();
        sample::pre_map::<SegmentDiscount>(&mut order).unwrap();
        assert_eq!(order.lines().next().unwrap().unit_price(), dec!(0.0404));
    }

    #[test]
    fn other_segments_pay_the_list_price() {
        sample::settings(&[("breaks.1", "50")]);
        let mut order = sample::order().segment("retail").line("A", 10, "10").build();
        sample::pre_map::<SegmentDiscount>(&mut order).unwrap();
        assert_eq!(order.changes(), []);
    }

    #[test]
    fn a_wrong_setting_is_named() {
        sample::settings(&[("breaks.10", "five")]);
        let mut order = sample::order().segment("wholesale").line("A", 10, "10").build();
        let error = sample::pre_map::<SegmentDiscount>(&mut order).unwrap_err();
        assert!(matches!(error, HookError::Settings(text) if text.contains("breaks.10")));
    }
}
