//! What happened becomes entries: one function per kind of event. The same event makes the same entry, so posting again
//! does no harm; an event of a locked month makes a correction in the first open one.

use super::{
    Account, Dispute, Entry, Invoice, Ledger, Leg, Payment, Payout, Refund, RefundDocument, check_currency,
    dispute::DisputeStatus,
    invoice::Sells,
    is_rounding,
    ledger::{Event, Reference, Side, Source},
    payment::TenderKind,
    payout::PayoutKind,
    refund::{Settling, SwapBilled},
};
use crate::{
    Decimal, OrderNumber,
    fault::{Code, Fault},
    order::Instant,
};

/// Legs as they are gathered: an amount of nothing makes none, a negative one goes to the other side.
#[derive(Default)]
struct Legs(Vec<Leg>);

impl Legs {
    fn debit(&mut self, account: Account, amount: Decimal, reference: &Reference) {
        let side = if amount.is_sign_negative() { Side::Credit } else { Side::Debit };
        if !amount.is_zero() {
            self.0.push(Leg { account, side, amount: amount.abs(), reference: reference.clone() });
        }
    }

    fn credit(&mut self, account: Account, amount: Decimal, reference: &Reference) {
        self.debit(account, -amount, reference);
    }
}

/// Where a tender's money is; what is on account stays with the customer.
fn account(tender: &TenderKind) -> Account {
    match tender {
        TenderKind::Card | TenderKind::Other(_) => Account::CashClearing,
        TenderKind::GiftCard => Account::GiftCardLiability,
        TenderKind::StoreCredit => Account::StoreCreditLiability,
        TenderKind::BankTransfer => Account::Bank,
        TenderKind::OnAccount => Account::Receivable,
    }
}

impl Ledger {
    fn enter(&self, at: Instant, legs: Legs, event: Event, id: &str, order: Option<&OrderNumber>) -> Result<Entry, Fault> {
        Entry::new(self.date(at), self.currency, legs.0, Source { event, id: id.to_owned(), order: order.cloned() })
    }

    /// An invoice: the customer owes; income, tax, shipping, and for a gift card that was sold, what may be bought with it.
    /// Fails with E702 when it does not add up, with E703 when it is in another currency.
    pub fn post_invoice(&self, invoice: &Invoice) -> Result<Entry, Fault> {
        check_currency(invoice.currency, self.currency, &format!("invoice {}", invoice.key))?;
        invoice.check()?;
        let about = Reference::Invoice(invoice.key.clone());
        let mut legs = Legs::default();
        legs.debit(Account::Receivable, invoice.total, &about);
        legs.debit(Account::Discounts, invoice.discount, &about);
        legs.credit(Account::Sales, invoice.sold(Sells::Goods), &about);
        legs.credit(Account::GiftCardLiability, invoice.sold(Sells::GiftCard), &about);
        legs.credit(Account::Tips, invoice.sold(Sells::Tip), &about);
        legs.credit(Account::Freight, invoice.shipping, &about);
        legs.credit(Account::SalesTax, invoice.tax(), &about);
        self.enter(invoice.at, legs, Event::Invoice, &invoice.key, Some(&invoice.order))
    }

    /// A payment, with a leg for each tender that carries its transaction; nothing while it is not captured. Before the
    /// invoice it is a credit of the customer's. Fails like [`Payment::check`], and with E703 when neither of its
    /// currencies is the books'.
    pub fn post_payment(&self, payment: &Payment) -> Result<Option<Entry>, Fault> {
        if !payment.is_captured() {
            return Ok(None);
        }
        payment.check()?;
        let order = Reference::Order(payment.order.clone());
        let mut legs = Legs::default();
        for tender in payment.tenders.iter().filter(|tender| tender.kind != TenderKind::OnAccount) {
            let amount = tender.amount.pick(&payment.exchange, self.currency).map_err(|fault| fault.at(format!("payment {}", payment.id)))?;
            legs.debit(account(&tender.kind), amount, &Reference::Transaction(tender.transaction_id.clone()));
            legs.credit(Account::Receivable, amount, &order);
        }
        self.enter(payment.at, legs, Event::Payment, &payment.id, Some(&payment.order)).map(Some)
    }

