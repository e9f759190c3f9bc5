//! What can be written, each operation as its SQL. An operation runs inside the writer's transaction and may run again
//! when a neighbour breaks that transaction; it fails as a whole only by the disk.

use super::{
    column::{Column, attempt_id, code},
    rules,
};
use crossdock_flow::{
    Code, Fault,
    capability::Kept,
    record::{Accepted, Attempt, Event, Part, RecordId, Settlement, State},
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// One thing to write down. Made by the caller with everything encoded, so that the writer's thread only writes.
pub(super) enum Operation {
    Accept { event: Event, body_hash: [u8; 16], unreadable: Option<String> },
    Begin { record: RecordId, plan: Plan },
    Settle { record: RecordId, plan: Option<Plan>, settlement: Box<Settlement>, fault: Option<String> },
    Park { record: RecordId, fault: String },
    Retry { order: String, now: Timestamp },
    Release { plugin: String, now: Timestamp },
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Done {
    Accepted(Accepted),
    Written,
    Retried(usize),
    Released(usize),
}

/// An attempt, encoded.
pub(super) struct Plan {
    number: u32,
    started_at: Timestamp,
    worth: Option<(String, &'static str)>,
    json: String,
    parts: Vec<Part>,
    kept: Kept,
}

impl Plan {
    /// Encodes an attempt. Fails with E699 when it cannot be.
    pub(super) fn of(attempt: &Attempt) -> Result<Plan, Fault> {
        let parts = attempt.documents.iter().map(|document| Part {
            part: document.part,
            key: document.key.clone(),
            warehouse: document.warehouse.clone(),
            total: document.total,
            number: None,
        });
        Ok(Plan {
            number: attempt.number,
            started_at: attempt.started_at,
            worth: attempt.worth.map(|(worth, currency)| (worth.to_string(), currency.code())),
            json: json(attempt)?,
            parts: parts.collect(),
            kept: Kept::of(&attempt.runs),
        })
    }
}

/// Encodes as JSON. Fails with E699.
pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::new(Code::Internal, format!("cannot encode for the store: {error}")))
}

/// How the numbers in `counts` change in one transaction: by state, then duplicates.
#[derive(Default)]
pub(super) struct Tally([i64; 9]);

/// The place of the duplicates in `counts`.
pub(super) const DUPLICATES: usize = 8;

impl Tally {
    fn moved(&mut self, from: Option<State>, to: State) {
        if let Some(from) = from {
            self.0[code(from)] -= 1;
        }
        self.0[code(to)] += 1;
    }

    /// Writes the changes, one small page per transaction.
    pub(super) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut update = connection.prepare_cached("UPDATE counts SET n = n + ?2 WHERE what = ?1")?;
        for (what, n) in (0i64..).zip(self.0) {
            if n != 0 {
                update.execute([what, n])?;
            }
        }
        Ok(())
    }
}

type Outcome = rusqlite::Result<Result<Done, Fault>>;

impl Operation {
    /// Writes it. The outer error breaks the transaction, the inner one is this operation's alone.
    pub(super) fn apply(&self, connection: &Connection, tally: &mut Tally) -> Outcome {
        match self {
            Operation::Accept { event, body_hash, unreadable } => accept(connection, tally, event, body_hash, unreadable.as_deref()),
            Operation::Begin { record, plan } => begin(connection, tally, *record, plan),
            Operation::Settle { record, plan, settlement, fault } => settle(connection, tally, *record, plan.as_ref(), settlement, fault.as_deref()),
            Operation::Park { record, fault } => park(connection, tally, *record, fault),
            Operation::Retry { order, now } => retry(connection, tally, order, *now),
            Operation::Release { plugin, now } => rules::release(connection, plugin, *now).map(|released| Ok(Done::Released(released))),
        }
    }
}

fn accept(connection: &Connection, tally: &mut Tally, event: &Event, body_hash: &[u8; 16], unreadable: Option<&str>) -> Outcome {
    let way = match connection
        .prepare_cached("SELECT id FROM connections WHERE name = ?1")?
        .query_row([&*event.connection], |row| row.get::<_, i64>(0))
        .optional()?
    {
        Some(way) => way,
        None => connection.prepare_cached("INSERT INTO connections (name) VALUES (?1)")?.insert([&*event.connection])?,
    };
    let (state, due_at) = match unreadable {
        Some(_) => (State::Parked, None),
        None => (State::Due, Some(Column(event.received_at))),
    };
    let new = connection
        .prepare_cached(
            "INSERT INTO records (connection, event_id, body_hash, kind, order_key, version, received_at, state, due_at, fault, blocked)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, EXISTS (SELECT 1 FROM records WHERE order_key = ?5 AND state IN (0, 1)))
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            way,
            event.id,
            body_hash,
            Column(event.kind),
            event.order,
            event.version,
            Column(event.received_at),
            Column(state),
            due_at,
            unreadable
        ])?;
    if new == 0 {
        tally.0[DUPLICATES] += 1;
        let there = connection
            .prepare_cached(
                "SELECT id FROM records WHERE connection = ?1 AND event_id = ?2 UNION ALL
                 SELECT id FROM records WHERE connection = ?1 AND body_hash = ?3 LIMIT 1",
            )?
            .query_row(params![way, event.id, body_hash], |row| row.get(0))?;
        return Ok(Ok(Done::Accepted(Accepted::Duplicate(there))));
    }
    let record = connection.last_insert_rowid();
    connection.prepare_cached("INSERT INTO bodies (record, body) VALUES (?1, ?2)")?.execute(params![record, event.body])?;
    tally.moved(None, state);
    Ok(Ok(Done::Accepted(Accepted::New(record))))
}

