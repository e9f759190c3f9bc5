//! What a template can name of a record, with types: the seam between the row engine and the entities. An entity is a list
//! of paths and a [`Scope`] that reads them; the order's is in `order.rs`, and [`Record`] serves any other.

use super::datum::{Datum, Kind};
use crate::order::{Field, find};
use jiff::tz::TimeZone;

/// What a template can name.
#[derive(Debug)]
pub struct Schema {
    /// What is mapped, for example `order`; a template says it with `entity`.
    pub entity: &'static str,
    /// Which way: `to-erp` or `to-shop`; a template says it with `direction`.
    pub direction: &'static str,
    /// Every path. What begins with `line.` is there once per line. Custom fields need no row: `fields.NAME` and
    /// `line.fields.NAME` are there for every entity.
    pub paths: &'static [Path],
}

/// One path that a template can name.
#[derive(Debug, PartialEq, Eq)]
pub struct Path {
    /// Its name, for example `customer.id`; in an expression every `-` is a `_`.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Carries money, quantity or identity: rules may not change the field it goes to, and it is never cut.
    pub locks: bool,
}

/// A record that rows read. Paths are asked for by their place in the schema.
pub trait Scope {
    /// The value at a path; `line` says of which line, where the path begins with `line.`.
    fn path(&self, path: usize, line: Option<usize>) -> Datum<'_>;
    /// A custom field.
    fn field(&self, name: &str) -> Datum<'_>;
    /// A custom field of a line.
    fn line_field(&self, line: usize, name: &str) -> Datum<'_>;
    /// How many lines there are.
    fn lines(&self) -> usize;
    /// How the outside numbers a line, from 0: in a part of a split order it keeps the order's own number.
    fn line_number(&self, line: usize) -> usize {
        line
    }
    /// Where the company is: dates are dates there.
    fn zone(&self) -> &TimeZone;
}

impl Schema {
    /// Finds a path by its name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.paths.iter().position(|path| path.name == name)
    }

    /// Finds a path by its name in an expression, where every `-` is a `_`.
    pub(super) fn find_in_expression(&self, name: &str) -> Option<usize> {
        let same =
            |path: &Path| path.name.len() == name.len() && path.name.bytes().zip(name.bytes()).all(|(a, b)| a == b || (a == b'-' && b == b'_'));
        self.paths.iter().position(same)
    }

    /// The parts of an address, if the name, as an expression writes it, is one.
    pub(super) fn address(&self, name: &str) -> Option<Vec<usize>> {
        const PARTS: [&str; 8] = ["name", "company", "line1", "line2", "city", "region", "postal_code", "country"];
        let parts: Vec<usize> = PARTS.iter().filter_map(|part| self.find_in_expression(&format!("{name}.{part}"))).collect();
        (parts.len() == PARTS.len()).then_some(parts)
    }

    /// The names that a row may use, as `from` writes them.
    pub(super) fn names(&self, in_line: bool) -> Vec<String> {
        self.paths.iter().map(|path| path.name).filter(|name| in_line || !name.starts_with("line.")).map(str::to_owned).collect()
    }

    pub(super) fn has_lines(&self) -> bool {
        self.paths.iter().any(|path| path.name.starts_with("line."))
    }
}

/// A record of any entity, as named values: the scope of entities that have no type of their own here. Names are the
/// schema's own; those of lines without their `line.`.
#[derive(Clone, Copy, Debug)]
pub struct Record<'r> {
    /// Its schema.
    pub schema: &'static Schema,
    /// What stands at the schema's paths; what is not there is empty. A text stands for an instant, too.
    pub values: &'r [Field],
    /// Custom fields.
    pub fields: &'r [Field],
    /// Per line: values and custom fields.
    pub lines: &'r [(Vec<Field>, Vec<Field>)],
    /// Where the company is.
    pub zone: &'r TimeZone,
}

impl Scope for Record<'_> {
    fn path(&self, path: usize, line: Option<usize>) -> Datum<'_> {
        let Path { name, kind, .. } = &self.schema.paths[path];
        let value = match (name.strip_prefix("line."), line) {
            (Some(name), Some(line)) => self.lines.get(line).and_then(|(values, _)| find(values, name)),
            (Some(_), None) => None,
            (None, _) => find(self.values, name),
        };
        match (value.map_or(Datum::Empty, Datum::of), kind) {
            (Datum::Text(text), Kind::Instant) => text.parse().map_or(Datum::Text(text), Datum::Instant),
            (datum, _) => datum,
        }
    }

    fn field(&self, name: &str) -> Datum<'_> {
        find(self.fields, name).map_or(Datum::Empty, Datum::of)
    }

    fn line_field(&self, line: usize, name: &str) -> Datum<'_> {
        self.lines.get(line).and_then(|(_, fields)| find(fields, name)).map_or(Datum::Empty, Datum::of)
    }

    fn lines(&self) -> usize {
        self.lines.len()
    }

    fn zone(&self) -> &TimeZone {
        self.zone
    }
}
