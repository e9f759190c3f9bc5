//! Payments, refunds, disputes and payouts of the shop, from claimed to posted: the paper becomes balanced entries, both are
//! kept in one transaction, and each entry is looked up in the ERP's journal before it is written there. What the ERP bills
//! it posts by itself: such an invoice is entered into the ledger and never written to the ERP.

use super::{
    Flow, Subject,
    ledger::{Arrival, Claimed},
    peer::Seek,
    run::{Outside, Stop, Told},
};
use crate::{
    Code, Currency, Decimal, Fault, Order, OrderNumber,
    entity::{echo::Kind, echo::Origin, invoice},
    finance::{
        Billing, Chart, Entry, Exchange, Journal, Ledger, Payment, Refund,
        binder::{Kept, Paper, Sought},
        dispute::{self, DisputeStatus},
        invoice::{Invoice, InvoiceLine, Sells},
        ledger::Event,
        refund_document,
    },
    order::Instant,
    settle::Outcome,
    target::{Answer, Busy, Receipt},
};
use jiff::tz::TimeZone;

/// The merchant's books: what entries are made for.
#[derive(Clone, Debug, PartialEq)]
pub struct Books {
    /// The currency in which everything is posted.
    pub currency: Currency,
    /// The company's time zone.
    pub zone: TimeZone,
    /// The merchant's account numbers.
    pub chart: Chart,
}

/// Whose turn it is when a paper cannot become entries.
fn stop(fault: Fault, flow: &Flow) -> Stop {
    match fault.code {
        Code::Store => Stop::Store(fault),
        // Nobody has to act: the money is on its way, or the month was locked a moment ago and the entry is made anew.
        Code::MoneyPending | Code::Period => Stop::Busy(Busy { fault, retry_after: Some(flow.every), counts: false }),
        _ => Stop::Parked(fault),
    }
}

/// One attempt at the desk of the books.
struct Desk<'d> {
    flow: &'d Flow,
    ledger: Ledger,
    chart: &'d Chart,
    outside: Outside<'d>,
}

impl Flow {
    /// Ask again about what is open → entries → paper and entries on disk → into the ERP's journal.
    pub(super) async fn carry_money(&self, claimed: &Claimed, news: Subject, outside: Outside<'_>, told: &mut Told) -> Result<Outcome, Stop> {
        self.ask_again(claimed, &news, outside, told).await?;
        let desk = self.desk(outside).await?;
        let open = if let Subject::Dispute(dispute) = &news { dispute::next_poll(dispute, outside.clock.now()) } else { None };
        let (paper, entries) = desk.post(news, told).await?;
        let document = if let Paper::Refund(_, document) = &paper { Some(*document) } else { None };
        if let Some(document) = &document {
            told.steps.push(format!("booked as {document}"));
        }
        let entries = desk.keep(paper, entries, told).await?;
        let mut numbers = Vec::new();
        let mut is_begun = false;
        for Kept { entry, number, .. } in entries {
            if let Some(number) = number {
                numbers.push(number);
                continue;
            }
            if entry.legs().is_empty() {
                told.steps.push(format!("{} moves nothing", entry.id()));
                continue;
            }
            let journal = Journal::of(&entry, desk.chart, document.as_ref());
            if let Some(number) = desk.find(&journal).await? {
                told.steps.push(format!("the {} has {} as {number} already", self.from.other(), entry.id()));
                desk.posted(&entry, &number).await?;
                numbers.push(number);
                continue;
            }
            if !is_begun {
                outside.ledger.begin_change(claimed.row, self.kind, None).await.map_err(Stop::Store)?;
                is_begun = true;
            }
            match outside.to.put(&Subject::Entry(Box::new(journal)), None, &Origin::stamp(&self.integration)).await {
                Answer::Done(Receipt { number }) => {
                    told.steps.push(format!("{entry}; the {} took it as {number}", self.from.other()));
                    desk.posted(&entry, &number).await?;
                    numbers.push(number);
                }
                Answer::Refused(fault) => {
                    told.steps.push(format!("{}: refused: {fault}", entry.id()));
                    return Ok(Outcome::Refused(fault));
                }
                Answer::Busy(busy) => {
                    told.steps.push(format!("{}: not now: {}", entry.id(), busy.fault));
                    return Ok(Outcome::Busy(busy));
                }
                Answer::Unknown(fault) => {
                    told.steps.push(format!("{}: outcome unknown: {fault}", entry.id()));
                    return Ok(Outcome::Unknown(fault));
                }
            }
        }
        let number = numbers.join(" ");
        told.partner = Some(number.clone()).filter(|number| !number.is_empty());
        match open {
            // It may end without a word: the shop is asked until it has.
            Some(at) => Err(Stop::Again(at)),
            None if is_begun => Ok(Outcome::Done(Receipt { number })),
            None => Err(Stop::NoOp("nothing is left to post".into())),
        }
    }

