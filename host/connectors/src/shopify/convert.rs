//! From Shopify's order to the canonical one: every value is checked and nothing is corrected. Faults name the field as the
//! shop sent it.

use super::{
    lines::{self, Counted, Terms},
    taken_out::TakenOut,
    wire,
};
use crate::{
    amount::{amount, countable, differ, invalid, signed, told_rate},
    canonical,
};
use crossdock_flow::{
    Currency, Decimal, Fault, Order, OrderNumber, edit,
    order::{Address, Customer, Field, Payment, Shipping, Value, find},
    sum,
};

/// Converts and checks an order. Fails with E202, E203 or E204.
pub(super) fn order(sent: wire::Order, tip_sku: Option<&str>) -> Result<Order, Fault> {
    let number = OrderNumber::parse(&sent.id.0).map_err(|fault| fault.at("id"))?;
    let currency = Currency::parse(&sent.currency.0).map_err(|fault| fault.at("currency"))?;
    canonical::count(sent.line_items.len()).map_err(|fault| fault.at("line_items"))?;
    let articles = sent.line_items.iter().enumerate().filter(|(_, line)| !line.tip_payment_gateway.0);
    canonical::skus(articles.map(|(nth, line)| (format!("line_items[{nth}].sku"), &*line.id.0, &*line.sku.0)))?;
    let terms = Terms { currency, taxes_included: sent.taxes_included, tip_sku };
    // Of a cancelled order everything is taken out: it is read as it was.
    let out = if sent.cancelled_at.is_some() { TakenOut::none() } else { TakenOut::read(&sent, currency)? };
    let counted = sent.line_items.iter().enumerate();
    let counted = counted.map(|(nth, line)| lines::line(line, out.of(&line.id.0), terms, &|field| format!("line_items[{nth}].{field}")));
    let counted: Vec<Counted> = counted.collect::<Result<_, _>>()?;
    let (shipping, allocated) = shipping(sent.shipping_lines.as_deref().unwrap_or_default(), terms)?;
    let discount = check(&sent, &counted, &shipping, allocated, currency)?;
    let total = total(&sent, &out, currency)?;
    let lines: Vec<_> = counted.into_iter().filter_map(|counted| counted.line).collect();
    if lines.is_empty() {
        return Err(invalid("every line was taken out of the order: cancel it in the shop").at("refunds"));
    }
    let order = Order {
        number,
        version: sent.updated_at.0.at.as_millisecond(),
        status: status(&sent).to_owned(),
        currency,
        ordered_at: sent.created_at.0,
        customer: Customer { id: sent.customer.as_ref().map(|customer| customer.id.0.trim().to_owned()).unwrap_or_default(), segment: String::new() },
        billing: address(&sent, [&sent.billing_address, &sent.shipping_address], "billing_address")?,
        shipping_to: address(&sent, [&sent.shipping_address, &sent.billing_address], "shipping_address")?,
        payment: payment(&sent, total, currency)?,
        lines,
        shipping,
        discount,
        total,
        fields: fields(&sent, currency)?,
        tags: canonical::tags(sent.tags.0.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned), || "tags".into())?,
    };
    sum::check(&order)?;
    Ok(order)
}

