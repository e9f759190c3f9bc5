//! docs/faults.md and the codes of the program say the same: same codes, names, actors and merchant's sentences.

use crossdock_flow::{Code, fault::Actor};
use std::{collections::HashMap, path::Path};

const WHO: &str = "- **Who acts:** ";
const MERCHANT: &str = "- **The merchant reads:** ";

#[test]
fn every_code_has_its_section_and_every_section_its_code() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/faults.md")).unwrap();
    let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let codes: Vec<String> = Code::ALL.iter().map(|code| format!("{code} {code:?}")).collect();
    assert_eq!(headings, codes, "the sections of docs/faults.md, in the order of the catalogue");

    let sections: HashMap<&str, &str> = page.split("\n## ").skip(1).map(|section| section.split_once('\n').unwrap()).collect();
    for code in Code::ALL {
        let section = sections[format!("{code} {code:?}").as_str()];
        let line = |label: &str| section.lines().find_map(|line| line.strip_prefix(label)).unwrap_or_else(|| panic!("{code} has no line `{label}`"));
        assert_eq!(line(MERCHANT), code.merchant(), "{code}: the merchant's sentence");
        assert_eq!(line(WHO), who(code.actor()), "{code}: who acts");
        assert!(line("- **How to find it:** ").len() > 20 && line("- **What to do:** ").len() > 5, "{code} says how to find it and what to do");
        let example = section.split_once("```text\n").and_then(|(_, rest)| rest.split_once("\n```")).map(|(example, _)| example);
        assert!(example.is_some_and(|example| example.starts_with(code.id())), "{code} has an example that begins with the code");
    }
}

/// A code that nothing in the host ever makes is a promise that nobody keeps.
#[test]
fn every_code_is_made_somewhere() {
    let host = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut source = String::new();
    let mut folders = vec![host];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.file_name().and_then(|name| name.to_str()) {
                Some("tests" | "examples" | "target") => {}
                Some("fault.rs") if path.ends_with("flow/src/fault.rs") => {}
                _ if path.is_dir() => folders.push(path),
                Some(name) if name.ends_with(".rs") => {
                    let text = std::fs::read_to_string(&path).unwrap();
                    source.push_str(text.split("#[cfg(test)]").next().unwrap_or_default());
                }
                _ => {}
            }
        }
    }
    for code in Code::ALL {
        let made = [format!("Code::{code:?},"), format!("Code::{code:?};"), format!("Code::{code:?} }}"), format!("Code::{code:?})")];
        assert!(made.iter().any(|made| source.contains(made)), "{code} {code:?} is never made");
    }
}

fn who(actor: Actor) -> &'static str {
    match actor {
        Actor::Integrator => "integrator",
        Actor::Operator => "operator",
        Actor::Merchant => "merchant",
        Actor::Host => "nobody: the host tries again by itself",
    }
}
