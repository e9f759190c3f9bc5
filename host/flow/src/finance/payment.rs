//! What the customer paid, and by what. A gift card is a tender like a card, not a discount.

use super::{Amounts, Exchange};
use crate::{
    Decimal, OrderNumber,
    fault::{Code, Fault},
    order::Instant,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How something is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TenderKind {
    /// A card, by the gateway.
    Card,
    /// A gift card that was sold before.
    GiftCard,
    /// Credit that the shop gave before.
    StoreCredit,
    /// A transfer to the merchant's bank: no gateway pays it out.
    BankTransfer,
    /// Not paid yet: the customer owes it.
    OnAccount,
    /// Another way, paid out by a gateway.
    Other(String),
}

impl TenderKind {
    /// Whether a gateway has the money until it pays it out.
    pub fn is_paid_out(&self) -> bool {
        matches!(self, TenderKind::Card | TenderKind::Other(_))
    }
}

impl fmt::Display for TenderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TenderKind::Card => "card",
            TenderKind::GiftCard => "gift card",
            TenderKind::StoreCredit => "store credit",
            TenderKind::BankTransfer => "bank transfer",
            TenderKind::OnAccount => "on account",
            TenderKind::Other(name) => name,
        })
    }
}

/// One way in which a part is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Tender {
    /// How.
    pub kind: TenderKind,
    /// How much, more than zero.
    pub amount: Amounts,
    /// The gateway's id, by which a payout names it.
    pub transaction_id: String,
}

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentStatus {
    /// The gateway has not decided.
    Pending,
    /// Promised, not taken.
    Authorized,
    /// Taken.
    Captured,
    /// Given up before it was taken.
    Voided,
    /// Refused.
    Failed,
}

/// A payment of an order, by one or several tenders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Payment {
    /// The gateway's transaction.
    pub id: String,
    /// The order.
    pub order: OrderNumber,
    /// What it consists of, at least one.
    pub tenders: Vec<Tender>,
    /// Where it stands.
    pub status: PaymentStatus,
    /// When it was taken.
    pub at: Instant,
    /// The rate of the day the order was placed.
    pub exchange: Exchange,
}

impl Payment {
    /// All tenders together.
    pub fn total(&self) -> Amounts {
        let sum = |of: fn(&Amounts) -> Decimal| self.tenders.iter().map(|tender| of(&tender.amount)).sum();
        Amounts { presentment: sum(|one| one.presentment), shop: sum(|one| one.shop) }
    }

    /// Whether the money was taken.
    pub fn is_captured(&self) -> bool {
        self.status == PaymentStatus::Captured
    }

    /// Checks the tenders: at least one, each more than zero in whole units. Fails with E702; with E703 where the amounts
    /// in both currencies do not belong to the stamped rate.
    pub fn check(&self) -> Result<(), Fault> {
        let place = format!("payment {}", self.id);
        if self.tenders.is_empty() {
            return Err(Fault::new(Code::Residual, "it has no tender").at(place));
        }
        for Tender { kind, amount, .. } in &self.tenders {
            if amount.presentment <= Decimal::ZERO || amount.shop < Decimal::ZERO {
                return Err(Fault::new(Code::Residual, format!("{} by {kind}: it must be more than zero", amount.presentment)).at(place));
            }
            super::check_whole(amount.presentment, self.exchange.presentment(), &place)?;
            super::check_whole(amount.shop, self.exchange.shop(), &place)?;
        }
        let amounts: Vec<Amounts> = self.tenders.iter().map(|tender| tender.amount).collect();
        self.exchange.check(&amounts).map_err(|fault| fault.at(place))
    }
}

impl fmt::Display for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "payment {} of {} over {} {}", self.id, self.order, self.total().presentment, self.exchange.presentment())?;
        for (number, tender) in self.tenders.iter().enumerate() {
            write!(f, "{}{} {}", if number == 0 { ": " } else { ", " }, tender.amount.presentment, tender.kind)?;
        }
        Ok(())
    }
}
