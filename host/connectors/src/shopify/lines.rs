//! A line of Shopify's, to the cent: what it is worth as it was ordered, and the canonical line of what is still wanted.

use super::{taken_out::Out, wire};
use crate::{
    amount::{amount, differ, invalid, not_negative, quantity, rate, told_rate, unit_price},
    canonical,
    scalar::Number,
};
use crossdock_flow::{Currency, Decimal, Fault, money, order};

/// How a line is read.
#[derive(Clone, Copy)]
pub(super) struct Terms<'t> {
    /// The shop's currency.
    pub currency: Currency,
    /// Whether prices have their tax in them.
    pub taxes_included: bool,
    /// The article of tips.
    pub tip_sku: Option<&'t str>,
}

/// A line with the amounts that it has part in.
pub(super) struct Counted {
    /// After its discounts, with tax where prices have it, as it was ordered.
    pub gross: Decimal,
    /// Its discounts, as it was ordered.
    pub discount: Decimal,
    /// Its tax, as it was ordered.
    pub tax: Decimal,
    /// Whether it is a tip, which is no part of the subtotal.
    pub tip: bool,
    /// What is still wanted; nothing where all of it was taken out.
    pub line: Option<order::Line>,
}

/// Tax lines or discounts, summed up. `at` names the field of the one with this place.
pub(super) fn sum(amounts: impl Iterator<Item = Number>, currency: Currency, at: &dyn Fn(usize) -> String) -> Result<Decimal, Fault> {
    let mut sum = Decimal::ZERO;
    for (place, one) in amounts.enumerate() {
        sum += amount(one, currency, || at(place))?;
    }
    money::fit(sum).ok_or_else(|| invalid("the amounts together are too large").at(at(0)))
}

/// What the shop taxes with: the rates of tax lines.
pub(super) fn rates(taxes: Option<&[wire::Tax]>, at: &dyn Fn(usize) -> String) -> Result<Vec<Decimal>, Fault> {
    let named = taxes.unwrap_or_default().iter().enumerate().filter_map(|(place, tax)| Some((place, tax.rate?)));
    named.map(|(place, named)| rate(named, || at(place))).collect()
}

/// Reads one line. `at` names a field of it. Fails with E202 or E203.
pub(super) fn line(sent: &wire::Line, out: Out, terms: Terms<'_>, at: &dyn Fn(&str) -> String) -> Result<Counted, Fault> {
    let Terms { currency, taxes_included, tip_sku } = terms;
    let ordered = quantity(sent.quantity, || at("quantity"))?;
    let price = not_negative(sent.price, || at("price"))?;
    let too_large = || invalid("quantity × price is too large").at(at("price"));
    // Both factors are below 10^11 with four decimals, so that the product cannot overflow.
    let worth = money::fit(currency.round(ordered * price)).ok_or_else(too_large)?;
    let allocated = sent.discount_allocations.iter().flatten().map(|one| one.amount);
    let discount = sum(allocated, currency, &|place| at(&format!("discount_allocations[{place}].amount")))?;
    if discount > worth {
        return Err(invalid(format!("the discounts are {discount}, but the line is worth {worth}")).at(at("discount_allocations[0].amount")));
    }
    let taxes = sent.tax_lines.iter().flatten().map(|one| one.price);
    let tax = sum(taxes, currency, &|place| at(&format!("tax_lines[{place}].price")))?;
    let counted = Counted { gross: worth - discount, discount, tax, tip: sent.tip_payment_gateway.0, line: None };

    // From here on only what is still wanted.
    let (quantity, gross, tax) = (ordered - out.quantity, counted.gross - out.subtotal, tax - out.tax);
    if [quantity, gross, tax].iter().any(|left| *left < Decimal::ZERO) {
        return Err(differ("what refunds took out of the line", out.subtotal, "the line", counted.gross).at(at("quantity")));
    }
    if quantity.is_zero() {
        return match (gross + tax).is_zero() {
            true => Ok(counted),
            false => Err(differ("what refunds took out with all units of the line", out.subtotal, "the line", counted.gross).at(at("quantity"))),
        };
    }
    let total = if taxes_included { gross - tax } else { gross };
    if total < Decimal::ZERO {
        return Err(invalid(format!("the tax is {tax}, but the line with its tax is {gross}")).at(at("tax_lines[0].price")));
    }
    let named = rates(sent.tax_lines.as_deref(), &|place| at(&format!("tax_lines[{place}].rate")))?;
    let tax_rate = told_rate(&named, total, tax, currency).ok_or_else(|| invalid("the tax is more than the line").at(at("tax_lines[0].price")))?;
    let left = (currency.round(quantity * price) - gross).max(Decimal::ZERO);
    let priced = match (taxes_included, left + gross == currency.round(quantity * price)) {
        (false, true) => Some((price, left)),
        (false, false) => unit_price(quantity, total, total, currency),
        (true, _) => {
            without_tax(gross + left, gross, total, &named).and_then(|worth| unit_price(quantity, currency.round(worth).max(total), total, currency))
        }
    };
    let (unit_price, discount) = priced.ok_or_else(too_large)?;
    let (sku, product_type) = match (counted.tip, sent.gift_card) {
        (true, _) if sent.sku.0.trim().is_empty() => (
            tip_sku.ok_or_else(|| {
                invalid(format!("a tip of {gross} has no article: name the one that tips are booked under in `tip-sku` of the connection"))
                    .at(at("sku"))
            })?,
            "tip",
        ),
        (true, _) => (sent.sku.0.trim(), "tip"),
        (false, true) => (sent.sku.0.trim(), "gift-card"),
        (false, false) => (sent.sku.0.trim(), ""),
    };
    let line = order::Line {
        id: sent.id.0.clone(),
        sku: sku.to_owned(),
        name: if sent.name.0.is_empty() { sent.title.0.clone() } else { sent.name.0.clone() },
        product_type: product_type.to_owned(),
        quantity,
        unit_price,
        discount,
        tax_rate,
        tax,
        total,
        fields: fields(sent.properties.as_deref(), &|| at("properties"))?,
    };
    Ok(Counted { line: Some(line), ..counted })
}

/// What is worth `before` with tax, without it: as the line that is left of it after the discount, and where nothing is
/// left, by the rates.
fn without_tax(before: Decimal, gross: Decimal, total: Decimal, rates: &[Decimal]) -> Option<Decimal> {
    match gross.is_zero() {
        _ if before == gross => Some(total),
        false => before.checked_mul(total)?.checked_div(gross),
        true => before.checked_div(Decimal::ONE + rates.iter().sum::<Decimal>()),
    }
}

/// Attributes as custom fields. Names that begin with `_` are an app's own, and are left out.
pub(super) fn fields(sent: Option<&[wire::Attribute]>, at: &dyn Fn() -> String) -> Result<Vec<order::Field>, Fault> {
    let shown = sent.unwrap_or_default().iter().filter(|one| !one.name.0.starts_with('_'));
    let shown = shown.map(|one| match &one.value {
        wire::Attached::Shown(value) => Ok((one.name.0.clone(), value.clone())),
        wire::Attached::Nested => Err(invalid("a value is an object or a list: only texts, numbers and booleans can be custom fields").at(at())),
    });
    canonical::fields(shown.collect::<Result<_, _>>()?, at)
}
