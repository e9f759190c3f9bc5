//! What the customer's rules, the wanted form of addresses and the template make of a change before it meets the other side. All happen
//! anew in every attempt, from what came: so they may be made twice, and what came is never lost.

use super::{
    Flow, Subject,
    ledger::{Claimed, Ruled},
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
    hook::{Context, Hook, Verdict},
    mapping::Form,
    order::{Address, Instant},
    rule::Trail,
    target::Busy,
};
use std::sync::Arc;

impl Flow {
    /// Each rule in turn sees what the one before left. A hold or a fault parks, a rejection is the end of this version; a hold
    /// that a person let pass stops nothing.
    pub(super) async fn rule(&self, mut news: Subject, claimed: &Claimed, outside: Outside<'_>, told: &mut Told) -> Result<Subject, Stop> {
        let Some(hook) = Hook::of(self.kind) else { return Ok(news) };
        let arrived = &claimed.arrival.news;
        let context = Context {
            integration: self.integration.clone(),
            event_id: format!("{}@{}", Entity::new(self.from, self.kind, &*arrived.key), arrived.version),
            attempt: claimed.attempts + 1,
            now: Instant::utc(told.started_at),
            kept: Arc::default(),
        };
        let mut trail = Trail::default();
        let mut end = Ok(());
        for rule in outside.rules.at(hook) {
            let answer;
            (news, answer) = rule.pre_map_subject(hook, &context, self.from, news, &mut trail).await;
            if claimed.released && matches!(answer, Ok(Verdict::Hold { .. })) {
                told.steps.push("a hold was passed, because a person let it run again".into());
                continue;
            }
            end = judge(answer, &trail);
            if end.is_err() {
                break;
            }
        }
        if !trail.runs.is_empty() {
            told.ruled = Some(Ruled { runs: trail.runs, came: Some(arrived.body.clone()) });
        }
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

impl Flow {
    /// What the template makes of it. The other side reads the template's row as one of its own: so whatever comes after sees
    /// what that side will say, and only its connector knows how to write it.
    pub(super) fn shape(&self, news: Subject, outside: Outside<'_>, told: &mut Told) -> Result<Subject, Stop> {
        let Some(form) = &self.form else { return Ok(news) };
        self.shaped(form, &news, outside, &mut told.steps).map_err(Stop::Parked)
    }

    fn shaped(&self, form: &Form, news: &Subject, outside: Outside<'_>, steps: &mut Vec<String>) -> Result<Subject, Fault> {
        let mut plain = news.clone();
        // What does not go by itself needs no place there: the template still sees it.
        if let Some(fields) = plain.custom_mut() {
            fields.retain(|field| self.carries.has(&field.name));
        }
        let own = outside.to.write(&plain)?;
        let shaped = outside.to.read(self.kind, &form.lay(news, &self.zone, &own)?)?;
        shaped.check()?;
        let changes = outside.to.read(self.kind, &own)?.content().compare(&shaped.content());
        let told = changes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        steps.push(format!("by the template `{}`: {}", form.name, if told.is_empty() { "as it is" } else { &told }));
        Ok(shaped)
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
