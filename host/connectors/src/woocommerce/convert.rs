//! From WooCommerce's order to the canonical one: every value is checked and nothing is corrected. Faults name the field as
//! the shop sent it.

use super::{
    envelope,
    lines::{self, Fee, Rates, plain},
    wire,
};
use crate::{
    amount::{amount, differ, invalid, unfit},
    canonical,
    scalar::{Custom, MAX_FIELDS},
};
use crossdock_flow::{
    Code, Currency, Decimal, Fault, Order, OrderNumber, money,
    order::{Address, Customer, Field, Instant, Payment, find},
    sum,
};

/// Converts and checks an order. Fails with E201 to E204.
pub(super) fn order(sent: wire::Order<'_>, fee_sku: Option<&str>) -> Result<Order, Fault> {
    let number = OrderNumber::parse(&sent.id.0).map_err(|fault| fault.at("id"))?;
    let currency = Currency::parse(&sent.currency.0).map_err(|fault| fault.at("currency"))?;
    let fees = sent.fee_lines.as_deref().unwrap_or_default();
    canonical::count(sent.line_items.len()).map_err(|fault| fault.at("line_items"))?;
    canonical::count(sent.line_items.len() + fees.len()).map_err(|fault| fault.at("fee_lines"))?;
    let articles = sent.line_items.iter().enumerate();
    canonical::skus(articles.map(|(nth, line)| (format!("line_items[{nth}].sku"), &*line.id.0, &*line.sku.0)))?;
    let rates = Rates::read(sent.tax_lines.as_deref());
    let mut lines = Vec::with_capacity(sent.line_items.len() + fees.len());
    for (nth, line) in sent.line_items.iter().enumerate() {
        lines.push(lines::line(line, &rates, currency, &|field| format!("line_items[{nth}].{field}"))?);
    }
    let mut discount = Decimal::ZERO;
    for (nth, fee) in fees.iter().enumerate() {
        match lines::fee(fee, fee_sku, &rates, currency, &|field| format!("fee_lines[{nth}].{field}"))? {
            Fee::Charged(line) => lines.push(line),
            Fee::TakenOff(amount) => {
                discount = money::fit(discount + amount).ok_or_else(|| invalid(unfit()).at(format!("fee_lines[{nth}].total")))?
            }
        }
    }
    let shipping = lines::shipping(sent.shipping_lines.as_deref().unwrap_or_default(), &rates, currency)?;
    if let Some(said) = sent.total_tax {
        let said = amount(said, currency, || "total_tax".into())?;
        let taxes = lines.iter().map(|line| line.tax).sum::<Decimal>() + shipping.tax;
        if taxes != said {
            return Err(differ("the tax of lines, fees and shipping", taxes, "total_tax", said).at("total_tax"));
        }
    }
    let total = amount(sent.total, currency, || "total".into())?;
    let order = Order {
        number,
        version: envelope::modified(sent.date_modified_gmt, Some(sent.date_created_gmt)).ok_or_else(no_time)?.as_millisecond(),
        status: sent.status.0.clone(),
        currency,
        ordered_at: ordered_at(&sent)?,
        // A guest is customer 0.
        customer: Customer { id: Some(sent.customer_id.0.trim()).filter(|id| *id != "0").unwrap_or_default().to_owned(), segment: String::new() },
        billing: address(&sent.billing, &sent.billing, "billing")?,
        shipping_to: match is_empty(&sent.shipping) {
            true => address(&sent.billing, &sent.billing, "billing")?,
            false => address(&sent.shipping, &sent.billing, "shipping")?,
        },
        payment: payment(&sent, total),
        lines,
        shipping,
        discount,
        total,
        fields: fields(&sent)?,
        tags: Vec::new(),
    };
    sum::check(&order)?;
    Ok(order)
}

fn no_time() -> Fault {
    Fault::new(Code::Malformed, "the time lies outside of what can be counted").at("date_created_gmt")
}

/// The instant is the one in GMT; what the site's own time differs by is its offset, where it is one.
fn ordered_at(sent: &wire::Order<'_>) -> Result<Instant, Fault> {
    let at = sent.date_created_gmt.gmt().ok_or_else(no_time)?;
    let minutes = sent.date_created.and_then(wire::Local::gmt).map(|local| local.duration_since(at)).filter(|offset| {
        // The widest that there is are +14 and −12 hours, and all are whole quarters.
        offset.as_secs() % 900 == 0 && (-12..=14).contains(&(offset.as_secs() / 3600))
    });
    let minutes = minutes.and_then(|offset| i16::try_from(offset.as_mins()).ok());
    Ok(Instant { at, offset_minutes: minutes.unwrap_or_default() })
}

fn payment(sent: &wire::Order<'_>, total: Decimal) -> Payment {
    let paid = sent.date_paid_gmt.is_some();
    Payment {
        method: sent.payment_method.0.clone(),
        status: if paid { "captured" } else { "pending" }.to_owned(),
        transaction_id: sent.transaction_id.0.clone(),
        amount: if paid { total } else { Decimal::ZERO },
    }
}

fn is_empty(address: &wire::Address) -> bool {
    [&address.first_name, &address.last_name, &address.company, &address.address_1, &address.city, &address.postcode, &address.country]
        .iter()
        .all(|field| field.0.trim().is_empty())
}

/// An address; mail goes to whoever gets the invoice.
fn address(sent: &wire::Address, billing: &wire::Address, place: &str) -> Result<Address, Fault> {
    let name = format!("{} {}", sent.first_name.0.trim(), sent.last_name.0.trim());
    Ok(Address {
        name: plain(name.trim()),
        company: plain(&sent.company.0),
        line1: plain(&sent.address_1.0),
        line2: plain(&sent.address_2.0),
        city: plain(&sent.city.0),
        region: sent.state.0.clone(),
        postal_code: sent.postcode.0.clone(),
        country: canonical::country(&sent.country.0).map_err(|fault| fault.at(format!("{place}.country")))?,
        phone: sent.phone.0.clone(),
        email: billing.email.0.clone(),
    })
}

fn fields(sent: &wire::Order<'_>) -> Result<Vec<Field>, Fault> {
    // Two more come below.
    let shown = lines::meta(sent.meta_data.as_deref()).into_iter().filter(lines::fits).take(MAX_FIELDS - 2);
    let mut unique: Vec<(String, Custom)> = Vec::new();
    for one in shown {
        if !unique.iter().any(|(name, _)| *name == one.0) {
            unique.push(one);
        }
    }
    let mut fields = canonical::fields(unique, &|| "meta_data".into())?;
    let ours = [("order-name", "number", &sent.number.0), ("customer-note", "customer_note", &sent.customer_note.0)];
    for (name, place, text) in ours {
        let said_already = text.is_empty() || (name == "order-name" && *text == sent.id.0);
        if said_already || find(&fields, name).is_some() {
            continue;
        }
        fields.extend(
            canonical::fields(vec![(name.to_owned(), Custom::Text(plain(text)))], &|| place.into())
                .map_err(|_| invalid("it is too long").at(place))?,
        );
    }
    Ok(fields)
}
