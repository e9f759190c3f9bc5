//! The embedded store: one SQLite file with a write-ahead log, for one host. A thread writes in groups, a few connections
//! read, claims live in memory. Other processes may open the same file to list and to retry while the host runs.
//! Times are kept to the microsecond, amounts exactly as they came.

mod audit;
mod backup;
mod binder;
mod changes;
mod claim;
mod column;
mod desk;
mod erasure;
mod keeping;
mod ledger;
mod notes;
mod operation;
mod packed;
mod people;
mod place;
mod promises;
mod read;
mod restore;
mod rules;
mod schema;
mod way;
mod writer;

use async_trait::async_trait;
use claim::Claims;
use crossdock_flow::{
    Code, Fault,
    promise::Units,
    record::{Accepted, Alert, Attempt, Claimed, Counts, Event, Filter, Quarantined, RecordId, Settlement, Store, Story, Summary},
};
use jiff::Timestamp;
use operation::{Done, Operation, Plan};
use read::Readers;
use sha2::{Digest, Sha256};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use writer::Writer;

pub use restore::{Restored, restore};

/// The row in [`crate::KINDS`].
pub const KIND: crate::Kind = crate::Kind { name: "sqlite", open: |path| Ok(Arc::new(SqliteStore::open(path)?)) };

/// Readers for lists and stories. Claims have a connection of their own and never wait behind a long list.
const READERS: usize = 2;

/// Records in one SQLite file. Dropping it finishes what was sent to it and closes the file.
pub struct SqliteStore {
    writer: Writer,
    path: PathBuf,
    claims: Arc<Claims>,
    claimer: Arc<Readers>,
    readers: Arc<Readers>,
    changing: ledger::Out,
}

impl SqliteStore {
    /// Opens the file, makes it when it is not there, and brings an older one to this version. Fails with E601, saying
    /// why: damaged, of another program, of a newer version, not writable.
    pub fn open(path: &Path) -> Result<SqliteStore, Fault> {
        SqliteStore::start(schema::open_writer(path)?, path)
    }

    fn start(connection: rusqlite::Connection, path: &Path) -> Result<SqliteStore, Fault> {
        let claims = Arc::new(Claims::new(path));
        let writer = Writer::start(connection, path, claims.clone())?;
        Ok(SqliteStore {
            writer,
            path: path.to_owned(),
            claims,
            claimer: Readers::new(path, 1),
            readers: Readers::new(path, READERS),
            changing: ledger::Out::default(),
        })
    }

    async fn write(&self, operation: Operation) -> Result<(), Fault> {
        match self.writer.run(operation).await? {
            Done::Written => Ok(()),
            other => Err(crossed(&other)),
        }
    }

    /// Writes something that answers with a number.
    async fn count(&self, operation: Operation) -> Result<i64, Fault> {
        match self.writer.run(operation).await? {
            Done::Number(number) => Ok(number),
            other => Err(crossed(&other)),
        }
    }

