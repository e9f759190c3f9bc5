//! `crossdock orders certify`: whether what the shop sold, what the customer paid and what the ERP has is the same, to the
//! cent; or the residual, and where it sits. It reads; it corrects nothing.

use super::{
    Failure,
    close::{document_of, is_posted},
    orders::stories,
};
use crate::{
    keeper::Gated,
    screen::{Screen, Tone},
    settings,
    shops::Shops,
    wire,
};
use crossdock_flow::{
    Decimal, Document, Order,
    clock::SystemClock,
    correct::{Correction, correct},
    desk::Desk,
    edit,
    entity::echo::Kind,
    finance::{
        Amounts, Certificate, Entry, Exchange, Journal, Payment, Refund, RefundDocument,
        binder::{Binder, Kept, Paper, Sought},
        certificate::{Check, ErpKind, ErpTotal, Papers, Stated, certify},
        ledger::Event,
        payment::{PaymentStatus, Tender, TenderKind},
        period,
    },
    hook::HookRun,
    record::{Attempt, State, Story},
    source::{Content, Source},
    sync::{
        Books,
        peer::{Peer, Seek},
    },
    target::{Found, Target},
};
use crossdock_stores::sqlite::SqliteStore;
use std::{collections::BTreeSet, path::Path, sync::Arc};

/// Certifies the version of an order that is in the ERP. Where it does not hold, the exit code is 1.
pub(crate) async fn run(store: &SqliteStore, order: &str, live: bool, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    let stories = stories(store, order).await?;
    // What is cancelled has no papers to compare: the record that brought it stays delivered beside the cancellation.
    let newest = stories.iter().rev().find(|story| matches!(story.summary.state, State::Delivered | State::Cancelled));
    if newest.is_some_and(|story| story.summary.state == State::Cancelled) {
        return Err(Failure::text(format!("order `{order}` is cancelled, here and in the ERP: there is nothing to compare")));
    }
    let Some((story, attempt)) = newest.and_then(|story| Some((story, attempt_of(story)?))) else {
        return Err(Failure::text(format!("nothing of order `{order}` is in the ERP yet; `crossdock orders show {order}` says where it stands")));
    };
    let books = checked.books;
    let shops = Shops::open(checked.shops)?;
    let source = &shops.of(&story.summary.connection)?.source;
    let mut corrections = store.corrections().await?;
    corrections.retain(|one| attempt.corrections.contains(&one.id));
    let sold = sold(&**source, story, attempt, &corrections)?;
    let plain = Exchange::none(sold.currency, period::day(sold.ordered_at, &checked.zone));
    let money = Money::of(store, &sold, &plain).await?;
    let mut kept = money.kept.clone();
    let mut billed: Vec<ErpTotal> = if live {
        let wire::Erp { gate, peer, .. } = wire::erp(checked.target, Arc::new(SystemClock))?;
        let gate = Arc::new(gate);
        if let Some((books, peer)) = books.as_ref().zip(peer) {
            kept = in_the_journal(kept, &money, books, &Gated { gate: gate.clone(), peer }).await?;
        }
        there(&*gate, &attempt.documents, &sold).await?
    } else {
        attempt.documents.iter().map(|document| total_of(document, &sold)).collect()
    };
    if let Some(books) = &books {
        in_the_books_currency(&mut billed, &money.exchange, books)?;
    }
    billed.extend(money.credits(&kept));
    let entries: Vec<Entry> = kept.into_iter().filter(is_posted).map(|kept| kept.entry).collect();
    let Money { exchange, payments, refunds, .. } = &money;
    let papers = Papers { order: &sold, exchange, stated: &Stated::default(), payments, refunds, erp: &billed, entries: &entries };
    let certificate = told(certify(&papers), attempt, &sold, books.is_some());
    show(&certificate, live, screen)?;
    if certificate.holds { Ok(()) } else { Err(Failure::Printed) }
}

/// What is kept of an order's money.
struct Money {
    exchange: Exchange,
    payments: Vec<Payment>,
    refunds: Vec<(Refund, RefundDocument)>,
    kept: Vec<Kept>,
}

