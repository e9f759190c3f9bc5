//! The store as what is kept alike sees it. What is out is in memory only, as with records: after a crash a row that was
//! begun is simply looked up again.

use super::{
    SqliteStore, changes, crossed, erasure, many,
    operation::{Done, Operation},
    promises,
};
use async_trait::async_trait;
use crossdock_flow::{
    Fault,
    desk::{By, Span},
    entity::{
        echo::{Entity, Kind},
        lag,
        stock::Stock,
    },
    promise::Figure,
    sync::ledger::{Arrival, Claimed, Counted, Counts, Erasure, Ledger, Noted, Row, Settled, Step, Story, Twin, Which},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Stock levels that are set in one transaction.
const PAGE: usize = 500;

/// The rows that are out.
#[derive(Default)]
pub(super) struct Out(Mutex<HashSet<i64>>);

impl Out {
    fn rows(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SqliteStore {
    /// The latest of these changes as it came, with the side's own bytes: for people who look at it.
    pub async fn latest_change(&self, which: Which) -> Result<Option<Arrival>, Fault> {
        self.readers.run(move |connection| changes::latest(connection, &which)).await
    }
}

#[async_trait]
impl Ledger for SqliteStore {
    async fn take_in(&self, arrivals: Vec<Arrival>, cursor: Option<(String, Timestamp)>) -> Result<usize, Fault> {
        self.count(Operation::TakeIn { arrivals, cursor }).await.map(many)
    }

    async fn asked(&self, flow: &str) -> Result<Option<Timestamp>, Fault> {
        let flow = flow.to_owned();
        self.readers.run(move |connection| changes::asked(connection, &flow)).await
    }

    async fn claim_changes(&self, now: Timestamp, most: usize) -> Result<Vec<Claimed>, Fault> {
        // Only one loop claims, and what it claimed is noted before it asks again.
        let out = self.changing.rows().clone();
        let claimed = self.readers.run(move |connection| changes::due(connection, &out, now, most)).await?;
        self.changing.rows().extend(claimed.iter().map(|one| one.row));
        Ok(claimed)
    }

    fn unclaim_change(&self, row: i64) {
        self.changing.rows().remove(&row);
    }

    async fn twin(&self, entity: &Entity) -> Result<Option<Twin>, Fault> {
        let entity = entity.clone();
        self.readers.run(move |connection| changes::twin(connection, &entity)).await
    }

    async fn begin_change(&self, row: i64, kind: Kind, twin: Option<Twin>) -> Result<(), Fault> {
        self.write(Operation::BeginChange { row, kind, twin }).await
    }

    async fn settle_change(&self, row: i64, kind: Kind, settled: Settled) -> Result<(), Fault> {
        let result = self.write(Operation::SettleChange { row, kind, settled: Box::new(settled) }).await;
        self.unclaim_change(row);
        result
    }

    async fn next_change(&self) -> Result<Option<Timestamp>, Fault> {
        let out = self.changing.rows().clone();
        self.readers.run(move |connection| changes::next(connection, &out)).await
    }

    async fn changes(&self, which: Which) -> Result<Vec<Row>, Fault> {
        self.readers.run(move |connection| changes::list(connection, &which)).await
    }

    async fn change_story(&self, which: Which) -> Result<Vec<Story>, Fault> {
        self.readers.run(move |connection| changes::story(connection, &which)).await
    }

    async fn retry_changes(&self, which: Which, by: &By) -> Result<usize, Fault> {
        self.count(Operation::RetryChanges { which, by: by.clone() }).await.map(many)
    }

    async fn erase_changes(&self, erasure: Erasure, by: &By) -> Result<usize, Fault> {
        self.count(Operation::EraseChanges { erasure, by: by.clone() }).await.map(many)
    }

    async fn change_audit(&self, span: &Span, skip: usize, most: usize) -> Result<Vec<Noted>, Fault> {
        let span = span.clone();
        self.readers.run(move |connection| erasure::page(connection, &span, skip, most)).await
    }

    async fn change_counts(&self) -> Result<Counts, Fault> {
        self.readers.run(changes::counts).await
    }

    async fn step_stock(&self, sku: &str, warehouse: &str, step: Step) -> Result<Stock, Fault> {
        match self.writer.run(Operation::StepStock { sku: sku.to_owned(), warehouse: warehouse.to_owned(), step }).await? {
            Done::Stock(stock) => Ok(*stock),
            other => Err(crossed(&other)),
        }
    }

    async fn stock(&self, sku: &str, warehouse: &str) -> Result<Option<Stock>, Fault> {
        let (sku, warehouse) = (sku.to_owned(), warehouse.to_owned());
        self.readers.run(move |connection| promises::one(connection, &sku, &warehouse)).await
    }

    async fn stocks(&self) -> Result<Vec<Counted>, Fault> {
        self.readers.run(promises::all).await
    }

    async fn keep_back(&self, policy: lag::Policy, late: SignedDuration, now: Timestamp) -> Result<usize, Fault> {
        // Looked for beside the writer: most stocks stay as they are.
        let stocks = self.readers.run(move |connection| promises::kept_otherwise(connection, policy, late, now)).await?;
        let mut changed = 0;
        for page in stocks.chunks(PAGE) {
            changed += many(self.count(Operation::KeepBack { stocks: page.to_vec(), policy, late, now }).await?);
        }
        Ok(changed)
    }

    async fn count_stock(&self, counted: Vec<Counted>, counts: Figure, now: Timestamp) -> Result<usize, Fault> {
        let mut set = 0;
        // A page at a time: orders write in between.
        for page in counted.chunks(PAGE) {
            set += many(self.count(Operation::CountStock { counted: page.to_vec(), counts, now }).await?);
        }
        Ok(set)
    }
}
