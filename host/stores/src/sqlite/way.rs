//! The way of an order through the store: accepted, begun, settled; and what may happen to it on that way.

use super::{
    audit::{self, HOST, Line},
    column::{Column, attempt_id, is_end},
    operation::{Done, Outcome, Plan, Tally, json, number, relane, standing},
    promises, rules,
};
use crossdock_flow::{
    Code, Fault,
    desk::{What, not_now},
    record::{Accepted, Event, Part, RecordId, Settlement, State},
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// Stores an event with its packed body, or finds it as a duplicate.
pub(super) fn accept(
    connection: &Connection,
    tally: &mut Tally,
    event: &Event,
    body: &[u8],
    body_hash: &[u8; 16],
    unreadable: Option<&str>,
) -> Outcome {
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
            "INSERT INTO records (connection, event_id, body_hash, kind, order_key, version, received_at, state, due_at, fault, blocked,
                 doubtful)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, EXISTS (SELECT 1 FROM records WHERE order_key = ?5 AND state IN (0, 1)),
                 ?11 OR EXISTS (SELECT 1 FROM doubt WHERE until > ?7))
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
            unreadable,
            event.doubtful
        ])?;
    if new == 0 {
        tally.dropped();
        let there = connection
            .prepare_cached(
                "SELECT id FROM records WHERE connection = ?1 AND event_id = ?2 UNION ALL
                 SELECT id FROM records WHERE connection = ?1 AND body_hash = ?3 LIMIT 1",
            )?
            .query_row(params![way, event.id, body_hash], |row| row.get(0))?;
        return Ok(Ok(Done::Accepted(Accepted::Duplicate(there))));
    }
    let record = connection.last_insert_rowid();
    connection.prepare_cached("INSERT INTO bodies (record, body, packed) VALUES (?1, x'', ?2)")?.execute(params![record, body])?;
    tally.moved(None, Some(state));
    if let Some(fault) = &event.unreadable {
        let line =
            Line { what: What::Accepted, at: event.received_at, actor: &event.connection, before: None, after: state, cause: &fault.to_string() };
        audit::tell(connection, record, line)?;
    }
    Ok(Ok(Done::Accepted(Accepted::New(record))))
}

/// Writes down that documents are about to be sent.
pub(super) fn begin(connection: &Connection, tally: &mut Tally, record: RecordId, plan: &Plan) -> Outcome {
    let id = match attempt_id(record, plan.number) {
        Ok(id) => id,
        Err(fault) => return Ok(Err(fault)),
    };
    let Some(before) = standing(connection, record)? else { return Ok(Err(missing(record))) };
    if let Err(fault) = before.must_wait(record) {
        return Ok(Err(fault));
    }
    if plan.edit != before.edits {
        return Ok(Err(not_now(record, "was corrected meanwhile: it runs again with the copy")));
    }
    let at = plan.begun_at.unwrap_or(plan.started_at);
    // Seen first, written last: whatever fails must fail before anything is written.
    let made = match plan.promise.as_ref().map(|promise| promises::make(connection, &before.order, promise, at)).transpose()?.transpose() {
        Ok(made) => made,
        Err(fault) => return Ok(Err(fault)),
    };
    if let Err(fault) = rules::keep(connection, id, &plan.kept)? {
        return Ok(Err(fault));
    }
    if let Some(Err(fault)) = made.map(|made| promises::keep(connection, &before.order, &made, at)).transpose()? {
        return Ok(Err(fault));
    }
    let plain = before.told == 0 && !before.begun && before.state == State::Due;
    let (worth, currency) = plan.worth.as_ref().map(|(worth, currency)| (worth, *currency)).unzip();
    connection
        .prepare_cached(
            "UPDATE records SET state = 1, due_at = coalesce(due_at, ?2), attempts = ?3, worth = coalesce(?4, worth), currency = coalesce(?5, currency),
                 begun_at = coalesce(begun_at, ?6)
             WHERE id = ?1",
        )?
        .execute(params![record, Column(plan.started_at), plan.number, worth, currency, plain.then_some(Column(at))])?;
    tally.moved(Some(before.state), Some(State::Sending));
    keep_plan(connection, id, &plan.packed)?;
    keep_parts(connection, record, &plan.parts)?;
    if !plain {
        audit::tell(connection, record, Line { what: What::Begun, at, actor: HOST, before: Some(before.state), after: State::Sending, cause: "" })?;
    }
    if before.state != State::Due {
        relane(connection, &before.order)?;
    }
    Ok(Ok(Done::Written))
}

