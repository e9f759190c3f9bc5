//! Random sequences of everything a store can do, against a list in memory that does it the simple way.

use crate::{Place, given::*};
use crossdock_flow::{
    Code,
    desk::{Backend, Decision, Retention, Swept},
    record::{Accepted, Attempt, Event, Filter, Part, RecordId, Settlement, State},
};
use crossdock_stores::Kind;
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use std::sync::Arc;

#[derive(Clone, Debug)]
enum Step {
    Accept { id: u8, body: u8, order: u8, skew: i64 },
    Claim { most: usize },
    Unclaim { pick: usize },
    Begin { pick: usize, documents: u32 },
    Settle { pick: usize, state: State, delay: Option<i64>, documents: u32, supersede: bool },
    Decide { order: u8, decision: Decision },
    Edit { pick: usize, order: u8, body: u8 },
    Sweep { contents: i64, records: i64 },
    Erase { order: u8 },
    BringForward { seconds: i64 },
    Wait { seconds: i64 },
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let state = prop::sample::select(State::ALL.to_vec());
    prop_oneof![
        6 => (0..20u8, 0..20u8, 0..3u8, -9..9i64).prop_map(|(id, body, order, skew)| Step::Accept { id, body, order, skew }),
        5 => (0..4usize).prop_map(|most| Step::Claim { most }),
        1 => (0..9usize).prop_map(|pick| Step::Unclaim { pick }),
        3 => (0..9usize, 0..3u32).prop_map(|(pick, documents)| Step::Begin { pick, documents }),
        5 => (0..9usize, state, prop::option::of(0..9i64), 0..3u32, any::<bool>())
            .prop_map(|(pick, state, delay, documents, supersede)| Step::Settle { pick, state, delay, documents, supersede }),
        3 => (0..3u8, prop::sample::select(vec![Decision::Retry, Decision::Retry, Decision::Discard]))
            .prop_map(|(order, decision)| Step::Decide { order, decision }),
        2 => (0..9usize, 0..3u8, 50..70u8).prop_map(|(pick, order, body)| Step::Edit { pick, order, body }),
        1 => (0..20i64, 0..40i64).prop_map(|(contents, records)| Step::Sweep { contents, records }),
        1 => (0..3u8).prop_map(|order| Step::Erase { order }),
        1 => (0..9i64).prop_map(|seconds| Step::BringForward { seconds }),
        3 => (0..9i64).prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Reopen),
    ]
}

