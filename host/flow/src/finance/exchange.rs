//! Two currencies and the rate between them, stamped when the order was placed. Converted parts add up to the converted
//! whole. Nothing here ever asks for today's rate.

use super::{is_rounding, unit};
use crate::{
    Currency, Decimal,
    fault::{Code, Fault},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{cmp::Reverse, fmt};

/// Digits that a rate may have, before and after the point together, and after it alone: an amount times a rate is exact.
const RATE_DIGITS: u32 = 12;

/// A rate from the currency the customer saw to the shop's own, and the day it is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", try_from = "Written")]
pub struct Exchange {
    presentment: Currency,
    shop: Currency,
    rate: Decimal,
    on: Date,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Written {
    presentment: Currency,
    shop: Currency,
    rate: Decimal,
    on: Date,
}

impl TryFrom<Written> for Exchange {
    type Error = Fault;
    fn try_from(written: Written) -> Result<Exchange, Fault> {
        Exchange::new(written.presentment, written.shop, written.rate, written.on)
    }
}

impl Exchange {
    /// Stamps a rate: so many units of `shop` for one of `presentment`. Fails with E703 when it is not more than zero, has
    /// more than 12 digits, or is not 1 between a currency and itself.
    pub fn new(presentment: Currency, shop: Currency, rate: Decimal, on: Date) -> Result<Exchange, Fault> {
        let rate = rate.normalize();
        let fits = rate > Decimal::ZERO && rate.scale() <= RATE_DIGITS && rate.mantissa() < 10_i128.pow(RATE_DIGITS);
        if !fits || (presentment == shop && rate != Decimal::ONE) {
            return Err(Fault::new(Code::WrongCurrency, format!("{rate} is no rate from {presentment} to {shop}")));
        }
        Ok(Exchange { presentment, shop, rate, on })
    }

    /// Where the customer saw the shop's own currency.
    pub fn none(currency: Currency, on: Date) -> Exchange {
        Exchange { presentment: currency, shop: currency, rate: Decimal::ONE, on }
    }

    /// The currency the customer saw.
    pub fn presentment(&self) -> Currency {
        self.presentment
    }

    /// The shop's own currency.
    pub fn shop(&self) -> Currency {
        self.shop
    }

    /// Units of the shop's currency for one of the customer's.
    pub fn rate(&self) -> Decimal {
        self.rate
    }

    /// The day the rate is of.
    pub fn on(&self) -> Date {
        self.on
    }

    /// Whether both lead from the same currency to the same other by the same rate, whatever day it is of.
    pub fn is_as(&self, other: &Exchange) -> bool {
        (self.presentment, self.shop, self.rate) == (other.presentment, other.shop, other.rate)
    }

    /// An amount in the shop's currency, rounded to it. Fails with E703 when it is too large to count.
    pub fn convert(&self, amount: Decimal) -> Result<Decimal, Fault> {
        Ok(self.shop.round(self.exact(amount)?))
    }

    /// Parts in the shop's currency; they add up to what their sum converts to. Each is rounded down, then the units left
    /// go to the largest remainders, the earlier part first on a tie. A part of nothing stays nothing; parts may be
    /// negative. Fails with E703 when something is too large to count.
    pub fn convert_parts(&self, parts: &[Decimal]) -> Result<Vec<Decimal>, Fault> {
        let total = self.convert(parts.iter().sum())?;
        let exact = parts.iter().map(|part| self.exact(*part)).collect::<Result<Vec<_>, _>>()?;
        let unit = unit(self.shop);
        let mut shares: Vec<Decimal> = exact.iter().map(|part| (part / unit).floor() * unit).collect();
        let mut left = total - shares.iter().sum::<Decimal>();
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|&index| Reverse(exact[index] - shares[index]));
        for index in order {
            if left <= Decimal::ZERO {
                break;
            }
            shares[index] += unit;
            left -= unit;
        }
        Ok(shares)
    }

    /// Parts in both currencies. Fails like [`Exchange::convert_parts`].
    pub fn stamp(&self, parts: &[Decimal]) -> Result<Vec<Amounts>, Fault> {
        let shop = self.convert_parts(parts)?;
        Ok(parts.iter().zip(shop).map(|(&presentment, shop)| Amounts { presentment, shop }).collect())
    }

    /// Checks amounts that the shop sent in both currencies: together they may be off the stamped rate by a unit for each.
    /// So an amount in the customer's currency is not taken for one in the shop's. Fails with E703.
    pub fn check(&self, amounts: &[Amounts]) -> Result<(), Fault> {
        let sum = |of: fn(&Amounts) -> Decimal| amounts.iter().map(of).sum::<Decimal>();
        let (presentment, shop) = (sum(|one| one.presentment), sum(|one| one.shop));
        let due = self.convert(presentment)?;
        if !is_rounding(shop - due, amounts.len(), self.shop) || (self.presentment == self.shop && shop != presentment) {
            let told = format!("{presentment} {} is {due} {} by {self}, and not {shop}", self.presentment, self.shop);
            return Err(Fault::new(Code::WrongCurrency, told));
        }
        Ok(())
    }

    fn exact(&self, amount: Decimal) -> Result<Decimal, Fault> {
        let fits = crate::money::fit(amount).and_then(|amount| amount.checked_mul(self.rate));
        let fits = fits.filter(|product| product.abs() < crate::money::LIMIT);
        fits.ok_or_else(|| Fault::new(Code::WrongCurrency, format!("{amount} {} cannot be counted in {}", self.presentment, self.shop)))
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1 {} = {} {} of {}", self.presentment, self.rate, self.shop, self.on)
    }
}

/// One amount in both currencies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Amounts {
    /// In the currency the customer saw.
    pub presentment: Decimal,
    /// In the shop's own.
    pub shop: Decimal,
}

