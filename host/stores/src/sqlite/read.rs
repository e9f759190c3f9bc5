//! Everything that only reads: lists, stories, counts, and the connections that they read with.

use super::{
    audit,
    column::{Column, DELIVERED, code, fault, is_damage},
    operation::{DUPLICATES, json, place},
    packed, schema,
};
use crossdock_flow::{
    Code, Currency, Decimal, Fault,
    desk::{By, Edited},
    record::{Attempt, Counts, Ended, Filter, Part, RecordId, SentBefore, State, Story, Summary},
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, types::Type};
use serde::de::DeserializeOwned;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;

/// A few connections that read, opened when first needed, used on the runtime's blocking threads.
pub(super) struct Readers {
    path: PathBuf,
    free: Mutex<Vec<Connection>>,
    most: Arc<Semaphore>,
}

impl Readers {
    /// At most so many at once.
    pub(super) fn new(path: &Path, most: usize) -> Arc<Readers> {
        Arc::new(Readers { path: path.to_owned(), free: Mutex::default(), most: Arc::new(Semaphore::new(most)) })
    }

    /// Runs `work` with a connection of its own. Fails with E601.
    pub(super) async fn run<T: Send + 'static>(
        self: &Arc<Readers>,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let stopped = || Fault::new(Code::Store, "the host is stopping");
        let turn = self.most.clone().acquire_owned().await.map_err(|_| stopped())?;
        let readers = self.clone();
        let task = move || {
            let free = readers.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = match free {
                Some(connection) => connection,
                None => schema::open_reader(&readers.path)?,
            };
            let result = work(&mut connection);
            readers.free.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            drop(turn);
            result
        };
        tokio::task::spawn_blocking(task).await.map_err(|_| stopped())?
    }
}

/// Lists records, newest first.
pub(super) fn list(connection: &mut Connection, filter: &Filter) -> Result<Vec<Summary>, Fault> {
    let cannot = |error| fault("list records", error);
    let snapshot = connection.transaction().map_err(cannot)?;
    let mut sql = format!("{SUMMARY} WHERE true");
    let codes: Vec<usize> = filter.states.iter().map(|state| code(*state)).collect();
    if !codes.is_empty() {
        let names: Vec<String> = codes.iter().map(usize::to_string).collect();
        sql += &format!(" AND r.state IN ({})", names.join(", "));
        if codes.iter().all(|code| *code > DELIVERED) {
            sql += " AND r.state > 2"; // The words of the index `aside`, without which it is not used.
        }
    }
    if filter.order.is_some() {
        sql += " AND r.order_key = ?1";
    }
    if !filter.records.is_empty() {
        sql += " AND r.id IN (SELECT value FROM json_each(?2))";
    }
    if filter.connection.is_some() {
        sql += " AND c.name = ?3";
    }
    sql += " ORDER BY r.id DESC";
    if filter.most > 0 {
        sql += &format!(" LIMIT {}", filter.most);
    }
    let mut query = snapshot.prepare_cached(&sql).map_err(cannot)?;
    let records = (!filter.records.is_empty()).then(|| json(&filter.records)).transpose()?;
    let values = [filter.order.clone(), records, filter.connection.clone()];
    // As many as the words above ask for.
    let values = &values[..query.parameter_count()];
    let rows = query.query_map(rusqlite::params_from_iter(values), summary).map_err(cannot)?;
    let mut list = rows.collect::<rusqlite::Result<Vec<_>>>().map_err(cannot)?;
    for summary in &mut list {
        summary.parts = parts(&snapshot, summary.record).map_err(cannot)?;
    }
    Ok(list)
}

