//! `crossdock fit`: which of the last orders the ERP would cut, refuse or not know, by field, before going live. It sends
//! nothing, changes nothing, and never prints what customers wrote.

use super::{Failure, orders};
use crate::{
    cli,
    screen::{Screen, Tone},
    settings::{self, Checked, TablesSettings},
    shops::Shops,
    tables::{self, Kept, Tables},
    wire,
};
use crossdock_connectors::folder;
use crossdock_flow::{
    Order,
    clock::{Clock, SystemClock},
    fit::{Report, Row, Survey, Target, percent},
    mapping::{Limit, Mapping},
    record::{Filter, Store},
    route::{self, Candidates, Warehouse},
    schema::{CodePage, Kind, Schema},
    source::Content,
};
use crossdock_stores::sqlite::SqliteStore;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::Path,
    sync::Arc,
};

/// A field that the template takes to be wider than it is.
#[derive(Serialize)]
struct Narrower {
    field: String,
    template: Kind,
    erp: Kind,
}

/// What documents are held against: the ERP's fields by the names of the template.
#[derive(Default)]
struct Fields {
    columns: Vec<(String, Kind)>,
    page: Option<CodePage>,
    /// Fields that nothing is known of.
    unknown: BTreeSet<String>,
    /// Fields that the template cuts to what the ERP takes.
    cut: BTreeSet<String>,
    narrower: Vec<Narrower>,
}

/// What orders are mapped with.
struct Way {
    mapping: Mapping,
    zone: TimeZone,
    warehouses: Arc<[Warehouse]>,
}

/// Reports how the orders fit.
pub(crate) async fn fit(command: &cli::Fit, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let mut checked = settings::check(file).map_err(Failure::Mistakes)?;
    let shops = Shops::open(std::mem::take(&mut checked.shops))?;
    let own = match &command.shop {
        None if command.from.is_some() || shops.iter().all(|shop| shop.mapping.is_none()) => None,
        shop => shops.meant(shop.as_deref())?.mapping.clone(),
    };
    let template = own.as_ref().map_or_else(|| checked.template.clone(), |own| own.name.clone());
    let judged = own.unwrap_or_else(|| checked.mapping.clone());
    let limits = judged.limits();
    let (mapping, zone) = (judged.endless(), checked.zone.clone());
    let way = Way { mapping, zone, warehouses: std::mem::take(&mut checked.warehouses).into() };
    let (settings, store) = (checked.tables.clone(), checked.store.clone());
    let Checked { target, tables, .. } = checked;
    let (target, _turns) = wire::target(target, Arc::new(SystemClock))?;
    let erp = Tables { target: Arc::new(target), settings: tables };
    let (against, there) = there(command, &erp).await?;
    let (header, lines) = (fields(&limits, false, &there, &settings)?, fields(&limits, true, &there, &settings)?);
    let against = if there.is_empty() { format!("the widths of `{template}`, for no tables are kept: `crossdock schema read`") } else { against };
    let known = if command.articles { articles(&erp, &limits).await? } else { BTreeMap::new() };
    let (header_table, line_table) = (header.table(), lines.table());
    let cut: BTreeSet<String> = header.cut.union(&lines.cut).cloned().collect();
    let none = BTreeMap::new();
    let mut survey = Survey::new(Target { header: &header_table, lines: &line_table, columns: &none, cut: &cut, known: &known });
    let mut look = |number: &str, order: Option<Order>, unreadable: &mut Vec<String>| match order {
        None => unreadable.push(number.to_owned()),
        Some(order) => {
            let candidates = Candidates { warehouses: way.warehouses.clone(), stock: Vec::new() };
            for mut probed in way.mapping.probe(&order, &route::whole(&order, &candidates), &way.zone) {
                probed.document.fields.retain(|field| !header.unknown.contains(&*field.name));
                probed.document.lines.iter_mut().for_each(|line| line.retain(|field| !lines.unknown.contains(&*field.name)));
                survey.look(order.number.as_str(), &probed.document, &probed.faults);
            }
        }
    };
    let mut unreadable = Vec::new();
    match &command.from {
        Some(folder) => {
            let files = folder::orders(folder)?.collect::<Result<Vec<_>, _>>()?;
            let bar = screen.progress(files.len() as u64, "mapping");
            for (name, body) in files {
                let order = match crossdock_connectors::read(&body) {
                    Ok(Content::Order(order)) => Some(*order),
                    _ => None,
                };
                look(&name, order, &mut unreadable);
                bar.inc(1);
            }
            bar.finish_and_clear();
        }
        None => {
            let store = SqliteStore::open(&store)?;
            let numbers = last(&store, command.orders, command.shop.as_deref()).await?;
            let bar = screen.progress(numbers.len() as u64, "mapping");
            for number in numbers {
                look(&number, read(&store, &shops, &number).await?, &mut unreadable);
                bar.inc(1);
            }
            bar.finish_and_clear();
        }
    }
    let narrower: Vec<Narrower> = header.narrower.into_iter().chain(lines.narrower).collect();
    print(&against, &survey.report(), &narrower, &unreadable, screen)
}

