//! Golden cases: a folder with an order, a customer or a product (or several of them) and, per hook, the answer that must come
//! of it. What differs is shown line by line.

use crate::{
    case::Case,
    entity,
    trial::{Around, call},
};
use crossdock_flow::{
    Code, Fault,
    hook::{Hook, Plugin},
};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// The order of a case.
pub const ORDER: &str = "order.json";

/// The file that a hook's input stands in.
pub fn input(hook: Hook) -> &'static str {
    entity::file(hook).unwrap_or(ORDER)
}

/// The file of the answer to a hook, beside the order.
pub fn file(hook: Hook) -> String {
    format!("{hook}.json")
}

/// One answer per hook, as it stands on disk.
pub type Answers = BTreeMap<Hook, String>;

/// A case on disk.
#[derive(Clone, Debug)]
pub struct Golden {
    /// Its folder.
    pub folder: PathBuf,
    /// What the plugin is called with.
    pub case: Case,
    /// What must come of it; a hook of which nobody said anything yet is not in it.
    pub expected: Answers,
}

/// Reads every case of a folder, sorted by name; no folder is no case. Fails on the first that cannot be read.
pub fn read(folder: &Path) -> Result<Vec<Golden>, Fault> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(folder, &error)),
    };
    let is_case = |path: &PathBuf| Hook::ALL.into_iter().any(|hook| path.join(input(hook)).exists());
    let mut folders: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).filter(is_case).collect();
    folders.sort();
    folders.into_iter().map(one).collect()
}

fn one(folder: PathBuf) -> Result<Golden, Fault> {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut case: Option<Case> = None;
    for hook in [Hook::PreMap, Hook::PreMapCustomer, Hook::PreMapProduct] {
        let Some(read) = read_input(&folder.join(input(hook)), hook, &name)? else { continue };
        case = Some(match case {
            None => read,
            Some(case) => both(case, read, hook),
        });
    }
    let case = case.ok_or_else(|| Fault::new(Code::Malformed, "there is no input in it").at(folder.display().to_string()))?;
    let mut expected = Answers::new();
    for hook in Hook::ALL {
        let path = folder.join(file(hook));
        match fs::read_to_string(&path) {
            Ok(text) => _ = expected.insert(hook, text),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(&path, &error)),
        }
    }
    Ok(Golden { folder, case, expected })
}

/// One of the inputs, if it is there.
fn read_input(path: &Path, hook: Hook, name: &str) -> Result<Option<Case>, Fault> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path, &error)),
    };
    let read = if entity::file(hook).is_some() { entity::read(hook, name, &bytes) } else { Case::read(name, &bytes) };
    read.map(Some).map_err(|fault| {
        let place = fault.place.as_ref().map_or_else(String::new, |place| format!(": {place}"));
        let place = format!("{}{place}", path.display());
        fault.at(place)
    })
}

