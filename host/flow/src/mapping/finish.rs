//! Checks a whole template, with everything that it extends, against its schema, and makes the rows of it.

use super::{
    datum::Kind,
    draft::{Draft, DraftRow, DraftSource},
    expression::Expression,
    row::{Overflow, Row, Shape, Source},
    schema::Schema,
    sheet::Sheet,
};
use crate::{
    order::Value,
    written::{Mistake, Place, nearest},
};
use std::sync::Arc;

/// Makes a sheet; every mistake goes to `late`.
pub(super) fn finish(draft: &Draft, schema: &'static Schema, late: &mut Vec<Mistake>) -> Sheet {
    let header = rows(&draft.header, draft, schema, false, late);
    let lines = rows(&draft.lines, draft, schema, true, late);
    Sheet { schema, header, lines, tables: draft.tables.clone() }
}

fn rows(rows: &[DraftRow], draft: &Draft, schema: &'static Schema, in_line: bool, late: &mut Vec<Mistake>) -> Vec<Row> {
    let made: Vec<Row> = rows.iter().filter(|row| !row.broken).filter_map(|written| row(written, rows, draft, schema, in_line, late)).collect();
    // Where a spill goes is a place among the rows, which is known only when all of them are there.
    let places: Vec<Option<usize>> = made.iter().map(|row| spills_to(row, rows, &made, late)).collect();
    made.into_iter().zip(places).map(|(row, place)| Row { overflow: place.map_or(row.overflow, Overflow::Spill), ..row }).collect()
}

fn spills_to(row: &Row, rows: &[DraftRow], made: &[Row], late: &mut Vec<Mistake>) -> Option<usize> {
    let written = rows.iter().find(|written| *written.target == *row.target)?;
    let (policy, at) = written.policy.as_ref()?;
    let spill = policy.spill.as_deref()?;
    let place = made.iter().position(|other| *other.target == *spill)?;
    if made[place].locks {
        late.push(at.wrong(format!("`{spill}` carries money, a quantity or identity"), "spill to a field of plain text"));
    }
    Some(place)
}

fn row(written: &DraftRow, rows: &[DraftRow], draft: &Draft, schema: &'static Schema, in_line: bool, late: &mut Vec<Mistake>) -> Option<Row> {
    let place = written.places.first()?;
    let before = late.len();
    let from = match &written.source {
        None => {
            late.push(
                place.wrong("a row needs a source: `from`, `expr` or `constant`", "for example { from = \"customer.id\" } or { constant = \"web\" }"),
            );
            return None;
        }
        Some(DraftSource::Constant(value)) => vec![Source::Constant(value.clone())],
        Some(DraftSource::Paths(paths)) => paths.iter().filter_map(|(name, at)| path(name, at, schema, in_line, late)).collect(),
        Some(DraftSource::Expression(text, at)) => match Expression::read(text, schema, &draft.tables, in_line) {
            Ok(expression) => vec![Source::Expression(Arc::new(expression))],
            Err(flaws) => {
                late.extend(flaws.into_iter().map(|flaw| at.wrong_at(flaw.offset, flaw.message, flaw.cure)));
                Vec::new()
            }
        },
    };
    let table = written.table.as_ref().and_then(|(name, at)| {
        let found = draft.tables.iter().position(|table| table.name == *name);
        if found.is_none() {
            let known: Vec<String> = draft.tables.iter().map(|table| table.name.clone()).collect();
            let cure = nearest(name, &known).map_or_else(|| format!("add [tables.{name}]"), |near| format!("did you mean `{near}`?"));
            late.push(at.wrong(format!("there is no table `{name}`"), cure));
        }
        found
    });
    let policy = written.policy.as_ref().map(|(policy, _)| policy.clone()).unwrap_or_default();
    let row = Row {
        target: written.target.as_str().into(),
        locks: from.iter().any(|source| source.locks(schema)),
        from,
        functions: written.functions.clone().unwrap_or_default(),
        table,
        default: written.default.clone(),
        shape: written.shape.as_ref().map(|(shape, _)| *shape),
        width: written.width,
        ascii: policy.ascii,
        overflow: if policy.cut { Overflow::Cut } else { Overflow::Reject },
        places: written.places.clone().into(),
    };
    overflow(&row, written, rows, late);
    if late.len() == before {
        types(&row, written, schema, late);
    }
    Some(row)
}

