//! What is on record: `crossdock audit`, `books`, `corrections`, `backup`, `restore`.

use super::{Failure, parked::by};
use crate::{
    cli::{self, By},
    reconcile::{Polled, Reconciler},
    screen::{Screen, Tone},
    settings::{self, Polling},
    shops::{self, Shops},
    wire,
};
use crossdock_flow::{
    clock::{Clock, SystemClock},
    desk::{Desk, Entry, Span, What},
    sync::ledger::{Ledger, Noted},
};
use crossdock_stores::sqlite::SqliteStore;
use jiff::SignedDuration;
use serde::Serialize;
use serde_json::json;
use std::{path::Path, sync::Arc, time::Duration};
use tokio::sync::Notify;

/// Lines of the audit that are read at once.
const PAGE: usize = 1_000;

/// Prints the audit: a table for people, JSON lines for programs.
pub(crate) async fn audit(command: &cli::Audit, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    let store = SqliteStore::open(&checked.store)?;
    let order = match &command.order {
        Some(order) => Some(shops::order(&store, &shops::names(&checked.shops), order, command.shop.as_deref()).await?),
        None => None,
    };
    let span = Span { order, since: command.since, until: command.until };
    let mut read = 0;
    loop {
        let page = if command.sync {
            let page = store.change_audit(&span, read, PAGE).await?;
            lines(&page, ["WHEN", "KEY", "WHO", "WHAT", "STATE", "WHY"], noted, screen)?
        } else {
            let page = store.audit(&span, read, PAGE).await?;
            lines(&page, ["WHEN", "ORDER", "WHO", "WHAT", "STATE", "WHY"], entry, screen)?
        };
        read += page;
        if page < PAGE {
            return Ok(());
        }
    }
}

/// Prints one page of it; says how many lines that were.
fn lines<L: Serialize>(page: &[L], heads: [&str; 6], cells: fn(&L) -> Vec<String>, screen: &Screen) -> Result<usize, Failure> {
    if screen.is_json() {
        for line in page {
            screen.line(serde_json::to_string(line).map_err(|error| Failure::text(error.to_string()))?);
        }
    } else if !page.is_empty() {
        screen.table(&heads, &page.iter().map(cells).collect::<Vec<_>>());
    }
    Ok(page.len())
}

fn entry(entry: &Entry) -> Vec<String> {
    let from = entry.from.map(|from| format!("{from} → ")).unwrap_or_default();
    vec![entry.at.to_string(), entry.order.clone(), entry.actor.clone(), word(entry.what), format!("{from}{}", entry.to), entry.cause.clone()]
}

fn noted(noted: &Noted) -> Vec<String> {
    let Noted { kind, key, actor, what, from, to, cause, at, .. } = noted;
    vec![at.to_string(), format!("{kind} {key}"), actor.clone(), word(*what), format!("{from} → {to}"), cause.clone()]
}

