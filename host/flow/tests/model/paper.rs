//! A store as a list of rows that obeys the rules of the seam: what is claimed, in which order, and what is known of the
//! others of a lane. What people decide is done here, too, as the desk promises it.

use crate::world::{Trouble, World};
use async_trait::async_trait;
use crossdock_flow::{
    Code, Fault,
    record::{
        Accepted, Alert, Attempt, Claimed, Counts, Event, Filter, Kind, LaneEntry, Part, Quarantined, RecordId, SentBefore, Settlement, State, Store,
        Story, Summary,
    },
};
use jiff::{SignedDuration, Timestamp};
use std::{
    fmt,
    sync::{Mutex, MutexGuard},
};

/// A record on paper.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) record: RecordId,
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) version: i64,
    pub(crate) body: Vec<u8>,
    pub(crate) state: State,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) tries: u32,
    pub(crate) released: bool,
    pub(crate) parts: Vec<Part>,
    pub(crate) why: Option<String>,
    plan: Option<Attempt>,
    attempts: u32,
    out: bool,
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { record, kind, version, state, parts, why, .. } = self;
        let parts: Vec<_> = parts.iter().map(|part| (&part.key, &part.number)).collect();
        write!(f, "{record}: {} {version} is {state}, {parts:?}, {why:?}", kind.name())
    }
}

impl Row {
    fn open(&self) -> bool {
        matches!(self.state, State::Due | State::Sending)
    }

    /// Waits for a person.
    pub(crate) fn waits(&self) -> bool {
        matches!(self.state, State::Held | State::Parked | State::Rejected)
    }
}

pub(crate) struct Paper<'w> {
    world: &'w World,
    rows: Mutex<Vec<Row>>,
}

impl<'w> Paper<'w> {
    pub(crate) fn new(world: &'w World) -> Paper<'w> {
        Paper { world, rows: Mutex::default() }
    }

    pub(crate) fn rows(&self) -> MutexGuard<'_, Vec<Row>> {
        self.rows.lock().unwrap()
    }

    /// An event is acknowledged.
    pub(crate) fn take_in(&self, kind: Kind, version: i64, id: String, body: Vec<u8>) {
        let mut rows = self.rows();
        if rows.iter().any(|row| row.id == id || row.body == body) {
            return;
        }
        let record = RecordId::try_from(rows.len()).unwrap() + 1;
        rows.push(Row {
            record,
            id,
            kind,
            version,
            body,
            state: State::Due,
            due_at: Some(self.world.state().now),
            tries: 0,
            released: false,
            parts: Vec::new(),
            why: None,
            plan: None,
            attempts: 0,
            out: false,
        });
    }

    /// Hands out one record: never while another is out, never one while an earlier one is due or sending.
    pub(crate) fn hand_out(&self) -> Option<Claimed> {
        let now = self.world.state().now;
        let mut rows = self.rows();
        if rows.iter().any(|row| row.out) {
            return None;
        }
        let free = |row: &&Row| row.due_at.is_some_and(|due| due <= now) && !rows.iter().any(|other| other.record < row.record && other.open());
        let record = rows.iter().filter(free).min_by_key(|row| (row.due_at, row.record))?.record;
        let lane = rows.iter().filter(|row| row.record != record).map(|row| LaneEntry {
            record: row.record,
            kind: row.kind,
            version: row.version,
            state: row.state,
            parts: row.parts.clone(),
            sent: (!row.parts.is_empty()).then(|| row.plan.clone().map(|attempt| SentBefore { attempt, body: Some(row.body.clone()) })).flatten(),
        });
        let lane = lane.collect();
        let row = rows.iter_mut().find(|row| row.record == record).unwrap();
        row.out = true;
        Some(Claimed {
            record,
            connection: "shop".into(),
            event_id: row.id.clone(),
            kind: row.kind,
            order: "SAMPLE-2".into(),
            version: row.version,
            body: row.body.clone(),
            edit: 0,
            received_at: now,
            attempts: row.attempts,
            tries: row.tries,
            doubtful: false,
            released: row.released,
            begun: (row.state == State::Sending).then(|| (row.plan.clone().unwrap(), row.parts.clone())),
            lane,
        })
    }

    /// The host is gone, and with it the knowledge of what was out.
    pub(crate) fn forget_claims(&self) {
        self.rows().iter_mut().for_each(|row| row.out = false);
    }

    /// When the next thing is due that nothing blocks.
    pub(crate) fn due_next(&self) -> Option<Timestamp> {
        let rows = self.rows();
        rows.iter().filter(|row| !rows.iter().any(|other| other.record < row.record && other.open())).filter_map(|row| row.due_at).min()
    }

    /// A person lets one run again.
    pub(crate) fn retry(&self, record: RecordId) {
        let now = self.world.state().now;
        if let Some(row) = self.rows().iter_mut().find(|row| row.record == record && row.waits()) {
            row.released |= row.state == State::Held;
            row.state = if row.parts.is_empty() { State::Due } else { State::Sending };
            (row.due_at, row.tries) = (Some(now), 0);
        }
    }

    /// A person gives one up; one with documents that may be in the ERP cannot be.
    pub(crate) fn discard(&self, record: RecordId) {
        if let Some(row) = self.rows().iter_mut().find(|row| row.record == record && row.waits() && row.parts.is_empty()) {
            (row.state, row.due_at) = (State::Discarded, None);
        }
    }