    /// A refund, by the document that was chosen for it: what the document credits, and the money that went back, each on
    /// the customer's account, so that both are seen there. A cash refund goes past it. Cancelled lines move nothing.
    /// Fails like [`Refund::check`], and with E703 when it is in another currency.
    pub fn post_refund(&self, refund: &Refund, document: &RefundDocument) -> Result<Entry, Fault> {
        check_currency(refund.currency, self.currency, &format!("refund {}", refund.id))?;
        refund.check()?;
        let about = Reference::Refund(refund.id.clone());
        let mut legs = Legs::default();
        match document {
            RefundDocument::CancelLines => {}
            RefundDocument::AdjustDeposit { .. } => pay_back(&mut legs, refund, Some(&about)),
            RefundDocument::CreditMemo { credit } => {
                take_back(&mut legs, refund, &about);
                legs.credit(Account::Receivable, *credit, &about);
            }
            RefundDocument::CreditMemoAndCashRefund { credit, .. } => {
                take_back(&mut legs, refund, &about);
                legs.credit(Account::Receivable, *credit, &about);
                pay_back(&mut legs, refund, Some(&about));
            }
            RefundDocument::CashRefund { credit, cash } => {
                take_back(&mut legs, refund, &about);
                legs.credit(Account::Receivable, credit - cash, &about);
                pay_back(&mut legs, refund, None);
            }
        }
        self.enter(refund.at, legs, Event::Refund, &refund.id, Some(&refund.order))
    }

    /// A dispute: amount and fee when the bank takes them, the reversal when it is won, the loss when it is lost; each by
    /// itself, so that a dispute first seen when it is over has both entries. An inquiry took nothing and has none.
    /// Fails like [`Dispute::check`], and with E703 when it is in another currency.
    pub fn post_dispute(&self, dispute: &Dispute) -> Result<Vec<Entry>, Fault> {
        check_currency(dispute.currency, self.currency, &format!("dispute {}", dispute.id))?;
        dispute.check()?;
        if !dispute.took_money() {
            return Ok(Vec::new());
        }
        let about = Reference::Transaction(dispute.id.clone());
        let order = dispute.order.as_ref();
        let mut opened = Legs::default();
        opened.debit(Account::ChargebacksReceivable, dispute.amount, &about);
        opened.credit(Account::CashClearing, dispute.amount, &about);
        opened.debit(Account::GatewayFees, dispute.fee, &about);
        opened.credit(Account::CashClearing, dispute.fee, &about);
        let mut entries = vec![self.enter(dispute.at, opened, Event::DisputeOpened, &dispute.id, order)?];
        if let Some(ended) = dispute.ended() {
            let mut legs = Legs::default();
            let won = dispute.status == DisputeStatus::Won;
            if won {
                legs.debit(Account::CashClearing, dispute.amount, &about);
                legs.debit(Account::CashClearing, dispute.fee_returned, &about);
                legs.credit(Account::GatewayFees, dispute.fee_returned, &about);
            } else {
                legs.debit(Account::ChargebackLosses, dispute.amount, &about);
            }
            legs.credit(Account::ChargebacksReceivable, dispute.amount, &about);
            let event = if won { Event::DisputeWon } else { Event::DisputeLost };
            entries.push(self.enter(ended, legs, event, &dispute.id, order)?);
        }
        Ok(entries)
    }

