//! `crossdock parked list | show | edit | retry | discard | export`: the desk of the people who answer for the orders.

use super::{
    Failure, explain,
    orders::{self, stories, why},
};
use crate::{
    cli::{self, By, Decide},
    screen::{Screen, Tone},
    settings,
    shops::{self, Shop, Shops},
    wire,
};
use crossdock_flow::{
    Code, Fault,
    clock::{Clock, SystemClock},
    correct::{self, Correction, Fix, Known, Suggestion},
    desk::{self, Choice, Decision, Desk, Edit},
    mapping::Mapping,
    record::{Filter, RecordId, Store, Story, Summary},
    source::{Content, Head, Source},
    target::{Busy, Target},
};
use crossdock_stores::sqlite::SqliteStore;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::{collections::BTreeSet, path::Path, sync::Arc};

/// What the commands need.
struct Room {
    store: SqliteStore,
    shops: Shops,
    target: Arc<dyn Target>,
    mapping: Mapping,
    now: Timestamp,
}

/// Carries out a command on stopped records.
pub(crate) async fn parked(command: &cli::Parked, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    let store = SqliteStore::open(&checked.store)?;
    let (target, _turns) = wire::target(checked.target, Arc::new(SystemClock))?;
    let room = Room { store, shops: Shops::open(checked.shops)?, target: Arc::new(target), mapping: checked.mapping, now: SystemClock.now() };
    match command {
        cli::Parked::List { chosen, sort, most } => list(&room, &room.choice(chosen).await?, *sort, *most, screen).await,
        cli::Parked::Show { order, body } => show(&room, &room.order(&order.order, order.of.shop.as_deref()).await?, *body, screen).await,
        cli::Parked::Edit(edit) => self::edit(&room, edit, screen).await,
        cli::Parked::Retry(decide) => self::decide(&room, decide, Decision::Retry, screen).await,
        cli::Parked::Discard(decide) => self::decide(&room, decide, Decision::Discard, screen).await,
        cli::Parked::Export { chosen } => export(&room, &room.choice(chosen).await?, screen).await,
    }
}

impl Room {
    /// What the order that is meant is called here.
    async fn order(&self, said: &str, shop: Option<&str>) -> Result<String, Failure> {
        let names: Vec<_> = self.shops.iter().map(|shop| shop.names.clone()).collect();
        shops::order(&self.store, &names, said, shop).await
    }

    /// Which records are meant.
    async fn choice(&self, chosen: &cli::Chosen) -> Result<Choice, Failure> {
        let mut choice = chosen.choice();
        // A shop that is named no more may have left records that wait.
        let shop = choice.connection.as_deref().filter(|name| self.shops.named(name).is_some());
        for order in &mut choice.orders {
            *order = self.order(order, shop).await?;
        }
        Ok(choice)
    }

    /// The shop of a record.
    fn shop(&self, summary: &Summary) -> Result<&Shop, Fault> {
        self.shops.of(&summary.connection)
    }
}

/// The stopped records that are meant, the dearest and oldest first.
async fn chosen(room: &Room, choice: &Choice) -> Result<Vec<Summary>, Failure> {
    let states = if choice.states.is_empty() { desk::WAITING.to_vec() } else { choice.states.clone() };
    let mut found = room.store.list(Filter { states, ..Filter::default() }).await?;
    found.retain(|summary| choice.means(summary, room.now));
    desk::by_worth_and_age(&mut found);
    Ok(found)
}

async fn list(room: &Room, choice: &Choice, sort: cli::Sort, most: usize, screen: &Screen) -> Result<(), Failure> {
    let mut found = chosen(room, choice).await?;
    if sort == cli::Sort::Age {
        found.sort_by_key(|summary| (summary.received_at, summary.record));
    }
    let all = found.len();
    if most > 0 {
        found.truncate(most);
    }
    if screen.is_json() {
        return screen.json(&json!({ "parked": found, "in-all": all }));
    }
    tell(room, &found, screen);
    screen.line(screen.tone(Tone::Faint, &format!("{} of {all} shown; `crossdock parked show ORDER` tells what to do", found.len())));
    Ok(())
}

fn tell(room: &Room, found: &[Summary], screen: &Screen) {
    let rows: Vec<_> = found.iter().map(|summary| (summary.connection.as_str(), row(summary, room.now))).collect();
    orders::table(&["ORDER", "STATE", "WORTH", "AGE", "WHY"], rows, room.shops.are_several(), screen);
}

