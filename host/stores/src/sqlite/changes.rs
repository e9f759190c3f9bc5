//! The SQL of what is kept alike: changes that wait, their log, and who is whom.

use super::{
    column::{Column, fault},
    erasure,
    keeping::ERASED,
    operation::{Done, Outcome, json, number},
    rules,
};
use crossdock_flow::{
    Code, Fault,
    desk::{By, What},
    entity::{
        Side,
        echo::{Entity, Kind},
    },
    sync::{
        State,
        ledger::{Arrival, Attempted, Claimed, Counts, KEPT, Original, Row, Settled, Story, Twin, Which},
        peer::News,
    },
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, ToSql, params, types::Value};
use std::collections::HashSet;

const STATES: [State; 5] = [State::Due, State::Sending, State::Parked, State::Settled, State::NoOp];

pub(super) fn code(state: State) -> i64 {
    STATES.iter().position(|known| *known == state).and_then(|place| i64::try_from(place).ok()).unwrap_or_default()
}

pub(super) fn state(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<State> {
    let code: i64 = row.get(column)?;
    usize::try_from(code).ok().and_then(|place| STATES.get(place)).copied().ok_or(rusqlite::Error::IntegralValueOutOfRange(column, code))
}

pub(super) fn side(side: Side) -> &'static str {
    match side {
        Side::Shop => "shop",
        Side::Erp => "erp",
    }
}

fn cursor_name(flow: &str) -> String {
    // A connection's name has no colon in front, so none is overwritten.
    format!(":sync:{flow}")
}

/// Writes what is news; then the cursor.
pub(super) fn take_in(connection: &Connection, arrivals: &[Arrival], cursor: Option<&(String, Timestamp)>) -> Outcome {
    let mut taken = 0;
    for Arrival { flow, kind, side: from, news, received_at } in arrivals {
        // An attempt that is under way keeps `sending`: what it leaves behind is looked up by the next one anyway.
        taken += connection
            .prepare_cached(
                "INSERT INTO changes (flow, kind, side, key, version, changed_at, origin, body, hash, state, due_at, received_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?10, 0, ?9, ?9)
                 ON CONFLICT (flow, key) DO UPDATE SET version = excluded.version, changed_at = excluded.changed_at, origin = excluded.origin,
                     body = excluded.body, hash = excluded.hash, state = CASE state WHEN 1 THEN 1 ELSE 0 END, due_at = excluded.due_at, tries = 0,
                     fault = NULL, reason = NULL, received_at = excluded.received_at, settled_at = NULL, swept = 0, released = 0
                 WHERE excluded.version > version
                     OR (excluded.version = version AND CASE WHEN hash IS NULL THEN excluded.body <> body ELSE excluded.hash <> hash END)",
            )?
            .execute(params![
                flow,
                kind.name(),
                side(*from),
                news.key,
                news.version,
                Column(news.changed_at),
                news.origin,
                news.body,
                Column(*received_at),
                erasure::hash(&news.body)
            ])?;
    }
    if let Some((flow, at)) = cursor {
        connection
            .prepare_cached("INSERT INTO cursors (connection, at) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET at = excluded.at")?
            .execute(params![cursor_name(flow), Column(*at)])?;
    }
    number(taken)
}

/// How far a flow has asked.
pub(super) fn asked(connection: &mut Connection, flow: &str) -> Result<Option<Timestamp>, Fault> {
    super::notes::cursor(connection, &cursor_name(flow))
}

/// What is due and not out.
pub(super) fn due(connection: &mut Connection, out: &HashSet<i64>, now: Timestamp, most: usize) -> Result<Vec<Claimed>, Fault> {
    let cannot = |error| fault("hand out changes", error);
    let mut query = connection.prepare_cached(&format!("{CLAIMED} WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at")).map_err(cannot)?;
    let mut rows = query.query([Column(now)]).map_err(cannot)?;
    let mut claimed = Vec::new();
    while let Some(row) = rows.next().map_err(cannot)? {
        if claimed.len() >= most {
            break;
        }
        let id = row.get(0).map_err(cannot)?;
        if !out.contains(&id) {
            claimed.push(read_claimed(id, row).map_err(cannot)?);
        }
    }
    Ok(claimed)
}

/// The latest of a choice as it came, with its body.
pub(super) fn latest(connection: &mut Connection, which: &Which) -> Result<Option<Arrival>, Fault> {
    let (words, values) = choose(which);
    let sql = format!("{CLAIMED}{words} ORDER BY received_at DESC, id DESC LIMIT 1");
    let values: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
    let read = |row: &rusqlite::Row<'_>| read_claimed(row.get(0)?, row);
    let found = connection.query_row(&sql, &values[..], read).optional().map_err(|error| fault("read a change", error))?;
    Ok(found.map(|claimed| claimed.arrival))
}