/// The tables that are meant, and how they are called.
async fn there(command: &cli::Fit, erp: &Tables) -> Result<(String, Vec<Schema>), Failure> {
    Ok(match command.schema.to_str() {
        Some("kept") => match erp.kept()? {
            Some(kept) => (format!("the tables that were read at {}", kept.read_at), Kept::schemas(&kept)),
            None => (String::new(), Vec::new()),
        },
        Some("live") => ("the tables as they are now".into(), erp.read(erp.all(), SystemClock.now()).await?.schemas()),
        _ => (format!("the tables of {}", command.schema.display()), tables::of_file(&command.schema, erp.settings.code_page)?),
    })
}

/// The articles that the ERP has, for the fields that take their codes.
async fn articles(erp: &Tables, limits: &[Limit]) -> Result<BTreeMap<String, BTreeSet<String>>, Failure> {
    let stock = erp.target.stock().await.map_err(|busy| busy.fault)?;
    let codes: BTreeSet<String> = stock.units.values().flat_map(|units| units.keys().cloned()).collect();
    Ok(limits.iter().filter(|limit| limit.is_article).map(|limit| (limit.target.clone(), codes.clone())).collect())
}

/// The numbers of the newest orders, newest first. An order may have many records, so more of them are asked for until
/// there are enough.
async fn last(store: &SqliteStore, most: usize, shop: Option<&str>) -> Result<Vec<String>, Failure> {
    let mut asked = most;
    loop {
        let listed = store.list(Filter { most: asked, connection: shop.map(str::to_owned), ..Filter::default() }).await?;
        let mut seen = HashSet::new();
        let numbers: Vec<String> =
            listed.iter().map(|summary| &summary.order).filter(|order| seen.insert(order.as_str())).take(most).cloned().collect();
        if numbers.len() == most || listed.len() < asked {
            return Ok(numbers);
        }
        asked = asked.saturating_mul(2);
    }
}

async fn read(store: &SqliteStore, shops: &Shops, number: &str) -> Result<Option<Order>, Failure> {
    let stories = store.story(number).await?;
    let shop = stories.last().and_then(|story| shops.of(&story.summary.connection).ok());
    Ok(shop.and_then(|shop| orders::newest(&*shop.source, &stories)))
}

