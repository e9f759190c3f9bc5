//! Shipments of the ERP's on their way to the shop. The ERP counts up per line how much it has shipped (`qtyshp`); the shop
//! is told of each step once. What is counted never goes down, and never above what was ordered.

use super::content::Content;
use crate::{
    Decimal, Fault, Order, OrderNumber,
    fault::{Code, shorten},
    order::{Field, Instant, Value},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Units of a line, by the shop's id of the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Quantity {
    /// The line.
    pub line: String,
    /// Units.
    pub units: Decimal,
}

impl Quantity {
    /// Units of a line.
    pub fn new(line: impl Into<String>, units: Decimal) -> Quantity {
        Quantity { line: line.into(), units }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {}", self.units, self.line)
    }
}

/// A parcel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Parcel {
    /// The carrier, as the ERP writes it.
    pub carrier: String,
    /// Its number.
    pub tracking: String,
    /// Where it can be followed; may be empty.
    #[serde(default)]
    pub link: String,
}

/// A shipment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Shipment {
    /// The ERP's number of it: its key on both sides.
    pub number: String,
    /// The shop's order.
    pub order: OrderNumber,
    /// The warehouse it left.
    pub warehouse: String,
    /// When it left.
    pub shipped_at: Instant,
    /// What is in it: units in this shipment, not those counted up.
    pub lines: Vec<Quantity>,
    /// Its parcels; they may become known later than the shipment.
    pub parcels: Vec<Parcel>,
    /// Custom fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

impl Shipment {
    /// What a shop is told, and what comes back from there as an echo.
    pub fn content(&self) -> Content {
        let mut content = Content::new();
        content.text("warehouse", &self.warehouse);
        self.lines.iter().for_each(|line| content.number(format!("line[{}]", line.line), line.units));
        for parcel in &self.parcels {
            let name = format!("parcel[{}/{}]", parcel.carrier, parcel.tracking);
            content.put(name.clone(), Value::Flag(true));
            content.text(format!("{name}.link"), &parcel.link);
        }
        content.fields(&self.fields);
        content
    }
}

impl fmt::Display for Shipment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "shipment {} of {} from {}: ", self.number, self.order, self.warehouse)?;
        for (index, line) in self.lines.iter().enumerate() {
            write!(f, "{}{line}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    /// Nothing is shipped.
    Open,
    /// A part is.
    Partly,
    /// All is.
    Whole,
}

/// What a report of the ERP's means for the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Advance {
    /// So much more is shipped.
    New {
        /// The units that the shop has not heard of.
        lines: Vec<Quantity>,
    },
    /// The shop knows it all.
    Nothing,
    /// It cannot be right: E225. The shop is told nothing of it.
    Refused(Fault),
}

impl fmt::Display for Advance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Advance::New { lines } => {
                f.write_str("shipped now: ")?;
                f.write_str(&lines.iter().map(Quantity::to_string).collect::<Vec<_>>().join(", "))
            }
            Advance::Nothing => f.write_str("nothing new is shipped"),
            Advance::Refused(fault) => fault.fmt(f),
        }
    }
}

/// What was ordered, line by line.
pub fn ordered(order: &Order) -> Vec<Quantity> {
    order.lines.iter().map(|line| Quantity::new(&line.id, line.quantity)).collect()
}

/// Compares what the ERP has counted up (`incoming`) with what the shop knows. A line that the report leaves out is as it
/// was. All of a report is taken or nothing.
pub fn advance(shipped: &[Quantity], ordered: &[Quantity], incoming: &[Quantity]) -> Advance {
    let refuse = |line: &str, what: String| Advance::Refused(Fault::new(Code::ShipmentRefused, what).at(shorten(line)));
    let units = |list: &[Quantity], line: &str| list.iter().find(|one| one.line == line).map(|one| one.units);
    let (mut seen, mut new) = (BTreeSet::new(), Vec::new());
    for Quantity { line, units: now } in incoming {
        let Some(most) = units(ordered, line) else {
            return refuse(line, "the order has no such line".into());
        };
        if !seen.insert(line) {
            return refuse(line, "the line is reported twice".into());
        }
        let before = units(shipped, line).unwrap_or_default();
        if *now < before {
            return refuse(line, format!("{now} are shipped, but {before} were before"));
        }
        if *now > most {
            return refuse(line, format!("{now} are shipped, but only {most} were ordered"));
        }
        if *now > before {
            new.push(Quantity::new(line, *now - before));
        }
    }
    if new.is_empty() { Advance::Nothing } else { Advance::New { lines: new } }
}

/// What several shipments come to, line by line. A shipment that is listed twice counts once: its number is its key.
pub fn count_up(shipments: &[Shipment]) -> Vec<Quantity> {
    let (mut seen, mut units) = (BTreeSet::new(), BTreeMap::<&str, Decimal>::new());
    for shipment in shipments.iter().filter(|shipment| seen.insert(&shipment.number)) {
        shipment.lines.iter().for_each(|line| *units.entry(&line.line).or_default() += line.units);
    }
    units.into_iter().map(|(line, units)| Quantity::new(line, units)).collect()
}

/// How far the order is.
pub fn progress(shipped: &[Quantity], ordered: &[Quantity]) -> Progress {
    let is_whole = |line: &Quantity| shipped.iter().any(|one| one.line == line.line && one.units >= line.units);
    if ordered.iter().all(is_whole) {
        Progress::Whole
    } else if shipped.iter().any(|line| !line.units.is_zero()) {
        Progress::Partly
    } else {
        Progress::Open
    }
}

/// The parcels that the shop has not heard of. A parcel is known by its carrier and number; one that the ERP names no more
/// stays in the shop, because a customer may be following it.
pub fn new_parcels(known: &[Parcel], incoming: &[Parcel]) -> Vec<Parcel> {
    let key = |parcel: &Parcel| (parcel.carrier.trim().to_lowercase(), parcel.tracking.replace(' ', "").to_uppercase());
    let mut seen: BTreeSet<_> = known.iter().map(key).collect();
    incoming.iter().filter(|parcel| !parcel.tracking.trim().is_empty() && seen.insert(key(parcel))).cloned().collect()
}
