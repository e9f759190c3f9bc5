//! `crossdock orders certify`: whether what the shop sold, what the customer paid and what the ERP has is the same, to the
//! cent; or the residual, and where it sits. It reads; it corrects nothing.

use super::{Failure, ledgers, orders::stories};
use crate::{
    screen::{Screen, Tone},
    settings, wire,
};
use crossdock_flow::{
    Decimal, Document, Order,
    clock::SystemClock,
    correct::{Correction, correct},
    desk::Desk,
    edit,
    finance::{
        Amounts, Certificate, Exchange, Payment,
        certificate::{Check, ErpKind, ErpTotal, Papers, Stated, certify},
        payment::{PaymentStatus, Tender, TenderKind},
        period,
    },
    hook::HookRun,
    record::{Attempt, State, Story},
    source::{Content, Source},
    target::{Found, Target},
};
use std::{collections::BTreeSet, path::Path, sync::Arc};

/// Certifies the version of an order that is in the ERP. Where it does not hold, the exit code is 1.
pub(crate) async fn run(order: &str, live: bool, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let store = ledgers::open(file)?;
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    let stories = stories(&store, order).await?;
    // What is cancelled has no papers to compare: the record that brought it stays delivered beside the cancellation.
    let newest = stories.iter().rev().find(|story| matches!(story.summary.state, State::Delivered | State::Cancelled));
    if newest.is_some_and(|story| story.summary.state == State::Cancelled) {
        return Err(Failure::text(format!("order `{order}` is cancelled, here and in the ERP: there is nothing to compare")));
    }
    let Some((story, attempt)) = newest.and_then(|story| Some((story, attempt_of(story)?))) else {
        return Err(Failure::text(format!("nothing of order `{order}` is in the ERP yet; `crossdock orders show {order}` says where it stands")));
    };
    let source = wire::source(checked.source)?;
    let mut corrections = store.corrections().await?;
    corrections.retain(|one| attempt.corrections.contains(&one.id));
    let sold = sold(&*source, story, attempt, &corrections)?;
    let exchange = Exchange::none(sold.currency, period::day(sold.ordered_at, &checked.zone));
    let erp = if live {
        let (target, _) = wire::target(checked.target, Arc::new(SystemClock))?;
        there(&target, &attempt.documents, &sold).await?
    } else {
        attempt.documents.iter().map(|document| total_of(document, &sold)).collect()
    };
    let (payments, stated) = (payment(&sold, &exchange), Stated::default());
    let payments: Vec<Payment> = payments.into_iter().collect();
    let papers = Papers { order: &sold, exchange: &exchange, stated: &stated, payments: &payments, refunds: &[], erp: &erp, entries: &[] };
    let certificate = told(certify(&papers), attempt, &sold);
    show(&certificate, live, screen)?;
    if certificate.holds { Ok(()) } else { Err(Failure::Printed) }
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
    let (body, _) = correct(body, source.root(body), source.name(), corrections);
    match source.read(&body)? {
        Content::Order(order) => Ok(*order),
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

/// The ledger is not kept here yet, so what it says is left out; and a residual that is what the rules changed sits there.
fn told(mut certificate: Certificate, attempt: &Attempt, sold: &Order) -> Certificate {
    certificate.equations.retain(|one| matches!(one.check, Check::Lines | Check::Order | Check::Stated | Check::Tenders | Check::Erp));
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
