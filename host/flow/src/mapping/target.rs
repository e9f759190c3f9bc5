//! What a template can write of an entity: the fields of the side that takes it, with their types. A connector says it of its
//! own rows; keys, times and what must add up are not among them and go as they came.

use super::datum::Kind;

/// What a side takes of an entity from a template.
#[derive(Debug)]
pub struct Target {
    /// Fields of the row; a dot makes an object.
    pub fields: &'static [Spot],
    /// Lists of the row.
    pub lists: &'static [Lines],
    /// Where custom fields are.
    pub custom: Custom,
}

/// A field that a template can write.
#[derive(Debug)]
pub struct Spot {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it holds: text, number or flag.
    pub kind: Kind,
    /// Whether it is always there: without it the row would say something else, or nothing.
    pub is_needed: bool,
}

/// A list that a template can write.
#[derive(Debug)]
pub struct Lines {
    /// The list of the entity, and the group of the template: `prices`.
    pub from: &'static str,
    /// Its name on the wire.
    pub name: &'static str,
    /// The fields of an element.
    pub fields: &'static [Spot],
}

/// Where a side has its custom fields.
#[derive(Debug)]
pub enum Custom {
    /// It has none.
    None,
    /// In an object of this name.
    Under(&'static str),
    /// Beside its own columns. These names are taken: they are its own, and no template's.
    Beside(&'static [&'static str]),
}

impl Spot {
    /// A text.
    pub const fn text(name: &'static str) -> Spot {
        Spot { name, kind: Kind::Text, is_needed: false }
    }

    /// An exact number.
    pub const fn number(name: &'static str) -> Spot {
        Spot { name, kind: Kind::Number, is_needed: false }
    }

    /// A yes or no.
    pub const fn flag(name: &'static str) -> Spot {
        Spot { name, kind: Kind::Flag, is_needed: false }
    }

    /// The same, always there.
    pub const fn needed(self) -> Spot {
        Spot { is_needed: true, ..self }
    }
}

impl Target {
    /// The fields of the header, or of a group.
    pub(super) fn spots(&self, group: Option<&str>) -> &'static [Spot] {
        match group {
            None => self.fields,
            Some(from) => self.lists.iter().find(|list| list.from == from).map_or(&[], |list| list.fields),
        }
    }

    /// The custom field that a field of the header is, if it is one.
    pub(super) fn custom<'n>(&self, name: &'n str) -> Option<&'n str> {
        match self.custom {
            Custom::None => None,
            Custom::Under(object) => name.strip_prefix(object)?.strip_prefix('.').filter(|name| !name.is_empty()),
            Custom::Beside(taken) => {
                let root = name.split('.').next().unwrap_or_default();
                let is_own = taken.contains(&root) || self.fields.iter().any(|spot| spot.name == name);
                (!is_own && !name.is_empty() && !name.contains('.')).then_some(name)
            }
        }
    }
}
