//! The seam to the place where papers and ledger entries are kept. Entries and their legs are only ever added: an entry is
//! written once, and what is written is never changed. They hold amounts, ids and days, and nobody's personal data.

use super::{Close, Dispute, Entry, Month, Payment, Payout, Periods, Refund, RefundDocument};
use crate::{Fault, OrderNumber, entity::echo::Kind};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something of the money side, in its latest state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Paper {
    /// A payment.
    Payment(Payment),
    /// A refund in the books' currency, with the document that was chosen for it when it was posted: it stays that one.
    Refund(Refund, RefundDocument),
    /// A dispute.
    Dispute(Dispute),
    /// A payout.
    Payout(Payout),
}

impl Paper {
    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            Paper::Payment(_) => Kind::Payment,
            Paper::Refund(..) => Kind::Refund,
            Paper::Dispute(_) => Kind::Dispute,
            Paper::Payout(_) => Kind::Payout,
        }
    }

    /// Its natural key: the id that the gateway or the shop gave it.
    pub fn id(&self) -> &str {
        match self {
            Paper::Payment(one) => &one.id,
            Paper::Refund(one, _) => &one.id,
            Paper::Dispute(one) => &one.id,
            Paper::Payout(one) => &one.id,
        }
    }

    /// The order, where it is of one.
    pub fn order(&self) -> Option<&OrderNumber> {
        match self {
            Paper::Payment(one) => Some(&one.order),
            Paper::Refund(one, _) => Some(&one.order),
            Paper::Dispute(one) => one.order.as_ref(),
            Paper::Payout(_) => None,
        }
    }
}

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Kept {
    /// The entry.
    pub entry: Entry,
    /// When it was written down.
    pub written_at: Timestamp,
    /// The ERP's number of it, once it is there.
    pub number: Option<String>,
}

/// Which entries are meant. What is not said does not narrow.
#[derive(Clone, Debug, Default)]
pub struct Sought {
    /// Only this one.
    pub id: Option<String>,
    /// Only of this order.
    pub order: Option<String>,
    /// Only dated in this month.
    pub month: Option<Month>,
    /// At most so many, the latest first; 0 means all.
    pub most: usize,
}

/// Where papers and entries are kept. Everything that returns `Ok` from a write is on disk.
#[async_trait]
pub trait Binder: Send + Sync {
    /// Keeps a paper's latest state and those of its entries that are not there yet, in one transaction. `number` is the
    /// ERP's for entries that it made by itself. Fails with E704, and keeps nothing, when the month of a new entry was
    /// locked since it was made.
    async fn keep(&self, paper: Option<Paper>, entries: Vec<Entry>, number: Option<&str>, at: Timestamp) -> Result<(), Fault>;
    /// Writes down that the ERP has an entry. A second time changes nothing.
    async fn posted(&self, entry: &str, number: &str, at: Timestamp) -> Result<(), Fault>;
    /// Entries, the latest first.
    async fn entries(&self, sought: Sought) -> Result<Vec<Kept>, Fault>;
    /// A paper.
    async fn paper(&self, kind: Kind, id: &str) -> Result<Option<Paper>, Fault>;
    /// All papers, or those of an order, by kind and id.
    async fn papers(&self, order: Option<&str>) -> Result<Vec<Paper>, Fault>;
    /// The months that are locked.
    async fn periods(&self) -> Result<Periods, Fault>;
    /// Locks the month that was closed. Fails with E704 while something in it does not match.
    async fn lock(&self, close: &Close, at: Timestamp) -> Result<(), Fault>;
}
