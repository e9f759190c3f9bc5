//! `crossdock close`: whether a month's payouts, payments, refunds, disputes, fees and entries are the same; what does not
//! match is listed. It corrects nothing; with `--lock` it locks the month.

use super::{Failure, ledgers};
use crate::{
    cli,
    keeper::Gated,
    screen::{Screen, Tone},
    settings::{self, Checked},
    shops::Shops,
    wire,
};
use crossdock_flow::{
    Decimal, Fault,
    clock::{Clock, SystemClock},
    entity::echo::Kind,
    finance::{
        Close, Entry, Journal, Ledger, Month, RefundDocument,
        binder::{Binder, Kept, Paper, Sought},
        close::{self, Mismatch, Papers, What, sides},
        period,
    },
    order::Instant,
    sync::{
        Books, State, Subject,
        ledger::{Ledger as Waiting, Row, Which},
        peer::{News, Peer},
    },
};
use crossdock_stores::sqlite::SqliteStore;
use jiff::{Timestamp, ToSpan};
use std::{path::Path, sync::Arc};

/// The kinds of papers that the shop lists.
const KINDS: [Kind; 4] = [Kind::Payment, Kind::Refund, Kind::Dispute, Kind::Payout];

/// Joins a month. While something does not match, the exit code is 1.
pub(crate) async fn run(command: &cli::Close, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let store = ledgers::open(file)?;
    let mut checked = settings::check(file).map_err(Failure::Mistakes)?;
    let books = checked.books.take().ok_or_else(|| Failure::text("no ledger is kept: add [ledger] to the settings, see docs/money.md"))?;
    let ledger = Ledger { currency: books.currency, zone: books.zone.clone(), periods: store.periods().await? };
    let (papers, kept) = (store.papers(None).await?, store.entries(Sought::default()).await?);
    let mut joined = join(command.month, &ledger, &papers, &kept);
    waiting(&mut joined, &ledger, &store).await?;
    if command.live || command.lock {
        live(&mut joined, &books, &papers, &kept, checked).await?;
    }
    if command.lock && joined.unmatched.is_empty() {
        store.lock(&joined, SystemClock.now()).await?;
    }
    show(&joined, command, screen)?;
    if joined.unmatched.is_empty() { Ok(()) } else { Err(Failure::Printed) }
}

