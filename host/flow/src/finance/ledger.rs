//! Ledger entries: what an event does to which account. An entry that does not balance cannot be made, nor read back.

use super::{Account, Month, Periods, period};
use crate::{
    Currency, Decimal, OrderNumber,
    fault::{Code, Fault},
    order::Instant,
};
use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which side of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Left.
    Debit,
    /// Right.
    Credit,
}

/// What a leg is about, outside the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    /// The gateway's transaction, or the dispute's id where a payout names that.
    Transaction(String),
    /// The order.
    Order(OrderNumber),
    /// The invoice's key.
    Invoice(String),
    /// The shop's refund.
    Refund(String),
    /// The gateway's payout.
    Payout(String),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Transaction(id) => write!(f, "transaction {id}"),
            Reference::Order(number) => write!(f, "order {number}"),
            Reference::Invoice(key) => write!(f, "invoice {key}"),
            Reference::Refund(id) => write!(f, "refund {id}"),
            Reference::Payout(id) => write!(f, "payout {id}"),
        }
    }
}

/// One leg of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Leg {
    /// The account.
    pub account: Account,
    /// Which side.
    pub side: Side,
    /// How much, more than zero.
    pub amount: Decimal,
    /// What it is about.
    pub reference: Reference,
}

impl Leg {
    /// What it adds to the account's debits: negative for a credit.
    pub fn debit(&self) -> Decimal {
        if self.side == Side::Debit { self.amount } else { -self.amount }
    }
}

impl fmt::Display for Leg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.side == Side::Debit { "Dr" } else { "Cr" };
        write!(f, "{side} {} {} ({})", self.account, self.amount, self.reference)
    }
}

/// What an entry was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// An invoice was billed.
    Invoice,
    /// A payment was taken.
    Payment,
    /// A refund was given.
    Refund,
    /// A bank took money for a dispute.
    DisputeOpened,
    /// The dispute was won.
    DisputeWon,
    /// The dispute was lost or let go.
    DisputeLost,
    /// A gateway paid out.
    Payout,
    /// A residual of an order was rounded off.
    Rounding,
    /// A person explained what the gateway corrected.
    Adjustment,
}

impl Event {
    /// Every kind of event.
    pub const ALL: [Event; 9] = [
        Event::Invoice,
        Event::Payment,
        Event::Refund,
        Event::DisputeOpened,
        Event::DisputeWon,
        Event::DisputeLost,
        Event::Payout,
        Event::Rounding,
        Event::Adjustment,
    ];
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Event::Invoice => "invoice",
            Event::Payment => "payment",
            Event::Refund => "refund",
            Event::DisputeOpened => "dispute-opened",
            Event::DisputeWon => "dispute-won",
            Event::DisputeLost => "dispute-lost",
            Event::Payout => "payout",
            Event::Rounding => "rounding",
            Event::Adjustment => "adjustment",
        })
    }
}

/// The event an entry was made of; the same event makes the same entry again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Source {
    /// What happened.
    pub event: Event,
    /// Its id where it happened.
    pub id: String,
    /// The order, where there is one.
    pub order: Option<OrderNumber>,
}

/// A balanced entry. An event that moves nothing, such as a free order's invoice, has one without legs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", try_from = "Written")]
pub struct Entry {
    id: String,
    date: Date,
    currency: Currency,
    legs: Vec<Leg>,
    source: Source,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrects: Option<Month>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Written {
    date: Date,
    currency: Currency,
    legs: Vec<Leg>,
    source: Source,
    #[serde(default)]
    corrects: Option<Month>,
}

impl TryFrom<Written> for Entry {
    type Error = Fault;
    fn try_from(written: Written) -> Result<Entry, Fault> {
        Entry::new(period::Dated { on: written.date, corrects: written.corrects }, written.currency, written.legs, written.source)
    }
}

impl Entry {
    /// Makes an entry; its id comes of its source. Fails with E701 when debits and credits differ, or a leg is not more
    /// than zero in whole units of the currency.
    pub fn new(dated: period::Dated, currency: Currency, legs: Vec<Leg>, source: Source) -> Result<Entry, Fault> {
        let id = format!("{}/{}", source.event, source.id);
        if let Some(leg) = legs.iter().find(|leg| leg.amount <= Decimal::ZERO || currency.round(leg.amount) != leg.amount) {
            return Err(Fault::new(Code::Unbalanced, format!("{leg} is no amount to post in {currency}")).at(id));
        }
        let sum = |side: Side| legs.iter().filter(|leg| leg.side == side).map(|leg| leg.amount).sum::<Decimal>();
        let (debits, credits) = (sum(Side::Debit), sum(Side::Credit));
        if debits != credits {
            let told = format!("debits are {debits}, credits {credits}: a difference of {}", debits - credits);
            return Err(Fault::new(Code::Unbalanced, told).at(id));
        }
        Ok(Entry { id, date: dated.on, currency, legs, source, corrects: dated.corrects })
    }

    /// The natural key: what happened, and its id. Posting it twice is posting it once.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The day in the company's time zone.
    pub fn date(&self) -> Date {
        self.date
    }

    /// The currency of every leg.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The legs.
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    /// What it was made of.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The locked month that it corrects, when its event came late.
    pub fn corrects(&self) -> Option<Month> {
        self.corrects
    }

    /// What it adds to an account's debits.
    pub fn debit(&self, account: Account) -> Decimal {
        self.legs.iter().filter(|leg| leg.account == account).map(Leg::debit).sum()
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.date, self.id, self.currency)?;
        for (number, leg) in self.legs.iter().enumerate() {
            write!(f, "{}{leg}", if number == 0 { ": " } else { "; " })?;
        }
        match self.corrects {
            Some(month) => write!(f, " (corrects {month})"),
            None => Ok(()),
        }
    }
}

/// The books that entries are made for: one currency, the company's days, and the months that are locked.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// The currency in which everything is posted.
    pub currency: Currency,
    /// The company's time zone.
    pub zone: TimeZone,
    /// The locked months.
    pub periods: Periods,
}

impl Ledger {
    /// Says whether an entry may be written down: one that was made earlier meets the months that are locked by now. Fails
    /// with E703 when it is in another currency, with E704 when its month is locked; make it anew then, and it is a
    /// correction.
    pub fn admit(&self, entry: &Entry) -> Result<(), Fault> {
        super::check_currency(entry.currency, self.currency, &entry.id)?;
        let month = Month::of(entry.date);
        match self.periods.is_locked(month) {
            true => Err(Fault::new(Code::Period, format!("{month} is locked, and it is dated {}", entry.date)).at(entry.id.clone())),
            false => Ok(()),
        }
    }

    /// When something that happened at an instant is posted.
    pub fn date(&self, at: Instant) -> period::Dated {
        self.periods.date(period::day(at, &self.zone))
    }
}
