//! Brings a backup back in the place of a store, while no host runs. Between the backup and now the ERP has heard of orders
//! that the backup does not know: everything that is open, and whatever comes for a while, is doubtful from then on.

use super::{claim::Claims, column::fault, schema};
use crossdock_flow::{Code, Fault};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// For how long everything that comes is looked up before it is sent: longer than any shop sends an event again, and than
/// it takes to find by polling what came in between.
const DOUBT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What was brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// How many records are in it.
    pub records: u64,
    /// Where the store is kept that stood there; nothing when none did.
    pub aside: Option<PathBuf>,
}

/// Brings the backup at `from` back to `to`. The backup itself stays as it is. Fails with E601, and changes nothing, when a
/// host works on the store, or the backup is damaged, of another program or of a newer version.
pub fn restore(from: &Path, to: &Path, now: Timestamp) -> Result<Restored, Fault> {
    let failed = |doing: &str, error: io::Error| Fault::new(Code::Store, format!("cannot {doing}: {error}")).at(to.display().to_string());
    // Opening makes what is not there: a mistyped name must not become an empty store.
    fs::metadata(from).map_err(|error| Fault::new(Code::Store, format!("cannot read the backup: {error}")).at(from.display().to_string()))?;
    schema::make_folder(to)?;
    let alone = Claims::new(to);
    alone.keep_out()?;
    let staged = beside(to, ".restoring");
    for end in ["", "-wal", "-shm"] {
        drop(fs::remove_file(beside(&staged, end)));
    }
    let made = stage(from, &staged, now);
    let records = match made {
        Ok(records) => records,
        Err(fault) => {
            for end in ["", "-wal", "-shm"] {
                drop(fs::remove_file(beside(&staged, end)));
            }
            return Err(fault);
        }
    };
    let aside = to.exists().then(|| beside(to, &format!(".before-{}", now.strftime("%Y%m%dT%H%M%SZ"))));
    if let Some(aside) = &aside {
        // The log first: a store without its log is older, one with another's log is nothing.
        for end in ["-wal", "-shm", ""] {
            let (there, away) = (beside(to, end), beside(aside, end));
            if there.exists() {
                fs::rename(there, away).map_err(|error| failed("put the store aside", error))?;
            }
        }
    }
    fs::rename(&staged, to).map_err(|error| failed("put the backup in its place", error))?;
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| failed("bring its name to the disk", error))?;
    }
    Ok(Restored { records, aside })
}

/// Makes a store of the backup, whole and on disk, brought to this version and full of doubt. Returns how many records.
fn stage(from: &Path, staged: &Path, now: Timestamp) -> Result<u64, Fault> {
    let here = |doing: &'static str| move |error| fault(doing, error).at(from.display().to_string());
    let backup = schema::open_reader(from)?;
    let sound: String = backup.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(here("check the backup"))?;
    if sound != "ok" {
        return Err(Fault::new(Code::Store, "the backup is damaged: take an older one").at(from.display().to_string()));
    }
    let name = staged.to_str().ok_or_else(|| Fault::new(Code::Store, "cannot restore: its name is not UTF-8").at(staged.display().to_string()))?;
    // A backup may be any store of ours, also one with a log beside it.
    backup.execute("VACUUM INTO ?1", [name]).map_err(here("copy the backup"))?;
    drop(backup);
    let store = schema::open_writer(staged)?;
    let records = doubt(&store, now).map_err(here("mark what may be in the ERP already"))?;
    store.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(here("bring the store to the disk"))?;
    Ok(records)
}

fn doubt(store: &Connection, now: Timestamp) -> rusqlite::Result<u64> {
    store.execute("UPDATE records SET doubtful = 1 WHERE ended_at IS NULL OR state = 5", [])?;
    store.execute("INSERT OR REPLACE INTO doubt (only_one, until) VALUES (1, ?1)", params![(now + DOUBT).as_microsecond()])?;
    let records: i64 = store.query_row("SELECT count(*) FROM records", [], |row| row.get(0))?;
    Ok(records.unsigned_abs())
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}
