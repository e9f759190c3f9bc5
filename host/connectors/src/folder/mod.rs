//! A directory as ERP: one JSON file per document, for systems that pick files up, for trials and for tests.
//! A key is created once; a change replaces the file whole, a cancellation puts an empty file beside it. The files must
//! stay in place: a file that was moved away is taken for never written. Nothing is ever shipped here.

mod files;
mod import;

pub use import::{MAX_IMPORT, orders};

use crate::sagepro;
use async_trait::async_trait;
use crossdock_flow::{
    Code, Decimal, Document, Fault,
    target::{Answer, Booked, Busy, Found, Page, Receipt, Standing, Stock, Target},
};
use files::{blocking, file_name};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::value::RawValue;
use std::{fs, io, path::PathBuf};

/// The name in the settings.
pub const KIND: &str = "folder";

/// The files of one page of the list.
const PAGE: usize = 200;

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

    fn missing(&self, number: &str) -> Fault {
        Fault::new(Code::Refused, format!("{} has no document of this number", self.name)).at(number)
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
        let (directory, name) = (self.directory.clone(), file_name(&document.key));
        let written = blocking(move || match files::write_once(&directory, &name, &bytes) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(fs::read(directory.join(name))? == bytes),
            result => result.map(|()| true),
        });
        match written.await {
            Ok(true) => Answer::Done(Receipt { number: document.key.clone() }),
            Ok(false) => Answer::Refused(conflict(document)),
            Err(error) => Answer::Busy(self.busy(&error)),
        }
    }

    async fn find(&self, document: &Document) -> Found {
        let (directory, name) = (self.directory.clone(), file_name(&document.key));
        match blocking(move || files::read(&directory, &name)).await {
            Ok(None) => Found::Missing,
            Err(error) => Found::Busy(self.busy(&error)),
            Ok(Some(bytes)) => match serde_json::from_slice::<Entry<IgnoredAny>>(&bytes) {
                Ok(entry) if (&entry.key, &entry.customer, entry.total) == (&document.key, &document.customer, document.total) => {
                    Found::Here(Receipt { number: document.key.clone() })
                }
                _ => Found::Other(conflict(document)),
            },
        }
    }

    async fn cancel(&self, number: &str) -> Answer {
        let (directory, name) = (self.directory.clone(), file_name(number));
        let cancelled = blocking(move || match files::standing(&directory, &name)? {
            None => Ok(None),
            Some(_) => files::mark_cancelled(&directory, &name).map(Some),
        });
        match cancelled.await {
            Ok(Some(())) => Answer::Done(Receipt { number: number.to_owned() }),
            Ok(None) => Answer::Refused(self.missing(number)),
            Err(error) => Answer::Busy(self.busy(&error)),
        }
    }

    async fn change(&self, number: &str, document: &Document) -> Answer {
        let bytes = match render(document) {
            Ok(bytes) => bytes,
            Err(fault) => return Answer::Refused(fault),
        };
        // Here the number is the key, so that another key would be another file.
        if number != document.key {
            return Answer::Refused(conflict(document));
        }
        let (directory, name) = (self.directory.clone(), file_name(number));
        let changed = blocking(move || {
            let standing = files::standing(&directory, &name)?;
            if standing == Some(Standing::Open) {
                files::replace(&directory, &name, &bytes)?;
            }
            Ok(standing)
        });
        match changed.await {
            Ok(Some(Standing::Open)) => Answer::Done(Receipt { number: number.to_owned() }),
            Ok(Some(_)) => Answer::Refused(Fault::new(Code::AlreadyExported, format!("{} has the document as cancelled", self.name)).at(number)),
            Ok(None) => Answer::Refused(self.missing(number)),
            Err(error) => Answer::Busy(self.busy(&error)),
        }
    }

    async fn standing(&self, number: &str) -> Result<Option<Standing>, Busy> {
        let (directory, name) = (self.directory.clone(), file_name(number));
        blocking(move || files::standing(&directory, &name)).await.map_err(|error| self.busy(&error))
    }

    /// By file name, and not by time: the last name of a page is the cursor.
    async fn booked(&self, since: Timestamp, page: Option<&str>) -> Result<Page<Booked>, Busy> {
        let (directory, after) = (self.directory.clone(), page.unwrap_or_default().to_owned());
        let (found, more) = blocking(move || files::changed(&directory, since, &after, PAGE)).await.map_err(|error| self.busy(&error))?;
        let next = if more { found.last().map(|file| file.name.clone()) } else { None };
        let rows = found.into_iter().map(|file| {
            let Entry { key, customer, total, .. } = serde_json::from_slice::<Entry<IgnoredAny>>(&file.bytes).map_err(|_| {
                let fault = Fault::new(Code::PartnerAnswer, format!("the directory of {} has a file that is no document", self.name)).at(file.name);
                Busy { fault, retry_after: None, counts: true }
            })?;
            Ok(Booked { number: key.clone(), key, customer, total, standing: file.standing })
        });
        Ok(Page { rows: rows.collect::<Result<_, _>>()?, next })
    }

    /// A directory keeps no stock: nothing is known.
    async fn stock(&self) -> Result<Stock, Busy> {
        Ok(Stock::default())
    }
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

fn conflict(document: &Document) -> Fault {
    Fault::new(Code::Conflict, "the directory holds another document under this key").at(file_name(&document.key))
}
