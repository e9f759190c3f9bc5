//! `crossdock check` on files with mistakes: what it prints is golden. `BLESS=1` writes it anew.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{fs, path::Path, process::Command};

fn check(file: &Path, json: bool) -> (Option<i32>, String) {
    let folder = file.parent().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_crossdock"));
    command.current_dir(folder).arg("check").arg("--settings").arg(file.file_name().unwrap());
    if json {
        command.arg("--json");
    }
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(if json { output.stdout } else { output.stderr }).unwrap())
}

#[test]
fn every_mistake_is_told_with_line_and_cure() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/settings");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let (code, told) = check(&file, false);
        assert_eq!(code, Some(1), "{}", file.display());
        let golden = file.with_extension("err");
        #[allow(clippy::disallowed_methods, reason = "BLESS is how golden files are written anew")]
        if std::env::var("BLESS").is_ok() {
            fs::write(&golden, &told).unwrap();
        }
        assert_eq!(told, fs::read_to_string(&golden).unwrap_or_default(), "{}", golden.display());
        seen += 1;
    }
    assert!(seen >= 5);
}

#[test]
fn programs_get_the_same_as_json() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/settings/many-mistakes.toml");
    let (code, told) = check(&file, true);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let mistakes = told["error"]["mistakes"].as_array().unwrap();
    assert_eq!(code, Some(1));
    assert!(mistakes.len() >= 10, "{mistakes:#?}");
    assert!(mistakes.iter().all(|mistake| mistake["line"].as_u64().is_some_and(|line| line > 0) && mistake["cure"] != ""));
    assert!(!told.to_string().contains("written-into-the-settings"), "a secret is repeated");
}
