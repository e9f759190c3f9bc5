//! The steps of `pre-map` that read the order and edit it.

use crate::text::{address, comma, instant, outcome, plain, value};
use crossdock_sdk::{Context, Decimal, EditError, LineMut, Order, Value, dec, log};

pub(crate) fn describe(context: &Context, order: &Order) {
    let now = instant(context.now);
    log::info(format!("context integration={} event={} attempt={} now={now}", context.integration, context.event_id, context.attempt));
    let header = order.header();
    log::info(format!(
        "header number={} status={} currency={} digits={} ordered-at={} customer={} segment={} subtotal={} discount={} shipping={} tax={} total={}",
        header.number,
        header.status,
        header.currency,
        header.currency_digits,
        instant(header.ordered_at),
        header.customer_id,
        header.segment,
        plain(header.subtotal),
        plain(header.discount),
        plain(header.shipping),
        plain(header.tax),
        plain(header.total)
    ));
    log::info(address("billing", &order.billing_address()));
    log::info(address("shipping", &order.shipping_address()));
    let paid = order.payment();
    let amount = plain(paid.amount);
    log::info(format!("payment method={} status={} transaction={} amount={amount}", paid.method, paid.status, paid.transaction_id));
    for line in order.lines() {
        let grade = line.field("grade").map_or_else(|| "none".into(), |grade| value(&grade));
        log::info(format!(
            "line {} id={} sku={} name={} type={} quantity={} price={} discount={} rate={} tax={} total={} grade={grade}",
            line.index(),
            line.id(),
            line.sku(),
            line.name(),
            line.product_type(),
            plain(line.quantity()),
            plain(line.unit_price()),
            plain(line.discount()),
            plain(line.tax_rate()),
            plain(line.tax()),
            plain(line.total())
        ));
    }
    for field in order.fields() {
        log::info(format!("field {}={}", field.name, value(&field.value)));
    }
    log::info(format!("tags {}", comma(order.tags().into_iter())));
}

pub(crate) fn edit(order: &mut Order) -> Result<(), EditError> {
    let digits = order.header().currency_digits;
    for line in order.lines_mut() {
        line.set_unit_price(line.unit_price().percent_off(dec!(5)).round(digits), "5 % off");
    }
    on_line(order, 0, |line| line.set_discount(dec!(1), "one off"))?;
    order.set_shipping(dec!(7.5), "flat")?;
    order.set_field("note", "checked ✓", "noted")?;
    order.set_field("score", dec!(12.50), "noted")?;
    order.set_field("gift", true, "noted")?;
    order.set_field("po-reference", Value::Empty, "noted")?;
    order.set_line_field(0, "grade", "A", "graded")?;
    order.add_tag("probed", "seen")
}

pub(crate) fn sums(order: &mut Order) -> Result<(), EditError> {
    on_line(order, 0, |line| line.set_unit_price(dec!(1), "one"))?;
    let header = order.header();
    log::info(format!("sums subtotal={} tax={} total={}", plain(header.subtotal), plain(header.tax), plain(header.total)));
    Ok(())
}

pub(crate) fn refused(order: &mut Order) {
    let price = |order: &mut Order, line: u32, price: Decimal| on_line(order, line, |line| line.set_unit_price(price, "try"));
    log::info(outcome(price(order, 99, dec!(1))));
    log::info(outcome(price(order, 0, -dec!(1))));
    log::info(outcome(price(order, 0, dec!(0.00001))));
    log::info(outcome(on_line(order, 0, |line| line.set_discount(dec!(1000000), "try"))));
    log::info(outcome(order.set_shipping(-dec!(1), "try")));
    log::info(outcome(order.set_field("", "x", "try")));
    log::info(outcome(order.set_line_field(99, "of-line", "x", "try")));
    log::info(outcome(price(order, 0, dec!(3))));
}

/// Edits one line and sends what was gathered. A line that is not there has nothing to call.
fn on_line(order: &mut Order, index: u32, edit: impl FnOnce(&LineMut<'_>)) -> Result<(), EditError> {
    edit(&order.line_mut(index).ok_or(EditError::NoSuchLine(index))?);
    order.flush()
}
