//! Orders that nobody wrote down: neutral, empty, foreign, as large as orders get, and chance variations of an author's own.
//! They obey every rule of the canonical model.

use crate::case::Case;
use crossdock_flow::{
    Currency, Decimal, Order,
    order::{Address, Field, Line, Value},
    sample,
};
use fastrand::Rng;
use std::sync::Arc;

/// Lines of the largest order.
pub const MOST_LINES: usize = 1_000;

/// A case of another order, with the warehouses that fit it and all else as it was.
pub fn with(case: &Case, mut order: Order) -> Case {
    resum(&mut order);
    let known = &case.candidates;
    let lines = case.order.lines.len();
    // Stock follows the SKU, so that a line which stays keeps what it had.
    let of = |warehouse: usize, line: &Line| {
        let place = case.order.lines.iter().position(|before| before.sku == line.sku);
        place.and_then(|place| known.stock.get(warehouse * lines + place)).copied().unwrap_or(Decimal::from(1_000))
    };
    let stock = (0..known.warehouses.len()).flat_map(|warehouse| order.lines.iter().map(move |line| of(warehouse, line))).collect();
    let candidates = crossdock_flow::route::Candidates { warehouses: known.warehouses.clone(), stock };
    Case { order: Arc::new(order), candidates: Arc::new(candidates), ..case.clone() }
}

/// Makes the sums right: totals and taxes of the lines, tax of shipping, the order's total and what is paid.
pub fn resum(order: &mut Order) {
    let currency = order.currency;
    for line in &mut order.lines {
        let worth = currency.round(line.quantity * line.unit_price);
        line.discount = currency.round(line.discount).min(worth);
        line.total = worth - line.discount;
        line.tax = currency.round(line.total * line.tax_rate);
    }
    order.shipping.amount = currency.round(order.shipping.amount);
    order.shipping.tax = currency.round(order.shipping.amount * order.shipping.tax_rate);
    order.discount = currency.round(order.discount).min(order.subtotal());
    order.total = order.subtotal() - order.discount + order.shipping.amount + order.tax();
    order.payment.amount = order.total;
}

/// An order that gives no rule a reason: one unit of one article at a plain price, no segment, no field, no tag.
pub fn neutral() -> Order {
    let mut order = sample::order(1);
    order.customer.segment.clear();
    order.fields.clear();
    order.lines[0].product_type.clear();
    order.lines[0].quantity = Decimal::ONE;
    resum(&mut order);
    order
}

/// An order in which everything is empty that may be.
pub fn empty() -> Order {
    let mut order = neutral();
    order.status.clear();
    order.customer.id.clear();
    order.billing = Address::default();
    order.shipping_to = Address::default();
    order.payment = Default::default();
    order.shipping = Default::default();
    let line = &mut order.lines[0];
    line.id.clear();
    line.name.clear();
    line.unit_price = Decimal::ZERO;
    line.tax_rate = Decimal::ZERO;
    resum(&mut order);
    order
}

/// Texts from all over the world, and some that only look harmless.
pub(crate) const FOREIGN: [&str; 8] = [
    "Ünïcødé ß ﬁ ǆ İ",
    "日本語の商品名",
    "اسم المنتج العربي",
    "שם המוצר",
    "👩‍👩‍👧‍👦🇨🇦🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "e\u{301}\u{323} Z\u{351}\u{36b}\u{343}algo",
    "\u{202e}right to left\u{202c} \u{feff}\u{200b}",
    "'; DROP TABLE \"orders\"; -- <b>&amp;</b> \\ %s {0}",
];

/// An order whose texts are in every script.
pub fn unicode() -> Order {
    let mut order = sample::order(FOREIGN.len());
    for (line, text) in order.lines.iter_mut().zip(FOREIGN) {
        (line.sku, line.name, line.product_type) = (text.to_owned(), text.repeat(3), text.to_owned());
        line.fields.push(Field { name: text.chars().take(20).collect::<String>().into(), value: Value::Text(text.to_owned()) });
    }
    order.customer.segment = FOREIGN[1].to_owned();
    order.shipping_to.city = FOREIGN[2].to_owned();
    order.billing.company = FOREIGN[7].to_owned();
    order.tags = FOREIGN[3..5].iter().map(|text| (*text).to_owned()).collect();
    order.tags.sort();
    resum(&mut order);
    order
}

