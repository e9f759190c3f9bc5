//! The store as the books see it, and its SQL: papers, entries with their legs, locked months. Triggers of the schema refuse
//! any change of an entry.

use super::{
    SqliteStore,
    column::{Column, fault},
    operation::{Done, Operation, Outcome, json},
};
use async_trait::async_trait;
use crossdock_flow::{
    Code, Decimal, Fault,
    entity::echo::Kind,
    finance::{
        Account, Close, Entry, Leg, Month, Periods,
        binder::{Binder, Kept, Paper, Sought},
        ledger::Side,
        period::Dated,
    },
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params, types::Value};

#[async_trait]
impl Binder for SqliteStore {
    async fn keep(&self, paper: Option<Paper>, entries: Vec<Entry>, number: Option<&str>, at: Timestamp) -> Result<(), Fault> {
        self.write(Operation::Keep { paper: paper.map(Box::new), entries, number: number.map(str::to_owned), at }).await
    }

    async fn posted(&self, entry: &str, number: &str, at: Timestamp) -> Result<(), Fault> {
        self.write(Operation::Posted { entry: entry.to_owned(), number: number.to_owned(), at }).await
    }

    async fn entries(&self, sought: Sought) -> Result<Vec<Kept>, Fault> {
        self.readers.run(move |connection| entries(connection, &sought)).await
    }

    async fn paper(&self, kind: Kind, id: &str) -> Result<Option<Paper>, Fault> {
        let id = id.to_owned();
        self.readers.run(move |connection| paper(connection, kind, &id)).await
    }

    async fn papers(&self, order: Option<&str>) -> Result<Vec<Paper>, Fault> {
        let order = order.map(str::to_owned);
        self.readers.run(move |connection| papers(connection, order.as_deref())).await
    }

    async fn periods(&self) -> Result<Periods, Fault> {
        self.readers.run(periods).await
    }

    async fn lock(&self, close: &Close, at: Timestamp) -> Result<(), Fault> {
        // Says whether it may be locked.
        Periods::default().lock(close)?;
        self.write(Operation::LockMonth { month: close.month, at }).await
    }
}

/// Keeps a paper and those of its entries that are not there.
pub(super) fn keep(connection: &Connection, paper: Option<&Paper>, new: &[Entry], number: Option<&str>, at: Timestamp) -> Outcome {
    // Everything that can be refused is, before anything is written.
    let mut written = Vec::new();
    for entry in new {
        let month = Month::of(entry.date());
        let known = |sql: &str, key: &str| connection.prepare_cached(sql)?.query_row([key], |_| Ok(())).optional();
        if known("SELECT 1 FROM entries WHERE id = ?1", entry.id())?.is_some() {
            continue;
        }
        if known("SELECT 1 FROM locked_months WHERE month = ?1", &month.to_string())?.is_some() {
            let told = format!("{month} is locked, and it is dated {}", entry.date());
            return Ok(Err(Fault::new(Code::Period, told).at(entry.id().to_owned())));
        }
        let encoded = json(entry.source())
            .and_then(|source| Ok((source, entry.legs().iter().map(|leg| json(&leg.reference)).collect::<Result<Vec<_>, Fault>>()?)));
        match encoded {
            Ok((source, legs)) => written.push((entry, month, source, legs)),
            Err(fault) => return Ok(Err(fault)),
        }
    }
    if let Some(paper) = paper {
        let text = match json(paper) {
            Ok(text) => text,
            Err(fault) => return Ok(Err(fault)),
        };
        connection
            .prepare_cached(
                "INSERT INTO papers (kind, id, order_key, paper) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET order_key = excluded.order_key, paper = excluded.paper",
            )?
            .execute(params![paper.kind().name(), paper.id(), paper.order().map(|order| order.as_str()), text])?;
    }
    for (entry, month, source, legs) in written {
        let row = connection
            .prepare_cached(
                "INSERT INTO entries (id, day, month, currency, order_key, source, corrects, written_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .insert(params![
                entry.id(),
                entry.date().to_string(),
                month.to_string(),
                entry.currency().code(),
                entry.source().order.as_ref().map(|order| order.as_str()),
                source,
                entry.corrects().map(|month| month.to_string()),
                Column(at)
            ])?;
        let mut insert =
            connection.prepare_cached("INSERT INTO legs (entry, number, account, side, amount, reference) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        for (place, (leg, reference)) in (0i64..).zip(entry.legs().iter().zip(legs)) {
            insert.execute(params![row, place, leg.account.name(), side(leg.side), leg.amount.to_string(), reference])?;
        }
        if let Some(number) = number {
            connection.prepare_cached("INSERT INTO entry_numbers (entry, number, at) VALUES (?1, ?2, ?3)")?.execute(params![
                row,
                number,
                Column(at)
            ])?;
        }
    }
    Ok(Ok(Done::Written))
}

