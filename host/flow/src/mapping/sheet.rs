//! The row engine: a checked template of any entity, filled from a [`Scope`]. What is special about orders (parts, the
//! natural key, the sums) is in [`super::Mapping`].

use super::{
    row::{At, Filled, Overflow, Row},
    schema::{Schema, Scope},
    table::Table,
};
use crate::{
    Fault,
    order::{Field, Value},
};
use std::sync::Arc;

/// The rows of a template, checked. Only [`super::form`] and [`super::read`] make one.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub(super) schema: &'static Schema,
    pub(super) header: Vec<Row>,
    /// Per list of the schema.
    pub(super) lists: Vec<Vec<Row>>,
    pub(super) tables: Vec<Arc<Table>>,
}

/// What came of all rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields {
    /// Of the header.
    pub header: Vec<Field>,
    /// Per list of the schema, of each element.
    pub lists: Vec<Vec<Vec<Field>>>,
}

impl Sheet {
    /// Fills every row from a record. Fails with E301 to E304, naming the row.
    pub fn fill(&self, scope: &dyn Scope) -> Result<Fields, Fault> {
        self.walk(scope, &mut |_, _, filled| filled.map(|filled| filled.value))
    }

    /// Fills every row, and lets `seen` decide about each: what it saw, and what becomes of a fault.
    pub(super) fn walk(
        &self,
        scope: &dyn Scope,
        seen: &mut impl FnMut(&Row, At<'_>, Result<Filled, Fault>) -> Result<Value, Fault>,
    ) -> Result<Fields, Fault> {
        let at = |list, line| At { scope, tables: &self.tables, line, list };
        let header = self.group(&self.header, at("", None), seen)?;
        let mut lists = Vec::with_capacity(self.lists.len());
        for (place, (rows, list)) in self.lists.iter().zip(self.schema.lists).enumerate() {
            let lines = if rows.is_empty() { 0 } else { scope.lines(place) };
            lists.push((0..lines).map(|line| self.group(rows, at(list.name, Some(line)), seen)).collect::<Result<_, _>>()?);
        }
        Ok(Fields { header, lists })
    }

    /// The rows of the first list: the lines of an order.
    pub(super) fn lines(&self) -> &[Row] {
        self.lists.first().map_or(&[], Vec::as_slice)
    }

    fn group(
        &self,
        rows: &[Row],
        at: At<'_>,
        seen: &mut impl FnMut(&Row, At<'_>, Result<Filled, Fault>) -> Result<Value, Fault>,
    ) -> Result<Vec<Field>, Fault> {
        let (mut fields, mut spilled) = (Vec::with_capacity(rows.len()), Vec::<(usize, String)>::new());
        for (place, row) in rows.iter().enumerate() {
            let waiting = if spilled.is_empty() { None } else { take(&mut spilled, place) };
            let mut filled = row.value(at, self.schema, waiting);
            if let (Ok(Filled { rest: Some(rest), .. }), Overflow::Spill(to)) = (&mut filled, row.overflow) {
                spilled.push((to, std::mem::take(rest)));
            }
            fields.push(row.field(seen(row, at, filled)?));
        }
        Ok(fields)
    }

    /// The names of the fields that rules may not change.
    pub fn locked(&self) -> Arc<[Arc<str>]> {
        self.header.iter().chain(self.lists.iter().flatten()).filter(|row| row.locks).map(|row| row.target.clone()).collect()
    }

    /// This sheet with entries of other tables in front of its own: mocks of a test. Tables that it does not have are named.
    pub fn mocked(mut self, mocks: &[Arc<Table>]) -> Result<Sheet, String> {
        for mock in mocks {
            match self.tables.iter_mut().find(|table| table.name == mock.name) {
                Some(table) => *table = Arc::new(table.under(mock)),
                None => return Err(format!("the template has no table `{}`", mock.name)),
            }
        }
        Ok(self)
    }
}

/// What waits for a row, in the order in which it was left over.
fn take(spilled: &mut Vec<(usize, String)>, place: usize) -> Option<String> {
    let waiting: Vec<String> = spilled.extract_if(.., |(to, _)| *to == place).map(|(_, text)| text).collect();
    (!waiting.is_empty()).then(|| waiting.join(" "))
}
