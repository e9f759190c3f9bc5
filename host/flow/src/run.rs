//! What happens to one record, from claimed to settled. Read [`Flow::run`] top to bottom: this is the product.
//! Each step eats the type before it, so no step can be skipped, repeated or called from behind.

use crate::{
    Code, Decimal, Document, Fault, Order,
    capability::{HostCall, Kept},
    clock::Clock,
    hook::{Context, Route, Rules, Verdict},
    lane::{self, Admission},
    mapping::Mapping,
    order::Instant,
    record::{Attempt, Claimed, Part, RecordId, Settlement, State, Store},
    route::{self, Candidates, Shipment, Warehouse},
    rule::Trail,
    settle::{Next, Outcome, Schedule, settle},
    source::{Content, Source},
    sum,
    target::{Answer, Busy, Found, Stock, Target},
};
use jiff::{Timestamp, tz::TimeZone};
use std::sync::Arc;

/// How orders flow between one shop and one ERP: everything that is decided before the first order comes.
pub struct Flow {
    /// Name of the integration.
    pub integration: Arc<str>,
    /// The customer's rules.
    pub rules: Rules,
    /// From order to document.
    pub mapping: Mapping,
    /// The company's time zone: the ERP's dates are dates there.
    pub zone: TimeZone,
    /// Where can be shipped from, in order of preference.
    pub warehouses: Arc<[Warehouse]>,
    /// When to try again.
    pub schedule: Schedule,
}

/// The outside, as one order sees it.
#[derive(Clone, Copy)]
pub struct Outside<'o> {
    /// The shop.
    pub source: &'o dyn Source,
    /// The ERP.
    pub target: &'o dyn Target,
    /// Where records wait.
    pub store: &'o dyn Store,
    /// The time.
    pub clock: &'o dyn Clock,
    /// What the warehouses have, as last heard.
    pub stock: &'o Stock,
}

/// Why a record does not go on.
enum Stop {
    Verdict(Verdict),
    Fault(Fault),
    Busy(Busy),
    /// The store failed: nothing can be written down, the record stays as it is on disk.
    Store(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Fault(fault)
    }
}

struct Read(Arc<Order>);
struct Ruled(Arc<Order>);
struct Routed(Arc<Order>, Vec<Shipment>);
struct Mapped(Arc<Order>, Vec<Document>);
struct Ready(Arc<[Document]>);
/// Documents, and what became of each.
struct Sent(Arc<[Document]>, Vec<Outcome>);

/// What is written down about a record while it travels.
struct Journal {
    record: RecordId,
    context: Context,
    released: bool,
    attempt: Attempt,
    trail: Trail,
    steps: Vec<String>,
}

impl Flow {
    /// Takes one record from claimed to settled, and says where it stands then.
    /// Fails only when the store does; the record is then as it was on disk, and comes again.
    pub async fn run(&self, claimed: Claimed, outside: Outside<'_>) -> Result<State, Fault> {
        let record = claimed.record;
        let settlement = match self.work(claimed, outside).await {
            Ok(settlement) => settlement,
            Err(fault) => {
                outside.store.unclaim(record);
                return Err(fault);
            }
        };
        let state = settlement.state;
        outside.store.settle(record, settlement).await?;
        Ok(state)
    }

    async fn work(&self, mut claimed: Claimed, outside: Outside<'_>) -> Result<Settlement, Fault> {
        if let Some((attempt, parts)) = claimed.begun.take() {
            return Ok(self.resume(&claimed, attempt, &parts, outside).await);
        }
        let supersedes = match lane::admit(claimed.kind, claimed.version, &claimed.lane) {
            Admission::Run { supersedes } => supersedes,
            Admission::NoOp(reason) => return Ok(plain(State::Superseded, Some(reason), None, outside.clock.now())),
            Admission::Park(fault) => return Ok(plain(State::Parked, None, Some(fault), outside.clock.now())),
            Admission::Cancel { parts, supersedes } => return Ok(self.cancel(&claimed, parts, supersedes, outside).await),
        };
        let mut journal = self.open(&claimed, outside.clock.now());
        let tries = claimed.tries;
        let settlement = match self.deliver(claimed, &mut journal, outside).await {
            Ok(sent) => self.conclude(journal, sent, tries, outside.clock.now()),
            Err(Stop::Store(fault)) => return Err(fault),
            Err(stop) => self.stopped(journal, stop, tries, outside.clock.now()),
        };
        Ok(Settlement { supersedes, ..settlement })
    }

    /// The way of an order that nothing stops.
    async fn deliver(&self, claimed: Claimed, journal: &mut Journal, outside: Outside<'_>) -> Result<Sent, Stop> {
        let read = self.read(claimed, journal, outside.source).await?;
        let ruled = self.pre_map(read, journal).await?;
        let routed = self.route(ruled, journal, outside.stock).await?;
        let mapped = self.map(routed)?;
        let ready = self.post_map(mapped, journal).await?;
        let ready = begin(ready, journal, outside.store).await?;
        Ok(send(ready, journal, outside.target).await)
    }

