//! `crossdock doctor`: what this machine and these settings are, and what is unsafe about them. Looks, changes nothing.

use super::{Failure, plugin::limits};
use crate::{
    screen::{Screen, Tone},
    settings::{self, Checked, PluginSettings},
    wire,
};
use crossdock_flow::{
    capability::{Capability, Nowhere},
    hook::Hook,
    rule::Policy,
};
use crossdock_sandbox::Limits;
use serde_json::json;
use std::{fs, path::Path, sync::Arc};

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    found: String,
    /// What to do, when it is not as it should be.
    cure: Option<String>,
}

impl Finding {
    fn well(what: &'static str, found: impl Into<String>) -> Finding {
        Finding { what, found: found.into(), cure: None }
    }

    fn unsafe_(what: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Finding {
        Finding { what, found: found.into(), cure: Some(cure.into()) }
    }
}

/// Looks at the machine and the settings. Fails when something is unsafe, so that scripts notice.
pub(crate) async fn doctor(file: &Path, screen: &Screen) -> Result<(), Failure> {
    let mut findings = machine();
    if file.exists() {
        let checked = settings::check(file).map_err(Failure::Mistakes)?;
        let before = address_space();
        let facts = wire::sandbox(&checked.sandbox, Arc::new(Nowhere))?.engine_facts();
        let reserved = address_space().saturating_sub(before);
        findings.push(Finding::well("wasmtime", facts.wasmtime));
        findings.push(if facts.pooled {
            let size = &checked.sandbox.size;
            Finding::well("sandboxes", format!("{} from a pool, of at most {} KiB a memory", size.concurrency, size.max_memory >> 10))
        } else {
            Finding::unsafe_("sandboxes", "made for every call: about 50 µs more", "raise the limit of address space (ulimit -v) of the service")
        });
        findings.push(Finding::well("reserved", format!("{} GiB of addresses, which is no memory, for all sandboxes together", reserved >> 20)));
        findings.push(Finding::well(
            "memory reset",
            match (facts.pooled, facts.pagemap_scan) {
                (false, _) => "not needed: every call makes its own memory",
                (true, true) => "by PAGEMAP_SCAN (kernel 6.7 or later)",
                (true, false) => "by copying: this kernel has no PAGEMAP_SCAN (6.7 or later)",
            },
        ));
        let cache = "compiled plugins are kept, in a folder that only this user may write";
        findings.push(Finding::well("cache", if facts.cached { cache } else { "none: every start compiles every plugin" }));
        findings.extend(look(&checked, file));
    } else {
        findings.push(Finding::unsafe_("settings", format!("there is no {}", file.display()), "write one: see README.md"));
    }
    let bad = findings.iter().filter(|finding| finding.cure.is_some()).count();
    if screen.is_json() {
        let rows: Vec<_> =
            findings.iter().map(|one| json!({ "what": one.what, "found": one.found, "ok": one.cure.is_none(), "cure": one.cure })).collect();
        screen.json(&json!({ "ok": bad == 0, "findings": rows }))?;
    } else {
        for finding in &findings {
            let mark = if finding.cure.is_some() { screen.tone(Tone::Warn, "look") } else { screen.tone(Tone::Good, "ok  ") };
            screen.line(format!("{mark} {:<16} {}", finding.what, finding.found));
            if let Some(cure) = &finding.cure {
                screen.line(format!("     {:<16} {}", "", screen.tone(Tone::Faint, cure)));
            }
        }
    }
    match bad {
        0 => Ok(()),
        _ if screen.is_json() => Err(Failure::Printed),
        bad => Err(Failure::text(format!("{bad} things should be looked at: see the lines above"))),
    }
}

fn machine() -> Vec<Finding> {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_else(|_| "unknown".into());
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let address_space =
        limits.lines().find(|line| line.starts_with("Max address space")).and_then(|line| line.split_whitespace().nth(3)).unwrap_or("unknown");
    vec![
        Finding::well("crossdock", env!("CARGO_PKG_VERSION")),
        Finding::well("kernel", kernel.trim()),
        if matches!(address_space, "unlimited" | "unknown") {
            Finding::well("address space", address_space)
        } else {
            Finding::unsafe_(
                "address space",
                format!("limited to {address_space} bytes"),
                "a pool of sandboxes reserves about 6 GiB of addresses, not memory, per sandbox: lift the limit (ulimit -v unlimited)",
            )
        },
    ]
}

/// Address space of this process in KiB; 0 where the system does not tell.
fn address_space() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// What calls may use: all of the profile first, then of each plugin what the settings say.
fn effective(checked: &Checked) -> Vec<Finding> {
    let shown =
        |limits: Vec<(&str, String, String)>| limits.into_iter().map(|(name, value, _)| format!("{name} {value}")).collect::<Vec<_>>().join(", ");
    let mut findings = vec![
        Finding::well("limits", format!("native: {}", shown(limits(&Limits::default(), &PluginSettings::default())))),
        Finding::well("queue", format!("a call waits {:?} for a sandbox", checked.sandbox.size.queue_timeout)),
    ];
    for (name, own) in &checked.plugin {
        let mut written = limits(&own.terms.limits, own);
        written.retain(|(limit, ..)| own.written.contains_key(*limit));
        if own.profile != "native" || !written.is_empty() {
            let own_limits = if written.is_empty() { String::new() } else { format!(", {}", shown(written)) };
            findings.push(Finding::well("limits", format!("{name}: profile {}{own_limits}", own.profile)));
        }
        let skipped: Vec<&str> = Hook::ALL.into_iter().filter(|hook| own.policy(*hook) == Policy::Skip).map(Hook::name).collect();
        if !skipped.is_empty() {
            findings.push(Finding::well("on fault", format!("{name}: at {} orders go on without it, marked", skipped.join(", "))));
        }
    }
    findings
}

fn look(checked: &Checked, file: &Path) -> Vec<Finding> {
    let mut findings = vec![
        if checked.listen.address.ip().is_loopback() {
            Finding::well("listen", checked.listen.address.to_string())
        } else {
            Finding::unsafe_(
                "listen",
                format!("{} is open to the network without TLS", checked.listen.address),
                "listen on loopback, behind a proxy that speaks TLS",
            )
        },
        Finding::well("quarantine", format!("after {} faults within {:?}", checked.sandbox.quarantine_after, checked.sandbox.quarantine_window)),
        if checked.sandbox.trusted_keys.is_empty() {
            Finding::well("signatures", "not asked for: whoever can write the plugin directory decides what runs")
        } else {
            Finding::well("signatures", format!("by one of {} trusted keys", checked.sandbox.trusted_keys.len()))
        },
    ];
    findings.extend(effective(checked));
    for (what, path) in [("settings file", file), ("plugin directory", checked.sandbox.plugins.as_path()), ("store", checked.store.as_path())] {
        findings.extend(writable_by_others(what, path));
    }
    for (name, own) in &checked.plugin {
        let grants = &own.terms.grants;
        if !grants.capabilities.is_empty() {
            let list: Vec<&str> = grants.capabilities.iter().map(|one| one.name()).collect();
            findings.push(Finding::well("granted", format!("{name}: {}", list.join(", "))));
        }
        for allowed in grants.http.iter().filter(|_| grants.capabilities.contains(&Capability::Http)) {
            let place = format!("{name} → {}://{}:{}{}", allowed.scheme, allowed.host, allowed.port, allowed.path);
            findings.push(match (allowed.scheme.as_str(), allowed.private, allowed.credential.is_some()) {
                ("http", false, _) | ("http", true, true) => {
                    Finding::unsafe_("requests", format!("{place} without TLS"), "use https, or an address of this machine without a credential")
                }
                _ => Finding::well("requests", place),
            });
        }
    }
    findings
}

/// A file that others may write is theirs as well.
#[cfg(unix)]
fn writable_by_others(what: &'static str, path: &Path) -> Option<Finding> {
    let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(path).ok()?);
    let shown = format!("{} (mode {:o})", path.display(), mode & 0o777);
    Some(if mode & 0o002 == 0 {
        Finding::well(what, shown)
    } else {
        Finding::unsafe_(what, format!("{shown}: everybody on this machine may write it"), format!("chmod o-w {}", path.display()))
    })
}

#[cfg(not(unix))]
fn writable_by_others(what: &'static str, path: &Path) -> Option<Finding> {
    Some(Finding::well(what, path.display().to_string()))
}
