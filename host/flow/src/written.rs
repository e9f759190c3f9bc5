//! Reads TOML that people write (settings, mapping templates) so that all mistakes are reported at once, each with its
//! line and the cure. It knows nothing of what the keys mean.

use crate::money::Decimal;
use serde::Serialize;
use std::{
    cell::{Cell, RefCell},
    fmt,
    ops::Range,
    str::FromStr,
    sync::Arc,
    time::Duration,
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// One mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// The file, as it was named.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1; only where a mistake is within a value, such as an expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The key, for example `connections.erp.url`.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub cure: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        f.write_str(": ")?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}\n    {}", self.message, self.cure)
    }
}

/// A file on its way to being checked: collects the mistakes.
pub struct Page<'t> {
    file: &'t str,
    text: &'t str,
    mistakes: RefCell<Vec<Mistake>>,
}

impl<'t> Page<'t> {
    /// Reads the text of a file, calls `check` with its table, and gives what it made, or all mistakes in the order of
    /// their lines. `check` may return `None` only after reporting why.
    pub fn read<T>(file: &'t str, text: &'t str, check: impl FnOnce(&Table<'_>) -> Option<T>) -> Result<T, Vec<Mistake>> {
        let page = Page { file, text, mistakes: RefCell::default() };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            page.mistake(error.span().unwrap_or(0..0), "", error.message().to_owned(), "this is not TOML: see toml.io".to_owned());
        }
        let made = if errors.is_empty() {
            let root = Table { page: &page, key: String::new(), span: 0..0, table: table.get_ref(), seen: RefCell::default() };
            let made = check(&root);
            root.unknown();
            made
        } else {
            None
        };
        let mut mistakes = page.mistakes.into_inner();
        mistakes.sort_by_key(|mistake| mistake.line);
        match made {
            Some(made) if mistakes.is_empty() => Ok(made),
            _ => Err(mistakes),
        }
    }

    fn line(&self, place: usize) -> usize {
        1 + self.text.bytes().take(place).filter(|byte| *byte == b'\n').count()
    }

    fn mistake(&self, span: Range<usize>, key: &str, message: String, cure: String) {
        let line = self.line(span.start);
        self.mistakes.borrow_mut().push(Mistake { file: self.file.to_owned(), line, column: None, key: key.to_owned(), message, cure });
    }
}

/// Where a value stands, kept for checks that come after the file was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: usize,
    /// The full key.
    pub key: String,
    /// The value as it is written, with its quotes, and the text before it on its line.
    written: Arc<(String, String)>,
}

impl Place {
    /// A mistake at this value.
    pub fn wrong(&self, message: impl Into<String>, cure: impl Into<String>) -> Mistake {
        let (file, message, cure) = (self.file.to_string(), message.into(), cure.into());
        Mistake { file, line: self.line, column: None, key: self.key.clone(), message, cure }
    }

    /// A mistake within this value, which is a text: at so many bytes of what it says.
    pub fn wrong_at(&self, offset: usize, message: impl Into<String>, cure: impl Into<String>) -> Mistake {
        let (written, before) = (&self.written.0, &self.written.1);
        let upto = format!("{before}{}", &written[..raw_offset(written, offset)]);
        let (lines, last) = (upto.matches('\n').count(), upto.rsplit('\n').next().unwrap_or_default());
        Mistake { line: self.line + lines, column: Some(last.chars().count() + 1), ..self.wrong(message, cure) }
    }
}

/// Where in a TOML text, as it is written, so many bytes of what it says have passed.
fn raw_offset(written: &str, offset: usize) -> usize {
    let quotes = if written.starts_with("\"\"\"") || written.starts_with("'''") { 3 } else { 1 };
    let mut place = quotes.min(written.len());
    if quotes == 3 && written[place..].starts_with('\n') {
        place += 1;
    }
    let (escapes, mut said) = (written.starts_with('"'), 0);
    let mut rest = written[place..].char_indices();
    while said < offset {
        let Some((_, char)) = rest.next() else { break };
        if !(escapes && char == '\\') {
            said += char.len_utf8();
            continue;
        }
        let digits = match rest.next().map(|(_, kind)| kind) {
            Some('u') => 4,
            Some('U') => 8,
            Some('x') => 2,
            _ => 0,
        };
        let code: String = rest.by_ref().take(digits).map(|(_, digit)| digit).collect();
        said += u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).map_or(1, char::len_utf8);
    }
    place += rest.offset();
    place.min(written.len())
}

