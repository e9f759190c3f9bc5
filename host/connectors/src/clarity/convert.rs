//! From Clarity's order to the canonical one: every value is checked and nothing is corrected. Faults name the field as
//! the shop sent it, so that it can be found in the kept original.

use super::wire;
use crate::{
    amount::{amount, amount_or_zero, fit, invalid, not_negative, rate},
    canonical,
    scalar::{Fields, Moment, Number},
};
use crossdock_flow::{
    Code, Currency, Decimal, Fault, Order, OrderNumber, money,
    order::{Address, Customer, Field, Instant, Line, Payment, Shipping},
    sum,
};

/// Converts and checks an order. `prefix` leads to it in the message, for faults. Fails with E202, E203 or E204.
pub(super) fn order(sent: wire::Order, timestamp: Option<Moment>, prefix: &str) -> Result<Order, Fault> {
    let number = OrderNumber::parse(&sent.order_id.0).map_err(|fault| fault.at(format!("{prefix}orderId")))?;
    let currency = Currency::parse(&sent.currency.0).map_err(|fault| fault.at(format!("{prefix}currency")))?;
    let last = timestamp.or(Some(Moment(sent.order_date.0)));
    let version = version(sent.version, [sent.updated_at, last], prefix)?;
    canonical::count(sent.line_items.len()).map_err(|fault| fault.at(format!("{prefix}lineItems")))?;
    let lines = sent.line_items.into_iter().enumerate();
    let lines = lines.map(|(index, sent)| line(sent, currency, &|field| format!("{prefix}lineItems[{index}].{field}"))).collect::<Result<_, _>>()?;
    let at = |field: &str| format!("{prefix}{field}");
    let segment = sent.customer.map(|customer| customer.segment.0).filter(|segment| !segment.is_empty()).unwrap_or(sent.customer_segment.0);
    let order = Order {
        number,
        version,
        status: sent.status.0,
        currency,
        ordered_at: sent.order_date.0,
        customer: Customer { id: sent.customer_id.0.trim().to_owned(), segment },
        billing: address(sent.billing_address, &|field| at(&format!("billingAddress.{field}")))?,
        shipping_to: address(sent.shipping_address, &|field| at(&format!("shippingAddress.{field}")))?,
        payment: payment(sent.payment_info, currency, &|field| at(&format!("paymentInfo.{field}")))?,
        lines,
        shipping: shipping(sent.shipping, currency, &|field| at(&format!("shipping.{field}")))?,
        discount: amount_or_zero(sent.discount_amount, currency, || at("discountAmount"))?,
        total: amount(sent.total_amount, currency, || at("totalAmount"))?,
        fields: fields(sent.custom_fields, &|| at("customFields"))?,
        tags: canonical::tags(sent.tags.unwrap_or_default().into_iter().map(|tag| tag.0), || at("tags"))?,
    };
    sum::check(&order)?;
    Ok(order)
}

/// The version, or the first of these times in milliseconds. Fails with E201 when there is neither.
pub(super) fn version(version: Option<Number>, times: [Option<Moment>; 2], prefix: &str) -> Result<i64, Fault> {
    let Some(version) = version else {
        let time = times.into_iter().flatten().next();
        return time.map(|Moment(Instant { at, .. })| at.as_millisecond()).ok_or_else(|| {
            Fault::new(Code::Malformed, "the event needs a `version`, or `updatedAt`, or `timestamp`").at(format!("{prefix}version"))
        });
    };
    let whole = version.0.filter(|number| number.is_integer() && !number.is_sign_negative());
    whole
        .and_then(|number| i64::try_from(number).ok())
        .ok_or_else(|| invalid("the version must be a whole number from 0 to 99999999999").at(format!("{prefix}version")))
}

fn line(sent: wire::Line, currency: Currency, at: &dyn Fn(&str) -> String) -> Result<Line, Fault> {
    let sku = sent.sku.0.trim();
    if sku.is_empty() {
        return Err(invalid("the SKU is empty").at(at("sku")));
    }
    let quantity = fit(sent.quantity, || at("quantity"))?;
    if quantity <= Decimal::ZERO {
        return Err(invalid(format!("the quantity is {quantity}: it must be more than zero")).at(at("quantity")));
    }
    let unit_price = not_negative(sent.unit_price, || at("unitPrice"))?;
    let discount = amount_or_zero(sent.discount_amount, currency, || at("discountAmount"))?;
    // Both factors are below 10^11 with four decimals, so that the product cannot overflow.
    let worth = money::fit(currency.round(quantity * unit_price)).ok_or_else(|| invalid("quantity × unit price is too large").at(at("unitPrice")))?;
    if discount > worth {
        return Err(invalid(format!("the discount is {discount}, but the line is worth {worth}")).at(at("discountAmount")));
    }
    Ok(Line {
        id: sent.line_id.0,
        sku: sku.to_owned(),
        name: sent.name.0,
        product_type: sent.product_type.0,
        quantity,
        unit_price,
        discount,
        tax_rate: rate(sent.tax_rate, || at("taxRate"))?,
        tax: amount(sent.tax_amount, currency, || at("taxAmount"))?,
        total: amount(sent.line_total, currency, || at("lineTotal"))?,
        fields: fields(sent.custom_fields, &|| at("customFields"))?,
    })
}

fn shipping(sent: Option<wire::Shipping>, currency: Currency, at: &dyn Fn(&str) -> String) -> Result<Shipping, Fault> {
    let Some(sent) = sent else { return Ok(Shipping::default()) };
    Ok(Shipping {
        method: sent.method.0,
        amount: amount(sent.amount, currency, || at("amount"))?,
        tax_rate: sent.tax_rate.map_or(Ok(Decimal::ZERO), |number| rate(number, || at("taxRate")))?,
        tax: amount_or_zero(sent.tax_amount, currency, || at("taxAmount"))?,
    })
}

fn payment(sent: wire::Payment, currency: Currency, at: &dyn Fn(&str) -> String) -> Result<Payment, Fault> {
    Ok(Payment {
        method: sent.method.0,
        status: sent.status.0,
        transaction_id: sent.transaction_id.0,
        amount: amount(sent.amount, currency, || at("amount"))?,
    })
}

fn address(sent: wire::Address, at: &dyn Fn(&str) -> String) -> Result<Address, Fault> {
    Ok(Address {
        country: canonical::country(&sent.country.0).map_err(|fault| fault.at(at("country")))?,
        name: sent.name.0,
        company: sent.company.0,
        line1: sent.line1.0,
        line2: sent.line2.0,
        city: sent.city.0,
        region: sent.region.0,
        postal_code: sent.postal_code.0,
        phone: sent.phone.0,
        email: sent.email.0,
    })
}

fn fields(sent: Option<Fields>, at: &dyn Fn() -> String) -> Result<Vec<Field>, Fault> {
    canonical::fields(sent.unwrap_or_default().0, at)
}
