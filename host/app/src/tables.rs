//! What the ERP's tables look like on this site: read from the facade and from files, kept beside the store, compared
//! every night. What a change is, is decided in `flow::schema`.

use crate::{reconcile::next_night, settings::TablesSettings};
use crossdock_connectors::dbf;
use crossdock_flow::{
    Code, Fault,
    clock::Clock,
    desk::Backend,
    schema::{Change, CodePage, Schema, compare_all},
    target::Target,
};
use jiff::{SignedDuration, Timestamp, civil::Time, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::watch;

/// The version of the kept file; another one is not read.
const VERSION: u32 = 1;
/// The largest file that is read back, in bytes: a hundred tables of Visual FoxPro are 2 MB.
const MOST: u64 = 16 << 20;
/// How often it is seen whether it is time to look.
const LOOK: Duration = Duration::from_secs(1);
/// When a partner that was busy is asked again.
const AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// Tables that were read at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Kept {
    version: u32,
    /// When.
    pub read_at: Timestamp,
    /// The tables, each with where it was read: the connection's name, or a file.
    pub tables: Vec<Placed>,
}

/// A table and where it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Placed {
    /// The connection's name, or a file.
    pub from: String,
    /// The table.
    pub schema: Schema,
}

impl Kept {
    /// Tables that were read now.
    pub(crate) fn new(read_at: Timestamp, tables: Vec<Placed>) -> Kept {
        Kept { version: VERSION, read_at, tables }
    }

    /// The tables alone.
    pub(crate) fn schemas(&self) -> Vec<Schema> {
        self.tables.iter().map(|table| table.schema.clone()).collect()
    }

    /// Reads a file of tables. Fails with E601, naming it.
    pub(crate) fn load(path: &Path) -> Result<Option<Kept>, Fault> {
        let fault = |why: String| {
            Fault::new(Code::Store, format!("{why}; read the tables again with `crossdock schema read`")).at(path.display().to_string())
        };
        let file = match fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fault(error.to_string())),
        };
        let kept: Kept = serde_json::from_reader(io::BufReader::new(io::Read::take(file, MOST))).map_err(|error| fault(error.to_string()))?;
        if kept.version != VERSION {
            return Err(fault(format!("it is of version {}, and this program reads {VERSION}", kept.version)));
        }
        Ok(Some(kept))
    }

    /// What is different in `now`, place by place: what was not read now is not missing.
    pub(crate) fn changes(&self, now: &Kept) -> Vec<Change> {
        let mut places: Vec<&str> = now.tables.iter().map(|table| table.from.as_str()).collect();
        places.dedup();
        places.iter().flat_map(|place| compare_all(&self.of(place), &now.of(place))).collect()
    }

    fn of(&self, place: &str) -> Vec<Schema> {
        self.tables.iter().filter(|table| table.from == place).map(|table| table.schema.clone()).collect()
    }
}

/// Where tables are read and kept.
#[derive(Clone)]
pub(crate) struct Tables {
    /// The ERP's connection.
    pub target: Arc<dyn Target>,
    /// The settings.
    pub settings: TablesSettings,
}

/// What is read: the facade's list, and tables on disk.
pub(crate) struct Places<'p> {
    /// Whether the ERP's connection is asked.
    pub erp: bool,
    /// Tables on disk.
    pub files: &'p [PathBuf],
}

impl Tables {
    /// The file of what a person has accepted as the ERP's tables.
    pub(crate) fn kept_file(&self) -> PathBuf {
        self.file("json")
    }

    /// The file of what the host saw last, where that is something else: for one alert per change.
    fn seen_file(&self) -> PathBuf {
        self.file("seen.json")
    }

    fn file(&self, end: &str) -> PathBuf {
        let name: String = self.target.name().chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
        self.settings.keep.join(format!("{name}.{end}"))
    }

    /// What is kept; nothing before the first reading.
    pub(crate) fn kept(&self) -> Result<Option<Kept>, Fault> {
        Kept::load(&self.kept_file())
    }

    /// Keeps tables, beside those of other places that are kept already. Whatever the host saw is accepted with it.
    pub(crate) fn keep(&self, now: &Kept) -> Result<Kept, Fault> {
        let mut all = now.clone();
        if let Some(kept) = self.kept()? {
            let places: Vec<&str> = now.tables.iter().map(|table| table.from.as_str()).collect();
            all.tables.extend(kept.tables.into_iter().filter(|table| !places.contains(&table.from.as_str())));
        }
        write(&self.kept_file(), &all)?;
        self.forget_seen()?;
        Ok(all)
    }

