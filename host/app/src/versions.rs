//! Versions of plugins that worked, kept beside the store, so that the last one can stand in for a newer one that fails.

use crossdock_flow::clock::{Clock, SystemClock};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Versions of one plugin that are kept.
const MOST: usize = 5;

/// Keeps a version. A failure costs the possibility to fall back, nothing else.
pub(crate) fn keep(directory: &Path, plugin: &str, version: &str, bytes: &[u8]) {
    let folder = directory.join(plugin);
    let path = folder.join(format!("{version}.wasm"));
    let kept = (|| {
        fs::create_dir_all(&folder)?;
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
        // Next time, if not now.
        drop(fs::remove_file(old));
    }
}

/// The kept versions of a plugin, the one that worked last first: sha256 and bytes. What does not match its name is left out.
pub(crate) fn newest_first(directory: &Path, plugin: &str) -> Vec<(String, Vec<u8>)> {
    let files = sorted(&directory.join(plugin)).unwrap_or_default();
    let read = |(path, version): (PathBuf, String)| {
        let bytes = fs::read(path).ok()?;
        (crate::supply::sha256(&bytes) == version).then_some((version, bytes))
    };
    files.into_iter().filter_map(read).collect()
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
    fn the_last_five_that_worked_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0u64..7 {
            let bytes = number.to_le_bytes();
            let version = crate::supply::sha256(&bytes);
            keep(folder.path(), "p", &version, &bytes);
            let path = folder.path().join(format!("p/{version}.wasm"));
            fs::File::open(path).unwrap().set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(number)).unwrap();
        }
        let kept: Vec<Vec<u8>> = newest_first(folder.path(), "p").into_iter().map(|(_, bytes)| bytes).collect();
        assert_eq!(kept.len(), MOST);
        assert!(!kept.contains(&1u64.to_le_bytes().to_vec()) && kept.contains(&5u64.to_le_bytes().to_vec()));
        let first = newest_first(folder.path(), "p").remove(0).0;
        fs::write(folder.path().join(format!("p/{first}.wasm")), "changed").unwrap();
        assert_eq!(newest_first(folder.path(), "p").len(), MOST - 1, "what was changed on disk never runs");
    }
}
