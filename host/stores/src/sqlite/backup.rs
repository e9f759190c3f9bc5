//! A whole copy while everything goes on: one snapshot, written anew without what was deleted. The log cannot be folded
//! back meanwhile, so it grows by what is written until the copy is done.

use super::{column::fault, schema};
use crossdock_flow::{Code, Fault};
use std::{
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// Copies the store at `from` to a file that must not be there. It gets its name once it is whole and on disk.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), Fault> {
    let failed = |doing: &str, error: io::Error| Fault::new(Code::Store, format!("cannot {doing}: {error}")).at(to.display().to_string());
    // Absolute, so that no name reads as an URI.
    let to = &std::path::absolute(to).map_err(|error| failed("find where the copy goes", error))?;
    refuse_existing(to)?;
    let part = Part::new(to).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            let why = "a copy of this name is being made, or was broken off: wait, or remove its `.part` file";
            Fault::new(Code::Store, why).at(to.display().to_string())
        }
        _ => failed("begin the copy", error),
    })?;
    let name = part.0.to_str().ok_or_else(|| Fault::new(Code::Store, "cannot make the copy: its name is not UTF-8").at(to.display().to_string()))?;
    schema::open_reader(from)?.execute("VACUUM INTO ?1", [name]).map_err(|error| fault("copy the store", error).at(to.display().to_string()))?;
    File::open(&part.0).and_then(|file| file.sync_all()).map_err(|error| failed("bring the copy to the disk", error))?;
    refuse_existing(to)?;
    std::fs::rename(&part.0, to).map_err(|error| failed("name the copy", error))?;
    if let Some(folder) = to.parent() {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| failed("bring the copy's name to the disk", error))?;
    }
    Ok(())
}

fn refuse_existing(to: &Path) -> Result<(), Fault> {
    match to.symlink_metadata() {
        Ok(_) => Err(Fault::new(Code::Store, "there is a file already: name another one, or move it away").at(to.display().to_string())),
        Err(_) => Ok(()),
    }
}

/// A copy that is not whole yet; what is left of it when something fails is removed.
struct Part(PathBuf);

impl Part {
    /// Makes it, empty and closed to others. Fails where one is there: another copy is being made, or one was broken off.
    fn new(to: &Path) -> io::Result<Part> {
        let mut name = to.as_os_str().to_owned();
        name.push(".part");
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&name).map(|_| Part(name.into()))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Gone already when it got its name.
        drop(std::fs::remove_file(&self.0));
    }
}
