//! What has changed in a table since it was last read: what is wider or new does no harm, what is narrower, gone or of
//! another kind does.

use super::{CodePage, Column, Kind, Schema};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What changed in a column or table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The whole table is new.
    TableAdded,
    /// The whole table is gone.
    TableRemoved,
    /// The column is new.
    Added(Kind),
    /// It is gone.
    Removed(Kind),
    /// All that fitted fits.
    Widened {
        /// Before.
        from: Kind,
        /// Now.
        to: Kind,
    },
    /// What fitted may not fit any more.
    Narrowed {
        /// Before.
        from: Kind,
        /// Now.
        to: Kind,
    },
    /// It is of another kind.
    TypeChanged {
        /// Before.
        from: Kind,
        /// Now.
        to: Kind,
    },
    /// The table's texts are written otherwise.
    CodePage {
        /// Before.
        from: CodePage,
        /// Now.
        to: CodePage,
    },
}

/// One change of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// The table.
    pub table: String,
    /// The column; empty when it is about the table.
    pub column: String,
    /// What changed.
    pub what: What,
}

impl Change {
    /// Whether what was written so far may fail from now on.
    pub fn is_breaking(&self) -> bool {
        !matches!(self.what, What::TableAdded | What::Added(_) | What::Widened { .. })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Change { table, column, .. } = self;
        match &self.what {
            What::TableAdded => write!(f, "{table} is a new table"),
            What::TableRemoved => write!(f, "{table} is gone"),
            What::Added(kind) => write!(f, "{table}.{column} is new ({kind})"),
            What::Removed(kind) => write!(f, "{table}.{column} is gone ({kind})"),
            What::Widened { from, to } => write!(f, "{table}.{column} is wider: {from} → {to}"),
            What::Narrowed { from, to } => write!(f, "{table}.{column} is narrower: {from} → {to}"),
            What::TypeChanged { from, to } => write!(f, "{table}.{column} is of another kind: {from} → {to}"),
            What::CodePage { from, to } => write!(f, "{table} has another code page: {from} → {to}"),
        }
    }
}

/// What changed from one reading to the next: the table, then its columns in the old order, then the new ones.
pub fn compare(old: &Schema, new: &Schema) -> Vec<Change> {
    let change = |column: &str, what| Change { table: new.table.clone(), column: column.to_owned(), what };
    let mut changes = Vec::new();
    if old.code_page != new.code_page {
        changes.push(change("", What::CodePage { from: old.code_page, to: new.code_page }));
    }
    for column in old.columns() {
        match new.column(column.name()) {
            None => changes.push(change(column.name(), What::Removed(column.kind()))),
            Some(now) => changes.extend(kinds(column, now).map(|what| change(column.name(), what))),
        }
    }
    let added = new.columns().iter().filter(|column| old.column(column.name()).is_none());
    changes.extend(added.map(|column| change(column.name(), What::Added(column.kind()))));
    changes
}

/// What changed between two readings of several tables, which are told apart by name.
pub fn compare_all(old: &[Schema], new: &[Schema]) -> Vec<Change> {
    let find = |tables: &'_ [Schema], name: &str| tables.iter().position(|table| table.table.eq_ignore_ascii_case(name));
    let whole = |table: &Schema, what| Change { table: table.table.clone(), column: String::new(), what };
    let known = old.iter().flat_map(|was| match find(new, &was.table) {
        Some(is) => compare(was, &new[is]),
        None => vec![whole(was, What::TableRemoved)],
    });
    let added = new.iter().filter(|is| find(old, &is.table).is_none()).map(|is| whole(is, What::TableAdded));
    known.chain(added).collect()
}

fn kinds(old: &Column, new: &Column) -> Option<What> {
    let (from, to) = (old.kind(), new.kind());
    if from == to {
        return None;
    }
    let is_wider = match (from, to) {
        (Kind::Text { width: was }, Kind::Text { width: is }) => is > was,
        (Kind::Text { .. }, Kind::Memo) => true,
        (Kind::Memo, Kind::Text { .. }) => false,
        // Both sides of the point count: 7.3 to 8.5 has one digit less before it.
        (Kind::Number { width: was, decimals: had }, Kind::Number { width: is, decimals: has }) => {
            has >= had && Kind::whole(is, has) >= Kind::whole(was, had)
        }
        _ => return Some(What::TypeChanged { from, to }),
    };
    Some(if is_wider { What::Widened { from, to } } else { What::Narrowed { from, to } })
}

impl Kind {
    /// Characters before the point, the sign included.
    pub(crate) fn whole(width: usize, decimals: u32) -> usize {
        let behind = if decimals == 0 { 0 } else { decimals as usize + 1 };
        width.saturating_sub(behind)
    }
}
