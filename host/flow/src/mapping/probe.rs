//! What a template would send if fields had no end, and what it says of them: for the field-fit report, which holds it
//! against the ERP's own tables. Walks the same rows as [`Mapping::apply`].

use super::{
    Mapping,
    order::Part,
    row::{Filled, Overflow, Row, Shape},
    sheet::Sheet,
};
use crate::{Code, Document, Fault, Order, money, order::Value, route::Shipment, schema::Kind, share};
use jiff::tz::TimeZone;
use std::sync::Arc;

/// A document whose texts are as long as they came, and the rows that could not be filled.
#[derive(Clone, Debug)]
pub struct Probed {
    /// The document; what could not be filled is empty.
    pub document: Document,
    /// The field, of a line with `lines[].` before it, and what was wrong: E301 to E304.
    pub faults: Vec<(String, Code)>,
}

/// What a template says of one field of the ERP's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Whether it is a field of lines.
    pub in_lines: bool,
    /// The field.
    pub target: String,
    /// What it holds, as far as the row says so.
    pub kind: Option<Kind>,
    /// Whether a longer text is cut; else it is refused, or goes on in another field.
    pub cuts: bool,
    /// Whether its value is the article's code.
    pub is_article: bool,
}

impl Limit {
    /// The field, of a line with `lines[].` before it.
    pub fn name(&self) -> String {
        format!("{}{}", if self.in_lines { "lines[]." } else { "" }, self.target)
    }
}

impl Mapping {
    /// What every row says of its field, the header's first.
    pub fn limits(&self) -> Vec<Limit> {
        let schema = self.sheet.schema;
        let limit = |in_lines, row: &Row| Limit {
            in_lines,
            target: row.target.to_string(),
            kind: kind(row),
            cuts: row.overflow == Overflow::Cut,
            is_article: row.from.iter().any(|source| source.path(schema).as_deref() == Some("lines.sku")),
        };
        let header = self.sheet.header.iter().map(|row| limit(false, row));
        header.chain(self.sheet.lines().iter().map(|row| limit(true, row))).collect()
    }

    /// This mapping without the ends of its fields. A text that goes on in another field keeps its own, because what goes on
    /// there follows from it.
    pub fn endless(&self) -> Mapping {
        let endless = |rows: &[Row]| -> Vec<Row> {
            let width = |row: &Row| row.width.filter(|_| matches!(row.overflow, Overflow::Spill(_)));
            rows.iter().map(|row| Row { width: width(row), ..row.clone() }).collect()
        };
        let sheet = Sheet {
            header: endless(&self.sheet.header),
            lists: self.sheet.lists.iter().map(|rows| endless(rows)).collect(),
            ..Sheet::clone(&self.sheet)
        };
        Mapping { sheet: Arc::new(sheet), ..self.clone() }
    }

    /// Makes the documents of an order; a row that cannot be filled does not stop the others.
    pub fn probe(&self, order: &Order, shipments: &[Shipment], zone: &TimeZone) -> Vec<Probed> {
        let shares = share::share(order, shipments);
        let parts = (0..).zip(shipments.iter().zip(&shares));
        let probe = |(part, (shipment, share)): (u32, (&Shipment, &share::Share))| {
            let (key, mut faults) = (super::key(order, part), Vec::new());
            let scope = Part { order, shipment, share, key: &key, zone };
            let walked = self.sheet.walk(&scope, &mut |row, at, filled: Result<Filled, Fault>| {
                Ok(filled.map(|filled| filled.value).unwrap_or_else(|fault| {
                    let before = if at.line.is_some() { "lines[]." } else { "" };
                    faults.push((format!("{before}{}", row.target), fault.code));
                    Value::Empty
                }))
            });
            debug_assert!(walked.is_ok(), "a probe goes on after a fault");
            Probed { document: self.document_of(part, shipment, share, walked.unwrap_or_default()), faults }
        };
        parts.map(probe).collect()
    }
}

fn kind(row: &Row) -> Option<Kind> {
    match (row.shape, row.width) {
        (Some(Shape::Number { scale, digits }), _) => {
            // As many digits as an amount may have, and a sign.
            let (decimals, digits) = (scale.unwrap_or(money::MAX_RATE_SCALE), digits.unwrap_or(28));
            let point = if decimals == 0 { 0 } else { decimals as usize + 1 };
            Some(Kind::Number { width: digits as usize + 1 + point, decimals })
        }
        (Some(Shape::Date), _) => Some(Kind::Date),
        (Some(Shape::Flag), _) => Some(Kind::Flag),
        (Some(Shape::Text) | None, Some(width)) => Some(Kind::Text { width }),
        (Some(Shape::Text), None) => Some(Kind::Memo),
        (None, None) => None,
    }
}
