//! Random sequences of everything a store can do, against a list in memory that does it the simple way.

use crate::{Place, given::*};
use crossdock_flow::record::{Accepted, Event, Filter, Part, RecordId, Settlement, State, Store};
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
    Retry { order: u8 },
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
        2 => (0..3u8).prop_map(|order| Step::Retry { order }),
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
    out: bool,
}

impl Row {
    fn open(&self) -> bool {
        matches!(self.state, State::Due | State::Sending)
    }
}

#[derive(Default)]
struct Model {
    rows: Vec<Row>,
    now: i64,
    duplicates: u64,
}

impl Model {
    /// Whether it could be handed out if its time had come.
    fn free(&self, row: &Row) -> bool {
        let same = |other: &&Row| other.order == row.order;
        row.due.is_some() && !self.rows.iter().filter(same).any(|other| other.out || (other.record < row.record && other.open()))
    }

    fn claim(&mut self, most: usize) -> Vec<RecordId> {
        let mut places: Vec<usize> = (0..self.rows.len()).collect();
        places.sort_by_key(|place| (self.rows[*place].due, self.rows[*place].record));
        let mut claimed = Vec::new();
        for place in places {
            let row = &self.rows[place];
            if claimed.len() < most && row.due.is_some_and(|due| due <= self.now) && self.free(row) {
                claimed.push(row.record);
                self.rows[place].out = true;
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
        let out: Vec<_> = self.rows.iter().filter(|row| row.out).collect();
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
                model.rows.iter_mut().for_each(|row| row.out = false);
            }
            Step::Wait { seconds } => model.now += seconds,
            step => run(&store, &mut model, step).await?,
        }
        same(&store, &model).await?;
    }
    Ok(())
}

async fn run(store: &Arc<dyn Store>, model: &mut Model, step: Step) -> Result<(), TestCaseError> {
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
                    prop_assert!(model.rows.iter().all(|row| row.record < record));
                    let due = Some(received);
                    let (state, parts) = (State::Due, Vec::new());
                    model.rows.push(Row { record, id, body, order, state, due, attempts: 0, tries: 0, released: false, parts, out: false });
                }
                other => prop_assert!(false, "accepted {:?}", other),
            }
        }
        Step::Claim { most } => {
            let claimed = store.claim(at(model.now), most).await.unwrap();
            prop_assert_eq!(claimed.iter().map(|claimed| claimed.record).collect::<Vec<_>>(), model.claim(most));
            for claimed in claimed {
                let row = model.row(claimed.record).clone();
                let is = (claimed.attempts, claimed.tries, claimed.released, claimed.body);
                prop_assert_eq!(is, (row.attempts, row.tries, row.released, vec![row.body]));
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
                model.row(record).out = false;
            }
        }
        Step::Begin { pick, documents } => {
            if let Some(record) = model.pick(pick) {
                let row = model.row(record);
                row.attempts += 1;
                row.state = State::Sending;
                row.parts = (0..documents).map(|number| part(number, None)).collect();
                store.begin(record, attempt(row.attempts, documents)).await.unwrap();
            }
        }
        Step::Settle { pick, state, delay, documents, supersede } => {
            let Some(record) = model.pick(pick) else { return Ok(()) };
            let now = model.now;
            let order = model.row(record).order;
            // Only what was never begun can be waiting to be sent without an attempt.
            let new = model.row(record).state != State::Sending;
            let others = model.rows.iter().filter(|row| supersede && row.order == order && row.record != record && !row.out);
            let supersedes: Vec<_> = others.map(|row| row.record).collect();
            for other in &supersedes {
                let row = model.row(*other);
                (row.state, row.due) = (State::Superseded, None);
            }
            let row = model.row(record);
            row.attempts += u32::from(new);
            row.tries += 1;
            row.state = state;
            row.due = match state {
                State::Due | State::Sending => Some(now + delay.unwrap_or(0)),
                State::Held => delay.map(|delay| now + delay),
                _ => None,
            };
            row.parts = (0..documents).map(|number| part(number, (number == 0).then_some("100"))).collect();
            row.out = false;
            let attempt = new.then(|| attempt(row.attempts, documents));
            let due_at = delay.map(|delay| at(now + delay));
            let settlement = Settlement { due_at, tries: row.tries, attempt, parts: row.parts.clone(), supersedes, ..end(state, now) };
            store.settle(record, settlement).await.unwrap();
        }
        Step::Retry { order } => {
            let now = model.now;
            let mut n = 0;
            for row in model.rows.iter_mut().filter(|row| row.order == order && matches!(row.state, State::Held | State::Parked | State::Rejected)) {
                row.released |= row.state == State::Held;
                row.state = if row.parts.is_empty() { State::Due } else { State::Sending };
                (row.due, row.tries, n) = (Some(now), 0, n + 1);
            }
            prop_assert_eq!(store.retry(&order.to_string(), at(now)).await, Ok(n));
        }
        Step::Wait { .. } | Step::Reopen => unreachable!("done above"),
    }
    Ok(())
}

async fn same(store: &Arc<dyn Store>, model: &Model) -> Result<(), TestCaseError> {
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
    Ok(())
}
