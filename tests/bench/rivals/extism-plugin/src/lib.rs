//! The segment discount as a plugin of Extism: JSON in, JSON out, exact decimals.

use extism_pdk::{FnResult, Json, plugin_fn};
use rust_decimal::{Decimal, RoundingStrategy::MidpointAwayFromZero};
use serde::Deserialize;

/// What the rule needs of the order; serde skips the rest.
#[derive(Deserialize)]
pub struct Order {
    customer: Customer,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Customer {
    segment: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Line {
    quantity: Decimal,
    unit_price: Decimal,
}

/// The lines that get another price, from 0, and that price.
#[plugin_fn]
pub fn prices(Json(order): Json<Order>) -> FnResult<Json<Vec<(u32, Decimal)>>> {
    let mut prices = Vec::new();
    if order.customer.segment != "wholesale" {
        return Ok(Json(prices));
    }
    for (index, line) in (0..).zip(&order.lines) {
        let keep = match line.quantity {
            quantity if quantity >= Decimal::from(10) => Decimal::new(90, 2),
            quantity if quantity >= Decimal::from(5) => Decimal::new(95, 2),
            _ => continue,
        };
        let digits = if line.unit_price.normalize().scale() > 2 { 4 } else { 2 };
        prices.push((index, (line.unit_price * keep).round_dp_with_strategy(digits, MidpointAwayFromZero)));
    }
    Ok(Json(prices))
}