    /// An open dispute that waited is asked for by itself: its end may be in no list. What is newer takes the row's place.
    async fn ask_again(&self, claimed: &Claimed, news: &Subject, outside: Outside<'_>, told: &mut Told) -> Result<(), Stop> {
        let arrived = &claimed.arrival.news;
        let Subject::Dispute(dispute) = news else { return Ok(()) };
        if dispute.status.is_final() || claimed.attempts == 0 {
            return Ok(());
        }
        let newer = outside.from.find(self.kind, Seek::Id(&arrived.key)).await?.into_iter().find(|found| found.version > arrived.version);
        let Some(news) = newer else {
            told.steps.push(format!("the {} says that it is still open", self.from));
            return Ok(());
        };
        let arrival = Arrival { news, received_at: outside.clock.now(), ..claimed.arrival.clone() };
        outside.ledger.take_in(vec![arrival], None).await.map_err(Stop::Store)?;
        Err(Stop::NoOp(format!("the {} has a newer state", self.from)))
    }

    async fn desk<'d>(&'d self, outside: Outside<'d>) -> Result<Desk<'d>, Stop> {
        let Some(books) = self.books.as_deref() else {
            return Err(Stop::Parked(Fault::new(Code::Settings, "no [ledger] is set, but money is to be posted").at(&*self.name)));
        };
        let periods = outside.binder.periods().await.map_err(Stop::Store)?;
        let ledger = Ledger { currency: books.currency, zone: books.zone.clone(), periods };
        Ok(Desk { flow: self, ledger, chart: &books.chart, outside })
    }

    /// Enters an invoice of the ERP into the ledger, where one is kept. What cannot be entered stops nothing: the shop hears
    /// of the invoice all the same, and the certificate of the order tells.
    pub(super) async fn enter(&self, invoice: &invoice::Invoice, order: &Order, outside: Outside<'_>, told: &mut Told) -> Result<(), Stop> {
        if self.books.is_none() {
            return Ok(());
        }
        let desk = self.desk(outside).await?;
        let payments = desk.payments(&order.number).await?;
        desk.enter(invoice, order, &payments, told).await
    }
}

