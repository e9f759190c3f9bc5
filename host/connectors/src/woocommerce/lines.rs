//! Lines, fees and shipping of WooCommerce's, to the cent: all of them come as a total without tax and its tax.

use super::wire;
use crate::{
    amount::{amount, countable, invalid, quantity, signed, told_rate, unit_price},
    canonical,
    scalar::{Custom, MAX_FIELDS, Number},
};
use crossdock_flow::{Currency, Decimal, Fault, edit, money, order};
use html_escape::decode_html_entities;

/// A name as people read it: WordPress stores it with HTML entities.
pub(super) fn plain(text: &str) -> String {
    decode_html_entities(text).into_owned()
}

/// The rates of an order, by their id: fractions. Those that cannot be one are left out, and told by the tax.
pub(super) struct Rates<'o>(Vec<(&'o str, Decimal)>);

impl<'o> Rates<'o> {
    /// Reads the order's tax lines.
    pub(super) fn read(lines: Option<&'o [wire::Rate]>) -> Rates<'o> {
        let fraction = |percent: Number| money::fit_rate(percent.0?.checked_mul(Decimal::new(1, 2))?);
        let rates = lines.unwrap_or_default().iter();
        Rates(rates.filter_map(|line| Some((line.rate_id.0.as_str(), fraction(line.rate_percent?)?))).collect())
    }

    /// The rate of an amount that bears these taxes. Fails with E202 when the tax is more than the amount.
    fn of(&self, taxes: Option<&[wire::Taxed]>, net: Decimal, tax: Decimal, currency: Currency) -> Result<Decimal, Fault> {
        let borne = taxes.unwrap_or_default().iter().filter(|taxed| !taxed.total.0.is_empty());
        let named: Option<Vec<Decimal>> = borne.map(|taxed| Some(self.0.iter().find(|(id, _)| *id == taxed.id.0)?.1)).collect();
        told_rate(&named.unwrap_or_default(), net, tax, currency).ok_or_else(|| invalid("the tax is more than the amount"))
    }
}

/// Reads one line. `at` names a field of it. Fails with E202.
pub(super) fn line(sent: &wire::Line<'_>, rates: &Rates<'_>, currency: Currency, at: &dyn Fn(&str) -> String) -> Result<order::Line, Fault> {
    let quantity = quantity(sent.quantity, || at("quantity"))?;
    let subtotal = amount(sent.subtotal, currency, || at("subtotal"))?;
    let total = amount(sent.total, currency, || at("total"))?;
    let tax = amount(sent.total_tax, currency, || at("total_tax"))?;
    // A line that a person made dearer has no discount.
    let priced = unit_price(quantity, subtotal.max(total), total, currency);
    let (unit_price, discount) = priced.ok_or_else(|| invalid("the unit price is too large").at(at("subtotal")))?;
    Ok(order::Line {
        id: sent.id.0.clone(),
        sku: sent.sku.0.trim().to_owned(),
        name: plain(&sent.name.0),
        product_type: String::new(),
        quantity,
        unit_price,
        discount,
        tax_rate: rates.of(sent.taxes.as_deref(), total, tax, currency).map_err(|fault| fault.at(at("total_tax")))?,
        tax,
        total,
        fields: canonical::fields(meta(sent.meta_data.as_deref()), &|| at("meta_data"))?,
    })
}

/// What becomes of a fee.
pub(super) enum Fee {
    /// It is charged: a line of its own.
    Charged(order::Line),
    /// It is below zero and bears no tax: so much is taken off the order.
    TakenOff(Decimal),
}

/// Reads one fee. Fails with E202 when it has no article, or is below zero with tax.
pub(super) fn fee(sent: &wire::Fee, sku: Option<&str>, rates: &Rates<'_>, currency: Currency, at: &dyn Fn(&str) -> String) -> Result<Fee, Fault> {
    let total = signed(sent.total, currency, || at("total"))?;
    if total < Decimal::ZERO {
        let tax = signed(sent.total_tax, currency, || at("total_tax"))?;
        if !tax.is_zero() {
            let message = format!("a fee of {total} with a tax of {tax} cannot be told from a discount on taxed goods: use a coupon");
            return Err(invalid(message).at(at("total_tax")));
        }
        return Ok(Fee::TakenOff(-total));
    }
    let tax = amount(sent.total_tax, currency, || at("total_tax"))?;
    let Some(sku) = sku else {
        let message = format!("a fee of {total} has no article: name the one that fees are booked under in `fee-sku` of the connection");
        return Err(invalid(message).at(at("total")));
    };
    Ok(Fee::Charged(order::Line {
        id: sent.id.0.clone(),
        sku: sku.to_owned(),
        name: plain(&sent.name.0),
        product_type: "fee".into(),
        quantity: Decimal::ONE,
        unit_price: total,
        discount: Decimal::ZERO,
        tax_rate: rates.of(sent.taxes.as_deref(), total, tax, currency).map_err(|fault| fault.at(at("total_tax")))?,
        tax,
        total,
        fields: Vec::new(),
    }))
}

/// All shipping lines as one. Fails with E202.
pub(super) fn shipping(sent: &[wire::Shipping], rates: &Rates<'_>, currency: Currency) -> Result<order::Shipping, Fault> {
    let mut all = order::Shipping::default();
    let mut borne: Vec<Decimal> = Vec::new();
    for (nth, line) in sent.iter().enumerate() {
        let at = |field: &str| format!("shipping_lines[{nth}].{field}");
        let (total, tax) = (amount(line.total, currency, || at("total"))?, amount(line.total_tax, currency, || at("total_tax"))?);
        let own = rates.of(line.taxes.as_deref(), total, tax, currency).map_err(|fault| fault.at(at("total_tax")))?;
        borne.push(own);
        all.amount += total;
        all.tax += tax;
        let title = plain(&line.method_title.0);
        if !title.is_empty() {
            all.method.extend([if all.method.is_empty() { "" } else { ", " }, &title]);
        }
    }
    countable(&all).map_err(|fault| fault.at("shipping_lines[0].total"))?;
    borne.dedup();
    all.tax_rate = match borne[..] {
        [] => Decimal::ZERO,
        [rate] => rate,
        // Lines with different rates: what they lead to together.
        _ => rates.of(None, all.amount, all.tax, currency).map_err(|fault| fault.at("shipping_lines[0].total_tax"))?,
    };
    Ok(all)
}

/// Metadata that people see: without keys that begin with `_`, and without what is nested, both of which are a plugin's
/// own. Texts under the same key are joined.
pub(super) fn meta(sent: Option<&[wire::Meta<'_>]>) -> Vec<(String, Custom)> {
    let mut fields: Vec<(String, Custom)> = Vec::new();
    for one in sent.unwrap_or_default() {
        let nested = one.value.is_none_or(|value| value.get().starts_with(['{', '[']));
        if one.key.0.is_empty() || one.key.0.starts_with('_') || nested {
            continue;
        }
        let Some(value) = one.value.and_then(|value| serde_json::from_str::<Custom>(value.get()).ok()) else { continue };
        let value = if let Custom::Text(text) = value { Custom::Text(plain(&text)) } else { value };
        let there = fields.iter().position(|(name, _)| *name == one.key.0).map(|place| &mut fields[place].1);
        match (there, value) {
            (Some(Custom::Text(there)), Custom::Text(more)) => there.extend([", ", &more]),
            // One more than there may be, so that too many can be told.
            (_, value) => {
                if fields.len() <= MAX_FIELDS {
                    fields.push((one.key.0.clone(), value));
                }
            }
        }
    }
    fields
}

/// Whether metadata of the whole order can be a custom field. It is the plugins' of the shop as often as a person's: what
/// does not fit stays in the original and stops no order.
pub(super) fn fits((name, value): &(String, Custom)) -> bool {
    let value = match value {
        Custom::Text(text) => text.len() <= edit::MAX_TEXT,
        Custom::Number(number) => number.is_some(),
        Custom::Flag(_) => true,
        Custom::Empty => false,
    };
    value && name.len() <= edit::MAX_NAME && !name.chars().any(char::is_control)
}
