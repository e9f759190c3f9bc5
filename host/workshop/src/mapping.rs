//! Tests of a mapping template: a folder of cases beside it, each an order and the documents (or an entity and its row), or the
//! fault, that must come of it; and which rows the cases exercise. An order is read by whoever runs them: it may be a shop's event.

use crate::case::Case;
use crossdock_flow::{
    Code, Document, Fault,
    mapping::{Fact, Fields, Form, Mapping, Mocks, Step},
    order::{Field, Value},
    route::{self, Shipment},
    sum,
    sync::Subject,
};
use jiff::tz::TimeZone;
use serde_json::{Map, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The documents that must come of a case.
pub const EXPECTED: &str = "expected.json";
/// What is mapped by a template of goods or people, in canonical form.
pub const ENTITY: &str = "entity.json";
/// The fault that must come of it instead.
pub const FAULT: &str = "fault.txt";
/// What stands in for tables and the company's time zone.
pub const LOOKUPS: &str = "lookups.toml";
/// What ships from where.
pub const SHIPMENTS: &str = "shipments.json";

/// The folder of a template's cases: `acme.tests` beside `acme.toml`.
pub fn folder_of(template: &Path) -> PathBuf {
    template.with_extension("tests")
}

/// What came of one case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The case's name.
    pub name: String,
    /// The file that should hold what came: [`EXPECTED`] or [`FAULT`].
    pub file: &'static str,
    /// What came.
    pub found: String,
    /// What stands on disk, in whichever file.
    pub expected: Option<String>,
    /// What every row did.
    pub steps: Vec<Step>,
}

impl Outcome {
    /// Whether it is what was expected.
    pub fn holds(&self) -> bool {
        self.expected.as_deref() == Some(&self.found)
    }

    /// Writes what came as what is expected from now on.
    pub fn bless(&self, folder: &Path) -> std::io::Result<()> {
        let other = if self.file == EXPECTED { FAULT } else { EXPECTED };
        match fs::remove_file(folder.join(other)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::write(folder.join(self.file), &self.found)
    }
}

/// Runs one case. Fails where the case itself cannot be read.
pub fn run(mapping: &Mapping, folder: &Path, case: &Case) -> Result<Outcome, Fault> {
    let mocks = mocks(folder)?;
    let mapping = mapping.clone().mocked(&mocks.tables).map_err(|why| broken(folder, LOOKUPS, why))?;
    let shipments = match text(folder, SHIPMENTS)? {
        None => route::whole(&case.order, &case.candidates),
        Some(text) => {
            let shipments: Vec<Shipment> = serde_json::from_str(&text).map_err(|error| broken(folder, SHIPMENTS, error.to_string()))?;
            route::check(&case.order, &case.candidates, shipments)?
        }
    };
    let zone = mocks.zone.unwrap_or(TimeZone::UTC);
    let made = documents(&mapping, case, &shipments, &zone).map(|documents| json!(documents.iter().map(shown).collect::<Vec<_>>()));
    outcome(folder, &case.name, made, mapping.trace(&case.order, &shipments, &zone))
}

/// Runs one case of a template of goods or people. Fails where the case itself cannot be read.
pub fn run_form(form: &Form, folder: &Path, name: &str) -> Result<Outcome, Fault> {
    let mocks = mocks(folder)?;
    let form = form.clone().mocked(&mocks.tables).map_err(|why| broken(folder, LOOKUPS, why))?;
    let entity = text(folder, ENTITY)?.ok_or_else(|| broken(folder, ENTITY, "is not there".into()))?;
    let subject = subject(form.entity(), &entity).map_err(|why| broken(folder, ENTITY, why))?;
    let zone = mocks.zone.unwrap_or(TimeZone::UTC);
    let row = |made: Fields| {
        let header = std::iter::once(("header".to_owned(), json!(named(&made.header))));
        let lists = form.lists().zip(made.lists).map(|(name, elements)| {
            let elements: Vec<_> = elements.iter().map(|fields| named(fields)).collect();
            (name.to_owned(), json!(elements))
        });
        json!(header.chain(lists).collect::<Map<_, _>>())
    };
    outcome(folder, name, form.fill(&subject, &zone).map(row), form.trace(&subject, &zone))
}

/// Reads an entity in canonical form.
pub fn subject(entity: &str, text: &str) -> Result<Subject, String> {
    // As it stands where all kinds of entities stand: under its name.
    serde_json::from_str(&format!("{{\"{entity}\":{text}}}")).map_err(|error| format!("is no {entity} in canonical form: {error}"))
}

fn outcome(folder: &Path, name: &str, made: Result<serde_json::Value, Fault>, steps: Vec<Step>) -> Result<Outcome, Fault> {
    let (file, found) = match made {
        Ok(made) => (EXPECTED, format!("{made:#}\n")),
        Err(fault) => (FAULT, format!("{fault}\n")),
    };
    let expected = match text(folder, EXPECTED)? {
        Some(expected) => Some(expected),
        None => text(folder, FAULT)?,
    };
    Ok(Outcome { name: name.to_owned(), file, found, expected, steps })
}

fn broken(folder: &Path, file: &str, why: String) -> Fault {
    Fault::new(Code::Malformed, why).at(folder.join(file).display().to_string())
}

/// The text of a file that may be there.
fn text(folder: &Path, file: &str) -> Result<Option<String>, Fault> {
    match fs::read_to_string(folder.join(file)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(broken(folder, file, format!("cannot be read: {error}"))),
    }
}

fn mocks(folder: &Path) -> Result<Mocks, Fault> {
    let Some(text) = text(folder, LOOKUPS)? else { return Ok(Mocks::default()) };
    Mocks::read(LOOKUPS, &text).map_err(|mistakes| broken(folder, LOOKUPS, mistakes.first().map(ToString::to_string).unwrap_or_default()))
}

fn documents(mapping: &Mapping, case: &Case, shipments: &[Shipment], zone: &TimeZone) -> Result<Vec<Document>, Fault> {
    let documents = mapping.apply(&case.order, shipments, zone)?;
    sum::check_documents(&case.order, &documents)?;
    documents.into_iter().map(|document| mapping.check(document)).collect()
}

/// A document as people compare it.
fn shown(document: &Document) -> serde_json::Value {
    json!({ "key": document.key, "header": named(&document.fields), "lines": document.lines.iter().map(|line| named(line)).collect::<Vec<_>>() })
}

/// Fields as people compare them: numbers as their own digits, without what is empty.
fn named(fields: &[Field]) -> Map<String, serde_json::Value> {
    let there = fields.iter().filter(|field| field.value != Value::Empty);
    there.map(|field| (field.name.to_string(), json!(field.value.to_string()))).collect()
}

/// How well the cases exercise one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exercised {
    /// Its source gave something in at least one case.
    Yes,
    /// There was never anything, and the default stood.
    OnlyByDefault,
    /// No case came to it.
    Never,
}

