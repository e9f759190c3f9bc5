//! The ERP's tables, their drift, and the field-fit report.

use super::{d, round};
use crossdock_flow::{
    Code, Document,
    fit::{Finding, Report, Survey, Target},
    order::{Field, Value},
    sample,
    schema::{Change, CodePage, Column, Kind, Schema, compare, compare_all, is_never_read},
};
use std::collections::{BTreeMap, BTreeSet};

const CUSTOMER: [(&str, Kind); 8] = [
    ("CUSTNO", Kind::Text { width: 6 }),
    ("COMPANY", Kind::Text { width: 35 }),
    ("CC_NUM", Kind::Text { width: 20 }),
    ("CC_EXP", Kind::Text { width: 5 }),
    ("PASSWORD", Kind::Text { width: 20 }),
    ("DISC", Kind::Number { width: 7, decimals: 3 }),
    ("CREDIT", Kind::Currency),
    ("EMAIL", Kind::Memo),
];

#[test]
fn card_data_and_passwords_cannot_be_represented() {
    let schema = Schema::read("ARCUST01", CodePage::Cp1252, CUSTOMER);
    let names: Vec<&str> = schema.columns().iter().map(Column::name).collect();
    assert_eq!(names, ["CUSTNO", "COMPANY", "DISC", "CREDIT", "EMAIL"]);
    assert_eq!(schema.column("cc_num"), None);
    assert_eq!(Column::read("CC_NUM", Kind::Memo), None);
    // Nor does one come in from a file that somebody else wrote, nor out.
    let written = r#"{"table":"ARCUST01","code-page":"cp1252","columns":[{"name":"CC_NUM","kind":{"text":{"width":20}}},{"name":"CUSTNO","kind":{"text":{"width":6}}}]}"#;
    let read: Schema = serde_json::from_str(written).unwrap();
    assert_eq!((read.columns().len(), read.width("custno")), (1, Some(6)));
    assert!(!serde_json::to_string(&schema).unwrap().contains("CC_"));
    // Nor is their coming and going told.
    let without = Schema::read("ARCUST01", CodePage::Cp1252, CUSTOMER.into_iter().filter(|(name, _)| !name.starts_with("CC")));
    assert_eq!(compare(&schema, &without), []);
    for name in ["CC_NUM", "cc_exp", "Password", "customer.password", "PASSWD", "card-number", "CVV2", "CreditCard", "ccno2", "PWD"] {
        assert!(is_never_read(name), "{name}");
    }
    for name in ["ACCNO", "PASSAGE", "EXPDATE", "PANEL", "CCITY", "ACCTNUM", "DISCARDED"] {
        assert!(!is_never_read(name), "{name}");
    }
    assert_eq!(schema.to_string(), "ARCUST01: 5 columns, code page 1252");
    round(&schema);
}

