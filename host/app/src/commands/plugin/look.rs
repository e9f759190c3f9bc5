//! `crossdock plugin list | inspect | release | rehearse`: what a plugin is, without an order of one's own.

use super::{Failure, Home};
use crate::{
    screen::{Screen, Tone},
    settings::PluginSettings,
    shelf::{self, Found},
};
use crossdock_flow::{
    capability::Capability,
    clock::{Clock, SystemClock},
    hook::HookRun,
    record::Store,
};
use crossdock_sandbox::{Facts, Limits, Loaded, Sandbox, producers};
use crossdock_stores::sqlite::SqliteStore;
use serde_json::{Value, json};
use std::{path::Path, time::Instant};

pub(super) use crate::commands::run::short;

/// The capabilities that a plugin asks for, by its imports.
pub(super) fn capabilities(facts: &Facts) -> Vec<&'static str> {
    facts.imports.iter().filter_map(|import| Capability::of_import(import)).map(|one| one.name()).collect()
}

pub(super) async fn release(home: &Home, plugin: &str, screen: &Screen) -> Result<(), Failure> {
    let Some(store) = &home.store else { return Err(Failure::text("there is no store yet, so nothing is out of service")) };
    let released = SqliteStore::open(store)?.release(plugin, SystemClock.now()).await?;
    if released == 0 {
        return Err(Failure::text(format!("no version of `{plugin}` is out of service")));
    }
    if screen.is_json() {
        return screen.json(&json!({ "plugin": plugin, "released": released }));
    }
    screen.line(format!("{} {plugin} is back in service; a running host notices within a second", screen.tone(Tone::Good, "ok")));
    Ok(())
}

pub(super) async fn list(home: &Home, sandbox: &Sandbox, screen: &Screen) -> Result<(), Failure> {
    let bar = screen.progress(0, "loading");
    let found = shelf::load_all(sandbox, &home.said, |name| bar.set_message(name.to_owned())).await;
    bar.finish_and_clear();
    let out = match &home.store {
        Some(store) => SqliteStore::open(store)?.quarantined().await?,
        None => Vec::new(),
    };
    let out_of_service = |loaded: &Loaded| out.iter().find(|one| *one.version == *loaded.facts().sha256);
    if screen.is_json() {
        let rows: Vec<Value> = found
            .iter()
            .map(|plugin| match &plugin.loaded {
                Ok(loaded) => {
                    json!({
                        "name": plugin.name, "ok": true, "hooks": loaded.hooks(), "version": loaded.facts().sha256, "size": loaded.facts().size,
                        "disabled": plugin.disabled, "refused": plugin.refused, "quarantined": out_of_service(loaded), "previous": plugin.previous.as_ref().map(|previous| previous.facts().sha256.clone()),
                    })
                }
                Err(fault) => json!({ "name": plugin.name, "ok": false, "fault": fault }),
            })
            .collect();
        return screen.json(&rows);
    }
    if found.is_empty() {
        screen.line(format!("no plugins in {}", home.said.sandbox.plugins.display()));
        return Ok(());
    }
    let row = |plugin: &Found| match &plugin.loaded {
        Ok(loaded) => {
            let hooks: Vec<&str> = loaded.hooks().iter().map(|hook| hook.name()).collect();
            vec![
                plugin.name.clone(),
                hooks.join(" "),
                short(&loaded.facts().sha256).to_owned(),
                format!("{} KiB", loaded.facts().size / 1024),
                match (out_of_service(loaded), &plugin.refused) {
                    _ if plugin.disabled => "disabled".into(),
                    (Some(one), _) => format!("out of service since {}: {}", one.since, one.why),
                    (None, Some(fault)) => format!("goes on; the file is refused: {fault}"),
                    (None, None) => "ready".into(),
                },
            ]
        }
        Err(fault) => vec![plugin.name.clone(), String::new(), String::new(), String::new(), format!("refused: {fault}")],
    };
    screen.table(&["PLUGIN", "HOOKS", "VERSION", "SIZE", "STATE"], &found.iter().map(row).collect::<Vec<_>>());
    Ok(())
}

/// Every limit: name, value, and where it comes from.
pub(in crate::commands) fn limits(limits: &Limits, own: &PluginSettings) -> Vec<(&'static str, String, String)> {
    let kib = |bytes: u64| format!("{} KiB", bytes / 1024);
    let values = [
        ("fuel", limits.fuel.to_string()),
        ("fuel-per-line", limits.fuel_per_line.to_string()),
        ("time", format!("{:?}", limits.time)),
        ("memory", kib(limits.memory)),
        ("output", kib(limits.output)),
        ("host-calls", limits.host_calls.to_string()),
        ("host-calls-per-line", limits.host_calls_per_line.to_string()),
        ("host-bytes", kib(limits.host_bytes)),
        ("log-lines", limits.log_lines.to_string()),
        ("log-bytes", kib(limits.log_bytes)),
        ("size", kib(limits.size)),
        ("function", kib(limits.function)),
        ("functions", limits.functions.to_string()),
        ("compile-time", format!("{:?}", limits.compile_time)),
        ("compile-memory", kib(limits.compile_memory)),
    ];
    let profile = if own.profile.is_empty() { "native" } else { own.profile };
    let source = |name: &str| own.written.get(name).map_or_else(|| format!("profile {profile}"), |line| format!("settings, line {line}"));
    values.into_iter().map(|(name, value)| (name, value, source(name))).collect()
}

