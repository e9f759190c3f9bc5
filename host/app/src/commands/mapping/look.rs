//! `crossdock mapping preview` and `explain`: what every row does with an order, and where a field comes from.

use super::{Failure, Opened};
use crate::{
    commands::{orders, plugin::read_case},
    screen::{Screen, Tone},
    settings::Checked,
    shops::{self, Shops},
};
use crossdock_flow::{
    Decimal, Order,
    fault::shorten,
    mapping::{Fact, Mapping, Step},
    route::{self, Candidates},
    written::nearest,
};
use crossdock_stores::sqlite::SqliteStore;
use crossdock_workshop::Case;
use jiff::tz::TimeZone;
use serde_json::json;
use std::path::Path;

pub(super) fn preview_file(opened: &Opened, input: &Path, settings: Option<Checked>, screen: &Screen) -> Result<(), Failure> {
    let case = read_case(input)?;
    if settings.is_none() && !screen.is_json() {
        screen.line(screen.tone(Tone::Faint, "no settings that can be read: dates are dates in UTC"));
    }
    let zone = settings.map_or(TimeZone::UTC, |settings| settings.zone);
    preview(opened, &case, &zone, screen)
}

/// An order of the store as the shop sent it, and the template of its shop, where that has one of its own.
pub(super) async fn order(said: &str, shop: Option<&str>, settings: Checked) -> Result<(Order, Option<Mapping>), Failure> {
    let store = SqliteStore::open(&settings.store)?;
    let shops = Shops::open(settings.shops)?;
    let names: Vec<_> = shops.iter().map(|shop| shop.names.clone()).collect();
    let stories = orders::stories(&store, &shops::order(&store, &names, said, shop).await?).await?;
    let connection = stories.last().map(|story| story.summary.connection.as_str()).unwrap_or_default();
    let shop = shops.of(connection)?;
    match orders::newest(&*shop.source, &stories) {
        Some(order) => Ok((order, shop.mapping.clone())),
        None => Err(Failure::text(format!("no event of order `{said}` holds an order that can be read: it was erased, or only its id came"))),
    }
}

pub(super) fn preview_order(opened: &Opened, said: &str, found: Order, settings: Checked, screen: &Screen) -> Result<(), Failure> {
    let stock = vec![Decimal::ZERO; found.lines.len() * settings.warehouses.len()];
    let candidates = Candidates { warehouses: settings.warehouses.into(), stock };
    let case = Case { candidates: candidates.into(), ..Case::of(said, found) };
    preview(opened, &case, &settings.zone, screen)
}

fn preview(opened: &Opened, case: &Case, zone: &TimeZone, screen: &Screen) -> Result<(), Failure> {
    let mapping = opened.of_orders()?;
    let steps = mapping.trace(&case.order, &route::whole(&case.order, &case.candidates), zone);
    if screen.is_json() {
        screen.json(&json!({ "template": mapping.name, "order": case.order.number, "rows": steps }))?;
    } else {
        screen.line(format!("order {} by `{}`, as the shop sent it, from {}", case.order.number, mapping.name, warehouse(case)));
        table(&steps, screen);
    }
    judge(&steps, "the order would be parked", screen)
}

/// Source, what was there, field and result of every row.
pub(super) fn table(steps: &[Step], screen: &Screen) {
    screen.table(&["SOURCE", "WAS THERE", "FIELD", "RESULT"], &steps.iter().map(row).collect::<Vec<_>>());
}

/// Fails where a row cannot be filled.
pub(super) fn judge(steps: &[Step], end: &str, screen: &Screen) -> Result<(), Failure> {
    match steps.iter().filter(|step| step.result.is_err()).count() {
        0 => Ok(()),
        _ if screen.is_json() => Err(Failure::Printed),
        faults => Err(Failure::text(format!("{faults} of {} rows cannot be filled: {end}", steps.len()))),
    }
}

fn warehouse(case: &Case) -> &str {
    case.candidates.warehouses.first().map_or("nowhere", |warehouse| &warehouse.id)
}

fn row(step: &Step) -> Vec<String> {
    let line = step.line.map(|line| format!("{}[{line}].", step.group)).unwrap_or_default();
    let result = match &step.result {
        Ok(value) if step.by_default => format!("{value} (default)"),
        Ok(value) => format!("{value}{}", step.spilled.as_ref().map(|rest| format!(" (spilled: {rest})")).unwrap_or_default()),
        Err(fault) => format!("{}: {}", fault.code, fault.message),
    };
    let short = |text: &str| if text.chars().count() > 48 { format!("{}…", text.chars().take(47).collect::<String>()) } else { text.to_owned() };
    vec![short(&step.source), short(&step.read), format!("{line}{}", step.target), shorten(&result)]
}

pub(super) fn explain(opened: &Opened, field: &str, screen: &Screen) -> Result<(), Failure> {
    let facts = opened.template.facts();
    let found = named(&facts, field);
    if found.is_empty() {
        let names: Vec<String> = facts.iter().map(|fact| fact.target.clone()).collect();
        let near = nearest(field, &names).map_or_else(|| format!("its fields: {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
        return Err(Failure::text(format!("`{}` has no field `{field}`\n       {near}", opened.template.name())));
    }
    if screen.is_json() {
        return screen.json(&json!({ "template": opened.template.name(), "rows": found }));
    }
    let is_of_orders = opened.of_orders().is_ok();
    found.iter().for_each(|fact| print(fact, is_of_orders.then_some("rules"), screen));
    Ok(())
}

/// The rows of a field. `lines[2].ItemCode` and `LineItems.ItemCode` mean the row of lines, `prices.amount` that of prices, a bare
/// name all of that name.
fn named<'f>(facts: &'f [Fact], field: &str) -> Vec<&'f Fact> {
    let whole: Vec<&Fact> = facts.iter().filter(|fact| fact.target == field).collect();
    if !whole.is_empty() {
        return whole;
    }
    let in_line = |name: &str| facts.iter().filter(|fact| fact.group != "header" && fact.target == name).collect::<Vec<_>>();
    field.match_indices('.').map(|(dot, _)| in_line(&field[dot + 1..])).find(|found| !found.is_empty()).unwrap_or_default()
}

/// `rules` is what is told of rules, where any could change it.
fn print(fact: &Fact, rules: Option<&'static str>, screen: &Screen) {
    screen.line(format!("{} in [{}]", screen.tone(Tone::Strong, &fact.target), fact.group));
    let mut told = vec![("from", fact.source.clone())];
    if !fact.functions.is_empty() {
        told.push(("functions", fact.functions.join(", then ")));
    }
    told.extend(fact.table.clone().map(|table| ("table", table)));
    told.push(("default", fact.default.clone().unwrap_or_else(|| "none: nothing there is E301".into())));
    told.extend(fact.shape.clone().map(|shape| ("type", shape)));
    told.extend(fact.width.map(|width| ("width", format!("{width} characters, wider: {}", fact.overflow.as_deref().unwrap_or("reject")))));
    let may = if fact.locked { "may not change it: money, quantity or identity" } else { "may change it at post-map" };
    told.extend(rules.map(|rules| (rules, may.into())));
    told.push(("written", fact.places.first().cloned().unwrap_or_default()));
    told.extend(fact.places.iter().skip(1).map(|place| ("overrides", place.clone())));
    told.iter().for_each(|(what, says)| screen.line(format!("   {what:10} {says}")));
}
