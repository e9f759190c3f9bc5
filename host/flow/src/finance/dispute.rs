//! A chargeback: the customer's bank takes the money back while it is argued about. A dispute is no transaction: its id is
//! its own, and the gateway may not say of which order it is.

use crate::{
    Currency, Decimal, OrderNumber,
    fault::{Code, Fault},
    order::Instant,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How often an open dispute is asked about: once a day, and when the evidence is due.
const POLL: SignedDuration = SignedDuration::from_hours(24);

/// Whether money was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DisputeKind {
    /// The bank took the money.
    #[default]
    Chargeback,
    /// The bank asks, and takes nothing yet.
    Inquiry,
}

/// Where a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DisputeStatus {
    /// The merchant must send evidence.
    NeedsResponse,
    /// The bank looks at it.
    UnderReview,
    /// The money comes back.
    Won,
    /// The money is gone.
    Lost,
    /// The merchant let it go: the money is gone.
    Accepted,
}

impl DisputeStatus {
    /// Whether it is over.
    pub fn is_final(self) -> bool {
        matches!(self, DisputeStatus::Won | DisputeStatus::Lost | DisputeStatus::Accepted)
    }
}

/// A dispute, in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Dispute {
    /// The gateway's id of the dispute. Not the transaction's.
    pub id: String,
    /// The transaction that is disputed, where the gateway names it.
    #[serde(default)]
    pub transaction: Option<String>,
    /// The order, where the gateway names it.
    #[serde(default)]
    pub order: Option<OrderNumber>,
    /// Whether money was taken.
    #[serde(default)]
    pub kind: DisputeKind,
    /// What is disputed, more than zero.
    pub amount: Decimal,
    /// The currency of every amount.
    pub currency: Currency,
    /// What the gateway takes for it.
    #[serde(default)]
    pub fee: Decimal,
    /// What it gives back of the fee when the dispute is won.
    #[serde(default)]
    pub fee_returned: Decimal,
    /// The gateway's reason, for example `fraudulent`.
    pub reason: String,
    /// The card network's code; may be empty.
    #[serde(default)]
    pub network_reason_code: String,
    /// Where it stands.
    pub status: DisputeStatus,
    /// Until when the merchant may send evidence.
    #[serde(default)]
    pub evidence_due_by: Option<Timestamp>,
    /// When it was opened.
    pub at: Instant,
    /// When it ended. A gateway may leave it out of a dispute that is over.
    #[serde(default)]
    pub ended_at: Option<Instant>,
    /// When we learnt of where it stands: the day of its end where the gateway names none.
    pub seen_at: Instant,
}

impl Dispute {
    /// Checks the amounts, and that the dispute is not taken for the transaction. Fails with E702.
    pub fn check(&self) -> Result<(), Fault> {
        let wrong = |told: String| Err(Fault::new(Code::Residual, told).at(format!("dispute {}", self.id)));
        if self.transaction.as_ref() == Some(&self.id) {
            return wrong("its id is the transaction's: a dispute has one of its own".into());
        }
        if self.amount <= Decimal::ZERO || self.fee < Decimal::ZERO || self.fee_returned < Decimal::ZERO || self.fee_returned > self.fee {
            return wrong(format!("{} with a fee of {}, {} returned: that cannot be", self.amount, self.fee, self.fee_returned));
        }
        [self.amount, self.fee, self.fee_returned].into_iter().try_for_each(|amount| super::check_whole(amount, self.currency, "dispute"))
    }

    /// When it ended, once it has.
    pub fn ended(&self) -> Option<Instant> {
        self.status.is_final().then(|| self.ended_at.unwrap_or(self.seen_at))
    }

    /// Whether money was taken: by a chargeback always, by an inquiry never.
    pub fn took_money(&self) -> bool {
        self.kind == DisputeKind::Chargeback
    }
}

impl fmt::Display for Dispute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dispute {} over {} {}, {}", self.id, self.amount, self.currency, self.reason)?;
        match &self.order {
            Some(order) => write!(f, ", of {order}"),
            None => f.write_str(", of no known order"),
        }
    }
}

/// When to ask the gateway about it again: within a day, and at once when the evidence falls due, until it is won or lost.
pub fn next_poll(dispute: &Dispute, now: Timestamp) -> Option<Timestamp> {
    if dispute.status.is_final() {
        return None;
    }
    let soon = now.checked_add(POLL).unwrap_or(Timestamp::MAX);
    let due = dispute.evidence_due_by.filter(|due| dispute.status == DisputeStatus::NeedsResponse && *due > now);
    Some(due.map_or(soon, |due| due.min(soon)))
}
