//! Why JSON cannot be read: the exact place, what was expected, and never the value itself, for it may be a customer's.
//! Only runs after the fast parse failed.

use crossdock_flow::{Code, Fault};
use serde::Deserialize;
use serde_json::error::Category;

/// How deep objects and lists may be nested. Orders need five levels.
pub(crate) const MAX_DEPTH: usize = 32;

/// Reads the body a second time, following the path. Gives E201.
pub(crate) fn explain<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Fault {
    let mut json = serde_json::Deserializer::from_slice(body);
    let fault = |message: String, path: String, error: &serde_json::Error| {
        let line = format!("line {} column {}", error.line(), error.column());
        let place = if path == "." { line } else { format!("{path} ({line})") };
        Fault::new(Code::Malformed, message).at(place)
    };
    match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Err(error) => {
            let path = error.path().to_string();
            fault(reason(error.inner()), path, error.inner())
        }
        Ok(_) => match json.end() {
            Err(error) => fault(reason(&error), ".".into(), &error),
            Ok(()) => Fault::new(Code::Malformed, "the message cannot be read"),
        },
    }
}

/// Refuses what is nested deeper than any order, whoever reads it later. Fails with E201.
pub(crate) fn check_depth(body: &[u8]) -> Result<(), Fault> {
    let (mut depth, mut offset) = (0usize, 0);
    while let Some(byte) = body.get(offset) {
        match byte {
            b'"' => {
                offset = behind_text(body, offset + 1);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            let before = &body[..offset];
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            let column = offset - before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1) + 1;
            return Err(Fault::new(Code::Malformed, "it is nested too deep")
                .at(format!("line {line} column {column}"))
                .limit("depth", MAX_DEPTH, None));
        }
        offset += 1;
    }
    Ok(())
}

/// Where the text that begins here is over. Most of an order is texts, and what is in them is skipped many bytes at a time.
fn behind_text(body: &[u8], mut offset: usize) -> usize {
    loop {
        let rest = body.get(offset..).unwrap_or_default();
        match memchr::memchr2(b'"', b'\\', rest) {
            None => return body.len(),
            Some(end) if rest[end] == b'"' => return offset + end + 1,
            Some(escape) => offset += escape + 2,
        }
    }
}

/// The parser's message without what it quotes from the body.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.rfind(" at line ").map_or(&*message, |end| &message[..end]);
    match error.classify() {
        Category::Eof => "the JSON ends too early".into(),
        Category::Io => "the JSON cannot be read".into(),
        Category::Syntax => format!("no valid JSON: {message}"),
        Category::Data => {
            // These two name fields of ours.
            if message.starts_with("missing field ") || message.starts_with("duplicate field ") {
                return message.to_owned();
            }
            let found = message.split_once(": ").map_or("", |(_, rest)| rest).split(['"', '`', ',']).next().unwrap_or("").trim();
            match message.rfind(", expected ") {
                Some(start) if !found.is_empty() => format!("{found} was found, expected {}", &message[start + ", expected ".len()..]),
                _ => "a value of the wrong kind".into(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Byte by byte, as it is said.
    fn deepest(body: &[u8]) -> usize {
        let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0, false, false);
        for byte in body {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                _ if quoted => {}
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(depth);
        }
        deepest
    }

    proptest! {
        #[test]
        fn brackets_in_texts_do_not_count(body in prop::collection::vec(prop::sample::select(br#"[[[[{{{]}"\a"#.to_vec()), 0..300)) {
            prop_assert_eq!(check_depth(&body).is_err(), deepest(&body) > MAX_DEPTH);
        }
    }

    #[test]
    fn where_it_is_too_deep_is_told() {
        let body = format!("{{\"a\": \"[[[\",\n  \"b\": {}", "[".repeat(40));
        let fault = check_depth(body.as_bytes()).unwrap_err();
        assert_eq!(fault.place.as_deref(), Some("line 2 column 39"), "the 32nd list in the object: {fault}");
    }
}