/// A table of the file. Every key that is asked for is known; [`Page::read`] and [`Table::unknown`] report the others.
pub struct Table<'p> {
    page: &'p Page<'p>,
    key: String,
    span: Range<usize>,
    table: &'p DeTable<'p>,
    seen: RefCell<Vec<String>>,
}

/// A value with its place, for checks that go beyond its type.
pub struct Entry<'p> {
    page: &'p Page<'p>,
    /// The full key.
    pub key: String,
    value: &'p Spanned<DeValue<'p>>,
    complained: Cell<bool>,
}

impl<'p> Table<'p> {
    /// The full key of this table.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The names of all entries, in the file's order; asking makes none of them known.
    pub fn names(&self) -> Vec<String> {
        self.table.keys().map(|name| name.get_ref().to_string()).collect()
    }

    /// On which line an entry stands; asking does not make it known.
    pub fn line(&self, name: &str) -> Option<usize> {
        let value = self.table.iter().find(|(key, _)| key.get_ref() == name)?.1;
        Some(self.page.line(value.span().start))
    }

    /// An entry, if it is there.
    pub fn entry(&self, name: &str) -> Option<Entry<'p>> {
        self.seen.borrow_mut().push(name.to_owned());
        let value = self.table.iter().find(|(key, _)| key.get_ref() == name)?.1;
        Some(Entry { page: self.page, key: self.full(name), value, complained: Cell::new(false) })
    }

    /// An entry that must be there.
    pub fn required(&self, name: &str, cure: &str) -> Option<Entry<'p>> {
        let entry = self.entry(name);
        if entry.is_none() {
            self.page.mistake(self.span.clone(), &self.full(name), "is missing".into(), cure.to_owned());
        }
        entry
    }

    /// A table within, or none; reports a value that is no table.
    pub fn table(&self, name: &str) -> Option<Table<'p>> {
        self.entry(name)?.table()
    }

    /// A text, or none.
    pub fn text(&self, name: &str) -> Option<String> {
        self.entry(name)?.text()
    }

    /// Reports a mistake about the table itself.
    pub fn wrong(&self, message: impl Into<String>, cure: impl Into<String>) {
        self.page.mistake(self.span.clone(), &self.key, message.into(), cure.into());
    }

    /// Reports the entries that nobody asked for, each with the nearest name that is known.
    pub fn unknown(&self) {
        let seen = self.seen.borrow();
        for (name, value) in self.table {
            let text = name.get_ref();
            if !seen.iter().any(|known| known == text.as_ref()) {
                let cure = match nearest(text, &seen) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known here: {}", seen.join(", ")),
                };
                let span = if name.span().is_empty() { value.span() } else { name.span() };
                self.page.mistake(span, &self.full(text), "is not known".into(), cure);
            }
        }
    }

    fn full(&self, name: &str) -> String {
        if self.key.is_empty() { name.to_owned() } else { format!("{}.{name}", self.key) }
    }
}

impl<'p> Entry<'p> {
    /// Reports a mistake at this value.
    pub fn wrong(&self, message: impl Into<String>, cure: impl Into<String>) {
        self.complained.set(true);
        self.page.mistake(self.value.span(), &self.key, message.into(), cure.into());
    }

    /// Where the value stands, for a mistake that is found later.
    pub fn place(&self) -> Place {
        let (span, text) = (self.value.span(), self.page.text);
        let written = text.get(span.clone()).unwrap_or_default().to_owned();
        let before = text[..span.start.min(text.len())].rsplit('\n').next().unwrap_or_default().to_owned();
        Place { file: self.page.file.into(), line: self.page.line(span.start), key: self.key.clone(), written: Arc::new((written, before)) }
    }