impl Money {
    /// Its papers and entries; where no payment is kept, what the order itself says of it.
    async fn of(binder: &dyn Binder, order: &Order, plain: &Exchange) -> Result<Money, Failure> {
        let (mut payments, mut refunds) = (Vec::new(), Vec::new());
        for paper in binder.papers(Some(order.number.as_str())).await? {
            match paper {
                Paper::Payment(one) => payments.push(one),
                Paper::Refund(one, document) => refunds.push((one, document)),
                Paper::Dispute(_) | Paper::Payout(_) => {}
            }
        }
        if payments.is_empty() {
            payments.extend(payment(order, plain));
        }
        let exchange = payments.first().map_or_else(|| plain.clone(), |payment| payment.exchange.clone());
        let kept = binder.entries(Sought { order: Some(order.number.to_string()), ..Sought::default() }).await?;
        Ok(Money { exchange, payments, refunds, kept })
    }

    fn document(&self, entry: &Entry) -> Option<RefundDocument> {
        self.refunds.iter().find_map(|(refund, document)| document_of(&Paper::Refund(refund.clone(), *document), entry))
    }

    /// The credits that the ERP has: those of the refunds whose entries are there.
    fn credits(&self, kept: &[Kept]) -> Vec<ErpTotal> {
        let credit = |kept: &Kept| {
            let total = self.document(&kept.entry)?.credit();
            Some(ErpTotal { key: kept.entry.id().to_owned(), kind: ErpKind::Credit, total, currency: kept.entry.currency() })
        };
        kept.iter().filter(|kept| is_posted(kept)).filter_map(credit).filter(|one| !one.total.is_zero()).collect()
    }
}

/// Those entries that the ERP's journal has now, as they were sent. What the ERP billed it posted by itself.
async fn in_the_journal(kept: Vec<Kept>, money: &Money, books: &Books, erp: &dyn Peer) -> Result<Vec<Kept>, Failure> {
    let mut there = Vec::new();
    for one in kept {
        if one.entry.source().event == Event::Invoice || one.entry.legs().is_empty() {
            there.push(one);
            continue;
        }
        let sent = Journal::of(&one.entry, &books.chart, money.document(&one.entry).as_ref()).content();
        let found = erp.find(Kind::Entry, Seek::Id(one.entry.id())).await.map_err(|busy| busy.fault)?;
        let number = match &found[..] {
            [found] if erp.read(Kind::Entry, &found.body)?.content() == sent => Some(found.key.clone()),
            _ => None,
        };
        there.push(Kept { number, ..one });
    }
    Ok(there)
}

/// What the ERP's documents are worth in the books, by the rate that was stamped on the order.
fn in_the_books_currency(billed: &mut [ErpTotal], exchange: &Exchange, books: &Books) -> Result<(), Failure> {
    let converts = |one: &ErpTotal| one.currency != books.currency && one.currency == exchange.presentment() && exchange.shop() == books.currency;
    if billed.iter().all(converts) {
        let totals: Vec<Decimal> = billed.iter().map(|one| one.total).collect();
        for (one, total) in billed.iter_mut().zip(exchange.convert_parts(&totals)?) {
            (one.total, one.currency) = (total, books.currency);
        }
    }
    Ok(())
}

/// The last attempt that made documents.
fn attempt_of(story: &Story) -> Option<&Attempt> {
    story.attempts_made.iter().rev().map(|(attempt, _)| attempt).find(|attempt| !attempt.documents.is_empty())
}

/// The order as it was sold: with what people corrected, before any rule. A correction that is remembered no more is not
/// made; where the order cannot be read without it, the fault says what stands there.
fn sold(source: &dyn Source, story: &Story, attempt: &Attempt, corrections: &[Correction]) -> Result<Order, Failure> {
    let edited = story.edits.iter().find(|edit| edit.number == attempt.edit).map(|edit| edit.body.as_deref());
    let body = edited.unwrap_or(attempt.fetched.as_deref().map(str::as_bytes).or(story.body.as_deref()));
    let gone = || Failure::text("the original is no longer kept, so nothing can be compared: see [retention]");
    let body = body.ok_or_else(gone)?;
    let (body, _) = correct(body, source.root(body), &story.summary.connection, corrections);
    match source.read(&body)? {
        Content::Order(order) if order.number.as_str() == story.summary.order => Ok(*order),
        Content::Order(_) => {
            let shop = &story.summary.connection;
            Err(Failure::text(format!("order `{}` is of the shop `{shop}`, which `from` of [orders] names no more", story.summary.order)))
        }
        Content::Thin(_) => Err(gone()),
    }
}

