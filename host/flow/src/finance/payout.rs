//! What the gateway paid out to the bank, and of what it consists: the other half of every card payment.

use crate::{
    Currency, Decimal,
    fault::{Code, Fault},
    order::Instant,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a line of a payout is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PayoutKind {
    /// A payment; its transaction is the tender's.
    Charge,
    /// A refund; its transaction is the refund's own.
    Refund,
    /// A dispute; its transaction is the dispute's id, and its fee was posted with the dispute.
    Dispute,
    /// What came back of a dispute.
    DisputeReversal,
    /// Something the gateway corrects: it must be explained by an entry before the month can be closed.
    Adjustment,
    /// What the gateway keeps back, or lets go of again; it stays in clearing.
    Reserve,
}

impl fmt::Display for PayoutKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PayoutKind::Charge => "charge",
            PayoutKind::Refund => "refund",
            PayoutKind::Dispute => "dispute",
            PayoutKind::DisputeReversal => "won dispute",
            PayoutKind::Adjustment => "adjustment",
            PayoutKind::Reserve => "reserve",
        })
    }
}

/// One line of a payout. Money that goes away is negative; a fee that is taken is positive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PayoutLine {
    /// The transaction, refund or dispute.
    pub transaction: String,
    /// What it is about.
    pub kind: PayoutKind,
    /// Before the fee.
    pub gross: Decimal,
    /// What the gateway keeps.
    pub fee: Decimal,
    /// gross − fee.
    pub net: Decimal,
}

impl PayoutLine {
    /// Checks net = gross − fee: what the gateway says of its own line.
    pub fn residual(&self) -> Decimal {
        self.net - (self.gross - self.fee)
    }

    /// What it takes out of clearing. The fee of a dispute left clearing when the dispute was posted.
    pub fn clears(&self) -> Decimal {
        match self.kind {
            PayoutKind::Dispute | PayoutKind::DisputeReversal => self.net,
            _ => self.gross,
        }
    }
}

/// A payout, in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Payout {
    /// The gateway's id.
    pub id: String,
    /// When it reached the bank.
    pub at: Instant,
    /// The currency of every amount.
    pub currency: Currency,
    /// What reached the bank; negative when the gateway drew it.
    pub amount: Decimal,
    /// Of what it consists.
    pub lines: Vec<PayoutLine>,
}

impl Payout {
    /// Checks that each line is net = gross − fee, in whole units, and that the lines add up to what reached the bank.
    /// Fails with E702.
    pub fn check(&self) -> Result<(), Fault> {
        let place = format!("payout {}", self.id);
        for line in &self.lines {
            for amount in [line.gross, line.fee, line.net] {
                super::check_whole(amount, self.currency, &place)?;
            }
            if !line.residual().is_zero() {
                let told = format!("{}: {} − {} is not {}: a residual of {}", line.transaction, line.gross, line.fee, line.net, line.residual());
                return Err(Fault::new(Code::Residual, told).at(place));
            }
        }
        let net: Decimal = self.lines.iter().map(|line| line.net).sum();
        if net != self.amount {
            let told = format!("its lines are {net}, but {} reached the bank: a residual of {}", self.amount, self.amount - net);
            return Err(Fault::new(Code::Residual, told).at(place));
        }
        Ok(())
    }
}

impl fmt::Display for Payout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "payout {} over {} {}, {} lines", self.id, self.amount, self.currency, self.lines.len())
    }
}