/// The fields of a group, as narrow as the narrower of template and ERP. Without tables, what the template says.
fn fields(limits: &[Limit], in_lines: bool, there: &[Schema], settings: &TablesSettings) -> Result<Fields, Failure> {
    let names = if in_lines { &settings.lines } else { &settings.header };
    let tables: Vec<&Schema> = there.iter().filter(|table| names.iter().any(|name| name.eq_ignore_ascii_case(&table.table))).collect();
    if tables.is_empty() && !there.is_empty() {
        let known: Vec<&str> = there.iter().map(|table| table.table.as_str()).collect();
        let key = if in_lines { "lines" } else { "header" };
        return Err(Failure::text(format!(
            "none of the tables {} is there, only {}\n       say which hold a document's fields: `{key} = [\"…\"]` in [schema]",
            names.join(", "),
            known.join(", ")
        )));
    }
    let mut fields = Fields { page: tables.first().map(|table| table.code_page), ..Fields::default() };
    for limit in limits.iter().filter(|limit| limit.in_lines == in_lines) {
        let column = settings.columns.get(&limit.target).unwrap_or(&limit.target);
        let erp = tables.iter().find_map(|table| table.column(column)).map(|column| column.kind());
        let (kind, cuts) = match (limit.kind, erp) {
            (Some(kind @ Kind::Text { width }), Some(erp @ Kind::Text { width: has })) if has < width => {
                // What the template cuts is still too wide for the ERP, which refuses it.
                fields.narrower.push(Narrower { field: limit.name(), template: kind, erp });
                (Some(erp), false)
            }
            (Some(kind @ Kind::Text { .. }), Some(Kind::Text { .. } | Kind::Memo)) => (Some(kind), limit.cuts),
            (_, Some(erp)) => (Some(erp), false),
            (kind, None) if tables.is_empty() => (kind, limit.cuts),
            // The ERP has no such column, which the survey tells.
            (_, None) => continue,
        };
        match kind {
            Some(kind) => fields.columns.push((limit.target.clone(), kind)),
            None => drop(fields.unknown.insert(limit.target.clone())),
        }
        if cuts {
            fields.cut.insert(limit.target.clone());
        }
    }
    Ok(fields)
}

impl Fields {
    fn table(&self) -> Schema {
        let page = self.page.unwrap_or(CodePage::Unicode);
        Schema::read("fields", page, self.columns.iter().map(|(name, kind)| (name.as_str(), *kind)))
    }
}

fn print(against: &str, report: &Report, narrower: &[Narrower], unreadable: &[String], screen: &Screen) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.json(&json!({ "against": against, "report": report, "narrower": narrower, "unreadable": unreadable }));
    }
    screen.line(format!("{} orders against {against}", report.orders));
    let (refused, cut) = (percent(report.refused, report.orders), percent(report.cut, report.orders));
    let tone = if report.refused > 0 { Tone::Bad } else { Tone::Good };
    screen.line(format!(
        "{}, {} would be cut ({cut} %)",
        screen.tone(tone, &format!("{} would be refused ({refused} %)", report.refused)),
        report.cut
    ));
    if !report.rows.is_empty() {
        let rows: Vec<Vec<String>> = report.rows.iter().map(|row| cells(row, report.orders)).collect();
        screen.table(&["FIELD", "HOLDS", "WHAT", "ORDERS", "%", "FOR EXAMPLE"], &rows);
    }
    for Narrower { field, template, erp } in narrower {
        screen.line(format!("{} {field}: the template says {template}, the ERP {erp}", screen.tone(Tone::Warn, "narrower")));
    }
    if !unreadable.is_empty() {
        let some = unreadable.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
        screen.line(format!("{} orders cannot be read (erased, only named, or malformed): {some}", unreadable.len()));
    }
    Ok(())
}

fn cells(row: &Row, orders: usize) -> Vec<String> {
    let example = |one: &crossdock_flow::fit::Example| match one.length {
        0 => one.order.clone(),
        length => format!("{} ({length} characters)", one.order),
    };
    let mut examples: Vec<String> = row.some.iter().take(3).map(example).collect();
    examples.extend(row.some_codes.iter().take(5).cloned());
    let holds = row.column.map(|kind| kind.to_string()).unwrap_or_default();
    vec![row.field.clone(), holds, row.finding.to_string(), row.orders.to_string(), percent(row.orders, orders).to_string(), examples.join(", ")]
}