/// What [`read_claimed`] reads.
const CLAIMED: &str = "SELECT id, flow, kind, side, key, version, changed_at, origin, body, received_at, attempts, tries, state, partner, released
    FROM changes";

fn read_claimed(id: i64, row: &rusqlite::Row<'_>) -> rusqlite::Result<Claimed> {
    let news = News { key: row.get(4)?, version: row.get(5)?, changed_at: row.get::<_, Column<_>>(6)?.0, origin: row.get(7)?, body: row.get(8)? };
    let arrival = Arrival { flow: row.get(1)?, kind: kind(row, 2)?, side: side_of(row, 3)?, news, received_at: row.get::<_, Column<_>>(9)?.0 };
    let doubtful = state(row, 12)? == State::Sending;
    Ok(Claimed { row: id, arrival, attempts: row.get(10)?, tries: row.get(11)?, doubtful, partner: row.get(13)?, released: row.get(14)? })
}

pub(super) fn side_of(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Side> {
    Ok(if row.get_ref(column)?.as_str()? == "shop" { Side::Shop } else { Side::Erp })
}

pub(super) fn kind(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Kind> {
    row.get_ref(column)?.as_str()?.parse().map_err(|()| rusqlite::Error::InvalidColumnType(column, "kind".into(), rusqlite::types::Type::Text))
}

/// Both sides of an entity.
pub(super) fn twin(connection: &mut Connection, entity: &Entity) -> Result<Option<Twin>, Fault> {
    let sql = match entity.side {
        Side::Shop => "SELECT shop, erp, base, echo FROM twins WHERE kind = ?1 AND shop = ?2",
        Side::Erp => "SELECT shop, erp, base, echo FROM twins WHERE kind = ?1 AND erp = ?2",
    };
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Twin { shop: row.get(0)?, erp: row.get(1)?, base: super::read::decoded(row, 2)?, echo: super::read::required(row, 3)? })
    };
    connection
        .prepare_cached(sql)
        .and_then(|mut query| query.query_row([entity.kind.name(), &entity.id], read).optional())
        .map_err(|error| fault("read who is whom", error))
}

/// Says that a row is about to be written to the other side.
pub(super) fn begin(connection: &Connection, row: i64, kind: Kind, twin: Option<&Twin>) -> Outcome {
    let begun = connection
        .prepare_cached("UPDATE changes SET state = 1, attempts = attempts + 1 WHERE id = ?1 AND swept & ?2 = 0")?
        .execute([row, ERASED])?;
    if begun == 0 {
        return Ok(Err(Fault::new(Code::NotNow, format!("change {row} was erased meanwhile: it is not written"))));
    }
    if let Some(Err(fault)) = twin.map(|twin| write_twin(connection, kind, twin)).transpose()? {
        return Ok(Err(fault));
    }
    Ok(Ok(Done::Written))
}

fn write_twin(connection: &Connection, kind: Kind, twin: &Twin) -> rusqlite::Result<Result<(), Fault>> {
    let (base, echo) = match twin.base.as_ref().map(json).transpose().and_then(|base| Ok((base, json(&twin.echo)?))) {
        Ok(encoded) => encoded,
        Err(fault) => return Ok(Err(fault)),
    };
    // Whoever was paired otherwise before is not any more: on each side one entity is one of two.
    connection.prepare_cached("DELETE FROM twins WHERE kind = ?1 AND erp = ?3 AND shop <> ?2")?.execute(params![kind.name(), twin.shop, twin.erp])?;
    connection
        .prepare_cached(
            "INSERT INTO twins (kind, shop, erp, base, echo) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (kind, shop) DO UPDATE SET erp = excluded.erp, base = excluded.base, echo = excluded.echo",
        )?
        .execute(params![kind.name(), twin.shop, twin.erp, base, echo])?;
    Ok(Ok(()))
}

