//! The files themselves: written whole or not at all, on disk before anything is said of them, and read back.

use crossdock_flow::target::Standing;
use jiff::Timestamp;
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// Puts a file where none was.
pub(super) fn write_once(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let draft = draft(directory);
    // Unlike a rename, a link never replaces what is there.
    let written = write(&draft, bytes).and_then(|()| fs::hard_link(&draft, directory.join(name))).and_then(|()| sync(directory));
    written.and(fs::remove_file(&draft))
}

/// Puts a file in the place of the one that is there: whoever reads it gets the old one or the new one.
pub(super) fn replace(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let draft = draft(directory);
    let replaced = write(&draft, bytes).and_then(|()| fs::rename(&draft, directory.join(name)));
    if replaced.is_err() {
        drop(fs::remove_file(&draft));
    }
    replaced.and_then(|()| sync(directory))
}

/// Says beside a file that it is cancelled. Once more changes nothing.
pub(super) fn mark_cancelled(directory: &Path, name: &str) -> io::Result<()> {
    let made = File::options().write(true).create_new(true).open(directory.join(mark(name)));
    match made {
        Ok(file) => file.sync_all()?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    sync(directory)
}

/// The bytes of a file; nothing when the directory has no such file. A directory that is gone says nothing of its files.
pub(super) fn read(directory: &Path, name: &str) -> io::Result<Option<Vec<u8>>> {
    match fs::read(directory.join(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::metadata(directory).map(|_| None),
        result => result.map(Some),
    }
}

/// How far a file is; nothing when the directory has no such file.
pub(super) fn standing(directory: &Path, name: &str) -> io::Result<Option<Standing>> {
    let there = |name: &str| directory.join(name).try_exists();
    if !there(name)? {
        return fs::metadata(directory).map(|_| None);
    }
    Ok(Some(if there(&mark(name))? { Standing::Cancelled } else { Standing::Open }))
}

/// A file of the list.
pub(super) struct Listed {
    pub name: String,
    pub bytes: Vec<u8>,
    pub standing: Standing,
}

/// The files that were written or cancelled since then, by name, after this name, at most so many; and whether there are
/// more.
pub(super) fn changed(directory: &Path, since: Timestamp, after: &str, most: usize) -> io::Result<(Vec<Listed>, bool)> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        // A name that is no text is none of ours.
        if let Ok(name) = entry.file_name().into_string()
            && !entry.file_type()?.is_dir()
            && name.ends_with(".json")
            && *name > *after
        {
            names.push(name);
        }
    }
    names.sort_unstable();
    let mut found = Vec::new();
    for name in names {
        let (written, cancelled) = (modified(&directory.join(&name))?, modified(&directory.join(mark(&name)))?);
        if written.max(cancelled).is_none_or(|last| last < since) {
            continue;
        }
        if found.len() == most {
            return Ok((found, true));
        }
        if let Some(bytes) = read(directory, &name)? {
            found.push(Listed { name, bytes, standing: if cancelled.is_some() { Standing::Cancelled } else { Standing::Open } });
        }
    }
    Ok((found, false))
}

/// Runs work that waits for the disk where it holds up nobody.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// A key as file name: letters, digits, `-` and `_` as they are, the rest as percent and hex.
pub(super) fn file_name(key: &str) -> String {
    let mut name = String::with_capacity(key.len() + 5);
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => name.push(byte.into()),
            byte => name.push_str(&format!("%{byte:02X}")),
        }
    }
    name + ".json"
}

fn mark(name: &str) -> String {
    format!("{name}.cancelled")
}

fn draft(directory: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    directory.join(format!(".draft-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)))
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

fn modified(path: &Path) -> io::Result<Option<Timestamp>> {
    match fs::metadata(path).and_then(|metadata| metadata.modified()) {
        Ok(time) => Timestamp::try_from(time).map(Some).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
