//! Compiled plugins on disk, so that a start does not compile again. A file counts only when it is ours: right owner,
//! closed to others, and a checksum over name and content that matches. Anything else is compiled anew.

use crate::trusted;
use crossdock_flow::{
    Code, Fault,
    clock::{Clock, SystemClock},
};
use sha2::{Digest, Sha256};
use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use wasmtime::{Engine, component::Component};

/// Length of the checksum at the end of a file.
const CHECK: usize = 32;
/// No compiled plugin is larger; a longer file is none of ours.
const MOST: u64 = 1 << 30;

/// All compiled plugins together may take so much of the disk; beyond it those that were not used for longest go.
const MOST_TOGETHER: u64 = 4 << 30;

/// The directory of compiled plugins.
pub(crate) struct Cache {
    directory: PathBuf,
    /// Stands for wasmtime's version, its configuration and the processor.
    engine: String,
    /// How many bytes all files together may take.
    most: u64,
}

impl Cache {
    /// Opens or makes the directory. Fails with E602 when it is not ours alone.
    pub(crate) fn open(directory: &Path, engine: &Engine) -> Result<Cache, Fault> {
        let failed = |what: String| Fault::new(Code::Settings, format!("the cache directory {what}")).at(directory.display().to_string());
        create(directory).map_err(|error| failed(format!("cannot be made: {error}")))?;
        private(directory).map_err(|why| failed(format!("is not safe to load code from: {why}")))?;
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Ok(Cache { directory: directory.to_owned(), engine: format!("{:016x}", hasher.finish()), most: MOST_TOGETHER })
    }

    fn path(&self, sha256: &str) -> PathBuf {
        self.directory.join(format!("{sha256}-{}.cwasm", self.engine))
    }

    /// The compiled plugin, if there is an undamaged one.
    pub(crate) fn load(&self, engine: &Engine, sha256: &str) -> Option<Component> {
        let path = self.path(sha256);
        let loaded = read(&path).and_then(|bytes| {
            if !verified(&path, &bytes) {
                return Err("its checksum differs");
            }
            drop(bytes);
            trusted::map(engine, &path).map_err(|_| "wasmtime refuses it")
        });
        match loaded {
            Ok(component) => {
                // When it was used last decides what goes first; that it cannot be noted is no reason to compile.
                drop(fs::File::open(&path).and_then(|file| file.set_modified(SystemClock.now().into())));
                Some(component)
            }
            Err("") => None,
            Err(why) => {
                tracing::warn!(file = %path.display(), why, "a compiled plugin is not used and made anew");
                None
            }
        }
    }

    /// Keeps a compiled plugin. A failure costs time at the next start, nothing else.
    pub(crate) fn store(&self, sha256: &str, compiled: &[u8]) {
        let path = self.path(sha256);
        let stored = tempfile::NamedTempFile::new_in(&self.directory).and_then(|mut file| {
            file.write_all(compiled)?;
            file.write_all(&checksum(&path, compiled))?;
            file.persist(&path).map_err(|error| error.error)
        });
        if let Err(error) = stored {
            tracing::warn!(file = %path.display(), %error, "a compiled plugin could not be kept");
        }
        prune(&self.directory, self.most);
    }
}

/// Removes the compiled plugins that were not used for longest, until the rest takes at most so many bytes. What cannot be
/// removed now is tried again with the next plugin.
fn prune(directory: &Path, most: u64) {
    let of = |entry: io::Result<fs::DirEntry>| {
        let entry = entry?;
        let metadata = entry.metadata()?;
        Ok::<_, io::Error>((metadata.modified()?, metadata.len(), entry.path()))
    };
    let mut files: Vec<_> = fs::read_dir(directory).into_iter().flatten().filter_map(|entry| of(entry).ok()).collect();
    files.retain(|(.., path)| path.extension().is_some_and(|ending| ending == "cwasm"));
    files.sort();
    let mut together: u64 = files.iter().map(|(_, size, _)| size).sum();
    for (_, size, path) in files {
        if together <= most {
            return;
        }
        together -= size;
        drop(fs::remove_file(path));
    }
}

/// The checksum covers the file's name, so that one plugin's code never passes for another's.
fn checksum(path: &Path, compiled: &[u8]) -> [u8; CHECK] {
    let mut sha = Sha256::new();
    sha.update(b"crossdock compiled plugin\0");
    sha.update(path.file_name().unwrap_or_default().as_encoded_bytes());
    sha.update(b"\0");
    sha.update(compiled);
    sha.finalize().into()
}

fn verified(path: &Path, bytes: &[u8]) -> bool {
    let parts = bytes.len().checked_sub(CHECK).and_then(|length| bytes.split_at_checked(length));
    parts.is_some_and(|(compiled, check)| checksum(path, compiled) == check)
}

/// Reads a file that is ours; the empty message means that there is none.
fn read(path: &Path) -> Result<Vec<u8>, &'static str> {
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(""),
        Err(_) => return Err("it cannot be read"),
    };
    if !meta.is_file() {
        return Err("it is no plain file");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let directory = path.parent().and_then(|parent| fs::metadata(parent).ok()).ok_or("its directory cannot be read")?;
        if meta.uid() != directory.uid() || meta.mode() & 0o022 != 0 {
            return Err("others can write it");
        }
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|_| "it cannot be read")?;
    file.take(MOST).read_to_end(&mut bytes).map_err(|_| "it cannot be read")?;
    Ok(bytes)
}

#[cfg(unix)]
fn create(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

#[cfg(not(unix))]
fn create(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)
}

/// Says why a directory is not ours alone. Who we are is read off a file that we make there.
#[cfg(unix)]
fn private(directory: &Path) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;
    let meta = fs::metadata(directory).map_err(|error| error.to_string())?;
    let probe = tempfile::tempfile_in(directory).and_then(|file| file.metadata()).map_err(|error| format!("we cannot write there: {error}"))?;
    if meta.uid() != probe.uid() {
        return Err("it belongs to another user".into());
    }
    if meta.mode() & 0o077 != 0 {
        return Err(format!("its mode is {:o}; make it 700 with chmod", meta.mode() & 0o777));
    }
    Ok(())
}

#[cfg(not(unix))]
fn private(directory: &Path) -> Result<(), String> {
    tempfile::tempfile_in(directory).map(drop).map_err(|error| format!("we cannot write there: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::default();
        let cache = Cache { most: 300, ..Cache::open(&folder.path().join("cache"), &engine).unwrap() };
        let used = |name: &str, at: u64| {
            cache.store(name, &[0; 100 - CHECK]);
            fs::File::open(cache.path(name)).unwrap().set_modified(UNIX_EPOCH + Duration::from_secs(at)).unwrap();
        };
        used("a", 3);
        used("b", 1);
        used("c", 2);
        let there = |name: &str| cache.path(name).exists();
        assert!(there("a") && there("b") && there("c"), "there is room for three");
        used("d", 4);
        assert!(there("a") && !there("b") && there("c") && there("d"));
    }
}
