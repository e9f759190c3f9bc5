//! Routing: candidate warehouses, shipments, and the checks on a rule's answer.

use crate::{
    Order,
    fault::{Code, Fault, shorten},
    money::Decimal,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A warehouse that may ship.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Warehouse {
    /// The ERP's id.
    pub id: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// State or province; may be empty.
    pub region: String,
    /// Product types it carries; empty means all.
    pub product_types: Vec<String>,
}

/// The warehouses that may ship one order, with what they have of each line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Candidates {
    /// In the operator's order of preference.
    pub warehouses: Arc<[Warehouse]>,
    /// Row by row: all lines of the first warehouse, then all of the second. Zero or more.
    pub stock: Vec<Decimal>,
}

/// What one warehouse ships.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Shipment {
    /// The warehouse.
    pub warehouse: String,
    /// Index of a line and units of it.
    pub lines: Vec<(u32, Decimal)>,
    /// Whether this is what could not be shipped.
    #[serde(default)]
    pub backorder: bool,
}

/// Without a routing rule: everything from the first candidate.
pub fn whole(order: &Order, candidates: &Candidates) -> Vec<Shipment> {
    let warehouse = candidates.warehouses.first().map(|warehouse| warehouse.id.clone()).unwrap_or_default();
    vec![Shipment { warehouse, lines: (0..).zip(order.lines.iter().map(|line| line.quantity)).collect(), backorder: false }]
}

/// Checks a rule's shipments and adds the backorder: only candidates, only lines there are, each at most once per
/// shipment, more than zero, and never more than was ordered. Fails with E107.
pub fn check(order: &Order, candidates: &Candidates, mut shipments: Vec<Shipment>) -> Result<Vec<Shipment>, Fault> {
    let wrong = |shipment: usize, what: String| Err(Fault::new(Code::PluginAnswer, what).at(format!("shipments[{shipment}]")));
    // What is backordered is what is left: no rule's business.
    shipments.iter_mut().for_each(|shipment| shipment.backorder = false);
    let mut open: Vec<Decimal> = order.lines.iter().map(|line| line.quantity).collect();
    for (number, shipment) in shipments.iter().enumerate() {
        if !candidates.warehouses.iter().any(|warehouse| warehouse.id == shipment.warehouse) {
            return wrong(number, format!("`{}` is none of the candidate warehouses", shorten(&shipment.warehouse)));
        }
        if shipments[..number].iter().any(|other| other.warehouse == shipment.warehouse) {
            return wrong(number, format!("warehouse `{}` ships twice: put its lines in one shipment", shipment.warehouse));
        }
        if shipment.lines.is_empty() {
            return wrong(number, "it has no lines".into());
        }
        for (place, (line, quantity)) in shipment.lines.iter().enumerate() {
            let Some(open) = open.get_mut(*line as usize) else {
                return wrong(number, format!("the order has no line {line}"));
            };
            if shipment.lines[..place].iter().any(|(other, _)| other == line) {
                return wrong(number, format!("line {line} stands in it twice"));
            }
            if *quantity <= Decimal::ZERO {
                return wrong(number, format!("line {line} ships {quantity}: it must be more than zero"));
            }
            if crate::money::fit(*quantity).is_none() {
                return wrong(number, format!("line {line} ships {quantity}: at most {} decimals", crate::money::MAX_SCALE));
            }
            if quantity > open {
                return wrong(number, format!("line {line} ships {quantity}, but only {open} is left to ship"));
            }
            *open -= quantity;
        }
    }
    let rest: Vec<(u32, Decimal)> = (0..).zip(open).filter(|(_, open)| !open.is_zero()).collect();
    if !rest.is_empty() {
        let home = shipments.first().map(|shipment| shipment.warehouse.clone());
        let warehouse = home.or_else(|| candidates.warehouses.first().map(|warehouse| warehouse.id.clone())).unwrap_or_default();
        shipments.push(Shipment { warehouse, lines: rest, backorder: true });
    }
    Ok(shipments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    type Written<'w> = (&'w str, &'w [(u32, &'w str)]);

    fn checked(lines: &[Written<'_>]) -> Result<Vec<Shipment>, Fault> {
        let order = sample::order(2);
        let shipment = |(warehouse, lines): &Written<'_>| Shipment {
            warehouse: (*warehouse).into(),
            lines: lines.iter().map(|(line, quantity)| (*line, quantity.parse().unwrap())).collect(),
            backorder: true,
        };
        check(&order, &sample::candidates(&order), lines.iter().map(shipment).collect())
    }

    #[test]
    fn what_is_left_is_backordered() {
        // The sample's lines are one unit and two.
        let shipments = checked(&[("TOR", &[(0, "1")]), ("BUF", &[(1, "0.5")])]).unwrap();
        let rest = shipments.last().unwrap();
        assert_eq!((shipments.len(), rest.backorder, &rest.lines[..]), (3, true, &[(1, Decimal::new(15, 1))][..]));
        assert!(!shipments[0].backorder);
        assert!(checked(&[]).unwrap()[0].backorder);
    }

    #[test]
    fn what_breaks_the_contract_is_named() {
        let cases: [(&[Written<'_>], &str); 7] = [
            (&[("MARS", &[(0, "1")])], "none of the candidate"),
            (&[("TOR", &[(0, "1")]), ("TOR", &[(1, "1")])], "ships twice"),
            (&[("TOR", &[])], "no lines"),
            (&[("TOR", &[(2, "1")])], "no line 2"),
            (&[("TOR", &[(1, "1"), (1, "1")])], "twice"),
            (&[("TOR", &[(1, "1")]), ("BUF", &[(1, "1.5")])], "only 1 is left"),
            (&[("TOR", &[(1, "0.33333333")])], "decimals"),
        ];
        for (shipments, told) in cases {
            let fault = checked(shipments).unwrap_err();
            assert!(fault.code == Code::PluginAnswer && fault.message.contains(told), "{fault}");
        }
        assert!(checked(&[("TOR", &[(0, "-1")])]).unwrap_err().message.contains("more than zero"));
    }
}
