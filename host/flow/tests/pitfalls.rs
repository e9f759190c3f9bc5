//! docs/pitfalls.md has a row for each of the 22 pitfalls, and what it names as proof is there.

use std::{fs, path::Path};

#[test]
fn every_pitfall_has_its_row_and_what_it_names_is_there() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(top.join("docs/pitfalls.md")).unwrap();
    let rows: Vec<Vec<&str>> =
        page.lines().filter(|line| line.starts_with("| ")).skip(1).map(|line| line.split('|').map(str::trim).collect()).collect();
    let numbers: Vec<String> = rows.iter().map(|row| row[1].to_owned()).collect();
    assert_eq!(numbers, (1..=22).map(|number| number.to_string()).collect::<Vec<_>>());
    let mut cases = Vec::new();
    for row in rows {
        let (number, proof) = (row[1], row[4]);
        for proof in proof.split(", ") {
            match proof.split('`').collect::<Vec<_>>()[..] {
                ["golden ", case, ""] => {
                    let folder = top.join("tests/golden").join(case);
                    assert!(
                        folder.join("order.json").is_file() && folder.join("rule.md").is_file(),
                        "pitfall {number}: there is no golden case {case}"
                    );
                    cases.push(case.to_owned());
                }
                ["", file, " ", name, ""] => {
                    let source = fs::read_to_string(top.join(file)).unwrap_or_else(|_| panic!("pitfall {number}: there is no {file}"));
                    assert!(source.contains(&format!("fn {name}(")), "pitfall {number}: {file} has no {name}");
                }
                _ => panic!("pitfall {number}: `{proof}` names neither a golden case nor a test"),
            }
        }
    }
    for entry in fs::read_dir(top.join("tests/golden")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(cases.contains(&name), "golden case {name} belongs to no pitfall");
    }
}
