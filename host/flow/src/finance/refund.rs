//! What went back to the customer. Goods and money are separate: lines may come back without money, and money may go back
//! without lines.

use super::{Exchange, check_whole, invoice::Sells, is_rounding, payment::TenderKind};
use crate::{
    Currency, Decimal, OrderNumber,
    fault::{Code, Fault},
    order::Instant,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A line that is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RefundLine {
    /// The shop's id of the order's line.
    pub line: String,
    /// What the line sold.
    #[serde(default)]
    pub sells: Sells,
    /// Units.
    pub quantity: Decimal,
    /// Worth without tax.
    pub amount: Decimal,
    /// Its tax.
    pub tax: Decimal,
}

/// Where a transaction of a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Settling {
    /// On its way; it may still fail.
    Pending,
    /// The money went back.
    Settled,
    /// It did not.
    Failed,
}

/// Money on its way back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RefundTransaction {
    /// The gateway's id, by which a payout names it.
    pub id: String,
    /// To what.
    pub tender: TenderKind,
    /// How much.
    pub amount: Decimal,
    /// Where it stands.
    pub status: Settling,
}

/// What bills the goods that a customer got in exchange. It must be billed once: a credit memo that nets it, beside an
/// invoice that has it, changes what the customer owes twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SwapBilled {
    /// The order's invoice already has them.
    WithOrder,
    /// Nothing yet: the refund's document bills them.
    WithRefund,
}

/// What the customer got in exchange for what came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Swap {
    /// Worth without tax.
    pub amount: Decimal,
    /// Its tax.
    pub tax: Decimal,
    /// What bills it.
    pub billed: SwapBilled,
}

/// A refund, in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Refund {
    /// The shop's id.
    pub id: String,
    /// The order.
    pub order: OrderNumber,
    /// When.
    pub at: Instant,
    /// The currency of every amount.
    pub currency: Currency,
    /// What is taken back; nothing when only money goes back.
    #[serde(default)]
    pub lines: Vec<RefundLine>,
    /// Shipping that is given back, without tax.
    #[serde(default)]
    pub shipping: Decimal,
    /// Tax beside the lines': on shipping, or stated with an amount alone.
    #[serde(default)]
    pub tax: Decimal,
    /// What the shop says it kept (negative: a restocking fee) or gave on top (positive).
    #[serde(default)]
    pub adjustment: Decimal,
    /// What the customer got instead.
    #[serde(default)]
    pub swap: Option<Swap>,
    /// What is given back in money or as a credit, zero or more: already without what was got instead.
    pub amount: Decimal,
    /// How the money goes back; none when it is a credit on account.
    #[serde(default)]
    pub transactions: Vec<RefundTransaction>,
}

impl Refund {
    /// Whether it names nothing but an amount.
    pub fn is_amount_only(&self) -> bool {
        self.lines.is_empty() && self.shipping.is_zero() && self.swap.is_none() && self.adjustment.is_zero()
    }

    /// What came back, shipping, tax and adjustment included.
    pub fn returned(&self) -> Decimal {
        self.lines.iter().map(|line| line.amount + line.tax).sum::<Decimal>() + self.shipping + self.tax + self.adjustment
    }

    /// What the customer got instead, with tax.
    pub fn swapped(&self) -> Decimal {
        self.swap.as_ref().map(|swap| swap.amount + swap.tax).unwrap_or_default()
    }

    /// What the customer owes because the goods got instead are worth more than those that came back.
    pub fn owed(&self) -> Decimal {
        (self.swapped() - self.returned()).max(Decimal::ZERO)
    }

    /// The amount without what its parts explain. All of an amount-only refund that is not tax is a gift, and none of it a residual.
    pub fn residual(&self) -> Decimal {
        match self.is_amount_only() {
            true => Decimal::ZERO,
            false => self.amount - (self.returned() - self.swapped()).max(Decimal::ZERO),
        }
    }

    /// What the document credits: what came back, without what was got instead where nothing else bills that.
    pub fn credit(&self) -> Decimal {
        let swapped = match &self.swap {
            Some(Swap { billed: SwapBilled::WithRefund, .. }) => self.swapped(),
            _ => Decimal::ZERO,
        };
        if self.is_amount_only() { self.amount } else { self.returned() - swapped + self.residual() }
    }

