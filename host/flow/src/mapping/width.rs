//! What happens to a text that is wider than its field. Widths are counted in characters.

use crate::order::Value;

/// The byte at which so many characters have passed, or the end.
pub(super) fn at(text: &str, characters: usize) -> usize {
    text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at)
}

/// Cuts a text to so many characters, at the end of a word where one ends in the second half.
pub(crate) fn cut(text: &mut String, width: usize) {
    let Some((end, _)) = text.char_indices().nth(width) else { return };
    let word = if text[end..].starts_with(' ') { Some(end) } else { text[..end].rfind(' ') };
    text.truncate(word.filter(|word| *word >= end / 2).unwrap_or(end));
    text.truncate(text.trim_end().len());
}

/// Keeps the words that fit and gives those that do not. `None` where not even the first word fits: then nothing is taken
/// away, because half a word is a wrong word.
pub(super) fn spill(text: &mut String, width: usize) -> Option<String> {
    let end = at(text, width);
    let rest = text[end..].trim_start();
    if rest.is_empty() {
        text.truncate(text[..end].trim_end().len());
        return Some(String::new());
    }
    let start = if rest.len() < text.len() - end || text[..end].ends_with(char::is_whitespace) {
        text.len() - rest.len()
    } else {
        let (space, char) = text[..end].char_indices().rev().find(|(_, char)| char.is_whitespace())?;
        space + char.len_utf8()
    };
    if text[..start].trim().is_empty() {
        return None;
    }
    let rest = text[start..].trim().to_owned();
    text.truncate(text[..start].trim_end().len());
    Some(rest)
}

/// Puts what did not fit elsewhere in front of a value.
pub(super) fn in_front(spilled: &str, value: Value) -> Value {
    match value.to_string() {
        text if text.is_empty() => Value::Text(spilled.to_owned()),
        text => Value::Text(format!("{spilled} {text}")),
    }
}

/// Makes a text ASCII, for ERPs of one code page: letters lose their marks, other scripts are written in Latin ones, and
/// what has no likeness is a `?`.
pub(super) fn ascii(text: &mut String) {
    if !text.is_ascii() {
        *text = deunicode::deunicode_with_tofu(text, "?").trim_end().to_owned();
    }
}
