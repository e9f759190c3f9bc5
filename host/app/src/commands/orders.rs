//! `crossdock orders list | show | explain | retry | import`.

use super::{Failure, certify, explain, ledgers};
use crate::{
    cli, intake,
    screen::{Screen, Tone},
    settings::{self, Checked},
    shops::{self, Shops},
};
use crossdock_connectors::folder;
use crossdock_flow::{
    Order,
    clock::{Clock, SystemClock},
    desk::{self, Decision, Desk},
    record::{Accepted, Filter, State, Store, Story, Summary},
    source::{Content, Head, Received, Source},
};
use crossdock_stores::sqlite::SqliteStore;
use serde_json::json;
use std::path::Path;

/// Carries out an orders command.
pub(crate) async fn orders(command: &cli::Orders, file: &Path, screen: &Screen) -> Result<(), Failure> {
    match command {
        cli::Orders::List { state, most, of } => list(file, state, *most, of.shop.as_deref(), screen).await,
        cli::Orders::Show(order) => {
            let (store, order) = open(order, file).await?;
            show(&stories(&store, &order).await?, screen)
        }
        cli::Orders::Explain(order) => {
            let (store, order) = open(order, file).await?;
            let stories = stories(&store, &order).await?;
            if screen.is_json() {
                return screen.json(&stories);
            }
            explain::print(&stories, screen);
            Ok(())
        }
        cli::Orders::Retry(order) => {
            let (store, order) = open(order, file).await?;
            retry(&store, &order, screen).await
        }
        cli::Orders::Poll { since, of } => ledgers::poll(*since, of.shop.as_deref(), file, screen).await,
        cli::Orders::Certify { order, live } => {
            let (store, order) = open(order, file).await?;
            certify::run(&store, &order, *live, file, screen).await
        }
        cli::Orders::Erase { order, by } => {
            let (store, order) = open(order, file).await?;
            ledgers::erase(&store, &order, by, screen).await
        }
        cli::Orders::Import { path, of } => import(settings::check(file).map_err(Failure::Mistakes)?, path, of.shop.as_deref(), screen).await,
    }
}

/// The store, and what the order that is meant is called there.
async fn open(order: &cli::Order, file: &Path) -> Result<(SqliteStore, String), Failure> {
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    let store = SqliteStore::open(&checked.store)?;
    let order = shops::order(&store, &shops::names(&checked.shops), &order.order, order.of.shop.as_deref()).await?;
    Ok((store, order))
}

pub(crate) async fn stories(store: &SqliteStore, order: &str) -> Result<Vec<Story>, Failure> {
    let stories = store.story(order).await?;
    if stories.is_empty() {
        return Err(Failure::text(format!("no record of order `{order}`; `crossdock orders list --most 0` shows all")));
    }
    Ok(stories)
}

/// The order as the newest of its events that can be read has it, as a person last corrected it, before any rule. What was
/// erased or only named is no order to look at.
pub(crate) fn newest(source: &dyn Source, stories: &[Story]) -> Option<Order> {
    stories.iter().rev().find_map(|story| {
        let edited = story.edits.iter().rev().find_map(|edit| edit.body.as_deref());
        let fetched = || story.attempts_made.iter().rev().find_map(|(attempt, _)| attempt.fetched.as_deref()).map(str::as_bytes);
        match source.read(edited.or_else(fetched).or(story.body.as_deref())?) {
            Ok(Content::Order(order)) => Some(*order),
            _ => None,
        }
    })
}

async fn list(file: &Path, states: &[State], most: usize, shop: Option<&str>, screen: &Screen) -> Result<(), Failure> {
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    let store = SqliteStore::open(&checked.store)?;
    let found = store.list(Filter { states: states.to_vec(), most, connection: shop.map(str::to_owned), ..Filter::default() }).await?;
    let counts = store.counts().await?;
    if screen.is_json() {
        return screen.json(&json!({ "orders": found, "counts": counts }));
    }
    let rows: Vec<_> = found.iter().map(|summary| (summary.connection.as_str(), row(summary))).collect();
    table(&["ORDER", "EVENT", "STATE", "WORTH", "ERP", "WHY"], rows, checked.shops.len() > 1, screen);
    let counted: Vec<String> = counts.records.iter().filter(|(_, number)| *number > 0).map(|(state, number)| format!("{number} {state}")).collect();
    let counted = if counted.is_empty() { "none".to_owned() } else { counted.join(", ") };
    screen.line(screen.tone(Tone::Faint, &format!("{} shown; in all {counted}, {} duplicates dropped", found.len(), counts.duplicates)));
    Ok(())
}

