//! What a table of the ERP's looks like on this site: columns, widths, code page. Read from the live system when a
//! connection is made, because they differ from site to site, and compared with what they were before.
//!
//! Columns that hold card data or passwords cannot be represented: they are dropped where a column is made, so that nothing
//! behind it can read, map or log them, or so much as say that they are there.

mod code_page;
mod drift;
mod fox;

pub use code_page::CodePage;
pub use drift::{Change, What, compare, compare_all};

use serde::{Deserialize, Serialize};
use std::fmt;

/// What stands in a column. Widths in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Text of at most so many characters.
    Text {
        /// Characters.
        width: usize,
    },
    /// Text of any length.
    Memo,
    /// A number that is written in so many characters, sign and point included.
    Number {
        /// Characters.
        width: usize,
        /// Digits after the point.
        decimals: u32,
    },
    /// An amount with four digits after the point.
    Currency,
    /// A day.
    Date,
    /// An instant.
    DateTime,
    /// Yes or no.
    Flag,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Text { width } => write!(f, "text {width}"),
            Kind::Memo => f.write_str("memo"),
            Kind::Number { width, decimals } => write!(f, "number {width}.{decimals}"),
            Kind::Currency => f.write_str("currency"),
            Kind::Date => f.write_str("date"),
            Kind::DateTime => f.write_str("date and time"),
            Kind::Flag => f.write_str("flag"),
        }
    }
}

/// A column that may be read. Only [`Column::read`] makes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Column {
    name: String,
    kind: Kind,
}

impl Column {
    /// A column, unless it is one that is never read.
    pub fn read(name: &str, kind: Kind) -> Option<Column> {
        let name = name.trim();
        (!name.is_empty() && !is_never_read(name)).then(|| Column { name: name.to_owned(), kind })
    }

    /// Its name, as the ERP writes it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What stands in it.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

/// Whether a column or field of this name is never read, mapped or logged: card numbers, their dates and codes, passwords.
/// Upper and lower case, underscores and a path before it make no difference.
pub fn is_never_read(name: &str) -> bool {
    let last = name.rsplit(['.', '/']).next().unwrap_or(name);
    let bare: String = last.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    const HOLDS: &[&str] = &["PASSW", "CARDNUM", "CARDNO", "CREDITCARD", "CARDEXP"];
    const BEGINS: &[&str] = &["CCNUM", "CCNO", "CCEXP", "CCCVV", "CCCVC", "CCSEC"];
    const IS: &[&str] = &["CC", "CVV", "CVV2", "CVC", "CVC2", "CSC", "PWD", "PAN"];
    HOLDS.iter().any(|part| bare.contains(part)) || BEGINS.iter().any(|part| bare.starts_with(part)) || IS.contains(&bare.as_str())
}

/// A table of the ERP's, without what is never read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", from = "Written")]
pub struct Schema {
    /// Its name, for example `ARCUST01`.
    pub table: String,
    /// How its texts are written.
    pub code_page: CodePage,
    columns: Vec<Column>,
}

/// A schema as it was written down, perhaps by somebody else.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Written {
    table: String,
    code_page: CodePage,
    columns: Vec<WrittenColumn>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct WrittenColumn {
    name: String,
    kind: Kind,
}

impl From<Written> for Schema {
    fn from(written: Written) -> Schema {
        Schema::read(written.table, written.code_page, written.columns.iter().map(|column| (column.name.as_str(), column.kind)))
    }
}

impl Schema {
    /// A table of these columns, without those that are never read.
    pub fn read<'c>(table: impl Into<String>, code_page: CodePage, columns: impl IntoIterator<Item = (&'c str, Kind)>) -> Schema {
        let columns = columns.into_iter().filter_map(|(name, kind)| Column::read(name, kind)).collect();
        Schema { table: table.into(), code_page, columns }
    }

    /// Its columns, in the table's order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// A column by name; upper and lower case make no difference.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Characters that a text column has room for; nothing for one that has no end or is none.
    pub fn width(&self, name: &str) -> Option<usize> {
        match self.column(name)?.kind {
            Kind::Text { width } => Some(width),
            _ => None,
        }
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} columns, {}", self.table, self.columns.len(), self.code_page)
    }
}
