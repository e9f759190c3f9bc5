//! What can be written, and what all of it has in common; the SQL of an order's way is in `way.rs`, of what people do in
//! `people.rs`, of what is kept for how long in `keeping.rs`. An operation runs inside the writer's transaction and may run
//! again when a neighbour breaks that transaction; it fails as a whole only by the disk, and by itself only before it has
//! written anything.

use super::{
    binder, changes,
    column::{Column, code},
    erasure,
    keeping::{self, Cutoffs},
    notes, packed, people, promises, rules, way,
};
use crossdock_flow::{
    Code, Fault,
    capability::Kept,
    correct::Correction,
    desk::{By, Decision, Edit, Swept, not_now},
    entity::{echo::Kind, lag, stock::Stock},
    finance::{Entry, Month, binder::Paper},
    promise::{Figure, Promise},
    record::{Accepted, Attempt, Event, Part, RecordId, Settlement, State},
    sync::ledger::{Arrival, Counted, Erasure, Settled, Step, Twin, Which},
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

/// One thing to write down. Made by the caller with everything encoded, so that the writer's thread only writes.
pub(super) enum Operation {
    Accept { event: Event, packed: Vec<u8>, body_hash: [u8; 16], unreadable: Option<String> },
    Begin { record: RecordId, plan: Plan },
    Settle { record: RecordId, plan: Option<Plan>, settlement: Box<Settlement>, fault: Option<String> },
    Park { record: RecordId, fault: Fault, at: Timestamp },
    Decide { records: Vec<RecordId>, decision: Decision, by: By },
    Edit { record: RecordId, edit: Edit },
    Sweep { cutoffs: Cutoffs, now: Timestamp },
    Erase { order: String, by: By },
    BringForward { latest: Timestamp },
    Remember { correction: Correction },
    Forget { correction: i64, by: By },
    SetCursor { connection: String, at: Timestamp },
    Alert { at: Timestamp, kind: String, subject: String, message: String },
    Release { plugin: String, now: Timestamp },
    TakeIn { arrivals: Vec<Arrival>, cursor: Option<(String, Timestamp)> },
    BeginChange { row: i64, kind: Kind, twin: Option<Twin> },
    SettleChange { row: i64, kind: Kind, settled: Box<Settled> },
    RetryChanges { which: Which, by: By },
    EraseChanges { erasure: Erasure, by: By },
    StepStock { sku: String, warehouse: String, step: Step },
    Keep { paper: Option<Box<Paper>>, entries: Vec<Entry>, number: Option<String>, at: Timestamp },
    Posted { entry: String, number: String, at: Timestamp },
    LockMonth { month: Month, at: Timestamp },
    KeepBack { stocks: Vec<(String, String)>, policy: lag::Policy, late: SignedDuration, now: Timestamp },
    CountStock { counted: Vec<Counted>, counts: Figure, now: Timestamp },
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Done {
    Written,
    Accepted(Accepted),
    /// The number of what was added, or how many it was done to.
    Number(i64),
    Records(Vec<RecordId>),
    Swept(Swept),
    Stock(Box<Stock>),
}

/// An attempt, encoded.
pub(super) struct Plan {
    pub(super) number: u32,
    pub(super) edit: u32,
    pub(super) started_at: Timestamp,
    pub(super) begun_at: Option<Timestamp>,
    pub(super) worth: Option<(String, &'static str)>,
    /// The whole of it as JSON, packed.
    pub(super) packed: Vec<u8>,
    pub(super) parts: Vec<Part>,
    pub(super) kept: Kept,
    pub(super) promise: Option<Promise>,
}

impl Plan {
    /// Encodes an attempt. Fails with E699 when it cannot be.
    pub(super) fn of(attempt: &Attempt) -> Result<Plan, Fault> {
        let parts = attempt.documents.iter().map(|document| Part {
            part: document.part,
            key: document.key.clone(),
            warehouse: document.warehouse.clone(),
            total: document.total,
            number: None,
        });
        Ok(Plan {
            number: attempt.number,
            edit: attempt.edit,
            started_at: attempt.started_at,
            begun_at: attempt.begun_at,
            worth: attempt.worth.map(|(worth, currency)| (worth.to_string(), currency.code())),
            packed: packed::pack(json(attempt)?.as_bytes()),
            parts: parts.collect(),
            kept: Kept::of(&attempt.runs),
            promise: attempt.promise.clone(),
        })
    }
}

/// Encodes as JSON. Fails with E699.
pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::new(Code::Internal, format!("cannot encode for the store: {error}")))
}

/// How the numbers in `counts` change in one transaction, by place.
#[derive(Default)]
pub(super) struct Tally([i64; 10]);

/// The place of the duplicates in `counts`.
pub(super) const DUPLICATES: usize = 8;

/// The place of a state in `counts`. The states that came after the duplicates stand behind them, so that an older program
/// that still runs counts right.
pub(super) fn place(state: State) -> usize {
    let code = code(state);
    if code < DUPLICATES { code } else { code + 1 }
}

impl Tally {
    /// A record stands elsewhere now; one that is new came from nowhere, one that is removed goes there.
    pub(super) fn moved(&mut self, from: Option<State>, to: Option<State>) {
        if let Some(from) = from {
            self.0[place(from)] -= 1;
        }
        if let Some(to) = to {
            self.0[place(to)] += 1;
        }
    }

    /// A duplicate was dropped.
    pub(super) fn dropped(&mut self) {
        self.0[DUPLICATES] += 1;
    }

    /// Writes the changes, one small page per transaction.
    pub(super) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut update = connection.prepare_cached("UPDATE counts SET n = n + ?2 WHERE what = ?1")?;
        for (what, n) in (0i64..).zip(self.0) {
            if n != 0 {
                update.execute([what, n])?;
            }
        }
        Ok(())
    }
}

