//! The cent certificate of one order: what was ordered, paid, billed in the ERP and posted is the same, to the cent; or the
//! residual, and where it sits. It corrects nothing.

mod compare;

use super::{Entry, Exchange, Payment, Refund, RefundDocument};
use crate::{Currency, Decimal, Order, OrderNumber};
use serde::{Deserialize, Serialize};
use std::fmt;

pub use compare::certify;

/// What a document of the ERP is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErpKind {
    /// An order or an invoice.
    Sale,
    /// A credit memo or a cash refund.
    Credit,
}

/// A document as the ERP has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ErpTotal {
    /// Our key of it, or the ERP's number.
    pub key: String,
    /// What it is.
    pub kind: ErpKind,
    /// Its total; that of a credit is positive.
    pub total: Decimal,
    /// Its currency.
    pub currency: Currency,
}

/// What the shop states beside the parts, where it does; in the order's currency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Stated {
    /// All lines without tax, after their discounts.
    pub lines: Option<Decimal>,
    /// All discounts: on lines and on the order.
    pub discounts: Option<Decimal>,
    /// All tax.
    pub tax: Option<Decimal>,
    /// Lines and their tax.
    pub lines_with_tax: Option<Decimal>,
}

/// All papers of an order. Refunds, ERP and entries are in the books' currency, which is the order's or the shop's.
#[derive(Clone, Copy, Debug)]
pub struct Papers<'p> {
    /// The order as it was sold.
    pub order: &'p Order,
    /// The rate stamped on it.
    pub exchange: &'p Exchange,
    /// What the shop states beside its parts.
    pub stated: &'p Stated,
    /// Its payments.
    pub payments: &'p [Payment],
    /// Its refunds, with the document chosen for each.
    pub refunds: &'p [(Refund, RefundDocument)],
    /// What the ERP has of it.
    pub erp: &'p [ErpTotal],
    /// Entries; those of other orders are passed over.
    pub entries: &'p [Entry],
}

/// Which equation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Quantity × price − discount = the lines' totals.
    Lines,
    /// Lines − discount + shipping + tax = the order's total.
    Order,
    /// The parts = what the shop states.
    Stated,
    /// The tenders = the order's total.
    Tenders,
    /// The ERP's documents = the order's total.
    Erp,
    /// The ERP's credits = what the refunds credit.
    ErpCredits,
    /// The ledger's invoices = the order's total.
    LedgerSales,
    /// The ledger's payments = the tenders.
    LedgerTenders,
    /// The ledger's refunds = the money that went back.
    LedgerRefunds,
    /// The customer's account = what is on account.
    Receivable,
    /// No entry of the order is in another currency than the books; it stands there only when one is.
    Currency,
}

/// One side of an equation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Sum {
    /// What was added up.
    pub what: String,
    /// The sum.
    pub amount: Decimal,
}

/// Two sums that must be the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Equation {
    /// Which.
    pub check: Check,
    /// What it should be.
    pub left: Sum,
    /// What it is.
    pub right: Sum,
    /// The currency of both.
    pub currency: Currency,
    /// right − left: nothing, when it holds.
    pub residual: Decimal,
    /// Where the residual sits, as far as the papers tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sits: Option<String>,
}

impl Equation {
    /// Whether both sides are the same.
    pub fn holds(&self) -> bool {
        self.residual.is_zero()
    }
}

impl fmt::Display for Equation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Equation { left, right, currency, residual, .. } = self;
        match self.holds() {
            true => write!(f, "{} = {} = {} {currency}", left.what, right.what, right.amount),
            false => {
                write!(f, "{} = {}, but {} = {}: a residual of {residual} {currency}", left.what, left.amount, right.what, right.amount)?;
                write!(f, ", {}", self.sits.as_deref().unwrap_or("and nothing tells where it sits"))
            }
        }
    }
}

/// The certificate of one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Certificate {
    /// The order.
    pub order: OrderNumber,
    /// Whether every equation holds.
    pub holds: bool,
    /// The equations.
    pub equations: Vec<Equation>,
}

impl Certificate {
    /// The equations that do not hold.
    pub fn failures(&self) -> impl Iterator<Item = &Equation> {
        self.equations.iter().filter(|equation| !equation.holds())
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.order, if self.holds { "holds to the cent" } else { "does not hold" })?;
        self.equations.iter().try_for_each(|one| write!(f, "\n  {} {one}", if one.holds() { "✓" } else { "✗" }))
    }
}