fn word(what: What) -> String {
    serde_json::to_value(what).ok().and_then(|what| what.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Lists what is corrected by itself, or ends one.
pub(crate) async fn corrections(command: &cli::Corrections, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let store = open(file)?;
    match command {
        cli::Corrections::List => {
            let all = store.corrections().await?;
            if screen.is_json() {
                return screen.json(&all);
            }
            let row = |one: &crossdock_flow::correct::Correction| {
                let fix = serde_json::to_string(&one.fix).unwrap_or_default();
                vec![one.id.to_string(), one.connection.clone(), one.path.clone(), fix, one.by.actor.clone(), one.by.why.clone()]
            };
            screen.table(&["NUMBER", "FROM", "WHERE", "HOW", "WHO", "WHY"], &all.iter().map(row).collect::<Vec<_>>());
            Ok(())
        }
        cli::Corrections::Forget { number, by: who } => {
            if !store.forget(*number, &by(who, SystemClock.now())).await? {
                return Err(Failure::text(format!("there is no correction {number}; `crossdock corrections list` shows all")));
            }
            done(screen, &json!({ "forgotten": number }), &format!("correction {number} is not made any more"))
        }
    }
}

/// Compares the books of both sides. Fails when they differ, so that scripts notice.
pub(crate) async fn books(since: Duration, shop: Option<&str>, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let reconcilers = reconcilers(shop, file)?;
    let now = SystemClock.now();
    let from = now - SignedDuration::try_from(since).unwrap_or_default();
    let mut differences = Vec::new();
    for reconciler in &reconcilers {
        let found = reconciler.compare(from, now).await.map_err(crate::reconcile::Blind::fault)?;
        differences.extend(found.into_iter().map(|one| (reconciler.shop.name(), one)));
    }
    if screen.is_json() {
        let differences: Vec<_> = differences.iter().map(|(_, one)| one).collect();
        screen.json(&json!({ "since": from, "differences": differences }))?;
    } else {
        let row = |one: &crossdock_flow::books::Difference| {
            let worth = one.worth.map(|(worth, currency)| format!("{worth} {currency}")).unwrap_or_default();
            vec![one.order.clone(), worth, one.tell()]
        };
        if !differences.is_empty() {
            let rows: Vec<_> = differences.iter().map(|(shop, one)| (*shop, row(one))).collect();
            super::orders::table(&["ORDER", "WORTH", "WHAT"], rows, reconcilers.len() > 1, screen);
        }
    }
    match differences.len() {
        0 if screen.is_json() => Ok(()),
        0 => {
            screen.line(format!("{} both books agree since {from}", screen.tone(Tone::Good, "ok")));
            Ok(())
        }
        _ if screen.is_json() => Err(Failure::Printed),
        many => Err(Failure::text(format!("{many} differences since {from}"))),
    }
}

/// Asks the shop once what changed, as a running host does by itself.
pub(crate) async fn poll(since: Option<Duration>, shop: Option<&str>, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let since = since.map(|since| SystemClock.now() - SignedDuration::try_from(since).unwrap_or_default());
    let mut polled = Polled::default();
    for reconciler in reconcilers(shop, file)? {
        let one = reconciler.poll(since).await.map_err(crate::reconcile::Blind::fault)?;
        polled = Polled { listed: polled.listed + one.listed, found: polled.found + one.found };
    }
    done(screen, &json!(polled), &format!("the shop lists {} changed orders; {} of them were new here", polled.listed, polled.found))
}

/// One for each of the shops that are meant and can be asked; where none can, for the first, which says so.
fn reconcilers(shop: Option<&str>, file: &Path) -> Result<Vec<Reconciler>, Failure> {
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (target, _turns) = wire::target(checked.target, clock.clone())?;
    let target = Arc::new(target);
    let store = Arc::new(SqliteStore::open(&checked.store)?);
    let Polling { every, overlap, nightly } = checked.polling;
    let shops = Shops::open(checked.shops)?;
    let mut chosen = shops.chosen(shop)?;
    if chosen.iter().any(|shop| shop.has_api) {
        chosen.retain(|shop| shop.has_api);
    }
    let reconciler = |shop: &shops::Shop| Reconciler {
        shop: shop.clone(),
        is_one_of_several: shops.are_several(),
        target: target.clone(),
        store: store.clone(),
        clock: clock.clone(),
        arrived: Arc::new(Notify::new()),
        every,
        overlap,
        nightly,
        zone: checked.zone.clone(),
    };
    Ok(chosen.into_iter().map(reconciler).collect())
}

/// Erases a customer's data from every record of an order.
pub(crate) async fn erase(store: &SqliteStore, order: &str, who: &By, screen: &Screen) -> Result<(), Failure> {
    let records = store.erase(order, &by(who, SystemClock.now())).await?;
    if records == 0 {
        return Err(Failure::text(format!("no record of order `{order}`")));
    }
    done(screen, &json!({ "order": order, "records": records }), &format!("{records} record(s) of {order}: customer's data erased, amounts kept"))
}

/// Writes a copy of the store while everything goes on.
pub(crate) async fn backup(to: &Path, file: &Path, screen: &Screen) -> Result<(), Failure> {
    open(file)?.backup(to).await?;
    let bytes = std::fs::metadata(to).map(|meta| meta.len()).unwrap_or_default();
    done(screen, &json!({ "file": to, "bytes": bytes }), &format!("{}: {bytes} bytes, a whole store", to.display()))
}

/// Puts a backup in the place of the store; what stood there is kept beside it.
pub(crate) fn restore(from: &Path, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    let restored = crossdock_stores::sqlite::restore(from, &checked.store, SystemClock.now())?;
    let aside = restored.aside.as_ref().map(|aside| aside.display().to_string());
    let told = format!(
        "{} records are back in {}{}\n   the ERP may have more than this store knows: for a week every order is looked up there before it is sent, and the shop\n   is asked for what came since",
        restored.records,
        checked.store.display(),
        aside.as_ref().map(|aside| format!("; what stood there is {aside}")).unwrap_or_default()
    );
    done(screen, &json!({ "records": restored.records, "store": checked.store, "aside": aside }), &told)
}

/// The store that the settings name.
pub(super) fn open(file: &Path) -> Result<SqliteStore, Failure> {
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    Ok(SqliteStore::open(&checked.store)?)
}

fn done(screen: &Screen, json: &serde_json::Value, told: &str) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.json(json);
    }
    screen.line(format!("{} {told}", screen.tone(Tone::Good, "ok")));
    Ok(())
}
