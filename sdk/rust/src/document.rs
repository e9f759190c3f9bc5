//! The ERP document of one shipment, as a plain Rust value.

use crate::{Decimal, EditError, Field, Value, backing};
use std::{cell::RefCell, fmt, rc::Rc};

/// The document after mapping: header fields and lines of fields, named as the ERP names them.
///
/// Money, quantities, keys and item codes cannot be set here ([`EditError::NotAllowed`]): prices are changed in
/// `pre_map`, so that the sums stay right.
pub struct Document {
    pub(crate) record: backing::Document,
    /// Columns read so far: a column crosses to the plugin once, however many lines are asked for.
    columns: RefCell<Vec<(String, Rc<[Value]>)>>,
}

impl Document {
    pub(crate) fn new(record: backing::Document) -> Document {
        Document { record, columns: RefCell::default() }
    }

    /// The web order number that the ERP keeps as purchase-order number: the document's natural key.
    pub fn key(&self) -> String {
        self.record.key()
    }

    /// The warehouse that ships this document.
    pub fn warehouse(&self) -> String {
        self.record.warehouse()
    }

    /// The header fields, in the template's order.
    pub fn fields(&self) -> Vec<Field> {
        self.record.fields()
    }

    /// One header field; `None` when there is none of this name.
    pub fn field(&self, name: &str) -> Option<Value> {
        self.record.field(name)
    }

    /// How many lines there are.
    pub fn line_count(&self) -> u32 {
        self.record.line_count()
    }

    /// The lines.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = DocumentLine<'_>> {
        (0..self.line_count()).map(|index| DocumentLine { document: self, index })
    }

    /// One field over all lines; [`Value::Empty`] where a line has none of this name.
    pub fn column(&self, name: &str) -> Rc<[Value]> {
        let mut columns = self.columns.borrow_mut();
        if let Some((_, column)) = columns.iter().find(|(known, _)| known == name) {
            return column.clone();
        }
        let column: Rc<[Value]> = self.record.column(name).into();
        columns.push((name.to_owned(), column.clone()));
        column
    }

    /// One field of one line; `None` when there is no such line or field.
    pub fn line_field(&self, line: u32, name: &str) -> Option<Value> {
        self.column(name).get(line as usize).filter(|value| **value != Value::Empty).cloned()
    }

    /// Sets or adds a header field; [`Value::Empty`] removes it.
    pub fn set_field(&mut self, name: &str, value: impl Into<Value>, reason: &str) -> Result<(), EditError> {
        self.record.set_field(name, &value.into(), reason)
    }

    /// Sets or adds a field of one line; [`Value::Empty`] removes it.
    pub fn set_line_field(&mut self, line: u32, name: &str, value: impl Into<Value>, reason: &str) -> Result<(), EditError> {
        self.columns.get_mut().retain(|(known, _)| known != name);
        self.record.set_line_field(line, name, &value.into(), reason)
    }

    /// Sets one field of every line, one value per line: all or none. The fast way to set a field of many lines.
    pub fn set_column(&mut self, name: &str, values: &[Value], reason: &str) -> Result<(), EditError> {
        self.columns.get_mut().retain(|(known, _)| known != name);
        self.record.set_column(name, values, reason)
    }

    /// What was edited so far, in order.
    #[cfg(not(target_family = "wasm"))]
    pub fn changes(&self) -> Vec<crate::sample::Change> {
        self.record.changes()
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("lines", &self.line_count()).finish_non_exhaustive()
    }
}

/// One line of a document.
#[derive(Clone, Copy, Debug)]
pub struct DocumentLine<'d> {
    document: &'d Document,
    index: u32,
}

impl DocumentLine<'_> {
    /// Its index, from 0.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// One field; `None` when there is none of this name.
    pub fn field(&self, name: &str) -> Option<Value> {
        self.document.line_field(self.index, name)
    }

    /// One field as text; `None` when there is none of this name or it is no text.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.field(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// One field as a number; `None` when there is none of this name or it is no number.
    pub fn number(&self, name: &str) -> Option<Decimal> {
        self.field(name)?.as_number()
    }
}
