//! Handing out records. Who has what is kept in memory only, so claiming writes nothing and after a crash nothing is
//! claimed. That is right for one host per file, and a lock beside the file sees to it; several hosts need another store.

use super::{
    column::{Column, fault, is_damage},
    packed, read,
};
use crossdock_flow::{
    Code, Fault,
    record::{Claimed, LaneEntry, RecordId, State},
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
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
    /// Those that cannot be read, until they are parked: they must not come up at every claim for ever.
    damaged: BTreeMap<RecordId, Fault>,
}

impl Out {
    fn holds(&self, record: RecordId) -> bool {
        self.records.contains_key(&record) || self.damaged.contains_key(&record)
    }

    fn release(&mut self, record: RecordId) {
        if let Some(order) = self.records.remove(&record) {
            self.orders.remove(&order);
        }
    }
}

impl Claims {
    /// Nothing is out yet. The lock is a file beside the store's.
    pub(super) fn new(store: &Path) -> Claims {
        let mut lock = store.as_os_str().to_owned();
        lock.push(".lock");
        Claims { lock: lock.into(), out: Mutex::default() }
    }

    /// Shows that no host works on the store, and keeps one from starting. Fails with E601 when one does.
    pub(super) fn keep_out(&self) -> Result<(), Fault> {
        self.be_the_only_one(&mut self.out())
    }

    /// Takes a record back.
    pub(super) fn release(&self, record: RecordId) {
        self.out().release(record);
    }

    /// Those that cannot be read and are not parked yet.
    pub(super) fn damaged(&self) -> Vec<(RecordId, Fault)> {
        self.out().damaged.iter().map(|(record, fault)| (*record, fault.clone())).collect()
    }

    /// One that could not be read is parked.
    pub(super) fn parked(&self, record: RecordId) {
        self.out().damaged.remove(&record);
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
        Ok(free(connection, &out, None, 1, &mut Vec::new())?.first().map(|free| free.due_at))
    }
}

/// Records on their way to a worker. If the worker stopped waiting, or reading one of them failed, they go back.
pub(super) struct Handout {
    claims: Arc<Claims>,
    ids: Vec<RecordId>,
    records: Vec<Claimed>,
    /// Whether some turned out to be damaged.
    pub(super) damage: bool,
}

impl Handout {
    /// Whether it is for nobody.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

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
    let cannot = |error| fault("read what is due", error);
    let mut handout = Handout { claims: claims.clone(), ids: Vec::new(), records: Vec::new(), damage: false };
    let mut damaged = Vec::new();
    let snapshot = connection.transaction().map_err(cannot)?;
    {
        // The snapshot is taken under the lock, and a claim is given up only after its commit: so what is no longer out
        // here is settled in the snapshot, too, and is never handed out twice.
        let mut out = claims.out();
        claims.be_the_only_one(&mut out)?;
        for Free { record, order, .. } in free(&snapshot, &out, Some(now), most, &mut damaged).map_err(cannot)? {
            out.orders.insert(order.clone());
            out.records.insert(record, order);
            handout.ids.push(record);
        }
    }
    for place in 0..handout.ids.len() {
        let record = handout.ids[place];
        match load(&snapshot, record) {
            Ok(claimed) => handout.records.push(claimed),
            Err(error) if is_damage(&error) => damaged.push((record, error)),
            Err(error) => return Err(cannot(error)),
        }
    }
    let mut out = claims.out();
    for (record, error) in damaged {
        // That is this record's trouble alone.
        handout.damage = true;
        handout.ids.retain(|id| *id != record);
        out.release(record);
        out.damaged.insert(record, fault(&format!("read record {record}"), error));
    }
    drop(out);
    Ok(handout)
}

struct Free {
    record: RecordId,
    due_at: Timestamp,
    order: Arc<str>,
}

/// Walks the index of what can be claimed from its front. Ids first: rows are read only of those not out, and nothing is
/// passed over but what is out, so the length of the queue does not matter.
fn free(
    connection: &Connection,
    out: &Out,
    now: Option<Timestamp>,
    most: usize,
    damaged: &mut Vec<(RecordId, rusqlite::Error)>,
) -> rusqlite::Result<Vec<Free>> {
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
        let order: Arc<str> = match order_of.query_row([record], |row| row.get(0)) {
            Ok(order) => order,
            Err(error) if is_damage(&error) => {
                damaged.push((record, error));
                continue;
            }
            Err(error) => return Err(error),
        };
        // A held record whose time has come does not block a later one of its order: they may both stand here.
        if out.orders.contains(&order) || !orders.insert(order.clone()) {
            continue;
        }
        found.push(Free { record, due_at: row.get::<_, Column<Timestamp>>(1)?.0, order });
    }
    Ok(found)
}

fn load(connection: &Connection, record: RecordId) -> rusqlite::Result<Claimed> {
    let (mut claimed, original, state) = connection
        .prepare_cached(
            "SELECT c.name, r.event_id, r.kind, r.order_key, r.version, b.body, r.edits, r.received_at, r.attempts, r.tries, r.released, r.state,
                 r.doubtful, b.packed
             FROM records r JOIN connections c ON c.id = r.connection LEFT JOIN bodies b ON b.record = r.id WHERE r.id = ?1",
        )?
        .query_row([record], |row| {
            let claimed = Claimed {
                record,
                connection: row.get(0)?,
                event_id: row.get(1)?,
                kind: row.get::<_, Column<_>>(2)?.0,
                order: row.get(3)?,
                version: row.get(4)?,
                body: Vec::new(),
                edit: row.get(6)?,
                received_at: row.get::<_, Column<_>>(7)?.0,
                attempts: row.get(8)?,
                tries: row.get(9)?,
                released: row.get(10)?,
                doubtful: row.get(12)?,
                begun: None,
                lane: Vec::new(),
            };
            Ok((claimed, packed::whole(row, 5, 13)?, row.get::<_, Column<State>>(11)?.0))
        })?;
    let body = if claimed.edit > 0 { read::body(connection, record, claimed.edit)? } else { original };
    claimed.body = body.ok_or_else(|| read::unreadable("its bytes are missing"))?;
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
                sent: None,
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    claimed.lane = others;
    for entry in &mut claimed.lane {
        entry.parts = read::parts(connection, entry.record)?;
        if !entry.parts.is_empty() {
            entry.sent = read::sent(connection, entry.record)?;
        }
    }
    Ok(claimed)
}
