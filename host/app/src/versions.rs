//! Versions of plugins that worked, kept beside the store, so that the last one can stand in for a newer one that fails.

use crate::supply;
use crossdock_flow::clock::{Clock, SystemClock};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Versions of one plugin that are kept.
const MOST: usize = 5;

/// The file that says, beside a plugin's kept versions, that the plugin was taken out.
const GONE: &str = "gone";

/// Keeps a version. A failure costs the possibility to fall back, nothing else.
pub(crate) fn keep(directory: &Path, plugin: &str, version: &str, bytes: &[u8], signature: Option<&[u8]>) {
    let folder = directory.join(plugin);
    let path = folder.join(format!("{version}.wasm"));
    let kept = (|| {
        fs::create_dir_all(&folder)?;
        if let Err(error) = fs::remove_file(folder.join(GONE))
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        if let Some(signature) = signature {
            fs::write(supply::signature(&path), signature)?;
        }
        if path.exists() {
            // It worked again: it is the newest that did.
            return fs::File::open(&path)?.set_modified(SystemClock.now().into());
        }
        let half = folder.join(format!("{version}.half"));
        fs::write(&half, bytes)?;
        fs::rename(&half, &path)
    })();
    if let Err(error) = kept {
        tracing::warn!(plugin, %error, folder = %folder.display(), "this version could not be kept; it cannot stand in later");
        return;
    }
    for (old, _) in sorted(&folder).unwrap_or_default().into_iter().skip(MOST) {
        // Next time, if not now; most have no signature.
        drop(fs::remove_file(supply::signature(&old)));
        drop(fs::remove_file(old));
    }
}

/// Notes that a plugin was taken out. What cannot be noted is noted at the next start.
pub(crate) fn gone(directory: &Path, plugin: &str) {
    let folder = directory.join(plugin);
    if folder.is_dir()
        && let Err(error) = fs::write(folder.join(GONE), "")
    {
        tracing::warn!(plugin, %error, folder = %folder.display(), "that it was taken out could not be noted");
    }
}

/// Notes every plugin as taken out of which there are versions, but no file any more.
pub(crate) fn note_gone(directory: &Path, is_there: impl Fn(&str) -> bool) {
    for entry in fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok) {
        let name = entry.file_name();
        if !is_there(&name.to_string_lossy()) {
            gone(directory, &name.to_string_lossy());
        }
    }
}

/// Whether a plugin was taken out, and no version of it has worked since.
pub(crate) fn is_gone(directory: &Path, plugin: &str) -> bool {
    directory.join(plugin).join(GONE).exists()
}

/// The kept versions of a plugin, the one that worked last first: sha256 and file. Whoever reads it checks both the hash
/// and the signature again.
pub(crate) fn newest_first(directory: &Path, plugin: &str) -> Vec<(String, PathBuf)> {
    let named = |(path, version): (PathBuf, String)| (version, path);
    sorted(&directory.join(plugin)).unwrap_or_default().into_iter().map(named).collect()
}

fn sorted(folder: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "wasm")
            && let Some(version) = path.file_stem().and_then(|stem| stem.to_str())
        {
            files.push((fs::metadata(&path)?.modified()?, path.clone(), version.to_owned()));
        }
    }
    files.sort_by_key(|(modified, ..)| std::cmp::Reverse(*modified));
    Ok(files.into_iter().map(|(_, path, version)| (path, version)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn what_was_taken_out_stays_out_until_a_version_works_again() {
        let folder = tempfile::tempdir().unwrap();
        keep(folder.path(), "p", "v", b"1", None);
        keep(folder.path(), "q", "v", b"1", None);
        note_gone(folder.path(), |name| name == "q");
        assert!(is_gone(folder.path(), "p") && !is_gone(folder.path(), "q"));
        keep(folder.path(), "p", "v", b"1", Some(b"signed later"));
        assert!(!is_gone(folder.path(), "p"));
        assert_eq!(fs::read(folder.path().join("p/v.wasm.minisig")).unwrap(), b"signed later");
    }

    #[test]
    fn the_last_five_that_worked_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0u64..7 {
            let bytes = number.to_le_bytes();
            let version = crate::supply::sha256(&bytes);
            keep(folder.path(), "p", &version, &bytes, None);
            let path = folder.path().join(format!("p/{version}.wasm"));
            fs::File::open(path).unwrap().set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(number)).unwrap();
        }
        let kept: Vec<Vec<u8>> = newest_first(folder.path(), "p").into_iter().map(|(_, path)| fs::read(path).unwrap()).collect();
        assert_eq!(kept.len(), MOST);
        assert_eq!(kept[0], 6u64.to_le_bytes());
        assert!(!kept.contains(&1u64.to_le_bytes().to_vec()));
    }
}