/// Checks Shopify's own sums, and gives the discount that is allocated to nothing. Fails with E202 or E203.
fn check(sent: &wire::Order, counted: &[Counted], shipping: &Shipping, allocated: Decimal, currency: Currency) -> Result<Decimal, Fault> {
    if let Some(duties) = sent.original_total_duties_set.as_ref().and_then(|set| set.shop_money.as_ref()) {
        let duties = amount(duties.amount, currency, || "original_total_duties_set.shop_money.amount".into())?;
        if !duties.is_zero() {
            let message = format!("duties of {duties} have no place in an order for the ERP: book it there by hand");
            return Err(invalid(message).at("original_total_duties_set.shop_money.amount"));
        }
    }
    let allocated = counted.iter().map(|line| line.discount).sum::<Decimal>() + allocated;
    let discounts = sent.total_discounts.map(|number| amount(number, currency, || "total_discounts".into())).transpose()?.unwrap_or(allocated);
    let rest = discounts - allocated;
    if rest < Decimal::ZERO {
        return Err(differ("the discounts of lines and shipping", allocated, "total_discounts", discounts).at("total_discounts"));
    }
    if let Some(subtotal) = sent.subtotal_price {
        let subtotal = amount(subtotal, currency, || "subtotal_price".into())?;
        let goods = counted.iter().filter(|line| !line.tip).map(|line| line.gross).sum::<Decimal>() - rest;
        if goods != subtotal {
            return Err(differ("quantity × price − discounts of all lines", goods, "subtotal_price", subtotal).at("subtotal_price"));
        }
    }
    if let Some(total) = sent.total_tax {
        let total = amount(total, currency, || "total_tax".into())?;
        let taxes = counted.iter().map(|line| line.tax).sum::<Decimal>() + shipping.tax;
        if taxes != total {
            return Err(differ("the tax of lines and shipping", taxes, "total_tax", total).at("total_tax"));
        }
    }
    Ok(rest)
}

/// What the customer owes for what is still wanted. Where refunds did nothing but take lines out, the shop says it itself.
fn total(sent: &wire::Order, out: &TakenOut<'_>, currency: Currency) -> Result<Decimal, Fault> {
    let total = amount(sent.total_price, currency, || "total_price".into())?;
    if out.is_empty() {
        return Ok(total);
    }
    if let (true, Some(current)) = (out.only, sent.current_total_price) {
        return amount(current, currency, || "current_total_price".into());
    }
    let all = out.all();
    Ok(total - all.subtotal - if sent.taxes_included { Decimal::ZERO } else { all.tax })
}

/// All shipping lines as one, and the discounts that they had.
fn shipping(sent: &[wire::Shipping], terms: Terms<'_>) -> Result<(Shipping, Decimal), Fault> {
    let (mut all, mut discounts, mut named) = (Shipping::default(), Decimal::ZERO, Vec::new());
    for (nth, line) in sent.iter().enumerate().filter(|(_, line)| !line.is_removed) {
        let at = |field: &str| format!("shipping_lines[{nth}].{field}");
        let price = amount(line.price, terms.currency, || at("price"))?;
        let allocated = line.discount_allocations.iter().flatten().map(|one| one.amount);
        let discount = lines::sum(allocated, terms.currency, &|place| at(&format!("discount_allocations[{place}].amount")))?;
        let taxes = line.tax_lines.iter().flatten().map(|one| one.price);
        let tax = lines::sum(taxes, terms.currency, &|place| at(&format!("tax_lines[{place}].price")))?;
        let amount = price - discount - if terms.taxes_included { tax } else { Decimal::ZERO };
        if amount < Decimal::ZERO {
            return Err(invalid(format!("the discounts are {discount} and the tax is {tax}, but the price is {price}")).at(at("price")));
        }
        all.amount += amount;
        all.tax += tax;
        discounts += discount;
        // Lines that are taxed alike name the same rates; where they differ, the rate is told by the tax.
        let rates = lines::rates(line.tax_lines.as_deref(), &|place| at(&format!("tax_lines[{place}].rate")))?;
        if named.is_empty() {
            named = rates;
        }
        if !line.title.0.is_empty() {
            all.method.extend([if all.method.is_empty() { "" } else { ", " }, &line.title.0]);
        }
    }
    countable(&all).map_err(|fault| fault.at("shipping_lines[0].price"))?;
    let rate = told_rate(&named, all.amount, all.tax, terms.currency);
    all.tax_rate = rate.ok_or_else(|| invalid("the tax is more than the shipping").at("shipping_lines[0].tax_lines"))?;
    Ok((all, discounts))
}