/// Group, field and how well it is exercised, of every row.
pub fn coverage(facts: Vec<Fact>, outcomes: &[Outcome]) -> Vec<(&'static str, String, Exercised)> {
    let steps = || outcomes.iter().flat_map(|outcome| &outcome.steps);
    let row = |fact: Fact| {
        let of = |step: &&Step| step.target == fact.target && step.group == fact.group && step.result.is_ok();
        let exercised = match steps().filter(of).map(|step| step.by_default).min() {
            // A constant that is empty always stands by its default, and that is all there is to it.
            Some(true) if fact.constant => Exercised::Yes,
            Some(false) => Exercised::Yes,
            Some(true) => Exercised::OnlyByDefault,
            None => Exercised::Never,
        };
        (fact.group, fact.target, exercised)
    };
    facts.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_flow::{mapping, sample};

    const TEMPLATE: &str = "name = \"t\"\nextends = \"clarity-sagepro\"\n[header]\nTerritory = { expr = \"lookup(\\\"areas\\\", shipping_to.region)\", width = 3 }\n\
                            [tables.areas]\nQC = \"EAST\"\n";

    #[test]
    fn a_case_holds_once_it_is_blessed_and_mocks_stand_in() {
        let mapping = mapping::read("t.toml", TEMPLATE).unwrap();
        let (folder, case) = (tempfile::tempdir().unwrap(), Case::of("one", sample::order(2)));
        let outcome = run(&mapping, folder.path(), &case).unwrap();
        assert_eq!((outcome.file, outcome.holds()), (FAULT, false));
        assert!(outcome.found.starts_with("E303 Territory: "), "{}", outcome.found);
        outcome.bless(folder.path()).unwrap();
        assert!(run(&mapping, folder.path(), &case).unwrap().holds());
        fs::write(folder.path().join(LOOKUPS), "time-zone = \"America/Toronto\"\n[tables.areas]\nON = \"MID\"\n").unwrap();
        let outcome = run(&mapping, folder.path(), &case).unwrap();
        assert_eq!((outcome.file, outcome.holds()), (EXPECTED, false));
        assert!(outcome.found.contains("\"Territory\": \"MID\""), "{}", outcome.found);
        outcome.bless(folder.path()).unwrap();
        let outcome = run(&mapping, folder.path(), &case).unwrap();
        assert!(outcome.holds() && !folder.path().join(FAULT).exists());
        let rows = coverage(mapping.facts(), &[outcome]);
        let of = |name: &str| rows.iter().find(|(_, target, _)| target == name).unwrap().2;
        assert_eq!((of("Territory"), of("ShipToAddress.Address2"), of("Salesperson")), (Exercised::Yes, Exercised::OnlyByDefault, Exercised::Yes));
        assert_eq!(coverage(mapping.facts(), &[])[0].2, Exercised::Never);
    }

    #[test]
    fn a_mock_of_no_table_and_broken_files_say_so() {
        let mapping = mapping::read("t.toml", TEMPLATE).unwrap();
        let (folder, case) = (tempfile::tempdir().unwrap(), Case::of("one", sample::order(1)));
        fs::write(folder.path().join(LOOKUPS), "[tables.nope]\na = \"b\"\n").unwrap();
        let fault = run(&mapping, folder.path(), &case).unwrap_err();
        assert!(fault.to_string().contains("lookups.toml: the template has no table `nope`"), "{fault}");
        fs::write(folder.path().join(LOOKUPS), "time-zone = \"Mars\"\n").unwrap();
        assert!(run(&mapping, folder.path(), &case).unwrap_err().to_string().contains("`Mars` is no time zone"));
    }
}
