//! The embedded store: one SQLite file with a write-ahead log, for one host. A thread writes in groups, a few connections
//! read, claims live in memory. Other processes may open the same file to list and to retry while the host runs.
//! Times are kept to the microsecond, amounts exactly as they came.

mod claim;
mod column;
mod operation;
mod read;
mod rules;
mod schema;
mod writer;

use async_trait::async_trait;
use claim::Claims;
use crossdock_flow::{
    Code, Fault,
    record::{Accepted, Alert, Attempt, Claimed, Counts, Event, Filter, Quarantined, RecordId, Settlement, Store, Story, Summary},
};
use jiff::Timestamp;
use operation::{Done, Operation, Plan};
use read::Readers;
use sha2::{Digest, Sha256};
use std::{path::Path, sync::Arc};
use writer::Writer;

/// The row in [`crate::KINDS`].
pub const KIND: crate::Kind = crate::Kind { name: "sqlite", open: |path| Ok(Arc::new(SqliteStore::open(path)?)) };

/// Readers for lists and stories. Claims have a connection of their own and never wait behind a long list.
const READERS: usize = 2;

/// Records in one SQLite file. Dropping it finishes what was sent to it and closes the file.
pub struct SqliteStore {
    writer: Writer,
    claims: Arc<Claims>,
    claimer: Arc<Readers>,
    readers: Arc<Readers>,
}

impl SqliteStore {
    /// Opens the file, makes it when it is not there, and brings an older one to this version. Fails with E601, saying
    /// why: damaged, of another program, of a newer version, not writable.
    pub fn open(path: &Path) -> Result<SqliteStore, Fault> {
        SqliteStore::start(schema::open_writer(path)?, path)
    }

    fn start(connection: rusqlite::Connection, path: &Path) -> Result<SqliteStore, Fault> {
        let claims = Arc::new(Claims::new(path));
        let writer = Writer::start(connection, claims.clone())?;
        Ok(SqliteStore { writer, claims, claimer: Readers::new(path, 1), readers: Readers::new(path, READERS) })
    }

    async fn write(&self, operation: Operation) -> Result<(), Fault> {
        match self.writer.run(operation).await? {
            Done::Written => Ok(()),
            other => Err(crossed(&other)),
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
        match self.writer.run(Operation::Accept { event, body_hash, unreadable }).await? {
            Done::Accepted(accepted) => Ok(accepted),
            other => Err(crossed(&other)),
        }
    }

    async fn claim(&self, now: Timestamp, most: usize) -> Result<Vec<Claimed>, Fault> {
        let claims = self.claims.clone();
        let mut handout = self.claimer.run(move |connection| claim::claim(connection, &claims, now, most)).await?;
        for (record, fault) in std::mem::take(&mut handout.damaged) {
            // Without this one damaged row would come up at every claim for ever, or worse, be sent a second time.
            tracing::error!(record, %fault, "record parked: it cannot be read");
            let fault = operation::json(&fault)?;
            self.write(Operation::Park { record, fault }).await?;
            self.claims.release(record);
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
        match self.writer.run(Operation::Release { plugin: plugin.to_owned(), now }).await? {
            Done::Released(versions) => Ok(versions),
            other => Err(crossed(&other)),
        }
    }

    async fn alerts(&self, most: usize) -> Result<Vec<Alert>, Fault> {
        self.readers.run(move |connection| rules::alerts(connection, most)).await
    }

    async fn retry(&self, order: &str, now: Timestamp) -> Result<usize, Fault> {
        match self.writer.run(Operation::Retry { order: order.to_owned(), now }).await? {
            Done::Retried(records) => Ok(records),
            other => Err(crossed(&other)),
        }
    }
}

fn crossed(done: &Done) -> Fault {
    Fault::new(Code::Internal, format!("the store answered another question: {done:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_flow::record::Kind;

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
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_full_disk_is_a_fault_and_loses_nothing_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records.db");
        let connection = schema::open_writer(&path).unwrap();
        connection.pragma_update(None, "max_page_count", 200).unwrap();
        let store = SqliteStore::start(connection, &path).unwrap();
        let mut acknowledged = 0;
        let fault = loop {
            match store.accept(event(acknowledged)).await {
                Ok(_) => acknowledged += 1,
                Err(fault) => break fault,
            }
        };
        assert_eq!(fault.code, Code::Store);
        assert!(fault.message.contains("full") && fault.message.contains("make room"), "{fault}");
        assert!(acknowledged > 50);
        // The thread goes on: what needs no room still works.
        assert!(matches!(store.accept(event(0)).await, Ok(Accepted::Duplicate(_))));
        drop(store);
        let store = SqliteStore::open(&path).unwrap();
        assert_eq!(store.list(Filter::default()).await.unwrap().len(), acknowledged);
        assert!(matches!(store.accept(event(acknowledged)).await, Ok(Accepted::New(_))), "with room again it goes on");
    }
}
