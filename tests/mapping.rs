//! `crossdock mapping` from outside: check, test with coverage, preview and explain, on a template that extends a shipped one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{fs, path::Path, process::Command};

const TEMPLATE: &str = r#"name = "acme"
extends = "clarity-sagepro"

[header]
Comment = { expr = "format(\"{} lines\", size(lines))", width = 20 }
Territory = { expr = "lookup(\"areas\", shipping_to.region)", width = 3 }

[tables.areas]
QC = "EAS"
"#;

const ORDER: &str = r#"{ "number": "4711", "lines": [ { "sku": "SHIRT-OX-M", "quantity": 2, "unit-price": "49.95" } ] }"#;

/// Exit code, and everything that was printed.
fn run(home: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_crossdock")).current_dir(home).arg("mapping").args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
}

fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("acme.toml"), TEMPLATE).unwrap();
    fs::create_dir_all(home.path().join("acme.tests/plain")).unwrap();
    fs::write(home.path().join("acme.tests/plain/order.json"), ORDER).unwrap();
    home
}

#[test]
fn a_template_is_checked_with_what_it_extends() {
    let home = home();
    let (code, told) = run(home.path(), &["check", "acme.toml"]);
    assert!(code == Some(0) && told.contains("`acme` has 33 rows in the header and 10 per line"), "{told}");
    fs::write(home.path().join("bad.toml"), TEMPLATE.replace("size(lines)", "sise(lines)").replace("clarity-sagepro", "acme.toml")).unwrap();
    let (code, told) = run(home.path(), &["check", "bad.toml"]);
    assert!(code == Some(1) && told.contains("bad.toml:5:42: header.Comment.expr: there is no function `sise`\n    did you mean `size`?"), "{told}");
    let (code, told) = run(home.path(), &["check", "nowhere.toml"]);
    assert!(code == Some(1) && told.contains("clarity-sagepro-native"), "{told}");
}

#[test]
fn cases_are_blessed_compared_and_counted() {
    let home = home();
    let (code, told) = run(home.path(), &["test", "acme.toml"]);
    assert!(code == Some(1) && told.contains("nothing is expected yet: --bless writes fault.txt down"), "{told}");
    let (code, _) = run(home.path(), &["test", "acme.toml", "--bless"]);
    let fault = fs::read_to_string(home.path().join("acme.tests/plain/fault.txt")).unwrap();
    assert!(code == Some(0) && fault.starts_with("E303 Territory: table `areas`"), "{fault}");
    fs::write(home.path().join("acme.tests/plain/lookups.toml"), "[tables.areas]\nON = \"MID\"\n").unwrap();
    assert_eq!(run(home.path(), &["test", "acme.toml"]).0, Some(1));
    assert_eq!(run(home.path(), &["test", "acme.toml", "--bless"]).0, Some(0));
    let (code, told) = run(home.path(), &["test", "acme.toml"]);
    assert!(code == Some(0) && told.contains("ok plain") && told.contains("only by their default: header.ShipToAddress.Address2"), "{told}");
    let (_, told) = run(home.path(), &["test", "acme.toml", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["ok"], &told["cases"][0]["ok"]), (&true.into(), &true.into()));
}

#[test]
fn a_preview_goes_on_after_a_fault_and_a_field_is_explained() {
    let home = home();
    let (code, told) = run(home.path(), &["preview", "acme.tests/plain/order.json", "--template", "acme.toml"]);
    assert!(code == Some(1) && told.contains("E303: table `areas`") && told.contains("lines[0].ItemCode"), "{told}");
    assert!(told.contains("1 lines") && told.contains("1 of 43 rows cannot be filled"), "{told}");
    let (code, told) = run(home.path(), &["explain", "Territory", "--template", "acme.toml"]);
    assert!(code == Some(0) && told.contains("acme.toml:6") && told.contains("overrides  clarity-sagepro:"), "{told}");
    let (code, told) = run(home.path(), &["explain", "LineItems.ItemCode"]);
    assert!(code == Some(0) && told.contains("may not change it") && told.contains("line.sku"), "{told}");
    let (code, told) = run(home.path(), &["explain", "Teritory"]);
    assert!(code == Some(1) && told.contains("did you mean `Territory`?"), "{told}");
}
