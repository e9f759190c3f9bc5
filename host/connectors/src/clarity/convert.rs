//! From Clarity's order to the canonical one: every value is checked and nothing is corrected. Faults name the field as
//! the shop sent it, so that it can be found in the kept original.

use super::wire;
use crossdock_flow::{
    Code, Currency, Decimal, Fault, Order, OrderNumber, edit, money,
    order::{Address, Customer, Field, Instant, Line, Payment, Shipping, Value, find},
    sum,
};

/// The most lines of one order.
const MAX_LINES: usize = 10_000;
/// The most tags of one order.
const MAX_TAGS: usize = 256;

/// Converts and checks an order. `prefix` leads to it in the message, for faults. Fails with E202, E203 or E204.
pub(super) fn order(sent: wire::Order, timestamp: Option<wire::Moment>, prefix: &str) -> Result<Order, Fault> {
    let number = OrderNumber::parse(&sent.order_id.0).map_err(|fault| fault.at(format!("{prefix}orderId")))?;
    let currency = Currency::parse(&sent.currency.0).map_err(|fault| fault.at(format!("{prefix}currency")))?;
    let last = timestamp.or(Some(wire::Moment(sent.order_date.0)));
    let version = version(sent.version, [sent.updated_at, last], prefix)?;
    if sent.line_items.is_empty() || sent.line_items.len() > MAX_LINES {
        let fault = invalid(format!("an order has 1 to {MAX_LINES} lines; this one has {}", sent.line_items.len()));
        return Err(fault.at(format!("{prefix}lineItems")).limit("lines", MAX_LINES, None));
    }
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
        tags: tags(sent.tags, &|| at("tags"))?,
    };
    sum::check(&order)?;
    Ok(order)
}

/// The version, or the first of these times in milliseconds. Fails with E201 when there is neither.
pub(super) fn version(version: Option<wire::Number>, times: [Option<wire::Moment>; 2], prefix: &str) -> Result<i64, Fault> {
    let Some(version) = version else {
        let time = times.into_iter().flatten().next();
        return time.map(|wire::Moment(Instant { at, .. })| at.as_millisecond()).ok_or_else(|| {
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
    let country = sent.country.0.trim();
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(invalid("the country must be two letters (ISO 3166-1 alpha-2), such as CA").at(at("country")));
    }
    Ok(Address {
        country: country.to_ascii_uppercase(),
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

fn fields(sent: Option<wire::Fields>, at: &dyn Fn() -> String) -> Result<Vec<Field>, Fault> {
    let sent = sent.unwrap_or_default().0;
    if sent.len() > wire::MAX_FIELDS {
        return Err(invalid("there are too many custom fields").at(at()).limit("custom fields", wire::MAX_FIELDS, None));
    }
    let mut fields = Vec::with_capacity(sent.len());
    for (index, (name, value)) in sent.into_iter().enumerate() {
        // Neither names nor values are quoted: shops put free text into both.
        let refused = |why: &str| invalid(format!("custom field {}: {why}", index + 1)).at(at());
        if name.is_empty() || name.len() > edit::MAX_NAME || name.chars().any(char::is_control) {
            return Err(refused(&format!("its name must have 1 to {} bytes and no control characters", edit::MAX_NAME)));
        }
        if find(&fields, &name).is_some() {
            return Err(refused("its name is there twice"));
        }
        let value = match value {
            wire::Custom::Empty => continue,
            wire::Custom::Flag(flag) => Value::Flag(flag),
            wire::Custom::Text(text) if text.len() > edit::MAX_TEXT => return Err(refused(&format!("it is over {} bytes", edit::MAX_TEXT))),
            wire::Custom::Text(text) => Value::Text(text),
            wire::Custom::Number(number) => Value::Number(number.ok_or_else(|| refused(&unfit()))?),
        };
        fields.push(Field { name: name.into(), value });
    }
    Ok(fields)
}

fn tags(sent: Option<Vec<wire::Text>>, at: &dyn Fn() -> String) -> Result<Vec<String>, Fault> {
    let mut tags: Vec<String> = sent.unwrap_or_default().into_iter().map(|tag| tag.0).collect();
    tags.sort();
    tags.dedup();
    if tags.len() > MAX_TAGS {
        return Err(invalid("there are too many tags").at(at()).limit("tags", MAX_TAGS, None));
    }
    if tags.iter().any(|tag| tag.is_empty() || tag.len() > edit::MAX_NAME || tag.chars().any(char::is_control)) {
        return Err(invalid(format!("a tag must have 1 to {} bytes and no control characters", edit::MAX_NAME)).at(at()));
    }
    Ok(tags)
}

fn rate(number: wire::Number, at: impl Fn() -> String) -> Result<Decimal, Fault> {
    number.0.and_then(money::fit_rate).ok_or_else(|| {
        let digits = money::MAX_RATE_SCALE;
        invalid(format!("a tax rate lies between 0 and 1 with at most {digits} decimals, so that 13 % is 0.13")).at(at())
    })
}

/// An amount in the order's currency, with no more decimals than the currency has.
fn amount(number: wire::Number, currency: Currency, at: impl Fn() -> String) -> Result<Decimal, Fault> {
    let amount = not_negative(number, &at)?;
    if amount.scale() > currency.digits() && currency.round(amount) != amount {
        return Err(invalid(format!("{amount} has more decimals than {currency}, which has {}", currency.digits())).at(at()));
    }
    Ok(amount)
}

fn amount_or_zero(number: Option<wire::Number>, currency: Currency, at: impl Fn() -> String) -> Result<Decimal, Fault> {
    number.map_or(Ok(Decimal::ZERO), |number| amount(number, currency, at))
}

fn not_negative(number: wire::Number, at: impl Fn() -> String) -> Result<Decimal, Fault> {
    let number = fit(number, &at)?;
    if number < Decimal::ZERO {
        return Err(invalid(format!("{number} is negative")).at(at()));
    }
    Ok(number)
}

fn fit(number: wire::Number, at: impl Fn() -> String) -> Result<Decimal, Fault> {
    number.0.and_then(money::fit).ok_or_else(|| invalid(unfit()).at(at()))
}

fn unfit() -> String {
    format!("the number does not fit: at most {} digits after the point, and below {}", money::MAX_SCALE, money::LIMIT)
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(Code::InvalidField, message)
}