    /// The money that went back; what was put on the customer's account is none.
    pub fn settled(&self) -> Decimal {
        let settled = self.transactions.iter().filter(|one| one.status == Settling::Settled);
        settled.filter(|one| one.tender != TenderKind::OnAccount).map(|one| one.amount).sum()
    }

    /// Checks that nothing is pending (E706), that parts, amount and transactions are whole units of the currency and add
    /// up but for rounding (E702).
    pub fn check(&self) -> Result<(), Fault> {
        let place = format!("refund {}", self.id);
        let residual = |told: String, residual: Decimal| {
            Err(Fault::new(Code::Residual, format!("{told}: a residual of {residual} {}", self.currency)).at(place.clone()))
        };
        if let Some(pending) = self.transactions.iter().find(|one| one.status == Settling::Pending) {
            return Err(Fault::new(Code::MoneyPending, format!("transaction {} is pending at the gateway", pending.id)).at(place));
        }
        let money = self.transactions.iter().map(|one| one.amount);
        self.parts().into_iter().chain(money).chain([self.amount]).try_for_each(|part| check_whole(part, self.currency, &place))?;
        if self.amount < Decimal::ZERO || self.transactions.iter().any(|one| one.amount < Decimal::ZERO) {
            return residual(format!("{} is given back: it must be zero or more", self.amount), self.amount);
        }
        if !is_rounding(self.residual(), self.lines.len(), self.currency) {
            let (due, back) = ((self.returned() - self.swapped()).max(Decimal::ZERO), self.amount);
            return residual(format!("lines + shipping + tax = {due}, but {back} was paid back"), self.residual());
        }
        if self.is_amount_only() && self.tax > self.amount {
            return residual(format!("its tax is {}, and all of it {}", self.tax, self.amount), self.amount - self.tax);
        }
        let done: Decimal = self.transactions.iter().filter(|one| one.status == Settling::Settled).map(|one| one.amount).sum();
        if !self.transactions.is_empty() && done != self.amount {
            return residual(format!("its transactions are {done}, but {} was paid back", self.amount), done - self.amount);
        }
        Ok(())
    }

    /// The refund in the shop's currency, by the rate stamped on the order; its parts still add up to its amount. Fails with
    /// E703 when it is not in the customer's currency.
    pub fn convert(&self, exchange: &Exchange) -> Result<Refund, Fault> {
        super::check_currency(self.currency, exchange.presentment(), &format!("refund {}", self.id))?;
        let mut refund = self.clone();
        let money: Vec<Decimal> = self.transactions.iter().map(|one| one.amount).collect();
        for (one, amount) in refund.transactions.iter_mut().zip(exchange.convert_parts(&money)?) {
            one.amount = amount;
        }
        // The residual is one of the parts, so that their sum is the amount.
        let mut parts = self.parts();
        parts.push(self.residual());
        let mut parts = exchange.convert_parts(&parts)?.into_iter();
        let mut next = || parts.next().unwrap_or_default();
        for line in &mut refund.lines {
            (line.amount, line.tax) = (next(), next());
        }
        (refund.shipping, refund.tax, refund.adjustment) = (next(), next(), next());
        if let Some(swap) = &mut refund.swap {
            (swap.amount, swap.tax) = (-next(), -next());
        }
        refund.currency = exchange.shop();
        refund.amount = exchange.convert(self.amount)?;
        Ok(refund)
    }

    /// Signed, so that their sum is what is given back: lines, shipping, tax, adjustment, and what was got instead.
    fn parts(&self) -> Vec<Decimal> {
        let lines = self.lines.iter().flat_map(|line| [line.amount, line.tax]);
        let swap = self.swap.iter().flat_map(|swap| [-swap.amount, -swap.tax]);
        lines.chain([self.shipping, self.tax, self.adjustment]).chain(swap).collect()
    }
}

impl fmt::Display for Refund {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refund {} of {} over {} {}, ", self.id, self.order, self.amount, self.currency)?;
        if self.is_amount_only() { f.write_str("an amount alone") } else { write!(f, "{} lines", self.lines.len()) }
    }
}
