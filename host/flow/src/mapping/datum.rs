//! What a path gives and what expressions work with: a value on its way from the record to a field of the document. Texts
//! are borrowed where they can be. There are no floats: every number is an exact decimal.

use crate::{Decimal, order::Value};
use jiff::Timestamp;
use std::{borrow::Cow, fmt};

/// The type of a path, of an expression or of a function's argument, known at load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Not known before the value is there: custom fields.
    Any,
    /// Text.
    Text,
    /// An exact decimal.
    Number,
    /// Yes or no.
    Flag,
    /// A point in time.
    Instant,
    /// One element of a list of the record's, by the list's place in the schema: a line of an order, a price of a product.
    Line(usize),
    /// A postal address.
    Address,
    /// A list.
    List(&'static Kind),
}

impl Kind {
    /// Whether a value of this kind may stand where `wanted` is asked for. What is not known is checked when it is there.
    pub(super) fn fits(self, wanted: Kind) -> bool {
        match (self, wanted) {
            (Kind::Any, _) | (_, Kind::Any) => true,
            (Kind::List(one), Kind::List(other)) => one.fits(*other),
            (one, other) => one == other,
        }
    }

    /// What stands for both of two kinds.
    pub(super) fn or(self, other: Kind) -> Kind {
        if self == other { self } else { Kind::Any }
    }

    /// A list of it.
    pub(super) fn list(self) -> Kind {
        Kind::List(match self {
            Kind::Text => &Kind::Text,
            Kind::Number => &Kind::Number,
            Kind::Flag => &Kind::Flag,
            Kind::Instant => &Kind::Instant,
            Kind::Line(0) => &Kind::Line(0),
            Kind::Line(_) => &Kind::Line(1),
            Kind::Address => &Kind::Address,
            Kind::Any | Kind::List(_) => &Kind::Any,
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Any => f.write_str("any"),
            Kind::Text => f.write_str("text"),
            Kind::Number => f.write_str("number"),
            Kind::Flag => f.write_str("flag"),
            Kind::Instant => f.write_str("instant"),
            Kind::Line(_) => f.write_str("line"),
            Kind::Address => f.write_str("address"),
            Kind::List(of) => write!(f, "list<{of}>"),
        }
    }
}

/// A value on its way. An empty text is [`Datum::Empty`]: neither shops nor ERPs tell them apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Datum<'s> {
    /// Nothing.
    #[default]
    Empty,
    /// Text, never empty.
    Text(Cow<'s, str>),
    /// An exact number.
    Number(Decimal),
    /// Yes or no.
    Flag(bool),
    /// A point in time.
    Instant(Timestamp),
    /// A line, by its place.
    Line(usize),
    /// A list; an address is the list of its parts.
    List(Vec<Datum<'s>>),
}

impl<'s> Datum<'s> {
    /// A text of the record.
    pub fn text(text: &'s str) -> Datum<'s> {
        if text.is_empty() { Datum::Empty } else { Datum::Text(Cow::Borrowed(text)) }
    }

    /// A text that was made.
    pub fn owned(text: String) -> Datum<'s> {
        if text.is_empty() { Datum::Empty } else { Datum::Text(Cow::Owned(text)) }
    }

    /// A custom field.
    pub fn of(value: &'s Value) -> Datum<'s> {
        match value {
            Value::Text(text) => Datum::text(text),
            Value::Number(number) => Datum::Number(*number),
            Value::Flag(flag) => Datum::Flag(*flag),
            Value::Empty => Datum::Empty,
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        matches!(self, Datum::Empty)
    }

    /// What it is now.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Datum::Empty => "nothing",
            Datum::Text(_) => "text",
            Datum::Number(_) => "number",
            Datum::Flag(_) => "flag",
            Datum::Instant(_) => "instant",
            Datum::Line(_) => "line",
            Datum::List(_) => "list",
        }
    }

    /// As text, as people and the ERP read it; a list is its parts with a space between.
    pub(super) fn to_text(&self) -> Cow<'_, str> {
        match self {
            Datum::Empty => Cow::Borrowed(""),
            Datum::Text(text) => Cow::Borrowed(text),
            Datum::Number(number) => Cow::Owned(number.to_string()),
            Datum::Flag(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
            Datum::Instant(at) => Cow::Owned(at.to_string()),
            Datum::Line(line) => Cow::Owned(format!("line {line}")),
            Datum::List(parts) => Cow::Owned(parts.iter().map(Datum::to_text).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")),
        }
    }

    /// As a field of the document.
    pub(super) fn into_value(self) -> Value {
        match self {
            Datum::Empty => Value::Empty,
            Datum::Text(text) => Value::Text(text.into_owned()),
            Datum::Number(number) => Value::Number(number),
            Datum::Flag(flag) => Value::Flag(flag),
            other => match other.to_text() {
                text if text.is_empty() => Value::Empty,
                text => Value::Text(text.into_owned()),
            },
        }
    }
}
