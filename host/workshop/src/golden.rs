//! Golden cases: a folder with an order and the answer that must come of it. What differs is shown line by line.

use crate::{
    case::Case,
    trial::{Answer, Around, call},
};
use crossdock_flow::{Code, Fault, hook::Plugin};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The order of a case.
pub const ORDER: &str = "order.json";
/// The answer that must come of it.
pub const ANSWER: &str = "answer.json";

/// A case on disk.
#[derive(Clone, Debug)]
pub struct Golden {
    /// Its folder.
    pub folder: PathBuf,
    /// What the plugin is called with.
    pub case: Case,
    /// What must come of it, as it stands on disk; nothing where nobody said yet.
    pub expected: Option<String>,
}

/// Reads every case of a folder, sorted by name; no folder is no case. Fails on the first that cannot be read.
pub fn read(folder: &Path) -> Result<Vec<Golden>, Fault> {
    let unreadable =
        |path: &Path, error: std::io::Error| Fault::new(Code::Malformed, format!("it cannot be read: {error}")).at(path.display().to_string());
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(folder, error)),
    };
    let mut folders: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.join(ORDER).exists()).collect();
    folders.sort();
    let read = |folder: PathBuf| {
        let file = folder.join(ORDER);
        let bytes = fs::read(&file).map_err(|error| unreadable(&file, error))?;
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let case = Case::read(&name, &bytes).map_err(|fault| {
            let place = fault.place.as_ref().map_or_else(String::new, |place| format!(": {place}"));
            let place = format!("{}{place}", file.display());
            fault.at(place)
        })?;
        Ok(Golden { expected: fs::read_to_string(folder.join(ANSWER)).ok(), folder, case })
    };
    folders.into_iter().map(read).collect()
}

/// What a plugin answers to a case, one answer per hook that it answers, as it stands on disk.
pub async fn answers(plugin: &dyn Plugin, case: &Case, around: &Around) -> String {
    let mut answers: Vec<Answer> = Vec::new();
    for hook in crossdock_flow::hook::Hook::ALL {
        if plugin.answers(hook) {
            answers.push(call(plugin, hook, case, around).await.answer);
        }
    }
    let mut text = serde_json::to_string_pretty(&answers).unwrap_or_else(|error| unreachable!("answers are plain values: {error}"));
    text.push('\n');
    text
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
    }
}