    /// The order in the event's bytes; fetched from the shop when the event is thin.
    async fn read(&self, claimed: Claimed, journal: &mut Journal, source: &dyn Source) -> Result<Read, Stop> {
        let order = match source.read(&claimed.body)? {
            Content::Order(order) => order,
            Content::Thin(id) => {
                let body = source.fetch(&id).await.map_err(Stop::Busy)?;
                journal.steps.push("fetched the order from the shop".into());
                journal.attempt.fetched = Some(String::from_utf8_lossy(&body).into_owned());
                match source.read(&body)? {
                    Content::Order(order) => order,
                    Content::Thin(_) => return Err(Fault::new(Code::Malformed, "the shop answered with an id instead of the order").into()),
                }
            }
        };
        if order.number.as_str() != claimed.order {
            return Err(Fault::new(Code::Malformed, "the shop answered with another order").at("orderId").into());
        }
        sum::check(&order)?;
        journal.attempt.worth = Some((order.total, order.currency));
        Ok(Read(Arc::from(order)))
    }

    async fn pre_map(&self, Read(mut order): Read, journal: &mut Journal) -> Result<Ruled, Stop> {
        for rule in &self.rules.pre_map {
            let answer;
            (order, answer) = rule.pre_map(&journal.context, order, &mut journal.trail).await;
            journal.remember();
            journal.judge(answer)?;
        }
        journal.attempt.worth = Some((order.total, order.currency));
        Ok(Ruled(order))
    }

    async fn route(&self, Ruled(order): Ruled, journal: &mut Journal, stock: &Stock) -> Result<Routed, Stop> {
        let candidates = Arc::new(self.candidates(&order, stock));
        let shipments = match &self.rules.route_order {
            None => route::whole(&order, &candidates),
            Some(rule) => {
                let route = rule.route_order(&journal.context, &order, &candidates, &mut journal.trail).await;
                journal.remember();
                match route? {
                    Route::Ship(shipments) => shipments,
                    Route::Stop(verdict) => {
                        journal.judge(Ok(verdict))?;
                        // Only a released hold comes here: somebody wants it shipped all the same.
                        route::whole(&order, &candidates)
                    }
                }
            }
        };
        Ok(Routed(order, shipments))
    }

    fn candidates(&self, order: &Order, stock: &Stock) -> Candidates {
        let mut units = Vec::with_capacity(self.warehouses.len() * order.lines.len());
        for warehouse in self.warehouses.iter() {
            let there = stock.units.get(&warehouse.id);
            let of = |sku: &str| there.and_then(|there| there.get(sku)).copied().unwrap_or_default().max(Decimal::ZERO);
            units.extend(order.lines.iter().map(|line| of(&line.sku)));
        }
        Candidates { warehouses: self.warehouses.clone(), stock: units }
    }

    fn map(&self, Routed(order, shipments): Routed) -> Result<Mapped, Stop> {
        let documents = self.mapping.apply(&order, &shipments, &self.zone)?;
        sum::check_documents(&order, &documents)?;
        Ok(Mapped(order, documents))
    }

    async fn post_map(&self, Mapped(order, documents): Mapped, journal: &mut Journal) -> Result<Ready, Stop> {
        let mut ready = Vec::with_capacity(documents.len());
        for mut document in documents {
            for rule in &self.rules.post_map {
                let answer;
                (document, answer) = rule.post_map(&journal.context, &order, document, &self.mapping, &mut journal.trail).await;
                journal.remember();
                journal.judge(answer)?;
            }
            ready.push(self.mapping.check(document)?);
        }
        sum::check_documents(&order, &ready)?;
        Ok(Ready(ready.into()))
    }

    /// Documents of an earlier attempt that may be in the ERP: each is looked up by its natural key before it is sent.
    async fn resume(&self, claimed: &Claimed, attempt: Attempt, parts: &[Part], outside: Outside<'_>) -> Settlement {
        let mut journal = self.open(claimed, outside.clock.now());
        let mut outcomes = Vec::with_capacity(attempt.documents.len());
        let mut through = true;
        for document in attempt.documents.iter() {
            let known = parts.iter().find(|part| part.part == document.part).and_then(|part| part.number.clone());
            let outcome = match known {
                Some(number) => Outcome::Done(crate::target::Receipt { number }),
                None => look_up(document, &mut journal, outside.target, through).await,
            };
            through &= matches!(outcome, Outcome::Done(_));
            outcomes.push(outcome);
        }
        let settlement = self.conclude(journal, Sent(attempt.documents, outcomes), claimed.tries, outside.clock.now());
        // The attempt is on record since it began.
        Settlement { attempt: None, ..settlement }
    }