fn begin(connection: &Connection, tally: &mut Tally, record: RecordId, plan: &Plan) -> Outcome {
    let id = match attempt_id(record, plan.number) {
        Ok(id) => id,
        Err(fault) => return Ok(Err(fault)),
    };
    let Some(before) = standing(connection, record)? else { return Ok(Err(missing(record))) };
    if let Err(fault) = rules::keep(connection, id, &plan.kept)? {
        return Ok(Err(fault));
    }
    let (worth, currency) = plan.worth.as_ref().map(|(worth, currency)| (worth, *currency)).unzip();
    connection
        .prepare_cached(
            "UPDATE records SET state = 1, due_at = coalesce(due_at, ?2), attempts = ?3, worth = coalesce(?4, worth), currency = coalesce(?5, currency)
             WHERE id = ?1",
        )?
        .execute(params![record, Column(plan.started_at), plan.number, worth, currency])?;
    tally.moved(Some(before.state), State::Sending);
    keep_plan(connection, id, plan)?;
    keep_parts(connection, record, &plan.parts)?;
    if before.state != State::Due {
        relane(connection, &before.order)?;
    }
    Ok(Ok(Done::Written))
}

fn settle(
    connection: &Connection,
    tally: &mut Tally,
    record: RecordId,
    plan: Option<&Plan>,
    settlement: &Settlement,
    fault: Option<&str>,
) -> Outcome {
    let Some(before) = standing(connection, record)? else { return Ok(Err(missing(record))) };
    let number = plan.map_or(before.attempts, |plan| plan.number);
    let id = match attempt_id(record, number) {
        Ok(id) => id,
        Err(fault) => return Ok(Err(fault)),
    };
    let due_at = match settlement.state {
        // Never without a time: it would wait for ever.
        State::Due | State::Sending => Some(settlement.due_at.unwrap_or(settlement.at)),
        State::Held => settlement.due_at,
        _ => None,
    };
    let (worth, currency) = plan.and_then(|plan| plan.worth.as_ref()).map(|(worth, currency)| (worth, *currency)).unzip();
    connection
        .prepare_cached(
            "UPDATE records SET state = ?2, due_at = ?3, tries = ?4, fault = ?5, reason = ?6, attempts = ?7,
                 worth = coalesce(?8, worth), currency = coalesce(?9, currency)
             WHERE id = ?1",
        )?
        .execute(params![
            record,
            Column(settlement.state),
            due_at.map(Column),
            settlement.tries,
            fault,
            settlement.reason,
            number,
            worth,
            currency
        ])?;
    tally.moved(Some(before.state), settlement.state);
    if let Some(plan) = plan {
        keep_plan(connection, id, plan)?;
    }
    // One that was neither begun nor is brought along now was no attempt: the last one keeps its own end.
    if plan.is_some() || before.state == State::Sending {
        keep_end(connection, id, settlement, fault)?;
    }
    keep_parts(connection, record, &settlement.parts)?;
    for other in &settlement.supersedes {
        supersede(connection, tally, record, &before.order, *other)?;
    }
    for quarantined in &settlement.quarantined {
        rules::quarantine(connection, quarantined)?;
    }
    relane(connection, &before.order)?;
    Ok(Ok(Done::Written))
}

fn supersede(connection: &Connection, tally: &mut Tally, by: RecordId, order: &str, other: RecordId) -> rusqlite::Result<()> {
    let Some(before) = standing(connection, other)?.filter(|before| other != by && before.order == order) else {
        tracing::warn!(record = by, other, "a record can only supersede others of its order");
        return Ok(());
    };
    connection.prepare_cached("UPDATE records SET state = ?2, due_at = NULL, reason = ?3 WHERE id = ?1")?.execute(params![
        other,
        Column(State::Superseded),
        format!("superseded by record {by}")
    ])?;
    tally.moved(Some(before.state), State::Superseded);
    Ok(())
}

