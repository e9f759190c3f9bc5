//! Functions of texts. Lengths are counted in characters.

use super::{Made, count, part};
use crate::{
    Fault,
    mapping::{
        datum::Datum,
        expression::function::fault,
        schema::Scope,
        width::{self, at},
    },
};

pub(in super::super) fn text<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    match given.into_iter().next() {
        Some(text @ Datum::Text(_)) => Ok(text),
        Some(other) => Ok(Datum::owned(other.to_text().into_owned())),
        None => Ok(Datum::Empty),
    }
}

pub(in super::super) fn upper<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    Ok(Datum::owned(super::text(&mut given.into_iter()).to_uppercase()))
}

pub(in super::super) fn lower<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    Ok(Datum::owned(super::text(&mut given.into_iter()).to_lowercase()))
}

pub(in super::super) fn title<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let (mut made, mut begins) = (String::new(), true);
    for char in super::text(&mut given.into_iter()).chars() {
        if begins {
            made.extend(char.to_uppercase());
        } else {
            made.extend(char.to_lowercase());
        }
        begins = !char.is_alphanumeric() && char != '\'';
    }
    Ok(Datum::owned(made))
}

pub(in super::super) fn trim<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let text = super::text(&mut given.into_iter());
    let plain = |text: &str| !text.contains("  ") && !text.contains(|char: char| char.is_whitespace() && char != ' ');
    if plain(&text) {
        return Ok(part(text, str::trim));
    }
    Ok(Datum::owned(text.split_whitespace().collect::<Vec<_>>().join(" ")))
}

pub(in super::super) fn digits<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    Ok(Datum::owned(super::text(&mut given.into_iter()).chars().filter(char::is_ascii_digit).collect()))
}

pub(in super::super) fn ascii<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let mut text = super::text(&mut given.into_iter()).into_owned();
    width::ascii(&mut text);
    Ok(Datum::owned(text))
}

pub(in super::super) fn left<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let mut given = given.into_iter();
    let (text, most) = (super::text(&mut given), count("left", &mut given)?);
    Ok(part(text, |text| &text[..at(text, most)]))
}

pub(in super::super) fn right<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let mut given = given.into_iter();
    let (text, most) = (super::text(&mut given), count("right", &mut given)?);
    Ok(part(text, |text| &text[at(text, text.chars().count().saturating_sub(most))..]))
}

pub(in super::super) fn cut<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let mut given = given.into_iter();
    let (mut text, most) = (super::text(&mut given).into_owned(), count("cut", &mut given)?);
    width::cut(&mut text, most);
    Ok(Datum::owned(text))
}

/// The text, what fills it up, and by how many characters.
fn padding<'s>(of: &str, given: Vec<Datum<'s>>) -> Result<(String, String), Fault> {
    let mut given = given.into_iter();
    let (text, width, fill) = (super::text(&mut given), count(of, &mut given)?, super::text(&mut given));
    let fill = if fill.is_empty() { " ".into() } else { fill };
    if fill.chars().count() != 1 {
        return Err(fault(format!("{of} fills with one character, but was given `{fill}`")));
    }
    let missing = width.saturating_sub(text.chars().count());
    Ok((text.into_owned(), fill.repeat(missing)))
}

pub(in super::super) fn pad_left<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    padding("pad_left", given).map(|(text, fill)| Datum::owned(fill + &text))
}

pub(in super::super) fn pad_right<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    padding("pad_right", given).map(|(text, fill)| Datum::owned(text + &fill))
}

pub(in super::super) fn replace<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let mut given = given.into_iter();
    let (text, from, to) = (super::text(&mut given), super::text(&mut given), super::text(&mut given));
    if from.is_empty() {
        return Ok(part(text, |text| text));
    }
    Ok(Datum::owned(text.replace(&*from, &to)))
}

pub(in super::super) fn before<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let mut given = given.into_iter();
    let (text, mark) = (super::text(&mut given), super::text(&mut given));
    Ok(part(text, |text| text.split_once(&*mark).map_or(text, |(before, _)| before)))
}

pub(in super::super) fn after<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let mut given = given.into_iter();
    let (text, mark) = (super::text(&mut given), super::text(&mut given));
    Ok(part(text, |text| text.split_once(&*mark).map_or("", |(_, after)| after)))
}

fn both<'s>(given: Vec<Datum<'s>>, ask: impl Fn(&str, &str) -> bool) -> Made<'s> {
    let mut given = given.into_iter();
    Ok(Datum::Flag(ask(&super::text(&mut given), &super::text(&mut given))))
}

pub(in super::super) fn contains<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    both(given, |text, part| text.contains(part))
}

pub(in super::super) fn starts_with<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    both(given, |text, part| text.starts_with(part))
}

pub(in super::super) fn ends_with<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    both(given, |text, part| text.ends_with(part))
}

pub(in super::super) fn split<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let mut given = given.into_iter();
    let (text, mark) = (super::text(&mut given), super::text(&mut given));
    let parts = text.split(&*mark).map(str::trim).filter(|part| !part.is_empty());
    Ok(Datum::List(parts.map(|part| Datum::owned(part.to_owned())).collect()))
}

pub(in super::super) fn join<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let mut given = given.into_iter();
    let (items, between) = (super::list(&mut given), super::text(&mut given));
    let parts: Vec<_> = items.iter().map(Datum::to_text).filter(|text| !text.is_empty()).collect();
    Ok(Datum::owned(parts.join(&*between)))
}

pub(in super::super) fn format<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let mut given = given.into_iter();
    let form = super::text(&mut given);
    let mut made = String::with_capacity(form.len() + 16);
    for (place, piece) in form.split("{}").enumerate() {
        if place > 0 {
            made.push_str(&super::text(&mut given));
        }
        made.push_str(piece);
    }
    Ok(Datum::owned(made))
}