pub(super) type Outcome = rusqlite::Result<Result<Done, Fault>>;

impl Operation {
    /// Writes it. The outer error breaks the transaction, the inner one is this operation's alone.
    pub(super) fn apply(&self, connection: &Connection, tally: &mut Tally) -> Outcome {
        match self {
            Operation::Accept { event, packed, body_hash, unreadable } => {
                way::accept(connection, tally, event, packed, body_hash, unreadable.as_deref())
            }
            Operation::Begin { record, plan } => way::begin(connection, tally, *record, plan),
            Operation::Settle { record, plan, settlement, fault } => {
                way::settle(connection, tally, *record, plan.as_ref(), settlement, fault.as_deref())
            }
            Operation::Park { record, fault, at } => way::park(connection, tally, *record, fault, *at),
            Operation::Decide { records, decision, by } => people::decide(connection, tally, records, *decision, by),
            Operation::Edit { record, edit } => people::edit(connection, *record, edit),
            Operation::Sweep { cutoffs, now } => keeping::sweep(connection, tally, cutoffs, *now),
            Operation::Erase { order, by } => keeping::erase(connection, order, by),
            Operation::BringForward { latest } => way::bring_forward(connection, *latest),
            Operation::Remember { correction } => notes::remember(connection, correction),
            Operation::Forget { correction, by } => notes::forget(connection, *correction, by),
            Operation::SetCursor { connection: name, at } => notes::set_cursor(connection, name, *at),
            Operation::Alert { at, kind, subject, message } => {
                rules::alert(connection, *at, kind, subject, message)?;
                Ok(Ok(Done::Written))
            }
            Operation::Release { plugin, now } => number(rules::release(connection, plugin, *now)?),
            Operation::TakeIn { arrivals, cursor } => changes::take_in(connection, arrivals, cursor.as_ref()),
            Operation::BeginChange { row, kind, twin } => changes::begin(connection, *row, *kind, twin.as_ref()),
            Operation::SettleChange { row, kind, settled } => changes::settle(connection, *row, *kind, settled),
            Operation::RetryChanges { which, by } => changes::retry(connection, which, by),
            Operation::EraseChanges { erasure, by } => erasure::erase(connection, erasure, by),
            Operation::Keep { paper, entries, number, at } => binder::keep(connection, paper.as_deref(), entries, number.as_deref(), *at),
            Operation::Posted { entry, number, at } => binder::posted(connection, entry, number, *at),
            Operation::LockMonth { month, at } => binder::lock(connection, *month, *at),
            Operation::StepStock { sku, warehouse, step } => promises::step(connection, sku, warehouse, step),
            Operation::KeepBack { stocks, policy, late, now } => promises::keep_back(connection, stocks, *policy, *late, *now),
            Operation::CountStock { counted, counts, now } => promises::count(connection, counted, *counts, *now),
        }
    }
}

/// How many, as an outcome.
pub(super) fn number(n: usize) -> Outcome {
    Ok(Ok(Done::Number(i64::try_from(n).unwrap_or(i64::MAX))))
}

/// Where a record stands before it is changed.
pub(super) struct Standing {
    pub(super) order: String,
    pub(super) state: State,
    pub(super) attempts: u32,
    pub(super) edits: u32,
    /// Whether it has a time at which it is due.
    waits: bool,
    /// Whether its own column says when it was begun.
    pub(super) begun: bool,
    pub(super) told: i64,
}

impl Standing {
    /// Only what waits can be worked on: somebody may have decided otherwise while a worker had it. Fails with E208.
    pub(super) fn must_wait(&self, record: RecordId) -> Result<(), Fault> {
        if self.waits { Ok(()) } else { Err(not_now(record, &format!("is {} by now", self.state))) }
    }
}

pub(super) fn standing(connection: &Connection, record: RecordId) -> rusqlite::Result<Option<Standing>> {
    connection
        .prepare_cached("SELECT order_key, state, attempts, edits, due_at IS NOT NULL, begun_at IS NOT NULL, told FROM records WHERE id = ?1")?
        .query_row([record], |row| {
            Ok(Standing {
                order: row.get(0)?,
                state: row.get::<_, Column<State>>(1)?.0,
                attempts: row.get(2)?,
                edits: row.get(3)?,
                waits: row.get(4)?,
                begun: row.get(5)?,
                told: row.get(6)?,
            })
        })
        .optional()
}

/// Says anew which records of an order an earlier one blocks. Called whenever one of them changes its state.
pub(super) fn relane(connection: &Connection, order: &str) -> rusqlite::Result<()> {
    let mut query = connection.prepare_cached("SELECT id, state, blocked FROM records WHERE order_key = ?1 AND due_at IS NOT NULL ORDER BY id")?;
    let mut rows = query.query([order])?;
    let (mut open, mut wrong) = (false, Vec::new());
    while let Some(row) = rows.next()? {
        if row.get::<_, bool>(2)? != open {
            wrong.push((row.get::<_, RecordId>(0)?, open));
        }
        open |= matches!(row.get::<_, Column<State>>(1)?.0, State::Due | State::Sending);
    }
    for (record, blocked) in wrong {
        connection.prepare_cached("UPDATE records SET blocked = ?2 WHERE id = ?1")?.execute(params![record, blocked])?;
    }
    Ok(())
}