/// Everything about every record of one order, oldest first.
pub(super) fn story(connection: &mut Connection, order: &str) -> Result<Vec<Story>, Fault> {
    let cannot = |error| fault("read the story of an order", error);
    let snapshot = connection.transaction().map_err(cannot)?;
    let mut query = snapshot.prepare_cached(&format!("{SUMMARY} WHERE r.order_key = ?1 ORDER BY r.id")).map_err(cannot)?;
    let records = query.query_map([order], summary).and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>).map_err(cannot)?;
    records
        .into_iter()
        .map(|mut summary| {
            let record = summary.record;
            summary.parts = parts(&snapshot, record)?;
            let (version, body) = snapshot
                .prepare_cached("SELECT r.version, b.body, b.packed FROM records r LEFT JOIN bodies b ON b.record = r.id WHERE r.id = ?1")?
                .query_row([record], |row| Ok((row.get(0)?, packed::whole(row, 1, 2)?)))?;
            let attempts_made = snapshot
                .prepare_cached(
                    "SELECT a.plan, e.at, e.state, e.fault, e.reason, e.steps, a.packed FROM attempts a LEFT JOIN ends e ON e.id = a.id
                     WHERE a.id BETWEEN ?1 << 24 AND (?1 << 24) + 16777215 ORDER BY a.id",
                )?
                .query_map([record], |row| Ok((attempt(row, 6)?, ended(row)?)))?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            let (edits, audit) = (edits(&snapshot, record)?, audit::of(&snapshot, record)?);
            Ok(Story { summary, version, body, edits, attempts_made, audit })
        })
        .collect::<rusqlite::Result<Vec<_>>>()
        .map_err(cannot)
}

/// Counts, as the transactions kept them up.
pub(super) fn counts(connection: &mut Connection) -> Result<Counts, Fault> {
    let cannot = |error| fault("count records", error);
    let mut query = connection.prepare_cached("SELECT n FROM counts ORDER BY what").map_err(cannot)?;
    let n = query.query_map([], |row| row.get::<_, i64>(0)).and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>).map_err(cannot)?;
    let at = |place: usize| n.get(place).and_then(|n| u64::try_from(*n).ok()).unwrap_or_default();
    Ok(Counts { records: State::ALL.map(|state| (state, at(place(state)))).into(), duplicates: at(DUPLICATES) })
}

/// The documents of a record.
pub(super) fn parts(connection: &Connection, record: RecordId) -> rusqlite::Result<Vec<Part>> {
    connection
        .prepare_cached("SELECT part, key, warehouse, total, number FROM parts WHERE record = ?1 ORDER BY part")?
        .query_map([record], |row| {
            Ok(Part { part: row.get(0)?, key: row.get(1)?, warehouse: row.get(2)?, total: row.get::<_, Column<_>>(3)?.0, number: row.get(4)? })
        })?
        .collect()
}

/// One attempt as it was begun.
pub(super) fn plan(connection: &Connection, record: RecordId, number: u32) -> rusqlite::Result<Attempt> {
    connection.prepare_cached("SELECT plan, packed FROM attempts WHERE id = (?1 << 24) + ?2")?.query_row((record, number), |row| attempt(row, 1))
}

/// Decodes an attempt: its plan stands in the first column, or packed in this one.
fn attempt(row: &Row<'_>, packed: usize) -> rusqlite::Result<Attempt> {
    let plan = packed::whole(row, 0, packed)?.ok_or_else(|| unreadable("nothing is there"))?;
    serde_json::from_slice(&plan).map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into()))
}

/// The corrected copies of a record, oldest first.
pub(super) fn edits(connection: &Connection, record: RecordId) -> rusqlite::Result<Vec<Edited>> {
    connection
        .prepare_cached("SELECT id & 16777215, at, actor, why, body FROM edits WHERE id BETWEEN ?1 << 24 AND (?1 << 24) + 16777215 ORDER BY id")?
        .query_map([record], |row| {
            let by = By { at: row.get::<_, Column<_>>(1)?.0, actor: row.get(2)?, why: row.get(3)? };
            Ok(Edited { number: row.get(0)?, by, body: row.get(4)? })
        })?
        .collect()
}

