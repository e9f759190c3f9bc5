//! `crossdock mapping test`: the cases beside a template, and which rows they exercise.

use super::{Failure, Opened};
use crate::{
    commands::plugin::read_case,
    screen::{Screen, Tone},
    templates::Template,
};
use crossdock_workshop::{
    Case, golden,
    mapping::{self, Exercised, Outcome},
};
use serde_json::json;
use std::path::{Path, PathBuf};

pub(super) fn test(opened: &Opened, cases: Option<&Path>, bless: bool, screen: &Screen) -> Result<(), Failure> {
    let folder = match (cases, &opened.file) {
        (Some(cases), _) => cases.to_owned(),
        (None, Some(file)) => mapping::folder_of(file),
        (None, None) => {
            return Err(Failure::text(format!("`{}` comes with the host and has no folder of cases; name one with --cases", opened.name)));
        }
    };
    let input = match &opened.template {
        Template::Order(_) => golden::ORDER,
        Template::Entity(_) => mapping::ENTITY,
    };
    let folders = folders(&folder, input)?;
    if folders.is_empty() {
        return Err(Failure::text(format!("no case in {}: a case is a folder there with {input}; see docs/mapping.md", folder.display())));
    }
    let mut outcomes = Vec::with_capacity(folders.len());
    for folder in &folders {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let outcome = match &opened.template {
            Template::Order(mapping) => mapping::run(mapping, folder, &Case { name, ..read_case(&folder.join(golden::ORDER))? })?,
            Template::Entity(form) => mapping::run_form(form, folder, &name)?,
        };
        if bless && !outcome.holds() {
            outcome.bless(folder).map_err(|error| Failure::text(format!("{}: {error}", folder.display())))?;
        }
        outcomes.push(outcome);
    }
    let passed = bless || outcomes.iter().all(Outcome::holds);
    let rows = mapping::coverage(opened.template.facts(), &outcomes);
    if screen.is_json() {
        screen.json(&json!({
            "template": opened.template.name(), "ok": passed,
            "cases": outcomes.iter().map(|outcome| json!({ "case": outcome.name, "ok": outcome.holds(), "blessed": bless && !outcome.holds(), "difference": difference(outcome) })).collect::<Vec<_>>(),
            "rows": rows.iter().map(|(group, field, exercised)| json!({ "group": group, "field": field, "exercised": exercised })).collect::<Vec<_>>(),
        }))?;
    } else {
        outcomes.iter().for_each(|outcome| print(outcome, bless, screen));
        print_rows(&rows, screen);
    }
    match passed {
        true => Ok(()),
        false if screen.is_json() => Err(Failure::Printed),
        false => Err(Failure::text(format!("`{}` does not pass", opened.name))),
    }
}

fn folders(folder: &Path, input: &str) -> Result<Vec<PathBuf>, Failure> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::text(format!("{}: {error}", folder.display()))),
    };
    let mut folders: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.join(input).exists()).collect();
    folders.sort();
    Ok(folders)
}

fn difference(outcome: &Outcome) -> Vec<String> {
    match &outcome.expected {
        Some(expected) => golden::difference(expected, &outcome.found),
        None => vec![format!("nothing is expected yet: --bless writes {} down", outcome.file)],
    }
}

fn print(outcome: &Outcome, bless: bool, screen: &Screen) {
    let (tone, word) = match (outcome.holds(), bless) {
        (true, _) => (Tone::Good, "ok"),
        (false, true) => (Tone::Warn, "blessed"),
        (false, false) => (Tone::Bad, "differs"),
    };
    screen.line(format!("{} {}", screen.tone(tone, word), outcome.name));
    if !outcome.holds() {
        difference(outcome).iter().for_each(|line| screen.line(format!("   {line}")));
    }
}

fn print_rows(rows: &[(&'static str, String, Exercised)], screen: &Screen) {
    let count = |wanted| rows.iter().filter(|(_, _, exercised)| *exercised == wanted).count();
    screen.line(format!("{} of {} rows are exercised", count(Exercised::Yes), rows.len()));
    for (wanted, told) in [(Exercised::OnlyByDefault, "only by their default"), (Exercised::Never, "never")] {
        let names: Vec<String> =
            rows.iter().filter(|(_, _, exercised)| *exercised == wanted).map(|(group, field, _)| format!("{group}.{field}")).collect();
        if !names.is_empty() {
            screen.line(format!("   {told}: {}", screen.tone(Tone::Warn, &names.join(", "))));
        }
    }
}
