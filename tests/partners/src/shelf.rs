//! A kind of thing as a partner keeps it: JSON objects by key, field by field as they came, with version, time of the last
//! change and every write counted. What both partners' goods and people are made of.

use crate::{
    changes::{Changes, Mark},
    time,
};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// An object, its values digit by digit as they came.
pub(crate) type Fields = BTreeMap<String, Box<RawValue>>;

/// Reads an object.
pub(crate) fn fields(text: &[u8]) -> Option<Fields> {
    serde_json::from_slice(text).ok()
}

/// A value as JSON.
pub(crate) fn raw(value: impl serde::Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(&value).unwrap_or_default()
}

/// A text of an object; empty where there is none.
pub(crate) fn text(fields: &Fields, name: &str) -> String {
    fields.get(name).and_then(|json| serde_json::from_str(json.get()).ok()).unwrap_or_default()
}

struct Row {
    fields: Fields,
    mark: Mark,
    version: u64,
}

/// All of a kind.
pub(crate) struct Shelf {
    rows: BTreeMap<String, Row>,
    changes: Changes<String>,
    changed_at: &'static str,
    version: Option<&'static str>,
    writes: u64,
}

impl Shelf {
    /// An empty one; rows say under these names when they were changed and, where they do, which version they are.
    pub(crate) fn new(changed_at: &'static str, version: Option<&'static str>) -> Shelf {
        Shelf { rows: BTreeMap::new(), changes: Changes::new(), changed_at, version, writes: 0 }
    }

    /// Puts an object in the place of what is there; what it does not say stays.
    pub(crate) fn put(&mut self, key: &str, fields: Fields) {
        let now = time();
        let before = self.rows.remove(key);
        let mark = self.changes.touch(key.to_owned(), before.as_ref().map(|row| row.mark), now);
        let version = before.as_ref().map_or(1, |row| row.version + 1);
        let mut kept = before.map(|row| row.fields).unwrap_or_default();
        kept.extend(fields);
        kept.insert(self.changed_at.into(), raw(now.to_string()));
        if let Some(name) = self.version {
            kept.insert(name.into(), raw(version));
        }
        self.rows.insert(key.to_owned(), Row { fields: kept, mark, version });
    }

    /// As [`Shelf::put`], by a partner's interface: it is counted.
    pub(crate) fn write(&mut self, key: &str, fields: Fields) {
        self.writes += 1;
        self.put(key, fields);
    }

    /// Takes an object away, as if it had never been: whether it was there.
    pub(crate) fn remove(&mut self, key: &str) -> bool {
        let gone = self.rows.remove(key);
        if let Some(row) = &gone {
            self.changes.forget(row.mark);
        }
        gone.is_some()
    }

    /// Writes by the interface so far.
    pub(crate) fn writes(&self) -> u64 {
        self.writes
    }

    pub(crate) fn version(&self, key: &str) -> u64 {
        self.rows.get(key).map_or(0, |row| row.version)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Fields> {
        self.rows.get(key).map(|row| &row.fields)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Fields> {
        self.rows.values().map(|row| &row.fields)
    }

    /// An object as JSON text.
    pub(crate) fn one(&self, key: &str) -> Option<String> {
        self.get(key).and_then(|fields| serde_json::to_string(fields).ok())
    }

    /// Those that `wanted` says, as JSON text.
    pub(crate) fn list(&self, name: &str, wanted: impl Fn(&Fields) -> bool) -> String {
        let rows: Vec<&Fields> = self.all().filter(|fields| wanted(fields)).collect();
        format!(r#"{{"{name}":{},"next":null}}"#, serde_json::to_string(&rows).unwrap_or_default())
    }

    /// A page of what changed since then, as JSON text. `None` for a cursor that is none.
    pub(crate) fn page(&self, name: &str, since: jiff::Timestamp, cursor: Option<&str>, limit: usize) -> Option<String> {
        let (keys, next) = self.changes.page(since, cursor, limit)?;
        let rows: Vec<&Fields> = keys.iter().filter_map(|key| self.get(key)).collect();
        Some(format!(r#"{{"{name}":{},"next":{}}}"#, serde_json::to_string(&rows).unwrap_or_default(), serde_json::json!(next)))
    }
}
