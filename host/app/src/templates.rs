//! Mapping templates on disk: finding the one that is named, and what it extends.

use crossdock_flow::{
    mapping::{self, Mapping, SHIPPED},
    written::Mistake,
};
use std::path::{Path, PathBuf};

/// Why a template is not there.
pub(crate) enum Missing {
    /// It cannot be read.
    Unreadable(String),
    /// It has mistakes, each with its own file.
    Wrong(Vec<Mistake>),
}

/// Reads and checks a template: one that comes with the host, or a file under `home`.
pub(crate) fn open(name: &str, home: &Path) -> Result<Mapping, Missing> {
    let (file, text) = match SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
        Some((name, text)) => ((*name).to_owned(), (*text).to_owned()),
        None => text(home.join(name)).map_err(Missing::Unreadable)?,
    };
    mapping::read_with(&file, &text, &|name, from| text_beside(name, from)).map_err(Missing::Wrong)
}

/// The file that a template extends; its name starts at the folder of the one that names it.
fn text_beside(name: &str, from: &str) -> Result<(String, String), String> {
    text(Path::new(from).parent().unwrap_or(Path::new("")).join(name))
}

fn text(path: PathBuf) -> Result<(String, String), String> {
    // Written in one way only, so that a file that extends itself is known again.
    let path: PathBuf = path.components().collect();
    let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
    Ok((path.display().to_string(), text))
}
