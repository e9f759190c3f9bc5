//! Every fault code is provoked by a test: those of plugins by a hostile case or by the test named here, the others by a
//! test that names the code. A code without one fails here, and so does a named test that is gone or asserts another code.

use crossdock_flow::{Code, mapping, route, sample};
use crossdock_hostile::{Case, cases};
use jiff::tz::TimeZone;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Codes of plugins that no hostile file can cause alone: the file and the test that does.
const PROVOKED: &[(Code, &str, &str)] = &[
    (Code::PluginFailed, "host/sandbox/tests/sandbox/hooks.rs", "an_error_of_the_guest_is_its_own_words"),
    (Code::SandboxBusy, "host/sandbox/tests/sandbox/limits.rs", "a_full_sandbox_is_busy"),
    (Code::PluginGuard, "tests/rules.rs", "what_the_guard_forbids_never_reaches_the_erp"),
    (Code::PluginQuarantined, "tests/rules.rs", "a_version_that_fails_too_often_is_taken_out_of_service_until_a_person_releases_it"),
    (Code::KvConflict, "host/stores/tests/suite/rules.rs", "what_was_written_meanwhile_is_a_conflict"),
    (Code::RuleHolds, "tests/entity_rules.rs", "what_a_rule_holds_waits_for_a_person_or_for_better_news"),
    (Code::Rehearsal, "host/sandbox/tests/sandbox/hooks.rs", "rehearsal_refuses_wrong_settings_and_forgives_the_sample"),
    (Code::Supply, "tests/rules.rs", "only_the_pinned_the_signed_and_the_granted_run"),
    (Code::NoTemplate, "tests/author.rs", "a_rule_of_customers_and_products_is_begun_built_tried_and_tested"),
];

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The cases that only this code stops: `every_case_is_stopped_with_its_fault` provokes it.
fn cases_of(cases: &[Case], code: Code) -> usize {
    cases.iter().filter(|case| case.expect == [code]).count()
}

/// The functions of a file by name, each up to where the next one begins.
fn functions(text: &str) -> BTreeMap<&str, &str> {
    let starts: Vec<usize> = text.match_indices("fn ").map(|(place, _)| place).filter(|place| text[..*place].ends_with([' ', '\n'])).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let named = |(start, end): (&usize, usize)| {
        let whole = text.get(*start..end)?;
        Some((whole.strip_prefix("fn ")?.split(['(', '<']).next()?, whole))
    };
    starts.iter().zip(ends).filter_map(named).collect()
}

fn names(text: &str, code: Code) -> bool {
    let variant = format!("Code::{code:?}");
    let whole = |(place, _): (usize, &str)| !text[place + variant.len()..].starts_with(|next: char| next.is_alphanumeric());
    text.contains(code.id()) || text.match_indices(&variant).any(whole)
}

fn is_of_plugins(code: Code) -> bool {
    code.id().starts_with("E1")
}

#[test]
fn every_code_of_plugins_is_provoked() {
    let cases = cases();
    let without: Vec<&Code> = Code::ALL
        .iter()
        .filter(|code| is_of_plugins(**code) && cases_of(&cases, **code) == 0 && !PROVOKED.iter().any(|(named, ..)| named == *code))
        .collect();
    assert!(without.is_empty(), "no case and no test provokes {without:?}");
}

#[test]
fn the_named_tests_are_there_and_assert_their_code() {
    for (code, file, test) in PROVOKED {
        let text = fs::read_to_string(top().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let body = *functions(&text).get(test).unwrap_or_else(|| panic!("{file} has no test {test}"));
        assert!(names(body, *code) && body.contains("assert"), "{test} does not assert {code} {code:?}");
    }
}

#[test]
fn every_other_code_is_asserted_by_a_test() {
    let mut asserted = String::new();
    let mut folders: Vec<PathBuf> = ["host", "tests"].map(|folder| top().join(folder)).into();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && path.file_name().is_none_or(|name| name != "codes.rs") {
                let text = fs::read_to_string(&path).unwrap();
                // A test of its own, a file of tests, or the tests at the end of a file.
                let tests = if path.components().any(|part| part.as_os_str() == "tests") {
                    Some(text.as_str())
                } else {
                    text.split_once("#[cfg(test)]").map(|(_, tests)| tests)
                };
                let bodies = functions(tests.unwrap_or_default());
                bodies.values().filter(|body| body.contains("assert")).for_each(|body| asserted.push_str(body));
            }
        }
    }
    // Here below, because no other test does.
    let here = [Code::MappingLookup];
    let without: Vec<&Code> = Code::ALL.iter().filter(|code| !is_of_plugins(**code) && !names(&asserted, **code) && !here.contains(code)).collect();
    assert!(without.is_empty(), "no test asserts {without:?}");
}

#[test]
fn a_value_that_no_table_knows_is_e303() {
    let (name, template) = mapping::SHIPPED[0];
    let strict = template.replace("\"*\" = \"NET30\"\n", "");
    assert_ne!(strict, template, "the shipped template takes every way of paying");
    let mapping = mapping::read(name, &strict).unwrap();
    let mut order = sample::order(1);
    order.payment.method = "cowries".into();
    let fault = mapping.apply(&order, &route::whole(&order, &sample::candidates(&order)), &TimeZone::UTC).unwrap_err();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::MappingLookup, Some("PaymentTerms")), "{fault}");
}
