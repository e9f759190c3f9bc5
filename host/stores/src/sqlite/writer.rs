//! The one thread that writes. It takes everything that waits into one transaction, so that many callers share one sync of
//! the disk (under load it gives them a moment to come), and answers only after COMMIT. What an operation does is in
//! `operation.rs`.

use super::{
    claim::Claims,
    column::fault,
    operation::{Done, Operation, Tally},
    place::Place,
    schema::PATIENCE,
};
use crossdock_flow::{Code, Fault};
use rusqlite::{Connection, TransactionBehavior};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::Duration,
};
use tokio::sync::oneshot;

/// Most operations in one transaction.
const MOST: usize = 256;
/// Pages in the write-ahead log that start a checkpoint: 4 MB. More means fewer but longer pauses, and a longer recovery.
const CHECKPOINT: i32 = 2000;

/// So many in the last transaction mean that more are on their way: the next one waits this long for them, so that all share one sync
/// and the pages that each of them touches. Under load a third of the syncs is left, and four fifths of the bytes; whoever writes alone never
/// waits.
const BUSY: usize = 6;
const GATHER: Duration = Duration::from_micros(700);

/// How long erasing waits for whoever reads old pages, which others wait for meanwhile.
const FOLDING: Duration = Duration::from_millis(200);

struct Job {
    operation: Operation,
    reply: oneshot::Sender<Result<Done, Fault>>,
}

/// The way to the thread. Dropping it lets the thread finish what was sent, and waits for that.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread on its connection. Fails with E601.
    pub(super) fn start(connection: Connection, path: &Path, claims: Arc<Claims>) -> Result<Writer, Fault> {
        let (jobs, waiting) = mpsc::channel();
        let place = Place::new(path);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || write(connection, &waiting, &place, &claims))
            .map_err(|error| Fault::new(Code::Store, format!("cannot start the store's thread: {error}")))?;
        Ok(Writer { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Has an operation written down; `Ok` means it is on disk. Once called it happens, even if the caller stops waiting.
    /// The queue needs no bound of its own: everybody in it waits here for the answer.
    pub(super) async fn run(&self, operation: Operation) -> Result<Done, Fault> {
        let gone = || Fault::new(Code::Store, "the store's thread has ended: restart the host");
        let (reply, answer) = oneshot::channel();
        self.jobs.as_ref().and_then(|jobs| jobs.send(Job { operation, reply }).ok()).ok_or_else(gone)?;
        answer.await.map_err(|_| gone())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the store's thread ended with a panic");
        }
    }
}

fn write(mut connection: Connection, waiting: &mpsc::Receiver<Job>, place: &Place, claims: &Claims) {
    let pages = Arc::new(AtomicI32::new(0));
    let seen = pages.clone();
    let hook = move |_: &mut rusqlite::hooks::Wal, pages: i32| {
        seen.store(pages, Ordering::Relaxed);
        Ok(())
    };
    if let Err(error) = connection.wal_hook(Some(hook)) {
        tracing::error!(%error, "the store's log cannot be watched");
    }
    let mut batch = Vec::with_capacity(MOST);
    // Something was erased that may still stand in the log.
    let mut traces = false;
    let mut last = 0;
    while let Ok(first) = waiting.recv() {
        batch.push(first);
        if last >= BUSY {
            std::thread::sleep(GATHER);
        }
        batch.extend(waiting.try_iter().take(MOST - 1));
        last = batch.len();
        let mut outcomes = commit(&mut connection, &batch);
        // Only now: a file that nobody will find again takes everything and keeps nothing.
        if let Err(fault) = place.check() {
            outcomes.iter_mut().for_each(|outcome| *outcome = Err(fault.clone()));
        }
        traces |= batch.iter().any(|job| matches!(job.operation, Operation::Erase { .. } | Operation::EraseChanges { .. }));
        traces = traces && !wipe(&connection);
        for (Job { operation, reply }, outcome) in batch.drain(..).zip(outcomes) {
            if let Operation::Settle { record, .. } = operation {
                claims.release(record);
            }
            // Whoever asked may have stopped waiting; what is written stays written.
            drop(reply.send(outcome));
        }
        // Here and not inside COMMIT, so that those just written down do not wait for it.
        if pages.load(Ordering::Relaxed) >= CHECKPOINT {
            checkpoint(&connection, "PRAGMA wal_checkpoint(PASSIVE)");
        }
    }
    checkpoint(&connection, "PRAGMA wal_checkpoint(TRUNCATE)");
}

/// Writes all or, when one of them breaks the transaction, each by itself, so that nobody fails by a neighbour's fault.
fn commit(connection: &mut Connection, batch: &[Job]) -> Vec<Result<Done, Fault>> {
    match transact(connection, batch) {
        Ok(outcomes) => outcomes,
        Err(Broken::Operation(_)) if batch.len() > 1 => batch
            .chunks(1)
            .map(|one| match transact(connection, one) {
                Ok(mut outcomes) => outcomes.pop().unwrap_or_else(|| Err(Fault::new(Code::Internal, "an operation without outcome"))),
                Err(Broken::Operation(fault) | Broken::Transaction(fault)) => Err(fault),
            })
            .collect(),
        Err(Broken::Operation(fault) | Broken::Transaction(fault)) => batch.iter().map(|_| Err(fault.clone())).collect(),
    }
}

enum Broken {
    /// One operation failed; others may succeed without it.
    Operation(Fault),
    /// The transaction could not begin or end: it would not for any of them.
    Transaction(Fault),
}

fn transact(connection: &mut Connection, batch: &[Job]) -> Result<Vec<Result<Done, Fault>>, Broken> {
    let whole = |error| Broken::Transaction(fault("write to the store", error));
    let one = |error| Broken::Operation(fault("write to the store", error));
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(whole)?;
    let mut tally = Tally::default();
    let outcomes = batch.iter().map(|job| job.operation.apply(&transaction, &mut tally).map_err(one)).collect::<Result<_, _>>()?;
    tally.write(&transaction).map_err(whole)?;
    transaction.commit().map_err(whole)?;
    Ok(outcomes)
}

/// Folds the log and empties it, unless somebody reads old pages in it for too long: then later.
fn wipe(connection: &Connection) -> bool {
    let fold = || {
        connection.busy_timeout(FOLDING)?;
        let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        connection.busy_timeout(PATIENCE)?;
        busy
    };
    match fold() {
        Ok(busy) => !busy,
        Err(error) => {
            tracing::warn!(%error, "what was erased is still in the store's log; it is tried again");
            false
        }
    }
}

fn checkpoint(connection: &Connection, how: &str) {
    if let Err(error) = connection.query_row(how, [], |_| Ok(())) {
        // Nothing is lost: the log only grows until the next one succeeds.
        tracing::warn!(%error, "the store's log could not be folded into its file");
    }
}
