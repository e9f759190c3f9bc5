//! Order files of a directory, for import: each read when its turn comes, so that thousands of them need no memory.

use crossdock_flow::{Code, Fault};
use std::{ffi::OsStr, fs, io, path::Path};

/// The largest order file that is imported, in bytes.
pub const MAX_IMPORT: u64 = 16 * 1024 * 1024;

/// The order files (`*.json`) of a directory by name, each read when its turn comes. Fails with E602 when the directory
/// cannot be read; a file that cannot be read, or is over [`MAX_IMPORT`], fails by itself with E201.
pub fn orders(directory: &Path) -> Result<impl Iterator<Item = Result<(String, Vec<u8>), Fault>> + use<>, Fault> {
    let failed = |error: io::Error| Fault::new(Code::Settings, format!("the directory cannot be read: {error}")).at(directory.display().to_string());
    let mut paths =
        fs::read_dir(directory).map_err(failed)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    paths.retain(|path| path.extension() == Some(OsStr::new("json")) && path.is_file());
    paths.sort();
    Ok(paths.into_iter().map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let fault = |why: String| Fault::new(Code::Malformed, format!("the file cannot be read: {why}")).at(&*name);
        if fs::metadata(&path).map_err(|error| fault(error.to_string()))?.len() > MAX_IMPORT {
            return Err(fault("it is too large".into()).limit("import file", format_args!("{MAX_IMPORT} bytes"), None));
        }
        let bytes = fs::read(&path).map_err(|error| fault(error.to_string()))?;
        Ok((name, bytes))
    }))
}
