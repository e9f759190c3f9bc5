//! `crossdock plugin run`: one call in the real sandbox, and everything that came of it.

use super::{Failure, Home, Opened};
use crate::{
    cli,
    screen::{Screen, Tone},
};
use crossdock_flow::{
    Code, Fault,
    hook::{Hook, Plugin, Verdict},
    sample,
    source::Content,
};
use crossdock_sandbox::{Loaded, Sandbox};
use crossdock_workshop::{
    Case, Trial, entity,
    project::{self, Project},
    trial,
};
use serde::Deserialize;
use serde_json::json;
use std::{
    path::Path,
    time::{Duration, SystemTime},
};

/// How often `--watch` looks.
const LOOK: Duration = Duration::from_millis(100);

/// Reads an order file, or an event as a shop sends it.
pub(in crate::commands) fn read_case(file: &Path) -> Result<Case, Failure> {
    #[derive(Deserialize)]
    struct Shape {
        lines: Option<serde::de::IgnoredAny>,
    }
    let (name, bytes) = bytes(file)?;
    let ours = serde_json::from_slice::<Shape>(&bytes).map_or(true, |shape| shape.lines.is_some());
    if ours {
        return Case::read(&name, &bytes).map_err(|fault| at(file, fault));
    }
    match crossdock_connectors::read(&bytes).map_err(|fault| at(file, fault))? {
        Content::Order(order) => Ok(Case::of(&name, *order)),
        Content::Thin(id) => {
            Err(at(file, Fault::new(Code::Malformed, format!("the event only names order `{id}`; an order file holds the order itself"))))
        }
    }
}

/// Reads an order file or event; or a customer or product file, told by what only they have.
pub(super) fn read_any(file: &Path) -> Result<Case, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Shape {
        web_id: Option<serde::de::IgnoredAny>,
        sku: Option<serde::de::IgnoredAny>,
    }
    let (_, bytes) = bytes(file)?;
    match serde_json::from_slice(&bytes) {
        Ok(Shape { web_id: Some(_), .. }) => read_entity(Hook::PreMapCustomer, file),
        Ok(Shape { sku: Some(_), .. }) => read_entity(Hook::PreMapProduct, file),
        _ => read_case(file),
    }
}

/// Reads a customer or product file, as its hook says.
fn read_entity(hook: Hook, file: &Path) -> Result<Case, Failure> {
    let (name, bytes) = bytes(file)?;
    entity::read(hook, &name, &bytes).map_err(|fault| at(file, fault))
}

fn bytes(file: &Path) -> Result<(String, Vec<u8>), Failure> {
    let name = file.display().to_string();
    let bytes = std::fs::read(file).map_err(|error| Failure::text(format!("{name}: {error}")))?;
    Ok((name, bytes))
}

/// A fault of a file names it.
fn at(file: &Path, fault: Fault) -> Failure {
    let place = fault.place.as_ref().map_or_else(String::new, |place| format!(": {place}"));
    let place = format!("{}{place}", file.display());
    Failure::from(fault.at(place))
}

/// The plugin with the settings it is tried with, and the case.
async fn ready(home: &Home, sandbox: &Sandbox, opened: &mut Opened, hook: Option<Hook>, with: &cli::Try) -> Result<(Loaded, Case), Failure> {
    let case = match &with.input {
        Some(file) => match hook {
            Some(hook) if !Hook::ORDERS.contains(&hook) => read_entity(hook, file)?,
            _ => read_case(file)?,
        },
        None => Case::of(hook.map_or("a sample order", sampled), sample::order(3)),
    };
    let mut settings = case.settings.clone().unwrap_or_else(|| opened.own.terms.settings.clone());
    for (key, value) in &with.set {
        settings.retain(|(known, _)| known != key);
        settings.push((key.clone(), value.clone()));
    }
    // What it is tried with may be meant to fail; only a plugin that cannot even be loaded without is loaded with it.
    let loaded = match home.load(sandbox, opened).await {
        Err(fault) if fault.code == Code::Rehearsal => {
            opened.own.terms.settings.clone_from(&settings);
            home.load(sandbox, opened).await?
        }
        loaded => loaded?,
    };
    Ok((loaded.with_settings(settings), case))
}

/// What a hook is tried on where nobody says on what.
fn sampled(hook: Hook) -> &'static str {
    match hook {
        Hook::PreMap | Hook::RouteOrder | Hook::PostMap => "a sample order",
        Hook::PreMapCustomer => "a sample customer",
        Hook::PreMapProduct => "a sample product",
    }
}