/// Parks a record that cannot be read, and touches nothing else of it: its documents may be in the ERP.
fn park(connection: &Connection, tally: &mut Tally, record: RecordId, fault: &str) -> Outcome {
    let Some(before) = standing(connection, record)? else { return Ok(Err(missing(record))) };
    connection.prepare_cached("UPDATE records SET state = 4, due_at = NULL, fault = ?2 WHERE id = ?1")?.execute(params![record, fault])?;
    tally.moved(Some(before.state), State::Parked);
    relane(connection, &before.order)?;
    Ok(Ok(Done::Written))
}

fn retry(connection: &Connection, tally: &mut Tally, order: &str, now: Timestamp) -> Outcome {
    let stopped = connection
        .prepare_cached("SELECT id, state, EXISTS (SELECT 1 FROM parts WHERE record = id) FROM records WHERE order_key = ?1 AND state IN (3, 4, 5)")?
        .query_map([order], |row| Ok((row.get(0)?, row.get::<_, Column<State>>(1)?.0, row.get(2)?)))?
        .collect::<rusqlite::Result<Vec<(RecordId, State, bool)>>>()?;
    for (record, before, documents) in &stopped {
        let state = if *documents { State::Sending } else { State::Due };
        connection
            .prepare_cached("UPDATE records SET state = ?2, due_at = ?3, tries = 0, released = released OR ?4 WHERE id = ?1")?
            .execute(params![record, Column(state), Column(now), *before == State::Held])?;
        tally.moved(Some(*before), state);
    }
    relane(connection, order)?;
    Ok(Ok(Done::Retried(stopped.len())))
}

/// Where a record stands before it is changed.
struct Standing {
    order: String,
    state: State,
    attempts: u32,
}

fn standing(connection: &Connection, record: RecordId) -> rusqlite::Result<Option<Standing>> {
    connection
        .prepare_cached("SELECT order_key, state, attempts FROM records WHERE id = ?1")?
        .query_row([record], |row| Ok(Standing { order: row.get(0)?, state: row.get::<_, Column<State>>(1)?.0, attempts: row.get(2)? }))
        .optional()
}

/// Says anew which records of an order an earlier one blocks. Called whenever one of them changes its state.
fn relane(connection: &Connection, order: &str) -> rusqlite::Result<()> {
    let mut query = connection.prepare_cached("SELECT id, state, blocked FROM records WHERE order_key = ?1 AND due_at IS NOT NULL ORDER BY id")?;
    let mut rows = query.query([order])?;
    let (mut open, mut wrong) = (false, Vec::new());
    while let Some(row) = rows.next()? {
        if row.get::<_, bool>(2)? != open {
            wrong.push((row.get::<_, RecordId>(0)?, open));
        }
        open |= matches!(row.get::<_, Column<State>>(1)?.0, State::Due | State::Sending);
    }
    for (record, blocked) in wrong {
        connection.prepare_cached("UPDATE records SET blocked = ?2 WHERE id = ?1")?.execute(params![record, blocked])?;
    }
    Ok(())
}

fn keep_plan(connection: &Connection, id: i64, plan: &Plan) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO attempts (id, plan) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET plan = excluded.plan")?
        .execute(params![id, plan.json])?;
    Ok(())
}

/// Keeps how an attempt ended. One that is taken up again ends again: the steps of before stay.
fn keep_end(connection: &Connection, id: i64, settlement: &Settlement, fault: Option<&str>) -> rusqlite::Result<()> {
    let before: Option<Option<Column<serde_json::Value>>> =
        connection.prepare_cached("SELECT steps FROM ends WHERE id = ?1")?.query_row([id], |row| row.get(0)).optional()?;
    let mut steps = match before.flatten() {
        Some(Column(serde_json::Value::Array(steps))) => steps,
        _ => Vec::new(),
    };
    steps.extend(settlement.steps.iter().cloned().map(serde_json::Value::String));
    let steps = (!steps.is_empty()).then(|| serde_json::Value::Array(steps).to_string());
    connection
        .prepare_cached("INSERT OR REPLACE INTO ends (id, at, state, fault, reason, steps) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![id, Column(settlement.at), Column(settlement.state), fault, settlement.reason, steps])?;
    Ok(())
}

/// Keeps the documents of a record instead of those that were kept before.
fn keep_parts(connection: &Connection, record: RecordId, parts: &[Part]) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM parts WHERE record = ?1")?.execute([record])?;
    let mut insert = connection.prepare_cached("INSERT INTO parts (record, part, key, warehouse, total, number) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for part in parts {
        insert.execute(params![record, part.part, part.key, part.warehouse, part.total.to_string(), part.number])?;
    }
    Ok(())
}

fn missing(record: RecordId) -> Fault {
    Fault::new(Code::Internal, format!("there is no record {record} in the store"))
}
