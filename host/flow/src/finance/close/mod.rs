//! The close of a month: payouts, payments, refunds, disputes and entries are joined, and what does not match is listed. A
//! month is locked only when the list is empty.

mod join;
pub mod sides;

use super::{Dispute, Entry, Month, Payment, Payout, Refund};
use crate::{Currency, Decimal};
use serde::{Deserialize, Serialize};
use std::fmt;

pub use join::close;

/// What is joined. Give the payouts of the days after the month, too: a card payment of its last day is paid out later. Of
/// the rest, give everything that the payouts and entries of the month are about.
#[derive(Clone, Copy, Debug)]
pub struct Papers<'p> {
    /// What gateways paid out.
    pub payouts: &'p [Payout],
    /// What customers paid.
    pub payments: &'p [Payment],
    /// What went back, in the books' currency.
    pub refunds: &'p [Refund],
    /// What is disputed.
    pub disputes: &'p [Dispute],
    /// What was posted.
    pub entries: &'p [Entry],
}

/// What a match or mismatch is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A payment.
    Payment,
    /// A refund.
    Refund,
    /// A dispute.
    Dispute,
    /// A payout.
    Payout,
    /// A line of a payout.
    PayoutLine,
    /// A ledger entry.
    Entry,
    /// What clearing keeps of one transaction.
    Clearing,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            What::Payment => "payment",
            What::Refund => "refund",
            What::Dispute => "dispute",
            What::Payout => "payout",
            What::PayoutLine => "payout line",
            What::Entry => "entry",
            What::Clearing => "clearing of",
        })
    }
}

/// Something that was found on every side, with the same amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Match {
    /// What.
    pub what: What,
    /// Its id.
    pub id: String,
    /// How much.
    pub amount: Decimal,
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} over {}", self.what, self.id, self.amount)
    }
}

/// Something that was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Mismatch {
    /// What.
    pub what: What,
    /// Its id.
    pub id: String,
    /// How much.
    pub amount: Decimal,
    /// Its currency.
    pub currency: Currency,
    /// Why.
    pub why: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} over {} {}: {}", self.what, self.id, self.amount, self.currency, self.why)
    }
}

/// A month, joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Close {
    /// The month.
    pub month: Month,
    /// What matches.
    pub matched: Vec<Match>,
    /// What does not: the month can be locked when there is none.
    pub unmatched: Vec<Mismatch>,
}

impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} match, {} do not", self.month, self.matched.len(), self.unmatched.len())?;
        self.unmatched.iter().try_for_each(|one| write!(f, "\n  {one}"))
    }
}
