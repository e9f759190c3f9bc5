//! How the certificate's equations come about.

use super::{Certificate, Check, Equation, ErpKind, Papers, Sum};
use crate::{
    Currency, Decimal, Order,
    finance::{
        Account, Entry, Leg, Payment, is_rounding,
        ledger::{Event, Reference},
        payment::{PaymentStatus, TenderKind},
    },
};

/// Compares all papers of an order.
pub fn certify(papers: &Papers<'_>) -> Certificate {
    let entries: Vec<&Entry> = papers.entries.iter().filter(|entry| entry.source().order.as_ref() == Some(&papers.order.number)).collect();
    let books = entries.first().map(|entry| entry.currency()).or_else(|| papers.erp.first().map(|one| one.currency));
    let books = books.unwrap_or(papers.exchange.shop());
    let mut desk = Desk { papers, entries, books, parts: parts(papers.order), equations: Vec::new() };
    desk.compare_order();
    desk.compare_stated();
    desk.compare_tenders();
    desk.compare_erp();
    desk.compare_ledger();
    let holds = desk.equations.iter().all(Equation::holds);
    Certificate { order: papers.order.number.clone(), holds, equations: desk.equations }
}

/// Every amount of the order by its place, as it enters the total.
fn parts(order: &Order) -> Vec<(String, Decimal)> {
    let lines = (0..).zip(&order.lines);
    let lines =
        lines.flat_map(|(index, line): (usize, _)| [(format!("lines[{index}].total"), line.total), (format!("lines[{index}].tax"), line.tax)]);
    let rest = [("discount", -order.discount), ("shipping.amount", order.shipping.amount), ("shipping.tax", order.shipping.tax)];
    lines.chain(rest.map(|(name, amount)| (name.to_owned(), amount))).collect()
}

/// The papers spread out.
struct Desk<'p> {
    papers: &'p Papers<'p>,
    entries: Vec<&'p Entry>,
    books: Currency,
    parts: Vec<(String, Decimal)>,
    equations: Vec<Equation>,
}

