//! Amounts, quantities and rates on their way from a shop's JSON into the canonical order: checked, never corrected; and
//! how a unit price and a rate are found where the shop only says what a line comes to.

use crate::scalar::Number;
use crossdock_flow::{
    Code, Currency, Decimal, Fault,
    money::{self, HALF_UP, MAX_RATE_SCALE, MAX_SCALE},
    order::Shipping,
};
use rust_decimal::RoundingStrategy::AwayFromZero;

pub(crate) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(Code::InvalidField, message)
}

/// Two sums of the shop's own that should be one: E203, with both and the difference.
pub(crate) fn differ(what: &str, sum: Decimal, of: &str, said: Decimal) -> Fault {
    Fault::new(Code::SumsDiffer, format!("{what} = {sum}, but {of} is {said}: a difference of {}", said - sum))
}

pub(crate) fn rate(number: Number, at: impl Fn() -> String) -> Result<Decimal, Fault> {
    number.0.and_then(money::fit_rate).ok_or_else(|| {
        let digits = MAX_RATE_SCALE;
        invalid(format!("a tax rate lies between 0 and 1 with at most {digits} decimals, so that 13 % is 0.13")).at(at())
    })
}

/// An amount in the order's currency, with no more decimals than the currency has.
pub(crate) fn amount(number: Number, currency: Currency, at: impl Fn() -> String) -> Result<Decimal, Fault> {
    let amount = not_negative(number, &at)?;
    in_units(amount, currency, at)
}

/// As [`amount`], but it may be below zero.
pub(crate) fn signed(number: Number, currency: Currency, at: impl Fn() -> String) -> Result<Decimal, Fault> {
    let amount = fit(number, &at)?;
    in_units(amount, currency, at)
}

fn in_units(amount: Decimal, currency: Currency, at: impl Fn() -> String) -> Result<Decimal, Fault> {
    if amount.scale() > currency.digits() && currency.round(amount) != amount {
        return Err(invalid(format!("{amount} has more decimals than {currency}, which has {}", currency.digits())).at(at()));
    }
    Ok(amount)
}

pub(crate) fn amount_or_zero(number: Option<Number>, currency: Currency, at: impl Fn() -> String) -> Result<Decimal, Fault> {
    number.map_or(Ok(Decimal::ZERO), |number| amount(number, currency, at))
}

pub(crate) fn not_negative(number: Number, at: impl Fn() -> String) -> Result<Decimal, Fault> {
    let number = fit(number, &at)?;
    if number < Decimal::ZERO {
        return Err(invalid(format!("{number} is negative")).at(at()));
    }
    Ok(number)
}

/// Refuses shipping that is within bounds by its lines, but not by their sum. Fails with E202.
pub(crate) fn countable(shipping: &Shipping) -> Result<(), Fault> {
    let fits = money::fit(shipping.amount).is_some() && money::fit(shipping.tax).is_some();
    fits.then_some(()).ok_or_else(|| invalid(unfit()))
}

/// A quantity: more than zero.
pub(crate) fn quantity(number: Number, at: impl Fn() -> String) -> Result<Decimal, Fault> {
    let quantity = fit(number, &at)?;
    if quantity <= Decimal::ZERO {
        return Err(invalid(format!("the quantity is {quantity}: it must be more than zero")).at(at()));
    }
    Ok(quantity)
}

pub(crate) fn fit(number: Number, at: impl Fn() -> String) -> Result<Decimal, Fault> {
    number.0.and_then(money::fit).ok_or_else(|| invalid(unfit()).at(at()))
}

pub(crate) fn unfit() -> String {
    format!("the number does not fit: at most {} digits after the point, and below {}", money::MAX_SCALE, money::LIMIT)
}

