//! The whole story of an order, from webhook to receipt, for the operator at 3 a.m.

use super::{orders::why, run::short};
use crate::screen::{Screen, Tone};
use crossdock_flow::{
    capability::HostCall,
    desk::{Entry, What},
    hook::{HookRun, Mark, Verdict},
    record::{Attempt, Ended, State, Story},
};

/// How a state is shown.
pub(crate) fn tone(state: State) -> Tone {
    match state {
        State::Delivered | State::Cancelled => Tone::Good,
        State::Due | State::Sending | State::Held => Tone::Warn,
        State::Parked | State::Rejected => Tone::Bad,
        State::Superseded | State::Discarded => Tone::Faint,
    }
}

/// Prints the story of every record of an order.
pub(crate) fn print(stories: &[Story], screen: &Screen) {
    for story in stories {
        record(story, screen);
    }
}

fn record(story: &Story, screen: &Screen) {
    let summary = &story.summary;
    let worth = summary.worth.map(|(total, currency)| format!(", worth {total} {currency}")).unwrap_or_default();
    let title = format!("{} {} (record {}){worth}", summary.order, summary.kind.name(), summary.record);
    screen.line(format!("{}: {}", screen.tone(Tone::Strong, &title), screen.tone(tone(summary.state), summary.state.name())));
    screen.line(format!(
        "  {}  accepted from {} as {} (version {}, {})",
        summary.received_at,
        summary.connection,
        summary.event_id,
        story.version,
        story.body.as_ref().map_or("the original is past its time or erased".into(), |body| format!("{} bytes kept", body.len()))
    ));
    // What people did stands between the attempts, at its time.
    let mut people = story.audit.iter().filter(|entry| BY_PEOPLE.contains(&entry.what)).peekable();
    for (attempt, ended) in &story.attempts_made {
        while let Some(entry) = people.next_if(|entry| entry.at <= attempt.started_at) {
            tell_entry(entry, screen);
        }
        tell(attempt, ended.as_ref(), screen);
    }
    people.for_each(|entry| tell_entry(entry, screen));
    if story.attempts_made.is_empty() || !matches!(summary.state, State::Delivered) {
        let why = why(summary);
        if !why.is_empty() {
            screen.line(format!("  {}", screen.tone(tone(summary.state), &why)));
        }
    }
    if let Some(fault) = &summary.fault {
        screen.line(format!("  for the merchant: {}", fault.code.merchant()));
        screen.line(format!("  what to do:       {}", fault.code.cure()));
        if let Some(detail) = &fault.detail {
            for line in detail.panic.lines() {
                screen.line(format!("    stderr: {line}"));
            }
            for line in &detail.log {
                screen.line(format!("    log:    {line}"));
            }
            for frame in &detail.backtrace {
                screen.line(format!("    at {frame}"));
            }
        }
    }
    if let Some(due) = summary.due_at {
        screen.line(format!("  due again at {due}"));
    }
}

/// What is told beside the attempts, which tell the rest.
const BY_PEOPLE: [What; 7] = [What::Superseded, What::Damaged, What::Retried, What::Edited, What::Discarded, What::Erased, What::Expired];

fn tell_entry(entry: &Entry, screen: &Screen) {
    let what = match entry.what {
        What::Retried => "let it run again",
        What::Edited => "corrected a copy of it",
        What::Discarded => "gave it up",
        What::Erased => "erased the customer's data",
        What::Expired => "removed what was past its time",
        What::Damaged => "could not read it from the store",
        What::Superseded => "superseded",
        What::Accepted | What::Begun | What::Ended => return,
    };
    let cause = if entry.cause.is_empty() { String::new() } else { format!(": {}", entry.cause) };
    screen.line(format!("  {}  {} {what}{cause}", entry.at, screen.tone(Tone::Strong, &entry.actor)));
}