fn path(name: &str, at: &Place, schema: &'static Schema, in_line: bool, late: &mut Vec<Mistake>) -> Option<Source> {
    if let Some(name) = name.strip_prefix("line.fields.").filter(|name| in_line && !name.is_empty()) {
        return Some(Source::LineField(name.into()));
    }
    if let Some(name) = name.strip_prefix("fields.").filter(|name| !name.is_empty()) {
        return Some(Source::Field(name.into()));
    }
    if let Some(path) = schema.find(name).filter(|_| in_line || !name.starts_with("line.")) {
        return Some(Source::Path(path));
    }
    let names = schema.names(in_line);
    let cure = match nearest(name, &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None if name.contains(['(', ' ', '"']) => "an expression is written as { expr = \"…\" }".to_owned(),
        None => format!("known paths: {}, fields.NAME{}", names.join(", "), if in_line { ", line.fields.NAME" } else { "" }),
    };
    late.push(at.wrong(format!("`{name}` is no path of the {}", schema.entity), cure));
    None
}

fn overflow(row: &Row, written: &DraftRow, rows: &[DraftRow], late: &mut Vec<Mistake>) {
    let (Some((policy, place)), Some(own)) = (&written.policy, written.places.first()) else { return };
    let shortens = policy.cut || policy.spill.is_some();
    if policy.cut && policy.spill.is_some() {
        late.push(place.wrong("a text is cut or spilled, not both", "the field that it spills to may be cut"));
    }
    if shortens && row.width.is_none() {
        late.push(own.wrong("`overflow` needs a `width`", "add width = N"));
    }
    if (shortens || policy.ascii) && row.locks {
        let what = if policy.cut {
            "cut"
        } else if shortens {
            "spilled"
        } else {
            "transliterated"
        };
        late.push(own.wrong(format!("money, quantities and identity are never {what}"), "use overflow = \"reject\""));
    }
    let Some(spill) = &policy.spill else { return };
    let own_place = rows.iter().position(|other| other.target == written.target);
    match rows.iter().position(|other| other.target == *spill) {
        None => {
            let names: Vec<String> = rows.iter().map(|row| row.target.clone()).collect();
            let cure =
                nearest(spill, &names).map_or_else(|| "name a later field of the same group".to_owned(), |near| format!("did you mean `{near}`?"));
            late.push(place.wrong(format!("there is no field `{spill}` to spill to"), cure));
        }
        Some(to) if Some(to) <= own_place => {
            late.push(place.wrong(format!("`{spill}` stands before this row"), "spill to a field that stands later"));
        }
        Some(to) if !matches!(rows[to].shape, None | Some((Shape::Text, _))) => {
            late.push(place.wrong(format!("`{spill}` holds no text"), "spill to a field of text"));
        }
        Some(_) => {}
    }
}

/// Whether what comes can be what the ERP's field wants.
fn types(row: &Row, written: &DraftRow, schema: &Schema, late: &mut Vec<Mistake>) {
    let Some((shape, place)) = &written.shape else { return };
    // Functions of the row and tables make text; several sources are joined to a text.
    let kind = match row.from.as_slice() {
        [one] if row.functions.is_empty() && row.table.is_none() => one.kind(schema),
        _ => Kind::Text,
    };
    let place = if matches!(written.source, Some(DraftSource::Constant(_))) || written.places.len() == 1 { place } else { &written.places[0] };
    let constant = match row.from.as_slice() {
        [Source::Constant(value)] => Some(value),
        _ => None,
    };
    let never = match shape {
        Shape::Text => false,
        // A text may say a number or a date; that is seen when it is there.
        Shape::Number { .. } => matches!(kind, Kind::Flag | Kind::Instant | Kind::List(_)),
        Shape::Date => matches!(kind, Kind::Flag | Kind::Number | Kind::List(_)),
        Shape::Flag => matches!(kind, Kind::Number | Kind::Instant | Kind::List(_)),
    };
    if never {
        late.push(place.wrong(format!("the field is {}, but {} gives {kind}", shape.name(), row.sources(schema)), "change the type, or the source"));
    }
    for (what, value) in [("constant", constant), ("default", written.default.as_ref())] {
        if let Some(value) = value.filter(|value| !shape.holds(value)) {
            late.push(place.wrong(format!("the {what} `{value}` is no {}", shape.name()), "write another, or change the type"));
        }
    }
    if row.width.is_some() && !matches!(shape, Shape::Text) {
        late.push(place.wrong(format!("a width is for texts, and the field is {}", shape.name()), "drop it; numbers have `scale` and `digits`"));
    }
}

impl Shape {
    pub(super) fn name(self) -> &'static str {
        match self {
            Shape::Text => "text",
            Shape::Number { .. } => "number",
            Shape::Date => "date",
            Shape::Flag => "flag",
        }
    }

    fn holds(self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Empty) | (Shape::Text, _) => true,
            (Shape::Number { .. }, Value::Number(_)) | (Shape::Flag, Value::Flag(_)) => true,
            (Shape::Date, Value::Text(text)) => text.parse::<jiff::civil::Date>().is_ok(),
            _ => false,
        }
    }
}
