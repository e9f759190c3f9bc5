//! What people do to records that stopped: let them run again, give them up, correct a copy.

use super::{
    audit::{self, Line},
    column::{Column, attempt_id},
    operation::{Done, Outcome, Standing, Tally, relane, standing},
    promises,
};
use crossdock_flow::{
    desk::{By, Decision, Edit, What, not_now},
    record::{RecordId, State},
};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet};

/// Decides on those that stopped, all of them or none.
pub(super) fn decide(connection: &Connection, tally: &mut Tally, records: &[RecordId], decision: Decision, by: &By) -> Outcome {
    let (mut stopped, mut done) = (BTreeMap::new(), Vec::new());
    for record in records {
        let Some(before) = standing(connection, *record)?.filter(|before| is_stopped(before.state)) else { continue };
        let documents = has_documents(connection, *record)?;
        match decision {
            Decision::Discard if documents => return Ok(Err(not_now(*record, "has documents that may be in the ERP: it cannot be given up"))),
            Decision::Retry if !has_body(connection, *record, before.edits)? => {
                return Ok(Err(not_now(*record, "cannot run again: the time of its original is over, or it was erased")));
            }
            _ => {}
        }
        let after = match decision {
            Decision::Discard => State::Discarded,
            // Looked up first.
            Decision::Retry if documents => State::Sending,
            Decision::Retry => State::Due,
        };
        if stopped.insert(*record, (before, after)).is_none() {
            done.push(*record);
        }
    }
    let mut orders = BTreeSet::new();
    for (record, (before, after)) in stopped {
        let what = match decision {
            Decision::Discard => {
                connection.prepare_cached("UPDATE records SET state = ?2, due_at = NULL, ended_at = ?3 WHERE id = ?1")?.execute(params![
                    record,
                    Column(after),
                    Column(by.at)
                ])?;
                What::Discarded
            }
            Decision::Retry => {
                connection
                    .prepare_cached(
                        "UPDATE records SET state = ?2, due_at = ?3, tries = 0, released = released OR ?4, ended_at = NULL, swept = 0 WHERE id = ?1",
                    )?
                    .execute(params![record, Column(after), Column(by.at), before.state == State::Held])?;
                What::Retried
            }
        };
        tally.moved(Some(before.state), Some(after));
        audit::tell(connection, record, Line { what, at: by.at, actor: &by.actor, before: Some(before.state), after, cause: &by.why })?;
        orders.insert(before.order);
    }
    for order in orders {
        relane(connection, &order)?;
        if decision == Decision::Discard
            && let Err(fault) = promises::give_up(connection, &order, by.at)?
        {
            tracing::error!(order, %fault, "what was promised to it stays promised");
        }
    }
    Ok(Ok(Done::Records(done)))
}

/// Keeps a corrected copy. The record takes the place that the copy says: an event that could not be read gets its lane.
pub(super) fn edit(connection: &Connection, record: RecordId, edit: &Edit) -> Outcome {
    let Some(Standing { order, state, edits, .. }) = standing(connection, record)? else { return Ok(Err(not_now(record, "is not there"))) };
    if !is_stopped(state) {
        return Ok(Err(not_now(record, &format!("is {state}: only what is parked, held or rejected can be corrected"))));
    }
    if has_documents(connection, record)? {
        return Ok(Err(not_now(record, "has documents that may be in the ERP: retry it first")));
    }
    let number = edits + 1;
    let id = match attempt_id(record, number) {
        Ok(id) => id,
        Err(fault) => return Ok(Err(fault)),
    };
    let By { actor, why, at } = &edit.by;
    connection.prepare_cached("INSERT INTO edits (id, at, actor, why, body) VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
        id,
        Column(*at),
        actor,
        why,
        edit.body
    ])?;
    // There is something to keep again, and its time begins anew.
    connection
        .prepare_cached(
            "UPDATE records SET edits = ?2, order_key = ?3, version = ?4, kind = ?5, swept = 0,
                 ended_at = CASE WHEN ended_at IS NOT NULL THEN ?6 END
             WHERE id = ?1",
        )?
        .execute(params![record, number, edit.order, edit.version, Column(edit.kind), Column(*at)])?;
    let cause = if order == edit.order { why.clone() } else { format!("{why} (was `{order}`)") };
    audit::tell(connection, record, Line { what: What::Edited, at: *at, actor, before: Some(state), after: state, cause: &cause })?;
    if order != edit.order {
        relane(connection, &order)?;
        relane(connection, &edit.order)?;
    }
    Ok(Ok(Done::Number(number.into())))
}

fn is_stopped(state: State) -> bool {
    matches!(state, State::Held | State::Parked | State::Rejected)
}

fn has_documents(connection: &Connection, record: RecordId) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM parts WHERE record = ?1)")?.query_row([record], |row| row.get(0))
}

/// Whether the bytes to work on are there: those of the newest copy, or else the original.
fn has_body(connection: &Connection, record: RecordId, edits: u32) -> rusqlite::Result<bool> {
    let sql = if edits > 0 {
        "SELECT EXISTS (SELECT 1 FROM edits WHERE id = (?1 << 24) + ?2 AND body IS NOT NULL)"
    } else {
        "SELECT EXISTS (SELECT 1 FROM bodies WHERE record = ?1 AND ?2 = 0)"
    };
    connection.prepare_cached(sql)?.query_row((record, edits), |row| row.get(0))
}