/// Writes down how an attempt ended.
pub(super) fn settle(connection: &Connection, row: i64, kind: Kind, settled: &Settled) -> Outcome {
    let standing = connection
        .prepare_cached("SELECT version, state, attempts, swept FROM changes WHERE id = ?1")?
        .query_row([row], |row| Ok((row.get::<_, i64>(0)?, state(row, 1)?, row.get::<_, u32>(2)?, row.get::<_, i64>(3)?)))
        .optional()?;
    let Some((version, before, attempts, swept)) = standing else {
        return Ok(Err(Fault::new(Code::NotNow, format!("there is no change {row}"))));
    };
    let bare;
    let settled = if swept & ERASED == 0 {
        settled
    } else {
        // Erased while it was worked on: where it stands is all that may be written down.
        bare = without_words(settled);
        &bare
    };
    let runs = settled.ruled.as_ref().map(|ruled| json(&ruled.runs)).transpose();
    let encoded = settled.fault.as_ref().map(json).transpose().and_then(|fault| Ok((fault, json(&settled.steps)?, runs?)));
    let (fault, steps, runs) = match encoded {
        Ok(encoded) => encoded,
        Err(fault) => return Ok(Err(fault)),
    };
    // An attempt that was begun is counted already.
    let attempt = if before == State::Sending { attempts } else { attempts + 1 };
    let is_end = !matches!(settled.state, State::Due | State::Sending);
    if version == settled.version {
        connection
            .prepare_cached(
                "UPDATE changes SET state = ?2, due_at = ?3, tries = ?4, fault = ?5, reason = ?6, partner = coalesce(?7, partner),
                     attempts = ?8, settled_at = ?9, swept = swept & ~2 WHERE id = ?1",
            )?
            .execute(params![
                row,
                code(settled.state),
                settled.due_at.map(Column),
                settled.tries,
                fault,
                settled.reason,
                settled.partner,
                attempt,
                is_end.then_some(Column(settled.at))
            ])?;
    } else {
        // A newer one came meanwhile: its turn is now.
        let still = if is_end { State::Due } else { settled.state };
        connection
            .prepare_cached("UPDATE changes SET state = ?2, due_at = ?3, partner = coalesce(?4, partner), attempts = ?5 WHERE id = ?1")?
            .execute(params![row, code(still), Column(settled.due_at.unwrap_or(settled.at)), settled.partner, attempt])?;
    }
    let took = settled.at.as_microsecond() - settled.started_at.as_microsecond();
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO change_log (change, number, version, started_at, took, state, fault, steps, runs, came)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            row,
            attempt,
            settled.version,
            Column(settled.started_at),
            took,
            code(settled.state),
            fault,
            steps,
            runs,
            settled.ruled.as_ref().and_then(|ruled| ruled.came.as_deref())
        ])?;
    connection.prepare_cached("DELETE FROM change_log WHERE change = ?1 AND number <= ?2 - ?3")?.execute(params![row, attempt, KEPT])?;
    for quarantined in &settled.quarantined {
        rules::quarantine(connection, quarantined)?;
    }
    if let Some(Err(fault)) = settled
        .twin
        .as_ref()
        .filter(|twin| !twin.shop.is_empty() && !twin.erp.is_empty())
        .map(|twin| write_twin(connection, kind, twin))
        .transpose()?
    {
        return Ok(Err(fault));
    }
    Ok(Ok(Done::Written))
}

/// The end of an attempt on something that was erased meanwhile: it cannot come again, because nothing of it is left.
fn without_words(settled: &Settled) -> Settled {
    let state = if settled.state == State::Settled { State::Settled } else { State::NoOp };
    let fault = settled.fault.as_ref().map(|fault| Fault::new(fault.code, "erased"));
    let twin = settled.twin.clone().map(|twin| Twin { base: None, ..twin });
    Settled { state, due_at: None, fault, reason: None, twin, steps: Vec::new(), ruled: None, ..settled.clone() }
}

/// The words of a choice, and their values.
fn choose(which: &Which) -> (String, Vec<Value>) {
    let (mut sql, mut values) = (String::from(" WHERE true"), Vec::new());
    let mut narrow = |column: &str, value: Value| {
        values.push(value);
        sql += &format!(" AND {column} = ?{}", values.len());
    };
    if let Some(flow) = &which.flow {
        narrow("flow", flow.clone().into());
    }
    if let Some(kind) = which.kind {
        narrow("kind", kind.name().to_owned().into());
    }
    if let Some(key) = &which.key {
        narrow("key", key.clone().into());
    }
    if let Some(state) = which.state {
        narrow("state", code(state).into());
    }
    (sql, values)
}

/// Lists rows.
pub(super) fn list(connection: &mut Connection, which: &Which) -> Result<Vec<Row>, Fault> {
    let cannot = |error| fault("list changes", error);
    let (words, values) = choose(which);
    let mut sql = format!(
        "SELECT id, flow, kind, side, key, partner, version, changed_at, state, due_at, attempts, fault, reason, received_at, settled_at, swept, length(body)
         FROM changes{words} ORDER BY received_at DESC, id DESC"
    );
    if which.most > 0 {
        sql += &format!(" LIMIT {}", which.most);
    }
    let mut query = connection.prepare(&sql).map_err(cannot)?;
    let values: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Row {
            row: row.get(0)?,
            flow: row.get(1)?,
            kind: kind(row, 2)?,
            side: side_of(row, 3)?,
            key: row.get(4)?,
            partner: row.get(5)?,
            version: row.get(6)?,
            changed_at: row.get::<_, Column<_>>(7)?.0,
            state: state(row, 8)?,
            due_at: row.get::<_, Option<Column<_>>>(9)?.map(|at| at.0),
            attempts: row.get(10)?,
            fault: super::read::decoded(row, 11)?,
            reason: row.get(12)?,
            received_at: row.get::<_, Column<_>>(13)?.0,
            settled_at: row.get::<_, Option<Column<_>>>(14)?.map(|at| at.0),
            original: match (row.get::<_, i64>(15)? & ERASED, row.get::<_, i64>(16)?) {
                (0, 0) => Original::Expired,
                (0, _) => Original::Kept,
                _ => Original::Erased,
            },
        })
    };
    let rows = query.query_map(&values[..], read).and_then(Iterator::collect);
    rows.map_err(cannot)
}

