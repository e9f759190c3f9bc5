//! What is not kept for ever of what is kept alike: sweeping what is past its time, erasing a person's data on request, and the
//! audit of what people did. Keys, states, times and the hashes that tell an echo stay. A body that is gone is known by its
//! own hash when it is listed again. The stock's bodies stay: they are of nobody, and a promise makes them due again.

use super::{
    changes::{code, side, state},
    column::{Column, fault},
    keeping::{Cutoffs, ERASED, ORIGINALS, RUNS, code_of},
    operation::{Outcome, number},
};
use crossdock_flow::{
    Code, Fault,
    desk::{By, Span, What},
    entity::Side,
    sync::{
        State,
        ledger::{Erasure, Noted},
    },
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

/// Most rows swept at once, as with records.
const MOST: usize = 250;

/// By which a body is known when it is gone.
pub(super) fn hash(body: &[u8]) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&Sha256::digest(body)[..16]);
    short
}

/// Removes what is past its time: originals and what attempts did. Returns how many there were of each, and whether rows
/// were looked at at all.
pub(super) fn sweep(connection: &Connection, cutoffs: &Cutoffs) -> rusqlite::Result<(u64, u64, bool)> {
    let (mut originals, mut runs) = (0, 0);
    let rows = past(connection, "0, 1, 4, 5", cutoffs.runs)?;
    for row in &rows {
        runs += connection
            .prepare_cached("UPDATE change_log SET steps = '[]', runs = NULL WHERE change = ?1 AND (steps <> '[]' OR runs IS NOT NULL)")?
            .execute([row])? as u64;
        mark(connection, *row, RUNS)?;
    }
    let bodies = past(connection, "0, 2", cutoffs.originals)?;
    for row in &bodies {
        originals += drop_body(connection, *row)?;
        mark(connection, *row, ORIGINALS)?;
    }
    Ok((originals, runs, !(rows.is_empty() && bodies.is_empty())))
}

/// Rows that ended then or earlier and of which these things are swept.
fn past(connection: &Connection, swept: &str, cutoff: Timestamp) -> rusqlite::Result<Vec<i64>> {
    connection
        .prepare_cached(&format!(
            "SELECT id FROM changes INDEXED BY change_ended WHERE swept IN ({swept}) AND settled_at <= ?1 AND state IN (3, 4) LIMIT {MOST}"
        ))?
        .query_map([Column(cutoff)], |row| row.get(0))?
        .collect()
}

fn mark(connection: &Connection, row: i64, swept: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE changes SET swept = swept | ?2 WHERE id = ?1")?.execute([row, swept]).map(drop)
}

/// Removes a row's body, and what was asked for since. Returns 1 where there was one.
fn drop_body(connection: &Connection, row: i64) -> rusqlite::Result<u64> {
    connection.prepare_cached("UPDATE change_log SET came = NULL WHERE change = ?1 AND came IS NOT NULL")?.execute([row])?;
    let body: Option<Vec<u8>> = connection
        .prepare_cached("SELECT body FROM changes WHERE id = ?1 AND kind <> 'stock' AND length(body) > 0")?
        .query_row([row], |row| row.get(0))
        .optional()?;
    let Some(body) = body else { return Ok(0) };
    connection.prepare_cached("UPDATE changes SET body = x'', hash = ?2 WHERE id = ?1")?.execute(params![row, hash(&body)])?;
    Ok(1)
}

/// Somebody or something: its id on each side, as far as it is known there.
#[derive(Clone, PartialEq, Eq)]
struct Whole {
    shop: Option<String>,
    erp: Option<String>,
}

/// A row that is meant.
struct Meant {
    row: i64,
    state: State,
    swept: i64,
}

/// Erases what is kept of somebody or something, on both sides.
pub(super) fn erase(connection: &Connection, erasure: &Erasure, by: &By) -> Outcome {
    let Erasure { kind, key, .. } = erasure;
    let mut found = Vec::new();
    for side in [Side::Shop, Side::Erp].into_iter().filter(|side| erasure.side.is_none_or(|only| only == *side)) {
        found.extend(whole(connection, kind.name(), side, key)?);
    }
    found.dedup();
    let [whole] = &found[..] else {
        let told = format!("{kind} {key} is another one on each side: say which one with --side");
        return if found.is_empty() { number(0) } else { Ok(Err(Fault::new(Code::NotNow, told))) };
    };
    let meant = connection
        .prepare_cached(
            "SELECT id, state, swept FROM changes WHERE kind = ?1 AND ((side = 'shop' AND key = ?2) OR (side = 'erp' AND key = ?3)) ORDER BY id",
        )?
        .query_map(params![kind.name(), whole.shop, whole.erp], |row| Ok(Meant { row: row.get(0)?, state: state(row, 1)?, swept: row.get(2)? }))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    if let Some(open) = meant.iter().find(|one| !is_end(one.state) && !erasure.is_forced) {
        let told = format!("{kind} {key} is {}: nothing is erased before its end; --force gives it up", open.state);
        return Ok(Err(Fault::new(Code::NotNow, told)));
    }
    connection.prepare_cached("UPDATE twins SET base = NULL WHERE kind = ?1 AND (shop = ?2 OR erp = ?3)")?.execute(params![
        kind.name(),
        whole.shop,
        whole.erp
    ])?;
    let mut erased = 0;
    for one in meant.iter().filter(|one| one.swept & ERASED == 0) {
        wipe(connection, one, by)?;
        let after = if is_end(one.state) { one.state } else { State::NoOp };
        tell(connection, one.row, What::Erased, by, (one.state, after))?;
        erased += 1;
    }
    number(erased)
}