impl Desk<'_> {
    fn stop(&self, fault: Fault) -> Stop {
        stop(fault, self.flow)
    }

    /// The entries that come of a paper, and the paper as it is kept.
    async fn post(&self, news: Subject, told: &mut Told) -> Result<(Paper, Vec<Entry>), Stop> {
        let ledger = &self.ledger;
        let stop = |fault| self.stop(fault);
        Ok(match news {
            Subject::Payment(payment) => {
                let entry = ledger.post_payment(&payment).map_err(stop)?;
                if entry.is_none() {
                    told.steps.push("it is not captured: nothing is posted".into());
                }
                if payment.exchange.presentment() != ledger.currency {
                    // Invoices that came before the rate was known wait for it.
                    self.bill(&payment.order, std::slice::from_ref(&payment), told).await?;
                }
                (Paper::Payment(*payment), entry.into_iter().collect())
            }
            Subject::Refund(refund) => {
                let kept = self.outside.binder.paper(Kind::Refund, &refund.id).await.map_err(Stop::Store)?;
                let payments = self.payments(&refund.order).await?;
                let refund = self.in_the_books_currency(*refund, &payments).map_err(stop)?;
                let document = match kept {
                    Some(Paper::Refund(_, document)) => document,
                    _ => {
                        let invoiced = self.bill(&refund.order, &payments, told).await?;
                        let paid = payments.iter().map(|payment| payment.total().shop).sum();
                        let billing = Billing::of(invoiced, paid);
                        told.steps.push(format!("order {} is {billing}", refund.order));
                        refund_document(billing, &refund).map_err(stop)?
                    }
                };
                let entry = ledger.post_refund(&refund, &document).map_err(stop)?;
                (Paper::Refund(refund, document), vec![entry])
            }
            Subject::Dispute(dispute) => {
                let entries = ledger.post_dispute(&dispute).map_err(stop)?;
                (Paper::Dispute(*dispute), entries)
            }
            Subject::Payout(payout) => {
                let entry = ledger.post_payout(&payout).map_err(stop)?;
                (Paper::Payout(*payout), vec![entry])
            }
            other => return Err(Stop::Parked(Fault::new(Code::Internal, format!("a {} is no money", other.kind())))),
        })
    }

    /// The captured payments of an order that are kept.
    async fn payments(&self, order: &OrderNumber) -> Result<Vec<Payment>, Stop> {
        let papers = self.outside.binder.papers(Some(order.as_str())).await.map_err(Stop::Store)?;
        let payment = |paper| if let Paper::Payment(payment) = paper { Some(payment) } else { None };
        Ok(papers.into_iter().filter_map(payment).filter(Payment::is_captured).collect())
    }

    fn in_the_books_currency(&self, refund: Refund, payments: &[Payment]) -> Result<Refund, Fault> {
        if refund.currency == self.ledger.currency {
            return Ok(refund);
        }
        match self.rate(refund.currency, payments) {
            Some(exchange) => refund.convert(exchange),
            None => {
                let told = format!("no payment of {} says at what rate its {} are {}", refund.order, refund.currency, self.ledger.currency);
                Err(Fault::new(Code::MoneyPending, told).at(format!("refund {}", refund.id)))
            }
        }
    }

    /// The rate that was stamped on an order, as its payments say.
    fn rate<'p>(&self, from: Currency, payments: &'p [Payment]) -> Option<&'p Exchange> {
        let leads = |exchange: &&Exchange| exchange.presentment() == from && exchange.shop() == self.ledger.currency;
        payments.iter().map(|payment| &payment.exchange).find(leads)
    }

    /// Asks the ERP what it has billed of an order, enters what is new, and gives what all of it is worth.
    async fn bill(&self, order: &OrderNumber, payments: &[Payment], told: &mut Told) -> Result<Decimal, Stop> {
        let mut invoiced = Decimal::ZERO;
        for key in self.outside.orders.parts(order.as_str()).await.map_err(|fault| self.stop(fault))? {
            let Some(sold) = self.outside.orders.sold(&key).await.map_err(|fault| self.stop(fault))? else { continue };
            for found in self.outside.to.find(Kind::Invoice, Seek::Order(&key)).await? {
                let read = self.outside.to.read(Kind::Invoice, &found.body).and_then(|subject| sold.translate(subject)).map_err(Stop::Parked)?;
                let Subject::Invoice(invoice) = read else { continue };
                invoiced += invoice.total;
                self.enter(&invoice, &sold.order, payments, told).await?;
            }
        }
        Ok(invoiced)
    }

    async fn enter(&self, invoice: &invoice::Invoice, order: &Order, payments: &[Payment], told: &mut Told) -> Result<(), Stop> {
        let now = self.outside.clock.now();
        let mut billed = billed(invoice, order, Instant::utc(now));
        if let Some(exchange) = self.rate(billed.currency, payments).filter(|_| billed.currency != self.ledger.currency) {
            billed = crate::finance::invoice::convert(&[billed], exchange).map_err(|fault| self.stop(fault))?.remove(0);
        }
        let entry = match self.ledger.post_invoice(&billed) {
            Ok(entry) => entry,
            Err(fault) => {
                told.steps.push(format!("not in the ledger yet: {fault}"));
                return Ok(());
            }
        };
        let sought = Sought { id: Some(entry.id().to_owned()), ..Sought::default() };
        if !self.outside.binder.entries(sought).await.map_err(Stop::Store)?.is_empty() {
            return Ok(());
        }
        told.steps.push(format!("into the ledger: {entry}"));
        self.outside.binder.keep(None, vec![entry], Some(&invoice.number), now).await.map_err(|fault| self.stop(fault))
    }

    /// Keeps the paper and those of its entries that are new; gives all of them as they are kept. An entry of before that says
    /// something else is for a person: what is posted is never changed.
    async fn keep(&self, paper: Paper, made: Vec<Entry>, told: &mut Told) -> Result<Vec<Kept>, Stop> {
        let binder = self.outside.binder;
        let now = self.outside.clock.now();
        for id in contrary(&paper) {
            let sought = Sought { id: Some(id), ..Sought::default() };
            if let Some(kept) = binder.entries(sought).await.map_err(Stop::Store)?.pop() {
                let told = format!("«{}» was posted, and that is not so any more: what is posted is not changed", kept.entry);
                return Err(Stop::Parked(Fault::new(Code::Residual, told).at(kept.entry.id().to_owned())));
            }
        }
        let (mut all, mut new) = (Vec::new(), Vec::new());
        for entry in made {
            let sought = Sought { id: Some(entry.id().to_owned()), ..Sought::default() };
            match binder.entries(sought).await.map_err(Stop::Store)?.pop() {
                Some(kept) if kept.entry.legs() == entry.legs() && kept.entry.currency() == entry.currency() => all.push(kept),
                Some(kept) => {
                    let told = format!("it was posted as «{}», and is «{entry}» now: what is posted is not changed", kept.entry);
                    return Err(Stop::Parked(Fault::new(Code::Residual, told).at(entry.id().to_owned())));
                }
                None => {
                    new.push(entry.clone());
                    all.push(Kept { entry, written_at: now, number: None });
                }
            }
        }
        if new.is_empty() && binder.paper(paper.kind(), paper.id()).await.map_err(Stop::Store)?.as_ref() == Some(&paper) {
            return Ok(all);
        }
        told.steps.extend(new.iter().map(|entry| format!("into the ledger: {}", entry.id())));
        binder.keep(Some(paper), new, None, now).await.map_err(|fault| self.stop(fault))?;
        Ok(all)
    }

    /// The ERP's number of a journal entry that is there; a fault when what is there is not it, or is there twice.
    async fn find(&self, journal: &Journal) -> Result<Option<String>, Stop> {
        let to = self.outside.to;
        let found = to.find(Kind::Entry, Seek::Id(&journal.reference)).await?;
        let conflict = |told: String| Err(Stop::Parked(Fault::new(Code::Conflict, told).at(journal.reference.clone())));
        if found.len() > 1 {
            return conflict(format!("{} has it {} times", to.name(), found.len()));
        }
        let Some(found) = found.into_iter().next() else { return Ok(None) };
        let there = to.read(Kind::Entry, &found.body).map_err(Stop::Parked)?.content();
        let differences = there.compare(&journal.content());
        if let Some(difference) = differences.first() {
            return conflict(format!("{} has another entry under this reference: {difference}", to.name()));
        }
        Ok(Some(found.key))
    }

    async fn posted(&self, entry: &Entry, number: &str) -> Result<(), Stop> {
        self.outside.binder.posted(entry.id(), number, self.outside.clock.now()).await.map_err(Stop::Store)
    }
}