/// Rows with what was done about them.
pub(super) fn story(connection: &mut Connection, which: &Which) -> Result<Vec<Story>, Fault> {
    let rows = list(connection, which)?;
    let cannot = |error| fault("read what people did to a change", error);
    let one = |row: Row| {
        let audit = erasure::of(connection, row.row).map_err(cannot)?;
        Ok(Story { attempts_made: attempts(connection, row.row)?, audit, row })
    };
    rows.into_iter().map(one).collect()
}

fn attempts(connection: &Connection, row: i64) -> Result<Vec<Attempted>, Fault> {
    let cannot = |error| fault("read what was done about a change", error);
    let mut query = connection
        .prepare_cached("SELECT number, version, started_at, took, state, fault, steps, runs, came FROM change_log WHERE change = ?1 ORDER BY number")
        .map_err(cannot)?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Attempted {
            number: row.get(0)?,
            version: row.get(1)?,
            started_at: row.get::<_, Column<_>>(2)?.0,
            milliseconds: row.get::<_, i64>(3)? / 1000,
            state: state(row, 4)?,
            fault: super::read::decoded(row, 5)?,
            steps: super::read::required(row, 6)?,
            runs: super::read::decoded(row, 7)?.unwrap_or_default(),
            came: row.get(8)?,
        })
    };
    let attempts = query.query_map([row], read).and_then(Iterator::collect);
    attempts.map_err(cannot)
}

/// Makes parked rows due again.
pub(super) fn retry(connection: &Connection, which: &Which, by: &By) -> Outcome {
    let parked = Which { state: Some(State::Parked), ..which.clone() };
    let (words, values) = choose(&parked);
    let values: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
    let rows = connection
        .prepare(&format!("SELECT id, fault FROM changes{words}"))?
        .query_map(&values[..], |row| Ok((row.get(0)?, super::read::decoded(row, 1)?)))?
        .collect::<rusqlite::Result<Vec<(i64, Option<Fault>)>>>()?;
    for (row, fault) in &rows {
        // As with a held order: a person has decided.
        let is_held = fault.as_ref().is_some_and(|fault| fault.code == Code::RuleHolds);
        connection
            .prepare_cached("UPDATE changes SET state = 0, due_at = ?2, tries = 0, settled_at = NULL, released = released OR ?3 WHERE id = ?1")?
            .execute(params![row, Column(by.at), is_held])?;
        erasure::tell(connection, *row, What::Retried, by, (State::Parked, State::Due))?;
    }
    number(rows.len())
}

/// Rows by flow and state.
pub(super) fn counts(connection: &mut Connection) -> Result<Counts, Fault> {
    let cannot = |error| fault("count changes", error);
    let mut query = connection.prepare_cached("SELECT flow, state, count(*) FROM changes GROUP BY flow, state").map_err(cannot)?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, state(row, 1)?, row.get::<_, i64>(2)?));
    let rows: Vec<_> = query.query_map([], read).and_then(Iterator::collect).map_err(cannot)?;
    let mut counts = Counts::new();
    for (flow, state, n) in rows {
        counts.entry(flow).or_default().insert(state, u64::try_from(n).unwrap_or_default());
    }
    Ok(counts)
}

/// When the next one that is not out is due.
pub(super) fn next(connection: &mut Connection, out: &HashSet<i64>) -> Result<Option<Timestamp>, Fault> {
    let cannot = |error| fault("read what is due next", error);
    let mut query = connection.prepare_cached("SELECT id, due_at FROM changes WHERE due_at IS NOT NULL ORDER BY due_at LIMIT ?1").map_err(cannot)?;
    let mut rows = query.query([i64::try_from(out.len() + 1).unwrap_or(i64::MAX)]).map_err(cannot)?;
    while let Some(row) = rows.next().map_err(cannot)? {
        if !out.contains(&row.get::<_, i64>(0).map_err(cannot)?) {
            return Ok(Some(row.get::<_, Column<_>>(1).map_err(cannot)?.0));
        }
    }
    Ok(None)
}
