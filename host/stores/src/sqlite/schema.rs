//! Opens the file: settings of each connection, migrations forward, refusal of what is not ours or newer than we are.

use super::column::fault;
use crossdock_flow::{Code, Fault};
use rusqlite::{Connection, OpenFlags, TransactionBehavior, config::DbConfig};
use std::{path::Path, time::Duration};

/// Marks the file as ours in the SQLite header: `XDOC`.
const APPLICATION: i32 = 0x5844_4F43;
/// The steps from nothing to the newest schema; the number of steps done is the file's version. Only ever append.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001-records.sql"),
    include_str!("migrations/0002-rules.sql"),
    include_str!("migrations/0003-people.sql"),
    include_str!("migrations/0004-sync.sql"),
    include_str!("migrations/0005-finance.sql"),
    include_str!("migrations/0006-promises.sql"),
    include_str!("migrations/0007-packed.sql"),
    include_str!("migrations/0008-erasure.sql"),
];
/// How long to wait for another process, for example `crossdock parked retry`.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Opens the one connection that writes. Fails with E601.
pub(super) fn open_writer(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let here = |error| fault("open the store", error).at(path.display().to_string());
    make_folder(path)?;
    let mut connection = Connection::open_with_flags(path, flags).map_err(here)?;
    tune(&connection).map_err(here)?;
    // Takes effect in a new file only. Half of the usual size: what is dear is the two indexes over ids and hashes, of which
    // every order dirties another page, and bodies of 3 kB fill small pages better. 35 % less is written, 30 % less kept.
    connection.execute_batch("PRAGMA page_size = 2048;").map_err(here)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(here)?;
    if mode != "wal" {
        return Err(Fault::new(Code::Store, "the disk cannot hold a write-ahead log: use a local disk").at(path.display().to_string()));
    }
    // FULL: a commit is on the disk before anything is acknowledged. Checkpoints are the writer's own business.
    // What is deleted is overwritten at once: a customer's data, once erased, is nowhere in the file.
    connection
        .execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16000; PRAGMA secure_delete = ON;")
        .map_err(here)?;
    migrate(&mut connection).map_err(|fault| fault.at(path.display().to_string()))?;
    Ok(connection)
}

/// Makes the file's folder, open to its owner alone: orders are personal data.
pub(super) fn make_folder(path: &Path) -> Result<(), Fault> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) else { return Ok(()) };
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .recursive(true)
        .create(folder)
        .map_err(|error| Fault::new(Code::Store, format!("cannot make the store's folder: {error}")).at(folder.display().to_string()))
}

/// Opens a connection that only reads. Fails with E601.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Fault> {
    let here = |error| fault("open the store", error).at(path.display().to_string());
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(here)?;
    tune(&connection).map_err(here)?;
    Ok(connection)
}

fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Plans stay as they were made; otherwise the bundled SQLite plans anew whenever a parameter changes.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch("PRAGMA foreign_keys = ON;")
}

fn migrate(connection: &mut Connection) -> Result<(), Fault> {
    let doing = |error| fault("bring the store to this version", error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(doing)?;
    let number = |sql| transaction.query_row(sql, [], |row| row.get::<_, i32>(0)).map_err(doing);
    let (application, version) = (number("PRAGMA application_id")?, number("PRAGMA user_version")?);
    let empty = number("SELECT count(*) FROM sqlite_schema")? == 0;
    if application != APPLICATION && !(application == 0 && empty) {
        return Err(Fault::new(Code::Store, "this is the database of another program: name another file in the settings"));
    }
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    if done > MIGRATIONS.len() {
        let known = MIGRATIONS.len();
        return Err(Fault::new(
            Code::Store,
            format!(
                "the store has version {version}, this program knows {known} at most: run the newer program, or bring back the backup made before the upgrade"
            ),
        ));
    }
    for (step, sql) in MIGRATIONS.iter().enumerate().skip(done) {
        transaction.execute_batch(sql).map_err(doing)?;
        transaction.pragma_update(None, "user_version", i64::try_from(step + 1).unwrap_or(i64::MAX)).map_err(doing)?;
    }
    if application != APPLICATION {
        transaction.pragma_update(None, "application_id", APPLICATION).map_err(doing)?;
    }
    transaction.commit().map_err(doing)
}
