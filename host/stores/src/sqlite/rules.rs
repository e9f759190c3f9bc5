//! What stands beside the records because of the rules: quarantine, alerts, and the plugins' key-value places.

use super::column::{Column, fault};
use crossdock_flow::{
    Code, Fault,
    capability::Kept,
    record::{Alert, Quarantined},
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// Takes a version out of service and says so. Once only: a second host, or a later fault, adds nothing.
pub(super) fn quarantine(connection: &Connection, quarantined: &Quarantined) -> rusqlite::Result<()> {
    let Quarantined { plugin, version, since, why } = quarantined;
    let new = connection
        .prepare_cached("INSERT INTO quarantine (plugin, version, since, why) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?
        .execute(params![plugin, version, Column(*since), why])?;
    if new > 0 {
        alert(connection, *since, "quarantined", plugin, &format!("version {} is out of service: {why}", short(version)))?;
    }
    Ok(())
}

/// Puts every version of a plugin back into service.
pub(super) fn release(connection: &Connection, plugin: &str, now: Timestamp) -> rusqlite::Result<usize> {
    let released = connection.prepare_cached("DELETE FROM quarantine WHERE plugin = ?1")?.execute([plugin])?;
    if released > 0 {
        alert(connection, now, "released", plugin, "back in service: a person released it")?;
    }
    Ok(released)
}

/// Writes down something that a person should know.
pub(super) fn alert(connection: &Connection, at: Timestamp, kind: &str, subject: &str, message: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("INSERT INTO alerts (at, kind, subject, message) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        Column(at),
        kind,
        subject,
        message
    ])?;
    Ok(())
}

/// The first twelve digits of a hash: enough for people.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// Writes what an attempt keeps, if nobody wrote what it read. Fails with E113 before anything is written.
pub(super) fn keep(connection: &Connection, attempt: i64, kept: &Kept) -> rusqlite::Result<Result<(), Fault>> {
    for (plugin, key, seen) in &kept.seen {
        let writing = connection
            .prepare_cached("SELECT writing FROM kv WHERE plugin = ?1 AND key = ?2")?
            .query_row([plugin, key], |row| row.get::<_, i64>(0))
            .optional()?;
        if writing.unwrap_or(0) != *seen {
            return Ok(Err(Fault::new(Code::KvConflict, format!("plugin `{plugin}` had read a key that another order has written since"))));
        }
    }
    for (plugin, key, value) in &kept.written {
        match value {
            Some(value) => connection
                .prepare_cached("INSERT OR REPLACE INTO kv (plugin, key, value, writing) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![plugin, key, value, attempt])?,
            None => connection.prepare_cached("DELETE FROM kv WHERE plugin = ?1 AND key = ?2")?.execute([plugin, key])?,
        };
    }
    Ok(Ok(()))
}

/// The versions out of service.
pub(super) fn quarantined(connection: &mut Connection) -> Result<Vec<Quarantined>, Fault> {
    let cannot = |error| fault("read which plugins are out of service", error);
    let mut query = connection.prepare_cached("SELECT plugin, version, since, why FROM quarantine ORDER BY plugin, version").map_err(cannot)?;
    let rows = query
        .query_map([], |row| Ok(Quarantined { plugin: row.get(0)?, version: row.get(1)?, since: row.get::<_, Column<_>>(2)?.0, why: row.get(3)? }));
    rows.and_then(Iterator::collect).map_err(cannot)
}

/// The alerts, newest first.
pub(super) fn alerts(connection: &mut Connection, most: usize) -> Result<Vec<Alert>, Fault> {
    let cannot = |error| fault("read the alerts", error);
    let most = if most == 0 { -1 } else { i64::try_from(most).unwrap_or(i64::MAX) };
    let mut query = connection.prepare_cached("SELECT id, at, kind, subject, message FROM alerts ORDER BY id DESC LIMIT ?1").map_err(cannot)?;
    let rows = query.query_map([most], |row| {
        Ok(Alert { id: row.get(0)?, at: row.get::<_, Column<_>>(1)?.0, kind: row.get(2)?, subject: row.get(3)?, message: row.get(4)? })
    });
    rows.and_then(Iterator::collect).map_err(cannot)
}

/// What a plugin wrote under a key.
pub(super) fn kv_get(connection: &mut Connection, plugin: &str, key: &str) -> Result<Option<(Vec<u8>, i64)>, Fault> {
    connection
        .prepare_cached("SELECT value, writing FROM kv WHERE plugin = ?1 AND key = ?2")
        .and_then(|mut query| query.query_row([plugin, key], |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .map_err(|error| fault("read a plugin's key", error))
}

/// How many keys and bytes a plugin has.
pub(super) fn kv_usage(connection: &mut Connection, plugin: &str) -> Result<(u64, u64), Fault> {
    connection
        .prepare_cached("SELECT count(*), coalesce(sum(length(key) + length(value)), 0) FROM kv WHERE plugin = ?1")
        .and_then(|mut query| query.query_row([plugin], |row| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))))
        .map_err(|error| fault("count a plugin's keys", error))
}
