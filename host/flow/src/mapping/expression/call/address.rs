//! Functions of addresses and names. Shops write them as people do, so these are rules of thumb: look at what they give.

use super::{Made, list, part, text};
use crate::mapping::{datum::Datum, schema::Scope};

pub(in super::super) fn address_line<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let mut given = given.into_iter();
    let (parts, between) = (list(&mut given), text(&mut given));
    let between = if between.is_empty() { ", ".into() } else { between };
    let parts: Vec<_> = parts.iter().map(Datum::to_text).filter(|part| !part.is_empty()).collect();
    Ok(Datum::owned(parts.join(&*between)))
}

/// Where the house number of a line is: `221b Baker Street`, `Hauptstraße 12 a`.
fn number_of(line: &str) -> Option<std::ops::Range<usize>> {
    let line_end = line.trim_end().len();
    let front = line.split_whitespace().next()?;
    if front.starts_with(|char: char| char.is_ascii_digit()) && front.len() < line_end {
        let start = line.len() - line.trim_start().len();
        return Some(start..start + front.trim_end_matches(',').len());
    }
    // Behind: from the last word that begins with a digit, if at most one short word follows.
    let words: Vec<(usize, &str)> = line.split_whitespace().map(|word| (word.as_ptr() as usize - line.as_ptr() as usize, word)).collect();
    let (place, (start, _)) = words.iter().enumerate().rev().find(|(_, (_, word))| word.starts_with(|char: char| char.is_ascii_digit()))?;
    let follows = &words[place + 1..];
    let short = follows.len() <= 1 && follows.iter().all(|(_, word)| word.len() <= 2);
    (place > 0 && short).then_some(*start..line_end)
}

pub(in super::super) fn house_number<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    Ok(part(text(&mut given.into_iter()), |line| number_of(line).map_or("", |place| &line[place])))
}

pub(in super::super) fn street<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    let without = |line: &str| match number_of(line) {
        Some(place) if line[..place.start].trim().is_empty() => place.end..line.len(),
        Some(place) => 0..place.start,
        None => 0..line.len(),
    };
    Ok(part(text(&mut given.into_iter()), |line| line[without(line)].trim_matches([' ', ','])))
}

pub(in super::super) fn first_name<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    Ok(part(text(&mut given.into_iter()), |name| match name.split_once(',') {
        Some((_, first)) => first.trim(),
        None => name.trim().rsplit_once(char::is_whitespace).map_or("", |(first, _)| first.trim()),
    }))
}

pub(in super::super) fn last_name<'s>(given: Vec<Datum<'s>>, _: &'s dyn Scope) -> Made<'s> {
    Ok(part(text(&mut given.into_iter()), |name| match name.split_once(',') {
        Some((last, _)) => last.trim(),
        None => name.trim().rsplit_once(char::is_whitespace).map_or(name.trim(), |(_, last)| last),
    }))
}
