//! `crossdock plugin diff | conflicts`: two versions side by side, and plugins whose order matters.

use super::{Failure, Home, look, tryout};
use crate::{
    cli,
    screen::{Screen, Tone},
    shelf,
};
use crossdock_flow::{
    hook::{Hook, Plugin},
    record::{Filter, Store},
    sample,
    source::Content,
};
use crossdock_sandbox::{Loaded, Sandbox, producers};
use crossdock_stores::sqlite::SqliteStore;
use crossdock_workshop::{
    Case,
    compare::{self, Rule},
    entity, golden, orders,
};
use serde_json::{Value, json};
use std::{path::Path, sync::Arc};

/// Variations by chance of the sample, where nobody names orders.
const VARIATIONS: usize = 100;
/// Orders, customers or products on which a difference is shown.
const SHOWN: usize = 5;

/// The orders, customers and products that plugins are compared on.
async fn cases(home: &Home, against: &cli::Against) -> Result<Vec<Case>, Failure> {
    let mut cases = Vec::new();
    for path in &against.input {
        if path.is_dir() {
            let found = golden::read(path)?;
            if found.is_empty() {
                return Err(Failure::text(format!("{}: no folder with an {}, customer.json or product.json in it", path.display(), golden::ORDER)));
            }
            cases.extend(found.into_iter().map(|golden| golden.case));
        } else {
            cases.push(tryout::read_any(path)?);
        }
    }
    if against.recorded > 0 {
        let Some(store) = &home.store else { return Err(Failure::text("there is no store yet, so no order is recorded")) };
        let store = SqliteStore::open(store)?;
        for summary in store.list(Filter { most: against.recorded, ..Filter::default() }).await? {
            let stories = store.story(&summary.order).await?;
            // What was erased, cancelled or never readable is no order to compare on.
            let mut orders = stories.iter().filter_map(|story| match crossdock_connectors::read(story.body.as_ref()?) {
                Ok(Content::Order(order)) => Some(*order),
                _ => None,
            });
            cases.extend(orders.next_back().map(|order| Case::of(&summary.order, order)));
        }
    }
    if cases.is_empty() {
        let mut rng = fastrand::Rng::with_seed(4711);
        let first = Case::of("the sample order", sample::order(10));
        let variation = |number| Case { name: format!("variation {number}"), ..orders::variation(&first, &mut rng) };
        cases.extend((0..VARIATIONS).map(variation));
        cases.push(first);
        cases.extend(entity::samples());
    }
    Ok(cases)
}

pub(super) async fn diff(home: &Home, sandbox: &Sandbox, old: &Path, new: &Path, against: &cli::Against, screen: &Screen) -> Result<(), Failure> {
    let (old, mut new) = (home.open(old, screen)?, home.open(new, screen)?);
    if !home.said.plugins.contains_key(&new.name) && new.project.is_none() {
        // A new version under another file name runs on the terms of the old one.
        new.own = old.own.clone();
    }
    let (one, other) = (home.load(sandbox, &old).await?, home.load(sandbox, &new).await?);
    let cases = cases(home, against).await?;
    let mut found = Vec::new();
    for hook in Hook::ALL.into_iter().filter(|hook| one.answers(*hook) || other.answers(*hook)) {
        found.push(compare::differences(&one, &other, hook, &cases, &home.around(&old.name)).await);
    }
    let made = |opened: &super::Opened| std::fs::read(&opened.file).map(|bytes| producers(&bytes).join(", ")).unwrap_or_default();
    let mut rows = side_by_side(&one, &other);
    rows.push(["made by".to_owned(), made(&old), made(&new)]);
    let differ = found.iter().any(|found| !found.differ.is_empty());
    if screen.is_json() {
        let rows: Vec<Value> = rows.iter().map(|[what, one, other]| json!({ "what": what, "old": one, "new": other })).collect();
        screen.json(&json!({ "facts": rows, "orders": cases.len(), "hooks": found }))?;
    } else {
        let cells: Vec<Vec<String>> = rows.iter().map(|row| row.to_vec()).collect();
        screen.table(&["", "OLD", "NEW"], &cells);
        for found in &found {
            screen.line(format!(
                "{}: {} of {} {} answered otherwise; fuel {} → {} (median)",
                screen.tone(Tone::Strong, found.hook.name()),
                found.differ.len(),
                found.orders,
                compare::noun(found.hook),
                found.fuel.0,
                found.fuel.1
            ));
            for differ in found.differ.iter().take(SHOWN) {
                screen.line(format!("   {}: {}", differ.case, differ.what));
            }
        }
    }
    match differ {
        false => Ok(()),
        true if screen.is_json() => Err(Failure::Printed),
        true => Err(Failure::text("they answer otherwise")),
    }
}

