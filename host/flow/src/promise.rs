//! What orders promise of the stock: which units of which warehouse an order takes, what is there for it, and what becomes a
//! backorder because others were promised it before. Pure; the promises themselves stand in the store, as `entity::stock`
//! keeps them, and are made in the transaction in which the documents begin.

use crate::{
    Decimal, Order,
    route::{Shipment, Warehouse},
    sync::ledger::Counted,
    target::Stock,
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, fmt};

/// What the ERP's figure counts, and so when a promise of ours comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Figure {
    /// What is available: the ERP has taken its own open orders off. A promise ends when the ERP has the order.
    Available,
    /// What stands in the warehouse. A promise ends when the goods leave it.
    OnHand,
}

/// Units of an article in a warehouse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Units {
    /// The article.
    pub sku: String,
    /// The warehouse.
    pub warehouse: String,
    /// How many, zero or more.
    pub units: Decimal,
}

impl Units {
    /// Whether it is this article in this warehouse.
    pub fn is(&self, sku: &str, warehouse: &str) -> bool {
        self.sku == sku && self.warehouse == warehouse
    }
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} in {}", self.units, self.sku, self.warehouse)
    }
}

/// What one order is promised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Promise {
    /// What its documents take, but for the backorder.
    pub takes: Vec<Units>,
    /// What of it the ERP has taken off by itself, because an earlier version of the order is there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counted: Vec<Units>,
}

impl Promise {
    /// What is to be held: what it takes and the ERP does not count yet.
    pub fn holds(&self) -> Vec<Units> {
        let held = |units: &Units| units.units - find(&self.counted, &units.sku, &units.warehouse);
        let holds = self.takes.iter().map(|units| Units { units: held(units), ..units.clone() });
        holds.filter(|units| units.units > Decimal::ZERO).collect()
    }
}

/// What is there for one order, by article and warehouse.
#[derive(Clone, Debug)]
pub struct Shelf<'s> {
    /// What the ERP said last.
    heard: &'s Stock,
    /// What may be promised to this order; nothing where nothing is promised.
    free: Option<HashMap<String, Vec<Units>>>,
    /// What of this order the ERP counts by itself.
    counted: Vec<Units>,
}

