//! The field-fit report: what of past orders would not fit the ERP as it is, field by field, before the first one is sent.
//! It names orders and codes, never what customers wrote.

use crate::{
    Code, Decimal, Document,
    money::HALF_UP,
    order::{Field, Value},
    schema::{Kind, Schema, is_never_read},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// At most so many orders are named for one finding, and so many codes.
const MOST: usize = 10;

/// What documents are held against.
#[derive(Clone, Debug)]
pub struct Target<'t> {
    /// The table of the header's fields.
    pub header: &'t Schema,
    /// The table of the lines' fields.
    pub lines: &'t Schema,
    /// The column that a field goes to, where it has another name: `ShipToAddress.City` to `CITY`.
    pub columns: &'t BTreeMap<String, String>,
    /// Fields whose texts are cut to their width; all others are refused.
    pub cut: &'t BTreeSet<String>,
    /// Fields that take only known codes, with those: articles, countries, terms.
    pub known: &'t BTreeMap<String, BTreeSet<String>>,
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// It is too long, and is cut.
    Cut,
    /// It is too long, too large, or has too many digits: the ERP would refuse it.
    TooWide,
    /// It has letters that the code page lacks.
    CodePage,
    /// It is of another kind: a text where a number goes.
    Kind,
    /// It is a code that the ERP, or a table of the template, does not know.
    Unmapped,
    /// Nothing is there, and the template has no default.
    Missing,
    /// The field has no column.
    NoColumn,
}

impl Finding {
    /// Whether the order would not get in.
    pub fn is_refused(self) -> bool {
        self != Finding::Cut
    }

    /// What a fault of the mapping means here.
    fn of(code: Code) -> Finding {
        match code {
            Code::MappingMissing => Finding::Missing,
            Code::MappingWidth => Finding::TooWide,
            Code::MappingLookup => Finding::Unmapped,
            _ => Finding::Kind,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Finding::Cut => "would be cut",
            Finding::TooWide => "too wide",
            Finding::CodePage => "letters that the code page lacks",
            Finding::Kind => "of another kind",
            Finding::Unmapped => "codes that nobody knows",
            Finding::Missing => "nothing there, and no default",
            Finding::NoColumn => "no column in the ERP",
        })
    }
}

/// An order with a finding. The value itself is the customer's, and is not told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Example {
    /// Its number.
    pub order: String,
    /// Its longest value of the field, in characters; 0 where there is none.
    pub length: usize,
}

/// One finding on one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Row {
    /// The field; of a line it begins with `lines[].`.
    pub field: String,
    /// What the column holds; nothing when there is none.
    pub column: Option<Kind>,
    /// What is wrong.
    pub finding: Finding,
    /// Orders with it.
    pub orders: usize,
    /// Some of them.
    pub some: Vec<Example>,
    /// For codes that are not known: how many different ones.
    pub codes: usize,
    /// Some of these.
    pub some_codes: Vec<String>,
    /// The longest value, in characters.
    pub longest: usize,
}

/// The report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// Orders that were looked at.
    pub orders: usize,
    /// Orders that would be refused.
    pub refused: usize,
    /// Orders that would get in, with something cut.
    pub cut: usize,
    /// Findings, those with the most orders first.
    pub rows: Vec<Row>,
}

#[derive(Default)]
struct Seen {
    /// Orders, each with the length of its longest value.
    orders: BTreeMap<String, usize>,
    codes: BTreeSet<String>,
    column: Option<Kind>,
}

/// Looks at one document after the other, and then tells. A field that is never read is not looked at.
pub struct Survey<'t> {
    target: Target<'t>,
    orders: BTreeSet<String>,
    seen: BTreeMap<(String, Finding), Seen>,
}