/// Runs the comparison for one backend.
pub(crate) fn check(kind: &'static Kind) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let mut runner = TestRunner::new(Config { cases: 64, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&prop::collection::vec(step(), 1..60), |steps| runtime.block_on(compare(Place::new(kind), steps)));
    if let Err(error) = outcome {
        panic!("{}: {error}", kind.name);
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    record: RecordId,
    id: u8,
    body: u8,
    order: u8,
    state: State,
    due: Option<i64>,
    attempts: u32,
    tries: u32,
    released: bool,
    parts: Vec<Part>,
    /// Under which order, and with which copy.
    out: Option<(u8, u32)>,
    /// Whether its original is there; its copies, those that were removed as nothing.
    original: bool,
    copies: Vec<Option<u8>>,
    ended: Option<i64>,
    erased: bool,
}

impl Row {
    fn open(&self) -> bool {
        matches!(self.state, State::Due | State::Sending)
    }

    fn stopped(&self) -> bool {
        matches!(self.state, State::Held | State::Parked | State::Rejected)
    }

    fn edit(&self) -> u32 {
        u32::try_from(self.copies.len()).unwrap()
    }

    /// What would be worked on.
    fn bytes(&self) -> Option<u8> {
        self.copies.last().copied().unwrap_or_else(|| self.original.then_some(self.body))
    }

    fn empty(&mut self) {
        self.original = false;
        self.copies.iter_mut().for_each(|copy| *copy = None);
    }

    fn go(&mut self, state: State, now: i64) {
        self.state = state;
        let end = matches!(state, State::Delivered | State::Rejected | State::Cancelled | State::Superseded | State::Discarded);
        self.ended = end.then_some(now);
    }
}

#[derive(Default)]
struct Model {
    rows: Vec<Row>,
    now: i64,
    duplicates: u64,
    highest: RecordId,
}

impl Model {
    /// Whether it could be handed out if its time had come.
    fn free(&self, row: &Row) -> bool {
        let other_out = |other: &Row| other.out.is_some_and(|(order, _)| order == row.order);
        let before = |other: &Row| other.order == row.order && other.record < row.record && other.open();
        row.due.is_some() && row.out.is_none() && !self.rows.iter().any(|other| other_out(other) || before(other))
    }

    fn claim(&mut self, most: usize) -> Vec<RecordId> {
        let mut places: Vec<usize> = (0..self.rows.len()).collect();
        places.sort_by_key(|place| (self.rows[*place].due, self.rows[*place].record));
        let mut claimed = Vec::new();
        for place in places {
            let row = &self.rows[place];
            if claimed.len() < most && row.due.is_some_and(|due| due <= self.now) && self.free(row) {
                claimed.push(row.record);
                self.rows[place].out = Some((row.order, row.edit()));
            }
        }
        claimed
    }

    fn next_due(&self) -> Option<i64> {
        self.rows.iter().filter(|row| self.free(row)).filter_map(|row| row.due).min()
    }

    fn row(&mut self, record: RecordId) -> &mut Row {
        self.rows.iter_mut().find(|row| row.record == record).unwrap()
    }

    /// One of those that are out.
    fn pick(&self, pick: usize) -> Option<RecordId> {
        let out: Vec<_> = self.rows.iter().filter(|row| row.out.is_some()).collect();
        out.get(pick % out.len().max(1)).map(|row| row.record)
    }
}

async fn compare(place: Place, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut store = place.open();
    let mut model = Model::default();
    for step in steps {
        match step {
            Step::Reopen => {
                drop(store);
                store = place.open();
                model.rows.iter_mut().for_each(|row| row.out = None);
            }
            Step::Wait { seconds } => model.now += seconds,
            step => run(&store, &mut model, step).await?,
        }
        same(&store, &model).await?;
    }
    Ok(())
}

async fn run(store: &Arc<dyn Backend>, model: &mut Model, step: Step) -> Result<(), TestCaseError> {
    match step {
        Step::Accept { id, body, order, skew } => {
            // Clocks go backwards, too.
            let received = model.now + skew;
            let event = Event { body: vec![body], ..event(&format!("e{id}"), &order.to_string(), received) };
            let there = model.rows.iter().find(|row| row.id == id).or_else(|| model.rows.iter().find(|row| row.body == body));
            match (store.accept(event).await.unwrap(), there) {
                (Accepted::Duplicate(record), Some(row)) => {
                    prop_assert_eq!(record, row.record);
                    model.duplicates += 1;
                }
                (Accepted::New(record), None) => {
                    prop_assert!(model.highest < record);
                    model.highest = record;
                    let (due, state, out, ended) = (Some(received), State::Due, None, None);
                    let (attempts, tries, released, erased, original) = (0, 0, false, false, true);
                    let (parts, copies) = (Vec::new(), Vec::new());
                    model.rows.push(Row {
                        record,
                        id,
                        body,
                        order,
                        state,
                        due,
                        attempts,
                        tries,
                        released,
                        parts,
                        out,
                        original,
                        copies,
                        ended,
                        erased,
                    });
                }
                other => prop_assert!(false, "accepted {:?}", other),
            }
        }
        Step::Claim { most } => {
            let claimed = store.claim(at(model.now), most).await.unwrap();
            prop_assert_eq!(claimed.iter().map(|claimed| claimed.record).collect::<Vec<_>>(), model.claim(most));
            for claimed in claimed {
                let row = model.row(claimed.record).clone();
                let is = (claimed.attempts, claimed.tries, claimed.released, claimed.body, claimed.edit);
                prop_assert_eq!(is, (row.attempts, row.tries, row.released, row.bytes().into_iter().collect(), row.edit()));
                let begun = claimed.begun.map(|(attempt, parts)| (attempt.number, parts));
                prop_assert_eq!(begun, (row.state == State::Sending).then_some((row.attempts, row.parts)));
                let lane: Vec<_> = claimed.lane.into_iter().map(|entry| (entry.record, entry.state, entry.parts)).collect();
                let others = model.rows.iter().filter(|other| other.order == row.order && other.record != row.record);
                prop_assert_eq!(lane, others.map(|other| (other.record, other.state, other.parts.clone())).collect::<Vec<_>>());
            }
        }
        Step::Unclaim { pick } => {
            if let Some(record) = model.pick(pick) {
                store.unclaim(record);
                model.row(record).out = None;
            }
        }
        Step::Begin { pick, documents } => {
            if let Some(record) = model.pick(pick) {
                let row = model.row(record);
                let Some((_, edit)) = row.out else { unreachable!("it is out") };
                let begun = store.begin(record, Attempt { edit, ..attempt(row.attempts + 1, documents) }).await;
                if row.due.is_none() || edit != row.edit() {
                    prop_assert_eq!(begun.unwrap_err().code, Code::NotNow);
                    store.unclaim(record);
                    row.out = None;
                } else {
                    begun.unwrap();
                    row.attempts += 1;
                    row.state = State::Sending;
                    row.parts = (0..documents).map(|number| part(number, None)).collect();
                }
            }
        }
        Step::Settle { pick, state, delay, documents, supersede } => {
            let Some(record) = model.pick(pick) else { return Ok(()) };
            let now = model.now;
            let order = model.row(record).order;
            if model.row(record).due.is_none() {
                prop_assert_eq!(store.settle(record, end(state, now)).await.unwrap_err().code, Code::NotNow);
                model.row(record).out = None;
                return Ok(());
            }
            // Only what was never begun can be waiting to be sent without an attempt.
            let new = model.row(record).state != State::Sending;
            let others = model.rows.iter().filter(|row| supersede && row.order == order && row.record != record && row.out.is_none());
            let supersedes: Vec<_> = others.map(|row| row.record).collect();
            for other in &supersedes {
                let row = model.row(*other);
                row.go(State::Superseded, now);
                row.due = None;
            }
            let row = model.row(record);
            row.attempts += u32::from(new);
            row.tries += 1;
            row.go(state, now);
            row.due = match state {
                State::Due | State::Sending => Some(now + delay.unwrap_or(0)),
                State::Held => delay.map(|delay| now + delay),
                _ => None,
            };
            row.parts = (0..documents).map(|number| part(number, (number == 0).then_some("100"))).collect();
            row.out = None;
            let attempt = new.then(|| attempt(row.attempts, documents));
            let due_at = delay.map(|delay| at(now + delay));
            let settlement = Settlement { due_at, tries: row.tries, attempt, parts: row.parts.clone(), supersedes, ..end(state, now) };
            store.settle(record, settlement).await.unwrap();
        }
        Step::Decide { order, decision } => {
            let now = model.now;
            let stopped: Vec<_> = model.rows.iter_mut().filter(|row| row.order == order && row.stopped()).collect();
            let refused = stopped.iter().any(|row| match decision {
                Decision::Discard => !row.parts.is_empty(),
                Decision::Retry => row.bytes().is_none(),
            });
            let done = decided(&**store, &order.to_string(), decision, now).await;
            if refused {
                prop_assert_eq!(done.unwrap_err().code, Code::NotNow);
                return Ok(());
            }
            prop_assert_eq!(done, Ok(stopped.len()));
            for row in stopped {
                row.due = None;
                match decision {
                    Decision::Discard => row.go(State::Discarded, now),
                    Decision::Retry => {
                        row.released |= row.state == State::Held;
                        row.go(if row.parts.is_empty() { State::Due } else { State::Sending }, now);
                        (row.due, row.tries, row.erased) = (Some(now), 0, false);
                    }
                }
            }
        }
        Step::Edit { pick, order, body } => {
            let (now, n) = (model.now, model.rows.len());
            let Some(row) = model.rows.get_mut(pick % n.max(1)) else { return Ok(()) };
            let made = store.edit(row.record, edit(&order.to_string(), now, &[body], now)).await;
            if row.stopped() && row.parts.is_empty() {
                row.copies.push(Some(body));
                (row.order, row.erased) = (order, false);
                row.ended = row.ended.map(|_| now);
                prop_assert_eq!(made, Ok(row.edit()));
            } else {
                prop_assert_eq!(made.unwrap_err().code, Code::NotNow);
            }
        }
        Step::Sweep { contents, records } => {
            // Workers that have what is over give it back first.
            for row in model.rows.iter_mut().filter(|row| row.ended.is_some() && row.out.is_some()) {
                store.unclaim(row.record);
                row.out = None;
            }
            let seconds = |seconds: i64| std::time::Duration::from_secs(seconds.unsigned_abs());
            let retention = Retention { originals: seconds(contents), runs: seconds(contents), records: seconds(records) };
            while store.sweep(retention, at(model.now)).await.unwrap() != Swept::default() {}
            let (now, newest) = (model.now, model.rows.iter().map(|row| row.record).max());
            let past = |row: &Row, kept: i64| row.ended.is_some_and(|ended| ended <= now - kept);
            model.rows.retain(|row| !past(row, records) || Some(row.record) == newest);
            model.rows.iter_mut().filter(|row| past(row, contents)).for_each(Row::empty);
        }
        Step::Erase { order } => {
            let rows: Vec<_> = model.rows.iter_mut().filter(|row| row.order == order).collect();
            let erased = store.erase(&order.to_string(), &by(model.now)).await;
            if rows.iter().any(|row| row.ended.is_none()) {
                prop_assert_eq!(erased.unwrap_err().code, Code::NotNow);
            } else {
                prop_assert_eq!(erased, Ok(rows.iter().filter(|row| !row.erased).count()));
                for row in rows {
                    row.erased = true;
                    row.empty();
                }
            }
        }
        Step::BringForward { seconds } => {
            let latest = model.now + seconds;
            let late: Vec<_> = model.rows.iter_mut().filter(|row| row.due.is_some_and(|due| due > latest)).collect();
            prop_assert_eq!(store.bring_forward(at(latest)).await, Ok(late.len()));
            late.into_iter().for_each(|row| row.due = Some(latest));
        }
        Step::Wait { .. } | Step::Reopen => unreachable!("done above"),
    }
    Ok(())
}

async fn same(store: &Arc<dyn Backend>, model: &Model) -> Result<(), TestCaseError> {
    let list = store.list(Filter::default()).await.unwrap();
    let is: Vec<_> = list.into_iter().map(|s| (s.record, s.state, s.due_at, s.attempts, s.parts)).collect();
    let should: Vec<_> = model.rows.iter().rev().map(|row| (row.record, row.state, row.due.map(at), row.attempts, row.parts.clone())).collect();
    prop_assert_eq!(is, should);
    prop_assert_eq!(store.next_due().await.unwrap(), model.next_due().map(at));
    let counts = store.counts().await.unwrap();
    prop_assert_eq!(counts.duplicates, model.duplicates);
    for (state, n) in counts.records {
        prop_assert_eq!(n, model.rows.iter().filter(|row| row.state == state).count() as u64);
    }
    for order in 0..3u8 {
        let story = store.story(&order.to_string()).await.unwrap();
        for (story, row) in story.into_iter().zip(model.rows.iter().filter(|row| row.order == order)) {
            prop_assert_eq!((story.summary.record, story.body), (row.record, row.original.then(|| vec![row.body])));
            let copies: Vec<_> = story.edits.into_iter().map(|edit| edit.body).collect();
            prop_assert_eq!(copies, row.copies.iter().map(|copy| copy.map(|byte| vec![byte])).collect::<Vec<_>>());
            // Every step is told: each begins where the one before ended, and the last where the record stands.
            prop_assert_eq!(story.audit[0].from, None);
            prop_assert!(story.audit.windows(2).all(|pair| pair[1].from == Some(pair[0].to)), "{:?}", story.audit);
            prop_assert_eq!(story.audit[story.audit.len() - 1].to, row.state);
        }
    }
    Ok(())
}
