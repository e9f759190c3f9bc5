//! Runs one case in every way that fits it and says what is wrong, against the promises: a named fault, at most 10 ms
//! beyond the limit, memory back within 64 MiB, and neighbours that hardly notice.

use crate::{
    Ask, Case, Host, Inside, Phase, Source, ask,
    inside::{Stopped, median},
    neighbour::{self, Kept, Turns},
    program::Ended,
    way::Way,
};
use crossdock_flow::Code;
use serde::Serialize;
use std::time::Duration;

/// How far beyond its time limit a call may end, in milliseconds.
const LATE: f64 = 10.0;
/// By how much the host's memory may have grown, in KiB.
const GROWN: u64 = 64 << 10;
/// The longest message of a fault, in bytes: names of the guest must not flood the operator's screen.
const MESSAGE: usize = 4 << 10;
/// The share of its throughput that a neighbour has to keep in every case while orders that need the hostile rule keep coming.
pub const NEIGHBOUR_AT_LEAST: f64 = 0.9;
/// How long that is looked at; a case that takes its time gets fewer and longer windows.
const ORDERS: Turns = Turns { turns: 8, with: Duration::from_millis(200), without: Duration::from_millis(150) };
const ORDERS_AND_SLOW: Turns = Turns { turns: 3, with: Duration::from_millis(500), without: Duration::from_millis(300) };
/// How often it is looked at again before a case is blamed: it may have been the machine. All turns count.
const AGAIN: usize = 2;
/// The same without any breaker.
const BARE: Turns = Turns { turns: 5, with: Duration::from_millis(20), without: Duration::from_millis(20) };
const BARE_AND_SLOW: Turns = Turns { turns: 2, with: Duration::from_millis(60), without: Duration::from_millis(60) };

/// What was seen of one case.
#[derive(Serialize)]
pub struct Finding {
    /// The case.
    pub case: &'static str,
    /// What it tries.
    pub route: &'static str,
    /// When it misbehaves.
    pub phase: &'static str,
    /// The limit that stops it.
    pub limit: &'static str,
    /// The fault that stopped it.
    pub code: Option<Code>,
    /// What the guest was told instead, by which it got no further.
    pub told: Option<String>,
    /// How long until it was stopped, in milliseconds: the call with default limits; the load in a fresh host where it is
    /// refused there.
    pub stopped_ms: f64,
    /// How far beyond a time limit it ended, where only time could stop it.
    pub stopped_ms_over_limit: Option<f64>,
    /// By how much a fresh host's memory had grown, in KiB.
    pub host_rss_growth_kib: u64,
    /// Share of its throughput that a neighbour kept while orders that need the hostile rule kept coming.
    pub neighbour_throughput: Option<f64>,
    /// The same by the clock on the wall: less where machine and plugins share the cores.
    pub neighbour_wall: Option<f64>,
    /// Share that it kept while the rule was called, or loaded, without a pause and without a breaker.
    pub neighbour_bare: Option<f64>,
    /// The same by the clock on the wall.
    pub neighbour_bare_wall: Option<f64>,
    /// What is not as promised.
    pub wrong: Vec<String>,
}

impl Finding {
    /// Whether the neighbour lost more than it may.
    pub fn neighbour_suffered(&self) -> bool {
        self.neighbour_throughput.is_some_and(|kept| kept < NEIGHBOUR_AT_LEAST)
    }
}

/// What runs the cases.
pub struct Judge {
    /// The program under test.
    pub host: Host,
    /// The sandbox in this process.
    pub inside: Inside,
    /// Whether the neighbour's throughput is measured.
    pub with_neighbour: bool,
}

/// Rehearses a case in a fresh host, or orders what only orders can show, and says whether it was stopped as it should be: no
/// times, nothing beside it.
pub fn rehearsed(host: &Host, case: &Case) -> Result<(), String> {
    if let Source::Asks(asks) = &case.source {
        let ended = host.order(asks)?;
        asks.unseen()?;
        return match () {
            () if !expected(case, asks, ended.code.as_deref(), ended.told.as_deref()) => Err(format!("found {:?}, {:?}", ended.code, ended.told)),
            () if ended.grown_kib > GROWN => Err(format!("the host's memory grew by {} MiB", ended.grown_kib >> 10)),
            () => Ok(()),
        };
    }
    let said = host.rehearse(case)?;
    match said.stopped_by(case) {
        Some(_) if said.host_rss_growth_kib <= GROWN => Ok(()),
        Some(_) => Err(format!("the host's memory grew by {} MiB", said.host_rss_growth_kib >> 10)),
        None => Err(format!("expected {}, found {:.300}", codes(&case.expect), said.fault.map_or("no fault".into(), |fault| fault.message))),
    }
}

