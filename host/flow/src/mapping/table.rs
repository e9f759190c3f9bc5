//! Lookup tables: from what one side says to what the other side knows.

use super::datum::Datum;
use crate::{Code, Fault, fault::shorten, written};
use std::{borrow::Cow, sync::Arc};

/// A lookup table; `*` is what stands for everything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    pub(super) rows: Vec<(String, String)>,
    pub(super) otherwise: Option<String>,
}

impl Table {
    /// Reads the tables of `[tables]`.
    pub(super) fn read(tables: &written::Table<'_>) -> Vec<Arc<Table>> {
        let read = |name: String| {
            let table = tables.table(&name)?;
            let rows = table.names().into_iter().filter_map(|from| Some((from.clone(), table.entry(&from)?.scalar()?)));
            Some(Arc::new(Table { name, otherwise: None, rows: rows.collect() }.settled()))
        };
        tables.names().into_iter().filter_map(read).collect()
    }

    fn settled(mut self) -> Table {
        // Sorted, so that a table of thousands is as quick as one of ten.
        self.rows.sort();
        self.otherwise = self.get("*").map(str::to_owned);
        self
    }

    /// This table with the entries of another in front: what both have is the other's.
    pub(super) fn under(&self, over: &Table) -> Table {
        let kept = self.rows.iter().filter(|(from, _)| !over.rows.iter().any(|(new, _)| new == from));
        Table { name: self.name.clone(), rows: over.rows.iter().chain(kept).cloned().collect(), otherwise: None }.settled()
    }

    /// What a value stands for. Nothing stays nothing, unless there is a `*`. Fails with E303.
    pub(super) fn look_up<'s>(&'s self, value: &Datum<'_>) -> Result<Datum<'s>, Fault> {
        if value.is_empty() && self.otherwise.is_none() {
            return Ok(Datum::Empty);
        }
        let text = value.to_text();
        match self.get(&text).or(self.otherwise.as_deref()) {
            Some(to) => Ok(Datum::text(to)),
            None => Err(Fault::new(Code::MappingLookup, format!("table `{}` has no entry for `{}` and no `*`", self.name, shorten(&text)))),
        }
    }

    /// The entry of exactly this text.
    pub(super) fn get(&self, text: &str) -> Option<&str> {
        let place = self.rows.binary_search_by(|(from, _)| from.as_str().cmp(text)).ok()?;
        Some(self.rows[place].1.as_str())
    }

    /// How many entries there are, and what `*` gives: for people.
    pub(super) fn told(&self) -> String {
        let star: Cow<'_, str> = self.otherwise.as_ref().map_or("no `*`".into(), |to| format!("`*` gives `{to}`").into());
        format!("`{}`: {} entries, {star}", self.name, self.rows.len())
    }
}
