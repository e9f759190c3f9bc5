//! Checks a whole template, with everything that it extends, against its schema, and makes the rows of it.

use super::{
    datum::Kind,
    draft::{Draft, DraftRow, DraftSource},
    expression::Expression,
    row::{Overflow, Row, Shape, Source},
    schema::Schema,
    sheet::Sheet,
    target::{Custom, Spot, Target},
};
use crate::{
    order::Value,
    schema::is_never_read,
    written::{Mistake, Place, nearest},
};
use std::sync::Arc;

/// Makes a sheet; every mistake goes to `late`.
pub(super) fn finish(draft: &Draft, schema: &'static Schema, target: Option<&Target>, late: &mut Vec<Mistake>) -> Sheet {
    let header = rows(&draft.header, draft, schema, None, late);
    let lists = draft.lists.iter().enumerate().map(|(list, written)| rows(written, draft, schema, Some(list), late)).collect();
    let mut sheet = Sheet { schema, header, lists, tables: draft.tables.clone() };
    if let Some(target) = target {
        aim(&mut sheet, draft, target, late);
    }
    sheet
}

/// Checks what the rows write against what the side takes, and gives each the type of its field.
fn aim(sheet: &mut Sheet, draft: &Draft, target: &Target, late: &mut Vec<Mistake>) {
    let schema = sheet.schema;
    let groups = std::iter::once((None, &draft.header, &mut sheet.header))
        .chain(schema.lists.iter().zip(&draft.lists).zip(&mut sheet.lists).map(|((list, written), made)| (Some(list.name), written, made)));
    for (group, written, made) in groups {
        let spots = target.spots(group);
        for row in written {
            let spot = spots.iter().find(|spot| *spot.name == *row.target);
            let made = made.iter_mut().find(|made| *made.target == *row.target);
            match spot {
                Some(spot) => fit(spot, row, made, schema, late),
                None => {
                    let is_custom = group.is_none() && target.custom(&row.target).is_some();
                    if is_never_read(&row.target) {
                        late.push(row.places[0].wrong("card data and passwords are never written", "drop the row"));
                    } else if !is_custom {
                        late.push(stranger(row, spots, group, target));
                    }
                }
            }
        }
        let missing = spots.iter().filter(|spot| spot.is_needed && !written.iter().any(|row| row.target == spot.name));
        for (spot, place) in missing.filter_map(|spot| Some((spot, draft.place.as_ref()?))) {
            let group = group.unwrap_or("header");
            late.push(place.wrong(
                format!("[{group}] has no row `{}`, and the side always needs it", spot.name),
                "add the row, or extend a template that has it",
            ));
        }
    }
}

/// A row whose field the side does not take.
fn stranger(row: &DraftRow, spots: &[Spot], group: Option<&str>, target: &Target) -> Mistake {
    let names: Vec<String> = spots.iter().map(|spot| spot.name.to_owned()).collect();
    let custom = match target.custom {
        Custom::Under(object) if group.is_none() => format!(", {object}.NAME"),
        Custom::Beside(taken) if group.is_none() && taken.contains(&row.target.as_str()) => {
            let what = "it is what both sides know it by, or says when: it goes as it is";
            return row.places[0].wrong(format!("`{}` is not for a template", row.target), format!("drop the row: {what}"));
        }
        _ => String::new(),
    };
    let cure = nearest(&row.target, &names).map_or_else(|| format!("known: {}{custom}", names.join(", ")), |near| format!("did you mean `{near}`?"));
    row.places[0].wrong(format!("`{}` is no field that a template can write here", row.target), cure)
}

/// Gives a row the type of its field, unless it says the same.
fn fit(spot: &Spot, written: &DraftRow, made: Option<&mut Row>, schema: &Schema, late: &mut Vec<Mistake>) {
    let Some(made) = made else { return };
    let shape = match spot.kind {
        Kind::Number => Shape::Number { scale: None, digits: None },
        Kind::Flag => Shape::Flag,
        _ => Shape::Text,
    };
    match (&written.shape, made.shape) {
        (Some((own, place)), _) if own.name() != shape.name() && !(shape == Shape::Text && *own == Shape::Date) => {
            late.push(place.wrong(format!("the field is {}, and the row says {}", shape.name(), own.name()), "drop `type`"));
        }
        (None, None) => {
            made.shape = Some(shape);
            let mut said = written.clone();
            said.shape = Some((shape, written.places[0].clone()));
            types(made, &said, schema, late);
        }
        _ => {}
    }
}

fn rows(rows: &[DraftRow], draft: &Draft, schema: &'static Schema, group: Option<usize>, late: &mut Vec<Mistake>) -> Vec<Row> {
    let made: Vec<Row> = rows.iter().filter(|row| !row.broken).filter_map(|written| row(written, rows, draft, schema, group, late)).collect();
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

fn row(written: &DraftRow, rows: &[DraftRow], draft: &Draft, schema: &'static Schema, group: Option<usize>, late: &mut Vec<Mistake>) -> Option<Row> {
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
        Some(DraftSource::Paths(paths)) => paths.iter().filter_map(|(name, at)| path(name, at, schema, group, late)).collect(),
        Some(DraftSource::Expression(text, at)) => match Expression::read(text, schema, &draft.tables, group) {
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

fn path(name: &str, at: &Place, schema: &'static Schema, group: Option<usize>, late: &mut Vec<Mistake>) -> Option<Source> {
    let item = group.and_then(|list| schema.lists.get(list)).filter(|list| list.has_fields).map(|list| format!("{}.fields.", list.item));
    if let Some(name) = item.as_ref().and_then(|item| name.strip_prefix(item.as_str())).filter(|name| !name.is_empty()) {
        return Some(Source::LineField(name.into()));
    }
    if let Some(name) = name.strip_prefix("fields.").filter(|name| !name.is_empty()) {
        return Some(Source::Field(name.into()));
    }
    if let Some(path) = schema.find(name).filter(|_| schema.list_of(name).is_none_or(|list| Some(list) == group)) {
        return Some(Source::Path(path));
    }
    let names = schema.names(group);
    let cure = match nearest(name, &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None if name.contains(['(', ' ', '"']) => "an expression is written as { expr = \"…\" }".to_owned(),
        None => format!("known paths: {}, fields.NAME{}", names.join(", "), item.map(|item| format!(", {item}NAME")).unwrap_or_default()),
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
