//! What happens to one record, from claimed to settled. Read [`Flow::run`] top to bottom: this is the product.
//! Each step eats the type before it, so no step can be skipped, repeated or called from behind.

mod erp;
mod journal;
mod stock;

use crate::{
    Code, Document, Fault, Order,
    change::{Proposal, Step},
    clock::Clock,
    correct::Correction,
    entity::{address::AddressPolicy, kit::Kits, missing},
    hook::{Context, Route, Rules, Verdict},
    lane::{self, Admission, There},
    mapping::Mapping,
    order::Instant,
    promise::{Figure, Shelf},
    record::{Attempt, Claimed, Kind, Part, Settlement, State, Store},
    route::{self, Candidates, Shipment, Warehouse},
    rule::Trail,
    settle::{Next, Outcome, Schedule, settle},
    source::{Content, Source},
    sum,
    target::{Busy, Receipt, Stock, Target},
};
use erp::{Resumed, carry_out, in_turn, look_up, send};
use jiff::{Timestamp, tz::TimeZone};
use journal::Journal;
use std::{sync::Arc, time::Duration};

/// How orders flow between one shop and one ERP: everything that is decided before the first order comes.
#[derive(Clone)]
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
    /// What the ERP's figures of stock count, where orders are promised what they take; else nothing is promised.
    pub counts: Option<Figure>,
    /// How the ERP wants the address that goods go to; nothing leaves it as the shop and the rules have it.
    pub addresses: Option<AddressPolicy>,
    /// Kits, and what is done with each.
    pub kits: Arc<Kits>,
    /// Whether an order waits that has articles which are not in the list of the ERP's stock.
    pub checks_articles: bool,
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
    /// The corrections that people want made by themselves.
    pub corrections: &'o [Correction],
}