impl<'t> Survey<'t> {
    /// Nothing has been looked at yet.
    pub fn new(target: Target<'t>) -> Survey<'t> {
        Survey { target, orders: BTreeSet::new(), seen: BTreeMap::new() }
    }

    /// Holds a document of an order against the ERP's tables. `faults` are those of the mapping: the field, in lines with
    /// `lines[].` before it, and what was wrong.
    pub fn look(&mut self, order: &str, document: &Document, faults: &[(String, Code)]) {
        self.orders.insert(order.to_owned());
        for (field, code) in faults.iter().filter(|(field, _)| !is_never_read(field)) {
            self.note(order, (field.clone(), Finding::of(*code)), None, 0);
        }
        let lines = document.lines.iter().flatten().map(|field| (self.target.lines, "lines[].", field));
        let fields = document.fields.iter().map(|field| (self.target.header, "", field)).chain(lines);
        let found: Vec<_> = fields.filter_map(|(schema, before, field)| Some((before, field, judge(field, schema, &self.target)?))).collect();
        for (before, field, (finding, column)) in found {
            let text = field.value.to_string();
            let seen = self.note(order, (format!("{before}{}", field.name), finding), column, text.chars().count());
            if finding == Finding::Unmapped {
                seen.codes.insert(text);
            }
        }
    }

    fn note(&mut self, order: &str, what: (String, Finding), column: Option<Kind>, length: usize) -> &mut Seen {
        let seen = self.seen.entry(what).or_default();
        seen.column = seen.column.or(column);
        let longest = seen.orders.entry(order.to_owned()).or_default();
        *longest = length.max(*longest);
        seen
    }

    /// What was found.
    pub fn report(self) -> Report {
        let with = |wanted: fn(Finding) -> bool| -> BTreeSet<&String> {
            self.seen.iter().filter(|((_, finding), _)| wanted(*finding)).flat_map(|(_, seen)| seen.orders.keys()).collect()
        };
        let refused = with(Finding::is_refused);
        let cut = with(|finding| !finding.is_refused()).difference(&refused).count();
        let (orders, refused) = (self.orders.len(), refused.len());
        let mut rows: Vec<Row> = self.seen.into_iter().map(|((field, finding), seen)| row(field, finding, seen)).collect();
        rows.sort_by(|one, other| other.orders.cmp(&one.orders).then_with(|| (&one.field, one.finding).cmp(&(&other.field, other.finding))));
        Report { orders, refused, cut, rows }
    }
}

fn row(field: String, finding: Finding, seen: Seen) -> Row {
    Row {
        field,
        column: seen.column,
        finding,
        orders: seen.orders.len(),
        longest: seen.orders.values().copied().max().unwrap_or_default(),
        some: seen.orders.into_iter().take(MOST).map(|(order, length)| Example { order, length }).collect(),
        codes: seen.codes.len(),
        some_codes: seen.codes.into_iter().take(MOST).collect(),
    }
}

fn judge(field: &Field, schema: &Schema, target: &Target<'_>) -> Option<(Finding, Option<Kind>)> {
    let name = &*field.name;
    let column = target.columns.get(name).map_or(name, String::as_str);
    if field.value == Value::Empty || is_never_read(name) || is_never_read(column) {
        return None;
    }
    let Some(column) = schema.column(column) else {
        return Some((Finding::NoColumn, None));
    };
    let kind = column.kind();
    let text = field.value.to_string();
    if target.known.get(name).is_some_and(|known| !known.contains(&text)) {
        return Some((Finding::Unmapped, Some(kind)));
    }
    if matches!(field.value, Value::Text(_)) && text.chars().any(|letter| !schema.code_page.holds(letter)) {
        return Some((Finding::CodePage, Some(kind)));
    }
    let finding = match (&field.value, kind) {
        (Value::Text(text), Kind::Text { width }) => {
            let too_wide = if target.cut.contains(name) { Finding::Cut } else { Finding::TooWide };
            (text.chars().count() > width).then_some(too_wide)
        }
        // How a date is written is the connector's business.
        (Value::Text(_), Kind::Memo | Kind::Date | Kind::DateTime) | (Value::Flag(_), Kind::Flag) => None,
        (Value::Number(number), Kind::Number { width, decimals }) => (!holds(*number, width, decimals)).then_some(Finding::TooWide),
        (Value::Number(number), Kind::Currency) => (number.normalize().scale() > 4).then_some(Finding::TooWide),
        _ => Some(Finding::Kind),
    };
    finding.map(|finding| (finding, Some(kind)))
}

/// Whether a column of so many characters can write a number exactly.
fn holds(number: Decimal, width: usize, decimals: u32) -> bool {
    let number = number.normalize();
    let whole = number.trunc().abs().to_string().len() + usize::from(number.is_sign_negative());
    number.scale() <= decimals && whole <= Kind::whole(width, decimals)
}

/// A part of all orders, in per cent with one digit.
pub fn percent(part: usize, all: usize) -> Decimal {
    let mut percent = (Decimal::from(part) * Decimal::ONE_HUNDRED / Decimal::from(all.max(1))).round_dp_with_strategy(1, HALF_UP);
    percent.rescale(1);
    percent
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} in {} orders", self.field, self.finding, self.orders)?;
        if let Some(column) = self.column {
            write!(f, " ({column}")?;
            if matches!(self.finding, Finding::Cut | Finding::TooWide) && self.longest > 0 {
                write!(f, ", the longest {}", self.longest)?;
            }
            f.write_str(")")?;
        }
        if self.codes > 0 {
            write!(f, ": {} codes, such as {}", self.codes, self.some_codes.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { orders, refused, cut, .. } = self;
        let (refused_part, cut_part) = (percent(*refused, *orders), percent(*cut, *orders));
        write!(f, "{orders} orders: {refused} would be refused ({refused_part} %), {cut} cut ({cut_part} %)")?;
        self.rows.iter().try_for_each(|row| write!(f, "\n{row}"))
    }
}
