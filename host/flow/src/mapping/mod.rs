//! Mapping: from the canonical order and one shipment to the ERP's document, by a declarative template.
//! The template is data (TOML, see [`read`]); plain paths are resolved once, at load.

mod source;
mod template;

use crate::{
    Code, Document, Fault, Order,
    edit::{Change, Path},
    fault::shorten,
    order::{Field, Value},
    route::Shipment,
    share::{self, Share},
};
use jiff::tz::TimeZone;
use source::{Scope, Source};
use std::sync::Arc;

pub use template::{SHIPPED, read};

/// A checked template. Only [`read`] makes one.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The template's name.
    pub name: String,
    header: Vec<Row>,
    lines: Vec<Row>,
    locked: Arc<[Arc<str>]>,
    key: Arc<str>,
    customer: Arc<str>,
    total: Arc<str>,
}

/// One row: where a value comes from, what is done to it, where it goes.
#[derive(Clone, Debug)]
struct Row {
    target: Arc<str>,
    from: Vec<Source>,
    /// The path of the first of them, as people see it.
    source: Option<Box<str>>,
    functions: Vec<Function>,
    table: Option<Arc<Table>>,
    default: Option<Value>,
    width: Option<usize>,
    overflow: Overflow,
}

/// What is done to a value on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Trim,
    Upper,
    Lower,
    /// An instant to the date in the company's time zone, `2026-11-23`.
    Date,
    /// Only the digits of a text.
    Digits,
}

/// What happens to a text that is wider than its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overflow {
    Reject,
    /// Cut at the end of a word where one ends in the second half, else hard.
    Cut,
}

/// A lookup table; `*` is what stands for everything else.
#[derive(Debug)]
struct Table {
    name: String,
    rows: Vec<(String, String)>,
    otherwise: Option<String>,
}

impl Mapping {
    /// Makes one document of each shipment. Fails with E301 to E304, naming the row.
    pub fn apply(&self, order: &Order, shipments: &[Shipment], zone: &TimeZone) -> Result<Vec<Document>, Fault> {
        let shares = share::share(order, shipments);
        (0..).zip(shipments.iter().zip(&shares)).map(|(part, (shipment, share))| self.document(order, part, shipment, share, zone)).collect()
    }

    fn document(&self, order: &Order, part: u32, shipment: &Shipment, share: &Share, zone: &TimeZone) -> Result<Document, Fault> {
        let key = match part {
            0 => order.number.to_string(),
            part => format!("{}-{}", order.number, part + 1),
        };
        let mut scope = Scope { order, shipment, share, key: &key, zone, line: None };
        let fields = self.header.iter().map(|row| row.field(&scope)).collect::<Result<Vec<_>, _>>()?;
        let mut lines = Vec::with_capacity(share.lines.len());
        for line in &share.lines {
            scope.line = Some((&order.lines[line.line as usize], line));
            lines.push(self.lines.iter().map(|row| row.field(&scope)).collect::<Result<Vec<_>, _>>()?);
        }
        let mut document = Document {
            part,
            key: String::new(),
            customer: String::new(),
            total: share.total,
            warehouse: shipment.warehouse.clone(),
            backorder: shipment.backorder,
            fields,
            lines,
            locked: self.locked.clone(),
        };
        self.identify(&mut document);
        Ok(document)
    }

    /// Reads the natural key out of the fields. The key and the total are locked; the customer is what `post-map` left.
    fn identify(&self, document: &mut Document) {
        let text = |name: &str| crate::order::find(&document.fields, name).map(ToString::to_string).unwrap_or_default();
        (document.key, document.customer) = (text(&self.key), text(&self.customer));
    }

    /// Checks a document after the rules: every text still fits its field. Fails with E302.
    pub fn check(&self, mut document: Document) -> Result<Document, Fault> {
        for row in self.header.iter().filter(|row| row.width.is_some()) {
            if let Some(value) = crate::order::find(&document.fields, &row.target) {
                row.fits(value, &row.target)?;
            }
        }
        for (index, line) in document.lines.iter().enumerate() {
            for row in self.lines.iter().filter(|row| row.width.is_some()) {
                if let Some(value) = crate::order::find(line, &row.target) {
                    row.fits(value, &format!("lines[{index}].{}", row.target))?;
                }
            }
        }
        self.identify(&mut document);
        Ok(document)
    }

    /// Checks one edit of a rule: the text fits the ERP's field. Fails with E302.
    pub fn check_change(&self, change: &Change) -> Result<(), Fault> {
        let (rows, name) = match &change.path {
            Path::Field(name) => (&self.header, name),
            Path::LineField(_, name) => (&self.lines, name),
            _ => return Ok(()),
        };
        match rows.iter().find(|row| row.width.is_some() && *row.target == **name) {
            Some(row) => row.fits(&change.after, &row.target),
            None => Ok(()),
        }
    }

