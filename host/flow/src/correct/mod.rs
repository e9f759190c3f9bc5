//! Corrections: what can be wrong with a value on its way in, what it should probably be, and why. Pure: works on the
//! event's own bytes, so that everything that is not corrected stays as it came, digit by digit.

mod date;
mod json;
pub(crate) mod near;
mod number;
mod places;
mod suggest;

use crate::{Code, Fault, desk::By, mapping};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeSet};

pub use suggest::suggest;

/// A value in an event that may be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where, in the event as the shop sends it: `data.lineItems[3].sku`.
    pub path: String,
    /// What should stand there.
    pub sort: Sort,
}

/// What should stand at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// An amount, a quantity or a rate.
    Number,
    /// A date or an instant.
    Date,
    /// An article's code.
    Sku,
    /// A customer's number.
    Customer,
    /// A country: ISO 3166-1 alpha-2.
    Country,
    /// A region of a country: ISO 3166-2 without the country's prefix.
    Region,
    /// Any text.
    Text,
}

/// What is known of the other side, for near misses.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The ERP's articles, as last heard.
    pub skus: BTreeSet<String>,
    /// The ERP's customers, as far as they were seen.
    pub customers: BTreeSet<String>,
}

/// What a value should probably be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Suggestion {
    /// Where, in the event.
    pub path: String,
    /// The value as it came.
    pub from: String,
    /// The value as it would be.
    pub to: String,
    /// How.
    pub fix: Fix,
    /// Why, in words. Never repeats the value.
    pub reason: String,
}

/// How a value is made right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "fix")]
pub enum Fix {
    /// This very value becomes that one: a SKU, a customer, a country, a region.
    Replace {
        /// The value as it came.
        from: String,
        /// The value as it should be.
        to: String,
    },
    /// `1.234,50` and `12,50 €` become `1234.50` and `12.50`.
    DecimalComma,
    /// `1,234.50` and `$ 12.50` become `1234.50` and `12.50`.
    DecimalPoint,
    /// `23.11.2026 10:00` becomes `2026-11-23T10:00:00Z`: day, month, year. Without a time it becomes noon.
    DayFirst,
    /// `11/23/2026 10:00` becomes `2026-11-23T10:00:00Z`: month, day, year. Without a time it becomes noon.
    MonthFirst,
    /// A date that leaves no doubt becomes an instant: `2026-11-23 10:00`, `Mon, 23 Nov 2026 10:00:00 +0000`, seconds or
    /// milliseconds since 1970.
    Instant,
    /// Spaces around it go, others inside become single.
    Trim,
    /// Cut at a word, to at most so many characters.
    Cut {
        /// Characters.
        most: u32,
    },
}

/// A correction that a person accepted and wants made by itself from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Correction {
    /// The store's number; 0 before it is remembered.
    pub id: i64,
    /// Only for events of this connection.
    pub connection: String,
    /// Where, from the order's root in the event on, with `[*]` for any place in a list: `lineItems[*].sku`.
    pub path: String,
    /// How.
    #[serde(flatten)]
    pub fix: Fix,
    /// Who wanted it, why, since when.
    pub by: By,
}

impl Fix {
    /// What a text becomes by it. Nothing when it does not fit the text or changes nothing.
    pub fn make(&self, text: &str) -> Option<String> {
        let made = match self {
            Fix::Replace { from, to } => Some(to.clone()).filter(|_| from == text),
            Fix::DecimalComma => number::rewrite(text, number::Mark::Comma),
            Fix::DecimalPoint => number::rewrite(text, number::Mark::Point),
            Fix::DayFirst => date::rewrite(text, date::Order::DayFirst).map(|(date, _)| date),
            Fix::MonthFirst => date::rewrite(text, date::Order::MonthFirst).map(|(date, _)| date),
            Fix::Instant => date::rewrite(text, date::Order::Certain).map(|(date, _)| date),
            Fix::Trim => Some(text.split_whitespace().collect::<Vec<_>>().join(" ")),
            Fix::Cut { most } => {
                let mut cut = text.to_owned();
                mapping::cut(&mut cut, *most as usize);
                Some(cut).filter(|cut| !cut.is_empty())
            }
        };
        made.filter(|made| made != text)
    }
}

