//! Beginning a project: from the templates and SDKs that this program carries to a folder that builds, tests and runs as
//! it is. Pure but for [`write()`].

use crate::{golden, project::Language};
use crossdock_flow::hook::Hook;
use std::{fs, io, path::Path};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The folders of a language: its SDK, and the template within it.
fn rooms(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::Rust => ("sdk/rust", "template"),
        Language::JavaScript => ("sdk/js", "template"),
        Language::TypeScript => ("sdk/js", "template-ts"),
        Language::Python => ("sdk/python", "template"),
        Language::Go => ("sdk/go", "template"),
        Language::C => ("sdk/c", "template"),
    }
}

/// The files of a new project: path and text. The SDK and the contract are vendored, at the version of this program.
pub fn files(name: &str, language: Language, hooks: &[Hook]) -> Vec<(String, String)> {
    let (sdk, template) = rooms(language);
    let of_template = format!("{sdk}/{template}/");
    let mut files = Vec::new();
    for (path, text) in FILES {
        if let Some(path) = path.strip_prefix(&*of_template) {
            if answers_another(path, hooks) {
                continue;
            }
            let path = path.replace("{{name_}}", &snake(name));
            let path = path.strip_suffix("gitignore").map_or_else(|| path.clone(), |folder| format!("{folder}.gitignore"));
            files.push((path, fill(text, name, hooks)));
        } else if let Some(rest) = path.strip_prefix(sdk).and_then(|rest| rest.strip_prefix('/')) {
            if !rest.starts_with("template") {
                files.push((format!("vendor/crossdock/{path}"), (*text).to_owned()));
            }
        } else if path.starts_with("wit/") {
            files.push((format!("vendor/crossdock/{path}"), (*text).to_owned()));
        }
    }
    files
}

/// Whether a file of a template is what a hook answers to its case, or what it is asked about, and no such hook was chosen.
fn answers_another(path: &str, hooks: &[Hook]) -> bool {
    let Some((_, file)) = path.strip_prefix("cases/").and_then(|path| path.split_once('/')) else { return false };
    let is_of = |hook: &Hook| file == golden::file(*hook) || file == golden::input(*hook);
    Hook::ALL.iter().any(is_of) && !hooks.iter().any(is_of)
}

/// Writes a new project. The folder must not exist.
pub fn write(folder: &Path, files: &[(String, String)]) -> io::Result<()> {
    fs::create_dir(folder)?;
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

/// Fills in the names, and drops what belongs to hooks that were not chosen: what stands between a line with
/// `@hook NAME` and one with `@end`.
fn fill(text: &str, name: &str, hooks: &[Hook]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut drops = false;
    for line in text.split_inclusive('\n') {
        if let Some((_, rest)) = line.split_once("@hook ") {
            let hook = rest.split(|end: char| !end.is_ascii_lowercase() && end != '-').next().unwrap_or_default().trim_end_matches('-');
            drops = !hooks.iter().any(|chosen| chosen.name() == hook);
        } else if line.contains("@end") {
            drops = false;
        } else if !drops {
            kept.push_str(line);
        }
    }
    let listed = hooks.iter().map(|hook| format!("\"{hook}\"")).collect::<Vec<_>>().join(", ");
    kept.replace("{{name_}}", &snake(name)).replace("{{name}}", name).replace("{{Name}}", &pascal(name)).replace("{{hooks}}", &listed)
}

fn snake(name: &str) -> String {
    name.replace('-', "_")
}

fn pascal(name: &str) -> String {
    let word = |word: &str| word.split_at_checked(1).map_or_else(String::new, |(first, rest)| first.to_ascii_uppercase() + rest);
    name.split('-').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[test]
    fn only_what_belongs_to_the_chosen_hooks_stays() {
        let text = "a {{name}} {{name_}} {{Name}} {{hooks}}\n// @hook pre-map\nb\n// @end\n# @hook route-order\nc\n# @end\nd\n";
        assert_eq!(fill(text, "my-rule", &[Hook::RouteOrder]), "a my-rule my_rule MyRule \"route-order\"\nc\nd\n");
        assert_eq!(fill(text, "x", &Hook::ORDERS), "a x x X \"pre-map\", \"route-order\", \"post-map\"\nb\nc\nd\n");
        assert_eq!(fill("<!-- @hook post-map -->\ne\n<!-- @end -->\n", "x", &[Hook::PostMap]), "e\n");
    }

    #[test]
    fn every_language_begins_a_project_for_every_choice_of_hooks() {
        for language in Language::ALL {
            for choice in 1..1_u8 << language.hooks().len() {
                let hooks: Vec<Hook> =
                    language.hooks().iter().enumerate().filter(|(bit, _)| choice & (1 << bit) != 0).map(|(_, hook)| *hook).collect();
                let folder = tempfile::tempdir().unwrap();
                let folder = folder.path().join("my-rule");
                write(&folder, &files("my-rule", language, &hooks)).unwrap();
                let project = Project::read(&folder).unwrap();
                assert_eq!((project.name.as_str(), project.language, &project.hooks), ("my-rule", language, &hooks));
                let cases = golden::read(&project.cases()).unwrap();
                assert!(!cases.is_empty(), "{language} has no sample case");
                for case in cases {
                    let mut there: Vec<String> =
                        fs::read_dir(&case.folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
                    let mut chosen: Vec<String> = hooks.iter().flat_map(|hook| [golden::file(*hook), golden::input(*hook).to_owned()]).collect();
                    there.sort();
                    chosen.sort();
                    chosen.dedup();
                    assert_eq!(there, chosen, "{language}");
                    assert_eq!(case.expected.keys().copied().collect::<Vec<_>>(), hooks);
                    assert_eq!(case.case.hooks.iter().filter(|hook| hooks.contains(hook)).count(), hooks.len(), "{language}");
                }
                assert!(folder.join("vendor/crossdock/wit/orders.wit").exists() && folder.join("README.md").exists());
                for (path, text) in files("my-rule", language, &hooks) {
                    assert!(!text.contains("{{name") && !text.contains("@hook "), "{language} {path}");
                }
            }
        }
    }
}
