//! A plugin project on disk: its folder and what its `plugin.toml` says.

use crate::properties::Property;
use crossdock_flow::{
    hook::Hook,
    written::{Mistake, Page},
};
use crossdock_sandbox::Limits;
use std::{
    fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
};

/// What says that a folder is a plugin project.
pub const FILE: &str = "plugin.toml";

/// A language that plugins are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Rust.
    Rust,
    /// JavaScript.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// Python.
    Python,
    /// Go.
    Go,
    /// C.
    C,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 6] = [Language::Rust, Language::JavaScript, Language::TypeScript, Language::Python, Language::Go, Language::C];

    /// The name on the command line and in `plugin.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Language::Rust => "rust",
            Language::JavaScript => "js",
            Language::TypeScript => "ts",
            Language::Python => "python",
            Language::Go => "go",
            Language::C => "c",
        }
    }
}

impl Language {
    /// The hooks that its SDK has, and so its template.
    pub fn hooks(self) -> &'static [Hook] {
        match self {
            Language::Rust => &Hook::ALL,
            Language::JavaScript | Language::TypeScript | Language::Python | Language::Go | Language::C => &Hook::ORDERS,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Language {
    type Err = ();
    fn from_str(name: &str) -> Result<Language, ()> {
        Language::ALL.into_iter().find(|language| language.name() == name).ok_or(())
    }
}

/// A project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its folder.
    pub folder: PathBuf,
    /// The plugin's name.
    pub name: String,
    /// What it is written in.
    pub language: Language,
    /// The hooks that it answers.
    pub hooks: Vec<Hook>,
    /// The limits it is tried with: the profile `native` or `scripted`.
    pub limits: Limits,
    /// Properties that its author claims beyond those that every plugin has.
    pub claims: Vec<Property>,
    /// Properties that it does not have, and says so.
    pub excuses: Vec<Property>,
    /// Settings it is tried with, flattened.
    pub settings: Vec<(String, String)>,
}

impl Project {
    /// Whether a folder is a project.
    pub fn is_one(folder: &Path) -> bool {
        folder.join(FILE).is_file()
    }

    /// Reads a folder's `plugin.toml`; every mistake at once.
    pub fn read(folder: &Path) -> Result<Project, Vec<Mistake>> {
        let file = folder.join(FILE).display().to_string();
        let text = fs::read_to_string(&file).map_err(|error| {
            vec![Mistake {
                file: file.clone(),
                line: 0,
                column: None,
                key: String::new(),
                message: format!("cannot be read: {error}"),
                cure: "`crossdock plugin new` begins a project with one".into(),
            }]
        })?;
        Page::read(&file, &text, |root| {
            let name = root.required("name", "the plugin's name, for example \"my-discount\"").and_then(|entry| {
                let name = entry.text()?;
                if !is_name(&name) {
                    entry.wrong("is no name for a plugin", NAME);
                    return None;
                }
                Some(name)
            });
            let languages = Language::ALL.map(Language::name).join(", ");
            let language = root.required("language", &languages).and_then(|entry| entry.parse("a language", &format!("one of {languages}")));
            let hooks = Hook::ALL.map(Hook::name).join(", ");
            let hooks: Vec<Hook> = root
                .required("hooks", "for example [\"pre-map\"]")
                .map(|entry| entry.items().iter().filter_map(|item| item.parse("a hook", &format!("one of {hooks}"))).collect())
                .unwrap_or_default();
            let limits = match root.entry("profile").map(|entry| (entry.text(), entry)) {
                None => Limits::default(),
                Some((Some(profile), _)) if profile == "native" => Limits::default(),
                Some((Some(profile), _)) if profile == "scripted" => Limits::scripted(),
                Some((_, entry)) => {
                    entry.wrong("is no profile", "write \"native\" or \"scripted\"");
                    Limits::default()
                }
            };
            let properties = Property::ALL.map(Property::name).join(", ");
            let list = |name: &str| -> Vec<Property> {
                let parse = |item: &crossdock_flow::written::Entry<'_>| item.parse("a property", &format!("one of {properties}"));
                root.entry(name).map(|entry| entry.items().iter().filter_map(parse).collect()).unwrap_or_default()
            };
            let (claims, excuses) = (list("claims"), list("excuses"));
            let mut settings = Vec::new();
            if let Some(entry) = root.entry("settings") {
                entry.flatten("", &mut settings);
            }
            settings.sort();
            Some(Project { folder: folder.to_owned(), name: name?, language: language?, hooks, limits, claims, excuses, settings })
        })
    }

    /// Where its component is put when it is built.
    pub fn component(&self) -> PathBuf {
        self.folder.join(format!("{}.wasm", self.name))
    }

    /// Whether its component was built after the last change to what people write.
    pub fn is_built(&self) -> bool {
        let modified = |path: &Path| fs::metadata(path).and_then(|found| found.modified()).ok();
        let newest = sources(&self.folder).iter().filter_map(|path| modified(path)).max();
        modified(&self.component()).is_some_and(|built| newest.is_some_and(|newest| newest < built))
    }

    /// Where its golden cases are.
    pub fn cases(&self) -> PathBuf {
        self.folder.join("cases")
    }

    /// Whether a property is to be tried.
    pub fn tries(&self, property: Property) -> bool {
        (property != Property::Idempotent || self.claims.contains(&property)) && !self.excuses.contains(&property)
    }
}

/// The files of a project that people write.
pub fn sources(folder: &Path) -> Vec<PathBuf> {
    const MADE: [&str; 7] = ["target", "node_modules", "vendor", "build", "dist", "__pycache__", "cases"];
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if name.starts_with('.') || MADE.contains(&&*name) {
            continue;
        }
        if path.is_dir() {
            found.extend(sources(&path));
        } else if !name.ends_with(".wasm") && !name.ends_with(".lock") && !name.ends_with("-lock.json") {
            found.push(path);
        }
    }
    found
}

/// What a name looks like, for people.
pub const NAME: &str = "small letters, digits and single hyphens, beginning with a letter, at most 40: for example \"my-discount\"";

/// Whether a text can be a plugin's name: it becomes a file, a crate and a table of the settings.
pub fn is_name(text: &str) -> bool {
    text.len() <= 40
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.split('-').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_reported_at_once() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join(FILE),
            "name = \"My Plugin\"\nlanguage = \"cobol\"\nhooks = [\"pre-map\", \"premap\"]\nprofile = \"fast\"\nclaim = []\n",
        )
        .unwrap();
        let lines: Vec<usize> = Project::read(folder.path()).unwrap_err().iter().map(|mistake| mistake.line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn names_fit_files_crates_and_settings() {
        assert!(["a", "my-discount", "x2-y"].into_iter().all(is_name));
        assert!(!["", "-a", "a-", "a--b", "A", "2a", "a_b", "a.b", "ä"].into_iter().any(is_name));
    }
}