/// The values at a path of an event, with or without `[*]`: the own path of each, and its text (of a number its digits,
/// of null nothing). Objects and lists are no values.
pub fn values(body: &[u8], path: &str) -> Vec<(String, String)> {
    let spots = json::find(body, &[path.to_owned()]).unwrap_or_default();
    spots.into_iter().map(|spot| (spot.path, spot.text)).collect()
}

/// Makes a correction in an event, at a path with or without `[*]`: wherever it has an effect. Everything else stays byte
/// for byte. Fails with E207 when there is nothing at the path or the fix does not fit what is there.
pub fn apply(body: &[u8], path: &str, fix: &Fix) -> Result<Vec<u8>, Fault> {
    let fault = |message: &str| Fault::new(Code::CannotCorrect, message).at(path);
    let spots = json::find(body, &[path.to_owned()]).ok_or_else(|| fault("the event is no JSON"))?;
    if spots.is_empty() {
        return Err(fault("the event has no value there"));
    }
    let made: Vec<_> = spots.iter().filter_map(|spot| Some((spot, fix.make(&spot.text)?))).collect();
    if made.is_empty() {
        return Err(fault("the correction does not fit the value that stands there, or changes nothing"));
    }
    Ok(splice(body, &made))
}

/// Makes every remembered correction of this connection that meets something to correct. Gives the numbers of those that
/// did. What cannot be read as JSON stays as it is, and so does a value that its corrections only lead in a circle.
pub fn correct<'b>(body: &'b [u8], root: &str, connection: &str, remembered: &[Correction]) -> (Cow<'b, [u8]>, Vec<i64>) {
    let ours: Vec<&Correction> = remembered.iter().filter(|correction| correction.connection == connection).collect();
    if ours.is_empty() {
        return (Cow::Borrowed(body), Vec::new());
    }
    let dot = if root.is_empty() { "" } else { "." };
    let paths: Vec<String> = ours.iter().map(|correction| format!("{root}{dot}{}", correction.path)).collect();
    let mut spots = json::find(body, &paths).unwrap_or_default();
    // All corrections of one value together, in the order in which they were remembered.
    spots.sort_by_key(|spot| (spot.span.start, spot.which));
    let (mut made, mut numbers) = (Vec::new(), BTreeSet::new());
    for same in spots.chunk_by(|one, other| one.span.start == other.span.start) {
        let fixes: Vec<&Correction> = same.iter().map(|spot| ours[spot.which]).collect();
        if let Some((text, used)) = settle(&same[0].text, &fixes) {
            made.push((&same[0], text));
            numbers.extend(used);
        }
    }
    if made.is_empty() {
        return (Cow::Borrowed(body), Vec::new());
    }
    (Cow::Owned(splice(body, &made)), numbers.into_iter().collect())
}

/// Applies corrections to one text until none has an effect any more, so that correcting what is corrected changes
/// nothing. `None` when nothing changes, or when that never comes.
fn settle(text: &str, corrections: &[&Correction]) -> Option<(String, BTreeSet<i64>)> {
    let (mut settled, mut used) = (text.to_owned(), BTreeSet::new());
    // Each round but the last makes at least one; a way that is longer than there are corrections leads in a circle.
    for _ in 0..=corrections.len() {
        let start = settled.clone();
        for correction in corrections {
            if let Some(made) = correction.fix.make(&settled) {
                settled = made;
                used.insert(correction.id);
            }
        }
        if settled == start {
            return (settled != text).then_some((settled, used));
        }
    }
    None
}

/// Writes new texts in the place of values; the values stand in the order of the bytes.
fn splice(body: &[u8], made: &[(&json::Spot, String)]) -> Vec<u8> {
    let (mut spliced, mut from) = (Vec::with_capacity(body.len() + 64), 0);
    for (spot, text) in made {
        spliced.extend_from_slice(&body[from..spot.span.start]);
        spliced.extend_from_slice(json::write(&body[spot.span.clone()], text).as_bytes());
        from = spot.span.end;
    }
    spliced.extend_from_slice(&body[from..]);
    spliced
}

#[cfg(test)]
mod tests;