impl Judge {
    /// Runs one case and judges it.
    pub fn judge(&self, case: &Case) -> Finding {
        let mut finding = Finding {
            case: case.name,
            route: case.route,
            phase: case.phase.name(),
            limit: case.limit,
            code: None,
            told: None,
            stopped_ms: 0.0,
            stopped_ms_over_limit: None,
            host_rss_growth_kib: 0,
            neighbour_throughput: None,
            neighbour_wall: None,
            neighbour_bare: None,
            neighbour_bare_wall: None,
            wrong: Vec::new(),
        };
        match &case.source {
            Source::Asks(asks) => self.in_a_whole_program(case, asks, &mut finding),
            _ => self.in_a_fresh_host(case, &mut finding),
        }
        if case.phase != Phase::Load {
            self.in_this_process(case, &mut finding);
        }
        if self.with_neighbour
            && let Err(why) = self.beside_a_neighbour(case, &mut finding)
        {
            finding.wrong.push(format!("beside a neighbour: {why}"));
        }
        finding
    }

    fn in_a_fresh_host(&self, case: &Case, finding: &mut Finding) {
        let said = match self.host.rehearse(case) {
            Ok(said) => said,
            Err(why) => return finding.wrong.push(why),
        };
        finding.code = said.stopped_by(case);
        finding.stopped_ms = said.ms as f64;
        finding.host_rss_growth_kib = said.host_rss_growth_kib;
        let message = said.fault.as_ref().map_or("no fault", |fault| &fault.message);
        if finding.code.is_none() {
            finding.wrong.push(format!("expected {}, found {message:.300}", codes(&case.expect)));
        }
        if message.len() > MESSAGE {
            finding.wrong.push(format!("the fault's message has {} bytes", message.len()));
        }
        if said.host_rss_growth_kib > GROWN {
            finding.wrong.push(format!("the host's memory grew by {} MiB", said.host_rss_growth_kib >> 10));
        }
    }

    /// By orders that need it, as a rehearsal has no outside.
    fn in_a_whole_program(&self, case: &Case, asks: &Ask, finding: &mut Finding) {
        let late = |ended: &Ended| ended.ms > asks.limit() as f64 + LATE;
        let mut ended = self.host.order(asks);
        for _ in 0..AGAIN {
            if ended.as_ref().is_ok_and(late) {
                ended = self.host.order(asks);
            }
        }
        let ended = match ended {
            Ok(ended) => ended,
            Err(why) => return finding.wrong.push(why),
        };
        finding.code = case.expect.iter().copied().find(|code| ended.code.as_deref() == Some(code.id()));
        finding.stopped_ms = ended.ms;
        finding.host_rss_growth_kib = ended.grown_kib;
        if !expected(case, asks, ended.code.as_deref(), ended.told.as_deref()) {
            finding.wrong.push(format!("found {:?} {}, told {:?}", ended.code, ended.message, ended.told));
        }
        finding.told = ended.told.clone().filter(|_| ended.code.is_none());
        if let Err(why) = asks.unseen() {
            finding.wrong.push(why);
        }
        if ended.grown_kib > GROWN {
            finding.wrong.push(format!("the host's memory grew by {} MiB", ended.grown_kib >> 10));
        }
        if late(&ended) {
            finding.wrong.push(format!("it was stopped {:.1} ms after its limit of {} ms", ended.ms - asks.limit() as f64, asks.limit()));
        }
    }

