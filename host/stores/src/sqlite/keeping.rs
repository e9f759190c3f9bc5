//! What is not kept for ever of orders (of what is kept alike: `erasure`): sweeping what is past its time, erasing a customer's data on request. Amounts, numbers,
//! states, times and what people wrote themselves stay until the record goes altogether. What is deleted is overwritten
//! (`secure_delete`), and after erasing the log is emptied. Not reached: earlier backups, and, seen for 1 in 70 orders of
//! many at once, a fault's or a step's text where SQLite once moved its row within a page; a backup copies none of that.

use super::{
    audit::{self, HOST, Line},
    column::Column,
    erasure,
    operation::{Done, Outcome, Tally, json, number},
    packed,
};
use crossdock_flow::{
    Fault,
    desk::{By, Retention, Swept, What, not_now},
    record::{Attempt, RecordId, State},
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

/// Most records swept at once: others wait for the writer meanwhile.
const MOST: usize = 250;

/// What `swept` says of a record.
pub(super) const ORIGINALS: i64 = 1;
pub(super) const RUNS: i64 = 2;
pub(super) const ERASED: i64 = 4;

/// What ended then or earlier is past its time.
pub(super) struct Cutoffs {
    pub(super) originals: Timestamp,
    pub(super) runs: Timestamp,
    records: Timestamp,
}

impl Cutoffs {
    /// As a retention says, seen from now.
    pub(super) fn of(retention: Retention, now: Timestamp) -> Cutoffs {
        let before = |kept| SignedDuration::try_from(kept).ok().and_then(|kept| now.checked_sub(kept).ok()).unwrap_or(Timestamp::MIN);
        Cutoffs { originals: before(retention.originals), runs: before(retention.runs), records: before(retention.records) }
    }
}

/// Removes what is past its time, until something was removed or nothing is left.
pub(super) fn sweep(connection: &Connection, tally: &mut Tally, cutoffs: &Cutoffs, now: Timestamp) -> Outcome {
    let mut swept = Swept::default();
    loop {
        let gone = past(connection, "0, 1, 2, 3, 7", cutoffs.records)?;
        for (record, state) in &gone {
            remove(connection, *record)?;
            tally.moved(Some(*state), None);
            swept.records += 1;
        }
        let runs = past(connection, "0, 1", cutoffs.runs)?;
        for (record, state) in &runs {
            swept.runs += strip(connection, *record, Strip::Runs)?;
            connection.prepare_cached("UPDATE ends SET steps = NULL WHERE id BETWEEN ?1 << 24 AND (?1 << 24) + 16777215")?.execute([record])?;
            expire(connection, *record, *state, RUNS, "runs", now)?;
        }
        let originals = past(connection, "0, 2", cutoffs.originals)?;
        for (record, state) in &originals {
            swept.originals += drop_bodies(connection, *record)?;
            strip(connection, *record, Strip::Fetched)?;
            expire(connection, *record, *state, ORIGINALS, "original", now)?;
        }
        let (bodies, attempts, more) = erasure::sweep(connection, cutoffs)?;
        swept.originals += bodies;
        swept.runs += attempts;
        // Some have nothing to remove; the caller goes on only while something was.
        if swept != Swept::default() || (gone.is_empty() && runs.is_empty() && originals.is_empty() && !more) {
            return Ok(Ok(Done::Swept(swept)));
        }
    }
}

/// Records that ended then or earlier and of which these things are swept, those first that ended first. Never the newest
/// of all: its number would be given a second time.
fn past(connection: &Connection, swept: &str, cutoff: Timestamp) -> rusqlite::Result<Vec<(RecordId, State)>> {
    let newest = if swept.ends_with('7') { "AND id < (SELECT max(id) FROM records)" } else { "" };
    connection
        .prepare_cached(&format!("SELECT id, state FROM records INDEXED BY ended WHERE swept IN ({swept}) AND ended_at <= ?1 {newest} LIMIT {MOST}"))?
        .query_map([Column(cutoff)], |row| Ok((row.get(0)?, row.get::<_, Column<_>>(1)?.0)))?
        .collect()
}

fn expire(connection: &Connection, record: RecordId, state: State, swept: i64, cause: &str, at: Timestamp) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE records SET swept = swept | ?2 WHERE id = ?1")?.execute((record, swept))?;
    audit::tell(connection, record, Line { what: What::Expired, at, actor: HOST, before: Some(state), after: state, cause })
}

fn remove(connection: &Connection, record: RecordId) -> rusqlite::Result<()> {
    for sql in [
        "DELETE FROM bodies WHERE record = ?1",
        "DELETE FROM edits WHERE id BETWEEN ?1 << 24 AND (?1 << 24) + 16777215",
        "DELETE FROM ends WHERE id BETWEEN ?1 << 24 AND (?1 << 24) + 16777215",
        "DELETE FROM attempts WHERE id BETWEEN ?1 << 24 AND (?1 << 24) + 16777215",
        "DELETE FROM parts WHERE record = ?1",
        "DELETE FROM records WHERE id = ?1",
        "DELETE FROM audit WHERE record = ?1", // Only now: its lines go with the record.
    ] {
        connection.prepare_cached(sql)?.execute([record])?;
    }
    Ok(())
}