fn tell(attempt: &Attempt, ended: Option<&Ended>, screen: &Screen) {
    screen.line(format!("  {}  attempt {}", attempt.started_at, attempt.number));
    for run in &attempt.runs {
        tell_run(run, screen);
    }
    if attempt.edit > 0 {
        screen.line(format!("    worked on edit {}", attempt.edit));
    }
    for document in attempt.documents.iter() {
        let backorder = if document.backorder { ", backorder" } else { "" };
        screen.line(format!(
            "    document {} from {}: {} lines, total {}{backorder}",
            document.key,
            document.warehouse,
            document.lines.len(),
            document.total
        ));
    }
    for step in attempt.proposal.iter().flat_map(|proposal| &proposal.steps) {
        screen.line(format!("    proposal: {}", step.tell()));
    }
    if let Some(ended) = ended {
        for step in &ended.steps {
            screen.line(format!("    {step}"));
        }
        screen.line(format!("  {}  {}", ended.at, screen.tone(tone(ended.state), ended.state.name())));
    }
}

/// What a rule asked of the outside, without what it got: that may be personal.
fn asked(call: &HostCall) -> String {
    match call {
        HostCall::Clock { at } => format!("asked the time: {at}"),
        HostCall::Random { bytes } => format!("asked for {} random bytes", bytes.len() / 2),
        HostCall::Lookup { what, key, found } => format!("looked up {what} {key}: {}", if found.is_some() { "known" } else { "not known" }),
        HostCall::KvGet { key, value, .. } => format!("read its key {key}: {}", if value.is_some() { "there" } else { "nothing there" }),
        HostCall::KvSet { key, value: Some(value) } => format!("wrote its key {key}: {} bytes", value.len() / 2),
        HostCall::KvSet { key, value: None } => format!("removed its key {key}"),
        HostCall::Http { request, answer: Ok(answer), .. } => format!("sent {request}: {}, {} bytes", answer.status, answer.body.len() / 2),
        HostCall::Http { request, answer: Err(why), .. } => format!("sent {request}: no answer: {why:?}"),
    }
}

/// What a rule did: verdict, changes with before and after, what it asked and logged, what it cost.
pub(crate) fn tell_run(run: &HookRun, screen: &Screen) {
    let verdict = match (&run.verdict, &run.fault) {
        (_, Some(fault)) => screen.tone(Tone::Bad, &fault.to_string()),
        (Some(Verdict::Proceed), _) => "proceed".into(),
        (Some(Verdict::Hold { reason, .. }), _) => screen.tone(Tone::Warn, &format!("hold: {reason}")),
        (Some(Verdict::Reject { reason }), _) => screen.tone(Tone::Bad, &format!("reject: {reason}")),
        (None, None) => "no verdict".into(),
    };
    let part = run.part.map(|part| format!(" on document {}", part + 1)).unwrap_or_default();
    let cost = format!("{} µs, {} of {} fuel", run.micros, run.fuel, run.fuel_limit);
    screen.line(format!(
        "    {} {} ({}){part}: {verdict}  {}",
        screen.tone(Tone::Strong, run.hook.name()),
        run.plugin,
        short(&run.version),
        screen.tone(Tone::Faint, &cost)
    ));
    match run.mark {
        Some(Mark::Skipped) => {
            screen.line(format!("      {}", screen.tone(Tone::Warn, "skipped: its failure policy lets what it worked on go on unchanged")))
        }
        Some(Mark::Previous) => screen.line(format!("      {}", screen.tone(Tone::Warn, "the last version that worked stood in"))),
        None => {}
    }
    for call in &run.calls {
        screen.line(format!("      {}", screen.tone(Tone::Faint, &asked(call))));
    }
    for change in &run.changes {
        let before = change.before.to_string();
        let before = if before.is_empty() { "nothing".to_owned() } else { before };
        screen.line(format!("      {}: {before} → {}  {}", change.path, change.after, screen.tone(Tone::Faint, &change.reason)));
    }
    for log in &run.logs {
        screen.line(format!("      {} {}", screen.tone(Tone::Faint, &log.level), log.text));
    }
}
