//! A directory as ERP: one JSON file per document, for systems that pick files up, for trials and for tests.
//! A key is written once. The files must stay in place: a file that was moved away is taken for never written.

use crate::sagepro;
use async_trait::async_trait;
use crossdock_flow::{
    Code, Decimal, Document, Fault,
    target::{Answer, Busy, Found, Receipt, Stock, Target},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The name in the settings.
pub const KIND: &str = "folder";

/// The largest order file that is imported, in bytes.
pub const MAX_IMPORT: u64 = 16 * 1024 * 1024;

/// A directory that documents are written to.
pub struct Folder {
    name: String,
    directory: PathBuf,
}

/// What a file holds: the natural key, and the document as the ERP would get it.
#[derive(Serialize, Deserialize)]
struct Entry<D> {
    key: String,
    customer: String,
    total: Decimal,
    warehouse: String,
    backorder: bool,
    document: D,
}

impl Folder {
    /// Makes the directory when it is not there. Fails with E602.
    pub fn new(name: impl Into<String>, directory: impl Into<PathBuf>) -> Result<Folder, Fault> {
        let (name, directory) = (name.into(), directory.into());
        fs::create_dir_all(&directory)
            .map_err(|error| Fault::new(Code::Settings, format!("the directory cannot be made: {error}")).at(directory.display().to_string()))?;
        Ok(Folder { name, directory })
    }

    fn busy(&self, error: &io::Error) -> Busy {
        let fault = Fault::new(Code::PartnerBusy, format!("the directory of {} cannot be used: {error}", self.name));
        Busy { fault, retry_after: None, counts: true }
    }
}

#[async_trait]
impl Target for Folder {
    fn name(&self) -> &str {
        &self.name
    }

    async fn create(&self, document: &Document) -> Answer {
        let bytes = match render(document) {
            Ok(bytes) => bytes,
            Err(fault) => return Answer::Refused(fault),
        };
        let (directory, path) = (self.directory.clone(), self.directory.join(file_name(&document.key)));
        let written = blocking(move || match write_once(&directory, &path, &bytes) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(fs::read(&path)? == bytes),
            result => result.map(|()| true),
        });
        match written.await {
            Ok(true) => Answer::Done(Receipt { number: document.key.clone() }),
            Ok(false) => Answer::Refused(conflict(document)),
            Err(error) => Answer::Busy(self.busy(&error)),
        }
    }

    async fn find(&self, document: &Document) -> Found {
        let path = self.directory.join(file_name(&document.key));
        match blocking(move || fs::read(path)).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Found::Missing,
            Err(error) => Found::Busy(self.busy(&error)),
            Ok(bytes) => match serde_json::from_slice::<Entry<serde::de::IgnoredAny>>(&bytes) {
                Ok(entry) if (&entry.key, &entry.customer, entry.total) == (&document.key, &document.customer, document.total) => {
                    Found::Here(Receipt { number: document.key.clone() })
                }
                _ => Found::Other(conflict(document)),
            },
        }
    }

    async fn cancel(&self, number: &str) -> Answer {
        let (path, mark) = (self.directory.join(file_name(number)), self.directory.join(file_name(number) + ".cancelled"));
        match blocking(move || if path.exists() { File::create(mark).and_then(|file| file.sync_all()).map(|()| true) } else { Ok(false) }).await {
            Ok(true) => Answer::Done(Receipt { number: number.to_owned() }),
            Ok(false) => Answer::Refused(Fault::new(Code::Refused, format!("{} has no document of this number", self.name)).at(number)),
            Err(error) => Answer::Busy(self.busy(&error)),
        }
    }

    /// A directory keeps no stock: nothing is known.
    async fn stock(&self) -> Result<Stock, Busy> {
        Ok(Stock::default())
    }
}

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

fn render(document: &Document) -> Result<Vec<u8>, Fault> {
    let internal = |error: &dyn std::fmt::Display| Fault::new(Code::Internal, format!("the document cannot be written: {error}"));
    let body = String::from_utf8(sagepro::json(document)?).map_err(|error| internal(&error))?;
    let entry = Entry {
        key: document.key.clone(),
        customer: document.customer.clone(),
        total: document.total,
        warehouse: document.warehouse.clone(),
        backorder: document.backorder,
        document: RawValue::from_string(body).map_err(|error| internal(&error))?,
    };
    serde_json::to_vec_pretty(&entry).map_err(|error| internal(&error))
}

/// Writes a file that was not there, whole or not at all, and on disk when this returns.
fn write_once(directory: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let next = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let draft = directory.join(format!(".draft-{}-{next}", std::process::id()));
    let written = File::create(&draft).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        // Unlike a rename, a link never replaces what is there.
        fs::hard_link(&draft, path)?;
        File::open(directory)?.sync_all()
    });
    written.and(fs::remove_file(&draft))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// A key as file name: letters, digits, `-` and `_` as they are, the rest as percent and hex.
fn file_name(key: &str) -> String {
    let mut name = String::with_capacity(key.len() + 5);
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => name.push(byte.into()),
            byte => name.push_str(&format!("%{byte:02X}")),
        }
    }
    name + ".json"
}

fn conflict(document: &Document) -> Fault {
    Fault::new(Code::Conflict, "the directory holds another document under this key").at(file_name(&document.key))
}
