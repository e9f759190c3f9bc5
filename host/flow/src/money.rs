//! Exact money: currencies, rounding, and sharing out cents. No floats, anywhere.

use crate::fault::{Code, Fault};
use rust_decimal::RoundingStrategy;
use serde::{Deserialize, Serialize};
use std::fmt;

pub use rust_decimal::Decimal;

/// How amounts are rounded: half away from zero.
pub const HALF_UP: RoundingStrategy = RoundingStrategy::MidpointAwayFromZero;

/// Digits after the point that a canonical amount, price or quantity may have.
pub const MAX_SCALE: u32 = 4;
/// Canonical numbers stay below this absolute value, so that with [`MAX_SCALE`] digits they fit ±(2^53 − 1) units.
pub const LIMIT: Decimal = Decimal::from_parts(1_215_752_192, 23, 0, false, 0); // 10^11

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Parses a code such as `CAD`. Fails with E204.
    pub fn parse(code: &str) -> Result<Currency, Fault> {
        iso_currency::Currency::from_code(code)
            .filter(|currency| currency.exponent().is_some_and(|digits| digits <= 3))
            .map(Currency)
            .ok_or_else(|| Fault::new(Code::UnknownCurrency, format!("`{}` is no currency we can count in", crate::fault::shorten(code))))
    }

    /// The code, three upper-case letters.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits after the point, 0 to 3.
    pub fn digits(self) -> u32 {
        self.0.exponent().unwrap_or(2).into()
    }

    /// Rounds an amount to this currency, half away from zero.
    pub fn round(self, amount: Decimal) -> Decimal {
        amount.round_dp_with_strategy(self.digits(), HALF_UP)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl TryFrom<String> for Currency {
    type Error = Fault;
    fn try_from(code: String) -> Result<Currency, Fault> {
        Currency::parse(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.code().to_owned()
    }
}

/// Says whether a number may stand in the canonical order: at most [`MAX_SCALE`] digits after the point once trailing
/// zeros are dropped, and below [`LIMIT`]. Returns it in its shortest form.
pub fn fit(number: Decimal) -> Option<Decimal> {
    let short = if number.scale() > MAX_SCALE { number.normalize() } else { number };
    (short.scale() <= MAX_SCALE && short.abs() < LIMIT).then_some(short)
}

/// Digits after the point that a tax rate may have, as a fraction: Quebec's 14.975 % is 0.14975.
pub const MAX_RATE_SCALE: u32 = 8;

/// Says whether a number may stand as a tax rate: from 0 to 1, with at most [`MAX_RATE_SCALE`] digits.
pub fn fit_rate(rate: Decimal) -> Option<Decimal> {
    let short = if rate.scale() > MAX_SCALE { rate.normalize() } else { rate };
    (short.scale() <= MAX_RATE_SCALE && short >= Decimal::ZERO && short <= Decimal::ONE).then_some(short)
}

/// Shares `total` out by `weights`, each share a whole number of units of `digits` digits, by largest remainder: every
/// share is rounded down, then the units left go to the largest remainders, the earlier line first on a tie.
/// The shares always add up to `total` (rounded to `digits`). With no weight at all the first share takes everything.
pub fn allocate(total: Decimal, weights: &[Decimal], digits: u32) -> Vec<Decimal> {
    let total = total.round_dp_with_strategy(digits, HALF_UP);
    if weights.is_empty() {
        return Vec::new();
    }
    if total.is_sign_negative() {
        return allocate(-total, weights, digits).into_iter().map(|share| -share).collect();
    }
    // Whole units from here on: exact, and far quicker than decimals. Canonical numbers have at most 16 digits, so a
    // product of two has room.
    let scale = weights.iter().map(Decimal::scale).max().unwrap_or(0);
    let units = units(total, digits);
    let weights: Vec<i128> = weights.iter().map(|weight| self::units(*weight, scale).max(0)).collect();
    let sum: i128 = weights.iter().sum();
    let mut shares: Vec<i128>;
    if sum == 0 {
        shares = vec![0; weights.len()];
        shares[0] = units;
    } else {
        shares = weights.iter().map(|weight| units * weight / sum).collect();
        let left = usize::try_from(units - shares.iter().sum::<i128>()).unwrap_or(0);
        if left > 0 {
            // Fewer are left than there are shares: rounding down took less than one from each.
            let mut order: Vec<usize> = (0..weights.len()).collect();
            order.select_nth_unstable_by_key(left - 1, |&index| (std::cmp::Reverse(units * weights[index] % sum), index));
            order[..left].iter().for_each(|&index| shares[index] += 1);
        }
    }
    shares.into_iter().map(|share| Decimal::from_i128_with_scale(share, digits)).collect()
}

/// A number as whole units of 10^-scale; it has no more digits than that.
fn units(number: Decimal, scale: u32) -> i128 {
    number.mantissa() * 10_i128.pow(scale.saturating_sub(number.scale()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn limit_is_ten_to_the_eleven() {
        assert_eq!(LIMIT, d("100000000000"));
        // The promise of the contract: every canonical number fits ±(2^53 − 1) units.
        assert!((LIMIT * d("10000")).to_string().parse::<i64>().unwrap() < (1 << 53));
    }

    #[test]
    fn currencies_know_their_digits() {
        assert_eq!(Currency::parse("JPY").unwrap().digits(), 0);
        assert_eq!(Currency::parse("CAD").unwrap().digits(), 2);
        assert_eq!(Currency::parse("KWD").unwrap().digits(), 3);
        assert_eq!(Currency::parse("XQX").unwrap_err().code, Code::UnknownCurrency);
    }

    #[test]
    fn numbers_that_do_not_fit_are_refused() {
        assert_eq!(fit(d("1.50000000")), Some(d("1.5")));
        assert_eq!(fit(d("1.00001")), None);
        assert_eq!(fit(d("100000000000")), None);
        assert_eq!(fit(d("-99999999999.9999")), Some(d("-99999999999.9999")));
    }

    #[test]
    fn rates_may_be_finer_than_money() {
        assert_eq!(fit_rate(d("0.14975")), Some(d("0.14975")));
        assert_eq!((fit_rate(d("1.01")), fit_rate(d("-0.1")), fit_rate(d("0.123456789"))), (None, None, None));
    }

    #[test]
    fn the_largest_remainder_takes_the_cent() {
        assert_eq!(allocate(d("10.00"), &[d("1"), d("1"), d("1")], 2), [d("3.34"), d("3.33"), d("3.33")]);
        assert_eq!(allocate(d("0.05"), &[d("3"), d("7")], 2), [d("0.02"), d("0.03")]);
        assert_eq!(allocate(d("-1"), &[d("1"), d("2")], 0), [d("0"), d("-1")]);
        assert_eq!(allocate(d("5"), &[d("0"), d("0")], 2), [d("5"), d("0")]);
    }

    proptest! {
        #[test]
        fn shares_add_up_and_stay_within_a_unit(cents in -10_000_000i64..10_000_000, weights in prop::collection::vec(0i64..1_000_000, 1..40)) {
            let total = Decimal::new(cents, 2);
            let weights: Vec<Decimal> = weights.into_iter().map(|w| Decimal::new(w, 3)).collect();
            let shares = allocate(total, &weights, 2);
            prop_assert_eq!(shares.iter().sum::<Decimal>(), total);
            let sum: Decimal = weights.iter().sum();
            if !sum.is_zero() {
                for (share, weight) in shares.iter().zip(&weights) {
                    prop_assert!((share - total * weight / sum).abs() < Decimal::new(1, 2) + Decimal::new(1, 9));
                }
            }
        }
    }
}
