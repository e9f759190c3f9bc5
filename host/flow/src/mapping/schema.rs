//! What a template can name of a record, with types: the seam between the row engine and the entities. An entity is a list
//! of paths and a [`Scope`] that reads them; the order's is in `order.rs`, those of goods and people in `entity/`.

use super::datum::{Datum, Kind};
use jiff::tz::TimeZone;

/// What a template can name.
#[derive(Debug)]
pub struct Schema {
    /// What is mapped, for example `order`; a template says it with `entity`.
    pub entity: &'static str,
    /// Its lists: at most two.
    pub lists: &'static [List],
    /// Every path. What begins with the name of a list's element (`line.`) is there once per element. Custom fields need no
    /// row: `fields.NAME` is there for every entity.
    pub paths: &'static [Path],
}

/// A list of a record: lines, prices, parcels.
#[derive(Debug, PartialEq, Eq)]
pub struct List {
    /// Its name, for example `lines`; in an expression every `-` is a `_`.
    pub name: &'static str,
    /// What an element is called, for example `line`: what its paths begin with.
    pub item: &'static str,
    /// Whether its elements have custom fields: `line.fields.NAME`.
    pub has_fields: bool,
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
    /// The value at a path; `line` says of which element, where it is a path of a list's.
    fn path(&self, path: usize, line: Option<usize>) -> Datum<'_>;
    /// A custom field.
    fn field(&self, name: &str) -> Datum<'_>;
    /// A custom field of a line.
    fn line_field(&self, line: usize, name: &str) -> Datum<'_>;
    /// How many elements a list has, by its place in the schema.
    fn lines(&self, list: usize) -> usize;
    /// How the outside numbers an element, from 0: in a part of a split order a line keeps the order's own number.
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

    /// The list that a path is of, if it is of one.
    pub(super) fn list_of(&self, name: &str) -> Option<usize> {
        self.lists.iter().position(|list| name.strip_prefix(list.item).is_some_and(|rest| rest.starts_with('.')))
    }

    /// The names that a row may use, as `from` writes them: in the header, or in the group of a list.
    pub(super) fn names(&self, group: Option<usize>) -> Vec<String> {
        let is_there = |name: &&str| self.list_of(name).is_none_or(|list| Some(list) == group);
        self.paths.iter().map(|path| path.name).filter(is_there).map(str::to_owned).collect()
    }

    /// A path of the whole record: what stands under `line.` in a row is of `lines.` there.
    pub(super) fn whole(&self, path: &str) -> String {
        let in_list = |list: &List| Some(format!("{}{}", list.name, path.strip_prefix(list.item).filter(|rest| rest.starts_with('.'))?));
        self.lists.iter().find_map(in_list).unwrap_or_else(|| path.to_owned())
    }
}