    /// A payout: what reached the bank, the fee of each line, and what leaves clearing, by transaction. Fails like
    /// [`Payout::check`], and with E703 when it is in another currency.
    pub fn post_payout(&self, payout: &Payout) -> Result<Entry, Fault> {
        check_currency(payout.currency, self.currency, &format!("payout {}", payout.id))?;
        payout.check()?;
        let mut legs = Legs::default();
        legs.debit(Account::Bank, payout.amount, &Reference::Payout(payout.id.clone()));
        for line in &payout.lines {
            let about = Reference::Transaction(line.transaction.clone());
            legs.debit(Account::GatewayFees, line.clears() - line.net, &about);
            legs.credit(Account::CashClearing, line.clears(), &about);
        }
        self.enter(payout.at, legs, Event::Payout, &payout.id, None)
    }

    /// What a person says about an adjustment of the gateway's: to which account it belongs. Fails with E701 when the
    /// payout has no such line.
    pub fn post_adjustment(&self, payout: &Payout, transaction: &str, explained: Account) -> Result<Entry, Fault> {
        let id = format!("{}/{transaction}", payout.id);
        let line = payout.lines.iter().find(|line| line.kind == PayoutKind::Adjustment && line.transaction == transaction);
        let line = line.ok_or_else(|| Fault::new(Code::Unbalanced, "the payout has no such adjustment").at(id.clone()))?;
        let about = Reference::Transaction(transaction.to_owned());
        let mut legs = Legs::default();
        legs.debit(Account::CashClearing, line.clears(), &about);
        legs.credit(explained, line.clears(), &about);
        self.enter(payout.at, legs, Event::Adjustment, &id, None)
    }

    /// A residual that the customer's account keeps after all was paid, rounded off: negative where too much was paid. At
    /// most a unit for each part; more is a fault that names it (E702), never a leg.
    pub fn post_rounding(&self, order: &OrderNumber, residual: Decimal, parts: usize, at: Instant) -> Result<Entry, Fault> {
        if !is_rounding(residual, parts, self.currency) {
            let told = format!("a residual of {residual} {} over {parts} parts is no rounding", self.currency);
            return Err(Fault::new(Code::Residual, told).at(format!("order {order}")));
        }
        let about = Reference::Order(order.clone());
        let mut legs = Legs::default();
        legs.debit(Account::Rounding, residual, &about);
        legs.credit(Account::Receivable, residual, &about);
        self.enter(at, legs, Event::Rounding, order.as_str(), Some(order))
    }
}

/// What came back: goods, shipping, tax; what was got instead, where nothing else bills it; and what is left.
fn take_back(legs: &mut Legs, refund: &Refund, about: &Reference) {
    let tax = refund.tax + refund.lines.iter().map(|line| line.tax).sum::<Decimal>();
    let sold = |sells: Sells| refund.lines.iter().filter(|line| line.sells == sells).map(|line| line.amount).sum::<Decimal>();
    let goods = match refund.is_amount_only() {
        true => refund.amount - tax,
        false => sold(Sells::Goods) + refund.adjustment,
    };
    legs.debit(Account::RefundsReturns, goods, about);
    legs.debit(Account::GiftCardLiability, sold(Sells::GiftCard), about);
    legs.debit(Account::Tips, sold(Sells::Tip), about);
    legs.debit(Account::Freight, refund.shipping, about);
    legs.debit(Account::SalesTax, tax, about);
    if let Some(swap) = refund.swap.as_ref().filter(|swap| swap.billed == SwapBilled::WithRefund) {
        legs.credit(Account::Sales, swap.amount, about);
        legs.credit(Account::SalesTax, swap.tax, about);
    }
    legs.debit(Account::Rounding, refund.residual(), about);
}

/// The money that went back, from where it was; through the customer's account when `customer` says what about.
fn pay_back(legs: &mut Legs, refund: &Refund, customer: Option<&Reference>) {
    let settled = refund.transactions.iter().filter(|one| one.status == Settling::Settled);
    for one in settled.filter(|one| one.tender != TenderKind::OnAccount) {
        if let Some(about) = customer {
            legs.debit(Account::Receivable, one.amount, about);
        }
        legs.credit(account(&one.tender), one.amount, &Reference::Transaction(one.id.clone()));
    }
}