/// Facts of both, where they are worth a line.
fn side_by_side(old: &Loaded, new: &Loaded) -> Vec<[String; 3]> {
    let row = |what: &str, of: &dyn Fn(&Loaded) -> String| [what.to_owned(), of(old), of(new)];
    vec![
        row("version", &|loaded| loaded.facts().sha256[..12].to_owned()),
        row("hooks", &|loaded| loaded.hooks().iter().map(|hook| hook.name()).collect::<Vec<_>>().join(" ")),
        row("size", &|loaded| format!("{} bytes", loaded.facts().size)),
        row("imports", &|loaded| format!("{} interfaces", loaded.facts().imports.len())),
        row("asks for", &|loaded| {
            let asks = look::capabilities(loaded.facts());
            if asks.is_empty() { "nothing".to_owned() } else { asks.join(", ") }
        }),
        row("least memory", &|loaded| format!("{} KiB", loaded.facts().least_memory / 1024)),
    ]
}

pub(super) async fn conflicts(home: &Home, sandbox: &Sandbox, against: &cli::Against, screen: &Screen) -> Result<(), Failure> {
    let found = shelf::load_all(sandbox, &home.said, |_| {}).await;
    let loaded: Vec<Arc<Loaded>> = found.into_iter().filter(|plugin| !plugin.disabled).filter_map(|plugin| plugin.loaded.ok()).collect();
    let cases = cases(home, against).await?;
    let mut conflicts = Vec::new();
    let mut pairs = 0;
    // Of rules that route there is at most one.
    for hook in Hook::ALL.into_iter().filter(|hook| *hook != Hook::RouteOrder) {
        let named = home.said.hooks.at(hook);
        let runs = |loaded: &&Arc<Loaded>| loaded.answers(hook) && (named.is_none() || home.said.hooks.names(hook, loaded.name()));
        let mut rules: Vec<Rule<'_>> =
            loaded.iter().filter(runs).map(|loaded| Rule { plugin: &**loaded, around: home.around(loaded.name()) }).collect();
        if let Some(names) = named {
            rules.sort_by_key(|rule| names.iter().position(|name| **name == **rule.plugin.name()));
        }
        for (place, one) in rules.iter().enumerate() {
            for other in &rules[place + 1..] {
                pairs += 1;
                conflicts.extend(compare::conflict(one, other, hook, &cases).await);
            }
        }
    }
    if screen.is_json() {
        screen.json(&json!({ "pairs": pairs, "orders": cases.len(), "conflicts": conflicts }))?;
    } else {
        for conflict in &conflicts {
            screen.line(format!(
                "{} {}: `{}` before `{}` or after it: it matters on {} of {} {}",
                screen.tone(Tone::Warn, "order matters"),
                conflict.hook,
                conflict.first,
                conflict.second,
                conflict.orders,
                conflict.asked,
                compare::noun(conflict.hook)
            ));
            screen.line(format!("   for example {}: {}", conflict.example.case, conflict.example.what));
        }
        screen.line(screen.tone(Tone::Faint, &format!("{pairs} pairs on {} cases, {} whose order matters", cases.len(), conflicts.len())));
    }
    match conflicts.is_empty() {
        true => Ok(()),
        false if screen.is_json() => Err(Failure::Printed),
        false => {
            let hook = conflicts.first().map_or(Hook::PreMap, |conflict| conflict.hook);
            Err(Failure::text(format!(
                "say which comes first: [hooks] {hook} = [\"first\", \"second\"]; the order that is written is the order they run in"
            )))
        }
    }
}
