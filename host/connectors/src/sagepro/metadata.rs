//! What Sage Pro says of its fields. Pure: all or nothing is read of it, because a field that is left out would look like
//! one that is gone.

use crate::http::unreadable;
use crossdock_flow::{
    schema::{CodePage, Kind, Schema},
    target::Busy,
};
use serde::{Deserialize, de::IgnoredAny};
use std::borrow::Cow;

/// Tables of one answer, and fields of one table: Visual FoxPro itself has at most 255.
const MOST_TABLES: usize = 100;
const MOST_FIELDS: usize = 1_000;
/// The widest field: a text of SQL Server.
const WIDEST: usize = 65_535;

#[derive(Deserialize)]
struct Listed<'a> {
    #[serde(borrow)]
    tables: Vec<Table<'a>>,
    /// Sage Pro answers 200 with an error inside.
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Table<'a> {
    #[serde(borrow)]
    table: Cow<'a, str>,
    code_page: u32,
    #[serde(borrow)]
    fields: Vec<Field<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Field<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, rename = "Type")]
    kind: Cow<'a, str>,
    #[serde(default)]
    width: usize,
    #[serde(default)]
    decimals: u32,
}

/// The tables of an answer. Fails with E405, naming what cannot be read.
pub(super) fn tables(erp: &str, body: &[u8]) -> Result<Vec<Schema>, Busy> {
    let listed = serde_json::from_slice::<Listed>(body).ok().filter(|listed| listed.error.is_none());
    let listed = listed.ok_or_else(|| unreadable(erp, "its field list"))?;
    if listed.tables.is_empty() || listed.tables.len() > MOST_TABLES {
        return Err(unreadable(erp, "a field list of no tables, or of too many"));
    }
    listed.tables.into_iter().map(|table| schema(&table).map_err(|what| unreadable(erp, what))).collect()
}

fn schema(table: &Table<'_>) -> Result<Schema, &'static str> {
    let name = table.table.trim();
    if name.is_empty() || table.fields.is_empty() || table.fields.len() > MOST_FIELDS {
        return Err("a table without name or fields, or with too many");
    }
    let page = CodePage::of_number(table.code_page).ok_or("a code page")?;
    let mut columns = Vec::with_capacity(table.fields.len());
    for field in &table.fields {
        let mut letters = field.kind.chars();
        let (Some(letter), None) = (letters.next(), letters.next()) else { return Err("the type of a field") };
        let kind = Kind::of_letter(letter, field.width, field.decimals);
        if matches!(kind, Some(Kind::Text { width } | Kind::Number { width, .. }) if width == 0 || width > WIDEST) {
            return Err("the width of a field");
        }
        columns.extend(kind.map(|kind| (&*field.name, kind)));
    }
    Ok(Schema::read(name, page, columns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_flow::Code;

    #[test]
    fn a_field_list_is_read_whole_or_not_at_all() {
        let list = |fields: &str| format!(r#"{{"tables":[{{"Table":"SalesOrder ","CodePage":1252,"Fields":[{fields}]}}]}}"#);
        let good = r#"{"Name":"CustomerNo","Type":"C","Width":6,"Decimals":0},{"Name":"CC_NUM","Type":"C","Width":20},{"Name":"Total","Type":"N","Width":12,"Decimals":2},{"Name":"Picture","Type":"G","Width":4},{"Name":"Note","Type":"M"}"#;
        let read = tables("erp", list(good).as_bytes()).unwrap();
        let expected = [("CustomerNo", Kind::Text { width: 6 }), ("Total", Kind::Number { width: 12, decimals: 2 }), ("Note", Kind::Memo)];
        assert_eq!(read, [Schema::read("SalesOrder", CodePage::Cp1252, expected)]);
        let many = vec![r#"{"Name":"A","Type":"L"}"#; MOST_FIELDS + 1].join(",");
        for wrong in [
            "<html>".to_owned(),
            r#"{"tables":[]}"#.into(),
            r#"{"tables":[],"error":{"code":"DB_DOWN"}}"#.into(),
            list(""),
            list(&many),
            list(good).replace("1252", "9999"),
            list(good).replace("1252", "null"),
            list(good).replace(r#""Type":"C""#, r#""Type":"Char""#),
            list(good).replace(r#""Type":"C""#, r#""Type":"""#),
            list(good).replace(r#""Width":6"#, r#""Width":0"#),
            list(good).replace(r#""Width":6"#, r#""Width":-6"#),
            list(good).replace(r#""Width":6"#, r#""Width":65536"#),
            list(good).replace("SalesOrder", ""),
        ] {
            assert!(tables("erp", wrong.as_bytes()).is_err_and(|busy| busy.fault.code == Code::PartnerAnswer), "{wrong}");
        }
    }
}