/// Why a record does not go on.
enum Stop {
    Verdict(Verdict),
    Fault(Fault),
    Busy(Busy),
    /// There is nothing to do.
    NoOp(String),
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
/// Documents, and what became of each; then what became of those that were cancelled.
struct Sent(Arc<[Document]>, Vec<Outcome>);

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
        let (tries, version, lane) = (claimed.tries, claimed.version, std::mem::take(&mut claimed.lane));
        let mut journal = self.open(&claimed, outside.clock.now());
        let settlement = match claimed.begun.take() {
            Some((attempt, parts)) => match lane::overtaken(version, &lane) {
                Some(fault) => Settlement { parts, ..plain(State::Parked, None, Some(fault), outside.clock.now()) },
                None => self.resume(journal, attempt, &parts, tries, outside).await,
            },
            None => {
                let end = match lane::admit(claimed.kind, version, &lane) {
                    Admission::Run => self.deliver(claimed, &mut journal, outside).await,
                    Admission::Change(there) => self.change(claimed, &there, &mut journal, outside).await,
                    Admission::Cancel(parts) => self.cancel(&parts, &mut journal, outside).await,
                    Admission::NoOp(reason) => return Ok(plain(State::Superseded, Some(reason), None, outside.clock.now())),
                    Admission::Park(fault) => return Ok(plain(State::Parked, None, Some(fault), outside.clock.now())),
                };
                match end {
                    Ok(sent) => self.conclude(journal, sent, tries, outside.clock.now()),
                    Err(Stop::Store(fault)) => return Err(fault),
                    Err(stop) => self.stopped(journal, stop, tries, outside.clock.now()),
                }
            }
        };
        let supersedes = lane::superseded(settlement.state, version, &lane);
        let is_over = match settlement.state {
            State::Cancelled => true,
            // Of a newer version: what the one before was promised stays.
            State::Rejected => lane.iter().all(|entry| entry.parts.is_empty()),
            _ => false,
        };
        Ok(Settlement { supersedes, releases: is_over && self.counts.is_some(), ..settlement })
    }

    /// The way of an order that nothing stops.
    async fn deliver(&self, claimed: Claimed, journal: &mut Journal, outside: Outside<'_>) -> Result<Sent, Stop> {
        let ready = self.prepare(claimed, &[], journal, outside).await?;
        let ready = begin(ready, journal, outside).await?;
        Ok(send(ready, journal, outside.target).await)
    }

    /// The way of a newer version of an order that is in the ERP: the same rules, and what comes of them is compared with
    /// what is there. It is carried out only while nothing is shipped.
    async fn change(&self, claimed: Claimed, there: &[There], journal: &mut Journal, outside: Outside<'_>) -> Result<Sent, Stop> {
        let version = claimed.version;
        let Ready(documents) = self.prepare(claimed, there, journal, outside).await?;
        let proposal = Proposal::compare(there, &documents);
        if proposal.is_empty() {
            return Err(Stop::NoOp(format!("version {version} changes nothing of what is in the ERP")));
        }
        journal.attempt.documents = documents.clone();
        journal.attempt.proposal = Some(proposal.clone());
        for There { part, .. } in there {
            let wanted = documents.iter().any(|document| document.key == part.key);
            journal.look(part, wanted, outside.target).await?;
        }
        let Ready(documents) = begin(Ready(documents), journal, outside).await?;
        let outcomes = carry_out(&documents, &proposal, journal, outside.target).await;
        Ok(Sent(documents, outcomes))
    }

    /// The way of a cancellation: every document of the order goes, if none of them is shipped.
    async fn cancel(&self, parts: &[Part], journal: &mut Journal, outside: Outside<'_>) -> Result<Sent, Stop> {
        let none: Arc<[Document]> = Arc::new([]);
        if parts.is_empty() {
            return Ok(Sent(none, Vec::new()));
        }
        let proposal = Proposal::cancel(parts);
        journal.attempt.proposal = Some(proposal.clone());
        for part in parts {
            journal.look(part, false, outside.target).await?;
        }
        // Begun like any other: a newer version that comes before the last part is cancelled must find it so.
        let Ready(documents) = begin(Ready(none), journal, outside).await?;
        let outcomes = carry_out(&documents, &proposal, journal, outside.target).await;
        Ok(Sent(documents, outcomes))
    }

    /// From the event to documents that may go to the ERP. `there` is what is there already.
    async fn prepare(&self, claimed: Claimed, there: &[There], journal: &mut Journal, outside: Outside<'_>) -> Result<Ready, Stop> {
        let read = self.read(claimed, journal, outside).await?;
        let shipped_before = shipments_before(&read, there, outside.source);
        let ruled = self.pre_map(read, journal).await?;
        let ruled = self.unpack(self.normalise(ruled, journal)?, journal)?;
        if self.checks_articles {
            missing::check(&ruled.0, outside.stock)?;
        }
        let shelf = self.shelf(&ruled, there, outside).await?;
        // A kit may be made up of something else by now: then nothing is as it was.
        let shipped_before = shipped_before.filter(|_| journal.attempt.came.is_empty());
        let mut routed = match shipped_before.and_then(|before| self.same_way(&ruled, before, &shelf)) {
            Some(shipments) => {
                journal.steps.push("nothing that routing looks at has changed: it ships from where it did".into());
                Routed(ruled.0, shipments)
            }
            None => self.route(ruled, journal, &shelf).await?,
        };
        self.promise(&mut routed, shelf, journal);
        journal.attempt.shipments.clone_from(&routed.1);
        let mapped = self.map(routed)?;
        self.post_map(mapped, journal).await
    }

    /// The shipments of before, where they still are what the rules of routing allow.
    fn same_way(&self, Ruled(order): &Ruled, mut before: Vec<Shipment>, shelf: &Shelf<'_>) -> Option<Vec<Shipment>> {
        // What was left over is left over again.
        before.retain(|shipment| !shipment.backorder);
        route::check(order, &self.candidates(order, shelf), before).ok()
    }

    /// The order in the event's bytes; fetched from the shop when the event is thin.
    async fn read(&self, claimed: Claimed, journal: &mut Journal, outside: Outside<'_>) -> Result<Read, Stop> {
        let order = match journal.read(&claimed.connection, &claimed.body, outside)? {
            Content::Order(order) => order,
            Content::Thin(id) => {
                let body = outside.source.fetch(&id).await.map_err(Stop::Busy)?;
                journal.steps.push("fetched the order from the shop".into());
                journal.attempt.fetched = Some(String::from_utf8_lossy(&body).into_owned());
                match journal.read(&claimed.connection, &body, outside)? {
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

    /// The address that goods go to, in the form that the ERP wants; the shop's own stays in the event, and every change is said.
    fn normalise(&self, Ruled(mut order): Ruled, journal: &mut Journal) -> Result<Ruled, Stop> {
        if let Some(policy) = &self.addresses {
            crate::sync::normalise(policy, "shipping-to", &mut Arc::make_mut(&mut order).shipping_to, &mut journal.steps)?;
        }
        Ok(Ruled(order))
    }

    async fn route(&self, Ruled(order): Ruled, journal: &mut Journal, shelf: &Shelf<'_>) -> Result<Routed, Stop> {
        let candidates = Arc::new(self.candidates(&order, shelf));
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

    fn candidates(&self, order: &Order, shelf: &Shelf<'_>) -> Candidates {
        let mut units = Vec::with_capacity(self.warehouses.len() * order.lines.len());
        for warehouse in self.warehouses.iter() {
            let of = shelf.of(&warehouse.id);
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
    /// Changes and cancellations are simply made again, which does no harm.
    async fn resume(&self, mut journal: Journal, attempt: Attempt, parts: &[Part], tries: u32, outside: Outside<'_>) -> Settlement {
        let documents = attempt.documents.clone();
        journal.attempt.proposal.clone_from(&attempt.proposal);
        journal.resumed = Resumed::Yes;
        let outcomes = if let Some(proposal) = &attempt.proposal {
            carry_out(&documents, proposal, &mut journal, outside.target).await
        } else {
            let mut outcomes = vec![Outcome::Untried; documents.len()];
            let mut through = true;
            for place in in_turn(&documents) {
                let document = &documents[place];
                let known = parts.iter().find(|part| part.part == document.part).and_then(|part| part.number.clone());
                let outcome = match known {
                    Some(number) => Outcome::Done(Receipt { number }),
                    None => look_up(document, &mut journal, outside.target, through).await,
                };
                through &= matches!(outcome, Outcome::Done(_));
                outcomes[place] = outcome;
            }
            outcomes
        };
        // The attempt is on record since it began.
        Settlement { attempt: None, ..self.conclude(journal, Sent(documents, outcomes), tries, outside.clock.now()) }
    }

    fn open(&self, claimed: &Claimed, now: Timestamp) -> Journal {
        let number = claimed.attempts + 1;
        Journal {
            record: claimed.record,
            kind: claimed.kind,
            resumed: if claimed.doubtful { Resumed::Yes } else { Resumed::No },
            context: Context {
                integration: self.integration.clone(),
                event_id: claimed.event_id.clone(),
                attempt: number,
                now: Instant::utc(now),
                kept: Arc::default(),
            },
            released: claimed.released,
            attempt: Attempt { edit: claimed.edit, ..Attempt::new(number, now) },
            trail: Trail::default(),
            steps: Vec::new(),
        }
    }

    /// The end of an attempt whose documents were sent or looked up.
    fn conclude(&self, journal: Journal, Sent(documents, outcomes): Sent, tries: u32, now: Timestamp) -> Settlement {
        let mut parts = Vec::with_capacity(outcomes.len());
        let any = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Done(_) | Outcome::Unknown(_) | Outcome::Unseen(_)));
        for (document, outcome) in documents.iter().zip(&outcomes) {
            // Of one that is changed the number is known, whatever came of the change.
            let known = || journal.attempt.proposal.as_ref().and_then(|proposal| proposal.number(&document.key));
            let number = match outcome {
                Outcome::Done(receipt) => Some(Some(receipt.number.clone())),
                Outcome::Unknown(_) | Outcome::Unseen(_) => Some(known()),
                // It was changed before, or was not: then it cannot be given up as if nothing had been.
                Outcome::Refused(_) if journal.resumed == Resumed::Yes => known().map(Some),
                // One that is not there now is looked for later, where others are in the ERP or may be.
                Outcome::Busy(_) if any => Some(known()),
                _ => None,
            };
            if let Some(number) = number {
                let (key, warehouse) = (document.key.clone(), document.warehouse.clone());
                parts.push(Part { part: document.part, key, warehouse, total: document.total, number });
            }
        }
        // A cancellation of which the outcome is not known is taken up again; it is not judged anew by what came meanwhile.
        if journal.kind == Kind::Cancelled {
            let steps = journal.attempt.proposal.iter().flat_map(|proposal| &proposal.steps).zip(&outcomes);
            parts.extend(steps.filter_map(|(step, outcome)| match (step, outcome) {
                (Step::Cancel { part }, Outcome::Unknown(_) | Outcome::Unseen(_)) => Some(part.clone()),
                _ => None,
            }));
        }
        let Next { state, due_at, tries, fault } = settle(journal.record, &outcomes, tries, &self.schedule, now);
        let (state, reason) = match (state, journal.kind) {
            (State::Delivered, Kind::Cancelled) => (State::Cancelled, Some(cancelled(journal.attempt.proposal.as_ref()))),
            (state, _) => (state, None),
        };
        let is_counted = |(document, outcome): &(&Document, &Outcome)| !document.backorder && matches!(outcome, Outcome::Done(_));
        let counted = match self.counts {
            Some(Figure::Available) => documents.iter().zip(&outcomes).filter(is_counted).map(|(document, _)| document.warehouse.clone()).collect(),
            _ => Vec::new(),
        };
        let (steps, quarantined) = (journal.steps, journal.trail.quarantined);
        Settlement { due_at, tries, steps, parts, counted, quarantined, ..plain(state, reason, fault, now) }
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
            Stop::NoOp(reason) => plain(State::Superseded, Some(reason), None, now),
            Stop::Fault(fault) | Stop::Store(fault) => plain(State::Parked, None, Some(fault), now),
            Stop::Verdict(Verdict::Proceed) => plain(State::Parked, None, Some(Fault::new(Code::Internal, "stopped by a rule that goes on")), now),
        };
        let attempt = Attempt { runs: journal.trail.runs, ..journal.attempt };
        Settlement { attempt: Some(attempt), steps: journal.steps, quarantined: journal.trail.quarantined, ..settlement }
    }
}

/// From here on the documents may be in the ERP, whatever happens to this process.
async fn begin(Ready(documents): Ready, journal: &mut Journal, outside: Outside<'_>) -> Result<Ready, Stop> {
    journal.attempt.begun_at = Some(outside.clock.now());
    // The runs are written down now, and not needed again.
    let (runs, fetched) = (std::mem::take(&mut journal.trail.runs), journal.attempt.fetched.take());
    let attempt = Attempt { documents: documents.clone(), runs, fetched, ..journal.attempt.clone() };
    // Two orders that met in a rule's notes: nothing is written down, and the rules run again on what the other one wrote.
    outside.store.begin(journal.record, attempt).await.map_err(|fault| match fault.code {
        Code::KvConflict => Stop::Fault(fault),
        // Another order was quicker: this one is routed again, at once, with what is left. Each such turn is another's
        // success, so it counts as none.
        Code::NotEnoughStock => Stop::Busy(Busy { fault, retry_after: Some(Duration::ZERO), counts: false }),
        _ => Stop::Store(fault),
    })?;
    Ok(Ready(documents))
}

/// The shipments of the documents that are there, when the newer version asks for the same articles at the same place.
fn shipments_before(Read(order): &Read, there: &[There], source: &dyn Source) -> Option<Vec<Shipment>> {
    let sent = there.first()?.sent.as_ref()?;
    let Content::Order(before) = source.read(sent.body.as_ref()?).ok()? else { return None };
    let wants = |order: &Order| order.lines.iter().map(|line| (line.sku.clone(), line.quantity)).collect::<Vec<_>>();
    let same = wants(order) == wants(&before) && order.shipping_to == before.shipping_to;
    (same && !sent.attempt.shipments.is_empty()).then(|| sent.attempt.shipments.clone())
}

fn plain(state: State, reason: Option<String>, fault: Option<Fault>, at: Timestamp) -> Settlement {
    Settlement { reason, fault, ..Settlement::new(state, at) }
}

/// What a cancellation did, in words.
fn cancelled(proposal: Option<&Proposal>) -> String {
    let Some(proposal) = proposal else { return "cancelled before anything was in the ERP".into() };
    let numbers = proposal.steps.iter().filter_map(|step| match step {
        Step::Cancel { part } => part.number.as_deref(),
        _ => None,
    });
    format!("cancelled in the ERP: {}", numbers.collect::<Vec<_>>().join(", "))
}