    /// The value as a table.
    pub fn table(&self) -> Option<Table<'p>> {
        match self.value.get_ref() {
            DeValue::Table(table) => Some(Table { page: self.page, key: self.key.clone(), span: self.value.span(), table, seen: RefCell::default() }),
            _ => self.expected("a table", "write it as [section] or { name = value }"),
        }
    }

    /// The value as a list of tables (`[[section]]`).
    pub fn tables(&self) -> Vec<Table<'p>> {
        self.items().into_iter().filter_map(|item| item.table()).collect()
    }

    /// The value as a list.
    pub fn items(&self) -> Vec<Entry<'p>> {
        match self.value.get_ref() {
            DeValue::Array(items) => {
                let entry = |(index, value)| Entry { page: self.page, key: format!("{}[{index}]", self.key), value, complained: Cell::new(false) };
                items.iter().enumerate().map(entry).collect()
            }
            _ => self.expected("a list", "write it as [ … ]").unwrap_or_default(),
        }
    }

    /// Whether the value is a list; says nothing otherwise.
    pub fn is_list(&self) -> bool {
        self.value.get_ref().is_array()
    }

    /// Whether the value is a text; says nothing otherwise.
    pub fn is_text(&self) -> bool {
        self.value.get_ref().is_str()
    }

    /// The value as a text.
    pub fn text(&self) -> Option<String> {
        match self.value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => self.expected("a text", "put it in quotes"),
        }
    }

    /// The value as a list of texts.
    pub fn texts(&self) -> Vec<String> {
        self.items().into_iter().filter_map(|item| item.text()).collect()
    }

    /// The value as a flag.
    pub fn flag(&self) -> Option<bool> {
        match self.value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => self.expected("true or false", "write true or false, without quotes"),
        }
    }

    /// The value as a whole number from `least` to `most`.
    pub fn whole(&self, least: u64, most: u64) -> Option<u64> {
        match self.value.get_ref() {
            DeValue::Integer(number) => match u64::from_str_radix(&number.as_str().replace('_', ""), number.radix()) {
                Ok(number) if (least..=most).contains(&number) => Some(number),
                _ => self.expected(&format!("a number from {least} to {most}"), "choose a number within these bounds"),
            },
            _ => self.expected(&format!("a whole number from {least} to {most}"), "write it without quotes"),
        }
    }

    /// The value as a duration from `least` to `most`: `"250ms"`, `"30s"`, `"5m"`, `"2h"`, `"30d"`.
    pub fn duration(&self, least: Duration, most: Duration) -> Option<Duration> {
        let text = self.text()?;
        match parse_duration(&text) {
            Some(duration) if (least..=most).contains(&duration) => Some(duration),
            Some(_) => self.expected(&format!("a duration from {least:?} to {most:?}"), "choose a duration within these bounds"),
            None => self.expected("a duration", "write a number and ms, s, m, h or d, for example \"250ms\""),
        }
    }

    /// The value as a number of bytes from `least` to `most`: `"64KiB"`, `"1MiB"`, `"512B"`.
    pub fn bytes(&self, least: u64, most: u64) -> Option<u64> {
        let text = self.text()?;
        match parse_bytes(&text) {
            Some(bytes) if (least..=most).contains(&bytes) => Some(bytes),
            Some(_) => self.expected(&format!("a size from {least} to {most} bytes"), "choose a size within these bounds"),
            None => self.expected("a size", "write a number and B, KiB, MiB or GiB, for example \"1MiB\""),
        }
    }

    /// The value as a text that `T` parses.
    pub fn parse<T: FromStr>(&self, what: &str, cure: &str) -> Option<T> {
        self.text()?.parse().ok().or_else(|| self.expected(what, cure))
    }

    /// Any scalar as the text that stands for it, as plugins see their settings.
    pub fn scalar(&self) -> Option<String> {
        match self.value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Boolean(flag) => Some(flag.to_string()),
            DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().replace('_', "")),
            DeValue::Integer(number) => i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok().map(|number| number.to_string()),
            DeValue::Float(number) => match Decimal::from_str(&number.as_str().replace('_', "")) {
                Ok(number) => Some(number.to_string()),
                Err(_) => self.expected("a number that can be written exactly", "write it in quotes"),
            },
            DeValue::Datetime(time) => Some(time.to_string()),
            _ => None,
        }
    }

    /// The value flattened to (key, text) pairs: tables with dots, lists with their index.
    pub fn flatten(&self, prefix: &str, pairs: &mut Vec<(String, String)>) {
        let join = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
        match self.value.get_ref() {
            DeValue::Table(_) => {
                let Some(table) = self.table() else { return };
                for name in table.names() {
                    if let Some(entry) = table.entry(&name) {
                        entry.flatten(&join(&name), pairs);
                    }
                }
            }
            DeValue::Array(_) => {
                for (index, item) in self.items().into_iter().enumerate() {
                    item.flatten(&join(&index.to_string()), pairs);
                }
            }
            _ => pairs.extend(self.scalar().map(|text| (prefix.to_owned(), text))),
        }
    }

    fn expected<T>(&self, what: &str, cure: &str) -> Option<T> {
        if !self.complained.get() {
            self.wrong(format!("must be {what}, but is {}", self.value.get_ref().type_str()), cure);
        }
        None
    }
}