    /// Where a field of the document gets its value: a path of the canonical order, with `lines.` for one of any line. The
    /// field may be named as the ERP names it (`LineItems[2].ItemCode`, `LineItems.ItemCode`) or as our own faults do
    /// (`lines[2].ItemCode`): which line it is of a document says nothing about the order. `None` for constants and for
    /// fields that the template does not have.
    pub fn source_of(&self, target_field: &str) -> Option<&str> {
        let row = self.header.iter().find(|row| *row.target == *target_field).or_else(|| {
            let in_line = |name: &str| self.lines.iter().find(|row| *row.target == *name);
            // A name may hold dots itself, so every part after one may be it.
            target_field.match_indices('.').find_map(|(dot, _)| in_line(&target_field[dot + 1..])).or_else(|| in_line(target_field))
        });
        row?.source.as_deref()
    }

    /// The field that carries the document's worth.
    pub fn total_field(&self) -> &str {
        &self.total
    }
}

impl Row {
    fn field(&self, scope: &Scope<'_>) -> Result<Field, Fault> {
        let value = self.value(scope)?;
        Ok(Field { name: self.target.clone(), value })
    }

    fn value(&self, scope: &Scope<'_>) -> Result<Value, Fault> {
        let mut value = match self.from.as_slice() {
            [] => Value::Empty,
            [one] => one.value(scope),
            several => join(several.iter().map(|source| source.value(scope))),
        };
        for function in &self.functions {
            value = function.apply(value, scope).map_err(|fault| fault.at(self.place(scope)))?;
        }
        if let Some(table) = &self.table {
            value = table.look_up(&value).map_err(|fault| fault.at(self.place(scope)))?;
        }
        if matches!(&value, Value::Empty) || matches!(&value, Value::Text(text) if text.is_empty()) {
            return match &self.default {
                Some(default) => Ok(default.clone()),
                None => {
                    Err(Fault::new(Code::MappingMissing, format!("nothing at {}, and the row has no default", self.sources())).at(self.place(scope)))
                }
            };
        }
        match (&mut value, self.width, self.overflow) {
            (Value::Text(text), Some(width), Overflow::Cut) => cut(text, width),
            (value, Some(_), Overflow::Reject) => self.fits(value, &self.place(scope))?,
            _ => {}
        }
        Ok(value)
    }

    fn fits(&self, value: &Value, place: &str) -> Result<(), Fault> {
        let (Some(width), Value::Text(text)) = (self.width, value) else { return Ok(()) };
        // Counting bytes first spares the walk over characters for nearly every value.
        if text.len() > width && text.chars().count() > width {
            return Err(Fault::new(Code::MappingWidth, format!("{} characters, but the field holds {width}", text.chars().count()))
                .at(place)
                .limit("width", width, None));
        }
        Ok(())
    }

    fn place(&self, scope: &Scope<'_>) -> String {
        match scope.line {
            Some((_, share)) => format!("lines[{}].{}", share.line, self.target),
            None => self.target.to_string(),
        }
    }

    fn sources(&self) -> String {
        self.from.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
    }
}

impl Function {
    fn apply(self, value: Value, scope: &Scope<'_>) -> Result<Value, Fault> {
        let text = match value {
            Value::Empty => return Ok(Value::Empty),
            Value::Text(text) => text,
            other => other.to_string(),
        };
        Ok(Value::Text(match self {
            Function::Trim => text.trim().to_owned(),
            Function::Upper => text.to_uppercase(),
            Function::Lower => text.to_lowercase(),
            Function::Digits => text.chars().filter(char::is_ascii_digit).collect(),
            Function::Date => match text.parse::<jiff::Timestamp>() {
                Ok(instant) => instant.to_zoned(scope.zone.clone()).date().to_string(),
                Err(_) => return Err(Fault::new(Code::MappingType, format!("`{}` is no point in time", shorten(&text)))),
            },
        }))
    }
}

impl Table {
    fn look_up(&self, value: &Value) -> Result<Value, Fault> {
        if matches!(value, Value::Empty) && self.otherwise.is_none() {
            return Ok(Value::Empty);
        }
        let text = value.to_string();
        let found = self.rows.iter().find(|(from, _)| *from == text).map(|(_, to)| to).or(self.otherwise.as_ref());
        match found {
            Some(to) => Ok(Value::Text(to.clone())),
            None => Err(Fault::new(Code::MappingLookup, format!("table `{}` has no entry for `{}` and no `*`", self.name, shorten(&text)))),
        }
    }
}

fn join(values: impl Iterator<Item = Value>) -> Value {
    let parts: Vec<String> = values.map(|value| value.to_string()).filter(|text| !text.is_empty()).collect();
    if parts.is_empty() { Value::Empty } else { Value::Text(parts.join(" ")) }
}

/// Cuts a text to so many characters, at the end of a word where one ends in the second half.
pub(crate) fn cut(text: &mut String, width: usize) {
    let Some((end, _)) = text.char_indices().nth(width) else { return };
    let word = if text[end..].starts_with(' ') { Some(end) } else { text[..end].rfind(' ') };
    text.truncate(word.filter(|word| *word >= end / 2).unwrap_or(end));
    text.truncate(text.trim_end().len());
}

#[cfg(test)]
mod tests;