fn status(sent: &wire::Order) -> &'static str {
    match (&sent.cancelled_at, &sent.closed_at) {
        (Some(_), _) => "cancelled",
        (None, Some(_)) => "closed",
        (None, None) => "open",
    }
}

fn payment(sent: &wire::Order, total: Decimal, currency: Currency) -> Result<Payment, Fault> {
    let gateways = || sent.payment_gateway_names.iter().flatten().map(|name| name.0.as_str());
    // A gift card is a tender; how the rest is paid is what counts.
    let method = gateways().find(|name| *name != "gift_card").or(gateways().next()).unwrap_or_default();
    let outstanding = sent.total_outstanding.map(|number| signed(number, currency, || "total_outstanding".into())).transpose()?;
    let amount = match &*sent.financial_status.0 {
        "pending" | "expired" | "voided" => Decimal::ZERO,
        "partially_paid" => (total - outstanding.unwrap_or_default()).max(Decimal::ZERO),
        _ => total,
    };
    let method = if method == "gift_card" { "gift-card" } else { method };
    let status = if sent.financial_status.0 == "paid" { "captured" } else { &sent.financial_status.0 };
    Ok(Payment { method: method.to_owned(), status: status.to_owned(), transaction_id: String::new(), amount })
}

/// The first of these addresses that is there: goods that are not shipped have one address only, and what is sold at a
/// counter none but the customer's own.
fn address(sent: &wire::Order, from: [&Option<wire::Address>; 2], place: &str) -> Result<Address, Fault> {
    let own = sent.customer.as_ref().and_then(|customer| customer.default_address.as_ref());
    let first = from.into_iter().flatten().chain(own).next();
    let Some(first) = first else { return Err(invalid("the order has no address, and its customer has none either").at(place)) };
    let region = if first.province_code.0.is_empty() { &first.province.0 } else { &first.province_code.0 };
    Ok(Address {
        name: first.name.0.clone(),
        company: first.company.0.clone(),
        line1: first.address1.0.clone(),
        line2: first.address2.0.clone(),
        city: first.city.0.clone(),
        region: region.clone(),
        postal_code: first.zip.0.clone(),
        country: canonical::country(&first.country_code.0).map_err(|fault| fault.at(format!("{place}.country_code")))?,
        phone: first.phone.0.clone(),
        email: sent.email.0.clone(),
    })
}

fn fields(sent: &wire::Order, currency: Currency) -> Result<Vec<Field>, Fault> {
    let mut fields = lines::fields(sent.note_attributes.as_deref(), &|| "note_attributes".into())?;
    let mut add = |name: &str, value: Value| {
        // What the merchant wrote under this name counts.
        if find(&fields, name).is_none() {
            fields.push(Field { name: name.into(), value });
        }
    };
    if !sent.name.0.is_empty() {
        add("order-name", Value::Text(sent.name.0.clone()));
    }
    if !sent.note.0.is_empty() {
        if sent.note.0.len() > edit::MAX_TEXT {
            return Err(invalid(format!("it is over {} bytes", edit::MAX_TEXT)).at("note"));
        }
        add("customer-note", Value::Text(sent.note.0.clone()));
    }
    let gateways: Vec<&str> = sent.payment_gateway_names.iter().flatten().map(|name| name.0.as_str()).collect();
    if gateways.len() > 1 {
        add("payment-gateways", Value::Text(gateways.join(", ")));
    }
    let shown = sent.presentment_currency.as_ref().filter(|shown| !shown.0.is_empty() && shown.0 != currency.code());
    if let Some(shown) = shown {
        add("presentment-currency", Value::Text(shown.0.clone()));
        if let Some(money) = sent.total_price_set.as_ref().and_then(|set| set.presentment_money.as_ref()) {
            add("presentment-total", Value::Number(crate::amount::fit(money.amount, || "total_price_set.presentment_money.amount".into())?));
        }
    }
    Ok(fields)
}
