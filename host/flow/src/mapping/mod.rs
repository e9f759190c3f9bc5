//! Mapping: from the canonical order and one shipment to the ERP's document, by a declarative template.
//! The template is data (TOML, see docs/mapping.md); paths and expressions are resolved, checked and compiled once, at
//! load, so that a plain path costs a function call. The engine of rows ([`Sheet`]) serves any entity: see [`Schema`]. What is
//! written of goods and people goes by a [`Form`].

mod datum;
mod draft;
mod entity;
mod expression;
mod finish;
mod form;
mod order;
mod probe;
mod row;
mod schema;
mod sheet;
mod table;
mod target;
mod template;
mod trace;
mod width;

use crate::{
    Document, Fault, Order,
    edit::{Change, Path as Edited},
    route::Shipment,
    share::{self, Share},
};
use jiff::tz::TimeZone;
use order::Part;
use row::Row;
use std::sync::Arc;

pub use datum::{Datum, Kind};
pub use entity::schema as of;
pub use expression::{FUNCTIONS, Function};
pub use form::Form;
pub use order::SCHEMA as ORDER;
pub use probe::{Limit, Probed};
pub use schema::{List, Path, Schema, Scope};
pub use sheet::{Fields, Sheet};
pub use table::Table;
pub use target::{Custom, Lines, Spot, Target};
pub use template::{FORMS, Fetch, Mocks, Purpose, SHIPPED, form, purpose, read, read_with, shipped};
pub use trace::{Fact, Step};
pub(crate) use width::cut;

/// A checked template of orders. Only [`read`] and [`read_with`] make one.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The template's name.
    pub name: String,
    sheet: Arc<Sheet>,
    locked: Arc<[Arc<str>]>,
    key: Arc<str>,
    customer: Arc<str>,
    total: Arc<str>,
}

impl Mapping {
    /// Makes one document of each shipment. Fails with E301 to E304, naming the row.
    pub fn apply(&self, order: &Order, shipments: &[Shipment], zone: &TimeZone) -> Result<Vec<Document>, Fault> {
        let shares = share::share(order, shipments);
        (0..).zip(shipments.iter().zip(&shares)).map(|(part, (shipment, share))| self.document(order, part, shipment, share, zone)).collect()
    }

    fn document(&self, order: &Order, part: u32, shipment: &Shipment, share: &Share, zone: &TimeZone) -> Result<Document, Fault> {
        let key = key(order, part);
        let fields = self.sheet.fill(&Part { order, shipment, share, key: &key, zone })?;
        Ok(self.document_of(part, shipment, share, fields))
    }

    fn document_of(&self, part: u32, shipment: &Shipment, share: &Share, fields: Fields) -> Document {
        let Fields { header: fields, mut lists } = fields;
        let mut document = Document {
            part,
            key: String::new(),
            customer: String::new(),
            total: share.total,
            warehouse: shipment.warehouse.clone(),
            backorder: shipment.backorder,
            fields,
            lines: lists.pop().unwrap_or_default(),
            locked: self.locked.clone(),
        };
        self.identify(&mut document);
        document
    }

    /// Reads the natural key out of the fields. The key and the total are locked; the customer is what `post-map` left.
    fn identify(&self, document: &mut Document) {
        let text = |name: &str| crate::order::find(&document.fields, name).map(ToString::to_string).unwrap_or_default();
        (document.key, document.customer) = (text(&self.key), text(&self.customer));
    }

    /// Checks a document after the rules: every text still fits its field. Fails with E302.
    pub fn check(&self, mut document: Document) -> Result<Document, Fault> {
        for row in self.sheet.header.iter().filter(|row| row.width.is_some()) {
            if let Some(value) = crate::order::find(&document.fields, &row.target) {
                row.fits(value).map_err(|fault| fault.at(&*row.target))?;
            }
        }
        for (index, line) in document.lines.iter().enumerate() {
            for row in self.sheet.lines().iter().filter(|row| row.width.is_some()) {
                if let Some(value) = crate::order::find(line, &row.target) {
                    row.fits(value).map_err(|fault| fault.at(format!("lines[{index}].{}", row.target)))?;
                }
            }
        }
        self.identify(&mut document);
        Ok(document)
    }

    /// Checks one edit of a rule: the text fits the ERP's field. Fails with E302.
    pub fn check_change(&self, change: &Change) -> Result<(), Fault> {
        let (rows, name) = match &change.path {
            Edited::Field(name) => (self.sheet.header.as_slice(), name),
            Edited::LineField(_, name) => (self.sheet.lines(), name),
            _ => return Ok(()),
        };
        match rows.iter().find(|row| row.width.is_some() && *row.target == **name) {
            Some(row) => row.fits(&change.after).map_err(|fault| fault.at(&*row.target)),
            None => Ok(()),
        }
    }

    /// Where a field of the document gets its value: a path of the canonical order, with `lines.` for one of any line; of an
    /// expression the first that it reads. The field may be named as the ERP names it (`LineItems[2].ItemCode`,
    /// `LineItems.ItemCode`) or as our own faults do (`lines[2].ItemCode`): which line it is of a document says nothing about
    /// the order. `None` for constants and for fields that the template does not have.
    pub fn source_of(&self, target_field: &str) -> Option<String> {
        let row = self.sheet.header.iter().find(|row| *row.target == *target_field).or_else(|| {
            let in_line = |name: &str| self.sheet.lines().iter().find(|row: &&Row| *row.target == *name);
            // A name may hold dots itself, so every part after one may be it.
            target_field.match_indices('.').find_map(|(dot, _)| in_line(&target_field[dot + 1..])).or_else(|| in_line(target_field))
        });
        row?.from.first()?.path(self.sheet.schema)
    }

    /// The field that carries the document's worth.
    pub fn total_field(&self) -> &str {
        &self.total
    }
}

/// The natural key of one part of an order.
fn key(order: &Order, part: u32) -> String {
    match part {
        0 => order.number.to_string(),
        part => format!("{}-{}", order.number, part + 1),
    }
}

#[cfg(test)]
mod tests;
