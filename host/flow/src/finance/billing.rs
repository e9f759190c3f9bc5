//! Which document the ERP gets for a refund: it depends on how far the order was billed and paid.

use super::Refund;
use crate::{
    Decimal,
    fault::{Code, Fault},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How far an order is billed and paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Billing {
    /// Neither billed nor paid.
    NotInvoiced,
    /// Paid, or in part, and not billed: the payment is a deposit.
    Deposit,
    /// Billed, and nothing of it paid.
    Invoiced,
    /// Billed, and paid at least in part.
    Paid,
    /// Billed and paid by one document.
    CashSale,
}

impl fmt::Display for Billing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Billing::NotInvoiced => "not billed",
            Billing::Deposit => "paid, not billed",
            Billing::Invoiced => "billed, not paid",
            Billing::Paid => "billed and paid",
            Billing::CashSale => "cash sale",
        })
    }
}

impl Billing {
    /// How far it is, by what was billed and what was paid.
    pub fn of(invoiced: Decimal, paid: Decimal) -> Billing {
        match (invoiced.is_zero(), paid.is_zero()) {
            (true, true) => Billing::NotInvoiced,
            (true, false) => Billing::Deposit,
            (false, true) => Billing::Invoiced,
            (false, false) => Billing::Paid,
        }
    }
}

/// What the ERP gets for a refund; `credit` is what a document credits (negative when the customer owes), `cash` the money
/// that went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "document")]
pub enum RefundDocument {
    /// The order's lines are cancelled: nothing was billed, no money moved.
    CancelLines,
    /// A credit memo; the credit stays on the customer's account.
    CreditMemo {
        /// What it credits.
        credit: Decimal,
    },
    /// A credit memo, and the money paid back against it.
    CreditMemoAndCashRefund {
        /// What it credits.
        credit: Decimal,
        /// What was paid back.
        cash: Decimal,
    },
    /// A cash refund against a cash sale.
    CashRefund {
        /// What it credits.
        credit: Decimal,
        /// What was paid back.
        cash: Decimal,
    },
    /// The deposit becomes smaller; nothing was billed.
    AdjustDeposit {
        /// What was paid back.
        cash: Decimal,
    },
}

impl RefundDocument {
    /// What it credits.
    pub fn credit(&self) -> Decimal {
        match self {
            RefundDocument::CreditMemo { credit }
            | RefundDocument::CreditMemoAndCashRefund { credit, .. }
            | RefundDocument::CashRefund { credit, .. } => *credit,
            RefundDocument::CancelLines | RefundDocument::AdjustDeposit { .. } => Decimal::ZERO,
        }
    }
}

impl fmt::Display for RefundDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RefundDocument::CancelLines => f.write_str("cancel the lines"),
            RefundDocument::CreditMemo { credit } => write!(f, "credit memo over {credit}"),
            RefundDocument::CreditMemoAndCashRefund { credit, cash } => write!(f, "credit memo over {credit}, {cash} paid back"),
            RefundDocument::CashRefund { cash, .. } => write!(f, "cash refund over {cash}"),
            RefundDocument::AdjustDeposit { cash } => write!(f, "deposit less {cash}"),
        }
    }
}

/// Chooses the document by how far the order is billed, and by whether money moved. Fails like [`Refund::check`], and with
/// E706 when money went back of an order of which no payment came: the payment's event is still to come.
pub fn refund_document(billing: Billing, refund: &Refund) -> Result<RefundDocument, Fault> {
    refund.check()?;
    let (credit, cash) = (refund.credit(), refund.settled());
    match (billing, cash.is_zero()) {
        (Billing::NotInvoiced | Billing::Deposit, true) => Ok(RefundDocument::CancelLines),
        (Billing::Deposit, false) => Ok(RefundDocument::AdjustDeposit { cash }),
        (Billing::Invoiced | Billing::Paid | Billing::CashSale, true) => Ok(RefundDocument::CreditMemo { credit }),
        (Billing::Paid, false) => Ok(RefundDocument::CreditMemoAndCashRefund { credit, cash }),
        (Billing::CashSale, false) => Ok(RefundDocument::CashRefund { credit, cash }),
        (Billing::NotInvoiced | Billing::Invoiced, false) => {
            let told = format!("{cash} {} went back, and no payment of {} has come", refund.currency, refund.order);
            Err(Fault::new(Code::MoneyPending, told).at(format!("refund {}", refund.id)))
        }
    }
}