    async fn cancel(&self, claimed: &Claimed, parts: Vec<Part>, supersedes: Vec<RecordId>, outside: Outside<'_>) -> Settlement {
        let mut journal = self.open(claimed, outside.clock.now());
        let mut outcomes = Vec::with_capacity(parts.len());
        for part in &parts {
            let number = part.number.as_deref().unwrap_or_default();
            outcomes.push(match outside.target.cancel(number).await {
                Answer::Done(receipt) => {
                    journal.steps.push(format!("cancelled {number} ({})", part.key));
                    Outcome::Done(receipt)
                }
                Answer::Refused(fault) => {
                    journal.steps.push(format!("{number} could not be cancelled: {fault}"));
                    Outcome::Refused(fault)
                }
                Answer::Busy(busy) => Outcome::Busy(busy),
                // Cancelling again does no harm, so nothing has to be looked up.
                Answer::Unknown(fault) => Outcome::Busy(Busy { fault, retry_after: None, counts: true }),
            });
        }
        let now = outside.clock.now();
        let next = settle(claimed.record, &outcomes, claimed.tries, &self.schedule, now);
        let state = match next.state {
            State::Delivered => State::Cancelled,
            State::Sending => State::Due,
            other => other,
        };
        let (reason, supersedes) = match state {
            State::Cancelled if parts.is_empty() => (Some("cancelled before anything was in the ERP".into()), supersedes),
            State::Cancelled => (Some(format!("cancelled in the ERP: {}", numbers(&parts))), supersedes),
            _ => (None, Vec::new()),
        };
        let steps = journal.steps;
        Settlement {
            supersedes,
            steps,
            due_at: next.due_at,
            tries: next.tries,
            attempt: Some(journal.attempt),
            ..plain(state, reason, next.fault, now)
        }
    }

    fn open(&self, claimed: &Claimed, now: Timestamp) -> Journal {
        let number = claimed.attempts + 1;
        Journal {
            record: claimed.record,
            context: Context {
                integration: self.integration.clone(),
                event_id: claimed.event_id.clone(),
                attempt: number,
                now: Instant::utc(now),
                kept: Arc::default(),
            },
            released: claimed.released,
            attempt: Attempt { number, started_at: now, worth: None, runs: Vec::new(), documents: Arc::new([]), fetched: None },
            trail: Trail::default(),
            steps: Vec::new(),
        }
    }

    /// The end of an attempt whose documents were sent or looked up.
    fn conclude(&self, journal: Journal, Sent(documents, outcomes): Sent, tries: u32, now: Timestamp) -> Settlement {
        let mut parts = Vec::with_capacity(outcomes.len());
        let any = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Done(_) | Outcome::Unknown(_)));
        for (document, outcome) in documents.iter().zip(&outcomes) {
            let number = match outcome {
                Outcome::Done(receipt) => Some(Some(receipt.number.clone())),
                Outcome::Unknown(_) => Some(None),
                // A look-up that got no answer leaves it open where others are in the ERP or may be.
                Outcome::Busy(_) if any => Some(None),
                _ => None,
            };
            if let Some(number) = number {
                let (key, warehouse) = (document.key.clone(), document.warehouse.clone());
                parts.push(Part { part: document.part, key, warehouse, total: document.total, number });
            }
        }
        let Next { state, due_at, tries, fault } = settle(journal.record, &outcomes, tries, &self.schedule, now);
        let (steps, quarantined) = (journal.steps, journal.trail.quarantined);
        Settlement { due_at, tries, steps, parts, quarantined, ..plain(state, None, fault, now) }
    }

    /// The end of an attempt that sent nothing.
    fn stopped(&self, journal: Journal, stop: Stop, tries: u32, now: Timestamp) -> Settlement {
        let settlement = match stop {
            Stop::Verdict(Verdict::Hold { reason, until }) => Settlement { due_at: until, ..plain(State::Held, Some(reason), None, now) },
            Stop::Verdict(Verdict::Reject { reason }) => plain(State::Rejected, Some(reason), None, now),
            Stop::Busy(busy) => {
                let next = settle(journal.record, &[Outcome::Busy(busy)], tries, &self.schedule, now);
                Settlement { due_at: next.due_at, tries: next.tries, ..plain(next.state, None, next.fault, now) }
            }
            Stop::Fault(fault) if fault.code.actor() == crate::fault::Actor::Host => {
                let busy = Busy { fault, retry_after: None, counts: true };
                let next = settle(journal.record, &[Outcome::Busy(busy)], tries, &self.schedule, now);
                Settlement { due_at: next.due_at, tries: next.tries, ..plain(next.state, None, next.fault, now) }
            }
            Stop::Fault(fault) | Stop::Store(fault) => plain(State::Parked, None, Some(fault), now),
            Stop::Verdict(Verdict::Proceed) => plain(State::Parked, None, Some(Fault::new(Code::Internal, "stopped by a rule that goes on")), now),
        };
        let attempt = Attempt { runs: journal.trail.runs, ..journal.attempt };
        Settlement { attempt: Some(attempt), steps: journal.steps, quarantined: journal.trail.quarantined, ..settlement }
    }
}

