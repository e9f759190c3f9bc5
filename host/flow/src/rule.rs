//! One of the customer's rules with what the operator says of it: the guard around its changes, what happens when it
//! fails, and the breaker that takes a version out of service. Decides and counts; waits for nothing but the rule itself.

use crate::{
    Document, Fault, Order,
    entity::Side,
    fault::{Actor, Code, PluginDetail},
    guard::Guard,
    hook::{Context, Hook, HookRun, Mark, Plugin, Route, Verdict},
    mapping::Mapping,
    record::Quarantined,
    route::{self, Candidates, Shipment},
    sync::Subject,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// What happens to an order when a rule fails on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// It waits for a person, with the fault.
    #[default]
    Park,
    /// It goes on unchanged, marked.
    Skip,
    /// The last version that worked answers, marked. When that fails too, it waits for a person.
    Previous,
}

impl std::str::FromStr for Policy {
    type Err = ();
    fn from_str(name: &str) -> Result<Policy, ()> {
        Ok(match name {
            "park" => Policy::Park,
            "skip" => Policy::Skip,
            "previous" => Policy::Previous,
            _ => return Err(()),
        })
    }
}

/// A rule at one hook.
#[derive(Clone)]
pub struct Rule {
    /// What is called.
    pub plugin: Arc<dyn Plugin>,
    /// The last version that worked, for [`Policy::Previous`].
    pub previous: Option<Arc<dyn Plugin>>,
    /// What happens when it fails.
    pub policy: Policy,
    /// What it may change.
    pub guard: Arc<Guard>,
    /// Takes this version out of service when it fails too often. Shared by the hooks of a plugin.
    pub breaker: Arc<Breaker>,
}

impl Rule {
    /// A rule that nobody said anything about.
    pub fn new(plugin: Arc<dyn Plugin>) -> Rule {
        Rule { plugin, previous: None, policy: Policy::Park, guard: Arc::default(), breaker: Arc::default() }
    }

    pub(crate) async fn pre_map(&self, context: &Context, mut order: Arc<Order>, trail: &mut Trail) -> (Arc<Order>, Result<Verdict, Fault>) {
        let mut ladder = Ladder::new(self, Hook::PreMap, context, trail);
        while let Some(plugin) = ladder.next() {
            let ran = self.guard.order(plugin.pre_map(context, order).await).settled();
            order = ran.subject;
            if let Some(answer) = ladder.took(ran.answer, ran.run) {
                return (order, answer);
            }
        }
        (order, ladder.end(Verdict::Proceed))
    }

    /// The shipments, checked, or a verdict that stops.
    pub(crate) async fn route_order(
        &self,
        context: &Context,
        order: &Arc<Order>,
        candidates: &Arc<Candidates>,
        trail: &mut Trail,
    ) -> Result<Route, Fault> {
        let mut ladder = Ladder::new(self, Hook::RouteOrder, context, trail);
        while let Some(plugin) = ladder.next() {
            let mut ran = plugin.route_order(context, order.clone(), candidates.clone()).await;
            if let Ok(Route::Ship(shipments)) = &mut ran.answer {
                match route::check(order, candidates, std::mem::take(shipments)) {
                    Ok(checked) => *shipments = checked,
                    Err(fault) => ran.blame(Err(fault)),
                }
            }
            if let Some(answer) = ladder.took(ran.answer, ran.run) {
                return answer;
            }
        }
        let whole: Vec<Shipment> = route::whole(order, candidates);
        ladder.end(Route::Ship(whole))
    }

    pub(crate) async fn post_map(
        &self,
        context: &Context,
        order: &Arc<Order>,
        mut document: Document,
        mapping: &Mapping,
        trail: &mut Trail,
    ) -> (Document, Result<Verdict, Fault>) {
        let part = document.part;
        let mut ladder = Ladder::new(self, Hook::PostMap, context, trail);
        while let Some(plugin) = ladder.next() {
            let mut ran = self.guard.document(mapping, plugin.post_map(context, order.clone(), document).await).settled();
            ran.run.part = Some(part);
            document = ran.subject;
            if let Some(answer) = ladder.took(ran.answer, ran.run) {
                return (document, answer);
            }
        }
        (document, ladder.end(Verdict::Proceed))
    }

    /// On a customer or a product, at the hook of its kind.
    pub(crate) async fn pre_map_subject(
        &self,
        hook: Hook,
        context: &Context,
        from: Side,
        mut subject: Subject,
        trail: &mut Trail,
    ) -> (Subject, Result<Verdict, Fault>) {
        let mut ladder = Ladder::new(self, hook, context, trail);
        while let Some(plugin) = ladder.next() {
            let ran = self.guard.subject(plugin.pre_map_subject(context, from, subject).await).settled();
            subject = ran.subject;
            if let Some(answer) = ladder.took(ran.answer, ran.run) {
                return (subject, answer);
            }
        }
        (subject, ladder.end(Verdict::Proceed))
    }
}

/// What the rules left behind on the way of one order.
#[derive(Default)]
pub(crate) struct Trail {
    /// Every run, in order.
    pub(crate) runs: Vec<HookRun>,
    /// Versions that were taken out of service on the way.
    pub(crate) quarantined: Vec<Quarantined>,
}

/// Whom to call, one after the other, until one answers: this version, then the previous one where the policy says so.
struct Ladder<'r> {
    rule: &'r Rule,
    hook: Hook,
    now: Timestamp,
    trail: &'r mut Trail,
    rung: u8,
    fault: Option<Fault>,
}