/// Writes down the ERP's number of an entry.
pub(super) fn posted(connection: &Connection, entry: &str, number: &str, at: Timestamp) -> Outcome {
    connection
        .prepare_cached("INSERT INTO entry_numbers (entry, number, at) SELECT row, ?2, ?3 FROM entries WHERE id = ?1 ON CONFLICT DO NOTHING")?
        .execute(params![entry, number, Column(at)])?;
    Ok(Ok(Done::Written))
}

/// Locks a month.
pub(super) fn lock(connection: &Connection, month: Month, at: Timestamp) -> Outcome {
    connection
        .prepare_cached("INSERT INTO locked_months (month, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![month.to_string(), Column(at)])?;
    Ok(Ok(Done::Written))
}

fn entries(connection: &mut Connection, sought: &Sought) -> Result<Vec<Kept>, Fault> {
    let connection = &*connection;
    let cannot = |error| fault("read ledger entries", error);
    let (mut sql, mut values) = (
        String::from(
            "SELECT e.row, e.day, e.currency, e.source, e.corrects, e.written_at, n.number FROM entries e LEFT JOIN entry_numbers n ON n.entry = e.row
             WHERE true",
        ),
        Vec::<Value>::new(),
    );
    let mut narrow = |column: &str, value: Option<String>| {
        if let Some(value) = value {
            values.push(value.into());
            sql += &format!(" AND {column} = ?{}", values.len());
        }
    };
    narrow("e.id", sought.id.clone());
    narrow("e.order_key", sought.order.clone());
    narrow("e.month", sought.month.map(|month| month.to_string()));
    sql += " ORDER BY e.row DESC";
    if sought.most > 0 {
        sql += &format!(" LIMIT {}", sought.most);
    }
    let values: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
    let mut query = connection.prepare_cached(&sql).map_err(cannot)?;
    let rows = query.query_map(&values[..], |row| kept(connection, row)).and_then(Iterator::collect);
    rows.map_err(cannot)
}

fn side(side: Side) -> &'static str {
    if side == Side::Debit { "debit" } else { "credit" }
}

fn account(name: &str) -> rusqlite::Result<Account> {
    let known = Account::ALL.iter().find(|account| account.name() == name).copied();
    known.ok_or_else(|| super::read::unreadable(&format!("there is no account `{name}`")))
}

fn kept(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<Kept> {
    let unreadable = |why: String| super::read::unreadable(&why);
    let legs = connection
        .prepare_cached("SELECT account, side, amount, reference FROM legs WHERE entry = ?1 ORDER BY number")?
        .query_map([row.get::<_, i64>(0)?], |row| {
            Ok(Leg {
                account: account(row.get_ref(0)?.as_str()?)?,
                side: if row.get_ref(1)?.as_str()? == side(Side::Debit) { Side::Debit } else { Side::Credit },
                amount: row.get::<_, Column<Decimal>>(2)?.0,
                reference: super::read::required(row, 3)?,
            })
        })?
        .collect::<rusqlite::Result<Vec<Leg>>>()?;
    let on = row.get::<_, String>(1)?.parse().map_err(|error| unreadable(format!("a day: {error}")))?;
    let currency = crossdock_flow::Currency::parse(&row.get::<_, String>(2)?).map_err(|fault| unreadable(fault.message))?;
    let corrects: Option<String> = row.get(4)?;
    let corrects = corrects.map(|month| Month::parse(&month).map_err(|fault| unreadable(fault.message))).transpose()?;
    let source = super::read::required(row, 3)?;
    let entry = Entry::new(Dated { on, corrects }, currency, legs, source).map_err(|fault| unreadable(fault.to_string()))?;
    Ok(Kept { entry, written_at: row.get::<_, Column<_>>(5)?.0, number: row.get(6)? })
}

fn paper(connection: &mut Connection, kind: Kind, id: &str) -> Result<Option<Paper>, Fault> {
    connection
        .prepare_cached("SELECT paper FROM papers WHERE kind = ?1 AND id = ?2")
        .and_then(|mut query| query.query_row([kind.name(), id], |row| super::read::required(row, 0)).optional())
        .map_err(|error| fault("read a paper", error))
}

fn papers(connection: &mut Connection, order: Option<&str>) -> Result<Vec<Paper>, Fault> {
    let cannot = |error| fault("read papers", error);
    let read = |row: &Row<'_>| super::read::required(row, 0);
    let rows = match order {
        Some(order) => connection
            .prepare_cached("SELECT paper FROM papers WHERE order_key = ?1 ORDER BY kind, id")
            .and_then(|mut query| query.query_map([order], read)?.collect()),
        None => connection.prepare_cached("SELECT paper FROM papers ORDER BY kind, id").and_then(|mut query| query.query_map([], read)?.collect()),
    };
    rows.map_err(cannot)
}

fn periods(connection: &mut Connection) -> Result<Periods, Fault> {
    let months: Vec<String> = connection
        .prepare_cached("SELECT month FROM locked_months ORDER BY month")
        .and_then(|mut query| query.query_map([], |row| row.get(0))?.collect())
        .map_err(|error| fault("read which months are locked", error))?;
    months.iter().map(|month| Month::parse(month)).collect::<Result<Periods, Fault>>()
}