impl Amounts {
    /// The one in `currency`: the books' choice, made once. Fails with E703 when it is neither.
    pub fn pick(&self, exchange: &Exchange, currency: Currency) -> Result<Decimal, Fault> {
        match currency {
            _ if currency == exchange.shop => Ok(self.shop),
            _ if currency == exchange.presentment => Ok(self.presentment),
            _ => {
                let told = format!("it is in {} and {}, and the books are in {currency}", exchange.presentment, exchange.shop);
                Err(Fault::new(Code::WrongCurrency, told))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exchange(from: &str, to: &str, rate: &str) -> Result<Exchange, Fault> {
        Exchange::new(Currency::parse(from)?, Currency::parse(to)?, rate.parse().unwrap(), "2026-08-31".parse().unwrap())
    }

    #[test]
    fn rates_that_are_none_are_refused() {
        for (from, to, rate) in [("CAD", "CAD", "1.1"), ("CAD", "USD", "0"), ("CAD", "USD", "-1"), ("CAD", "USD", "0.1234567890123")] {
            assert_eq!(exchange(from, to, rate).unwrap_err().code, Code::WrongCurrency, "{rate}");
        }
        assert!(serde_json::from_str::<Exchange>(r#"{"presentment":"CAD","shop":"CAD","rate":"2","on":"2026-08-31"}"#).is_err());
        assert_eq!(exchange("CAD", "JPY", "106.41").unwrap().to_string(), "1 CAD = 106.41 JPY of 2026-08-31");
    }

    proptest! {
        #[test]
        fn converted_parts_add_up(cents in prop::collection::vec(-500_000i64..1_000_000, 1..30), rate in 1i64..99_999_999, to in 0usize..3) {
            let rate = Decimal::new(rate, 6).to_string();
            let exchange = exchange("CAD", ["JPY", "USD", "KWD"][to], &rate).unwrap();
            let parts: Vec<Decimal> = cents.into_iter().map(|cents| Decimal::new(cents, 2)).collect();
            let shares = exchange.convert_parts(&parts).unwrap();
            prop_assert_eq!(shares.iter().sum::<Decimal>(), exchange.convert(parts.iter().sum()).unwrap());
            for (share, part) in shares.iter().zip(&parts) {
                prop_assert_eq!(exchange.shop.round(*share), *share);
                prop_assert!((share - part * exchange.rate).abs() < unit(exchange.shop));
                prop_assert!(!part.is_zero() || share.is_zero());
            }
        }
    }
}
