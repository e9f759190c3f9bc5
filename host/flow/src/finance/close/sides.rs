//! What both sides say of a month now, held against what is kept: an entry that the ERP's journal lacks, has twice or has
//! otherwise, and a paper that the shop lists no more, or has and we do not.

use super::{Close, Mismatch, What};
use crate::{
    Currency, Decimal,
    entity::echo::Kind,
    finance::{Chart, Entry, Journal, RefundDocument, binder::Paper, journal::Posting, ledger::Event, ledger::Side},
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Adds what the ERP's journal has otherwise. `entries` are those of the month that are kept; `journal` is what the ERP has
/// under references of ours, each with the ERP's number. What the ERP posts by itself is not in it.
pub fn with_journal(close: &mut Close, entries: &[(Entry, Option<RefundDocument>)], chart: &Chart, journal: &[(String, Journal)]) {
    let mut there: BTreeMap<&str, Vec<&(String, Journal)>> = BTreeMap::new();
    for one in journal {
        there.entry(&one.1.reference).or_default().push(one);
    }
    let ours: HashSet<&str> = entries.iter().map(|(entry, _)| entry.id()).collect();
    let month = close.month;
    for (entry, document) in entries.iter().filter(|(entry, _)| entry.source().event != Event::Invoice && !entry.legs().is_empty()) {
        let wanted = Journal::of(entry, chart, document.as_ref());
        let why = match there.get(entry.id()).map(Vec::as_slice) {
            None | Some([]) => Some("the ERP's journal does not have it".to_owned()),
            Some([(number, one)]) => {
                let differences = wanted.content().compare(&one.content());
                differences.first().map(|first| format!("the ERP's {number} has it otherwise: {first}"))
            }
            Some(several) => {
                let numbers: Vec<&str> = several.iter().map(|(number, _)| number.as_str()).collect();
                Some(format!("the ERP's journal has it {} times: {}", several.len(), numbers.join(", ")))
            }
        };
        if let Some(why) = why {
            tell(close, What::Entry, entry.id(), debits(&wanted.postings), entry.currency(), why);
        }
    }
    for (reference, several) in there.iter().filter(|(reference, _)| !ours.contains(*reference)) {
        for (number, one) in several.iter().filter(|(_, one)| super::Month::of(one.date) == month) {
            tell(close, What::Entry, reference, debits(&one.postings), one.currency, format!("the ERP has it as {number}, and the ledger does not"));
        }
    }
}

/// Adds what the shop has otherwise: `papers` are those of the month that are kept, `listed` what the shop lists of the month.
pub fn with_shop(close: &mut Close, papers: &[Paper], listed: &[(Kind, String)], currency: Currency) {
    let theirs: HashSet<(Kind, &str)> = listed.iter().map(|(kind, id)| (*kind, id.as_str())).collect();
    let ours: HashMap<(Kind, &str), &Paper> = papers.iter().map(|paper| ((paper.kind(), paper.id()), paper)).collect();
    let what = |kind: Kind| match kind {
        Kind::Payment => What::Payment,
        Kind::Refund => What::Refund,
        Kind::Dispute => What::Dispute,
        _ => What::Payout,
    };
    let mut missing: Vec<_> = ours.keys().filter(|key| !theirs.contains(*key)).copied().collect();
    missing.sort_unstable();
    for key in missing {
        let amount = ours.get(&key).map_or(Decimal::ZERO, |paper| amount(paper));
        tell(close, what(key.0), key.1, amount, currency, "the shop does not list it any more".into());
    }
    let mut unknown: Vec<_> = theirs.iter().filter(|key| !ours.contains_key(*key)).copied().collect();
    unknown.sort_unstable();
    for (kind, id) in unknown {
        tell(close, what(kind), id, Decimal::ZERO, currency, "the shop lists it, and it is not kept here".into());
    }
}

fn tell(close: &mut Close, what: What, id: &str, amount: Decimal, currency: Currency, why: String) {
    close.matched.retain(|one| (one.what, one.id.as_str()) != (what, id));
    close.unmatched.push(Mismatch { what, id: id.to_owned(), amount, currency, why });
}

fn debits(postings: &[Posting]) -> Decimal {
    postings.iter().filter(|one| one.side == Side::Debit).map(|one| one.amount).sum()
}

fn amount(paper: &Paper) -> Decimal {
    match paper {
        Paper::Payment(one) => one.total().shop,
        Paper::Refund(one, _) => one.amount,
        Paper::Dispute(one) => one.amount,
        Paper::Payout(one) => one.amount,
    }
}
