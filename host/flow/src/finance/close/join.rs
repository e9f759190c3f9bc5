//! How the papers of a month are joined.

use super::{Close, Match, Mismatch, Papers, What};
use crate::{
    Currency, Decimal,
    finance::{
        Account, Dispute, Entry, Ledger, Month,
        dispute::DisputeStatus,
        ledger::{Event, Reference},
        payout::{PayoutKind, PayoutLine},
        period,
        refund::Settling,
    },
    order::Instant,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Joins the papers of a month; what falls into it is decided by the company's days.
pub fn close(month: Month, ledger: &Ledger, papers: &Papers<'_>) -> Close {
    let mut entries: HashMap<&str, &Entry> = HashMap::with_capacity(papers.entries.len());
    let mut twice = Vec::new();
    for entry in papers.entries {
        if entries.insert(entry.id(), entry).is_some() {
            twice.push(entry);
        }
    }
    let lines = papers.payouts.iter().flat_map(|payout| &payout.lines);
    let lines = lines.map(|line| ((line.kind, line.transaction.as_str()), line)).collect();
    let mut join = Join { month, ledger, papers, entries, lines, matched: Vec::new(), unmatched: Vec::new() };
    for entry in twice {
        join.miss(What::Entry, entry.id(), entry.debit(Account::CashClearing), ledger.currency, "it is posted twice");
    }
    join.payments();
    join.refunds();
    join.disputes();
    join.payouts();
    join.entries();
    join.clearing();
    Close { month, matched: join.matched, unmatched: join.unmatched }
}

struct Join<'p> {
    month: Month,
    ledger: &'p Ledger,
    papers: &'p Papers<'p>,
    entries: HashMap<&'p str, &'p Entry>,
    lines: HashMap<(PayoutKind, &'p str), &'p PayoutLine>,
    matched: Vec<Match>,
    unmatched: Vec<Mismatch>,
}

impl Join<'_> {
    fn miss(&mut self, what: What, id: &str, amount: Decimal, currency: Currency, why: impl Into<String>) {
        self.unmatched.push(Mismatch { what, id: id.to_owned(), amount, currency, why: why.into() });
    }

    /// Writes down what was found of one thing: the first thing that is wrong, or a match.
    fn tell(&mut self, what: What, id: &str, amount: Decimal, currency: Currency, wrong: Option<String>) {
        match wrong {
            Some(why) => self.miss(what, id, amount, currency, why),
            None => self.matched.push(Match { what, id: id.to_owned(), amount }),
        }
    }

    fn falls_in(&self, at: Instant) -> bool {
        Month::of(period::day(at, &self.ledger.zone)) == self.month
    }

    fn unposted(&self, event: Event, id: &str) -> Option<String> {
        (!self.entries.contains_key(format!("{event}/{id}").as_str())).then(|| format!("no entry {event}/{id} is posted"))
    }

    /// What is wrong with how a payout has something of this gross amount.
    fn unpaid(&self, kind: PayoutKind, transaction: &str, gross: Decimal) -> Option<String> {
        match self.lines.get(&(kind, transaction)) {
            None => Some(format!("no payout has {transaction}")),
            Some(line) if line.gross != gross => {
                Some(format!("the payout has {transaction} over {}, and it is {gross}: {} off", line.gross, line.gross - gross))
            }
            Some(_) => None,
        }
    }

    fn payments(&mut self) {
        for payment in self.papers.payments.iter().filter(|payment| payment.is_captured()) {
            if !self.falls_in(payment.at) {
                continue;
            }
            let (total, currency) = (payment.total(), self.ledger.currency);
            let mut wrong = self.unposted(Event::Payment, &payment.id);
            for tender in payment.tenders.iter().filter(|tender| tender.kind.is_paid_out()) {
                let amount = tender.amount.pick(&payment.exchange, currency).map_err(|fault| fault.message);
                wrong = wrong.or_else(|| amount.map_or_else(Some, |amount| self.unpaid(PayoutKind::Charge, &tender.transaction_id, amount)));
            }
            self.tell(What::Payment, &payment.id, total.pick(&payment.exchange, currency).unwrap_or(total.shop), currency, wrong);
        }
    }

    fn refunds(&mut self) {
        for refund in self.papers.refunds.iter().filter(|refund| self.falls_in(refund.at)).collect::<Vec<_>>() {
            let mut wrong = self.unposted(Event::Refund, &refund.id);
            for one in refund.transactions.iter().filter(|one| one.tender.is_paid_out()) {
                wrong = wrong.or_else(|| match one.status {
                    Settling::Settled => self.unpaid(PayoutKind::Refund, &one.id, -one.amount),
                    Settling::Pending => Some(format!("transaction {} is pending at the gateway", one.id)),
                    Settling::Failed => None,
                });
            }
            self.tell(What::Refund, &refund.id, refund.amount, refund.currency, wrong);
        }
    }

    fn disputes(&mut self) {
        for dispute in self.papers.disputes.iter().filter(|dispute| dispute.took_money()) {
            let Dispute { id, amount, currency, .. } = dispute;
            if self.falls_in(dispute.at) {
                let fee = self.lines.get(&(PayoutKind::Dispute, id.as_str())).map(|line| line.fee).filter(|fee| *fee != dispute.fee);
                let fee = fee.map(|fee| format!("the payout took a fee of {fee}, the dispute has {}", dispute.fee));
                let wrong = self.unposted(Event::DisputeOpened, id).or_else(|| self.unpaid(PayoutKind::Dispute, id, -amount)).or(fee);
                self.tell(What::Dispute, id, -amount, *currency, wrong);
            }
            if dispute.ended().is_some_and(|ended| self.falls_in(ended)) {
                let won = dispute.status == DisputeStatus::Won;
                let wrong = match won {
                    true => self.unposted(Event::DisputeWon, id).or_else(|| self.unpaid(PayoutKind::DisputeReversal, id, *amount)),
                    false => self.unposted(Event::DisputeLost, id),
                };
                self.tell(What::Dispute, id, *amount, *currency, wrong);
            }
        }
    }

    fn payouts(&mut self) {
        let papers = self.papers;
        let captured = papers.payments.iter().filter(|payment| payment.is_captured());
        let charges: HashSet<&str> = captured.flat_map(|payment| &payment.tenders).map(|tender| tender.transaction_id.as_str()).collect();
        let refunds: HashSet<&str> = papers.refunds.iter().flat_map(|refund| &refund.transactions).map(|one| one.id.as_str()).collect();
        let disputes: HashMap<&str, &Dispute> = papers.disputes.iter().map(|dispute| (dispute.id.as_str(), dispute)).collect();
        for payout in papers.payouts.iter().filter(|payout| self.falls_in(payout.at)).collect::<Vec<_>>() {
            let wrong = payout.check().err().map(|fault| fault.message);
            let wrong = wrong.or_else(|| self.unposted(Event::Payout, &payout.id));
            self.tell(What::Payout, &payout.id, payout.amount, payout.currency, wrong);
            for line in &payout.lines {
                let id = line.transaction.as_str();
                let known = match line.kind {
                    PayoutKind::Charge => charges.contains(id),
                    PayoutKind::Refund => refunds.contains(id),
                    PayoutKind::Dispute => disputes.contains_key(id),
                    PayoutKind::DisputeReversal => disputes.get(id).is_some_and(|dispute| dispute.status == DisputeStatus::Won),
                    PayoutKind::Adjustment => self.unposted(Event::Adjustment, &format!("{}/{id}", payout.id)).is_none(),
                    PayoutKind::Reserve => true,
                };
                let wrong = (!known).then(|| match line.kind {
                    PayoutKind::Adjustment => format!("payout {} has it, and nobody has said what it is", payout.id),
                    kind => format!("payout {} has it, and we know of no such {kind}", payout.id),
                });
                self.tell(What::PayoutLine, id, line.gross, payout.currency, wrong);
            }
        }
    }

    fn entries(&mut self) {
        let papers = self.papers;
        let ids = |event: Event| -> HashSet<&str> {
            match event {
                Event::Payment => papers.payments.iter().map(|one| one.id.as_str()).collect(),
                Event::Refund => papers.refunds.iter().map(|one| one.id.as_str()).collect(),
                Event::Payout => papers.payouts.iter().map(|one| one.id.as_str()).collect(),
                _ => papers.disputes.iter().map(|one| one.id.as_str()).collect(),
            }
        };
        let (payments, refunds, payouts, disputes) = (ids(Event::Payment), ids(Event::Refund), ids(Event::Payout), ids(Event::DisputeOpened));
        for entry in papers.entries.iter().filter(|entry| Month::of(entry.date()) == self.month).collect::<Vec<_>>() {
            let id = entry.source().id.as_str();
            let known = match entry.source().event {
                Event::Payment => payments.contains(id),
                Event::Refund => refunds.contains(id),
                Event::Payout => payouts.contains(id),
                Event::DisputeOpened | Event::DisputeWon | Event::DisputeLost => disputes.contains(id),
                Event::Invoice | Event::Rounding | Event::Adjustment => true,
            };
            let amount = entry.debit(Account::CashClearing);
            if entry.currency() != self.ledger.currency {
                self.miss(What::Entry, entry.id(), amount, entry.currency(), format!("the books are in {}", self.ledger.currency));
            } else if !known {
                self.miss(What::Entry, entry.id(), amount, entry.currency(), "what it was made of is not there");
            }
        }
    }

    /// Of every transaction that a payout of the month is about, clearing keeps nothing: what came in was paid out. What the
    /// gateway holds in reserve is passed over.
    fn clearing(&mut self) {
        let payouts = self.papers.payouts.iter().filter(|payout| self.falls_in(payout.at));
        let lines = payouts.flat_map(|payout| &payout.lines).filter(|line| line.kind != PayoutKind::Reserve);
        let mut kept: BTreeMap<&str, Decimal> = lines.map(|line| (line.transaction.as_str(), Decimal::ZERO)).collect();
        for leg in self.papers.entries.iter().flat_map(Entry::legs).filter(|leg| leg.account == Account::CashClearing) {
            if let Reference::Transaction(id) = &leg.reference
                && let Some(kept) = kept.get_mut(id.as_str())
            {
                *kept += leg.debit();
            }
        }
        for (id, kept) in kept.into_iter().filter(|(_, kept)| !kept.is_zero()) {
            self.miss(What::Clearing, id, kept, self.ledger.currency, "clearing keeps it: what was posted and what was paid out differ");
        }
    }
}