impl Desk<'_> {
    fn add(&mut self, check: Check, currency: Currency, left: (&str, Decimal), right: (&str, Decimal), known: Option<String>) {
        let residual = right.1 - left.1;
        let sits = if residual.is_zero() { None } else { known.or_else(|| self.place(residual, currency)) };
        let sum = |(what, amount): (&str, Decimal)| Sum { what: what.to_owned(), amount };
        self.equations.push(Equation { check, left: sum(left), right: sum(right), currency, residual, sits });
    }

    /// Where a residual sits: in a part with more digits than the currency counts, in a part that is exactly as large, or in
    /// rounding.
    fn place(&self, residual: Decimal, currency: Currency) -> Option<String> {
        let parts = || self.parts.iter().filter(|_| currency == self.papers.order.currency);
        let finer = parts().find(|(_, amount)| currency.round(*amount) != *amount && (currency.round(*amount) - amount).abs() == residual.abs());
        if let Some((name, amount)) = finer {
            return Some(format!("in {name}: {amount} has more digits than {currency} counts"));
        }
        if let Some((name, _)) = parts().find(|(_, amount)| !amount.is_zero() && amount.abs() == residual.abs()) {
            return Some(format!("as much as {name}"));
        }
        is_rounding(residual, self.parts.len(), currency).then(|| format!("no more than rounding over {} parts", self.parts.len()))
    }

    fn compare_order(&mut self) {
        let order = self.papers.order;
        let worth = |line: &crate::order::Line| order.currency.round(line.quantity * line.unit_price) - line.discount;
        let off = order.lines.iter().position(|line| worth(line) != line.total).map(|index| format!("in lines[{index}].total"));
        let worths = ("quantity × price − discount", order.lines.iter().map(worth).sum());
        self.add(Check::Lines, order.currency, worths, ("the lines' totals", order.subtotal()), off);
        let sum = self.parts.iter().map(|(_, amount)| *amount).sum();
        self.add(Check::Order, order.currency, ("lines − discount + shipping + tax", sum), ("the order's total", order.total), None);
    }

    fn compare_stated(&mut self) {
        let Papers { order, stated, .. } = *self.papers;
        let discounts = order.discount + order.lines.iter().map(|line| line.discount).sum::<Decimal>();
        let with_tax = order.subtotal() + order.lines.iter().map(|line| line.tax).sum::<Decimal>();
        for (what, amount, said) in [
            ("the lines", order.subtotal(), stated.lines),
            ("all discounts", discounts, stated.discounts),
            ("all tax", order.tax(), stated.tax),
            ("lines and their tax", with_tax, stated.lines_with_tax),
        ] {
            if let Some(said) = said {
                self.add(Check::Stated, order.currency, (what, amount), ("what the shop states", said), None);
            }
        }
    }

    fn compare_tenders(&mut self) {
        let Papers { order, payments, .. } = *self.papers;
        let theirs = |payment: &&Payment| payment.exchange.presentment() == order.currency;
        let odd = payments.iter().find(|payment| !theirs(payment));
        let odd = odd.map(|one| format!("in payment {}, which is in {} and not in {}", one.id, one.exchange.presentment(), order.currency));
        let open = payments.iter().find(|payment| matches!(payment.status, PaymentStatus::Pending | PaymentStatus::Authorized));
        let open = open.map(|payment| format!("in payment {}, which is not captured", payment.id));
        let captured = payments.iter().filter(|payment| payment.is_captured()).filter(theirs);
        let tenders: Decimal = captured.map(|payment| payment.total().presentment).sum();
        let unpaid = (tenders.is_zero() && !order.total.is_zero()).then(|| "nothing has been paid".to_owned());
        self.add(Check::Tenders, order.currency, ("the order's total", order.total), ("the tenders", tenders), odd.or(open).or(unpaid));
    }

    /// What the order is worth in the books: its total, or what the stamped rate makes of it. Without a rate it is nothing,
    /// and says why: a number that happens to be the same in another currency proves nothing.
    fn worth(&self) -> (Decimal, Option<String>) {
        let Papers { order, exchange, .. } = *self.papers;
        match self.books {
            books if books == order.currency => (order.total, None),
            books if books == exchange.shop() && order.currency == exchange.presentment() => {
                exchange.convert(order.total).map_or_else(|fault| (Decimal::ZERO, Some(fault.message)), |worth| (worth, None))
            }
            books => (Decimal::ZERO, Some(format!("the rate {exchange} does not lead from {} to {books}", order.currency))),
        }
    }

    fn compare_erp(&mut self) {
        let Papers { erp, refunds, .. } = *self.papers;
        let sum = |kind: ErpKind| erp.iter().filter(|one| one.kind == kind && one.currency == self.books).map(|one| one.total).sum();
        let (sales, credits): (Decimal, Decimal) = (sum(ErpKind::Sale), sum(ErpKind::Credit));
        let odd = erp.iter().find(|one| one.currency != self.books);
        let odd = odd.map(|one| format!("in {}, which is in {} and not in {}", one.key, one.currency, self.books));
        let (worth, no_rate) = self.worth();
        let twice = erp.iter().enumerate().find(|(index, one)| erp[..*index].iter().any(|other| (&other.key, other.kind) == (&one.key, one.kind)));
        let known = no_rate.or(odd.clone()).or(twice.map(|(_, one)| format!("in {}, which is there twice", one.key)));
        let known = known.or_else(|| (!worth.is_zero() && sales.is_zero()).then(|| "nothing is billed".to_owned()));
        self.add(Check::Erp, self.books, ("the order's total", worth), ("the ERP's documents", sales), known);
        let due: Decimal = refunds.iter().map(|(_, document)| document.credit()).sum();
        if !refunds.is_empty() || !credits.is_zero() {
            let as_much = refunds.iter().find(|(_, document)| document.credit() == due - credits);
            let known = odd.or(as_much.map(|(refund, _)| format!("as much as refund {}", refund.id)));
            self.add(Check::ErpCredits, self.books, ("what the refunds credit", due), ("the ERP's credits", credits), known);
        }
    }

    fn compare_ledger(&mut self) {
        let Papers { exchange, payments, refunds, .. } = *self.papers;
        let books = self.books;
        let stray = self.entries.iter().find(|entry| entry.currency() != books).copied();
        let odd = stray.map(|entry| format!("in {}, which is in {} and not in {books}", entry.id(), entry.currency()));
        let rate = payments.iter().find(|payment| !payment.exchange.is_as(exchange));
        let odd = odd.or(rate.map(|payment| format!("in payment {}, which has the rate {} and not {exchange}", payment.id, payment.exchange)));
        let posted = |event: Event| self.entries.iter().filter(move |entry| entry.source().event == event && entry.currency() == books);
        // Money is what moved by a transaction: a gift card that is taken back is none, though its account is the same.
        let money = |event: Event| -> Decimal {
            let legs = posted(event).flat_map(|entry| entry.legs());
            legs.filter(|leg| matches!(leg.reference, Reference::Transaction(_))).map(Leg::debit).sum()
        };
        let missing = |event: Event, id: &str| {
            let there = self.entries.iter().any(|entry| entry.source().event == event && entry.source().id == id);
            (!there).then(|| format!("in {event} {id}, which has no entry"))
        };
        let pick = |payment: &Payment, account: fn(&TenderKind) -> bool| -> Decimal {
            let tenders = payment.tenders.iter().filter(|tender| account(&tender.kind));
            tenders.filter_map(|tender| tender.amount.pick(&payment.exchange, books).ok()).sum()
        };
        let captured = || payments.iter().filter(|payment| payment.is_captured());
        let (worth, no_rate) = self.worth();
        let sales: Decimal = posted(Event::Invoice).map(|entry| entry.debit(Account::Receivable)).sum();
        let no_sale = (!worth.is_zero() && sales.is_zero()).then(|| "no invoice is posted".to_owned());
        let tenders: Decimal = captured().map(|payment| pick(payment, |kind| *kind != TenderKind::OnAccount)).sum();
        let took = money(Event::Payment);
        let no_payment = captured().find_map(|payment| missing(Event::Payment, &payment.id));
        let back: Decimal = refunds.iter().map(|(refund, _)| refund.settled()).sum();
        let gave = -money(Event::Refund);
        let no_refund = refunds.iter().find_map(|(refund, _)| missing(Event::Refund, &refund.id));
        let owes: Decimal = captured().map(|payment| pick(payment, |kind| *kind == TenderKind::OnAccount)).sum();
        let kept: Decimal = refunds
            .iter()
            .map(|(refund, document)| if document.credit().is_zero() { Decimal::ZERO } else { document.credit() - refund.settled() })
            .sum();
        let account: Decimal = self.entries.iter().filter(|entry| entry.currency() == books).map(|entry| entry.debit(Account::Receivable)).sum();
        let first = no_sale.clone().or(no_payment.clone()).or(no_refund.clone());

        if let Some(entry) = stray {
            let amount = entry.legs().iter().map(|leg| leg.debit().max(Decimal::ZERO)).sum();
            let none = ("entries in another currency", Decimal::ZERO);
            self.add(Check::Currency, entry.currency(), none, (entry.id(), amount), odd.clone());
        }
        self.add(Check::LedgerSales, books, ("the order's total", worth), ("the ledger's invoices", sales), no_rate.or(odd.clone()).or(no_sale));
        self.add(Check::LedgerTenders, books, ("the tenders", tenders), ("the ledger's payments", took), odd.clone().or(no_payment));
        if !refunds.is_empty() {
            self.add(Check::LedgerRefunds, books, ("the money that went back", back), ("the ledger's refunds", gave), odd.clone().or(no_refund));
        }
        self.add(Check::Receivable, books, ("what is on account", owes - kept), ("the customer's account", account), odd.or(first));
    }
}