/// Removes the original and the copies. Returns how many of them there were.
fn drop_bodies(connection: &Connection, record: RecordId) -> rusqlite::Result<u64> {
    let original = connection.prepare_cached("DELETE FROM bodies WHERE record = ?1")?.execute([record])?;
    let copies = connection
        .prepare_cached("UPDATE edits SET body = NULL WHERE id BETWEEN ?1 << 24 AND (?1 << 24) + 16777215 AND body IS NOT NULL")?
        .execute([record])?;
    Ok((original + copies) as u64)
}

/// What is taken out of the attempts of a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strip {
    /// What was fetched from the shop.
    Fetched,
    /// Everything that came of the customer's data, but for what was fetched.
    Runs,
    /// Both.
    All,
}

/// Takes things out of the attempts of a record. Returns of how many.
fn strip(connection: &Connection, record: RecordId, what: Strip) -> rusqlite::Result<u64> {
    let plans = connection
        .prepare_cached("SELECT id, plan, packed FROM attempts WHERE id BETWEEN ?1 << 24 AND (?1 << 24) + 16777215")?
        .query_map([record], |row| Ok((row.get(0)?, packed::whole(row, 1, 2).ok().flatten().unwrap_or_default())))?
        .collect::<rusqlite::Result<Vec<(i64, Vec<u8>)>>>()?;
    let mut changed = 0;
    for (id, plan) in plans {
        let number = u32::try_from(id & 0xFF_FFFF).unwrap_or_default();
        // What cannot be read cannot stay either.
        let before = serde_json::from_slice(&plan).unwrap_or_else(|_| Attempt::new(number, Timestamp::UNIX_EPOCH));
        let Ok(after) = json(&stripped(before, what)) else { continue };
        if after.as_bytes() != plan {
            connection
                .prepare_cached("UPDATE attempts SET plan = '', packed = ?2 WHERE id = ?1")?
                .execute(params![id, packed::pack(after.as_bytes())])?;
            changed += 1;
        }
    }
    Ok(changed)
}

fn stripped(attempt: Attempt, what: Strip) -> Attempt {
    match what {
        Strip::Fetched => Attempt { fetched: None, ..attempt },
        Strip::Runs => Attempt { fetched: attempt.fetched.clone(), ..stripped(attempt, Strip::All) },
        Strip::All => Attempt {
            worth: attempt.worth,
            begun_at: attempt.begun_at,
            edit: attempt.edit,
            corrections: attempt.corrections,
            ..Attempt::new(attempt.number, attempt.started_at)
        },
    }
}

/// Erases a customer's data of every record of an order.
pub(super) fn erase(connection: &Connection, order: &str, by: &By) -> Outcome {
    let records = connection
        .prepare_cached("SELECT id, state, swept & 4 FROM records WHERE order_key = ?1 ORDER BY id")?
        .query_map([order], |row| Ok((row.get(0)?, row.get::<_, Column<State>>(1)?.0, row.get(2)?)))?
        .collect::<rusqlite::Result<Vec<(RecordId, State, i64)>>>()?;
    let is_open = |state: State| matches!(state, State::Due | State::Sending | State::Held | State::Parked);
    if let Some((record, state, _)) = records.iter().find(|(_, state, _)| is_open(*state)) {
        return Ok(Err(not_now(*record, &format!("of this order is {state}: nothing is erased before every record is at its end"))));
    }
    let mut erased = 0;
    for (record, state, _) in records.into_iter().filter(|(.., erased)| *erased == 0) {
        drop_bodies(connection, record)?;
        strip(connection, record, Strip::All)?;
        erase_texts(connection, record)?;
        connection.prepare_cached("UPDATE records SET swept = ?2 WHERE id = ?1")?.execute((record, ORIGINALS | RUNS | ERASED))?;
        let line = Line { what: What::Erased, at: by.at, actor: &by.actor, before: Some(state), after: state, cause: &by.why };
        audit::tell(connection, record, line)?;
        erased += 1;
    }
    number(erased)
}

/// Of a fault its code stays; reasons and steps go.
fn erase_texts(connection: &Connection, record: RecordId) -> rusqlite::Result<()> {
    let fault: Option<String> =
        connection.prepare_cached("SELECT fault FROM records WHERE id = ?1")?.query_row([record], |row| row.get(0)).optional()?.flatten();
    connection.prepare_cached("UPDATE records SET fault = ?2, reason = NULL WHERE id = ?1")?.execute((record, code_of(fault.as_deref())))?;
    let ends = connection
        .prepare_cached("SELECT id, fault FROM ends WHERE id BETWEEN ?1 << 24 AND (?1 << 24) + 16777215")?
        .query_map([record], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(i64, Option<String>)>>>()?;
    for (id, fault) in ends {
        connection
            .prepare_cached("UPDATE ends SET fault = ?2, reason = NULL, steps = NULL WHERE id = ?1")?
            .execute((id, code_of(fault.as_deref())))?;
    }
    // What people wrote stays: lines 5 to 8 are theirs.
    connection
        .prepare_cached(
            "UPDATE audit SET cause = CASE WHEN cause GLOB 'E[0-9][0-9][0-9] *' THEN substr(cause, 1, 4) ELSE '' END
             WHERE record = ?1 AND what NOT BETWEEN 5 AND 8",
        )?
        .execute([record])?;
    Ok(())
}

/// Of a fault the code.
pub(super) fn code_of(fault: Option<&str>) -> Option<String> {
    let fault: Fault = serde_json::from_str(fault?).ok()?;
    json(&Fault::new(fault.code, "erased")).ok()
}