    /// The waits are those of the schedule, whatever the flow says about its tries.
    fn check_wait(&self, before: u32, settlement: &Settlement) {
        let Some(due_at) = settlement.due_at else { return };
        let mut state = self.world.state();
        let met = state.met.clone();
        let counts = met.iter().any(|trouble| matches!(trouble, Trouble::Down { .. } | Trouble::LostAfterwards | Trouble::LostBefore));
        let asked = met.iter().filter_map(|trouble| match trouble {
            Trouble::RateLimited { after } | Trouble::Down { after } => *after,
            _ => None,
        });
        let asked = SignedDuration::from_secs(asked.max().unwrap_or(0).into());
        let (wait, tries) = (due_at.duration_since(settlement.at), settlement.tries);
        let mut wrong = |what: &str| state.violations.push(format!("{what}: waits {wait} with tries {before} → {tries} after {met:?}"));
        if !met.is_empty() && !counts && tries != before {
            wrong("a rate limit counted as a try");
        }
        if counts && tries != before + 1 {
            wrong("a failure did not count");
        }
        if wait < asked {
            wrong("Retry-After was not honoured");
        }
        let schedule = crate::schedule();
        if tries == before + 1 {
            let planned = SignedDuration::try_from(schedule.waits[before as usize]).unwrap();
            let first_look = before == 0 && settlement.state == State::Sending && wait == SignedDuration::try_from(schedule.look_up_after).unwrap();
            if !(planned * 8 / 10..=planned * 12 / 10).contains(&wait) && wait != asked && !first_look {
                wrong("the schedule was not kept");
            }
        }
    }
}

#[async_trait]
impl Store for Paper<'_> {
    async fn accept(&self, _: Event) -> Result<Accepted, Fault> {
        unreachable!("`take_in` does it")
    }
    async fn claim(&self, _: Timestamp, _: usize) -> Result<Vec<Claimed>, Fault> {
        unreachable!("`hand_out` does it")
    }
    fn unclaim(&self, record: RecordId) {
        self.rows().iter_mut().filter(|row| row.record == record).for_each(|row| row.out = false);
    }
    async fn begin(&self, record: RecordId, attempt: Attempt) -> Result<(), Fault> {
        self.world
            .call(|_| {
                let mut rows = self.rows();
                let row = rows.iter_mut().find(|row| row.record == record).unwrap();
                let part = |document: &crossdock_flow::Document| Part {
                    part: document.part,
                    key: document.key.clone(),
                    warehouse: document.warehouse.clone(),
                    total: document.total,
                    number: None,
                };
                row.parts = attempt.documents.iter().map(part).collect();
                (row.state, row.attempts, row.plan) = (State::Sending, attempt.number, Some(attempt));
                row.due_at = row.due_at.or(Some(Timestamp::UNIX_EPOCH));
            })
            .await;
        Ok(())
    }
    async fn settle(&self, record: RecordId, settlement: Settlement) -> Result<(), Fault> {
        let before = self.rows().iter().find(|row| row.record == record).map(|row| row.tries).unwrap();
        self.check_wait(before, &settlement);
        self.world
            .call(|state| {
                state.written_down();
                let mut rows = self.rows();
                for other in &settlement.supersedes {
                    let other = rows.iter_mut().find(|row| row.record == *other).unwrap();
                    (other.state, other.due_at, other.why) = (State::Superseded, None, Some(format!("superseded by record {record}")));
                }
                let row = rows.iter_mut().find(|row| row.record == record).unwrap();
                row.out = false;
                row.due_at = match settlement.state {
                    State::Due | State::Sending => Some(settlement.due_at.unwrap_or(settlement.at)),
                    State::Held => settlement.due_at,
                    _ => None,
                };
                row.why = settlement.fault.map(|fault| fault.to_string()).or(settlement.reason);
                (row.state, row.tries, row.parts) = (settlement.state, settlement.tries, settlement.parts);
                if let Some(attempt) = settlement.attempt {
                    (row.attempts, row.plan) = (attempt.number, Some(attempt));
                }
            })
            .await;
        Ok(())
    }
    async fn next_due(&self) -> Result<Option<Timestamp>, Fault> {
        Ok(self.due_next())
    }
    async fn list(&self, _: Filter) -> Result<Vec<Summary>, Fault> {
        unreachable!()
    }
    async fn story(&self, _: &str) -> Result<Vec<Story>, Fault> {
        unreachable!()
    }
    async fn counts(&self) -> Result<Counts, Fault> {
        unreachable!()
    }
    async fn kv_get(&self, _: &str, _: &str) -> Result<Option<(Vec<u8>, i64)>, Fault> {
        unreachable!()
    }
    async fn kv_usage(&self, _: &str) -> Result<(u64, u64), Fault> {
        unreachable!()
    }
    async fn quarantined(&self) -> Result<Vec<Quarantined>, Fault> {
        unreachable!()
    }
    async fn release(&self, _: &str, _: Timestamp) -> Result<usize, Fault> {
        Err(Fault::new(Code::Internal, "nobody asks"))
    }
    async fn alerts(&self, _: usize) -> Result<Vec<Alert>, Fault> {
        unreachable!()
    }
}
