//! Handing out records. Who has what is kept in memory only, so claiming writes nothing and after a crash nothing is
//! claimed. That is right for one host per file, and a lock beside the file sees to it; several hosts need another store.

use super::{column::Column, read};
use crossdock_flow::{
    Code, Fault,
    record::{Claimed, LaneEntry, RecordId, State},
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use std::{
    collections::{HashMap, HashSet},
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What is out.
pub(super) struct Claims {
    lock: PathBuf,
    out: Mutex<Out>,
}

#[derive(Default)]
struct Out {
    /// Held from the first claim on: shows that this process is the one that hands out.
    only: Option<File>,
    records: HashMap<RecordId, Arc<str>>,
    orders: HashSet<Arc<str>>,
}

impl Out {
    fn holds(&self, record: RecordId) -> bool {
        self.records.contains_key(&record)
    }
}

impl Claims {
    /// Nothing is out yet. The lock is a file beside the store's.
    pub(super) fn new(store: &Path) -> Claims {
        let mut lock = store.as_os_str().to_owned();
        lock.push(".lock");
        Claims { lock: lock.into(), out: Mutex::default() }
    }

    /// Takes a record back.
    pub(super) fn release(&self, record: RecordId) {
        let mut out = self.out();
        if let Some(order) = out.records.remove(&record) {
            out.orders.remove(&order);
        }
    }

    fn out(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn be_the_only_one(&self, out: &mut Out) -> Result<(), Fault> {
        if out.only.is_none() {
            let place = || self.lock.display().to_string();
            let file = File::create(&self.lock).map_err(|error| Fault::new(Code::Store, format!("cannot make the lock: {error}")).at(place()))?;
            file.try_lock().map_err(|error| match error {
                TryLockError::WouldBlock => Fault::new(Code::Store, "another host works on this store: stop it, or use another file").at(place()),
                TryLockError::Error(error) => Fault::new(Code::Store, format!("cannot lock: {error}")).at(place()),
            })?;
            out.only = Some(file);
        }
        Ok(())
    }

    /// The earliest time of anything that is not out and not behind something that is.
    pub(super) fn next_due(&self, connection: &Connection) -> rusqlite::Result<Option<Timestamp>> {
        let out = self.out();
        Ok(free(connection, &out, None, 1)?.first().map(|free| free.due_at))
    }
}

/// Records on their way to a worker. If the worker stopped waiting, or reading one of them failed, they go back.
pub(super) struct Handout {
    claims: Arc<Claims>,
    ids: Vec<RecordId>,
    records: Vec<Claimed>,
    /// Those that cannot be read: to be parked.
    pub(super) damaged: Vec<(RecordId, Fault)>,
}

impl Handout {
    /// The worker has them.
    pub(super) fn take(mut self) -> Vec<Claimed> {
        self.ids.clear();
        std::mem::take(&mut self.records)
    }
}

impl Drop for Handout {
    fn drop(&mut self) {
        for record in &self.ids {
            self.claims.release(*record);
        }
    }
}

/// Claims up to `most` records that are due at `now`, those that are due longest first.
pub(super) fn claim(connection: &mut Connection, claims: &Arc<Claims>, now: Timestamp, most: usize) -> Result<Handout, Fault> {
    let cannot = |error| super::column::fault("read what is due", error);
    let mut handout = Handout { claims: claims.clone(), ids: Vec::new(), records: Vec::new(), damaged: Vec::new() };
    let snapshot = connection.transaction().map_err(cannot)?;
    {
        // The snapshot is taken under the lock, and a claim is given up only after its commit: so what is no longer out
        // here is settled in the snapshot, too, and is never handed out twice.
        let mut out = claims.out();
        claims.be_the_only_one(&mut out)?;
        for Free { record, order, .. } in free(&snapshot, &out, Some(now), most).map_err(cannot)? {
            out.orders.insert(order.clone());
            out.records.insert(record, order);
            handout.ids.push(record);
        }
    }
    for place in 0..handout.ids.len() {
        let record = handout.ids[place];
        match load(&snapshot, record) {
            Ok(claimed) => handout.records.push(claimed),
            Err(error @ rusqlite::Error::SqliteFailure(..)) => return Err(cannot(error)),
            // What is there cannot be understood; that is this record's trouble alone.
            Err(error) => handout.damaged.push((record, super::column::fault(&format!("read record {record}"), error))),
        }
    }
    Ok(handout)
}

struct Free {
    record: RecordId,
    due_at: Timestamp,
    order: Arc<str>,
}

/// Walks the index of what can be claimed from its front. Ids first: rows are read only of those not out, and nothing is
/// passed over but what is out, so the length of the queue does not matter.
fn free(connection: &Connection, out: &Out, now: Option<Timestamp>, most: usize) -> rusqlite::Result<Vec<Free>> {
    let mut walk = connection.prepare_cached(
        "SELECT id, due_at FROM records INDEXED BY due WHERE due_at IS NOT NULL AND blocked = 0 AND due_at <= ?1 ORDER BY due_at, id",
    )?;
    let mut order_of = connection.prepare_cached("SELECT order_key FROM records WHERE id = ?1")?;
    let mut rows = walk.query([now.map_or(i64::MAX, |now| now.as_microsecond())])?;
    let mut found: Vec<Free> = Vec::new();
    let mut orders: HashSet<Arc<str>> = HashSet::new();
    while found.len() < most {
        let Some(row) = rows.next()? else { break };
        let record = row.get(0)?;
        if out.holds(record) {
            continue;
        }
        let order: Arc<str> = order_of.query_row([record], |row| row.get(0))?;
        // A held record whose time has come does not block a later one of its order: they may both stand here.
        if out.orders.contains(&order) || !orders.insert(order.clone()) {
            continue;
        }
        found.push(Free { record, due_at: row.get::<_, Column<Timestamp>>(1)?.0, order });
    }
    Ok(found)
}

fn load(connection: &Connection, record: RecordId) -> rusqlite::Result<Claimed> {
    let (mut claimed, state) = connection
        .prepare_cached(
            "SELECT c.name, r.event_id, r.kind, r.order_key, r.version, b.body, r.received_at, r.attempts, r.tries, r.released, r.state
             FROM records r JOIN connections c ON c.id = r.connection JOIN bodies b ON b.record = r.id WHERE r.id = ?1",
        )?
        .query_row([record], |row| {
            let claimed = Claimed {
                record,
                connection: row.get(0)?,
                event_id: row.get(1)?,
                kind: row.get::<_, Column<_>>(2)?.0,
                order: row.get(3)?,
                version: row.get(4)?,
                body: row.get(5)?,
                received_at: row.get::<_, Column<_>>(6)?.0,
                attempts: row.get(7)?,
                tries: row.get(8)?,
                released: row.get(9)?,
                begun: None,
                lane: Vec::new(),
            };
            Ok((claimed, row.get::<_, Column<State>>(10)?.0))
        })?;
    if state == State::Sending {
        let plan = read::plan(connection, record, claimed.attempts).optional()?.ok_or_else(|| read::unreadable("its attempt is missing"))?;
        claimed.begun = Some((plan, read::parts(connection, record)?));
    }
    let others = connection
        .prepare_cached("SELECT id, kind, version, state FROM records WHERE order_key = ?1 AND id <> ?2 ORDER BY id")?
        .query_map((&claimed.order, record), |row| {
            Ok(LaneEntry {
                record: row.get(0)?,
                kind: row.get::<_, Column<_>>(1)?.0,
                version: row.get(2)?,
                state: row.get::<_, Column<_>>(3)?.0,
                parts: Vec::new(),
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    claimed.lane = others;
    for entry in &mut claimed.lane {
        entry.parts = read::parts(connection, entry.record)?;
    }
    Ok(claimed)
}
