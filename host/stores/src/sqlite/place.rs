//! Whether the file that is open still is the one that its path names. A folder may be unmounted, moved or removed under a
//! running host; the system then goes on writing into what nobody will ever find again.

use crossdock_flow::{Code, Fault};
use std::path::{Path, PathBuf};

/// The store's file and its log, as they were opened.
pub(super) struct Place {
    files: [(PathBuf, Option<Identity>); 2],
}

type Identity = (u64, u64);

impl Place {
    /// Remembers what is there.
    pub(super) fn new(path: &Path) -> Place {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        Place { files: [path.to_owned(), log.into()].map(|path| (path.clone(), identity(&path))) }
    }

    /// Compares with what is there now. Fails with E601.
    pub(super) fn check(&self) -> Result<(), Fault> {
        match self.files.iter().find(|(path, known)| identity(path) != *known) {
            None => Ok(()),
            Some((path, _)) => Err(Fault::new(
                Code::Store,
                "the store is not where it was: put its folder back, or restart the host; nothing is acknowledged until then",
            )
            .at(path.display().to_string())),
        }
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|there| (there.dev(), there.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    path.metadata().ok().map(|_| (0, 0))
}
