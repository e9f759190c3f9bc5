//! A template as it is written, before it is checked against a schema: what each row says, and where. Templates that
//! extend others are laid over them here.

use super::{
    row::{Function, Shape},
    table::Table,
};
use crate::{
    order::Value,
    written::{self, Entry, Mistake, Place},
};
use std::sync::Arc;

/// A template, or several laid over each other.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) name: String,
    /// Where its header is written.
    pub(super) place: Option<Place>,
    /// `key`, `customer` and `total`: name, the field, where it is written.
    pub(super) roles: Vec<(&'static str, String, Place)>,
    pub(super) header: Vec<DraftRow>,
    /// Per list of the schema.
    pub(super) lists: Vec<Vec<DraftRow>>,
    pub(super) tables: Vec<Arc<Table>>,
}

/// One row as it is written. What is left out may stand in the row that it is laid over.
#[derive(Clone)]
pub(super) struct DraftRow {
    pub(super) target: String,
    pub(super) places: Vec<Place>,
    pub(super) source: Option<DraftSource>,
    pub(super) functions: Option<Vec<Function>>,
    pub(super) table: Option<(String, Place)>,
    pub(super) default: Option<Value>,
    required: bool,
    pub(super) shape: Option<(Shape, Place)>,
    pub(super) width: Option<usize>,
    pub(super) policy: Option<(Policy, Place)>,
    remove: bool,
    /// It could not be read; its mistakes are told.
    pub(super) broken: bool,
}

#[derive(Clone)]
pub(super) enum DraftSource {
    Paths(Vec<(String, Place)>),
    Expression(String, Place),
    Constant(Value),
}

/// What happens to texts that are too wide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) ascii: bool,
    pub(super) cut: bool,
    pub(super) spill: Option<String>,
}

impl Draft {
    /// Reads the rows of one group.
    pub(super) fn rows(table: &written::Table<'_>) -> Vec<DraftRow> {
        let read = |target: String| {
            let entry = table.entry(&target)?;
            let broken = DraftRow { broken: true, ..DraftRow::new(&target, &entry) };
            Some(DraftRow::read(&target, &entry).unwrap_or(broken))
        };
        table.names().into_iter().filter_map(read).collect()
    }

    /// This template laid over another: row by row, table by table. Rows keep their place; new ones follow.
    pub(super) fn over(mut self, base: Draft, late: &mut Vec<Mistake>) -> Draft {
        for role in base.roles {
            if !self.roles.iter().any(|(name, ..)| *name == role.0) {
                self.roles.push(role);
            }
        }
        for table in base.tables {
            match self.tables.iter_mut().find(|own| own.name == table.name) {
                Some(own) => *own = Arc::new(table.under(own)),
                None => self.tables.push(table),
            }
        }
        let header = lay(self.header, base.header, late);
        let lists = self.lists.into_iter().zip(base.lists).map(|(own, base)| lay(own, base, late)).collect();
        Draft { header, lists, ..self }
    }

    /// Drops what is only there to remove; a row that removes nothing is a mistake.
    pub(super) fn settle(&mut self, late: &mut Vec<Mistake>) {
        for rows in std::iter::once(&mut self.header).chain(&mut self.lists) {
            for row in rows.iter().filter(|row| row.remove) {
                late.push(
                    row.places[0].wrong(
                        format!("there is no row `{}` to remove", row.target),
                        "drop the line, or name a row of the template that is extended",
                    ),
                );
            }
            rows.retain(|row| !row.remove);
        }
    }
}

fn lay(own: Vec<DraftRow>, base: Vec<DraftRow>, late: &mut Vec<Mistake>) -> Vec<DraftRow> {
    let mut rows: Vec<Option<DraftRow>> = base.into_iter().map(Some).collect();
    for row in own {
        let under = rows.iter_mut().find(|slot| slot.as_ref().is_some_and(|base| base.target == row.target));
        match under {
            Some(slot) if row.remove => *slot = None,
            Some(slot) => *slot = slot.take().map(|base| row.over(base)),
            None if row.remove => {
                let names: Vec<String> = rows.iter().flatten().map(|row| row.target.clone()).collect();
                let cure = written::nearest(&row.target, &names).map_or_else(|| "drop the line".to_owned(), |near| format!("did you mean `{near}`?"));
                late.push(row.places[0].wrong(format!("there is no row `{}` to remove", row.target), cure));
            }
            None => rows.push(Some(row)),
        }
    }
    rows.into_iter().flatten().collect()
}

impl DraftRow {
    fn new(target: &str, entry: &Entry<'_>) -> DraftRow {
        DraftRow {
            target: target.to_owned(),
            places: vec![entry.place()],
            source: None,
            functions: None,
            table: None,
            default: None,
            required: false,
            shape: None,
            width: None,
            policy: None,
            remove: false,
            broken: false,
        }
    }

