//! The header of a table of Visual FoxPro's, dBASE's or FoxPro's on disk: its columns and code page. Nothing is written, no
//! record and no memo file is read, and columns with card data or passwords never leave here (`flow::schema`).
//!
//! A header is 32 bytes, then 32 bytes per column, then `0x0D`. All of it is little-endian:
//!
//! | byte | of the header | of a column |
//! |---|---|---|
//! | 0 | kind of file | name, 11 bytes, ended by 0 |
//! | 8 | length of the header, 2 bytes | |
//! | 11 | | type letter |
//! | 16 | | width |
//! | 17 | | digits after the point |
//! | 18 | | flags: 1 is a hidden column |
//! | 29 | code page | |

use crossdock_flow::{
    Code, Fault,
    schema::{CodePage, Kind, Schema},
};
use std::{fs::File, io::Read, path::Path};

/// The kinds of files that are tables, by their first byte: with and without memos, of dBASE III and IV, FoxPro and Visual
/// FoxPro.
const KINDS: [u8; 11] = [0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x83, 0x8B, 0xCB, 0xF5, 0xFB];
/// A header, or one column.
const PIECE: usize = 32;
/// Visual FoxPro takes no more columns.
const MOST: usize = 255;
/// The largest header: all columns, the end and the name of the database that it belongs to, 263 bytes.
const LONGEST: u64 = (PIECE + MOST * PIECE + 1 + 263) as u64;

/// Reads the header of a table; its name is the file's. `unsaid` is the code page where the header names none. Fails with
/// E405 where the file is no table, cannot be read, or no code page is known.
pub fn schema(path: &Path, unsaid: Option<CodePage>) -> Result<Schema, Fault> {
    let name = path.file_stem().map(|name| name.to_string_lossy().to_uppercase()).unwrap_or_default();
    let fault = |why: String| Fault::new(Code::PartnerAnswer, why).at(path.display().to_string());
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| fault(format!("the table cannot be opened: {error}")))?;
    file.take(LONGEST).read_to_end(&mut bytes).map_err(|error| fault(format!("the table cannot be read: {error}")))?;
    read(&name, &bytes, unsaid).map_err(fault)
}

/// Reads the header at the front of these bytes, or says why it is none.
pub fn read(name: &str, bytes: &[u8], unsaid: Option<CodePage>) -> Result<Schema, String> {
    let header = bytes.first_chunk::<PIECE>().filter(|header| KINDS.contains(&header[0])).ok_or("this is no table (DBF)")?;
    let length = usize::from(u16::from_le_bytes([header[8], header[9]]));
    let columns = bytes.get(PIECE..length.min(bytes.len())).ok_or("the header has no columns")?;
    let mut read = Vec::new();
    let mut rest = columns;
    while let Some(column) = rest.first_chunk::<PIECE>().filter(|column| column[0] != 0x0D) {
        if read.len() == MOST {
            return Err(format!("more than {MOST} columns"));
        }
        read.push(self::column(column)?);
        rest = &rest[PIECE..];
    }
    // A header that breaks off would look like one whose columns are gone.
    if rest.first() != Some(&0x0D) || read.is_empty() {
        return Err("the header breaks off".into());
    }
    let page = match (CodePage::of_header(header[29]), unsaid) {
        (Some(page), _) => page,
        (None, Some(page)) => page,
        (None, None) => {
            let says = if header[29] == 0 {
                "names no code page".to_owned()
            } else {
                format!("names a code page that we do not know (0x{:02x})", header[29])
            };
            return Err(format!("the header {says}: say it with `code-page` in [schema], for example \"cp1252\""));
        }
    };
    Ok(Schema::read(name, page, read.iter().filter_map(|(name, kind)| Some((name.as_str(), (*kind)?)))))
}

/// The name and kind of a column; no kind for one that holds nothing that an order could fill.
fn column(column: &[u8; PIECE]) -> Result<(String, Option<Kind>), String> {
    let name: Vec<u8> = column[..11].iter().copied().take_while(|byte| *byte != 0).collect();
    // Names have letters of the table's own code page at the most; what is not ASCII is told by its bytes.
    let name = name.escape_ascii().to_string().trim().to_owned();
    if name.is_empty() {
        return Err("a column has no name".into());
    }
    let (letter, width, decimals) = (char::from(column[11]), usize::from(column[16]), u32::from(column[17]));
    let kind = Kind::of_letter(letter, width, decimals).filter(|_| column[18] & 1 == 0);
    match kind {
        Some(Kind::Text { width: 0 } | Kind::Number { width: 0, .. }) => Err(format!("column {name} has no width")),
        kind => Ok((name, kind)),
    }
}
