//! `crossdock sync list | explain | retry | erase`.

use super::{Failure, explain, ledgers, parked::by};
use crate::{
    cli,
    screen::{Screen, Tone},
};
use crossdock_flow::{
    clock::{Clock, SystemClock},
    desk::What,
    entity::echo::Kind,
    sync::{
        State,
        ledger::{Erasure, Ledger, Noted, Original, Row, Which},
    },
};
use crossdock_stores::sqlite::SqliteStore;
use serde_json::json;
use std::path::Path;

/// Carries out a sync command.
pub(crate) async fn sync(command: &cli::Sync, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let store = ledgers::open(file)?;
    match command {
        cli::Sync::List { parked, flow, most } => {
            let which = Which { flow: flow.clone(), state: parked.then_some(State::Parked), most: *most, ..Which::default() };
            list(&store, which, screen).await
        }
        cli::Sync::Explain { kind, key } => story(&store, *kind, key, screen).await,
        cli::Sync::Retry(retry) => {
            let which = Which { kind: retry.kind, key: retry.key.clone(), ..Which::default() };
            let count = store.retry_changes(which, &by(&retry.by, SystemClock.now())).await?;
            if count == 0 && !retry.all {
                return Err(Failure::text("nothing of this key is parked; `crossdock sync list --parked` shows what is"));
            }
            if screen.is_json() {
                return screen.json(&json!({ "retried": count }));
            }
            screen.line(format!("{count} run again"));
            Ok(())
        }
        cli::Sync::Erase(erase) => self::erase(&store, erase, screen).await,
    }
}

async fn erase(store: &SqliteStore, erase: &cli::Erase, screen: &Screen) -> Result<(), Failure> {
    let cli::Erase { kind, key, side, force, by: who } = erase;
    let erasure = Erasure { kind: *kind, key: key.clone(), side: *side, is_forced: *force };
    let rows = store.erase_changes(erasure, &by(who, SystemClock.now())).await?;
    if rows == 0 {
        return Err(Failure::text(format!("nothing is left to erase of {kind} `{key}`; `crossdock sync explain {kind} {key}` shows what is kept")));
    }
    if screen.is_json() {
        return screen.json(&json!({ "kind": kind, "key": key, "rows": rows }));
    }
    screen.line(format!("{} {rows} row(s) of {kind} {key}: what was known of it is erased", screen.tone(Tone::Good, "ok")));
    screen.line("   keys, states and times are kept; what either side still has comes back with that side's next change of it");
    Ok(())
}

async fn list(store: &SqliteStore, which: Which, screen: &Screen) -> Result<(), Failure> {
    let (rows, counts) = (store.changes(which).await?, store.change_counts().await?);
    if screen.is_json() {
        return screen.json(&json!({ "changes": rows, "counts": counts }));
    }
    let cells = |row: &Row| {
        let partner = row.partner.clone().unwrap_or_default();
        vec![row.flow.clone(), row.kind.to_string(), row.key.clone(), row.state.to_string(), partner, row.changed_at.to_string(), why(row)]
    };
    screen.table(&["FLOW", "KIND", "KEY", "STATE", "OTHER SIDE", "CHANGED", "WHY"], &rows.iter().map(cells).collect::<Vec<_>>());
    let counted: Vec<String> = counts
        .iter()
        .map(|(flow, states)| {
            let states: Vec<String> = states.iter().map(|(state, number)| format!("{number} {state}")).collect();
            format!("{flow}: {}", states.join(", "))
        })
        .collect();
    screen.line(
        screen.tone(Tone::Faint, &format!("{} shown; {}", rows.len(), if counted.is_empty() { "none yet".into() } else { counted.join("; ") })),
    );
    Ok(())
}

fn why(row: &Row) -> String {
    row.fault.as_ref().map(ToString::to_string).or_else(|| row.reason.clone()).unwrap_or_default()
}

async fn story(store: &SqliteStore, kind: Kind, key: &str, screen: &Screen) -> Result<(), Failure> {
    let stories = store.change_story(Which { kind: Some(kind), key: Some(key.to_owned()), ..Which::default() }).await?;
    if stories.is_empty() {
        return Err(Failure::text(format!("nothing came of {kind} `{key}`; `crossdock sync list --most 0` shows all that did")));
    }
    if screen.is_json() {
        return screen.json(&stories);
    }
    for story in stories {
        let row = &story.row;
        let partner = row.partner.as_ref().map(|partner| format!(", {partner} on the other side")).unwrap_or_default();
        screen.line(screen.tone(Tone::Strong, &format!("{} {} from the {} by [sync.{}]{partner}", row.kind, row.key, row.side, row.flow)));
        let original = match row.original {
            Original::Kept => "",
            Original::Expired => "; what came is past its time",
            Original::Erased => "; what came was erased",
        };
        screen.line(format!("  changed {}, came {}, {}{original}", row.changed_at, row.received_at, row.state));
        // What people did stands between the attempts, at its time.
        let mut people = story.audit.iter().peekable();
        for attempt in &story.attempts_made {
            while let Some(noted) = people.next_if(|noted| noted.at <= attempt.started_at) {
                tell(noted, screen);
            }
            screen.line(format!("  attempt {} at {}, {} ms: {}", attempt.number, attempt.started_at, attempt.milliseconds, attempt.state));
            attempt.runs.iter().for_each(|run| explain::tell_run(run, screen));
            attempt.steps.iter().for_each(|step| screen.line(format!("    {step}")));
            if let Some(fault) = &attempt.fault {
                screen.line(format!("    {fault}\n    {}", fault.code.cure()));
            }
        }
        people.for_each(|noted| tell(noted, screen));
        if let Some(due) = row.due_at {
            screen.line(format!("  again at {due}"));
        }
    }
    Ok(())
}

/// What a person did.
fn tell(noted: &Noted, screen: &Screen) {
    let what = if noted.what == What::Erased { "erased what was known of it" } else { "let it run again" };
    let cause = if noted.cause.is_empty() { String::new() } else { format!(": {}", noted.cause) };
    screen.line(format!("  {}  {} {what}{cause}", noted.at, screen.tone(Tone::Strong, &noted.actor)));
}
