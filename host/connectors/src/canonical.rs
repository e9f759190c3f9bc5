//! What every shop's order must keep to on its way to the canonical one, apart from its amounts: how much there may be of
//! what, and which names and codes are taken.

use crate::{
    amount::{invalid, unfit},
    scalar::{Custom, MAX_FIELDS},
};
use crossdock_flow::{
    Fault, edit,
    fault::shorten,
    order::{Field, Value, find},
};

/// The most lines of one order.
const MAX_LINES: usize = 10_000;
/// The most tags of one order.
const MAX_TAGS: usize = 256;

/// Says whether an order may have so many lines. Fails with E202.
pub(crate) fn count(lines: usize) -> Result<(), Fault> {
    if (1..=MAX_LINES).contains(&lines) {
        return Ok(());
    }
    Err(invalid(format!("an order has 1 to {MAX_LINES} lines; this one has {lines}")).limit("lines", MAX_LINES, None))
}

/// Refuses an order of which lines have no SKU, naming each by the shop's id. `lines` gives place, id and SKU. Fails with
/// E202 at the first of them: no line is ever dropped.
pub(crate) fn skus<'l>(lines: impl Iterator<Item = (String, &'l str, &'l str)>) -> Result<(), Fault> {
    let mut missing = lines.filter(|(_, _, sku)| sku.trim().is_empty());
    let Some((place, first, _)) = missing.next() else { return Ok(()) };
    let ids: Vec<&str> = std::iter::once(first).chain(missing.map(|(_, id, _)| id)).collect();
    let what = if ids.len() == 1 { "the SKU of a line is empty: line" } else { "the SKUs of lines are empty: lines" };
    Err(invalid(format!("{what} {}", shorten(&ids.join(", ")))).at(place))
}

/// A country's code, in upper case. Fails with E202.
pub(crate) fn country(code: &str) -> Result<String, Fault> {
    let code = code.trim();
    if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(invalid("the country must be two letters (ISO 3166-1 alpha-2), such as CA"));
    }
    Ok(code.to_ascii_uppercase())
}

/// Custom fields, in their order. Neither names nor values are quoted: shops put free text into both. Fails with E202.
pub(crate) fn fields(sent: Vec<(String, Custom)>, at: &dyn Fn() -> String) -> Result<Vec<Field>, Fault> {
    if sent.len() > MAX_FIELDS {
        return Err(invalid("there are too many custom fields").at(at()).limit("custom fields", MAX_FIELDS, None));
    }
    let mut fields = Vec::with_capacity(sent.len());
    for (index, (name, value)) in sent.into_iter().enumerate() {
        let refused = |why: &str| invalid(format!("custom field {}: {why}", index + 1)).at(at());
        if name.is_empty() || name.len() > edit::MAX_NAME || name.chars().any(char::is_control) {
            return Err(refused(&format!("its name must have 1 to {} bytes and no control characters", edit::MAX_NAME)));
        }
        if find(&fields, &name).is_some() {
            return Err(refused("its name is there twice"));
        }
        let value = match value {
            Custom::Empty => continue,
            Custom::Flag(flag) => Value::Flag(flag),
            Custom::Text(text) if text.len() > edit::MAX_TEXT => return Err(refused(&format!("it is over {} bytes", edit::MAX_TEXT))),
            Custom::Text(text) => Value::Text(text),
            Custom::Number(number) => Value::Number(number.ok_or_else(|| refused(&unfit()))?),
        };
        fields.push(Field { name: name.into(), value });
    }
    Ok(fields)
}

/// Tags, sorted, each once. Fails with E202.
pub(crate) fn tags(sent: impl Iterator<Item = String>, at: impl Fn() -> String) -> Result<Vec<String>, Fault> {
    let mut tags: Vec<String> = sent.collect();
    tags.sort();
    tags.dedup();
    if tags.len() > MAX_TAGS {
        return Err(invalid("there are too many tags").at(at()).limit("tags", MAX_TAGS, None));
    }
    if tags.iter().any(|tag| tag.is_empty() || tag.len() > edit::MAX_NAME || tag.chars().any(char::is_control)) {
        return Err(invalid(format!("a tag must have 1 to {} bytes and no control characters", edit::MAX_NAME)).at(at()));
    }
    Ok(tags)
}