fn row(summary: &Summary, now: Timestamp) -> Vec<String> {
    let worth = summary.worth.map(|(total, currency)| format!("{total} {currency}")).unwrap_or_default();
    vec![summary.order.clone(), summary.state.to_string(), worth, age(now.duration_since(summary.received_at)), why(summary)]
}

/// A time in its largest unit: enough to see what is old.
fn age(age: SignedDuration) -> String {
    match age.as_secs() {
        seconds @ ..60 => format!("{seconds}s"),
        seconds @ ..3_600 => format!("{}m", seconds / 60),
        seconds @ ..86_400 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// The stopped records of an order with everything about them.
async fn stopped(room: &Room, order: &str) -> Result<Vec<Story>, Failure> {
    let mut found = stories(&room.store, order).await?;
    found.retain(|story| desk::WAITING.contains(&story.summary.state));
    if found.is_empty() {
        return Err(Failure::text(format!(
            "order `{order}` has nothing held, parked or rejected; `crossdock orders show {order}` tells where it stands"
        )));
    }
    Ok(found)
}

async fn show(room: &Room, order: &str, body: bool, screen: &Screen) -> Result<(), Failure> {
    let found = stopped(room, order).await?;
    let known = known(room, screen).await;
    let suggested: Vec<Vec<Suggestion>> = found.iter().map(|story| suggestions(room, story, &known)).collect();
    if screen.is_json() {
        let rows: Vec<_> = found
            .iter()
            .zip(&suggested)
            .map(|(story, suggestions)| {
                let text = body.then(|| newest(story).map(|body| String::from_utf8_lossy(body).into_owned())).flatten();
                json!({ "record": story.summary, "edits": story.edits, "suggestions": suggestions, "body": text })
            })
            .collect();
        return screen.json(&rows);
    }
    for (story, suggestions) in found.iter().zip(&suggested) {
        explain::print(std::slice::from_ref(story), screen);
        for (place, one) in (1..).zip(suggestions) {
            screen.line(format!("  suggestion {place}: {} `{}` → `{}`  {}", one.path, one.from, one.to, screen.tone(Tone::Faint, &one.reason)));
        }
        if !suggestions.is_empty() {
            screen.line(format!("  to accept: crossdock parked edit {order} --accept N --why \"…\" --retry   (--remember makes a rule of it)"));
        }
        if body {
            screen.line(newest(story).map_or("the original is past its time".into(), String::from_utf8_lossy));
        }
    }
    Ok(())
}

/// The bytes that would run: the newest copy, or else the original.
fn newest(story: &Story) -> Option<&[u8]> {
    story.edits.iter().rev().find_map(|edit| edit.body.as_deref()).or(story.body.as_deref())
}

/// What the ERP knows: its articles, and the customers of the last month. Silent where it does not answer.
async fn known(room: &Room, screen: &Screen) -> Known {
    let mut known = Known::default();
    let silent = |busy: Busy| {
        if !screen.is_json() {
            screen.line(screen.tone(Tone::Faint, &format!("the ERP does not answer, so there are no near misses: {}", busy.fault)));
        }
    };
    match room.target.stock().await {
        Ok(stock) => known.skus = stock.units.into_values().flat_map(std::collections::HashMap::into_keys).collect(),
        Err(busy) => {
            silent(busy);
            return known;
        }
    }
    let (since, mut page) = (room.now - SignedDuration::from_hours(24 * 31), None);
    let mut customers = BTreeSet::new();
    loop {
        match room.target.booked(since, page.as_deref()).await {
            Ok(booked) => {
                customers.extend(booked.rows.into_iter().map(|row| row.customer));
                match booked.next {
                    Some(next) => page = Some(next),
                    None => break,
                }
            }
            Err(busy) => {
                silent(busy);
                break;
            }
        }
    }
    known.customers = customers;
    known
}

fn suggestions(room: &Room, story: &Story, known: &Known) -> Vec<Suggestion> {
    let (Some(fault), Some(body)) = (&story.summary.fault, newest(story)) else { return Vec::new() };
    let Some(place) = &fault.place else { return Vec::new() };
    let Ok(shop) = room.shop(&story.summary) else { return Vec::new() };
    // A refusal of the mapping or the ERP names a field of theirs: the mapping knows where that comes from.
    let canonical = shop.mapping.as_ref().unwrap_or(&room.mapping).source_of(place);
    let places = shop.source.locate(body, canonical.as_deref().unwrap_or(place));
    correct::suggest(body, fault, &places, known)
}

async fn edit(room: &Room, how: &cli::Edit, screen: &Screen) -> Result<(), Failure> {
    let mut found = stopped(room, &room.order(&how.order, how.of.shop.as_deref()).await?).await?;
    found.retain(|story| how.record.is_none_or(|record| record == story.summary.record));
    let [story] = found.as_slice() else {
        let records: Vec<String> = found.iter().map(|story| story.summary.record.to_string()).collect();
        return Err(Failure::text(format!("which one? --record {}", records.join(" or --record "))));
    };
    let source = &*room.shop(&story.summary)?.source;
    let Some(before) = newest(story) else { return Err(Failure::text("the original is past its time: give the whole order with --file")) };
    let mut body = match &how.file {
        Some(file) => std::fs::read(file).map_err(|error| Failure::text(format!("{}: {error}", file.display())))?,
        None => before.to_vec(),
    };
    let mut fixes: Vec<(String, Fix)> = Vec::new();
    if !how.accept.is_empty() {
        let suggested = suggestions(room, story, &known(room, screen).await);
        for number in &how.accept {
            let one = number.checked_sub(1).and_then(|place| suggested.get(place));
            let one =
                one.ok_or_else(|| Failure::text(format!("there is no suggestion {number}; `crossdock parked show {}` lists them", how.order)))?;
            fixes.push((one.path.clone(), one.fix.clone()));
        }
    }
    for set in &how.set {
        let Some((path, value)) = set.split_once('=') else {
            return Err(Failure::text(format!("`{set}` is not PATH=VALUE, for example data.lineItems[0].sku=LAMP-1")));
        };
        let Some((path, from)) = correct::values(&body, path).into_iter().next() else {
            return Err(Fault::new(Code::CannotCorrect, "the event has no value there").at(path).into());
        };
        fixes.push((path, Fix::Replace { from, to: value.to_owned() }));
    }
    for (path, fix) in &fixes {
        body = correct::apply(&body, path, fix)?;
    }
    if body == before {
        return Err(Failure::text("nothing would change: give --set, --accept or --file"));
    }
    let by = by(&how.by, room.now);
    let head = head(source, &story.summary, &body)?;
    let known_order = !story.summary.order.starts_with("event:");
    if known_order && head.order != story.summary.order {
        return Err(Failure::text(format!("the copy is of order `{}`: an edit cannot make another order of it", head.order)));
    }
    let remaining = source.read(&body).err();
    let edit = Edit { body, order: head.order.clone(), version: head.version, kind: head.kind, by: by.clone() };
    let number = room.store.edit(story.summary.record, edit).await?;
    let mut remembered = Vec::new();
    if how.remember {
        let root = source.root(before);
        for (path, fix) in fixes {
            let path = wildcard(path.strip_prefix(root).map_or(&*path, |path| path.trim_start_matches('.')));
            let correction = Correction { id: 0, connection: story.summary.connection.clone(), path, fix, by: by.clone() };
            remembered.push(room.store.remember(correction).await?);
        }
    }
    let again = if how.retry { room.store.decide(&[story.summary.record], Decision::Retry, &by).await? } else { Vec::new() };
    if screen.is_json() {
        return screen.json(&json!({
            "order": head.order, "record": story.summary.record, "edit": number, "remembered": remembered,
            "retried": !again.is_empty(), "still-wrong": remaining,
        }));
    }
    screen.line(format!("{} edit {number} of record {} is kept beside the original", screen.tone(Tone::Good, "ok"), story.summary.record));
    for number in remembered {
        screen.line(format!("   remembered as correction {number}: made by itself from now on; `crossdock corrections forget {number}` ends it"));
    }
    if let Some(fault) = remaining {
        screen.line(format!("   {} {fault}", screen.tone(Tone::Warn, "still wrong:")));
    }
    match again.is_empty() {
        false => screen.line("   it runs again; a running host takes it within a second"),
        true => screen.line(format!("   it waits: crossdock parked retry {}", head.order)),
    }
    Ok(())
}

/// What the corrected copy is about: from its envelope, or from the order itself where it came without one.
fn head(source: &dyn Source, summary: &Summary, body: &[u8]) -> Result<Head, Fault> {
    let event_id = &summary.event_id;
    if !source.root(body).is_empty() {
        return source.head(event_id, body);
    }
    match source.read(body) {
        Ok(Content::Order(order)) => {
            Ok(Head { event_id: event_id.clone(), kind: summary.kind, order: order.number.to_string(), version: order.version })
        }
        Ok(Content::Thin(_)) => source.head(event_id, body),
        // Something else is wrong with it still: what it is about may be known all the same.
        Err(fault) => source.head(event_id, body).map_err(|_| fault),
    }
}

/// A path for any place of its lists: `lineItems[3].sku` → `lineItems[*].sku`.
fn wildcard(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for (place, part) in path.split('[').enumerate() {
        match part.split_once(']') {
            Some((_, rest)) if place > 0 => text.extend(["[*]", rest]),
            _ => text.push_str(part),
        }
    }
    text
}

async fn decide(room: &Room, what: &Decide, decision: Decision, screen: &Screen) -> Result<(), Failure> {
    let (choice, dry_run) = (room.choice(&what.chosen).await?, what.dry_run);
    if choice.is_everything() && !what.chosen.all {
        return Err(Failure::text("name orders, narrow it (--code, --older, …), or say --all"));
    }
    let found = chosen(room, &choice).await?;
    let word = match decision {
        Decision::Retry => "retried",
        Decision::Discard => "discarded",
    };
    let records: Vec<RecordId> = found.iter().map(|summary| summary.record).collect();
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    if !dry_run {
        let by = by(&what.by, room.now);
        let bar = screen.progress(records.len() as u64, word);
        // In portions: a host beside this command commits between them.
        for portion in records.chunks(256) {
            match room.store.decide(portion, decision, &by).await {
                Ok(records) => done.extend(records),
                // One of them cannot be decided on; the others can.
                Err(fault) if fault.code == Code::NotNow => {
                    for record in portion {
                        match room.store.decide(&[*record], decision, &by).await {
                            Ok(records) => done.extend(records),
                            Err(fault) => refused.push(fault),
                        }
                    }
                }
                Err(fault) => return Err(fault.into()),
            }
            bar.inc(portion.len() as u64);
        }
        bar.finish_and_clear();
    }
    if screen.is_json() {
        screen.json(&json!({ "meant": found, word: done, "refused": refused, "dry-run": dry_run }))?;
    } else if dry_run {
        tell(room, &found, screen);
        screen.line(format!("{} would be {word}", found.len()));
    } else {
        screen.line(format!("{} {} {word}", screen.tone(Tone::Good, "ok"), done.len()));
        refused.iter().for_each(|fault| screen.line(format!("   {} {fault}", screen.tone(Tone::Bad, "refused"))));
    }
    match (found.is_empty(), refused.first()) {
        (true, _) => Err(Failure::text("nothing that waits is meant by that")),
        (false, Some(fault)) if !screen.is_json() => Err(fault.clone().into()),
        (false, Some(_)) => Err(Failure::Printed),
        (false, None) => Ok(()),
    }
}

/// One JSON object a line, with the original bytes as text and every edit: to look at elsewhere, or to hand on. It holds
/// customers' data.
async fn export(room: &Room, choice: &Choice, screen: &Screen) -> Result<(), Failure> {
    for summary in chosen(room, choice).await? {
        let Some(story) = room.store.story(&summary.order).await?.into_iter().find(|story| story.summary.record == summary.record) else { continue };
        let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
        let edits: Vec<_> = story.edits.iter().map(|edit| json!({ "edit": edit, "body": edit.body.as_deref().map(text) })).collect();
        let line = json!({
            "record": story.summary, "cure": story.summary.fault.as_ref().map(|fault| fault.code.cure()),
            "original": story.body.as_deref().map(text), "edits": edits, "attempts": story.attempts_made, "audit": story.audit,
        });
        screen.line(line.to_string());
    }
    Ok(())
}

/// Who does it, for the audit.
pub(crate) fn by(by: &By, now: Timestamp) -> desk::By {
    desk::By { actor: by.by.clone(), why: by.why.clone().unwrap_or_default(), at: now }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_one_for_every_line() {
        assert_eq!(wildcard("lineItems[3].customFields[0].x"), "lineItems[*].customFields[*].x");
        assert_eq!(wildcard("customerId"), "customerId");
    }

    #[test]
    fn ages_are_short() {
        assert_eq!([5, 90, 7_300, 200_000].map(|seconds| age(SignedDuration::from_secs(seconds))), ["5s", "1m", "2h", "2d"]);
    }
}
