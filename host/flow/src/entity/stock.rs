//! The stock of one article in one warehouse: what is there, what is promised, what is kept back. A ledger without a clock:
//! whoever holds the store's lock applies one step after the other, and in whatever order they come, no more is promised
//! than there is.

use super::{
    content::Content,
    lag::{self, Rate},
};
use crate::{Decimal, Fault, fault::Code, money};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// What is there. On hand is what stands in the warehouse; where an ERP tells only what is available, a reservation is
/// released as soon as the ERP counts the order itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Stock {
    /// The article.
    pub sku: String,
    /// The warehouse.
    pub warehouse: String,
    /// Counts the changes of what is on hand.
    pub version: u64,
    /// What is there, zero or more.
    pub on_hand: Decimal,
    /// What is kept back because the shops learn late of sales: [`super::lag::Buffer::units`].
    pub buffer: Decimal,
    /// What is promised, by order (or whatever holds it).
    pub reserved: BTreeMap<String, Decimal>,
    /// What was promised to new orders, by hour since 1970: the last day of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sold: BTreeMap<i64, Decimal>,
    /// Custom fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<crate::order::Field>,
}

/// What came of setting what is on hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Set {
    /// It is set.
    Set {
        /// What was there.
        from: Decimal,
        /// What is there now.
        to: Decimal,
    },
    /// It changed since it was read; nothing was set. Read it again.
    Conflict {
        /// Its version now.
        version: u64,
        /// What is there now.
        on_hand: Decimal,
    },
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Set::Set { from, to } => write!(f, "{from} → {to}"),
            Set::Conflict { version, on_hand } => write!(f, "not set: it is {on_hand} by now (version {version})"),
        }
    }
}

impl Stock {
    /// So much of an article in a warehouse, nothing promised. Fails with E202 for less than nothing.
    pub fn new(sku: impl Into<String>, warehouse: impl Into<String>, on_hand: Decimal) -> Result<Stock, Fault> {
        let (sku, warehouse) = (sku.into(), warehouse.into());
        let mut stock = Stock {
            sku,
            warehouse,
            version: 0,
            on_hand: Decimal::ZERO,
            buffer: Decimal::ZERO,
            reserved: BTreeMap::new(),
            sold: BTreeMap::new(),
            fields: Vec::new(),
        };
        stock.on_hand = stock.units(on_hand)?;
        Ok(stock)
    }

    /// All that is promised.
    pub fn promised(&self) -> Decimal {
        self.reserved.values().sum()
    }

    /// What may still be promised: zero or more.
    pub fn free(&self) -> Decimal {
        (self.on_hand - self.promised()).max(Decimal::ZERO)
    }

    /// What the shops are told: what is free, less what is kept back. Zero or more.
    pub fn available(&self) -> Decimal {
        (self.free() - self.buffer).max(Decimal::ZERO)
    }

    /// What may be promised to an order: what is there, less what others were promised. Zero or more.
    pub fn free_for(&self, order: &str) -> Decimal {
        let own = self.reserved.get(order).copied().unwrap_or_default();
        (self.on_hand - (self.promised() - own)).max(Decimal::ZERO)
    }

    /// What is promised and not there: the ERP counted less than was sold. Zero when all is well.
    pub fn short(&self) -> Decimal {
        (self.promised() - self.on_hand).max(Decimal::ZERO)
    }

    /// Promises units to an order that was accepted. Again for the same order it is the new number of units, so a retry
    /// promises nothing twice. What is kept back may be promised: it is there for this. Fails with E224.
    pub fn reserve(&mut self, order: &str, units: Decimal) -> Result<(), Fault> {
        let units = self.units(units)?;
        let others = self.promised() - self.reserved.get(order).copied().unwrap_or_default();
        if others + units > self.on_hand {
            return Err(self.not_enough(units, (self.on_hand - others).max(Decimal::ZERO)));
        }
        self.hold(order, units);
        Ok(())
    }

    /// Takes a promise back; returns how much it was.
    pub fn release(&mut self, order: &str) -> Decimal {
        self.reserved.remove(order).unwrap_or_default()
    }

