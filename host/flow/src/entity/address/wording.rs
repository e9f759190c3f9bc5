//! The words of an address: case, abbreviations, lines that are too long, and lines that say nothing.

use super::{Case, country::plain};

/// Words of lines and their usual abbreviations.
pub const ABBREVIATIONS: &[(&str, &str)] = &[
    ("apartment", "Apt"),
    ("avenue", "Ave"),
    ("boulevard", "Blvd"),
    ("building", "Bldg"),
    ("circle", "Cir"),
    ("court", "Ct"),
    ("crescent", "Cres"),
    ("department", "Dept"),
    ("drive", "Dr"),
    ("floor", "Fl"),
    ("highway", "Hwy"),
    ("lane", "Ln"),
    ("parkway", "Pkwy"),
    ("place", "Pl"),
    ("road", "Rd"),
    ("room", "Rm"),
    ("square", "Sq"),
    ("street", "St"),
    ("suite", "Ste"),
    ("terrace", "Ter"),
];

/// What programs and people write where something has to stand.
const NOTHING: &[&str] = &[
    "address",
    "address1",
    "address2",
    "addressline1",
    "addressline2",
    "city",
    "line1",
    "line2",
    "na",
    "none",
    "null",
    "street",
    "streetaddress",
    "tbd",
    "test",
    "undefined",
    "unknown",
    "xxx",
];

/// Whether a text stands there only because something had to.
pub(super) fn says_nothing(text: &str) -> bool {
    let plain = plain(text);
    !text.is_empty() && (plain.is_empty() || NOTHING.contains(&plain.as_str()))
}

pub(super) fn in_case(text: &str, case: Case) -> String {
    match case {
        Case::Keep => text.to_owned(),
        Case::Upper => text.to_uppercase(),
        Case::Capitals => {
            let is_mixed = text.chars().any(char::is_lowercase) && text.chars().any(char::is_uppercase);
            if is_mixed { text.to_owned() } else { text.split(' ').map(capital).collect::<Vec<_>>().join(" ") }
        }
    }
}

fn capital(word: &str) -> String {
    // Codes and directions: ON, NE, PO.
    if word.chars().filter(|c| c.is_alphabetic()).count() <= 2 {
        return word.to_owned();
    }
    let mut made = String::with_capacity(word.len());
    let mut is_first = true;
    for c in word.chars() {
        if is_first {
            made.extend(c.to_uppercase())
        } else {
            made.extend(c.to_lowercase())
        }
        // 5th is no word that begins with T; O'Neil and Saint-Denis have two beginnings.
        is_first = !c.is_alphanumeric();
    }
    made
}

/// Abbreviates the words of a line. A word that another one of them follows, abbreviated or not, is a name: `5 Court St`.
pub(super) fn abbreviate(line: &str, words: &[(String, String)], case: Case) -> String {
    let listed = |word: &str| -> Option<String> {
        let bare = plain(word);
        let is_it = |long: &str, short: &str| plain(long) == bare || plain(short) == bare;
        let ours = || ABBREVIATIONS.iter().find(|(long, short)| is_it(long, short)).map(|(_, short)| (*short).to_owned());
        let theirs = || words.iter().find(|(long, short)| is_it(long, short)).map(|(_, short)| short.clone());
        let short = if words.is_empty() { ours() } else { theirs() }?;
        (!bare.is_empty()).then(|| if case == Case::Upper { short.to_uppercase() } else { short })
    };
    let parts: Vec<&str> = line.split(' ').collect();
    let shorts: Vec<Option<String>> = parts.iter().map(|word| listed(word)).collect();
    let is_name = |index: usize| !parts[index].ends_with(',') && matches!(shorts.get(index + 1), Some(Some(_)));
    let made = (0..parts.len()).map(|index| match &shorts[index] {
        // What is short already stays as it is written; the comma behind a word stays, too.
        Some(short) if !is_name(index) && plain(short) != plain(parts[index]) => {
            format!("{short}{}", if parts[index].ends_with(',') { "," } else { "" })
        }
        _ => parts[index].to_owned(),
    });
    made.collect::<Vec<_>>().join(" ")
}

/// Breaks a first line that is too long at its last word that fits; the rest goes before the second line. The comma at the
/// break goes. Nothing when it fits, or when its first word is too long.
pub(super) fn spill(line1: &str, line2: &str, width: usize) -> Option<(String, String)> {
    if line1.chars().count() <= width {
        return None;
    }
    // A space may stand just behind the last letter that fits.
    let end = line1.char_indices().nth(width).map(|(end, _)| end)?;
    let at = line1[..end].rfind(' ').max(line1[end..].starts_with(' ').then_some(end))?;
    let (first, rest) = (line1[..at].trim_end_matches([' ', ',']), line1[at..].trim());
    let second = if line2.is_empty() { rest.to_owned() } else { format!("{rest}, {line2}") };
    (!first.is_empty()).then(|| (first.to_owned(), second))
}