#[test]
fn drift_is_told_and_what_breaks_is_known() {
    let text = |width| Kind::Text { width };
    let number = |width, decimals| Kind::Number { width, decimals };
    let table = |page, columns: &[(&'static str, Kind)]| Schema::read("ARCUST01", page, columns.iter().copied());
    let old = table(
        CodePage::Cp437,
        &[
            ("A", text(6)),
            ("B", text(35)),
            ("C", text(9)),
            ("D", number(7, 3)),
            ("E", number(7, 3)),
            ("F", text(5)),
            ("G", Kind::Memo),
            ("H", text(4)),
            ("I", Kind::Date),
            ("K", number(9, 4)),
        ],
    );
    let new = table(
        CodePage::Cp1252,
        &[
            ("a", text(6)),
            ("B", text(30)),
            ("D", number(9, 4)),
            ("E", number(8, 5)),
            ("F", number(5, 0)),
            ("G", text(254)),
            ("H", Kind::Memo),
            ("I", Kind::Date),
            ("J", Kind::Flag),
            ("K", number(7, 2)),
            ("C2", text(9)),
        ],
    );
    let changes = compare(&old, &new);
    let told: Vec<(String, bool)> = changes.iter().map(|change| (change.to_string(), change.is_breaking())).collect();
    let expected = [
        ("ARCUST01 has another code page: code page 437 → code page 1252", true),
        ("ARCUST01.B is narrower: text 35 → text 30", true),
        ("ARCUST01.C is gone (text 9)", true),
        ("ARCUST01.D is wider: number 7.3 → number 9.4", false),
        ("ARCUST01.E is narrower: number 7.3 → number 8.5", true),
        ("ARCUST01.F is of another kind: text 5 → number 5.0", true),
        ("ARCUST01.G is narrower: memo → text 254", true),
        ("ARCUST01.H is wider: text 4 → memo", false),
        ("ARCUST01.K is narrower: number 9.4 → number 7.2", true),
        ("ARCUST01.J is new (flag)", false),
        ("ARCUST01.C2 is new (text 9)", false),
    ];
    assert_eq!(told, expected.map(|(text, breaks)| (text.to_owned(), breaks)));
    assert_eq!(compare(&old, &old), Vec::<Change>::new());
    round(&changes);
}

#[test]
fn code_pages_hold_what_they_hold() {
    let of = |byte| CodePage::of_header(byte);
    assert_eq!((of(0x01), of(0x02), of(0x03), of(0xC8)), (Some(CodePage::Cp437), Some(CodePage::Cp850), Some(CodePage::Cp1252), None));
    let pages = [CodePage::Ascii, CodePage::Cp437, CodePage::Cp850, CodePage::Cp1252, CodePage::Unicode];
    for (letter, held) in [('a', 31), ('é', 30), ('Á', 28), ('€', 24), ('█', 22), ('ő', 16)] {
        let holds: u8 = pages.iter().enumerate().map(|(index, page)| u8::from(page.holds(letter)) << index).sum();
        assert_eq!(holds, held, "{letter}");
    }
    // 128 letters beyond ASCII each, and Windows leaves five places free.
    let count = |page: CodePage| ('\u{80}'..='\u{ffff}').filter(|letter| page.holds(*letter)).count();
    assert_eq!(pages[..4].iter().map(|page| count(*page)).collect::<Vec<_>>(), [0, 128, 128, 123]);
}

fn field(name: &str, value: Value) -> Field {
    Field { name: name.into(), value }
}

fn document(header: Vec<Field>, lines: Vec<Vec<Field>>) -> Document {
    Document { fields: header, lines, ..sample::document(&sample::order(1)) }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn fit(documents: &[(&str, Document)]) -> Report {
    let header = Schema::read(
        "SOMAST01",
        CodePage::Cp437,
        [
            ("CUSTNO", Kind::Text { width: 6 }),
            ("CITY", Kind::Text { width: 8 }),
            ("NOTE", Kind::Text { width: 5 }),
            ("TAX", Kind::Number { width: 6, decimals: 2 }),
            ("ORDAMT", Kind::Currency),
            ("ORDATE", Kind::Date),
            ("COUNTRY", Kind::Text { width: 15 }),
        ],
    );
    let lines = Schema::read("SOTRAN01", CodePage::Cp437, [("ITEM", Kind::Text { width: 15 })]);
    let columns: BTreeMap<String, String> = [("ShipTo.City".to_owned(), "CITY".to_owned()), ("ItemCode".to_owned(), "ITEM".to_owned())].into();
    let cut: BTreeSet<String> = ["NOTE".to_owned()].into();
    let known = [("ItemCode".to_owned(), ["MUG".to_owned()].into()), ("COUNTRY".to_owned(), ["CA".to_owned()].into())].into();
    let target = Target { header: &header, lines: &lines, columns: &columns, cut: &cut, known: &known };
    let mut survey = Survey::new(target);
    documents.iter().for_each(|(order, document)| survey.look(order, document, &[]));
    survey.report()
}

#[test]
fn pitfall_17_what_would_not_fit_is_counted_by_order() {
    let good = vec![
        field("CUSTNO", text("SA0001")),
        field("ShipTo.City", text("Montréal")),
        field("NOTE", text("short")),
        field("TAX", Value::Number(d("999.99"))),
        field("ORDAMT", Value::Number(d("1.2345"))),
        field("ORDATE", text("2026-03-07")),
        field("COUNTRY", text("CA")),
    ];
    let mug = vec![vec![field("ItemCode", text("MUG"))]];
    assert_eq!(fit(&[("1", document(good.clone(), mug.clone()))]), Report { orders: 1, ..Report::default() });
    let with = |name: &str, value: Value| {
        let mut header = good.clone();
        header.retain(|field| &*field.name != name);
        header.push(field(name, value));
        document(header, mug.clone())
    };
    let report = fit(&[
        ("1", document(good.clone(), mug.clone())),
        ("2", with("ShipTo.City", text("Saint-Hyacinthe"))),
        ("3", with("ShipTo.City", text("Québec City"))),
        ("3", with("ShipTo.City", text("Québec City too"))),
        ("4", with("NOTE", text("too long"))),
        ("5", with("NOTE", text("longer"))),
        ("5", with("TAX", Value::Number(d("1000")))),
        ("6", with("CUSTNO", text("Ł1"))),
        ("7", with("TAX", text("1"))),
        ("8", document(good.clone(), vec![vec![field("ItemCode", text("CUP"))], vec![field("ItemCode", text("POT"))]])),
        ("9", with("Colour", text("red"))),
        ("10", with("PASSWORD", text("secret"))),
    ]);
    let told: Vec<(&str, Finding, usize)> = report.rows.iter().map(|row| (row.field.as_str(), row.finding, row.orders)).collect();
    assert_eq!(
        told,
        [
            ("NOTE", Finding::Cut, 2),
            ("ShipTo.City", Finding::TooWide, 2),
            ("CUSTNO", Finding::CodePage, 1),
            ("Colour", Finding::NoColumn, 1),
            ("TAX", Finding::TooWide, 1),
            ("TAX", Finding::Kind, 1),
            ("lines[].ItemCode", Finding::Unmapped, 1),
        ]
    );
    // Order 5 is cut and refused: it counts as refused.
    assert_eq!((report.orders, report.refused, report.cut), (10, 7, 1));
    let text = report.to_string();
    for line in [
        "10 orders: 7 would be refused (70.0 %), 1 cut (10.0 %)",
        "\nShipTo.City: too wide in 2 orders (text 8, the longest 15)",
        "\nlines[].ItemCode: codes that nobody knows in 1 orders (text 15): 2 codes, such as CUP, POT",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let examples: Vec<(&str, usize)> = report.rows[1].some.iter().map(|one| (one.order.as_str(), one.length)).collect();
    assert_eq!(examples, [("2", 15), ("3", 15)]);
    let json = serde_json::to_string(&report).unwrap();
    assert!(!json.contains("secret") && !json.contains("Hyacinthe") && !text.contains("Hyacinthe"), "a report names no customer's words");
    round(&report);
}

#[test]
fn numbers_fit_by_digits_and_point() {
    let tax = |number: &str| fit(&[("1", document(vec![field("TAX", Value::Number(d(number)))], vec![]))]).rows.len();
    for (number, wrong) in [("999.99", 0), ("1000", 1), ("-99.99", 0), ("-100", 1), ("1.234", 1), ("1.2300", 0)] {
        assert_eq!(tax(number), wrong, "{number}");
    }
    let amount = |number: &str| fit(&[("1", document(vec![field("ORDAMT", Value::Number(d(number)))], vec![]))]).rows.len();
    assert_eq!((amount("1.2345"), amount("1.23456")), (0, 1));
}

#[test]
fn faults_of_the_mapping_count_as_refused() {
    let schema = Schema::read("SOMAST01", CodePage::Cp437, []);
    let (columns, cut, known) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
    let mut survey = Survey::new(Target { header: &schema, lines: &schema, columns: &columns, cut: &cut, known: &known });
    let codes = [Code::MappingMissing, Code::MappingWidth, Code::MappingLookup, Code::MappingType];
    let faults: Vec<(String, Code)> = codes.into_iter().enumerate().map(|(number, code)| (format!("F{number}"), code)).collect();
    survey.look("1", &document(vec![], vec![]), &faults);
    survey.look("2", &document(vec![], vec![]), &[("CC_NUM".to_owned(), Code::MappingWidth)]);
    let report = survey.report();
    let told: Vec<(&str, Finding)> = report.rows.iter().map(|row| (row.field.as_str(), row.finding)).collect();
    assert_eq!(told, [("F0", Finding::Missing), ("F1", Finding::TooWide), ("F2", Finding::Unmapped), ("F3", Finding::Kind)]);
    assert_eq!((report.orders, report.refused, report.cut), (2, 1, 0), "what is never read is not told of either");
}

#[test]
fn a_table_that_comes_or_goes_is_a_change() {
    let table = |name: &str, width| Schema::read(name, CodePage::Cp1252, [("CUSTNO", Kind::Text { width })]);
    let (old, new) = ([table("ARCUST01", 6), table("SOADDR01", 6)], [table("SOTRAN01", 6), table("arcust01", 5)]);
    let told: Vec<(String, bool)> = compare_all(&old, &new).iter().map(|change| (change.to_string(), change.is_breaking())).collect();
    let expected = [("arcust01.CUSTNO is narrower: text 6 → text 5", true), ("SOADDR01 is gone", true), ("SOTRAN01 is a new table", false)];
    assert_eq!(told, expected.map(|(text, breaks)| (text.to_owned(), breaks)));
    assert_eq!(compare_all(&old, &old), []);
}

#[test]
fn type_letters_are_those_of_visual_foxpro() {
    let of = |letter| Kind::of_letter(letter, 9, 2);
    assert_eq!(of('C'), Some(Kind::Text { width: 9 }));
    assert_eq!((of('n'), of('F')), (Some(Kind::Number { width: 9, decimals: 2 }), Some(Kind::Number { width: 9, decimals: 2 })));
    assert_eq!(of('I'), Some(Kind::Number { width: 11, decimals: 0 }));
    assert_eq!([of('M'), of('Y'), of('D'), of('T'), of('L')], [Kind::Memo, Kind::Currency, Kind::Date, Kind::DateTime, Kind::Flag].map(Some));
    assert_eq!("GPWQ0?é ".chars().filter_map(of).count(), 0);
}
