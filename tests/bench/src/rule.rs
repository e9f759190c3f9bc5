//! The rule that everybody runs: for wholesale customers 5 % off lines of 5 units or more, 10 % off 10 or more. Here in
//! plain Rust; as a plugin it is `plugins/segment-discount` with the same breaks.

use crossdock_flow::{Decimal, Order};

/// The plugin's settings.
pub(crate) fn settings() -> Vec<(String, String)> {
    [("breaks.10", "10"), ("breaks.5", "5"), ("segment", "wholesale")].map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

/// Reprices the order in place, and its sums with it.
pub(crate) fn apply(order: &mut Order) {
    if order.customer.segment != "wholesale" {
        return;
    }
    let currency = order.currency;
    for line in &mut order.lines {
        let percent = match line.quantity {
            quantity if quantity >= Decimal::from(10) => Decimal::new(90, 2),
            quantity if quantity >= Decimal::from(5) => Decimal::new(95, 2),
            _ => continue,
        };
        let finest = if line.unit_price.normalize().scale() > currency.digits() { 4 } else { currency.digits() };
        line.unit_price = (line.unit_price * percent).round_dp_with_strategy(finest, crossdock_flow::money::HALF_UP);
        line.total = currency.round(line.quantity * line.unit_price) - line.discount;
        line.tax = currency.round(line.total * line.tax_rate);
    }
    order.total = order.subtotal() - order.discount + order.shipping.amount + order.tax();
}