/// The bytes of a record: those of an edit, or the original; nothing once their time is over.
pub(super) fn body(connection: &Connection, record: RecordId, edit: u32) -> rusqlite::Result<Option<Vec<u8>>> {
    let sql = if edit > 0 {
        "SELECT body, NULL FROM edits WHERE id = (?1 << 24) + ?2"
    } else {
        "SELECT body, packed FROM bodies WHERE record = ?1 AND ?2 = 0"
    };
    Ok(connection.prepare_cached(sql)?.query_row((record, edit), |row| packed::whole(row, 0, 1)).optional()?.flatten())
}

/// What a record sent last, and the bytes that it worked on. Where that cannot be read it is as if its time were over: a
/// change is then made in any case.
pub(super) fn sent(connection: &Connection, record: RecordId) -> rusqlite::Result<Option<SentBefore>> {
    let read = || {
        let mut query =
            connection.prepare_cached("SELECT plan, packed FROM attempts WHERE id BETWEEN ?1 << 24 AND (?1 << 24) + 16777215 ORDER BY id DESC")?;
        for attempt in query.query_map([record], |row| attempt(row, 1))? {
            let attempt = attempt?;
            if !attempt.documents.is_empty() {
                let body = match &attempt.fetched {
                    Some(fetched) => Some(fetched.clone().into_bytes()),
                    None => body(connection, record, attempt.edit)?,
                };
                return Ok(Some(SentBefore { attempt, body }));
            }
        }
        Ok(None)
    };
    match read() {
        Err(error) if is_damage(&error) => {
            tracing::warn!(record, error = %fault("read what a record sent", error), "a change is not compared with it");
            Ok(None)
        }
        other => other,
    }
}

/// Something that is stored but cannot be understood.
pub(super) fn unreadable(why: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, why.into())
}

const SUMMARY: &str = "SELECT r.id, r.order_key, c.name, r.event_id, r.kind, r.state, r.received_at, r.due_at, r.attempts, r.worth, r.currency,
    r.fault, r.reason FROM records r JOIN connections c ON c.id = r.connection";

fn summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    let worth: Option<Column<Decimal>> = row.get(9)?;
    let currency: Option<String> = row.get(10)?;
    let currency = currency.map(|code| Currency::parse(&code).map_err(|fault| unreadable(&fault.to_string()))).transpose()?;
    Ok(Summary {
        record: row.get(0)?,
        order: row.get(1)?,
        connection: row.get(2)?,
        event_id: row.get(3)?,
        kind: row.get::<_, Column<_>>(4)?.0,
        state: row.get::<_, Column<_>>(5)?.0,
        received_at: row.get::<_, Column<_>>(6)?.0,
        due_at: row.get::<_, Option<Column<Timestamp>>>(7)?.map(|due| due.0),
        attempts: row.get(8)?,
        worth: worth.map(|worth| worth.0).zip(currency),
        fault: decoded(row, 11)?,
        reason: row.get(12)?,
        parts: Vec::new(),
    })
}

fn ended(row: &Row<'_>) -> rusqlite::Result<Option<Ended>> {
    let Some(Column(at)) = row.get(1)? else { return Ok(None) };
    let state = row.get::<_, Column<_>>(2)?.0;
    Ok(Some(Ended { at, state, fault: decoded(row, 3)?, reason: row.get(4)?, steps: decoded(row, 5)?.unwrap_or_default() }))
}

/// Decodes a column that must be there.
pub(super) fn required<T: DeserializeOwned>(row: &Row<'_>, place: usize) -> rusqlite::Result<T> {
    decoded(row, place)?.ok_or_else(|| unreadable("nothing is there"))
}

/// Decodes a column that may be empty.
pub(super) fn decoded<T: DeserializeOwned>(row: &Row<'_>, place: usize) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(place)?.as_str_or_null()?;
    text.map(serde_json::from_str).transpose().map_err(|error| rusqlite::Error::FromSqlConversionFailure(place, Type::Text, error.into()))
}