/// Parses `250ms`, `30s`, `5m`, `2h`, `30d`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = split_unit(text)?;
    let seconds = match unit {
        "ms" => return Some(Duration::from_millis(number)),
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(number.checked_mul(seconds)?))
}

/// Parses `512B`, `64KiB`, `1MiB`, `2GiB`.
pub fn parse_bytes(text: &str) -> Option<u64> {
    let (number, unit) = split_unit(text)?;
    let bytes: u64 = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(bytes)
}

fn split_unit(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    Some((text[..end].parse().ok()?, text[end..].trim()))
}

/// The known name nearest to what was written, if one is near enough to be meant.
pub fn nearest<'k>(written: &str, known: &'k [String]) -> Option<&'k str> {
    known
        .iter()
        .map(|name| (distance(written, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name.as_str())
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let next = (corner + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_mistakes_at_once_each_with_its_line() {
        let text = "name = 5\ntiem = \"3s\"\n[inner]\nsize = \"1MB\"\n";
        let mistakes = Page::read("x.toml", text, |root| {
            let name = root.text("name");
            root.entry("time");
            let inner = root.table("inner")?;
            let size = inner.entry("size")?.bytes(1, 1 << 30);
            inner.required("color", "write a color");
            inner.unknown();
            name.zip(size)
        })
        .unwrap_err();
        let seen: Vec<String> = mistakes.iter().map(|mistake| format!("{} {} {}", mistake.line, mistake.key, mistake.message)).collect();
        assert_eq!(
            seen,
            [
                "1 name must be a text, but is integer",
                "2 tiem is not known",
                "3 inner.color is missing",
                "4 inner.size must be a size, but is string"
            ]
        );
        assert_eq!(mistakes[1].cure, "did you mean `time`?");
    }

    #[test]
    fn broken_toml_names_the_line() {
        let mistakes = Page::read("x.toml", "a = 1\nb = = 2\n", |_| Some(())).unwrap_err();
        assert_eq!(mistakes[0].line, 2);
    }

    #[test]
    fn a_place_within_a_text_is_found_behind_its_escapes() {
        let text = "a = 1\nb = \"x\\\"\\u00e4y\"\nc = '''\nfirst\nsecond'''\n";
        let places = Page::read("x.toml", text, |root| {
            root.entry("a");
            Some((root.entry("b")?.place(), root.entry("c")?.place()))
        });
        let (b, c) = places.unwrap();
        // b says x"äy; its y is the byte 4.
        let at = |mistake: Mistake| (mistake.line, mistake.column);
        assert_eq!(at(b.wrong_at(0, "", "")), (2, Some(6)));
        assert_eq!(at(b.wrong_at(4, "", "")), (2, Some(15)));
        assert_eq!(at(c.wrong_at(6, "", "")), (5, Some(1)));
    }

    #[test]
    fn units() {
        assert_eq!(parse_duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(parse_duration("2 h"), Some(Duration::from_secs(7200)));
        assert_eq!(parse_duration("2"), None);
        assert_eq!(parse_bytes("64KiB"), Some(65536));
        assert_eq!(parse_bytes("64kb"), None);
    }
}
