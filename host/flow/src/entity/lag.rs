//! What can be sold in the time in which a shop does not know of it yet: sales rate × lag. The safety buffer is that much,
//! and grows by itself when the shops learn later.

use crate::{Currency, Decimal};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How fast an article sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Rate {
    /// Units sold, zero or more.
    pub units: Decimal,
    /// In this time, more than nothing.
    pub within: SignedDuration,
}

/// How the buffer is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Policy {
    /// Times what is expected: 2 keeps back twice as much.
    pub factor: Decimal,
    /// At least so many units.
    pub least: Decimal,
    /// At most so many; nothing for no end.
    pub most: Option<Decimal>,
}

impl Policy {
    /// Whether nothing is ever kept back.
    pub fn is_nothing(self) -> bool {
        self.most == Some(Decimal::ZERO) || (self.factor.is_zero() && self.least.is_zero())
    }
}

impl Default for Policy {
    fn default() -> Policy {
        Policy { factor: Decimal::ONE, least: Decimal::ZERO, most: None }
    }
}

/// A buffer, and what it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Buffer {
    /// Whole units that are kept back.
    pub units: Decimal,
    /// The sales rate.
    pub rate: Rate,
    /// The lag that was measured: from a sale to the moment at which the last shop has heard of it.
    pub lag: SignedDuration,
}

/// The buffer for a rate and a lag, in whole units, rounded up. A rate over no time counts as none.
pub fn buffer(rate: Rate, lag: SignedDuration, policy: Policy) -> Buffer {
    let units = (expected(rate, lag) * policy.factor).ceil().max(policy.least);
    let units = policy.most.map_or(units, |most| units.min(most)).max(Decimal::ZERO);
    Buffer { units, rate, lag }
}

/// The lag to reckon with: the longest of those that were measured lately, so that one slow hour is not averaged away.
pub fn worst(measured: &[SignedDuration]) -> SignedDuration {
    measured.iter().copied().max().unwrap_or(SignedDuration::ZERO).max(SignedDuration::ZERO)
}

fn expected(rate: Rate, lag: SignedDuration) -> Decimal {
    let millis = |time: SignedDuration| Decimal::from(i64::try_from(time.as_millis()).unwrap_or(i64::MAX).max(0));
    let within = millis(rate.within);
    if within.is_zero() { Decimal::ZERO } else { rate.units.max(Decimal::ZERO) * millis(lag) / within }
}

/// What may be sold twice: the oversell budget of one article, for an alert in units and money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AtRisk {
    /// Whole units that are expected to be sold within the lag and for which nothing is kept back.
    pub units: Decimal,
    /// What they sell for.
    pub worth: Decimal,
    /// In this currency.
    pub currency: Currency,
}

/// What may be sold twice with what is kept back now.
pub fn at_risk(rate: Rate, lag: SignedDuration, kept_back: Decimal, price: Decimal, currency: Currency) -> AtRisk {
    let units = (expected(rate, lag).ceil() - kept_back).max(Decimal::ZERO);
    AtRisk { units, worth: currency.round(units * price), currency }
}

impl fmt::Display for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} kept back: {} sold in {:#}, and shops learn of it after {:#}", self.units, self.rate.units, self.rate.within, self.lag)
    }
}

impl fmt::Display for AtRisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} units, {} {}", self.units, self.worth, self.currency)
    }
}
