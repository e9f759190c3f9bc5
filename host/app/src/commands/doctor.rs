//! `crossdock doctor`: what this machine and these settings are, and what is unsafe about them. Looks, changes nothing.

use super::Failure;
use crate::{
    screen::{Screen, Tone},
    settings::{self, Checked},
    wire,
};
use crossdock_flow::capability::{Capability, Nowhere};
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
        let facts = wire::sandbox(&checked.sandbox, Arc::new(Nowhere))?.engine_facts();
        findings.push(Finding::well("wasmtime", facts.wasmtime));
        findings.push(if facts.pooled {
            Finding::well("sandboxes", format!("{} made at start, from a pool", checked.sandbox.size.concurrency))
        } else {
            Finding::unsafe_("sandboxes", "made for every call: about 50 µs more", "raise the limit of address space (ulimit -v) of the service")
        });
        findings.push(Finding::well(
            "memory reset",
            if facts.pagemap_scan { "by PAGEMAP_SCAN (kernel 6.7 or later)" } else { "by copying: this kernel has no PAGEMAP_SCAN (6.7 or later)" },
        ));
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
        _ if screen.is_json() => std::process::exit(1),
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