/// What one unit costs, and the discount on the line, where only this is known: `worth`, the line without tax before its
/// discount, and `total`, the line after it; both in whole units of the currency, `total` not above `worth`.
///
/// The price is `worth / quantity` with at most four decimals. Where none of these gives `worth` when multiplied and rounded
/// (above some fifty units), the price is the next higher one and the discount takes the difference, so that
/// quantity × unit price − discount = `total` to the cent in any case. Nothing when the numbers are too large.
pub(crate) fn unit_price(quantity: Decimal, worth: Decimal, total: Decimal, currency: Currency) -> Option<(Decimal, Decimal)> {
    let exact = worth.checked_div(quantity)?;
    let prices = [exact.round_dp_with_strategy(MAX_SCALE, HALF_UP), exact.round_dp_with_strategy(MAX_SCALE, AwayFromZero)];
    let priced = prices.map(|price| Some((money::fit(price.normalize())?, money::fit(currency.round(quantity.checked_mul(price)?))?)));
    let covers = priced.into_iter().flatten().find(|(_, covered)| *covered == worth);
    let (price, covered) = covers.or(priced[1])?;
    (covered >= total).then(|| (price, covered - total))
}

/// The tax rate of an amount: the sum of the rates that the shop `names`, where it leads to `tax` within a unit of the
/// currency per rate (shops round each). Where it does not, or none is named, the shortest that leads to `tax` exactly.
/// Nothing when the tax is more than the amount.
pub(crate) fn told_rate(named: &[Decimal], net: Decimal, tax: Decimal, currency: Currency) -> Option<Decimal> {
    let slack = Decimal::new(i64::try_from(named.len()).ok()?, currency.digits());
    let sum: Decimal = named.iter().sum();
    let fits = net.is_zero() || (net.checked_mul(sum)? - tax).abs() <= slack;
    match money::fit_rate(sum.normalize()) {
        Some(rate) if !named.is_empty() && fits => return Some(rate),
        _ if tax.is_zero() => return Some(Decimal::ZERO),
        _ => {}
    }
    let exact = tax.checked_div(net)?;
    let rates = (2..=MAX_RATE_SCALE).map(|digits| exact.round_dp_with_strategy(digits, HALF_UP));
    let rates: Vec<Decimal> = rates.collect();
    let shortest = rates.iter().find(|rate| currency.round(net * **rate) == tax).or(rates.last())?;
    money::fit_rate(shortest.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn usd() -> Currency {
        Currency::parse("USD").unwrap()
    }

    #[test]
    fn a_price_leads_to_its_line() {
        for (quantity, worth, total, price, discount) in [
            ("2", "6.00", "6.00", "3", "0"),
            ("3", "10.00", "10.00", "3.3333", "0"),
            ("3", "10.00", "9.00", "3.3333", "1.00"),
            ("1000", "333.33", "333.33", "0.3334", "0.07"),
            ("1", "0", "0", "0", "0"),
        ] {
            assert_eq!(unit_price(d(quantity), d(worth), d(total), usd()), Some((d(price), d(discount))), "{worth}");
        }
        assert_eq!(unit_price(d("0.0001"), d("99999999999"), d("1"), usd()), None);
    }

    #[test]
    fn a_rate_is_the_shops_or_the_shortest() {
        for (named, net, tax, rate) in [
            (&["0.06"][..], "199.00", "11.94", "0.06"),
            (&["0.05", "0.09975"], "10.00", "1.50", "0.14975"),
            (&[], "8.33", "1.67", "0.2"),
            (&[], "6.00", "0.45", "0.075"),
            // Exempt all the same, and a rate that is not what was charged.
            (&["0.2"], "100.00", "0.00", "0"),
            (&["0.2"], "100.00", "7.00", "0.07"),
            (&["0.2"], "0", "0", "0.2"),
            (&[], "0", "0", "0"),
        ] {
            let named: Vec<Decimal> = named.iter().map(|rate| d(rate)).collect();
            assert_eq!(told_rate(&named, d(net), d(tax), usd()), Some(d(rate)), "{net} {tax}");
        }
        assert_eq!((told_rate(&[], d("1"), d("2"), usd()), told_rate(&[], d("0"), d("2"), usd())), (None, None));
    }

    proptest! {
        #[test]
        fn any_line_keeps_its_total(units in 1i64..1_000_000, scale in 0u32..4, worth in 0i64..1_000_000_000, part in 0i64..=1000) {
            let (quantity, worth) = (Decimal::new(units, scale), Decimal::new(worth, 2));
            let total = usd().round(worth * Decimal::new(part, 3));
            if let Some((price, discount)) = unit_price(quantity, worth, total, usd()) {
                prop_assert_eq!(usd().round(quantity * price) - discount, total);
                prop_assert!(discount >= Decimal::ZERO && price.scale() <= MAX_SCALE);
            }
        }
    }
}