/// Writes down how it ended.
pub(super) fn settle(
    connection: &Connection,
    tally: &mut Tally,
    record: RecordId,
    plan: Option<&Plan>,
    settlement: &Settlement,
    fault: Option<&str>,
) -> Outcome {
    let Some(before) = standing(connection, record)? else { return Ok(Err(missing(record))) };
    if let Err(fault) = before.must_wait(record) {
        return Ok(Err(fault));
    }
    let number = plan.map_or(before.attempts, |plan| plan.number);
    let id = match attempt_id(record, number) {
        Ok(id) => id,
        Err(fault) => return Ok(Err(fault)),
    };
    let Settlement { state, at, .. } = *settlement;
    let due_at = match state {
        // Never without a time: it would wait for ever.
        State::Due | State::Sending => Some(settlement.due_at.unwrap_or(at)),
        State::Held => settlement.due_at,
        _ => None,
    };
    let plain = before.told == 0 && before.begun && before.state == State::Sending && state == State::Delivered;
    let (worth, currency) = plan.and_then(|plan| plan.worth.as_ref()).map(|(worth, currency)| (worth, *currency)).unzip();
    connection
        .prepare_cached(
            "UPDATE records SET state = ?2, due_at = ?3, tries = ?4, fault = ?5, reason = ?6, attempts = ?7,
                 worth = coalesce(?8, worth), currency = coalesce(?9, currency), ended_at = ?10, delivered_at = coalesce(delivered_at, ?11)
             WHERE id = ?1",
        )?
        .execute(params![
            record,
            Column(state),
            due_at.map(Column),
            settlement.tries,
            fault,
            settlement.reason,
            number,
            worth,
            currency,
            is_end(state).then_some(Column(at)),
            plain.then_some(Column(at))
        ])?;
    tally.moved(Some(before.state), Some(state));
    if let Some(plan) = plan {
        keep_plan(connection, id, &plan.packed)?;
    }
    // One that was neither begun nor is brought along now was no attempt: the last one keeps its own end.
    if plan.is_some() || before.state == State::Sending {
        keep_end(connection, id, settlement, fault)?;
    }
    keep_parts(connection, record, &settlement.parts)?;
    if !plain {
        let cause = settlement.fault.as_ref().map(Fault::to_string).or_else(|| settlement.reason.clone()).unwrap_or_default();
        audit::tell(connection, record, Line { what: What::Ended, at, actor: HOST, before: Some(before.state), after: state, cause: &cause })?;
    }
    for other in &settlement.supersedes {
        supersede(connection, tally, record, &before.order, *other, at)?;
    }
    if !settlement.counted.is_empty()
        && let Err(fault) = promises::counted(connection, &before.order, &settlement.counted, at)?
    {
        tracing::error!(order = before.order, %fault, "what was promised to it stays promised");
    }
    if settlement.releases
        && let Err(fault) = promises::release(connection, &before.order, at)?
    {
        tracing::error!(order = before.order, %fault, "what was promised to it stays promised");
    }
    for quarantined in &settlement.quarantined {
        rules::quarantine(connection, quarantined)?;
    }
    relane(connection, &before.order)?;
    Ok(Ok(Done::Written))
}

fn supersede(connection: &Connection, tally: &mut Tally, by: RecordId, order: &str, other: RecordId, at: Timestamp) -> rusqlite::Result<()> {
    let Some(before) = standing(connection, other)?.filter(|before| other != by && before.order == order) else {
        tracing::warn!(record = by, other, "a record can only supersede others of its order");
        return Ok(());
    };
    let (after, cause) = (State::Superseded, format!("superseded by record {by}"));
    connection.prepare_cached("UPDATE records SET state = ?2, due_at = NULL, reason = ?3, ended_at = ?4 WHERE id = ?1")?.execute(params![
        other,
        Column(after),
        cause,
        Column(at)
    ])?;
    tally.moved(Some(before.state), Some(after));
    audit::tell(connection, other, Line { what: What::Superseded, at, actor: HOST, before: Some(before.state), after, cause: &cause })
}

/// Parks a record that cannot be read, and touches nothing else of it: its documents may be in the ERP.
pub(super) fn park(connection: &Connection, tally: &mut Tally, record: RecordId, fault: &Fault, at: Timestamp) -> Outcome {
    let Some(before) = standing(connection, record)? else { return Ok(Err(missing(record))) };
    let json = match json(fault) {
        Ok(json) => json,
        Err(fault) => return Ok(Err(fault)),
    };
    let after = State::Parked;
    connection.prepare_cached("UPDATE records SET state = 4, due_at = NULL, fault = ?2 WHERE id = ?1")?.execute(params![record, json])?;
    tally.moved(Some(before.state), Some(after));
    let line = Line { what: What::Damaged, at, actor: HOST, before: Some(before.state), after, cause: &fault.to_string() };
    audit::tell(connection, record, line)?;
    relane(connection, &before.order)?;
    Ok(Ok(Done::Written))
}

/// Makes due what is due later. Which record blocks which is a matter of their order, not of their times: it stays.
pub(super) fn bring_forward(connection: &Connection, latest: Timestamp) -> Outcome {
    let mut changed = 0;
    // One statement for each index: together they know every record that has a time.
    for blocked in ["0", "1"] {
        changed += connection
            .prepare_cached(&format!("UPDATE records SET due_at = ?1 WHERE due_at IS NOT NULL AND blocked = {blocked} AND due_at > ?1"))?
            .execute([Column(latest)])?;
    }
    number(changed)
}

fn keep_plan(connection: &Connection, id: i64, packed: &[u8]) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO attempts (id, plan, packed) VALUES (?1, '', ?2) ON CONFLICT DO UPDATE SET plan = '', packed = excluded.packed")?
        .execute(params![id, packed])?;
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

/// Keeps the documents of a record instead of those that were kept before. Mostly they are the same ones, and what is new
/// is that the ERP gave them numbers.
fn keep_parts(connection: &Connection, record: RecordId, parts: &[Part]) -> rusqlite::Result<()> {
    let before = connection
        .prepare_cached("SELECT part FROM parts WHERE record = ?1 ORDER BY part")?
        .query_map([record], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<u32>>>()?;
    let same = parts.iter().map(|part| part.part).eq(before.iter().copied());
    if !same && !before.is_empty() {
        connection.prepare_cached("DELETE FROM parts WHERE record = ?1")?.execute([record])?;
    }
    let mut keep = connection.prepare_cached(if same {
        "UPDATE parts SET key = ?3, warehouse = ?4, total = ?5, number = ?6 WHERE record = ?1 AND part = ?2"
    } else {
        "INSERT INTO parts (record, part, key, warehouse, total, number) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    })?;
    for part in parts {
        keep.execute(params![record, part.part, part.key, part.warehouse, part.total.to_string(), part.number])?;
    }
    Ok(())
}

fn missing(record: RecordId) -> Fault {
    Fault::new(Code::Internal, format!("there is no record {record} in the store"))
}
