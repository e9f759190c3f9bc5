//! What the customer's rules and the wanted form of addresses make of a change before it meets the other side. Both happen
//! anew in every attempt, from what came: so they may be made twice, and what came is never lost.

use super::{
    Flow, Subject,
    ledger::Claimed,
    run::{Outside, Stop, Told},
};
use crate::{
    Code, Fault,
    entity::{
        Side,
        address::{self, AddressPolicy},
        echo::Entity,
    },
    fault::{Actor, PluginDetail},
    hook::{Context, Hook, HookRun, Verdict},
    order::{Address, Instant, Value},
    rule::Trail,
    target::Busy,
};
use std::sync::Arc;

impl Flow {
    /// Each rule in turn sees what the one before left. A hold or a fault parks, a rejection is the end of this version.
    pub(super) async fn rule(&self, mut news: Subject, claimed: &Claimed, outside: Outside<'_>, told: &mut Told) -> Result<Subject, Stop> {
        let Some(hook) = Hook::of(self.kind) else { return Ok(news) };
        let arrived = &claimed.arrival.news;
        let context = Context {
            integration: self.integration.clone(),
            event_id: format!("{}@{}", Entity::new(self.from, self.kind, &*arrived.key), arrived.version),
            attempt: claimed.attempts + 1,
            now: Instant::utc(outside.clock.now()),
            kept: Arc::default(),
        };
        let mut trail = Trail::default();
        let mut end = Ok(());
        for rule in outside.rules.at(hook) {
            let answer;
            (news, answer) = rule.pre_map_subject(hook, &context, self.from, news, &mut trail).await;
            end = judge(answer, &trail);
            if end.is_err() {
                break;
            }
        }
        trail.runs.iter().for_each(|run| told.steps.extend(in_words(run)));
        told.quarantined.append(&mut trail.quarantined);
        end.map(|()| news)
    }

    /// A customer's addresses as the ERP wants them, on the way there. What came stays beside it in the steps.
    pub(super) fn normalise(&self, mut news: Subject, told: &mut Told) -> Result<Subject, Stop> {
        let (Some(policy), Subject::Customer(customer), Side::Shop) = (&self.addresses, &mut news, self.from) else { return Ok(news) };
        let places = std::iter::once(("billing".to_owned(), &mut customer.billing))
            .chain(customer.ship_to.iter_mut().map(|(code, address)| (format!("ship-to[{code}]"), address)));
        for (place, address) in places {
            normalise(policy, &place, address, &mut told.steps).map_err(Stop::Parked)?;
        }
        Ok(news)
    }
}

/// Puts an address into the wanted form, and says what it was and is. Fails with E231 where its country or subdivision is none; an
/// address without any country is left to those who need one. What else is doubtful is said, and goes on as it was written.
pub(crate) fn normalise(policy: &AddressPolicy, place: &str, address: &mut Address, steps: &mut Vec<String>) -> Result<(), Fault> {
    let normalised = address::normalise(address, policy);
    steps.extend(normalised.changes.iter().map(|change| format!("{place}.{change}")));
    let is_unknown = |doubt: &&address::Doubt| matches!(doubt.why, address::Why::UnknownCountry | address::Why::UnknownRegion);
    if let Some(doubt) = normalised.doubts.iter().find(is_unknown) {
        let written = doubt.field.of(&normalised.raw);
        let what = if doubt.why == address::Why::UnknownCountry { "is no country" } else { "is no region of its country" };
        return Err(Fault::new(Code::AddressUnclear, format!("`{}` {what}", crate::fault::shorten(written))).at(format!("{place}.{}", doubt.field)));
    }
    steps.extend(normalised.doubts.iter().map(|doubt| format!("{place}.{doubt}: it goes on as it is")));
    *address = normalised.address;
    Ok(())
}

fn judge(answer: Result<Verdict, Fault>, trail: &Trail) -> Result<(), Stop> {
    let by = trail.runs.last();
    let name = by.map_or("", |run| &*run.plugin);
    match answer {
        Ok(Verdict::Proceed) => Ok(()),
        Ok(Verdict::Hold { reason, until: Some(until) }) => Err(Stop::Waits(format!("plugin `{name}`: {reason}"), until)),
        Ok(Verdict::Hold { reason, until: None }) => {
            let fault = Fault::new(Code::RuleHolds, reason);
            Err(Stop::Parked(match by {
                Some(run) => fault.detail(PluginDetail::new(&run.plugin, &run.version, Some(run.hook))),
                None => fault,
            }))
        }
        Ok(Verdict::Reject { reason }) => Err(Stop::NoOp(format!("plugin `{name}` keeps it back: {reason}"))),
        Err(fault) if fault.code.actor() == Actor::Host => Err(Stop::Busy(Busy { fault, retry_after: None, counts: true })),
        Err(fault) => Err(Stop::Parked(fault)),
    }
}

/// A run as a person reads it.
fn in_words(run: &HookRun) -> Vec<String> {
    let verdict = match (&run.verdict, &run.fault) {
        (_, Some(fault)) => format!("failed: {fault}"),
        (Some(Verdict::Proceed) | None, None) => "goes on".to_owned(),
        (Some(Verdict::Hold { reason, .. }), None) => format!("holds: {reason}"),
        (Some(Verdict::Reject { reason }), None) => format!("rejects: {reason}"),
    };
    let mark = run.mark.map(|mark| match mark {
        crate::hook::Mark::Skipped => ", skipped by its failure policy",
        crate::hook::Mark::Previous => ", the version before it stood in",
    });
    let version = run.version.get(..12).unwrap_or(&run.version);
    let head = format!(
        "{}: plugin `{}` {version} {verdict}{} ({} of {} fuel, {} µs)",
        run.hook,
        run.plugin,
        mark.unwrap_or_default(),
        run.fuel,
        run.fuel_limit,
        run.micros
    );
    let show = |value: &Value| if *value == Value::Empty { "nothing".to_owned() } else { format!("`{value}`") };
    let changes =
        run.changes.iter().map(|change| format!("  {}: {} → {} ({})", change.path, show(&change.before), show(&change.after), change.reason));
    let asked = (!run.calls.is_empty()).then(|| format!("  it asked the outside {} times", run.calls.len()));
    let logs = run.logs.iter().map(|line| format!("  {}: {}", line.level, line.text));
    std::iter::once(head).chain(changes).chain(asked).chain(logs).collect()
}
