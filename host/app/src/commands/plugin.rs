//! `crossdock plugin list | inspect | rehearse`.

use super::{Failure, run::short};
use crate::{
    cli,
    screen::{Screen, Tone},
    settings::{self, PluginSettings},
    wire::{self, Found},
};
use crossdock_flow::{Fault, hook::HookRun};
use crossdock_sandbox::{Loaded, Sandbox};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Instant,
};

/// Where plugins are and what the operator says of them: from the settings file if there is one, else the defaults, so
/// that an author without an integration can look at a plugin, too.
struct Home {
    sandbox: crossdock_sandbox::Settings,
    plugins: PathBuf,
    plugin: BTreeMap<String, PluginSettings>,
}

/// Carries out a plugin command.
pub(crate) async fn plugin(command: &cli::Plugin, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let home = home(file)?;
    let sandbox = Sandbox::new(home.sandbox.clone())?;
    match command {
        cli::Plugin::List => list(&home, &sandbox, screen).await,
        cli::Plugin::Inspect { plugin } => {
            let (_, loaded) = load(&home, &sandbox, plugin).await;
            inspect(&loaded?, screen)
        }
        cli::Plugin::Rehearse { plugin } => rehearse(&home, &sandbox, plugin, screen).await,
    }
}

fn home(file: &Path) -> Result<Home, Failure> {
    if !file.exists() {
        return Ok(Home { sandbox: Default::default(), plugins: "plugins".into(), plugin: BTreeMap::new() });
    }
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    Ok(Home { sandbox: checked.sandbox, plugins: checked.plugins, plugin: checked.plugin })
}

async fn load(home: &Home, sandbox: &Sandbox, plugin: &Path) -> (String, Result<Loaded, Fault>) {
    let named = home.plugins.join(plugin).with_extension("wasm");
    let path = if plugin.exists() || !named.exists() { plugin } else { &named };
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let own = home.plugin.get(&name).cloned().unwrap_or_default();
    let loaded = wire::load_plugin(sandbox, &name, path, own).await;
    (name, loaded)
}

async fn list(home: &Home, sandbox: &Sandbox, screen: &Screen) -> Result<(), Failure> {
    let bar = screen.progress(0, "loading");
    let found = wire::load_plugins(sandbox, &home.plugins, &home.plugin, |name| bar.set_message(name.to_owned())).await;
    bar.finish_and_clear();
    if screen.is_json() {
        let rows: Vec<Value> = found
            .iter()
            .map(|plugin| match &plugin.loaded {
                Ok(loaded) => {
                    json!({ "name": plugin.name, "ok": true, "hooks": loaded.hooks(), "version": loaded.facts().sha256, "size": loaded.facts().size })
                }
                Err(fault) => json!({ "name": plugin.name, "ok": false, "fault": fault }),
            })
            .collect();
        return screen.json(&rows);
    }
    if found.is_empty() {
        screen.line(format!("no plugins in {}", home.plugins.display()));
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
                "ready".into(),
            ]
        }
        Err(fault) => vec![plugin.name.clone(), String::new(), String::new(), String::new(), format!("refused: {fault}")],
    };
    screen.table(&["PLUGIN", "HOOKS", "VERSION", "SIZE", "STATE"], &found.iter().map(row).collect::<Vec<_>>());
    Ok(())
}

fn inspect(loaded: &Loaded, screen: &Screen) -> Result<(), Failure> {
    let (facts, limits) = (loaded.facts(), loaded.limits());
    let runs: Vec<Value> = facts.rehearsal.iter().map(run_json).collect();
    if screen.is_json() {
        return screen.json(&json!({
            "hooks": loaded.hooks(), "sha256": facts.sha256, "size": facts.size, "imports": facts.imports,
            "componentized": facts.componentized, "least_memory": facts.least_memory, "compile_ms": facts.compile_time.as_millis(),
            "from_cache": facts.from_cache, "rehearsal": runs,
            "limits": {
                "fuel": limits.fuel, "fuel-per-line": limits.fuel_per_line, "time-ms": limits.time.as_millis(), "memory": limits.memory,
                "output": limits.output, "log-lines": limits.log_lines, "log-bytes": limits.log_bytes, "host-calls": limits.host_calls,
                "host-bytes": limits.host_bytes, "size": limits.size, "compile-time-ms": limits.compile_time.as_millis(),
            },
        }));
    }
    let row = |name: &str, value: String| screen.line(format!("{}  {value}", screen.tone(Tone::Strong, &format!("{name:14}"))));
    let hooks: Vec<&str> = loaded.hooks().iter().map(|hook| hook.name()).collect();
    row("hooks", hooks.join(" "));
    row("version", facts.sha256.to_string());
    row("size", format!("{} bytes{}", facts.size, if facts.componentized { ", a core module made into a component" } else { "" }));
    row("imports", if facts.imports.is_empty() { "nothing".into() } else { facts.imports.join("\n                ") });
    row("least memory", format!("{} KiB", facts.least_memory / 1024));
    row("compiled", if facts.from_cache { "from the cache".into() } else { format!("in {} ms", facts.compile_time.as_millis()) });
    row(
        "limits",
        format!(
            "fuel {} + {} per line, time {:?}, memory {} KiB, output {} KiB",
            limits.fuel,
            limits.fuel_per_line,
            limits.time,
            limits.memory / 1024,
            limits.output / 1024
        ),
    );
    row(
        "",
        format!(
            "host calls {}, host bytes {} KiB, log {} lines and {} KiB, size {} KiB",
            limits.host_calls,
            limits.host_bytes / 1024,
            limits.log_lines,
            limits.log_bytes / 1024,
            limits.size / 1024
        ),
    );
    for run in &facts.rehearsal {
        row("rehearsal", format!("{}: {} fuel of {}, {} µs, {} changes", run.hook, run.fuel, run.fuel_limit, run.micros, run.changes.len()));
    }
    Ok(())
}

fn run_json(run: &HookRun) -> Value {
    json!({ "hook": run.hook, "fuel": run.fuel, "fuel_limit": run.fuel_limit, "us": run.micros, "changes": run.changes.len(), "verdict": run.verdict })
}

async fn rehearse(home: &Home, sandbox: &Sandbox, plugin: &Path, screen: &Screen) -> Result<(), Failure> {
    let before = resident();
    let started = Instant::now();
    let (name, loaded) = load(home, sandbox, plugin).await;
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
        return match loaded {
            Ok(_) => Ok(()),
            // The object above is the whole answer; only the exit code is left to say.
            Err(_) => std::process::exit(1),
        };
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
