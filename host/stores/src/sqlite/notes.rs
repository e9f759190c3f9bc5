//! What the host remembers beside the records: corrections that are made by themselves, how far each poll is.

use super::{
    column::{Column, fault},
    operation::{Done, Outcome, json},
};
use crossdock_flow::{Fault, correct::Correction, desk::By};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// Remembers a correction. One that is remembered already keeps its number.
pub(super) fn remember(connection: &Connection, correction: &Correction) -> Outcome {
    let (fix, by) = match json(&correction.fix).and_then(|fix| Ok((fix, json(&correction.by)?))) {
        Ok(encoded) => encoded,
        Err(fault) => return Ok(Err(fault)),
    };
    connection
        .prepare_cached("INSERT INTO corrections (connection, path, fix, remembered) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?
        .execute(params![correction.connection, correction.path, fix, by])?;
    let number = connection
        .prepare_cached("SELECT id FROM corrections WHERE connection = ?1 AND path = ?2 AND fix = ?3 AND forgotten IS NULL")?
        .query_row(params![correction.connection, correction.path, fix], |row| row.get(0))?;
    Ok(Ok(Done::Number(number)))
}

/// Forgets a correction: it is made no more, and its row says who wanted that.
pub(super) fn forget(connection: &Connection, correction: i64, by: &By) -> Outcome {
    let by = match json(by) {
        Ok(by) => by,
        Err(fault) => return Ok(Err(fault)),
    };
    let forgotten =
        connection.prepare_cached("UPDATE corrections SET forgotten = ?2 WHERE id = ?1 AND forgotten IS NULL")?.execute(params![correction, by])?;
    super::operation::number(forgotten)
}

/// The corrections that are remembered, oldest first.
pub(super) fn corrections(connection: &mut Connection) -> Result<Vec<Correction>, Fault> {
    let cannot = |error| fault("read the remembered corrections", error);
    let mut query = connection
        .prepare_cached("SELECT id, connection, path, fix, remembered FROM corrections WHERE forgotten IS NULL ORDER BY id")
        .map_err(cannot)?;
    let rows = query.query_map([], |row| {
        let (fix, by) = (super::read::required(row, 3)?, super::read::required(row, 4)?);
        Ok(Correction { id: row.get(0)?, connection: row.get(1)?, path: row.get(2)?, fix, by })
    });
    rows.and_then(Iterator::collect).map_err(cannot)
}

/// Moves the cursor of a connection.
pub(super) fn set_cursor(connection: &Connection, name: &str, at: Timestamp) -> Outcome {
    connection
        .prepare_cached("INSERT INTO cursors (connection, at) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET at = excluded.at")?
        .execute(params![name, Column(at)])?;
    Ok(Ok(Done::Written))
}

/// Where the cursor of a connection stands.
pub(super) fn cursor(connection: &mut Connection, name: &str) -> Result<Option<Timestamp>, Fault> {
    connection
        .prepare_cached("SELECT at FROM cursors WHERE connection = ?1")
        .and_then(|mut query| query.query_row([name], |row| Ok(row.get::<_, Column<_>>(0)?.0)).optional())
        .map_err(|error| fault("read how far the poll is", error))
}

/// The highest version of an order that came by a connection.
pub(super) fn newest_version(connection: &mut Connection, name: &str, order: &str) -> Result<Option<i64>, Fault> {
    connection
        .prepare_cached("SELECT max(version) FROM records WHERE order_key = ?1 AND connection = (SELECT id FROM connections WHERE name = ?2)")
        .and_then(|mut query| query.query_row([order, name], |row| row.get(0)))
        .map_err(|error| fault("read which version of an order came", error))
}