/// A table of orders; where they are of several shops, with the shop of each.
pub(crate) fn table(head: &[&str], rows: Vec<(&str, Vec<String>)>, are_several: bool, screen: &Screen) {
    if !are_several {
        return screen.table(head, &rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>());
    }
    let mut head = head.to_vec();
    head.insert(1, "SHOP");
    let with_shop = |(shop, mut row): (&str, Vec<String>)| {
        row.insert(1, shop.to_owned());
        row
    };
    screen.table(&head, &rows.into_iter().map(with_shop).collect::<Vec<_>>());
}

fn row(summary: &Summary) -> Vec<String> {
    let worth = summary.worth.map(|(total, currency)| format!("{total} {currency}")).unwrap_or_default();
    let numbers: Vec<&str> = summary.parts.iter().filter_map(|part| part.number.as_deref()).collect();
    vec![summary.order.clone(), summary.kind.name().into(), summary.state.to_string(), worth, numbers.join(" "), why(summary)]
}

/// Why a record stands where it stands, in one line.
pub(crate) fn why(summary: &Summary) -> String {
    summary.fault.as_ref().map(ToString::to_string).or_else(|| summary.reason.clone()).unwrap_or_default()
}

fn show(stories: &[Story], screen: &Screen) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.json(&stories.iter().map(|story| &story.summary).collect::<Vec<_>>());
    }
    for Story { summary, .. } in stories {
        let tone = explain::tone(summary.state);
        screen.line(format!("record {}: {} of {}: {}", summary.record, summary.kind.name(), summary.order, screen.tone(tone, summary.state.name())));
        let why = why(summary);
        if !why.is_empty() {
            screen.line(format!("  {why}"));
        }
        if let Some(fault) = &summary.fault {
            screen.line(format!("  for the merchant: {}", fault.code.merchant()));
            screen.line(format!("  what to do: {}", fault.code.cure()));
        }
        if let Some(due) = summary.due_at {
            screen.line(format!("  due again at {due}"));
        }
        for part in &summary.parts {
            let number = part.number.as_deref().unwrap_or("not known yet");
            screen.line(format!("  {} from {}: {} in the ERP: {number}", part.key, part.warehouse, part.total));
        }
    }
    Ok(())
}

async fn retry(store: &SqliteStore, order: &str, screen: &Screen) -> Result<(), Failure> {
    let filter = Filter { states: desk::WAITING.to_vec(), order: Some(order.to_owned()), ..Filter::default() };
    let records: Vec<_> = store.list(filter).await?.iter().map(|summary| summary.record).collect();
    let by = desk::By { actor: "operator".into(), why: "crossdock orders retry".into(), at: SystemClock.now() };
    let again = store.decide(&records, Decision::Retry, &by).await?.len();
    if again == 0 {
        return Err(Failure::text(format!("order `{order}` has nothing held, parked or rejected")));
    }
    if screen.is_json() {
        return screen.json(&json!({ "order": order, "records": again }));
    }
    screen.line(format!("{} {again} record(s) of {order} run again; a running host takes them within a second", screen.tone(Tone::Good, "ok")));
    Ok(())
}

/// Files go through the same door as webhooks, but for the signature: who can write to the store's directory is trusted.
async fn import(checked: Checked, path: &Path, shop: Option<&str>, screen: &Screen) -> Result<(), Failure> {
    let store = SqliteStore::open(&checked.store)?;
    let shops = Shops::open(checked.shops)?;
    let shop = shops.meant(shop)?;
    let source = &shop.source;
    let files: Vec<(String, Vec<u8>)> = if path.is_dir() {
        folder::orders(path)?.collect::<Result<_, _>>()?
    } else {
        let body = std::fs::read(path).map_err(|error| Failure::text(format!("{}: {error}", path.display())))?;
        vec![(path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(), body)]
    };
    let bar = screen.progress(files.len() as u64, "importing");
    let (mut new, mut duplicates, mut unreadable) = (0, 0, 0);
    for (name, body) in files {
        let now = SystemClock.now();
        let event_id = format!("import:{name}");
        let received = match source.read(&body) {
            Ok(Content::Order(order)) => {
                let order_number = order.number.to_string();
                Received::Event(Head { event_id, kind: crossdock_flow::record::Kind::Created, order: order_number, version: order.version })
            }
            Ok(Content::Thin(id)) => {
                let order = shop.names.lane(&id);
                Received::Event(Head { event_id, kind: crossdock_flow::record::Kind::Created, order, version: 0 })
            }
            Err(fault) => {
                unreadable += 1;
                Received::Unreadable { event_id, fault }
            }
        };
        match store.accept(intake::event(received, shop.name(), body, now)).await? {
            Accepted::New(_) => new += 1,
            Accepted::Duplicate(_) => duplicates += 1,
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if screen.is_json() {
        return screen.json(&json!({ "accepted": new, "duplicates": duplicates, "unreadable": unreadable }));
    }
    screen.line(format!("{new} accepted ({unreadable} of them unreadable and parked), {duplicates} duplicates dropped"));
    Ok(())
}