    /// Parks those that cannot be read, as far as that can be written down.
    async fn park_damaged(&self, now: Timestamp) {
        for (record, fault) in self.claims.damaged() {
            tracing::error!(record, %fault, "it cannot be read: it is parked");
            match self.write(Operation::Park { record, fault, at: now }).await {
                Ok(()) => self.claims.parked(record),
                Err(fault) => tracing::error!(record, %fault, "nor can that be written down: it is left out, the others go on"),
            }
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn accept(&self, event: Event) -> Result<Accepted, Fault> {
        let digest = Sha256::digest(&event.body);
        let mut body_hash = [0; 16];
        body_hash.copy_from_slice(&digest[..16]);
        let unreadable = event.unreadable.as_ref().map(operation::json).transpose()?;
        let packed = packed::pack(&event.body);
        match self.writer.run(Operation::Accept { event, packed, body_hash, unreadable }).await? {
            Done::Accepted(accepted) => Ok(accepted),
            other => Err(crossed(&other)),
        }
    }

    async fn claim(&self, now: Timestamp, most: usize) -> Result<Vec<Claimed>, Fault> {
        let claims = self.claims.clone();
        let handout = self.claimer.run(move |connection| claim::claim(connection, &claims, now, most)).await?;
        // Those that could not be parked before are tried again when there is nothing else to do.
        if handout.damage || handout.is_empty() {
            self.park_damaged(now).await;
        }
        Ok(handout.take())
    }

    fn unclaim(&self, record: RecordId) {
        self.claims.release(record);
    }

    async fn begin(&self, record: RecordId, attempt: Attempt) -> Result<(), Fault> {
        let plan = Plan::of(&attempt)?;
        self.write(Operation::Begin { record, plan }).await
    }

    async fn free(&self, order: &str, skus: Vec<String>) -> Result<Vec<Units>, Fault> {
        let order = order.to_owned();
        self.readers.run(move |connection| promises::free(connection, &order, &skus)).await
    }

    async fn settle(&self, record: RecordId, settlement: Settlement) -> Result<(), Fault> {
        let encoded = (|| {
            let fault = settlement.fault.as_ref().map(operation::json).transpose()?;
            let plan = settlement.attempt.as_ref().map(Plan::of).transpose()?;
            Ok(Operation::Settle { record, plan, settlement: Box::new(settlement), fault })
        })();
        let result = match encoded {
            Ok(operation) => self.write(operation).await,
            Err(fault) => Err(fault),
        };
        if result.is_err() {
            // Perhaps it never reached the writer, which gives up the claim otherwise.
            self.claims.release(record);
        }
        result
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, Fault> {
        let claims = self.claims.clone();
        self.readers.run(move |connection| claims.next_due(connection).map_err(|error| column::fault("read what is due next", error))).await
    }

    async fn list(&self, filter: Filter) -> Result<Vec<Summary>, Fault> {
        self.readers.run(move |connection| read::list(connection, &filter)).await
    }

    async fn story(&self, order: &str) -> Result<Vec<Story>, Fault> {
        let order = order.to_owned();
        self.readers.run(move |connection| read::story(connection, &order)).await
    }

    async fn counts(&self) -> Result<Counts, Fault> {
        self.readers.run(read::counts).await
    }

    async fn kv_get(&self, plugin: &str, key: &str) -> Result<Option<(Vec<u8>, i64)>, Fault> {
        let (plugin, key) = (plugin.to_owned(), key.to_owned());
        self.readers.run(move |connection| rules::kv_get(connection, &plugin, &key)).await
    }

    async fn kv_usage(&self, plugin: &str) -> Result<(u64, u64), Fault> {
        let plugin = plugin.to_owned();
        self.readers.run(move |connection| rules::kv_usage(connection, &plugin)).await
    }

    async fn quarantined(&self) -> Result<Vec<Quarantined>, Fault> {
        self.readers.run(rules::quarantined).await
    }

    async fn release(&self, plugin: &str, now: Timestamp) -> Result<usize, Fault> {
        self.count(Operation::Release { plugin: plugin.to_owned(), now }).await.map(many)
    }

    async fn alerts(&self, most: usize) -> Result<Vec<Alert>, Fault> {
        self.readers.run(move |connection| rules::alerts(connection, most)).await
    }
}

/// How many, of a number that was counted here.
fn many(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

fn crossed(done: &Done) -> Fault {
    Fault::new(Code::Internal, format!("the store answered another question: {done:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_flow::{
        record::{Kind, State},
        sample,
    };
    use rusqlite::Connection;

    fn event(number: usize) -> Event {
        Event {
            connection: "shop".into(),
            id: number.to_string(),
            kind: Kind::Created,
            order: number.to_string(),
            version: 1,
            body: format!("{number:03000}").into_bytes(),
            received_at: Timestamp::UNIX_EPOCH,
            unreadable: None,
            doubtful: false,
        }
    }

    const PAGES: i64 = 300;

    /// A disk that is full: the store may not grow, until what else lies on it is removed.
    struct Disk {
        folder: tempfile::TempDir,
        store: SqliteStore,
    }

    impl Disk {
        fn new() -> Disk {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("records.db");
            let connection = schema::open_writer(&path).unwrap();
            connection.execute_batch("CREATE TABLE other (bytes BLOB) STRICT").unwrap();
            connection.pragma_update(None, "max_page_count", PAGES).unwrap();
            let store = SqliteStore::start(connection, &path).unwrap();
            let disk = Disk { folder, store };
            disk.fill();
            disk
        }

        fn other(&self, sql: &str) -> rusqlite::Result<usize> {
            let other = Connection::open(self.folder.path().join("records.db")).unwrap();
            other.pragma_update(None, "max_page_count", PAGES).unwrap();
            other.execute(sql, [])
        }

        /// Takes what room was made before.
        fn fill(&self) {
            for bytes in [100_000, 10_000, 1_000, 10] {
                while self.other(&format!("INSERT INTO other VALUES (zeroblob({bytes}))")).is_ok() {}
            }
        }

        fn make_room(&self) {
            self.other("DELETE FROM other").unwrap();
        }
    }

    fn is_full(fault: &Fault) -> bool {
        fault.code == Code::Store && fault.message.contains("full") && fault.message.contains("make room")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_full_disk_is_a_fault_and_loses_nothing_acknowledged() {
        let disk = Disk::new();
        disk.make_room();
        let store = &disk.store;
        let mut acknowledged = 0;
        let fault = loop {
            match store.accept(event(acknowledged)).await {
                Ok(_) => acknowledged += 1,
                Err(fault) => break fault,
            }
        };
        assert!(is_full(&fault), "{fault}");
        assert!(acknowledged > 50);
        // The thread goes on: what needs no room still works.
        assert!(matches!(store.accept(event(0)).await, Ok(Accepted::Duplicate(_))));
        let path = disk.folder.path().join("records.db");
        drop(disk.store);
        let store = SqliteStore::open(&path).unwrap();
        assert_eq!(store.list(Filter::default()).await.unwrap().len(), acknowledged);
        assert!(matches!(store.accept(event(acknowledged)).await, Ok(Accepted::New(_))), "with room again it goes on");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_full_disk_stops_stays_as_it_was_and_comes_again() {
        let disk = Disk::new();
        disk.make_room();
        let (store, now) = (&disk.store, Timestamp::UNIX_EPOCH);
        store.accept(event(0)).await.unwrap();
        disk.fill();
        let documents: Vec<_> = (0..40).map(|part| crossdock_flow::Document { part, ..sample::document(&sample::order(9)) }).collect();
        // Letters in no order: they are hardly smaller once they are packed.
        let mut seed = 1_u32;
        let mut letter = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'a' + (seed >> 24) as u8 % 26)
        };
        let fetched = Some((0..40_000).map(|_| letter()).collect());
        let attempt = Attempt { documents: documents.into(), fetched, ..Attempt::new(1, now) };
        let stands = async || store.list(Filter::default()).await.unwrap().remove(0);
        // It may not be sent.
        assert_eq!(store.claim(now, 9).await.unwrap().len(), 1);
        assert!(is_full(&store.begin(1, attempt.clone()).await.unwrap_err()));
        assert_eq!((stands().await.state, stands().await.parts.len()), (State::Due, 0));
        store.unclaim(1);
        assert_eq!(store.claim(now, 9).await.unwrap().len(), 1, "as it was");
        disk.make_room();
        store.begin(1, attempt).await.unwrap();
        disk.fill();
        // It was sent, and that cannot be written down: it stays to be looked up.
        let settlement = Settlement { steps: vec!["sent".repeat(20_000)], ..Settlement::new(State::Delivered, now) };
        assert!(is_full(&store.settle(1, settlement.clone()).await.unwrap_err()));
        assert_eq!((stands().await.state, stands().await.parts.len()), (State::Sending, 40));
        let again = store.claim(now, 9).await.unwrap().remove(0);
        assert!(again.begun.is_some(), "given back by itself");
        disk.make_room();
        store.settle(1, settlement).await.unwrap();
        assert_eq!(stands().await.state, State::Delivered);
    }
}