    /// This row laid over another. What says something of the ERP's field stays (type, width, overflow, default); what says
    /// where the value comes from (functions, table) stays only with the source that it was written for.
    fn over(self, base: DraftRow) -> DraftRow {
        let same = self.source.is_none();
        let default = self.default.or(if self.required { None } else { base.default });
        DraftRow {
            target: self.target,
            places: self.places.into_iter().chain(base.places).collect(),
            source: self.source.or(base.source),
            functions: self.functions.or(if same { base.functions } else { None }),
            table: self.table.or(if same { base.table } else { None }),
            default,
            required: self.required,
            shape: self.shape.or(base.shape),
            width: self.width.or(base.width),
            policy: self.policy.or(base.policy),
            remove: false,
            broken: self.broken || base.broken,
        }
    }

    fn read(target: &str, entry: &Entry<'_>) -> Option<DraftRow> {
        let mut row = DraftRow::new(target, entry);
        if entry.is_text() {
            row.source = Some(DraftSource::Paths(vec![(entry.text()?, entry.place())]));
            return Some(row);
        }
        let written = entry.table()?;
        row.remove = written.entry("remove").and_then(|entry| entry.flag()).unwrap_or(false);
        row.source = source(&written);
        row.functions = written.entry("functions").map(|entry| functions(&entry));
        row.table = written.entry("table").and_then(|entry| Some((entry.text()?, entry.place())));
        row.default = written.entry("default").and_then(|entry| value(&entry));
        row.required = written.entry("required").and_then(|entry| entry.flag()).unwrap_or(false);
        row.shape = shape(&written);
        row.width = written.entry("width").and_then(|entry| entry.whole(1, 4000)).and_then(|width| usize::try_from(width).ok());
        row.policy = written.entry("overflow").map(|entry| (policy(&entry), entry.place()));
        written.unknown();
        Some(row)
    }
}

fn source(written: &written::Table<'_>) -> Option<DraftSource> {
    let (from, expr, constant) = (written.entry("from"), written.entry("expr"), written.entry("constant"));
    if [from.is_some(), expr.is_some(), constant.is_some()].iter().filter(|there| **there).count() > 1 {
        written.wrong("a row has one source", "keep one of `from`, `expr` and `constant`");
    }
    match (from, expr, constant) {
        (Some(from), ..) if from.is_list() => {
            Some(DraftSource::Paths(from.items().iter().filter_map(|item| Some((item.text()?, item.place()))).collect()))
        }
        // Broken paths stand for a source, too, so that nobody is told to add one.
        (Some(from), ..) => Some(DraftSource::Paths(from.text().map(|path| (path, from.place())).into_iter().collect())),
        (_, Some(expr), _) => Some(expr.text().map_or(DraftSource::Constant(Value::Empty), |text| DraftSource::Expression(text, expr.place()))),
        (.., Some(constant)) => Some(DraftSource::Constant(value(&constant).unwrap_or(Value::Empty))),
        _ => None,
    }
}

fn functions(entry: &Entry<'_>) -> Vec<Function> {
    let read = |item: Entry<'_>| {
        let name = item.text()?;
        let known = Function::ALL.iter().find(|(known, _)| *known == name);
        if known.is_none() {
            item.wrong(format!("there is no function `{name}`"), "known: trim, upper, lower, date, digits; `expr` knows many more");
        }
        known.map(|(_, function)| *function)
    };
    entry.items().into_iter().filter_map(read).collect()
}

fn shape(written: &written::Table<'_>) -> Option<(Shape, Place)> {
    let (scale, digits) = (written.entry("scale"), written.entry("digits"));
    let least =
        |entry: &Option<Entry<'_>>, least| entry.as_ref().and_then(|entry| entry.whole(least, 28)).and_then(|number| u32::try_from(number).ok());
    let (most, before) = (least(&scale, 0), least(&digits, 1));
    let entry = written.entry("type");
    let name = entry.as_ref().and_then(|entry| entry.text());
    let shape = match name.as_deref() {
        Some("number") => Shape::Number { scale: most, digits: before },
        Some("text") => Shape::Text,
        Some("date") => Shape::Date,
        Some("flag") => Shape::Flag,
        Some(other) => {
            entry.as_ref()?.wrong(format!("there is no type `{other}`"), "write text, number, date or flag");
            return None;
        }
        None => {
            if let Some(entry) = scale.or(digits) {
                entry.wrong("is for numbers", "add type = \"number\"");
            }
            return None;
        }
    };
    if !matches!(shape, Shape::Number { .. })
        && let Some(entry) = scale.or(digits)
    {
        entry.wrong("is for numbers", "drop it, or write type = \"number\"");
    }
    Some((shape, entry?.place()))
}

fn policy(entry: &Entry<'_>) -> Policy {
    let mut policy = Policy::default();
    let items = if entry.is_list() { entry.items() } else { Vec::new() };
    for item in if entry.is_list() { items.iter().collect() } else { vec![entry] } {
        let cure = "write \"reject\", \"cut\", \"transliterate\" or { spill = \"FIELD\" }, or a list such as [\"transliterate\", \"cut\"]";
        if !item.is_text() {
            policy.spill = item.table().and_then(|table| {
                let spill = table.required("spill", "name the field that takes what does not fit").and_then(|entry| entry.text());
                table.unknown();
                spill
            });
            continue;
        }
        match item.text().as_deref() {
            Some("reject") => {}
            Some("cut") => policy.cut = true,
            Some("transliterate") => policy.ascii = true,
            _ => item.wrong("is no overflow policy", cure),
        }
    }
    policy
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