impl<'s> Shelf<'s> {
    /// Nothing is promised: there is what the ERP said.
    pub fn heard(heard: &'s Stock) -> Shelf<'s> {
        Shelf { heard, free: None, counted: Vec::new() }
    }

    /// There is what may be promised to the order, and what the ERP has taken off for it.
    pub fn promising(heard: &'s Stock, mut free: Vec<Units>, counted: Vec<Units>) -> Shelf<'s> {
        free.iter_mut().for_each(|units| units.units += find(&counted, &units.sku, &units.warehouse));
        let mut by_sku: HashMap<String, Vec<Units>> = HashMap::new();
        free.into_iter().for_each(|units| by_sku.entry(units.sku.clone()).or_default().push(units));
        Shelf { heard, free: Some(by_sku), counted }
    }

    /// What a warehouse has of an article, zero or more. Of what the ERP keeps no stock, there is what it said.
    pub fn of(&self, warehouse: &str) -> impl Fn(&str) -> Decimal {
        let heard = self.heard.units.get(warehouse);
        move |sku| match self.free.as_ref().and_then(|free| free.get(sku)) {
            Some(free) => find(free, sku, warehouse),
            None => heard.and_then(|there| there.get(sku)).copied().unwrap_or_default().max(Decimal::ZERO),
        }
    }

    /// Cuts shipments down to what may be promised; what is left joins the backorder. Gives the promise, and what was cut.
    /// An article of which no warehouse has a figure is none that is kept in stock (a fee, a service): it is not cut.
    pub fn promise(self, order: &Order, shipments: &mut Vec<Shipment>, warehouses: &[Warehouse]) -> Option<(Promise, Vec<Units>)> {
        let free = self.free?;
        let mut promise = Promise { takes: Vec::new(), counted: self.counted };
        let (mut cut, mut rest) = (Vec::new(), Vec::new());
        for shipment in shipments.iter_mut().filter(|shipment| !shipment.backorder) {
            let warehouse = shipment.warehouse.clone();
            for (line, units) in &mut shipment.lines {
                let Some(sku) = usize::try_from(*line).ok().and_then(|line| order.lines.get(line)).map(|line| &line.sku) else { continue };
                let Some(free) = free.get(sku) else { continue };
                let left = (find(free, sku, &warehouse) - find(&promise.takes, sku, &warehouse)).max(Decimal::ZERO);
                let taken = left.min(*units);
                if taken < *units {
                    rest.push((*line, *units - taken));
                    add(&mut cut, sku, &warehouse, *units - taken);
                    *units = taken;
                }
                if !taken.is_zero() {
                    add(&mut promise.takes, sku, &warehouse, taken);
                }
            }
            shipment.lines.retain(|(_, units)| !units.is_zero());
        }
        let home = shipments.first().map(|shipment| shipment.warehouse.clone());
        shipments.retain(|shipment| !shipment.lines.is_empty());
        if !rest.is_empty() {
            let home = home.or_else(|| warehouses.first().map(|warehouse| warehouse.id.clone())).unwrap_or_default();
            backorder(shipments, rest, home);
        }
        Some((promise, cut))
    }
}

/// What the ERP says otherwise than what is kept, and what is new in it. Below nothing is nothing. What it names no more stays as
/// it is: a list that breaks off must not empty the shop.
pub fn counted(kept: &[Counted], heard: &Stock) -> Vec<Counted> {
    let known: HashMap<(&str, &str), (u64, Decimal)> = kept.iter().filter_map(|one| Some(((&*one.sku, &*one.warehouse), one.read?))).collect();
    let all = heard.units.iter().flat_map(|(warehouse, there)| there.iter().map(move |(sku, units)| (sku, warehouse, (*units).max(Decimal::ZERO))));
    let counted = all.filter_map(|(sku, warehouse, units)| {
        let read = known.get(&(&**sku, &**warehouse)).copied();
        let is_news = read.is_none_or(|(_, there)| there != units);
        is_news.then(|| Counted { sku: sku.clone(), warehouse: warehouse.clone(), read, units })
    });
    counted.collect()
}

/// Adds lines to the backorder, which is the last shipment.
fn backorder(shipments: &mut Vec<Shipment>, rest: Vec<(u32, Decimal)>, home: String) {
    let place = shipments.iter().position(|shipment| shipment.backorder).unwrap_or_else(|| {
        shipments.push(Shipment { warehouse: home, lines: Vec::new(), backorder: true });
        shipments.len() - 1
    });
    let lines = &mut shipments[place].lines;
    for (line, units) in rest {
        match lines.iter_mut().find(|(there, _)| *there == line) {
            Some((_, there)) => *there += units,
            None => lines.push((line, units)),
        }
    }
    lines.sort_by_key(|(line, _)| *line);
}

/// How many of an article in a warehouse a list has.
pub fn find(list: &[Units], sku: &str, warehouse: &str) -> Decimal {
    list.iter().find(|units| units.is(sku, warehouse)).map(|units| units.units).unwrap_or_default()
}

fn add(list: &mut Vec<Units>, sku: &str, warehouse: &str, units: Decimal) {
    match list.iter_mut().find(|there| there.is(sku, warehouse)) {
        Some(there) => there.units += units,
        None => list.push(Units { sku: sku.to_owned(), warehouse: warehouse.to_owned(), units }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{route, sample};

    fn units(sku: &str, warehouse: &str, units: i64) -> Units {
        Units { sku: sku.into(), warehouse: warehouse.into(), units: units.into() }
    }

    /// The sample's lines, all of one article: one unit and two.
    fn order() -> Order {
        let mut order = sample::order(2);
        order.lines.iter_mut().for_each(|line| line.sku = "LAMP".into());
        order
    }

    fn promised(free: Vec<Units>, counted: Vec<Units>) -> (Vec<Shipment>, Promise, Vec<Units>) {
        let (order, stock) = (order(), Stock::default());
        let candidates = sample::candidates(&order);
        let mut shipments = route::whole(&order, &candidates);
        let (promise, cut) = Shelf::promising(&stock, free, counted).promise(&order, &mut shipments, &candidates.warehouses).unwrap();
        let shipped: Decimal = shipments.iter().flat_map(|shipment| &shipment.lines).map(|(_, units)| units).sum();
        assert_eq!(shipped, Decimal::from(3), "no unit is lost");
        (shipments, promise, cut)
    }

    #[test]
    fn what_is_not_there_becomes_a_backorder_and_is_not_promised() {
        let home = sample::candidates(&order()).warehouses[0].id.clone();
        let (shipments, promise, cut) = promised(vec![units("LAMP", &home, 2)], Vec::new());
        assert_eq!((promise.takes, cut), (vec![units("LAMP", &home, 2)], vec![units("LAMP", &home, 1)]));
        assert_eq!(shipments.iter().map(|shipment| (shipment.backorder, shipment.lines.len())).collect::<Vec<_>>(), [(false, 2), (true, 1)]);
        // Nothing at all: everything waits, in the warehouse that it was meant for.
        let (shipments, promise, _) = promised(vec![units("LAMP", "ELSEWHERE", 9)], Vec::new());
        assert_eq!((shipments.len(), shipments[0].backorder, &shipments[0].warehouse), (1, true, &home));
        assert!(promise.takes.is_empty());
        // Enough: nothing is cut.
        let (shipments, promise, cut) = promised(vec![units("LAMP", &home, 3)], Vec::new());
        assert_eq!((shipments.len(), shipments[0].backorder, promise.holds()), (1, false, vec![units("LAMP", &home, 3)]));
        assert!(cut.is_empty());
    }

    #[test]
    fn what_the_erp_counts_already_is_there_and_is_not_held_twice() {
        let home = sample::candidates(&order()).warehouses[0].id.clone();
        let (shipments, promise, cut) = promised(vec![units("LAMP", &home, 1)], vec![units("LAMP", &home, 2)]);
        assert_eq!((shipments.len(), cut.len()), (1, 0));
        assert_eq!(promise.holds(), [units("LAMP", &home, 1)]);
    }

    #[test]
    fn what_is_no_article_of_the_warehouse_ships_as_before() {
        let (shipments, promise, cut) = promised(vec![units("OTHER", "TOR", 0)], Vec::new());
        assert!(!shipments[0].backorder && promise.takes.is_empty() && cut.is_empty());
        let (order, mut stock) = (order(), Stock::default());
        stock.units.entry("TOR".into()).or_default().insert("LAMP".into(), Decimal::from(-4));
        assert_eq!(Shelf::heard(&stock).of("TOR")("LAMP"), Decimal::ZERO);
        assert!(Shelf::heard(&stock).promise(&order, &mut Vec::new(), &[]).is_none(), "where nothing is promised nothing is cut");
    }
}