impl<'r> Ladder<'r> {
    fn new(rule: &'r Rule, hook: Hook, context: &Context, trail: &'r mut Trail) -> Ladder<'r> {
        Ladder { rule, hook, now: context.now.at, trail, rung: 0, fault: None }
    }

    fn next(&mut self) -> Option<&'r dyn Plugin> {
        self.rung += 1;
        if self.rung == 1 {
            let plugin = &*self.rule.plugin;
            if !self.rule.breaker.is_open() {
                return Some(plugin);
            }
            let fault = Fault::new(Code::PluginQuarantined, "this version failed too often and is out of service").detail(PluginDetail::new(
                plugin.name(),
                plugin.version(),
                Some(self.hook),
            ));
            let run = HookRun { fault: Some(fault.clone()), ..HookRun::new(self.hook, plugin.name().clone(), plugin.version().clone()) };
            self.trail.runs.push(run);
            self.fault = Some(fault);
            self.rung = 2;
        }
        let stands_in = self.rung == 2 && self.rule.policy == Policy::Previous;
        self.rule.previous.as_deref().filter(|previous| stands_in && previous.answers(self.hook))
    }

    /// Writes the run down. Gives the answer when it counts; nothing when the next one is to be asked.
    fn took<A>(&mut self, answer: Result<A, Fault>, mut run: HookRun) -> Option<Result<A, Fault>> {
        if self.rung > 1 && answer.is_ok() {
            run.mark = Some(Mark::Previous);
        }
        let (plugin, version) = (run.plugin.clone(), run.version.clone());
        self.trail.runs.push(run);
        let fault = match answer {
            Err(fault) if fault.code.actor() != Actor::Host => fault,
            answer => return Some(answer),
        };
        // A rule that could not be loaded at all has no version to take out of service; its own fault says more.
        if self.rung == 1 && fault.code.is_at_work() && self.rule.breaker.note(self.now) {
            let why =
                format!("{} faults within {:?}, the last one {} {}", self.rule.breaker.faults, self.rule.breaker.window, fault.code, fault.message);
            self.trail.quarantined.push(Quarantined { plugin: plugin.to_string(), version: version.to_string(), since: self.now, why });
        }
        self.fault = Some(fault);
        None
    }

    /// Nobody answered.
    fn end<A>(self, unchanged: A) -> Result<A, Fault> {
        match (self.rule.policy, self.fault) {
            (Policy::Skip, Some(_)) => {
                if let Some(run) = self.trail.runs.last_mut() {
                    run.mark = Some(Mark::Skipped);
                }
                Ok(unchanged)
            }
            (_, Some(fault)) => Err(fault),
            // Nobody answered and nobody failed: never a reason to let an order pass.
            (_, None) => Err(Fault::new(Code::Internal, "no version of the rule was asked")),
        }
    }
}

/// Counts the faults of one version; opens after so many within a window, and stays open until a person releases it.
#[derive(Debug)]
pub struct Breaker {
    faults: usize,
    window: Duration,
    state: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    at: VecDeque<Timestamp>,
    open: bool,
    /// Whether the store has it, too: only then does its absence there mean that it was released.
    kept: bool,
}

impl Default for Breaker {
    fn default() -> Breaker {
        Breaker::new(10, Duration::from_secs(600))
    }
}

impl Breaker {
    /// Opens after so many faults (at least one) within the window.
    pub fn new(faults: usize, window: Duration) -> Breaker {
        Breaker { faults: faults.max(1), window, state: Mutex::default() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the version is out of service.
    pub fn is_open(&self) -> bool {
        self.state().open
    }

    /// Takes over what the store says: in quarantine, or not (any more).
    pub fn follow(&self, quarantined: bool) {
        let mut seen = self.state();
        if quarantined {
            (seen.open, seen.kept) = (true, true);
        } else if seen.kept {
            *seen = Seen::default();
        }
    }

    /// Counts a fault. Says whether it opened by this one.
    fn note(&self, now: Timestamp) -> bool {
        let mut seen = self.state();
        seen.at.push_back(now);
        while seen.at.front().is_some_and(|first| Duration::try_from(now.duration_since(*first)).is_ok_and(|age| age > self.window)) {
            seen.at.pop_front();
        }
        let opens = !seen.open && seen.at.len() >= self.faults;
        seen.open |= opens;
        opens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn so_many_faults_within_the_window_open_the_breaker_once() {
        let breaker = Breaker::new(3, Duration::from_secs(60));
        assert!(!breaker.note(at(0)) && !breaker.note(at(1)));
        assert!(!breaker.note(at(61)), "the first is out of the window by now");
        assert!(!breaker.is_open());
        assert!(breaker.note(at(61)) && breaker.is_open());
        assert!(!breaker.note(at(62)), "it opened before");
    }

    #[test]
    fn only_a_release_that_the_store_saw_closes_it() {
        let breaker = Breaker::new(1, Duration::from_secs(60));
        assert!(breaker.note(at(0)));
        breaker.follow(false);
        assert!(breaker.is_open(), "the store has not heard of it yet");
        breaker.follow(true);
        breaker.follow(false);
        assert!(!breaker.is_open());
        breaker.follow(true);
        assert!(breaker.is_open(), "another host, or an earlier life of this one, found it out");
    }
}
