//! Templates as people write them, and the check that makes a [`Mapping`] of one, reporting all mistakes at once.
//!
//! ```toml
//! name = "clarity-sagepro"
//! key = "PurchaseOrderNo"          # which header field carries the natural key,
//! customer = "CustomerNo"          # the customer
//! total = "TotalAmount"            # and the document's worth
//!
//! [header]
//! CustomerNo = { from = "customer.id", width = 6 }
//! OrderDate = { from = "ordered-at", functions = ["date"] }
//! PaymentTerms = { from = "payment.method", table = "terms", width = 20 }
//! Currency = "currency"            # short for { from = "currency" }
//! Source = { constant = "web" }
//!
//! [lines]
//! ItemCode = { from = "line.sku", width = 15 }
//!
//! [tables.terms]
//! card = "PREPAID"
//! "*" = "NET30"                    # everything else
//! ```

use super::{Function, Mapping, Overflow, Row, Source, Table};
use crate::{
    order::Value,
    written::{self, Entry, Mistake, Page},
};
use std::sync::Arc;

/// The templates that come with the host, by name.
pub const SHIPPED: &[(&str, &str)] = &[
    ("clarity-sagepro", include_str!("../../mappings/clarity-sagepro.toml")),
    ("clarity-sagepro-native", include_str!("../../mappings/clarity-sagepro-native.toml")),
];

/// Reads and checks a template. `file` is how mistakes name it.
pub fn read(file: &str, text: &str) -> Result<Mapping, Vec<Mistake>> {
    Page::read(file, text, |root| {
        let name = root.required("name", "give the template a name").and_then(|entry| entry.text());
        let tables = root.table("tables").map(|tables| read_tables(&tables)).unwrap_or_default();
        let header = root.required("header", "add [header] with the document's fields").and_then(|entry| entry.table());
        let header = header.map(|table| read_rows(&table, &tables, false)).unwrap_or_default();
        let lines = root.required("lines", "add [lines] with the fields of a line").and_then(|entry| entry.table());
        let lines = lines.map(|table| read_rows(&table, &tables, true)).unwrap_or_default();
        let role = |role: &str| {
            let entry = root.required(role, "name the header field that carries it")?;
            let field = entry.text()?;
            match header.iter().find(|row| *row.target == *field) {
                Some(row) => Some(row.target.clone()),
                None => {
                    entry.wrong(format!("`{field}` is no field of [header]"), "name a field of [header]");
                    None
                }
            }
        };
        let (key, customer, total) = (role("key"), role("customer"), role("total"));
        let locked: Arc<[Arc<str>]> =
            header.iter().chain(&lines).filter(|row| row.from.iter().any(Source::locks)).map(|row| row.target.clone()).collect();
        Some(Mapping { name: name?, key: key?, customer: customer?, total: total?, header, lines, locked })
    })
}

fn read_tables(tables: &written::Table<'_>) -> Vec<Arc<Table>> {
    let read = |name: String| {
        let table = tables.table(&name)?;
        let rows: Vec<(String, String)> = table.names().into_iter().filter_map(|from| Some((from.clone(), table.entry(&from)?.scalar()?))).collect();
        let otherwise = rows.iter().find(|(from, _)| from == "*").map(|(_, to)| to.clone());
        Some(Arc::new(Table { name, rows, otherwise }))
    };
    tables.names().into_iter().filter_map(read).collect()
}

fn read_rows(table: &written::Table<'_>, tables: &[Arc<Table>], in_line: bool) -> Vec<Row> {
    table.names().into_iter().filter_map(|target| read_row(&target, table.entry(&target)?, tables, in_line)).collect()
}

fn read_row(target: &str, entry: Entry<'_>, tables: &[Arc<Table>], in_line: bool) -> Option<Row> {
    let row = read_sources(target, entry, tables, in_line)?;
    let source = row.from.first().and_then(Source::path);
    Some(Row { source, ..row })
}

fn read_sources(target: &str, entry: Entry<'_>, tables: &[Arc<Table>], in_line: bool) -> Option<Row> {
    let mut row = Row {
        target: target.into(),
        from: Vec::new(),
        source: None,
        functions: Vec::new(),
        table: None,
        default: None,
        width: None,
        overflow: Overflow::Reject,
    };
    if entry.is_text() {
        row.from.push(source(&entry, in_line)?);
        return Some(row);
    }
    let written = entry.table()?;
    let (from, constant) = (written.entry("from"), written.entry("constant"));
    match (&from, &constant) {
        (Some(from), None) if from.is_text() => row.from.extend(source(from, in_line)),
        (Some(from), None) => row.from.extend(from.items().iter().filter_map(|item| source(item, in_line))),
        (None, Some(constant)) => row.from.push(Source::Constant(value(constant)?)),
        _ => written.wrong("a row needs either `from` or `constant`", "for example { from = \"customer.id\" } or { constant = \"web\" }"),
    }
    for item in written.entry("functions").map(|entry| entry.items()).unwrap_or_default() {
        let name = item.text();
        match name.as_deref() {
            Some("trim") => row.functions.push(Function::Trim),
            Some("upper") => row.functions.push(Function::Upper),
            Some("lower") => row.functions.push(Function::Lower),
            Some("date") => row.functions.push(Function::Date),
            Some("digits") => row.functions.push(Function::Digits),
            Some(other) => item.wrong(format!("there is no function `{other}`"), "known: trim, upper, lower, date, digits"),
            None => {}
        }
    }
    if let Some(entry) = written.entry("table") {
        let name = entry.text()?;
        row.table = tables.iter().find(|table| table.name == name).cloned();
        if row.table.is_none() {
            entry.wrong(format!("there is no table `{name}`"), format!("add [tables.{name}]"));
        }
    }
    row.default = written.entry("default").and_then(|entry| value(&entry));
    row.width = written.entry("width").and_then(|entry| entry.whole(1, 4000)).and_then(|width| usize::try_from(width).ok());
    if let Some(entry) = written.entry("overflow") {
        match entry.text().as_deref() {
            Some("reject") => {}
            Some("cut") => row.overflow = Overflow::Cut,
            _ => entry.wrong("is no overflow policy", "write \"reject\" or \"cut\""),
        }
    }
    if row.overflow == Overflow::Cut && row.width.is_none() {
        written.wrong("`overflow` needs a `width`", "add width = N");
    }
    if row.overflow == Overflow::Cut && row.from.iter().any(Source::locks) {
        written.wrong("money, quantities and identity are never cut", "use overflow = \"reject\"");
    }
    written.unknown();
    Some(row)
}

fn source(entry: &Entry<'_>, in_line: bool) -> Option<Source> {
    let path = entry.text()?;
    Source::parse(&path, in_line).map_err(|cure| entry.wrong(format!("`{path}` is no path of the order"), cure)).ok()
}

/// A constant or default: text stays text, a number is exact, an empty text stands for nothing.
fn value(entry: &Entry<'_>) -> Option<Value> {
    if entry.is_text() {
        return entry.text().map(|text| if text.is_empty() { Value::Empty } else { Value::Text(text) });
    }
    let text = entry.scalar()?;
    Some(match text.as_str() {
        "true" => Value::Flag(true),
        "false" => Value::Flag(false),
        number => number.parse().map_or_else(|_| Value::Text(text.clone()), Value::Number),
    })
}