pub(super) async fn inspect(home: &Home, sandbox: &Sandbox, plugin: &Path, screen: &Screen) -> Result<(), Failure> {
    let opened = home.open(plugin, screen)?;
    let loaded = home.load(sandbox, &opened).await?;
    let (facts, own) = (loaded.facts(), &opened.own);
    let limits = limits(loaded.limits(), own);
    let runs: Vec<Value> = facts.rehearsal.iter().map(run_json).collect();
    let made_by = std::fs::read(&opened.file).map(|bytes| producers(&bytes)).unwrap_or_default();
    let imports: Vec<Value> =
        facts.imports.iter().map(|import| json!({ "interface": import, "capability": Capability::of_import(import) })).collect();
    if screen.is_json() {
        return screen.json(&json!({
            "hooks": loaded.hooks(), "sha256": facts.sha256, "size": facts.size, "imports": imports, "made_by": made_by,
            "componentized": facts.componentized, "least_memory": facts.least_memory, "compile_ms": facts.compile_time.as_millis(),
            "from_cache": facts.from_cache, "rehearsal": runs,
            "limits": limits.iter().map(|(name, value, source)| json!({ "name": name, "value": value, "from": source })).collect::<Vec<_>>(),
            "grants": own.terms.grants.capabilities, "sha256_pinned": own.sha256,
        }));
    }
    let row = |name: &str, value: String| screen.line(format!("{}  {value}", screen.tone(Tone::Strong, &format!("{name:14}"))));
    let hooks: Vec<&str> = loaded.hooks().iter().map(|hook| hook.name()).collect();
    row("hooks", hooks.join(" "));
    row("version", facts.sha256.to_string());
    row("size", format!("{} bytes{}", facts.size, if facts.componentized { ", a core module made into a component" } else { "" }));
    let told = |import: &String| match Capability::of_import(import) {
        Some(capability) => format!("{import}  (capability {capability})"),
        None => import.clone(),
    };
    let imports: Vec<String> = facts.imports.iter().map(told).collect();
    row("imports", if imports.is_empty() { "nothing".into() } else { imports.join("\n                ") });
    row("made by", if made_by.is_empty() { "nobody says".into() } else { made_by.join(", ") });
    row("least memory", format!("{} KiB", facts.least_memory / 1024));
    row("compiled", if facts.from_cache { "from the cache".into() } else { format!("in {} ms", facts.compile_time.as_millis()) });
    let granted: Vec<&str> = own.terms.grants.capabilities.iter().map(|one| one.name()).collect();
    row("granted", if granted.is_empty() { "nothing".into() } else { granted.join(", ") });
    for (place, (name, value, source)) in limits.iter().enumerate() {
        row(if place == 0 { "limits" } else { "" }, format!("{name:<20}{value:<14}{}", screen.tone(Tone::Faint, source)));
    }
    for run in &facts.rehearsal {
        row("rehearsal", format!("{}: {} fuel of {}, {} µs, {} changes", run.hook, run.fuel, run.fuel_limit, run.micros, run.changes.len()));
    }
    Ok(())
}

fn run_json(run: &HookRun) -> Value {
    json!({ "hook": run.hook, "fuel": run.fuel, "fuel_limit": run.fuel_limit, "us": run.micros, "changes": run.changes.len(), "verdict": run.verdict })
}

pub(super) async fn rehearse(home: &Home, sandbox: &Sandbox, plugin: &Path, screen: &Screen) -> Result<(), Failure> {
    let opened = home.open(plugin, screen)?;
    let before = resident();
    let started = Instant::now();
    let loaded = home.load(sandbox, &opened).await;
    let name = &opened.name;
    let took = started.elapsed().as_millis();
    let grown = resident().saturating_sub(before);
    if screen.is_json() {
        let fault = loaded.as_ref().err();
        let reached = fault.and_then(|fault| fault.reached.as_ref());
        screen.json(&json!({
            "ok": loaded.is_ok(),
            "hooks": loaded.as_ref().map(Loaded::hooks).unwrap_or_default(),
            "fault": fault.map(|fault| json!({
                "code": fault.code, "message": fault.to_string(),
                "limit": reached.map(|reached| format!("{} = {}", reached.limit, reached.value)), "used": reached.and_then(|reached| reached.used.clone()),
            })),
            "runs": loaded.as_ref().map(|loaded| loaded.facts().rehearsal.iter().map(run_json).collect::<Vec<_>>()).unwrap_or_default(),
            "ms": u64::try_from(took).unwrap_or(u64::MAX),
            "host_rss_growth_kib": grown,
        }))?;
        return loaded.map(drop).map_err(|_| Failure::Printed);
    }
    let loaded = loaded?;
    screen.line(format!("{} {name}: loaded and rehearsed in {took} ms", screen.tone(Tone::Good, "ok")));
    for run in &loaded.facts().rehearsal {
        let verdict = run.verdict.as_ref().map_or_else(|| "no verdict".to_owned(), |verdict| format!("{verdict:?}"));
        screen.line(format!("   {:12} {} fuel of {}, {} µs: {verdict}", run.hook.name(), run.fuel, run.fuel_limit, run.micros));
        for change in &run.changes {
            screen.line(format!("      {}: {} → {}  {}", change.path, change.before, change.after, screen.tone(Tone::Faint, &change.reason)));
        }
        for log in &run.logs {
            screen.line(format!("      {} {}", screen.tone(Tone::Faint, &log.level), log.text));
        }
    }
    Ok(())
}

/// Resident memory of this process in KiB; 0 where the system does not tell.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