/// A case with a further input. Settings and context are those of the first that says any.
fn both(case: Case, further: Case, hook: Hook) -> Case {
    let hooks = case.hooks.into_iter().chain(further.hooks).collect();
    let settings = case.settings.or(further.settings);
    match hook {
        Hook::PreMapProduct => Case { hooks, settings, product: further.product, ..case },
        _ => Case { hooks, settings, customer: further.customer, from: further.from, ..case },
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Fault {
    Fault::new(Code::Malformed, format!("it cannot be read: {error}")).at(path.display().to_string())
}

/// What a plugin answers to a case, at every hook that it answers and the case has something for.
pub async fn answers(plugin: &dyn Plugin, case: &Case, around: &Around) -> Answers {
    let mut answers = Answers::new();
    for hook in Hook::ALL.into_iter().filter(|hook| case.asks(*hook) && plugin.answers(*hook)) {
        let answer = call(plugin, hook, case, around).await.answer;
        let text = serde_json::to_string_pretty(&answer).unwrap_or_else(|error| unreachable!("answers are plain values: {error}"));
        answers.insert(hook, text + "\n");
    }
    answers
}

/// What is wrong with the answers found, in lines for people; none when they are as expected.
pub fn judge(expected: &Answers, found: &Answers) -> Vec<String> {
    let mut lines = Vec::new();
    for hook in Hook::ALL {
        let file = file(hook);
        match (expected.get(&hook), found.get(&hook)) {
            (Some(expected), Some(found)) if expected != found => {
                lines.push(format!("{file}:"));
                lines.extend(difference(expected, found));
            }
            (None, Some(_)) => lines.push(format!("there is no {file} yet: --bless writes it")),
            (Some(_), None) => {
                let missing = entity::file(hook).map_or_else(String::new, |input| format!(" or there is no {input}"));
                lines.push(format!("{file} is there, but the plugin does not answer {hook}{missing}: remove it, or let --bless do so"));
            }
            _ => {}
        }
    }
    lines
}

/// Makes the answers found the expected ones of a case: writes what differs, removes what no hook answers. Fails with the
/// path that could not be written or removed.
pub fn bless(golden: &Golden, found: &Answers) -> Result<(), (PathBuf, io::Error)> {
    for hook in Hook::ALL {
        let path = golden.folder.join(file(hook));
        let done = match (golden.expected.get(&hook), found.get(&hook)) {
            (expected, Some(found)) if expected != Some(found) => fs::write(&path, found),
            (Some(_), None) => fs::remove_file(&path),
            _ => Ok(()),
        };
        done.map_err(|error| (path, error))?;
    }
    Ok(())
}

/// The lines that differ, `-` for what was expected and `+` for what came, each with its number.
pub fn difference(expected: &str, found: &str) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let same_start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - same_start;
    let same_end = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let part = |lines: &[&str], sign: char| -> Vec<String> {
        let middle = &lines[same_start..lines.len() - same_end];
        middle.iter().enumerate().map(|(index, line)| format!("{:>4} {sign} {}", same_start + index + 1, line.trim_end())).collect()
    };
    let mut lines = part(&old, '-');
    lines.extend(part(&new, '+'));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        assert_eq!(difference("a\nb\nc\n", "a\nx\nc\n"), ["   2 - b", "   2 + x"]);
        assert_eq!(difference("a\nb\n", "a\nb\n"), [""; 0]);
        assert_eq!(difference("a\na\n", "a\n"), ["   2 - a"]);
    }

    #[test]
    fn a_case_that_cannot_be_read_names_file_and_place() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("one")).unwrap();
        fs::write(folder.path().join("one/order.json"), r#"{ "lines": [ { "sku": 1 } ] }"#).unwrap();
        let fault = read(folder.path()).unwrap_err();
        assert!(fault.place.as_deref().unwrap().ends_with("one/order.json: lines[0].sku"), "{fault}");
        assert!(read(Path::new("/nowhere/at/all")).unwrap().is_empty());
        fs::remove_dir_all(folder.path().join("one")).unwrap();
        fs::create_dir(folder.path().join("two")).unwrap();
        fs::write(folder.path().join("two/product.json"), r#"{ "prices": [{ "currency": "CAD", "amount": 1 }] }"#).unwrap();
        let fault = read(folder.path()).unwrap_err();
        assert!(fault.place.as_deref().unwrap().ends_with("two/product.json: prices[0].amount"), "{fault}");
    }

    #[test]
    fn a_case_may_have_a_customer_and_a_product_with_or_without_an_order() {
        let folder = tempfile::tempdir().unwrap();
        let case = folder.path().join("people");
        fs::create_dir(&case).unwrap();
        fs::write(case.join("customer.json"), r#"{ "segment": "vip", "from": "erp", "settings": { "of": "the customer" } }"#).unwrap();
        fs::write(case.join("product.json"), r#"{ "sku": "A", "settings": { "of": "the product" } }"#).unwrap();
        let golden = read(folder.path()).unwrap().remove(0).case;
        assert_eq!(golden.hooks, [Hook::PreMapCustomer, Hook::PreMapProduct]);
        assert_eq!((&*golden.customer.segment, golden.from, &*golden.product.sku), ("vip", crossdock_flow::entity::Side::Erp, "A"));
        assert_eq!(golden.settings.unwrap(), [("of".to_owned(), "the customer".to_owned())]);
        fs::write(case.join(ORDER), r#"{ "lines": [ { "sku": "A", "quantity": 1, "unit-price": 1 } ] }"#).unwrap();
        let golden = read(folder.path()).unwrap().remove(0).case;
        assert_eq!((golden.hooks, golden.order.lines.len(), &*golden.customer.segment), (Hook::ALL.to_vec(), 1, "vip"));
    }

    #[test]
    fn every_hook_has_an_answer_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let case = folder.path().join("one");
        fs::create_dir(&case).unwrap();
        fs::write(case.join(ORDER), r#"{ "lines": [ { "sku": "A", "quantity": 1, "unit-price": 1 } ] }"#).unwrap();
        fs::write(case.join("pre-map.json"), "old\n").unwrap();
        fs::write(case.join("route-order.json"), "nobody answers\n").unwrap();
        let found = Answers::from([(Hook::PreMap, "new\n".to_owned()), (Hook::PostMap, "more\n".to_owned())]);
        let golden = read(folder.path()).unwrap().remove(0);
        assert_eq!(
            judge(&golden.expected, &found),
            [
                "pre-map.json:",
                "   1 - old",
                "   1 + new",
                "route-order.json is there, but the plugin does not answer route-order: remove it, or let --bless do so",
                "there is no post-map.json yet: --bless writes it",
            ]
        );
        bless(&golden, &found).unwrap();
        let golden = read(folder.path()).unwrap().remove(0);
        assert_eq!((judge(&golden.expected, &found), golden.expected), (Vec::new(), found));
    }
}