/// How the shop says that it is paid; nothing where nothing was.
fn payment(order: &Order, exchange: &Exchange) -> Option<Payment> {
    let paid = &order.payment;
    let kind = match paid.method.as_str() {
        "card" => TenderKind::Card,
        "gift-card" => TenderKind::GiftCard,
        "store-credit" => TenderKind::StoreCredit,
        "bank-transfer" => TenderKind::BankTransfer,
        "on-account" => TenderKind::OnAccount,
        other => TenderKind::Other(other.to_owned()),
    };
    let status = match paid.status.as_str() {
        "captured" | "paid" => PaymentStatus::Captured,
        // What is put on an account is not captured by anybody.
        "authorized" if kind == TenderKind::OnAccount => PaymentStatus::Captured,
        "authorized" => PaymentStatus::Authorized,
        "voided" => PaymentStatus::Voided,
        "failed" => PaymentStatus::Failed,
        _ => PaymentStatus::Pending,
    };
    let amount = Amounts { presentment: paid.amount, shop: paid.amount };
    let tender = Tender { kind, amount, transaction_id: paid.transaction_id.clone() };
    let id = if paid.transaction_id.is_empty() { order.number.to_string() } else { paid.transaction_id.clone() };
    (paid.amount > Decimal::ZERO).then(|| Payment {
        id,
        order: order.number.clone(),
        tenders: vec![tender],
        status,
        at: order.ordered_at,
        exchange: exchange.clone(),
    })
}

fn total_of(document: &Document, order: &Order) -> ErpTotal {
    ErpTotal { key: document.key.clone(), kind: ErpKind::Sale, total: document.total, currency: order.currency }
}

/// What the ERP has now of each document: one that is not there is worth nothing there.
async fn there(target: &dyn Target, documents: &[Document], order: &Order) -> Result<Vec<ErpTotal>, Failure> {
    let mut found = Vec::new();
    for document in documents {
        match target.find(document).await {
            Found::Here(_) => found.push(total_of(document, order)),
            Found::Missing => {}
            Found::Other(fault) => return Err(fault.into()),
            Found::Busy(busy) => return Err(busy.fault.into()),
        }
    }
    Ok(found)
}

/// Where no ledger is kept, what it would say is left out; and a residual that is what the rules changed sits there.
fn told(mut certificate: Certificate, attempt: &Attempt, sold: &Order, is_kept: bool) -> Certificate {
    let is_said = |check: Check| is_kept || matches!(check, Check::Lines | Check::Order | Check::Stated | Check::Tenders | Check::Erp);
    certificate.equations.retain(|one| is_said(one.check));
    let ruled = attempt.worth.map_or(Decimal::ZERO, |(worth, _)| worth - sold.total);
    let priced = |run: &&HookRun| {
        run.changes.iter().any(|change| matches!(change.path, edit::Path::UnitPrice(_) | edit::Path::Discount(_) | edit::Path::Shipping))
    };
    let rules: BTreeSet<String> = attempt.runs.iter().filter(priced).map(|run| format!("`{}`", run.plugin)).collect();
    for one in &mut certificate.equations {
        if one.check == Check::Erp && !one.holds() && one.residual == ruled && !rules.is_empty() {
            one.sits = Some(format!("in what {} changed", rules.iter().map(String::as_str).collect::<Vec<_>>().join(", ")));
        }
    }
    certificate.holds = certificate.equations.iter().all(|one| one.holds());
    certificate
}

fn show(certificate: &Certificate, live: bool, screen: &Screen) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.json(certificate);
    }
    let (tone, verdict) = if certificate.holds { (Tone::Good, "holds to the cent") } else { (Tone::Bad, "does not hold") };
    screen.line(format!("{} {}", certificate.order, screen.tone(tone, verdict)));
    for one in &certificate.equations {
        let (tone, mark) = if one.holds() { (Tone::Good, "ok  ") } else { (Tone::Bad, "FAIL") };
        screen.line(format!("  {} {one}", screen.tone(tone, mark)));
    }
    if !live {
        screen.line(screen.tone(Tone::Faint, "  the ERP's documents are those that it took; --live asks it what it has now"));
    }
    Ok(())
}
