//! `[addresses]`: how the ERP wants its addresses. Absent: they go on as they come. Present, the addresses of customers and
//! the one that an order's goods go to are normalised on their way to the ERP.

use super::done;
use crossdock_flow::{
    entity::address::{Abbreviate, AddressPolicy, Case, CountryForm, Part, RegionForm},
    schema::CodePage,
    written::Table,
};

/// Reads it; nothing where something in it is wrong.
pub(super) fn read(table: &Table<'_>) -> Option<Option<AddressPolicy>> {
    done(table, |table| {
        let wanted = table.entry("normalise").map_or(Some(true), |entry| entry.flag());
        let policy = AddressPolicy {
            case: one(table, "case", &[("keep", Case::Keep), ("upper", Case::Upper), ("capitals", Case::Capitals)]),
            abbreviate: one(table, "abbreviate", &[("never", Abbreviate::Never), ("to-fit", Abbreviate::ToFit), ("always", Abbreviate::Always)]),
            country: one(table, "country", &[("alpha-2", CountryForm::Alpha2), ("alpha-3", CountryForm::Alpha3), ("name", CountryForm::Name)]),
            region: one(table, "region", &[("short", RegionForm::Short), ("full", RegionForm::Full), ("name", RegionForm::Name)]),
            code_page: table.entry("code-page").and_then(|entry| {
                let number = entry.whole(1, 65_535)?;
                let found = u32::try_from(number).ok().and_then(CodePage::of_number);
                if found.is_none() {
                    entry.wrong(format!("there is no code page {number} here"), "one of 437, 850, 1252, 20127 (ASCII), 65001 (Unicode)");
                }
                found
            }),
            ..AddressPolicy::default()
        };
        let widths = table.table("widths").map(|table| {
            done(&table, |table| {
                let width = |part: Part| Some((part, usize::try_from(table.entry(&part.to_string())?.whole(1, 1000)?).ok()?));
                Part::ALL.into_iter().filter_map(width).collect()
            })
        });
        Some(wanted?.then(|| AddressPolicy { widths: widths.unwrap_or_default(), ..policy }))
    })
}

/// One of several words, each with what it means; the default where nothing is written.
fn one<T: Copy + Default>(table: &Table<'_>, key: &str, words: &[(&str, T)]) -> T {
    let Some(entry) = table.entry(key) else { return T::default() };
    let Some(written) = entry.text() else { return T::default() };
    let found = words.iter().find(|(word, _)| *word == written).map(|(_, meaning)| *meaning);
    if found.is_none() {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        entry.wrong(format!("`{written}` is no form of `{key}`"), format!("one of {}", known.join(", ")));
    }
    found.unwrap_or_default()
}
