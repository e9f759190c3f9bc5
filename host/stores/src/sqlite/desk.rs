//! The store's other side: what people do to records, and what is kept about it.

use super::{
    SqliteStore, audit, backup,
    column::fault,
    crossed,
    keeping::Cutoffs,
    many, notes,
    operation::{Done, Operation},
    read,
};
use async_trait::async_trait;
use crossdock_flow::{
    Code, Fault,
    correct::Correction,
    desk::{By, Decision, Desk, Edit, Edited, Entry, Retention, Span, Swept},
    record::RecordId,
};
use jiff::Timestamp;
use std::path::Path;

#[async_trait]
impl Desk for SqliteStore {
    async fn decide(&self, records: &[RecordId], decision: Decision, by: &By) -> Result<Vec<RecordId>, Fault> {
        match self.writer.run(Operation::Decide { records: records.to_vec(), decision, by: by.clone() }).await? {
            Done::Records(records) => Ok(records),
            other => Err(crossed(&other)),
        }
    }

    async fn edit(&self, record: RecordId, edit: Edit) -> Result<u32, Fault> {
        self.count(Operation::Edit { record, edit }).await.map(|number| u32::try_from(number).unwrap_or(u32::MAX))
    }

    async fn edits(&self, record: RecordId) -> Result<Vec<Edited>, Fault> {
        self.readers.run(move |connection| read::edits(connection, record).map_err(|error| fault("read the corrected copies", error))).await
    }

    async fn audit(&self, span: &Span, skip: usize, most: usize) -> Result<Vec<Entry>, Fault> {
        let span = span.clone();
        self.readers.run(move |connection| audit::page(connection, &span, skip, most)).await
    }

    async fn corrections(&self) -> Result<Vec<Correction>, Fault> {
        self.readers.run(notes::corrections).await
    }

    async fn remember(&self, correction: Correction) -> Result<i64, Fault> {
        self.count(Operation::Remember { correction }).await
    }

    async fn forget(&self, correction: i64, by: &By) -> Result<bool, Fault> {
        Ok(self.count(Operation::Forget { correction, by: by.clone() }).await? > 0)
    }

    async fn sweep(&self, retention: Retention, now: Timestamp) -> Result<Swept, Fault> {
        match self.writer.run(Operation::Sweep { cutoffs: Cutoffs::of(retention, now), now }).await? {
            Done::Swept(swept) => Ok(swept),
            other => Err(crossed(&other)),
        }
    }

    async fn erase(&self, order: &str, by: &By) -> Result<usize, Fault> {
        self.count(Operation::Erase { order: order.to_owned(), by: by.clone() }).await.map(many)
    }

    async fn cursor(&self, connection: &str) -> Result<Option<Timestamp>, Fault> {
        let name = connection.to_owned();
        self.readers.run(move |connection| notes::cursor(connection, &name)).await
    }

    async fn set_cursor(&self, connection: &str, at: Timestamp) -> Result<(), Fault> {
        self.write(Operation::SetCursor { connection: connection.to_owned(), at }).await
    }

    async fn newest_version(&self, connection: &str, order: &str) -> Result<Option<i64>, Fault> {
        let (name, order) = (connection.to_owned(), order.to_owned());
        self.readers.run(move |connection| notes::newest_version(connection, &name, &order)).await
    }

    async fn alert(&self, at: Timestamp, kind: &str, subject: &str, message: &str) -> Result<(), Fault> {
        self.write(Operation::Alert { at, kind: kind.to_owned(), subject: subject.to_owned(), message: message.to_owned() }).await
    }

    async fn bring_forward(&self, latest: Timestamp) -> Result<usize, Fault> {
        self.count(Operation::BringForward { latest }).await.map(many)
    }

    async fn backup(&self, to: &Path) -> Result<(), Fault> {
        let (from, to) = (self.path.clone(), to.to_owned());
        // On a connection of its own: it may take minutes.
        let stopped = |_| Fault::new(Code::Store, "the host is stopping");
        tokio::task::spawn_blocking(move || backup::copy(&from, &to)).await.map_err(stopped)?
    }
}
