//! Headers of tables on disk: those that another program writes, those of Visual FoxPro byte by byte, and any bytes at all.

#![allow(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

use crossdock_connectors::dbf;
use crossdock_flow::{
    Code,
    schema::{CodePage, Column, Kind, Schema},
};
use dbase::{FieldName, TableWriterBuilder};
use proptest::{prelude::*, sample::Index};
use std::fs;

/// A header as Visual FoxPro writes it: name, letter, width, decimals, flags of each column; then the link to its database.
fn header(page: u8, columns: &[(&str, char, u8, u8, u8)]) -> Vec<u8> {
    let length = u16::try_from(32 + 32 * columns.len() + 1 + 263).unwrap();
    let mut bytes = vec![0; 32];
    (bytes[0], bytes[29]) = (0x30, page);
    bytes[4..8].copy_from_slice(&1_000_000_u32.to_le_bytes());
    bytes[8..10].copy_from_slice(&length.to_le_bytes());
    for (name, letter, width, decimals, flags) in columns {
        let mut column = [0; 32];
        column[..name.len()].copy_from_slice(name.as_bytes());
        (column[11], column[16], column[17], column[18]) = (*letter as u8, *width, *decimals, *flags);
        bytes.extend(column);
    }
    bytes.push(0x0D);
    bytes.extend([0; 263]);
    bytes
}

const CUSTOMER: [(&str, char, u8, u8, u8); 10] = [
    ("CUSTNO", 'C', 6, 0, 0),
    ("COMPANY", 'C', 35, 0, 4),
    ("CC_NUM", 'C', 20, 0, 0),
    ("PASSWORD", 'C', 20, 0, 0),
    ("DISC", 'N', 7, 3, 0),
    ("CREDIT", 'Y', 8, 4, 0),
    ("EMAIL", 'M', 4, 0, 0),
    ("LOGO", 'G', 4, 0, 0),
    ("WEBCUST", 'L', 1, 0, 0),
    ("_NullFlags", '0', 1, 0, 5),
];

fn customer() -> Schema {
    let columns = [
        ("CUSTNO", Kind::Text { width: 6 }),
        ("COMPANY", Kind::Text { width: 35 }),
        ("DISC", Kind::Number { width: 7, decimals: 3 }),
        ("CREDIT", Kind::Currency),
        ("EMAIL", Kind::Memo),
        ("WEBCUST", Kind::Flag),
    ];
    Schema::read("ARCUST01", CodePage::Cp1252, columns)
}

#[test]
fn a_table_of_visual_foxpro_is_read_by_its_header_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("arcust01.dbf");
    // Neither the million records that it speaks of nor its memo file are there.
    fs::write(&file, header(0x03, &CUSTOMER)).unwrap();
    let mut permissions = fs::metadata(&file).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&file, permissions).unwrap();
    let before = fs::metadata(&file).unwrap().modified().unwrap();
    let read = dbf::schema(&file, None).unwrap();
    assert_eq!(read, customer());
    assert!(!serde_json::to_string(&read).unwrap().contains("CC_"));
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), before);
}

#[test]
fn what_another_program_writes_is_read_the_same() {
    let name = |name| FieldName::try_from(name).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("SOTRAN01.DBF");
    let builder =
        TableWriterBuilder::new().add_character_field(name("ITEM"), 15).add_numeric_field(name("QTYORD"), 9, 2).add_date_field(name("RQDATE"));
    let mut writer = builder
        .add_logical_field(name("TAXABLE"))
        .add_integer_field(name("TRANLINENO"))
        .add_currency_field(name("PRICE"))
        .build_with_file_dest(&file)
        .unwrap();
    writer.finalize().unwrap();
    drop(writer);
    let columns = [
        ("ITEM", Kind::Text { width: 15 }),
        ("QTYORD", Kind::Number { width: 9, decimals: 2 }),
        ("RQDATE", Kind::Date),
        ("TAXABLE", Kind::Flag),
        ("TRANLINENO", Kind::Number { width: 11, decimals: 0 }),
        ("PRICE", Kind::Currency),
    ];
    // It names no code page: then it must be said.
    let fault = dbf::schema(&file, None).unwrap_err();
    assert!(fault.code == Code::PartnerAnswer && fault.message.contains("code-page"), "{fault}");
    assert_eq!(dbf::schema(&file, Some(CodePage::Cp850)).unwrap(), Schema::read("SOTRAN01", CodePage::Cp850, columns));
}

#[test]
fn what_is_no_whole_header_is_refused() {
    let good = header(0x03, &CUSTOMER);
    let with = |place: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[place] = byte;
        bytes
    };
    let end = 32 + 32 * CUSTOMER.len();
    let many: Vec<(&str, char, u8, u8, u8)> = vec![("A", 'L', 1, 0, 0); 256];
    for (bytes, why) in [
        (Vec::new(), "no table"),
        (good[..31].to_vec(), "no table"),
        (with(0, 0x50), "no table"),
        (good[..32].to_vec(), "breaks off"),
        (good[..end].to_vec(), "breaks off"),
        (good[..end - 40].to_vec(), "breaks off"),
        (with(end, 0), "no name"),
        (with(9, 0), "breaks off"),
        (with(32, 0), "no name"),
        (with(32 + 16, 0), "column CUSTNO has no width"),
        (with(29, 0xC8), "0xc8"),
        (header(3, &[]), "breaks off"),
        (header(3, &many), "more than 255"),
    ] {
        let told = dbf::read("T", &bytes, None).unwrap_err();
        assert!(told.contains(why), "{why}: {told}");
    }
    // The page of the header goes before what is said of all.
    assert_eq!(dbf::read("ARCUST01", &good, Some(CodePage::Cp437)).unwrap(), customer());
    let fault = dbf::schema(std::path::Path::new("/nowhere/t.dbf"), None).unwrap_err();
    assert!(fault.code == Code::PartnerAnswer && fault.to_string().contains("/nowhere/t.dbf"), "{fault}");
}

fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    match dbf::read("T", bytes, Some(CodePage::Cp1252)) {
        Ok(schema) => {
            prop_assert!(schema.columns().len() <= 255);
            prop_assert!(
                schema.columns().iter().all(|column| !column.name().is_empty() && !crossdock_flow::schema::is_never_read(Column::name(column)))
            );
        }
        Err(why) => prop_assert!(!why.is_empty() && why.len() < 200),
    }
    Ok(())
}

proptest! {

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), kind in any::<bool>()) {
        let mut bytes = bytes;
        if let (true, Some(first)) = (kind, bytes.first_mut()) {
            *first = 0x30;
        }
        check(&bytes)?;
    }

    #[test]
    fn damaged_headers_are_read_or_refused(damages in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..12), cut in any::<Index>()) {
        let mut bytes = header(0x03, &CUSTOMER);
        for (place, byte) in damages {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        check(&bytes)?;
        check(&bytes[..cut.index(bytes.len())])?;
    }
}