    /// Takes what is shipped from what is there and from its promise. What nobody was promised may be shipped as far as it
    /// is free. Fails with E224: what others were promised is not shipped.
    pub fn ship(&mut self, order: &str, units: Decimal) -> Result<(), Fault> {
        let units = self.units(units)?;
        let held = self.reserved.get(order).copied().unwrap_or_default();
        let most = (self.on_hand - (self.promised() - held)).max(Decimal::ZERO);
        if units > most {
            return Err(self.not_enough(units, most));
        }
        self.on_hand -= units;
        self.version += 1;
        self.hold(order, (held - units).max(Decimal::ZERO));
        Ok(())
    }

    /// So much of an order's promise is still open. What is gone from it has left the house, or the ERP has taken it off by
    /// itself: a fact like a count, and told twice it is the same. A promise never grows by it, and nothing goes below zero.
    pub fn keep(&mut self, order: &str, open: Decimal) -> Result<(), Fault> {
        let open = self.units(open)?;
        let held = self.reserved.get(order).copied().unwrap_or_default();
        if open < held {
            self.on_hand = (self.on_hand - (held - open)).max(Decimal::ZERO);
            self.version += 1;
            self.hold(order, open);
        }
        Ok(())
    }

    /// Whether a figure of the ERP's that has its own orders taken off is what is known here, when some of what is under way
    /// there (`under_way` units) is booked already and some is not.
    pub fn explains(&self, figure: Decimal, under_way: Decimal) -> bool {
        figure <= self.on_hand && self.on_hand <= figure + under_way
    }

    /// Takes note of a sale, for the rate.
    pub fn sell(&mut self, at: Timestamp, units: Decimal) {
        if units > Decimal::ZERO {
            *self.sold.entry(hour(at)).or_default() += units;
            self.sold.retain(|known, _| *known > hour(at) - HOURS);
        }
    }

    /// How fast it sold in the last day.
    pub fn rate(&self, now: Timestamp) -> Rate {
        let units = self.sold.iter().filter(|(known, _)| **known > hour(now) - HOURS).map(|(_, units)| units).sum();
        Rate { units, within: SignedDuration::from_hours(HOURS) }
    }

    /// Keeps back what its sales and so late a shop call for now. Says whether that is otherwise than what was kept back before.
    pub fn keep_back(&mut self, now: Timestamp, late: SignedDuration, policy: lag::Policy) -> bool {
        let units = lag::buffer(self.rate(now), late, policy).units;
        let is_other = self.buffer != units;
        self.buffer = units;
        is_other
    }

    /// Sets what is there to what somebody counted, if it is still what they read: version and amount. Less than is promised
    /// is set all the same, because a count is a fact: then [`Stock::short`] says by how much. Fails with E202 for less than
    /// nothing.
    pub fn set_absolute(&mut self, read_version: u64, expected: Decimal, new: Decimal) -> Result<Set, Fault> {
        let new = self.units(new)?;
        if self.version != read_version || self.on_hand != expected {
            return Ok(Set::Conflict { version: self.version, on_hand: self.on_hand });
        }
        let from = self.on_hand;
        self.on_hand = new;
        self.version += 1;
        Ok(Set::Set { from, to: new })
    }

    /// What a shop is told, and what comes back from there as an echo.
    pub fn content(&self) -> Content {
        let mut content = Content::new();
        content.number("available", self.available());
        content.fields(&self.fields);
        content
    }

    fn hold(&mut self, order: &str, units: Decimal) {
        if units.is_zero() {
            self.reserved.remove(order);
        } else {
            self.reserved.insert(order.to_owned(), units);
        }
    }

    fn units(&self, units: Decimal) -> Result<Decimal, Fault> {
        money::fit(units).filter(|units| *units >= Decimal::ZERO).ok_or_else(|| {
            let what = format!("{units} units of {} in {}: zero or more, at most {} decimals", self.sku, self.warehouse, money::MAX_SCALE);
            Fault::new(Code::InvalidField, what)
        })
    }

    fn not_enough(&self, asked: Decimal, there: Decimal) -> Fault {
        Fault::new(Code::NotEnoughStock, format!("{} in {}: {asked} asked for, {there} available", self.sku, self.warehouse))
    }
}

/// Hours for which sales are kept.
const HOURS: i64 = 24;

fn hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(3_600)
}

impl fmt::Display for Stock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stock { sku, warehouse, on_hand, buffer, .. } = self;
        write!(f, "{sku} in {warehouse}: {on_hand} there, {} promised, {buffer} kept back, {} available", self.promised(), self.available())
    }
}
