//! What one side knows of an entity, flat and by name: `email`, `billing.city`, `price[CAD/retail/10]`. The common shape
//! for comparing, merging and hashing. Names and numbers have one way to be written, so that the order in which a side
//! lists its fields, `1.5` or `1.50`, and an empty field or none make no difference.

use crate::{
    Decimal,
    order::{Address, Field, Value},
    schema,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt};

/// The sha256 of a content. Written as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash([u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Hash {
    type Error = String;
    fn try_from(text: String) -> Result<Hash, String> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(&text, &mut bytes).map_err(|error| format!("no sha256: {error}"))?;
        Ok(Hash(bytes))
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> String {
        hash.to_string()
    }
}

/// What one side knows of an entity, by name. Holds nothing that is empty, and nothing under a name that is never read
/// ([`schema::is_never_read`]): card data and passwords cannot come this way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, Value>", into = "BTreeMap<String, Value>")]
pub struct Content(BTreeMap<String, Value>);

impl Content {
    /// Nothing is known yet.
    pub fn new() -> Content {
        Content::default()
    }

    /// Sets a value; an empty one takes the field away.
    pub fn put(&mut self, name: impl Into<String>, value: Value) {
        let name = name.into();
        let value = match value {
            Value::Text(text) if text.trim().is_empty() => Value::Empty,
            Value::Text(text) => Value::Text(text.trim().to_owned()),
            Value::Number(number) => Value::Number(number.normalize()),
            other => other,
        };
        match value {
            Value::Empty => drop(self.0.remove(&name)),
            _ if schema::is_never_read(&name) => {}
            value => drop(self.0.insert(name, value)),
        }
    }

    /// Sets a text.
    pub fn text(&mut self, name: impl Into<String>, text: &str) {
        self.put(name, Value::Text(text.to_owned()));
    }

    /// Sets a number.
    pub fn number(&mut self, name: impl Into<String>, number: Decimal) {
        self.put(name, Value::Number(number));
    }

    /// Sets the parts of an address: `billing.city`.
    pub fn address(&mut self, name: &str, address: &Address) {
        let Address { name: person, company, line1, line2, city, region, postal_code, country, phone, email } = address;
        let parts = [
            ("name", person),
            ("company", company),
            ("line1", line1),
            ("line2", line2),
            ("city", city),
            ("region", region),
            ("postal-code", postal_code),
            ("country", country),
            ("phone", phone),
            ("email", email),
        ];
        parts.into_iter().for_each(|(part, text)| self.text(format!("{name}.{part}"), text));
    }

    /// Sets custom fields: `fields.tax-exempt-no`.
    pub fn fields(&mut self, fields: &[Field]) {
        for field in fields.iter().filter(|field| !schema::is_never_read(&field.name)) {
            self.put(format!("fields.{}", field.name), field.value.clone());
        }
    }

    /// What is known of a field; [`Value::Empty`] when nothing is.
    pub fn get(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Empty)
    }

    /// All that is known, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The hash of its canonical bytes: each field by name, then its kind, length and value.
    pub fn hash(&self) -> Hash {
        let mut sha = Sha256::new();
        let mut part = |kind: u8, text: &str| {
            sha.update([kind]);
            // With its length, so that no two contents run together to the same bytes.
            sha.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
            sha.update(text.as_bytes());
        };
        for (name, value) in &self.0 {
            part(b'n', name);
            match value {
                Value::Text(text) => part(b't', text),
                Value::Number(number) => part(b'd', &number.to_string()),
                Value::Flag(flag) => part(b'f', if *flag { "1" } else { "0" }),
                Value::Empty => {}
            }
        }
        Hash(sha.finalize().into())
    }

    /// What is otherwise in `newer`, by name.
    pub fn compare(&self, newer: &Content) -> Vec<Difference> {
        let names: std::collections::BTreeSet<&String> = self.0.keys().chain(newer.0.keys()).collect();
        let difference = |name: &String| Difference { field: name.clone(), from: self.get(name).clone(), to: newer.get(name).clone() };
        names.into_iter().map(difference).filter(|one| one.from != one.to).collect()
    }
}

impl From<BTreeMap<String, Value>> for Content {
    fn from(fields: BTreeMap<String, Value>) -> Content {
        let mut content = Content::new();
        fields.into_iter().for_each(|(name, value)| content.put(name, value));
        content
    }
}

impl From<Content> for BTreeMap<String, Value> {
    fn from(content: Content) -> BTreeMap<String, Value> {
        content.0
    }
}

/// A field that is otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// The field's name.
    pub field: String,
    /// What it was.
    pub from: Value,
    /// What it is.
    pub to: Value,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}` → `{}`", self.field, self.from, self.to)
    }
}