fn is_end(state: State) -> bool {
    matches!(state, State::Settled | State::NoOp)
}

/// Who somebody is on both sides, by the id on one; nothing when nobody is known by it there.
fn whole(connection: &Connection, kind: &str, on: Side, key: &str) -> rusqlite::Result<Option<Whole>> {
    let column = side(on);
    let twin = connection
        .prepare_cached(&format!("SELECT shop, erp FROM twins WHERE kind = ?1 AND {column} = ?2"))?
        .query_row([kind, key], |row| Ok(Whole { shop: Some(row.get(0)?), erp: Some(row.get(1)?) }))
        .optional()?;
    if twin.is_some() {
        return Ok(twin);
    }
    let is_there: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM changes WHERE kind = ?1 AND side = ?2 AND key = ?3)")?
        .query_row([kind, column, key], |row| row.get(0))?;
    let id = |one: Side| (one == on).then(|| key.to_owned());
    Ok(is_there.then(|| Whole { shop: id(Side::Shop), erp: id(Side::Erp) }))
}

/// Of faults their codes stay. What waits is given up: there is nothing left to work on.
fn wipe(connection: &Connection, one: &Meant, by: &By) -> rusqlite::Result<()> {
    let reason = (!is_end(one.state)).then_some("given up: what is known of it was erased");
    let (body, told): (Vec<u8>, Option<String>) =
        connection.prepare_cached("SELECT body, fault FROM changes WHERE id = ?1")?.query_row([one.row], |row| Ok((row.get(0)?, row.get(1)?)))?;
    // One whose body was swept before has its hash already.
    let hash = (!body.is_empty()).then(|| hash(&body));
    connection
        .prepare_cached(
            "UPDATE changes SET body = x'', hash = coalesce(?2, hash), origin = '', fault = ?3, reason = ?4, due_at = NULL, released = 0, swept = ?5,
                 state = CASE WHEN state IN (3, 4) THEN state ELSE 4 END, settled_at = coalesce(settled_at, ?6)
             WHERE id = ?1",
        )?
        .execute(params![one.row, hash, code_of(told.as_deref()), reason, ORIGINALS | RUNS | ERASED, Column(by.at)])?;
    let log = connection
        .prepare_cached("SELECT number, fault FROM change_log WHERE change = ?1")?
        .query_map([one.row], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(i64, Option<String>)>>>()?;
    for (number, told) in log {
        connection
            .prepare_cached("UPDATE change_log SET steps = '[]', runs = NULL, came = NULL, fault = ?3 WHERE change = ?1 AND number = ?2")?
            .execute(params![one.row, number, code_of(told.as_deref())])?;
    }
    Ok(())
}

/// Writes down what a person did.
pub(super) fn tell(connection: &Connection, row: i64, what: What, by: &By, (before, after): (State, State)) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO change_audit (change, at, what, actor, before, after, cause) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(params![row, Column(by.at), Column(what), by.actor, code(before), code(after), by.why])
        .map(drop)
}

const LINES: &str = "SELECT c.flow, c.kind, c.side, c.key, a.at, a.actor, a.what, a.before, a.after, a.cause
     FROM change_audit a JOIN changes c ON c.id = a.change";

/// What people did to a row, oldest first.
pub(super) fn of(connection: &Connection, row: i64) -> rusqlite::Result<Vec<Noted>> {
    connection.prepare_cached(&format!("{LINES} WHERE a.change = ?1 ORDER BY a.id"))?.query_map([row], noted)?.collect()
}

/// What people did in a span of time, oldest first.
pub(super) fn page(connection: &mut Connection, span: &Span, skip: usize, most: usize) -> Result<Vec<Noted>, Fault> {
    let micros = |at: Option<Timestamp>, otherwise: i64| at.map_or(otherwise, Timestamp::as_microsecond);
    let limit = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let values = params![span.order, micros(span.since, i64::MIN), micros(span.until, i64::MAX), limit(most), limit(skip)];
    let sql = format!("{LINES} WHERE (?1 IS NULL OR c.key = ?1) AND a.at >= ?2 AND a.at < ?3 ORDER BY a.at, a.id LIMIT ?4 OFFSET ?5");
    let rows = connection.prepare_cached(&sql).and_then(|mut query| query.query_map(values, noted)?.collect());
    rows.map_err(|error| fault("read the audit", error))
}

fn noted(row: &Row<'_>) -> rusqlite::Result<Noted> {
    Ok(Noted {
        flow: row.get(0)?,
        kind: super::changes::kind(row, 1)?,
        side: super::changes::side_of(row, 2)?,
        key: row.get(3)?,
        at: row.get::<_, Column<_>>(4)?.0,
        actor: row.get(5)?,
        what: row.get::<_, Column<_>>(6)?.0,
        from: state(row, 7)?,
        to: state(row, 8)?,
        cause: row.get(9)?,
    })
}