/// What is kept, joined. An entry that is on its way to the ERP is not posted yet.
fn join(month: Month, ledger: &Ledger, papers: &[Paper], kept: &[Kept]) -> Close {
    let (mut payments, mut refunds, mut disputes, mut payouts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for paper in papers {
        match paper {
            Paper::Payment(one) => payments.push(one.clone()),
            Paper::Refund(one, _) => refunds.push(one.clone()),
            Paper::Dispute(one) => disputes.push(one.clone()),
            Paper::Payout(one) => payouts.push(one.clone()),
        }
    }
    let entries: Vec<Entry> = kept.iter().filter(|kept| is_posted(kept)).map(|kept| kept.entry.clone()).collect();
    close::close(month, ledger, &Papers { payouts: &payouts, payments: &payments, refunds: &refunds, disputes: &disputes, entries: &entries })
}

/// Whether the ERP has an entry, or needs none.
pub(super) fn is_posted(kept: &Kept) -> bool {
    kept.number.is_some() || kept.entry.legs().is_empty()
}

/// Adds what came in the month or before and is neither in the ledger nor without anything to do.
async fn waiting(joined: &mut Close, ledger: &Ledger, store: &SqliteStore) -> Result<(), Failure> {
    for row in store.changes(Which::default()).await? {
        let is_at_its_end = matches!(row.state, State::Settled | State::NoOp);
        // An open dispute is posted, and is asked about until it ends.
        let is_open = row.kind == Kind::Dispute && row.state == State::Due && row.fault.is_none() && row.attempts > 0;
        let came = Month::of(period::day(Instant::utc(row.changed_at), &ledger.zone));
        if !row.kind.is_money() || is_at_its_end || is_open || came > joined.month {
            continue;
        }
        let why = row.fault.as_ref().map(Fault::to_string).unwrap_or_else(|| "it has not had its turn".into());
        let Row { kind, key, state, .. } = row;
        joined.unmatched.push(Mismatch {
            what: what(kind),
            id: key,
            amount: Decimal::ZERO,
            currency: ledger.currency,
            why: format!("it is {state}: {why}"),
        });
    }
    Ok(())
}

fn what(kind: Kind) -> What {
    match kind {
        Kind::Payment => What::Payment,
        Kind::Refund => What::Refund,
        Kind::Dispute => What::Dispute,
        _ => What::Payout,
    }
}

/// Adds what both sides say now.
async fn live(joined: &mut Close, books: &Books, papers: &[Paper], kept: &[Kept], checked: Checked) -> Result<(), Failure> {
    let falls_in = |at: Timestamp| Month::of(period::day(Instant::utc(at), &books.zone)) == joined.month;
    let kinds: Vec<Kind> = KINDS.into_iter().filter(|kind| checked.sync.iter().any(|flow| flow.kind == *kind)).collect();
    let first = joined.month.first();
    // Corrections and what was posted ahead of its day are a little older than their month.
    let since = first.checked_sub(2.months()).unwrap_or(first).to_zoned(books.zone.clone()).map_or(Timestamp::UNIX_EPOCH, |day| day.timestamp());
    let shops = Shops::open(checked.shops)?;
    let erp = erp(checked.target)?;
    let document = |entry: &Entry| papers.iter().find_map(|paper| document_of(paper, entry));
    let entries: Vec<_> = kept
        .iter()
        .filter(|kept| is_posted(kept) && Month::of(kept.entry.date()) == joined.month)
        .map(|kept| (kept.entry.clone(), document(&kept.entry)))
        .collect();
    let journal = journal(&*erp, since).await?;
    let mut listed = Vec::new();
    for flow in checked.sync.iter().filter(|flow| flow.kind.is_money()) {
        let Some(shop) = shops.named(&flow.shop).and_then(|shop| shop.peer.as_deref()) else { continue };
        for news in all(shop, flow.kind, since).await? {
            // One that cannot be read waits for a person, and is listed as that.
            if shop.read(flow.kind, &news.body).is_ok_and(|subject| at(&subject).is_some_and(falls_in)) {
                listed.push((flow.kind, news.key));
            }
        }
    }
    if shops.iter().any(|shop| shop.peer.is_some()) {
        let of_the_month = |paper: &&Paper| kinds.contains(&paper.kind()) && falls_in(taken_at(paper));
        let ours: Vec<Paper> = papers.iter().filter(of_the_month).cloned().collect();
        sides::with_shop(joined, &ours, &listed, books.currency);
    }
    sides::with_journal(joined, &entries, &books.chart, &journal);
    Ok(())
}

/// The document that a refund's entry was booked as.
pub(super) fn document_of(paper: &Paper, entry: &Entry) -> Option<RefundDocument> {
    match paper {
        Paper::Refund(refund, document) if entry.id() == format!("refund/{}", refund.id) => Some(*document),
        _ => None,
    }
}

/// The ERP as a side, behind its gate.
pub(super) fn erp(target: crate::settings::TargetSettings) -> Result<Arc<dyn Peer>, Failure> {
    let wire::Erp { gate, peer, .. } = wire::erp(target, Arc::new(SystemClock))?;
    let peer = peer.ok_or_else(|| Failure::text("this ERP keeps no journal that can be asked: its kind must be sagepro"))?;
    Ok(Arc::new(Gated { gate: Arc::new(gate), peer }))
}

/// What the ERP's journal has under references of ours since then, with its own numbers.
async fn journal(erp: &dyn Peer, since: Timestamp) -> Result<Vec<(String, Journal)>, Failure> {
    let mut journal = Vec::new();
    for news in all(erp, Kind::Entry, since).await? {
        if let Subject::Entry(one) = erp.read(Kind::Entry, &news.body)?
            && Journal::is_ours(&one.reference)
        {
            journal.push((news.key, *one));
        }
    }
    Ok(journal)
}

/// Everything that a side lists since then.
async fn all(peer: &dyn Peer, kind: Kind, since: Timestamp) -> Result<Vec<News>, Failure> {
    let (mut rows, mut page) = (Vec::new(), None);
    loop {
        let listed = peer.changed(kind, since, page.as_deref()).await.map_err(|busy| busy.fault)?;
        rows.extend(listed.rows);
        match listed.next {
            Some(next) => page = Some(next),
            None => return Ok(rows),
        }
    }
}

fn at(subject: &Subject) -> Option<Timestamp> {
    Some(match subject {
        Subject::Payment(one) => one.at.at,
        Subject::Refund(one) => one.at.at,
        Subject::Dispute(one) => one.at.at,
        Subject::Payout(one) => one.at.at,
        _ => return None,
    })
}

fn taken_at(paper: &Paper) -> Timestamp {
    match paper {
        Paper::Payment(one) => one.at.at,
        Paper::Refund(one, _) => one.at.at,
        Paper::Dispute(one) => one.at.at,
        Paper::Payout(one) => one.at.at,
    }
}

fn show(joined: &Close, command: &cli::Close, screen: &Screen) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.json(joined);
    }
    let verdict = if joined.unmatched.is_empty() {
        screen.tone(Tone::Good, "everything matches")
    } else {
        screen.tone(Tone::Bad, &format!("{} do not match", joined.unmatched.len()))
    };
    screen.line(format!("{}: {} match, {verdict}", joined.month, joined.matched.len()));
    for one in &joined.unmatched {
        screen.line(format!("  {} {one}", screen.tone(Tone::Bad, "FAIL")));
    }
    if command.lock && joined.unmatched.is_empty() {
        screen.line(screen.tone(Tone::Good, "  locked: what comes late for it is a correction in the first open month"));
    } else if !command.live && !command.lock {
        screen.line(screen.tone(Tone::Faint, "  this is what is kept; --live asks both sides what they have now"));
    }
    Ok(())
}
