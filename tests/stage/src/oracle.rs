//! What must stand in the ERP's books, worked out from the shop's orders and the rules' settings alone, without a line of
//! the host: so that the host can be judged by it.

use crossdock_partners::{
    orders::{Expected, Generated},
    sagepro::Booked,
};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::{HashMap, HashSet};

/// What the books say about a set of orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Orders whose documents are all in the books.
    pub delivered: HashSet<String>,
    /// Of those, in more than one document.
    pub split: HashSet<String>,
    /// Orders with a document that stands twice.
    pub twice: HashSet<String>,
    /// Units of the smallest coin by which the books differ from what they should say, over all delivered orders.
    pub cents_off: Decimal,
    /// Orders of which a unit too few, too many or from a warehouse that does not carry it stands in the books.
    pub misrouted: HashSet<String>,
}

/// Judges the books. `discounts` are the wholesale breaks: from this quantity, so many percent.
pub fn judge(orders: &[Generated], books: &[Booked], discounts: &[(i64, i64)]) -> Judgement {
    let mut judgement = Judgement::default();
    let mut by_order: HashMap<&str, Vec<&Booked>> = HashMap::new();
    let numbers: HashSet<&str> = orders.iter().map(|order| order.number.as_str()).collect();
    for booked in books.iter().filter(|booked| booked.status != "Cancelled") {
        let key = booked.purchase_order_no.as_str();
        let number = if numbers.contains(key) { key } else { key.rsplit_once('-').map_or(key, |(number, _)| number) };
        by_order.entry(number).or_default().push(booked);
    }
    for order in orders {
        let Some(booked) = by_order.get(order.number.as_str()) else { continue };
        judgement.delivered.insert(order.number.clone());
        let keys: HashSet<&str> = booked.iter().map(|booked| booked.purchase_order_no.as_str()).collect();
        if keys.len() > 1 {
            judgement.split.insert(order.number.clone());
        }
        if keys.len() < booked.len() {
            judgement.twice.insert(order.number.clone());
        }
        let total: Decimal = booked.iter().map(|booked| booked.total).sum();
        let digits = if order.expected.currency == "JPY" { 0 } else { 2 };
        judgement.cents_off += ((total - owed(&order.expected, discounts)) * Decimal::from(10_i64.pow(digits))).abs();
        if !routed_well(&order.expected, booked) {
            judgement.misrouted.insert(order.number.clone());
        }
    }
    judgement
}

/// What the customer owes once the wholesale breaks are applied: the price of a line from its quantity on, rounded to the
/// coin (or to four digits where the price has more than the coin); its tax at its own rate, rounded once per rate.
pub fn owed(expected: &Expected, discounts: &[(i64, i64)]) -> Decimal {
    let digits = if expected.currency == "JPY" { 0 } else { 2 };
    let round = |amount: Decimal, digits| amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
    let mut total = expected.total;
    let mut taxed: HashMap<Decimal, Decimal> = HashMap::new();
    for line in expected.lines.iter().filter(|_| expected.segment == "wholesale") {
        let percent = discounts.iter().filter(|(from, _)| line.quantity >= Decimal::from(*from)).map(|(_, percent)| *percent).max();
        let Some(percent) = percent else { continue };
        let finest = if line.unit_price.normalize().scale() > digits { 4 } else { digits };
        let price = round(line.unit_price * Decimal::new(100 - percent, 2), finest);
        let worth = round(line.quantity * price, digits) - line.discount;
        total += worth - line.total - line.tax;
        let rate = rate_of(expected);
        *taxed.entry(rate).or_default() += worth;
    }
    total + taxed.into_iter().map(|(rate, worth)| round(worth * rate, digits)).sum::<Decimal>()
}

/// Every line of a generated order has the rate of its region; it is found again by what fits their taxes best.
fn rate_of(expected: &Expected) -> Decimal {
    let rates: [i64; 11] = [0, 500, 625, 725, 800, 1000, 1200, 1300, 1400, 1900, 2000];
    let error = |rate: i64| expected.lines.iter().map(|line| (line.total * Decimal::new(rate, 4) - line.tax).abs()).sum::<Decimal>();
    let best = rates.into_iter().min_by_key(|rate| error(*rate)).unwrap_or_default();
    Decimal::new(best, 4)
}

/// Whether every unit of an order stands in these documents once, each in a warehouse that carries it.
pub fn routed_well(expected: &Expected, booked: &[&Booked]) -> bool {
    let mut ordered: HashMap<&str, Decimal> = HashMap::new();
    for line in &expected.lines {
        *ordered.entry(&line.sku).or_default() += line.quantity;
    }
    for booked in booked {
        for line in &booked.lines {
            *ordered.entry(&line.item).or_default() -= line.quantity;
            let article = crossdock_partners::orders::CATALOGUE.iter().find(|article| article.sku == line.item);
            let warehouse = crate::warehouses::WAREHOUSES.iter().find(|(id, ..)| *id == booked.warehouse);
            let (Some(article), Some((_, _, _, types))) = (article, warehouse) else { return false };
            if !types.is_empty() && !types.contains(&article.product_type) {
                return false;
            }
        }
    }
    ordered.values().all(Decimal::is_zero)
}