/// The entries that cannot be there when a paper is as it is: of a payment that is not taken, or of a dispute's other end.
fn contrary(paper: &Paper) -> Vec<String> {
    let of = |event: Event| format!("{event}/{}", paper.id());
    match paper {
        Paper::Payment(payment) if !payment.is_captured() => vec![of(Event::Payment)],
        Paper::Dispute(dispute) => match dispute.status {
            DisputeStatus::Won => vec![of(Event::DisputeLost)],
            DisputeStatus::Lost | DisputeStatus::Accepted => vec![of(Event::DisputeWon)],
            DisputeStatus::NeedsResponse | DisputeStatus::UnderReview => vec![of(Event::DisputeWon), of(Event::DisputeLost)],
        },
        Paper::Payment(_) | Paper::Refund(..) | Paper::Payout(_) => Vec::new(),
    }
}

/// An invoice of the ERP, in the shop's terms, as the ledger takes it: what its lines sell stands in the order.
fn billed(invoice: &invoice::Invoice, order: &Order, seen_at: Instant) -> Invoice {
    let sells = |line: &str| order.lines.iter().find(|one| one.id == line).map_or(Sells::Goods, |one| Sells::read(&one.product_type));
    let line = |line: &invoice::Line| InvoiceLine {
        line: line.line.clone(),
        sells: sells(&line.line),
        quantity: line.quantity,
        amount: line.total,
        tax: line.tax,
    };
    Invoice {
        key: invoice.number.clone(),
        order: order.number.clone(),
        at: invoice.invoiced_at.unwrap_or(seen_at),
        currency: invoice.currency,
        lines: invoice.lines.iter().map(line).collect(),
        shipping: invoice.shipping,
        shipping_tax: invoice.shipping_tax,
        discount: invoice.discount,
        total: invoice.total,
    }
}
