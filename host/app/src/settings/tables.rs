//! `[schema]`: what the ERP's tables are, where what was read of them is kept, and which hold a document's fields.

use super::done;
use crossdock_flow::{schema::CodePage, written::Table};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The code pages, by name.
const PAGES: [(&str, CodePage); 5] = [
    ("ascii", CodePage::Ascii),
    ("cp437", CodePage::Cp437),
    ("cp850", CodePage::Cp850),
    ("cp1252", CodePage::Cp1252),
    ("unicode", CodePage::Unicode),
];

/// How the ERP's tables are read and kept.
#[derive(Clone, Debug)]
pub(crate) struct TablesSettings {
    /// The folder of what was read.
    pub keep: PathBuf,
    /// Tables on disk that are read beside the facade's.
    pub files: Vec<PathBuf>,
    /// The code page of tables on disk whose header names none.
    pub code_page: Option<CodePage>,
    /// The tables that the header's fields go to.
    pub header: Vec<String>,
    /// The tables that the lines' fields go to.
    pub lines: Vec<String>,
    /// The column that a field goes to, where it has another name.
    pub columns: BTreeMap<String, String>,
}

impl TablesSettings {
    /// What holds where nothing is said: what is read is kept beside the store.
    fn beside(store: &Path) -> TablesSettings {
        TablesSettings {
            keep: store.parent().unwrap_or(Path::new("")).join("schema"),
            files: Vec::new(),
            code_page: None,
            header: vec!["SalesOrder".into()],
            lines: vec!["SalesOrderLine".into()],
            columns: BTreeMap::new(),
        }
    }
}

/// Reads `[schema]`; `store` is the store's file.
pub(super) fn read_tables(table: Option<&Table<'_>>, home: &Path, store: &Path) -> Option<TablesSettings> {
    let normal = TablesSettings::beside(store);
    let Some(table) = table else { return Some(normal) };
    done(table, |table| {
        let names = |key: &str, normal: Vec<String>| match table.entry(key) {
            Some(entry) => {
                let names = entry.texts();
                if names.is_empty() {
                    entry.wrong("names no table", "write the names of tables, for example [\"SOMAST01\", \"SOADDR01\"]");
                }
                names
            }
            None => normal,
        };
        // Nothing returns before all of it has been read: all mistakes are told at once.
        let code_page = table.entry("code-page").map(|entry| {
            let said = entry.text()?;
            let page = PAGES.iter().find(|(name, _)| *name == said).map(|(_, page)| *page);
            if page.is_none() {
                entry.wrong(format!("there is no code page `{said}`"), format!("one of {}", PAGES.map(|(name, _)| name).join(", ")));
            }
            page
        });
        let columns = table.table("columns").map(|columns| {
            let read = columns.names().into_iter().filter_map(|field| columns.text(&field).map(|column| (field, column)));
            read.collect()
        });
        Some(TablesSettings {
            keep: table.text("keep").map_or(normal.keep, |keep| home.join(keep)),
            files: table.entry("files").map(|entry| entry.texts().iter().map(|file| home.join(file)).collect()).unwrap_or_default(),
            code_page: code_page.flatten(),
            header: names("header", normal.header),
            lines: names("lines", normal.lines),
            columns: columns.unwrap_or_default(),
        })
    })
}
