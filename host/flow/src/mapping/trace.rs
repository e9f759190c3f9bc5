//! Looking at a template while it works, and at its rows: for `crossdock mapping preview`, `explain` and the coverage of
//! tests. What is seen here is what [`Mapping::apply`] and [`super::Form::fill`] do: all walk the same rows.

use super::{
    Mapping, Scope, Sheet,
    order::Part,
    row::{Filled, Overflow, Row, Shape, Source},
};
use crate::{Fault, Order, order::Value, route::Shipment, share};
use jiff::tz::TimeZone;
use serde::Serialize;

/// What one row did for one document, and for one of its lines.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Which document of the order, from 0.
    pub part: u32,
    /// `header`, or the list.
    pub group: &'static str,
    /// Which line of the order, or element of the list, from 0; none for the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The field of the document.
    pub target: String,
    /// Paths, constant or expression, as written.
    pub source: String,
    /// What the source gave, before anything was done to it. Customer data.
    pub read: String,
    /// The field's value, or the fault.
    pub result: Result<Value, Box<Fault>>,
    /// Nothing was there, and the row's default stands.
    pub by_default: bool,
    /// What did not fit and went to another field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spilled: Option<String>,
}

/// One row, as people want to know it.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    /// `header`, or the list.
    pub group: &'static str,
    /// The field of the document.
    pub target: String,
    /// Paths, constant or expression, as written.
    pub source: String,
    /// Whether the source is an expression.
    pub expression: bool,
    /// Whether it is the same in every document.
    pub constant: bool,
    /// Where it is written, as `file:line`; then what it overrides.
    pub places: Vec<String>,
    /// The type of the ERP's field, if the row says it.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub shape: Option<String>,
    /// Characters that the field holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<usize>,
    /// What happens to what is wider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overflow: Option<String>,
    /// Functions of the row.
    pub functions: Vec<&'static str>,
    /// The lookup table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// What stands when nothing is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Money, quantity or identity: rules may not change it.
    pub locked: bool,
}

impl Mapping {
    /// What every row does with an order; a fault of one row does not stop the others.
    pub fn trace(&self, order: &Order, shipments: &[Shipment], zone: &TimeZone) -> Vec<Step> {
        let shares = share::share(order, shipments);
        let mut steps = Vec::new();
        for (part, (shipment, share)) in (0..).zip(shipments.iter().zip(&shares)) {
            let key = super::key(order, part);
            steps.extend(self.sheet.trace(part, &Part { order, shipment, share, key: &key, zone }));
        }
        steps
    }

    /// Every row, the header's first.
    pub fn facts(&self) -> Vec<Fact> {
        self.sheet.facts()
    }

    /// This mapping with entries of other tables in front of its own: mocks of a test.
    pub fn mocked(self, mocks: &[std::sync::Arc<super::Table>]) -> Result<Mapping, String> {
        let sheet = Sheet::clone(&self.sheet).mocked(mocks)?;
        Ok(Mapping { sheet: std::sync::Arc::new(sheet), ..self })
    }
}

impl Sheet {
    /// What every row does with a record; a fault of one row does not stop the others.
    pub(super) fn trace(&self, part: u32, scope: &dyn Scope) -> Vec<Step> {
        let mut steps = Vec::new();
        let walked = self.walk(scope, &mut |row, at, mut filled: Result<Filled, Fault>| {
            let by_default = filled.as_ref().is_ok_and(|filled| filled.by_default);
            let spilled = filled.as_mut().ok().and_then(|filled| filled.rest.take());
            steps.push(Step {
                part,
                group: if at.line.is_some() { at.list } else { "header" },
                line: at.line.map(|line| scope.line_number(line)),
                target: row.target.to_string(),
                source: row.sources(self.schema),
                read: row.read(at).map(|datum| datum.to_text().into_owned()).unwrap_or_default(),
                result: filled.map(|filled| filled.value).map_err(Box::new),
                by_default,
                spilled,
            });
            Ok(Value::Empty)
        });
        debug_assert!(walked.is_ok(), "a trace goes on after a fault");
        steps
    }

    /// Every row, the header's first.
    pub(super) fn facts(&self) -> Vec<Fact> {
        let group = |name: &'static str, rows: &[Row]| rows.iter().map(|row| self.fact(name, row, rows)).collect::<Vec<_>>();
        let lists = self.schema.lists.iter().zip(&self.lists).flat_map(|(list, rows)| group(list.name, rows));
        group("header", &self.header).into_iter().chain(lists).collect()
    }

    fn fact(&self, group: &'static str, row: &Row, rows: &[Row]) -> Fact {
        let mut overflow = Vec::new();
        if row.ascii {
            overflow.push("transliterate".to_owned());
        }
        match row.overflow {
            Overflow::Reject if row.width.is_some() => overflow.push("reject".into()),
            Overflow::Reject => {}
            Overflow::Cut => overflow.push("cut".into()),
            Overflow::Spill(to) => overflow.push(format!("spill to {}", rows[to].target)),
        }
        let named = |function| super::row::Function::ALL.iter().find(|(_, known)| *known == function).map(|(name, _)| *name);
        Fact {
            group,
            target: row.target.to_string(),
            source: row.sources(self.schema),
            expression: matches!(row.from.as_slice(), [Source::Expression(_)]),
            constant: matches!(row.from.as_slice(), [Source::Constant(_)]),
            places: row.places.iter().map(|place| format!("{}:{}", place.file, place.line)).collect(),
            shape: row.shape.map(|shape| match shape {
                Shape::Number { scale, digits } => {
                    let says = |what: &str, number: Option<u32>| number.map(|number| format!(", {what} {number}")).unwrap_or_default();
                    format!("number{}{}", says("scale", scale), says("digits", digits))
                }
                other => other.name().to_owned(),
            }),
            width: row.width,
            overflow: (!overflow.is_empty()).then(|| overflow.join(", then ")),
            functions: row.functions.iter().filter_map(|function| named(*function)).collect(),
            table: row.table.map(|table| self.tables[table].told()),
            default: row.default.as_ref().map(|value| format!("`{value}`")),
            locked: row.locks,
        }
    }
}
