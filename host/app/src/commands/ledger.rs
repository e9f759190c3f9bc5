//! `crossdock ledger list | show`.

use super::{Failure, ledgers};
use crate::{
    cli,
    screen::{Screen, Tone},
    settings, shops,
};
use crossdock_flow::finance::{
    binder::{Binder, Kept, Sought},
    ledger::Side,
};
use std::path::Path;

/// Carries out a ledger command.
pub(crate) async fn ledger(command: &cli::Ledger, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let store = ledgers::open(file)?;
    match command {
        cli::Ledger::List { month, order, shop, most } => {
            let checked = settings::check(file).map_err(Failure::Mistakes)?;
            let order = match order {
                Some(order) => Some(shops::order(&store, &shops::names(&checked.shops), order, shop.as_deref()).await?),
                None => None,
            };
            let kept = store.entries(Sought { month: *month, order, most: *most, ..Sought::default() }).await?;
            if screen.is_json() {
                return screen.json(&kept);
            }
            screen.table(&["DATE", "ENTRY", "ORDER", "AMOUNT", "", "IN THE ERP", "CORRECTS"], &kept.iter().map(cells).collect::<Vec<_>>());
            screen.line(screen.tone(Tone::Faint, &format!("{} shown", kept.len())));
            Ok(())
        }
        cli::Ledger::Show { entry } => {
            let found = store.entries(Sought { id: Some(entry.clone()), ..Sought::default() }).await?;
            let Some(kept) = found.first() else {
                return Err(Failure::text(format!("there is no entry `{entry}`; `crossdock ledger list --most 0` shows all")));
            };
            if screen.is_json() {
                return screen.json(kept);
            }
            show(kept, file, screen);
            Ok(())
        }
    }
}

fn cells(kept: &Kept) -> Vec<String> {
    let entry = &kept.entry;
    let debits = entry.legs().iter().filter(|leg| leg.side == Side::Debit).map(|leg| leg.amount).sum::<crossdock_flow::Decimal>();
    vec![
        entry.date().to_string(),
        entry.id().to_owned(),
        entry.source().order.as_ref().map(ToString::to_string).unwrap_or_default(),
        debits.to_string(),
        entry.currency().code().to_owned(),
        standing(kept),
        entry.corrects().map(|month| month.to_string()).unwrap_or_default(),
    ]
}

fn standing(kept: &Kept) -> String {
    match &kept.number {
        Some(number) => number.clone(),
        None if kept.entry.legs().is_empty() => "moves nothing".into(),
        None => "not yet".into(),
    }
}

fn show(kept: &Kept, file: &Path, screen: &Screen) {
    let entry = &kept.entry;
    screen.line(screen.tone(Tone::Strong, &format!("{} of {}, {}", entry.id(), entry.date(), entry.currency())));
    if let Some(order) = &entry.source().order {
        screen.line(format!("  order {order}"));
    }
    if let Some(month) = entry.corrects() {
        screen.line(format!("  corrects {month}, which was locked"));
    }
    screen.line(format!("  written down {}; in the ERP: {}", kept.written_at, standing(kept)));
    // Without the settings the accounts have no numbers, and the entry is shown all the same.
    let books = settings::check(file).ok().and_then(|checked| checked.books);
    let rows: Vec<Vec<String>> = entry
        .legs()
        .iter()
        .map(|leg| {
            let number = books.as_ref().map(|books| books.chart.number(leg.account).to_owned()).unwrap_or_default();
            let amount = |side: Side| if leg.side == side { leg.amount.to_string() } else { String::new() };
            vec![number, leg.account.to_string(), amount(Side::Debit), amount(Side::Credit), leg.reference.to_string()]
        })
        .collect();
    screen.table(&["NUMBER", "ACCOUNT", "DEBIT", "CREDIT", "ABOUT"], &rows);
}
