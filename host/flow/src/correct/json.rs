//! Values in JSON text by their path, each with its place in the bytes, so that one can be replaced without touching the
//! rest. Reads texts only: a number stays the digits that it is written with.

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use std::{fmt, ops::Range};

/// How deep a path may lead. Orders are nested less deep, and what is nested deeper cannot be read anyway.
const MAX_DEPTH: usize = 32;

/// A text, number, boolean or null that stands at a path that was asked for.
#[derive(Debug)]
pub(super) struct Spot {
    /// Which of the paths that were asked for.
    pub(super) which: usize,
    /// Its own path, without `[*]`.
    pub(super) path: String,
    /// Where its JSON stands in the bytes.
    pub(super) span: Range<usize>,
    /// What it says: a text without its quotes and escapes, a number's digits, nothing for null.
    pub(super) text: String,
}

/// Finds the values at these paths, in the order in which they stand in the bytes. `None` when the bytes are no JSON.
pub(super) fn find(body: &[u8], paths: &[String]) -> Option<Vec<Spot>> {
    let root: &RawValue = serde_json::from_slice(body).ok()?;
    let wanted: Vec<(usize, &str)> = paths.iter().map(String::as_str).enumerate().collect();
    let mut spots = Vec::new();
    walk(root, &wanted, "", MAX_DEPTH, &mut |which, path, json| {
        let Some(text) = text(json) else { return };
        let start = json.get().as_ptr() as usize - body.as_ptr() as usize;
        spots.push(Spot { which, path: path.to_owned(), span: start..start + json.get().len(), text });
    });
    Some(spots)
}

/// The values beside one, by name: in the same object, and in the objects of that object.
pub(super) fn beside(body: &[u8], path: &str) -> Vec<(String, String)> {
    let Ok(root) = serde_json::from_slice::<&RawValue>(body) else { return Vec::new() };
    let (parent, own) = path.rsplit_once('.').unwrap_or(("", path));
    let mut found = Vec::new();
    walk(root, &[(0, parent)], "", MAX_DEPTH, &mut |_, _, json| {
        for (name, member) in members(json).into_iter().filter(|(name, _)| name != own) {
            match text(member) {
                Some(text) => found.push((name, text)),
                None => found.extend(members(member).into_iter().filter_map(|(name, below)| Some((name, text(below)?)))),
            }
        }
    });
    found
}

/// The members of an object; none for everything else.
fn members(json: &RawValue) -> Vec<(String, &RawValue)> {
    serde_json::from_str::<Members>(json.get()).map(|members| members.0).unwrap_or_default()
}

/// The text of a value that is no object and no list.
fn text(json: &RawValue) -> Option<String> {
    match json.get().as_bytes().first()? {
        b'{' | b'[' => None,
        b'"' => serde_json::from_str(json.get()).ok(),
        b'n' => Some(String::new()),
        _ => Some(json.get().to_owned()),
    }
}

/// A new text as JSON, in the place of what stood there: a number stays a number where the new text is one.
pub(super) fn write(before: &[u8], text: &str) -> String {
    let bare = match before.first() {
        Some(b'"' | b'n') | None => false,
        Some(b't' | b'f') => matches!(text, "true" | "false"),
        Some(_) => super::number::is_json(text),
    };
    if bare { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// Each wanted path is what is left of it below `json`: nothing, or a rest that begins with a dot or a bracket (at the
/// root, with a name). Names are compared with those that are there, so that they may hold dots and brackets themselves.
fn walk(json: &RawValue, wanted: &[(usize, &str)], at: &str, depth: usize, found: &mut dyn FnMut(usize, &str, &RawValue)) {
    for (which, _) in wanted.iter().filter(|(_, rest)| rest.is_empty()) {
        found(*which, at, json);
    }
    let Some(depth) = depth.checked_sub(1) else { return };
    if wanted.iter().all(|(_, rest)| rest.is_empty()) {
        return;
    }
    for (name, member) in members(json) {
        let wanted: Vec<(usize, &str)> = wanted.iter().filter_map(|(which, rest)| Some((*which, below_name(rest, &name, at)?))).collect();
        if !wanted.is_empty() {
            let at = if at.is_empty() { name } else { format!("{at}.{name}") };
            walk(member, &wanted, &at, depth, found);
        }
    }
    if !json.get().starts_with('[') {
        return;
    }
    for (index, item) in serde_json::from_str::<Vec<&RawValue>>(json.get()).unwrap_or_default().into_iter().enumerate() {
        let wanted: Vec<(usize, &str)> = wanted.iter().filter_map(|(which, rest)| Some((*which, below_index(rest, index)?))).collect();
        if !wanted.is_empty() {
            walk(item, &wanted, &format!("{at}[{index}]"), depth, found);
        }
    }
}

/// What is left of a path below a member of an object. (An empty name cannot be told from the end of a path.)
fn below_name<'p>(rest: &'p str, name: &str, at: &str) -> Option<&'p str> {
    let rest = if at.is_empty() { rest } else { rest.strip_prefix('.')? };
    rest.strip_prefix(name).filter(|rest| !name.is_empty() && (rest.is_empty() || rest.starts_with(['.', '['])))
}

/// What is left of a path below an item of a list.
fn below_index(rest: &str, index: usize) -> Option<&str> {
    let (place, rest) = rest.strip_prefix('[')?.split_once(']')?;
    (place == "*" || place.parse() == Ok(index)).then_some(rest)
}

/// An object's members in the order in which they stand there.
struct Members<'j>(Vec<(String, &'j RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members<'de>, D::Error> {
        struct Reader;
        impl<'de> de::Visitor<'de> for Reader {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(body: &str, path: &str) -> Vec<(String, String)> {
        let spots = find(body.as_bytes(), &[path.to_owned()]).unwrap();
        spots.iter().for_each(|spot| assert!(serde_json::from_str::<de::IgnoredAny>(&body[spot.span.clone()]).is_ok()));
        spots.into_iter().map(|spot| (spot.path, spot.text)).collect()
    }

    #[test]
    fn paths_lead_to_values_and_nowhere_else() {
        let body = r#" {"a": {"b.c": [1, "t\u0077o", {"d": null}], "b": 3}, "": 4, "a.b": true} "#;
        let all = |found: &[(&str, &str)]| found.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect::<Vec<_>>();
        assert_eq!(seen(body, "a.b.c[1]"), all(&[("a.b.c[1]", "two")]));
        assert_eq!(seen(body, "a.b.c[*]"), all(&[("a.b.c[0]", "1"), ("a.b.c[1]", "two")]));
        assert_eq!(seen(body, "a.b.c[2].d"), all(&[("a.b.c[2].d", "")]));
        assert_eq!(seen(body, "a.b"), all(&[("a.b", "3"), ("a.b", "true")]), "a name may hold a dot");
        for path in ["", "a", "a.b.c", "a.b.c[3]", "a.b.c[x]", "a.b.c[", "b", "a.b[0]", "a..b", ".a"] {
            assert_eq!(seen(body, path), [], "{path}");
        }
        assert!(find(b"{\"a\":1", &["a".into()]).is_none() && find(b"", &[]).is_none());
    }

    #[test]
    fn what_is_nested_too_deep_is_not_looked_into() {
        let nested = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
        let path = |depth: usize| vec!["a"; depth].join(".");
        assert_eq!(seen(&nested(32), &path(32)).len(), 1);
        assert_eq!(seen(&nested(33), &path(33)), []);
        // Nor does it hurt anybody.
        assert_eq!(find(nested(20_000).as_bytes(), &[path(20_000)]).map(|found| found.len()), Some(0));
    }
}