    fn in_this_process(&self, case: &Case, finding: &mut Finding) {
        let stopped = match self.inside.stop(case) {
            Ok(stopped) => stopped,
            Err(why) => return finding.wrong.push(format!("in this process: {why}")),
        };
        if let Source::Asks(asks) = &case.source {
            return asked_in_this_process(case, asks, &stopped, finding);
        }
        finding.stopped_ms = stopped.ms;
        match &stopped.fault {
            // At start it is the rehearsal that fails; its message names the fault, which a fresh host has shown.
            Some(fault) if case.expect.contains(&fault.code) || (case.phase == Phase::Start && fault.code == Code::Rehearsal) => {}
            Some(fault) => finding.wrong.push(format!("in this process: expected {}, found {fault:.300}", codes(&case.expect))),
            None => finding.wrong.push("in this process: it was not stopped".into()),
        }
        let limit = crossdock_sandbox::Limits::default().time.as_secs_f64() * 1000.0;
        if stopped.ms > limit + LATE {
            finding.wrong.push(format!("it was stopped {:.1} ms after its time limit of {limit} ms", stopped.ms - limit));
        }
        if let Some((fault, over)) = stopped.over {
            finding.stopped_ms_over_limit = Some(over);
            let timed = fault.code == Code::PluginTime || fault.message.contains(Code::PluginTime.id());
            if !timed {
                finding.wrong.push(format!("with nothing but time to stop it: {fault:.300}"));
            } else if over > LATE {
                finding.wrong.push(format!("with nothing but time to stop it, it ended {over:.1} ms late"));
            }
        }
    }

    fn beside_a_neighbour(&self, case: &Case, finding: &mut Finding) -> Result<(), String> {
        let inside = &self.inside;
        // One turn waits until what is under way has ended.
        let slow = finding.stopped_ms > 200.0;
        let mut kept = Kept::default();
        for _ in 0..=AGAIN {
            let (neighbour, hostile) = (Way::neighbour_orders(inside)?, Way::orders(inside, &self.host, case)?);
            kept = kept.and(neighbour::together(&inside.runtime, neighbour, hostile, if slow { ORDERS_AND_SLOW } else { ORDERS }));
            if kept.medians().0 >= NEIGHBOUR_AT_LEAST {
                break;
            }
        }
        let (own, wall) = kept.medians();
        (finding.neighbour_throughput, finding.neighbour_wall) = (Some(own), Some(wall));
        if finding.neighbour_suffered() {
            finding.wrong.push(format!("its neighbour kept {:.0} % of its throughput", own * 100.0));
        }
        if let Some(hostile) = Way::bare(inside, case)? {
            let (own, wall) = neighbour::apart(Way::neighbour(inside), hostile, if slow { BARE_AND_SLOW } else { BARE }).medians();
            (finding.neighbour_bare, finding.neighbour_bare_wall) = (Some(own), Some(wall));
        }
        Ok(())
    }

    /// The neighbour's median over all cases: by orders, and without a breaker.
    pub fn over_all(findings: &[Finding]) -> (Option<f64>, Option<f64>) {
        let over = |kept: fn(&Finding) -> Option<f64>| {
            let kept: Vec<f64> = findings.iter().filter_map(kept).collect();
            (!kept.is_empty()).then(|| median(kept))
        };
        (over(|finding| finding.neighbour_throughput), over(|finding| finding.neighbour_bare))
    }
}

/// Whether a case that asks was stopped as it should be.
fn expected(case: &Case, asks: &Ask, code: Option<&str>, told: Option<&str>) -> bool {
    match asks.expects() {
        Some(expected) => code.is_none() && told == Some(expected),
        None => case.expect.iter().any(|expected| code == Some(expected.id())),
    }
}

fn asked_in_this_process(case: &Case, asks: &Ask, stopped: &Stopped, finding: &mut Finding) {
    let run = serde_json::to_value(&stopped.run).unwrap_or_default();
    let (code, told) = (stopped.fault.as_ref().map(|fault| fault.code.id()), ask::told(&run));
    if !expected(case, asks, code, told.as_deref()) {
        finding.wrong.push(format!("in this process: found {code:?}, told {told:?}"));
    }
    if stopped.ms > asks.limit() as f64 + LATE {
        finding.wrong.push(format!("in this process: stopped {:.1} ms after its limit", stopped.ms - asks.limit() as f64));
    }
}

fn codes(codes: &[Code]) -> String {
    codes.iter().map(|code| code.id()).collect::<Vec<_>>().join(" or ")
}
