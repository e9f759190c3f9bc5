//! A journal entry as the ERP takes it: a ledger entry in the merchant's own account numbers. The entry's id is its
//! reference: what it is looked up by before it is written, and never written twice.

use super::{
    Chart, Entry, RefundDocument,
    ledger::{Event, Side},
};
use crate::{Currency, Decimal, entity::content::Content};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// One posting of a journal entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Posting {
    /// The merchant's account number.
    pub account: String,
    /// Which side.
    pub side: Side,
    /// How much, more than zero.
    pub amount: Decimal,
    /// What it is about: the gateway's transaction, the order, the refund or the payout.
    pub about: String,
}

/// A journal entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Journal {
    /// Our entry's id: the natural key.
    pub reference: String,
    /// The day it is posted on.
    pub date: Date,
    /// The currency of every posting.
    pub currency: Currency,
    /// The document that a refund is booked as, in words; empty for everything else.
    pub document: String,
    /// The locked month that it corrects, `2026-08`; empty where it corrects none.
    pub corrects: String,
    /// The postings, at least two.
    pub postings: Vec<Posting>,
}

impl Journal {
    /// An entry in the merchant's account numbers; for a refund with the document that was chosen for it.
    pub fn of(entry: &Entry, chart: &Chart, document: Option<&RefundDocument>) -> Journal {
        let posting = |leg: &super::Leg| Posting {
            account: chart.number(leg.account).to_owned(),
            side: leg.side,
            amount: leg.amount,
            about: leg.reference.to_string(),
        };
        Journal {
            reference: entry.id().to_owned(),
            date: entry.date(),
            currency: entry.currency(),
            document: document.map(ToString::to_string).unwrap_or_default(),
            corrects: entry.corrects().map(|month| month.to_string()).unwrap_or_default(),
            postings: entry.legs().iter().map(posting).collect(),
        }
    }

    /// Whether a reference is one that we give: what happened, and its id. Others' entries are none of our business.
    pub fn is_ours(reference: &str) -> bool {
        let event = reference.split_once('/').map(|(event, _)| event);
        event.is_some_and(|event| Event::ALL.iter().any(|known| known.to_string() == event))
    }

    /// What comparing sees of it: date, currency, and what each account gets for what. Several postings of the same are one,
    /// whatever order an ERP lists them in.
    pub fn content(&self) -> Content {
        let mut content = Content::new();
        content.text("date", &self.date.to_string());
        content.text("currency", self.currency.code());
        let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
        for Posting { account, side, amount, about } in &self.postings {
            let side = if *side == Side::Debit { "debit" } else { "credit" };
            *sums.entry(format!("posting[{} {side} {}]", account.trim(), about.trim())).or_default() += amount;
        }
        sums.into_iter().for_each(|(name, sum)| content.number(name, sum));
        content
    }
}

impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let debits: Decimal = self.postings.iter().filter(|one| one.side == Side::Debit).map(|one| one.amount).sum();
        write!(f, "journal entry {} of {} over {debits} {}", self.reference, self.date, self.currency)
    }
}
