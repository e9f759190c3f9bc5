//! What the functions do, by what they work on. Arguments have been checked by [`super::Function::admit`].

pub(super) mod address;
pub(in crate::mapping) mod date;
pub(super) mod list;
pub(in crate::mapping) mod number;
pub(super) mod text;

use super::function::fault;
use crate::{Decimal, Fault, mapping::datum::Datum};
use std::borrow::Cow;

type Made<'s> = Result<Datum<'s>, Fault>;

/// The next argument as text; empty where there is none.
fn text<'s>(arguments: &mut impl Iterator<Item = Datum<'s>>) -> Cow<'s, str> {
    match arguments.next() {
        Some(Datum::Text(text)) => text,
        Some(other) => Cow::Owned(other.to_text().into_owned()),
        None => Cow::Borrowed(""),
    }
}

/// The next argument as a number; zero where there is none.
fn number<'s>(arguments: &mut impl Iterator<Item = Datum<'s>>) -> Decimal {
    match arguments.next() {
        Some(Datum::Number(number)) => number,
        _ => Decimal::ZERO,
    }
}

/// The next argument as a count of characters or decimals, from 0 to 4000.
fn count<'s>(of: &str, arguments: &mut impl Iterator<Item = Datum<'s>>) -> Result<usize, Fault> {
    let number = number(arguments).normalize();
    let count = usize::try_from(number.mantissa()).ok().filter(|count| number.scale() == 0 && *count <= 4000);
    count.ok_or_else(|| fault(format!("{of} needs a whole number from 0 to 4000, but was given {number}")))
}

fn list<'s>(arguments: &mut impl Iterator<Item = Datum<'s>>) -> Vec<Datum<'s>> {
    match arguments.next() {
        Some(Datum::List(items)) => items,
        Some(Datum::Empty) | None => Vec::new(),
        Some(one) => vec![one],
    }
}

/// A part of a text, borrowed as long as the text is.
fn part<'s>(text: Cow<'s, str>, cut: impl for<'t> Fn(&'t str) -> &'t str) -> Datum<'s> {
    match text {
        Cow::Borrowed(text) => Datum::text(cut(text)),
        Cow::Owned(text) => Datum::owned(cut(&text).to_owned()),
    }
}