    fn forget_seen(&self) -> Result<(), Fault> {
        match fs::remove_file(self.seen_file()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Fault::new(Code::Store, error.to_string()).at(self.seen_file().display().to_string()))
            }
            _ => Ok(()),
        }
    }

    /// All that the settings name.
    pub(crate) fn all(&self) -> Places<'_> {
        Places { erp: true, files: &self.settings.files }
    }

    /// Reads the tables as they are now. A facade without a list is passed over where there are files. Fails with E402 to
    /// E405, and where no place has any.
    pub(crate) async fn read(&self, places: Places<'_>, now: Timestamp) -> Result<Kept, Fault> {
        let mut tables = Vec::new();
        if places.erp
            && let Some(listed) = self.target.tables().await.map_err(|busy| busy.fault)?
        {
            tables.extend(listed.into_iter().map(|schema| Placed { from: self.target.name().to_owned(), schema }));
        }
        for file in places.files {
            tables.push(Placed { from: file.display().to_string(), schema: dbf::schema(file, self.settings.code_page)? });
        }
        if tables.is_empty() {
            let why = format!("{} has no list of its fields: name tables on disk, with --from FILE.dbf or `files` in [schema]", self.target.name());
            return Err(Fault::new(Code::PartnerAnswer, why));
        }
        Ok(Kept::new(now, tables))
    }
}

/// Writes a file whole or not at all.
fn write(path: &Path, kept: &Kept) -> Result<(), Fault> {
    let half = path.with_extension("half");
    let written = (|| {
        fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        let mut file = fs::File::create(&half)?;
        file.write_all(&serde_json::to_vec_pretty(kept)?)?;
        file.sync_all()?;
        fs::rename(&half, path)
    })();
    written.map_err(|error: io::Error| Fault::new(Code::Store, format!("the tables cannot be kept: {error}")).at(path.display().to_string()))
}

/// Compares the ERP's tables every night.
pub(crate) struct Watch {
    /// The tables.
    pub tables: Tables,
    /// Where alerts go.
    pub store: Arc<dyn Backend>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// When.
    pub nightly: Time,
    /// In this zone.
    pub zone: TimeZone,
}

impl Watch {
    /// Looks every night until `stop` turns true.
    pub(crate) async fn watch(self, mut stop: watch::Receiver<bool>) {
        let mut next = next_night(self.clock.now(), self.nightly, &self.zone);
        while !*stop.borrow() {
            let now = self.clock.now();
            // A clock that was ahead when it was planned must not put it off.
            next = next.min(next_night(now, self.nightly, &self.zone));
            if now >= next {
                next = next_night(now, self.nightly, &self.zone);
                if let Err(fault) = self.look(now).await {
                    tracing::warn!(%fault, "the ERP's tables could not be compared");
                    if fault.code == Code::PartnerBusy {
                        next = next.min(now + AGAIN);
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Looks once. The first time, what is there is kept; later a change is told once, until it is another one or gone.
    async fn look(&self, now: Timestamp) -> Result<(), Fault> {
        let read = self.tables.read(self.tables.all(), now).await?;
        let Some(kept) = self.tables.kept()? else {
            tracing::info!(tables = read.tables.len(), "the ERP's tables were read for the first time");
            return self.tables.keep(&read).map(drop);
        };
        let changes = kept.changes(&read);
        if changes.is_empty() {
            return self.tables.forget_seen();
        }
        if Kept::load(&self.tables.seen_file())?.is_some_and(|seen| seen.tables == read.tables) {
            return Ok(());
        }
        let message = told(&changes);
        tracing::warn!(message, "the ERP's tables have changed");
        self.store.alert(now, "schema-changed", self.tables.target.name(), &message).await?;
        write(&self.tables.seen_file(), &read)
    }
}

/// Changes in one line: those that break something first.
fn told(changes: &[Change]) -> String {
    let mut sorted: Vec<&Change> = changes.iter().collect();
    sorted.sort_by_key(|change| !change.is_breaking());
    let breaking = sorted.iter().filter(|change| change.is_breaking()).count();
    let some: Vec<String> = sorted.iter().take(5).map(ToString::to_string).collect();
    let more = if changes.len() > some.len() { format!("; and {} more", changes.len() - some.len()) } else { String::new() };
    format!("{} changes, {breaking} of them breaking: {}{more}: `crossdock schema compare`", changes.len(), some.join("; "))
}

/// The tables of a file: those of [`Kept`], or the header of a DBF.
pub(crate) fn of_file(path: &Path, unsaid: Option<CodePage>) -> Result<Vec<Schema>, Fault> {
    if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("dbf")) {
        return Ok(vec![dbf::schema(path, unsaid)?]);
    }
    let missing = || Fault::new(Code::Settings, "there is no such file").at(path.display().to_string());
    Ok(Kept::load(path)?.ok_or_else(missing)?.schemas())
}

#[cfg(test)]
mod tests;