pub(super) async fn run(home: &Home, sandbox: &Sandbox, plugin: &Path, hook: Option<Hook>, with: &cli::Try, screen: &Screen) -> Result<(), Failure> {
    let mut opened = home.open(plugin, screen)?;
    let (loaded, case) = ready(home, sandbox, &mut opened, hook, with).await?;
    let hooks = match hook {
        None => loaded.hooks(),
        Some(hook) if loaded.answers(hook) => vec![hook],
        Some(hook) => {
            let answers: Vec<&str> = loaded.hooks().iter().map(|hook| hook.name()).collect();
            return Err(Failure::text(format!("`{}` does not answer {hook}; it answers {}", opened.name, answers.join(", "))));
        }
    };
    let around = home.around(&opened.name);
    let mut trials = Vec::new();
    for hook in hooks {
        trials.push(trial::call(&loaded, hook, &case, &around).await);
    }
    if screen.is_json() {
        let rows: Vec<_> = trials
            .iter()
            .map(|trial| json!({ "answer": trial.answer, "total_before": case.order.total, "total_after": trial.order.total, "run": trial.run }))
            .collect();
        screen.json(&json!({ "plugin": opened.name, "version": loaded.facts().sha256, "input": case.name, "runs": rows }))?;
    } else {
        for trial in &trials {
            // Without a hook a file is an order: customers and products are then samples.
            let is_sample = with.input.is_none() || !case.asks(trial.run.hook);
            let name = if is_sample { sampled(trial.run.hook) } else { &case.name };
            print(trial, &case, name, loaded.limits().memory, screen);
        }
    }
    match trials.iter().find_map(|trial| trial.run.fault.clone()) {
        None => Ok(()),
        Some(_) if screen.is_json() => Err(Failure::Printed),
        Some(fault) => Err(fault.into()),
    }
}

/// What came of one call, for people.
fn print(trial: &Trial, case: &Case, name: &str, memory: u64, screen: &Screen) {
    let Trial { answer, order, run, .. } = trial;
    let (tone, verdict) = match (&answer.verdict, &answer.fault) {
        (Some(Verdict::Proceed), _) => (Tone::Good, "proceed".to_owned()),
        (Some(Verdict::Hold { reason, until }), _) => {
            (Tone::Warn, format!("hold{}: {reason}", until.map_or_else(String::new, |until| format!(" until {until}"))))
        }
        (Some(Verdict::Reject { reason }), _) => (Tone::Warn, format!("reject: {reason}")),
        (None, fault) => (Tone::Bad, format!("failed, {}", fault.as_ref().map_or("no answer", |fault| fault.code.id()))),
    };
    screen.line(format!("{} on {}: {}", screen.tone(Tone::Strong, run.hook.name()), name, screen.tone(tone, &verdict)));
    for change in &run.changes {
        let shown = |value: &crossdock_flow::order::Value| if value.to_string().is_empty() { "nothing".to_owned() } else { value.to_string() };
        let reason = screen.tone(Tone::Faint, &change.reason);
        screen.line(format!("   {}: {} → {}  {reason}", change.path, shown(&change.before), shown(&change.after)));
    }
    if order.total != case.order.total {
        screen.line(format!("   total: {} → {} {}", case.order.total, order.total, order.currency));
    }
    for shipment in answer.shipments.iter().flatten() {
        let parts: Vec<String> = shipment.lines.iter().map(|(line, units)| format!("{units} of line {line}")).collect();
        let from = if shipment.backorder { "backordered".to_owned() } else { format!("from {}", shipment.warehouse) };
        screen.line(format!("   {from}: {}", parts.join(", ")));
    }
    for line in &run.logs {
        screen.line(format!("   {} {}", screen.tone(Tone::Faint, &format!("{:6}", line.level)), line.text));
    }
    for call in &run.calls {
        screen.line(format!("   {} {}", screen.tone(Tone::Faint, "asked "), serde_json::to_string(call).unwrap_or_default()));
    }
    if let Some(detail) = run.fault.as_ref().and_then(|fault| fault.detail.as_ref()) {
        detail.panic.lines().chain(detail.backtrace.iter().map(String::as_str)).for_each(|line| screen.line(format!("   {line}")));
    }
    let used = |used: u64, limit: u64| format!("{}.{:02} %", used * 100 / limit.max(1), used * 10_000 / limit.max(1) % 100);
    screen.line(screen.tone(
        Tone::Faint,
        &format!(
            "   fuel {} of {} ({}), memory {} KiB of {} KiB, {} µs: in {}, run {}, out {}",
            run.fuel,
            run.fuel_limit,
            used(run.fuel, run.fuel_limit),
            run.memory / 1024,
            memory / 1024,
            run.micros,
            run.enter,
            run.micros.saturating_sub(run.enter + run.leave),
            run.leave
        ),
    ));
}

pub(super) async fn watch(
    home: &Home,
    sandbox: &Sandbox,
    plugin: &Path,
    hook: Option<Hook>,
    with: &cli::Try,
    screen: &Screen,
) -> Result<(), Failure> {
    let mut before = None;
    loop {
        // Read before it is built: what is saved meanwhile shows by its later time.
        let now = newest(plugin, with.input.as_deref());
        if before != Some(now) {
            before = Some(now);
            let started = std::time::Instant::now();
            match run(home, sandbox, plugin, hook, with, screen).await {
                Ok(()) | Err(Failure::Printed) => {}
                Err(failure) => screen.fail(&failure),
            }
            screen.line(screen.tone(
                Tone::Faint,
                &format!("   {} ms after the change; watching {} (Ctrl-C ends)", started.elapsed().as_millis(), plugin.display()),
            ));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// When the newest of the files that count was changed: sources of a project, or the component, and the order.
fn newest(plugin: &Path, input: Option<&Path>) -> SystemTime {
    let modified = |path: &Path| std::fs::metadata(path).and_then(|found| found.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let of_input = input.map(modified);
    let of_plugin = if Project::is_one(plugin) { project::sources(plugin).iter().map(|path| modified(path)).max() } else { Some(modified(plugin)) };
    of_plugin.max(of_input).unwrap_or(SystemTime::UNIX_EPOCH)
}
