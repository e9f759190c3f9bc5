//! The house from outside: which room may lean on which, and who may know wasmtime, SQL and HTTP. A new arrow is a
//! decision, made here.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use serde_json::Value;
use std::{collections::BTreeSet, path::Path, process::Command};

/// Every arrow between crates of ours that is allowed, tests aside.
const ARROWS: &[(&str, &str)] = &[
    ("crossdock-sandbox", "crossdock-flow"),
    ("crossdock-connectors", "crossdock-flow"),
    ("crossdock-stores", "crossdock-flow"),
    ("crossdock", "crossdock-flow"),
    ("crossdock", "crossdock-sandbox"),
    ("crossdock", "crossdock-connectors"),
    ("crossdock", "crossdock-stores"),
    ("crossdock", "crossdock-workshop"),
    ("crossdock-workshop", "crossdock-flow"),
    ("crossdock-workshop", "crossdock-sandbox"),
    // For `crossdock demo`.
    ("crossdock", "crossdock-partners"),
    ("crossdock", "crossdock-stage"),
    ("crossdock-stage", "crossdock-partners"),
    ("crossdock-crash", "crossdock-partners"),
    ("crossdock-crash", "crossdock-stage"),
    ("crossdock-hostile", "crossdock-flow"),
    ("crossdock-hostile", "crossdock-sandbox"),
    // Hostile rules ask hostile servers through the host's own client.
    ("crossdock-hostile", "crossdock-connectors"),
];

/// Foreign crates that only one room may know (and, for what simulates partners, the partners).
const SECRETS: &[(&str, &[&str])] = &[
    ("wasmtime", &["crossdock-sandbox"]),
    ("wasmtime-wasi", &["crossdock-sandbox"]),
    ("wit-component", &["crossdock-sandbox"]),
    ("wasi-preview1-component-adapter-provider", &["crossdock-sandbox"]),
    ("rusqlite", &["crossdock-stores"]),
    ("reqwest", &["crossdock-connectors", "crossdock-partners", "crossdock-stage", "crossdock-bench"]),
    ("axum", &["crossdock", "crossdock-partners", "crossdock-bench"]),
];

fn metadata() -> Value {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline", "--manifest-path"])
        .arg(manifest)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// (crate, dependency) of every ordinary dependency.
fn arrows() -> BTreeSet<(String, String)> {
    let metadata = metadata();
    let mut arrows = BTreeSet::new();
    for package in metadata["packages"].as_array().unwrap() {
        for dependency in package["dependencies"].as_array().unwrap() {
            if dependency["kind"].is_null() {
                arrows.insert((package["name"].as_str().unwrap().to_owned(), dependency["name"].as_str().unwrap().to_owned()));
            }
        }
    }
    assert!(arrows.len() > 20, "the metadata could not be read");
    arrows
}

#[test]
fn rooms_lean_only_on_what_they_may() {
    let allowed: BTreeSet<(String, String)> = ARROWS.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect();
    let ours: BTreeSet<(String, String)> =
        arrows().into_iter().filter(|(from, to)| to.starts_with("crossdock") && from != "crossdock-bench").collect();
    let forbidden: Vec<_> = ours.difference(&allowed).collect();
    assert!(forbidden.is_empty(), "forbidden arrows: {forbidden:?}");
    let gone: Vec<_> = allowed.difference(&ours).collect();
    assert!(gone.is_empty(), "arrows that are allowed but not there: {gone:?}");
}

#[test]
fn nothing_leans_on_the_program() {
    assert!(arrows().iter().all(|(_, to)| to != "crossdock"));
}

#[test]
fn wasmtime_sql_and_http_stay_in_their_rooms() {
    for (from, to) in arrows() {
        if let Some((_, rooms)) = SECRETS.iter().find(|(secret, _)| *secret == to) {
            assert!(rooms.contains(&from.as_str()), "{from} may not know {to}");
        }
    }
}

#[test]
fn the_sdk_and_the_plugins_know_nothing_of_the_host() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut manifests = vec![top.join("sdk/rust/Cargo.toml")];
    for entry in std::fs::read_dir(top.join("plugins")).unwrap() {
        manifests.push(entry.unwrap().path().join("Cargo.toml"));
    }
    let mut read = 0;
    for manifest in manifests.iter().filter(|manifest| manifest.exists()) {
        let text = std::fs::read_to_string(manifest).unwrap();
        for room in ["crossdock-flow", "crossdock-sandbox", "crossdock-connectors", "crossdock-stores", "host/"] {
            assert!(!text.contains(room), "{} knows {room}", manifest.display());
        }
        read += 1;
    }
    assert!(read >= 5, "the examples were not found");
}

#[test]
fn no_float_stands_near_money() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut read = 0;
    for room in ["host/flow/src", "host/connectors/src", "host/stores/src", "host/sandbox/src", "host/workshop/src", "sdk/rust/src", "wit"] {
        for file in walk(&top.join(room)) {
            // It names the types that a foreign component may have, floats among them.
            if file.ends_with("sandbox/src/shape.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            // Tests may measure waits; nothing else has a use for floats.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for float in ["f32", "f64", "float32", "float64"] {
                let found = code
                    .lines()
                    .find(|line| !line.trim_start().starts_with("//") && line.split(|c: char| !c.is_alphanumeric()).any(|word| word == float));
                assert!(found.is_none(), "{}: {found:?}", file.display());
            }
            read += 1;
        }
    }
    assert!(read > 50, "only {read} files were read");
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else {
            files.push(path);
        }
    }
    files
}