/// An order as large as orders get: a thousand lines, long texts, the finest prices and a total of many digits.
pub fn maximum() -> Order {
    let mut order = sample::order(MOST_LINES);
    for (index, line) in order.lines.iter_mut().enumerate() {
        line.quantity = Decimal::new(9_999_999, 4); // 999.9999
        line.unit_price = Decimal::new(99_999_999, 4); // 9,999.9999
        line.name = format!("{index} {}", "a long name ".repeat(20));
        line.fields.push(Field { name: "note".into(), value: Value::Text("n".repeat(500)) });
    }
    resum(&mut order);
    order
}

/// The same order with so many of its lines, again and again from the first: for measuring how fuel grows.
pub fn stretched(order: &Order, lines: usize) -> Order {
    let mut stretched = order.clone();
    stretched.lines = (0..lines)
        .map(|index| {
            let mut line = order.lines[index % order.lines.len()].clone();
            line.id = format!("L{}", index + 1);
            line
        })
        .collect();
    resum(&mut stretched);
    stretched
}

/// A variation by chance of an author's own case, the same for the same seed.
pub fn variation(case: &Case, rng: &mut Rng) -> Case {
    const SEGMENTS: [&str; 4] = ["", "retail", "wholesale", "vip"];
    const COUNTRIES: [(&str, &str); 5] = [("CA", "ON"), ("CA", "QC"), ("US", "NY"), ("DE", ""), ("GB", "")];
    const RATES: [(i64, u32); 4] = [(13, 2), (5, 2), (0, 0), (14_975, 5)];
    const CURRENCIES: [&str; 3] = ["CAD", "JPY", "KWD"];
    let mut order = (*case.order).clone();
    let articles = sample::order(4).lines;
    if rng.u8(..4) == 0 {
        order.customer.segment = rng.choice(SEGMENTS).unwrap_or_default().to_owned();
    }
    if rng.u8(..4) == 0 {
        let (country, region) = rng.choice(COUNTRIES).unwrap_or_default();
        (order.shipping_to.country, order.shipping_to.region) = (country.to_owned(), region.to_owned());
    }
    if rng.u8(..6) == 0
        && let Some(currency) = rng.choice(CURRENCIES).and_then(|code| Currency::parse(code).ok())
    {
        order.currency = currency;
    }
    for _ in 0..rng.usize(..4) {
        let article = rng.choice(&articles).unwrap_or(&articles[0]).clone();
        let at = rng.usize(..=order.lines.len());
        order.lines.insert(at, article);
    }
    while order.lines.len() > 1 && rng.u8(..3) == 0 {
        let at = rng.usize(..order.lines.len());
        order.lines.remove(at);
    }
    for (index, line) in order.lines.iter_mut().enumerate() {
        line.id = format!("L{}", index + 1);
        if rng.bool() {
            line.quantity = if rng.u8(..5) == 0 { Decimal::new(rng.i64(1..50_000), 3) } else { Decimal::from(rng.i64(1..120)) };
        }
        if rng.u8(..3) == 0 {
            line.unit_price = Decimal::new(rng.i64(0..10_000_000), rng.u32(0..=4));
        }
        if rng.u8(..5) == 0 {
            line.discount = Decimal::new(rng.i64(0..500), 2);
        }
        if rng.u8(..5) == 0 {
            let (units, scale) = rng.choice(RATES).unwrap_or_default();
            line.tax_rate = Decimal::new(units, scale);
        }
    }
    if rng.u8(..5) == 0 {
        order.discount = Decimal::new(rng.i64(0..2_000), 2);
    }
    with(case, order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_flow::sum;

    #[test]
    fn all_of_them_obey_the_sum_rule() {
        for order in [neutral(), empty(), unicode(), maximum(), stretched(&sample::order(3), 100)] {
            sum::check(&order).unwrap();
        }
        let mut rng = Rng::with_seed(7);
        let mut case = Case::of("c", sample::order(2));
        for _ in 0..500 {
            case = variation(&case, &mut rng);
            sum::check(&case.order).unwrap();
            assert_eq!(case.candidates.stock.len(), case.candidates.warehouses.len() * case.order.lines.len());
        }
    }
}