impl Journal {
    /// What a rule wrote in its key-value place is there for the rules that follow.
    fn remember(&mut self) {
        if self.trail.runs.last().is_some_and(|run| run.calls.iter().any(|call| matches!(call, HostCall::KvSet { .. }))) {
            self.context.kept = Arc::new(Kept::of(&self.trail.runs));
        }
    }

    /// A rule's verdict: go on, or stop.
    fn judge(&mut self, answer: Result<Verdict, Fault>) -> Result<(), Stop> {
        match answer? {
            Verdict::Proceed => Ok(()),
            Verdict::Hold { .. } if self.released => {
                self.steps.push("a hold was passed, because a person released the order".into());
                Ok(())
            }
            verdict => Err(Stop::Verdict(verdict)),
        }
    }
}

/// From here on the documents may be in the ERP, whatever happens to this process.
async fn begin(Ready(documents): Ready, journal: &mut Journal, store: &dyn Store) -> Result<Ready, Stop> {
    // The runs are written down now, and not needed again.
    let (runs, fetched) = (std::mem::take(&mut journal.trail.runs), journal.attempt.fetched.take());
    let attempt = Attempt { documents: documents.clone(), runs, fetched, ..journal.attempt.clone() };
    // Two orders that met in a rule's notes: nothing is written down, and the rules run again on what the other one wrote.
    store
        .begin(journal.record, attempt)
        .await
        .map_err(|fault| if fault.code == Code::KvConflict { Stop::Fault(fault) } else { Stop::Store(fault) })?;
    Ok(Ready(documents))
}

/// Sends one document after the other; what comes after one that did not get through is not tried.
async fn send(Ready(documents): Ready, journal: &mut Journal, target: &dyn Target) -> Sent {
    let mut outcomes = Vec::with_capacity(documents.len());
    let mut through = true;
    for document in documents.iter() {
        let outcome = if through { create(document, journal, target).await } else { Outcome::Untried };
        through = matches!(outcome, Outcome::Done(_));
        outcomes.push(outcome);
    }
    Sent(documents, outcomes)
}

async fn create(document: &Document, journal: &mut Journal, target: &dyn Target) -> Outcome {
    match target.create(document).await {
        Answer::Done(receipt) => {
            journal.steps.push(format!("sent {}: the ERP made it {}", document.key, receipt.number));
            Outcome::Done(receipt)
        }
        Answer::Refused(fault) => {
            journal.steps.push(format!("sent {}: refused: {fault}", document.key));
            Outcome::Refused(fault)
        }
        Answer::Busy(busy) => {
            journal.steps.push(format!("sent {}: {}", document.key, busy.fault));
            Outcome::Busy(busy)
        }
        Answer::Unknown(fault) => {
            journal.steps.push(format!("sent {}: outcome unknown: {fault}", document.key));
            Outcome::Unknown(fault)
        }
    }
}

/// Looks for a document by its natural key, and sends it only when the ERP says that it is not there.
async fn look_up(document: &Document, journal: &mut Journal, target: &dyn Target, may_send: bool) -> Outcome {
    match target.find(document).await {
        Found::Here(receipt) => {
            journal.steps.push(format!("looked for {}: the ERP has it as {}, so it was not sent again", document.key, receipt.number));
            Outcome::Done(receipt)
        }
        Found::Missing if may_send => {
            journal.steps.push(format!("looked for {}: the ERP does not have it", document.key));
            create(document, journal, target).await
        }
        Found::Missing => Outcome::Untried,
        Found::Other(fault) => {
            journal.steps.push(format!("looked for {}: {fault}", document.key));
            Outcome::Refused(fault)
        }
        Found::Busy(busy) => {
            journal.steps.push(format!("looked for {}: {}", document.key, busy.fault));
            // It may be there: the record must stay one that is looked up.
            Outcome::Unknown(busy.fault)
        }
    }
}

fn plain(state: State, reason: Option<String>, fault: Option<Fault>, at: Timestamp) -> Settlement {
    Settlement {
        state,
        due_at: None,
        tries: 0,
        fault,
        reason,
        steps: Vec::new(),
        attempt: None,
        parts: Vec::new(),
        supersedes: Vec::new(),
        quarantined: Vec::new(),
        at,
    }
}

fn numbers(parts: &[Part]) -> String {
    parts.iter().filter_map(|part| part.number.as_deref()).collect::<Vec<_>>().join(", ")
}
