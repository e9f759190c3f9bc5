//! What happened to a record, line by line. Three lines of an order that nothing stops (accepted, begun, delivered) are
//! read from its own row, where their times stand anyway: they would be the only rows that every order writes. All other
//! lines are rows of `audit`, written in the same transaction as the change. Triggers in the schema keep both as they are:
//! lines go only with their record, and erasing leaves of a cause the code of its fault. (All but the times of the plain
//! lines: a trigger on them is 7 % of what an order costs here.) Once a record has a row, all that follows are rows.

use super::column::{Column, fault};
use crossdock_flow::{
    Fault,
    desk::{Entry, Span, What},
    record::{RecordId, State},
};
use jiff::Timestamp;
use rusqlite::{Connection, Row, ToSql, params};

/// Who did what nobody else did.
pub(super) const HOST: &str = "host";

/// One line to write.
pub(super) struct Line<'l> {
    pub(super) what: What,
    pub(super) at: Timestamp,
    pub(super) actor: &'l str,
    pub(super) before: Option<State>,
    pub(super) after: State,
    pub(super) cause: &'l str,
}

/// Adds a line to those of a record.
pub(super) fn tell(connection: &Connection, record: RecordId, line: Line<'_>) -> rusqlite::Result<()> {
    let number: i64 =
        connection.prepare_cached("UPDATE records SET told = told + 1 WHERE id = ?1 RETURNING told")?.query_row([record], |row| row.get(0))?;
    connection
        .prepare_cached("INSERT INTO audit (record, number, at, what, actor, before, after, cause) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
        .execute(params![record, number, Column(line.at), Column(line.what), line.actor, line.before.map(Column), Column(line.after), line.cause])?;
    Ok(())
}

/// The lines of one record, in the order in which it happened.
pub(super) fn of(connection: &Connection, record: RecordId) -> rusqlite::Result<Vec<Entry>> {
    read(connection, &|_| "r.id = ?1".into(), "number", &[&record])
}

/// The lines in a span of time, oldest first. Without an order this reads every record once: about a second for a million.
pub(super) fn page(connection: &mut Connection, span: &Span, skip: usize, most: usize) -> Result<Vec<Entry>, Fault> {
    let within = |at: &str| {
        let order = if span.order.is_some() { "r.order_key = ?1" } else { "?1 IS NULL" };
        format!("{order} AND {at} >= ?2 AND {at} < ?3")
    };
    let micros = |at: Option<Timestamp>, otherwise: i64| at.map_or(otherwise, Timestamp::as_microsecond);
    let limit = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let values: [&dyn ToSql; 5] = [&span.order, &micros(span.since, i64::MIN), &micros(span.until, i64::MAX), &limit(most), &limit(skip)];
    read(connection, &within, "at, record, number LIMIT ?4 OFFSET ?5", &values).map_err(|error| fault("read the audit", error))
}

/// Reads lines. `within` says of which records, given the column that holds a line's time.
fn read(connection: &Connection, within: &dyn Fn(&str) -> String, sorted: &str, values: &[&dyn ToSql]) -> rusqlite::Result<Vec<Entry>> {
    let sql = format!(
        "SELECT r.received_at AS at, r.id AS record, -2 AS number, r.order_key, c.name, 0, NULL, 0, ''
         FROM records r JOIN connections c ON c.id = r.connection
         WHERE {} AND (r.told = 0 OR NOT EXISTS (SELECT 1 FROM audit a WHERE a.record = r.id AND a.number = 1 AND a.what = 0))
         UNION ALL SELECT r.begun_at, r.id, -1, r.order_key, '{HOST}', 1, 0, 1, '' FROM records r WHERE r.begun_at IS NOT NULL AND {}
         UNION ALL SELECT r.delivered_at, r.id, 0, r.order_key, '{HOST}', 2, 1, 2, '' FROM records r WHERE r.delivered_at IS NOT NULL AND {}
         UNION ALL SELECT a.at, a.record, a.number, r.order_key, a.actor, a.what, a.before, a.after, a.cause
         FROM audit a JOIN records r ON r.id = a.record WHERE {}
         ORDER BY {sorted}",
        within("r.received_at"),
        within("r.begun_at"),
        within("r.delivered_at"),
        within("a.at"),
    );
    connection.prepare_cached(&sql)?.query_map(values, entry)?.collect()
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        at: row.get::<_, Column<_>>(0)?.0,
        record: row.get(1)?,
        order: row.get(3)?,
        actor: row.get(4)?,
        what: row.get::<_, Column<_>>(5)?.0,
        from: row.get::<_, Option<Column<State>>>(6)?.map(|before| before.0),
        to: row.get::<_, Column<_>>(7)?.0,
        cause: row.get(8)?,
    })
}
