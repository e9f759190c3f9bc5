//! A template of what is written of goods and people: its rows make a row of the other side's, laid over what the connector
//! writes by itself of keys, times and all that must add up. That side's connector reads the row as its own, so whatever
//! comes after (comparing, merging, recognising an echo) sees what the side will say.

use super::{
    Fact, Step, Table,
    entity::scope,
    sheet::{Fields, Sheet},
    target::{Custom, Target},
};
use crate::{
    Code, Fault,
    entity::Side,
    order::{Field, Value},
    sync::Subject,
};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::value::RawValue;
use std::{collections::BTreeMap, sync::Arc};

/// A checked template of an entity that is kept alike. Only [`super::form`] makes one.
#[derive(Clone, Debug)]
pub struct Form {
    /// The template's name.
    pub name: String,
    /// The side that it writes to.
    pub to: Side,
    pub(super) sheet: Arc<Sheet>,
    pub(super) target: &'static Target,
}

/// Equal where they are one: a template is read once.
impl PartialEq for Form {
    fn eq(&self, other: &Form) -> bool {
        Arc::ptr_eq(&self.sheet, &other.sheet)
    }
}

impl Form {
    /// What is mapped: `customer`.
    pub fn entity(&self) -> &'static str {
        self.sheet.schema.entity
    }

    /// The lists that it maps, in the order of [`Fields::lists`].
    pub fn lists(&self) -> impl Iterator<Item = &'static str> {
        self.sheet.schema.lists.iter().map(|list| list.name)
    }

    /// The custom fields of the other side that it writes.
    pub fn custom(&self) -> impl Iterator<Item = &str> {
        self.sheet.header.iter().filter_map(|row| self.target.custom(&row.target))
    }

    /// Fills every row. Fails with E301 to E304, naming the row.
    pub fn fill(&self, subject: &Subject, zone: &TimeZone) -> Result<Fields, Fault> {
        let scope = scope(subject, zone).filter(|_| subject.kind().name() == self.entity()).ok_or_else(|| self.stranger(subject))?;
        let fields = self.sheet.fill(&*scope)?;
        let groups = std::iter::once((None, std::slice::from_ref(&fields.header)))
            .chain(self.sheet.schema.lists.iter().map(|list| Some(list.name)).zip(fields.lists.iter().map(Vec::as_slice)));
        for (group, elements) in groups {
            for (index, element) in elements.iter().enumerate() {
                let is_missing = |name: &str| element.iter().any(|field| &*field.name == name && field.value == Value::Empty);
                if let Some(spot) = self.target.spots(group).iter().find(|spot| spot.is_needed && is_missing(spot.name)) {
                    let place = group.map_or_else(|| spot.name.to_owned(), |list| format!("{list}[{index}].{}", spot.name));
                    return Err(Fault::new(Code::MappingMissing, "nothing is there, and the field is always needed").at(place));
                }
            }
        }
        Ok(fields)
    }

    /// The row of the other side's: what the rows make, over what its connector writes by itself. Fails with E301 to E304.
    pub fn lay(&self, subject: &Subject, zone: &TimeZone, own: &[u8]) -> Result<Vec<u8>, Fault> {
        let fields = self.fill(subject, zone)?;
        let broken = |error: serde_json::Error| Fault::new(Code::Internal, format!("a row is no object: {error}"));
        let own: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(own).map_err(broken)?;
        let mut row: Object = own.into_iter().map(|(name, json)| (name, Node::Value(json))).collect();
        for name in self.target.fields.iter().map(|spot| spot.name).chain(self.target.lists.iter().map(|list| list.name)) {
            row.remove(name.split('.').next().unwrap_or(name));
        }
        let mut custom = Vec::new();
        for field in &fields.header {
            match self.target.custom(&field.name) {
                Some(name) => custom.push((name.to_owned(), &field.value)),
                None => plant(&mut row, &field.name, &field.value)?,
            }
        }
        for list in self.target.lists {
            let place = self.sheet.schema.lists.iter().position(|known| known.name == list.from);
            let elements = place.and_then(|place| fields.lists.get(place)).map_or(&[][..], Vec::as_slice);
            let element = |fields: &Vec<Field>| {
                let mut object = Object::new();
                fields.iter().try_for_each(|field| plant(&mut object, &field.name, &field.value)).map(|()| object)
            };
            row.insert(list.name.to_owned(), Node::List(elements.iter().map(element).collect::<Result<_, _>>()?));
        }
        let mut beside = match self.target.custom {
            Custom::Under(name) => match row.remove(name) {
                Some(Node::Value(json)) => serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(json.get()).map_err(broken)?,
                _ => BTreeMap::new(),
            },
            Custom::Beside(_) | Custom::None => BTreeMap::new(),
        };
        for (name, value) in custom {
            match (raw(value)?, &self.target.custom) {
                // Empty: it is not said, whatever would go by itself.
                (None, Custom::Under(_)) => drop(beside.remove(&name)),
                (None, _) => drop(row.remove(&name)),
                (Some(json), Custom::Under(_)) => drop(beside.insert(name, json)),
                (Some(json), _) => drop(row.insert(name, Node::Value(json))),
            }
        }
        if let Custom::Under(name) = self.target.custom {
            row.insert(name.to_owned(), Node::Object(beside.into_iter().map(|(name, json)| (name, Node::Value(json))).collect()));
        }
        serde_json::to_vec(&row).map_err(broken)
    }

    /// What every row does with an entity; a fault of one row does not stop the others. Nothing for an entity of another kind.
    pub fn trace(&self, subject: &Subject, zone: &TimeZone) -> Vec<Step> {
        scope(subject, zone).filter(|_| subject.kind().name() == self.entity()).map(|scope| self.sheet.trace(0, &*scope)).unwrap_or_default()
    }

    /// Every row, the header's first.
    pub fn facts(&self) -> Vec<Fact> {
        self.sheet.facts()
    }

    /// This template with entries of other tables in front of its own: mocks of a test.
    pub fn mocked(self, mocks: &[Arc<Table>]) -> Result<Form, String> {
        let sheet = Sheet::clone(&self.sheet).mocked(mocks)?;
        Ok(Form { sheet: Arc::new(sheet), ..self })
    }

    fn stranger(&self, subject: &Subject) -> Fault {
        Fault::new(Code::Internal, format!("the template `{}` is for a {}, not for a {}", self.name, self.entity(), subject.kind()))
    }
}

type Object = BTreeMap<String, Node>;

/// A piece of the row.
#[derive(Serialize)]
#[serde(untagged)]
enum Node {
    Value(Box<RawValue>),
    Object(Object),
    List(Vec<Object>),
}

/// Sets a field; a dot in its name makes an object.
fn plant(object: &mut Object, name: &str, value: &Value) -> Result<(), Fault> {
    let Some(json) = raw(value)? else { return Ok(()) };
    match name.split_once('.') {
        None => drop(object.insert(name.to_owned(), Node::Value(json))),
        Some((name, rest)) => {
            let child = object.entry(name.to_owned()).or_insert_with(|| Node::Object(Object::new()));
            if let Node::Object(child) = child {
                plant(child, rest, value)?;
            }
        }
    }
    Ok(())
}

/// A value as JSON, a number digit by digit; nothing for nothing.
fn raw(value: &Value) -> Result<Option<Box<RawValue>>, Fault> {
    let text = match value {
        Value::Empty => return Ok(None),
        Value::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
    };
    RawValue::from_string(text).map(Some).map_err(|error| Fault::new(Code::Internal, error.to_string()))
}
