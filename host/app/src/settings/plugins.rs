//! What the settings say about plugins: where they are, which run at which hook, and the terms of each: limits, grants,
//! guard, failure policy, pin. Every limit remembers where it was written.

use super::{HOUR, MILLISECOND, connections::read_secret, done};
use crossdock_connectors::Secret;
use crossdock_flow::{
    Decimal,
    capability::{Allowed, Capability},
    guard::{Guard, Pattern},
    hook::Hook,
    rule::Policy,
    written::{Entry, Table},
};
use crossdock_sandbox::{Grants, Limits, Terms};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

/// Which plugins run at which hook.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hooks {
    /// At `pre-map`.
    pub pre_map: Option<Vec<String>>,
    /// At `route-order`.
    pub route_order: Option<String>,
    /// At `post-map`.
    pub post_map: Option<Vec<String>>,
    /// At `pre-map-customer`.
    pub pre_map_customer: Option<Vec<String>>,
    /// At `pre-map-product`.
    pub pre_map_product: Option<Vec<String>>,
}

impl Hooks {
    /// The plugins that are named at a hook, in order; nothing where the settings do not say.
    pub(crate) fn at(&self, hook: Hook) -> Option<&[String]> {
        match hook {
            Hook::PreMap => self.pre_map.as_deref(),
            Hook::RouteOrder => self.route_order.as_ref().map(std::slice::from_ref),
            Hook::PostMap => self.post_map.as_deref(),
            Hook::PreMapCustomer => self.pre_map_customer.as_deref(),
            Hook::PreMapProduct => self.pre_map_product.as_deref(),
        }
    }

    /// Whether a plugin is named at a hook.
    pub(crate) fn names(&self, hook: Hook, plugin: &str) -> bool {
        self.at(hook).is_some_and(|names| names.iter().any(|name| name == plugin))
    }
}

/// What the operator says about one plugin.
#[derive(Clone, Debug, Default)]
pub(crate) struct PluginSettings {
    /// What it may use and ask for, and its own settings.
    pub terms: Terms,
    /// Where a limit comes from, where it is not the profile: its name and the line.
    pub written: BTreeMap<String, usize>,
    /// The profile's name.
    pub profile: &'static str,
    /// What happens when it fails, where that is not to park.
    pub on_fault: BTreeMap<Hook, Policy>,
    /// What it may change.
    pub guard: Guard,
    /// The only version that may run: sha256, hex.
    pub sha256: Option<String>,
    /// Credentials that the host attaches to its requests, by the name in its grants.
    pub credentials: Vec<(String, Secret)>,
}

impl PluginSettings {
    /// What happens when it fails at a hook.
    pub(crate) fn policy(&self, hook: Hook) -> Policy {
        self.on_fault.get(&hook).copied().unwrap_or_default()
    }

    /// Whether an older version may have to stand in.
    pub(crate) fn wants_previous(&self) -> bool {
        self.on_fault.values().any(|policy| *policy == Policy::Previous)
    }
}

/// Where plugins are, how many run at a time, and who is trusted.
#[derive(Clone, Debug)]
pub(crate) struct SandboxSettings {
    /// Size of the sandbox.
    pub size: crossdock_sandbox::Settings,
    /// Where plugins are dropped.
    pub plugins: PathBuf,
    /// Where versions that worked are kept.
    pub versions: PathBuf,
    /// A version that fails so often …
    pub quarantine_after: usize,
    /// … within so long is taken out of service.
    pub quarantine_window: Duration,
    /// Public keys (minisign) of those who may sign plugins; when there is one, unsigned plugins are refused.
    pub trusted_keys: Vec<minisign_verify::PublicKey>,
}

impl SandboxSettings {
    /// What holds when the settings say nothing; paths start at `home`.
    pub(crate) fn of(home: &Path) -> SandboxSettings {
        SandboxSettings {
            size: crossdock_sandbox::Settings { cache: Some(home.join("data/cache")), ..Default::default() },
            plugins: home.join("plugins"),
            versions: home.join("data/versions"),
            quarantine_after: 10,
            quarantine_window: Duration::from_secs(600),
            trusted_keys: Vec::new(),
        }
    }
}

pub(super) fn read_sandbox(table: Option<&Table<'_>>, home: &Path) -> SandboxSettings {
    let mut settings = SandboxSettings::of(home);
    let Some(table) = table else { return settings };
    if let Some(number) = table.entry("concurrency").and_then(|entry| entry.whole(1, 1000)) {
        settings.size.concurrency = usize::try_from(number).unwrap_or(settings.size.concurrency);
    }
    if let Some(wait) = table.entry("queue-timeout").and_then(|entry| entry.duration(MILLISECOND, HOUR)) {
        settings.size.queue_timeout = wait;
    }
    if let Some(bytes) = table.entry("max-memory").and_then(|entry| entry.bytes(1 << 20, 4 << 30)) {
        settings.size.max_memory = bytes;
    }
    for (name, place) in [("plugins", &mut settings.plugins), ("versions", &mut settings.versions)] {
        if let Some(path) = table.text(name) {
            *place = home.join(path);
        }
    }
    if let Some(path) = table.text("cache") {
        settings.size.cache = Some(home.join(path));
    }
    if let Some(faults) = table.entry("quarantine-after").and_then(|entry| entry.whole(1, 1_000_000)) {
        settings.quarantine_after = usize::try_from(faults).unwrap_or(settings.quarantine_after);
    }
    if let Some(window) = table.entry("quarantine-window").and_then(|entry| entry.duration(Duration::from_secs(1), 24 * HOUR)) {
        settings.quarantine_window = window;
    }
    for entry in table.entry("trusted-keys").map(|entry| entry.items()).unwrap_or_default() {
        let Some(text) = entry.text() else { continue };
        match minisign_verify::PublicKey::from_base64(&text) {
            Ok(key) => settings.trusted_keys.push(key),
            Err(_) => entry.wrong("is no minisign public key", "write the second line of the .pub file, for example \"RWQ…\""),
        }
    }
    table.unknown();
    settings
}

pub(super) fn read_hooks(table: &Table<'_>) -> Hooks {
    done(table, |table| Hooks {
        pre_map: table.entry("pre-map").map(|entry| entry.texts()),
        route_order: table.text("route-order"),
        post_map: table.entry("post-map").map(|entry| entry.texts()),
        pre_map_customer: table.entry("pre-map-customer").map(|entry| entry.texts()),
        pre_map_product: table.entry("pre-map-product").map(|entry| entry.texts()),
    })
}

pub(super) fn read_plugins(table: Option<&Table<'_>>, general: &Guard, home: &Path) -> BTreeMap<String, PluginSettings> {
    let Some(table) = table else { return BTreeMap::new() };
    let read = |name: String| {
        let plugin = table.table(&name)?;
        let (profile, limits, written) = read_limits(&plugin);
        let mut settings = Vec::new();
        if let Some(entry) = plugin.entry("settings") {
            entry.flatten("", &mut settings);
        }
        settings.sort();
        let (grants, credentials) = read_grants(&plugin, &name, home);
        let guard = plugin.table("guard").map_or_else(|| general.clone(), |table| read_guard(&table, general));
        let sha256 = plugin.entry("sha256").and_then(|entry| {
            let text = entry.text()?.to_ascii_lowercase();
            if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                entry.wrong("is no sha256", "write 64 hex digits, as `crossdock plugin inspect` prints them");
                return None;
            }
            Some(text)
        });
        let on_fault = read_policies(&plugin);
        plugin.unknown();
        let terms = Terms { limits, grants, settings };
        Some((name, PluginSettings { terms, written, profile, on_fault, guard, sha256, credentials }))
    };
    table.names().into_iter().filter_map(read).collect()
}

/// `on-fault = "skip"` for all hooks, or `{ pre-map = "skip", post-map = "previous" }`.
fn read_policies(plugin: &Table<'_>) -> BTreeMap<Hook, Policy> {
    let policy = |entry: &Entry<'_>| entry.parse::<Policy>("a failure policy", "one of \"park\", \"skip\", \"previous\"");
    let Some(entry) = plugin.entry("on-fault") else { return BTreeMap::new() };
    if entry.is_text() {
        return policy(&entry).map(|policy| Hook::ALL.map(|hook| (hook, policy)).into()).unwrap_or_default();
    }
    let Some(table) = entry.table() else { return BTreeMap::new() };
    let read = Hook::ALL.into_iter().filter_map(|hook| Some((hook, policy(&table.entry(hook.name())?)?))).collect();
    table.unknown();
    read
}

/// A guard; what it does not say is as `general` says.
pub(super) fn read_guard(table: &Table<'_>, general: &Guard) -> Guard {
    let mut guard = general.clone();
    if let Some(entry) = table.entry("may-change") {
        let pattern = |item: &Entry<'_>| {
            let pattern = Pattern::parse(&item.text()?);
            if pattern.is_none() {
                item.wrong("means nothing that a rule could change", "for example \"lines.*.unit-price\", \"lines.*.discount\", \"shipping.amount\", \"tags\", \"fields.*\", \"lines.*.fields.GLCode\", \"customer.price-list\", \"product.price*\"");
            }
            pattern
        };
        guard.may_change = Some(entry.items().iter().filter_map(pattern).collect());
    }
    for (name, place) in [("max-total-change", &mut guard.max_total_change), ("max-line-discount", &mut guard.max_line_discount)] {
        if let Some(part) = table.entry(name).and_then(|entry| read_percent(&entry)) {
            *place = Some(part);
        }
    }
    table.unknown();
    guard
}

/// `"30%"` as 0.3.
fn read_percent(entry: &Entry<'_>) -> Option<Decimal> {
    let text = entry.text()?;
    let percent = text.strip_suffix('%').and_then(|number| number.trim().parse::<Decimal>().ok()).filter(|percent| *percent >= Decimal::ZERO);
    if percent.is_none() {
        entry.wrong("is no percentage", "write it with its sign, for example \"30%\"");
    }
    Some(percent? / Decimal::ONE_HUNDRED)
}

fn read_grants(plugin: &Table<'_>, name: &str, home: &Path) -> (Grants, Vec<(String, Secret)>) {
    let (mut grants, mut credentials) = (Grants::default(), Vec::new());
    for item in plugin.entry("grant").map(|entry| entry.items()).unwrap_or_default() {
        let known: Vec<&str> = Capability::ALL.iter().map(|one| one.name()).collect();
        grants.capabilities.extend(item.parse::<Capability>("a capability", &format!("one of {}", known.join(", "))));
    }
    if let Some(table) = plugin.table("kv") {
        if let Some(keys) = table.entry("keys").and_then(|entry| entry.whole(1, 10_000_000)) {
            grants.kv_keys = keys;
        }
        if let Some(bytes) = table.entry("bytes").and_then(|entry| entry.bytes(1, 16 << 30)) {
            grants.kv_bytes = bytes;
        }
        table.unknown();
    }
    if let Some(table) = plugin.table("http") {
        if let Some(timeout) = table.entry("timeout").and_then(|entry| entry.duration(MILLISECOND, HOUR)) {
            grants.http_timeout = timeout;
        }
        if let Some(bytes) = table.entry("response").and_then(|entry| entry.bytes(1, 64 << 20)) {
            grants.http_response = bytes;
        }
        for (number, allowed) in table.entry("allow").map(|entry| entry.tables()).unwrap_or_default().iter().enumerate() {
            let credential =
                allowed.entry("credential").and_then(|entry| read_secret(&entry, home)).map(|secret| (format!("{name}#{number}"), secret));
            if let Some(allowed) = read_allowed(allowed, credential.as_ref().map(|(name, _)| name.clone())) {
                grants.http.push(allowed);
                credentials.extend(credential);
            }
        }
        table.unknown();
    }
    (grants, credentials)
}

fn read_allowed(table: &Table<'_>, credential: Option<String>) -> Option<Allowed> {
    let entry = table.required("url", "for example \"https://tax.example/v1\"")?;
    let methods = table.entry("methods").map_or_else(|| vec!["GET".to_owned()], |entry| entry.texts());
    let private = table.entry("private").and_then(|entry| entry.flag()).unwrap_or(false);
    table.unknown();
    let allowed = crossdock_connectors::outbound::allowed(&entry.text()?, methods, credential, private);
    allowed
        .map_err(|fault| entry.wrong(fault.message, "scheme, host, port and the beginning of the path, for example \"https://tax.example/v1\""))
        .ok()
}

/// The profile's name, the limits, and on which line each was written that is not the profile's.
fn read_limits(plugin: &Table<'_>) -> (&'static str, Limits, BTreeMap<String, usize>) {
    let (profile, mut limits) = match plugin.entry("profile") {
        None => ("native", Limits::default()),
        Some(entry) => match entry.text().as_deref() {
            Some("scripted") => ("scripted", Limits::scripted()),
            Some("native") => ("native", Limits::default()),
            _ => {
                entry.wrong("is no profile", "write \"native\" or \"scripted\"");
                ("native", Limits::default())
            }
        },
    };
    let Some(table) = plugin.table("limits") else { return (profile, limits, BTreeMap::new()) };
    let written = table.names().into_iter().filter_map(|name| Some((name.clone(), table.line(&name)?))).collect();
    let whole = |name: &str, place: &mut u64, most: u64| {
        if let Some(number) = table.entry(name).and_then(|entry| entry.whole(1, most)) {
            *place = number;
        }
    };
    whole("fuel", &mut limits.fuel, 1 << 50);
    whole("fuel-per-line", &mut limits.fuel_per_line, 1 << 50);
    whole("functions", &mut limits.functions, 1_000_000);
    whole("host-calls", &mut limits.host_calls, 1 << 32);
    whole("host-calls-per-line", &mut limits.host_calls_per_line, 1 << 32);
    let mut lines = u64::from(limits.log_lines);
    whole("log-lines", &mut lines, 100_000);
    limits.log_lines = u32::try_from(lines).unwrap_or(limits.log_lines);
    let bytes = |name: &str, place: &mut u64, most: u64| {
        if let Some(number) = table.entry(name).and_then(|entry| entry.bytes(1, most)) {
            *place = number;
        }
    };
    bytes("memory", &mut limits.memory, 4 << 30);
    bytes("output", &mut limits.output, 1 << 30);
    bytes("host-bytes", &mut limits.host_bytes, 1 << 30);
    bytes("log-bytes", &mut limits.log_bytes, 64 << 20);
    bytes("size", &mut limits.size, 256 << 20);
    bytes("function", &mut limits.function, 256 << 20);
    bytes("compile-memory", &mut limits.compile_memory, 64 << 30);
    let time = |name: &str, place: &mut Duration| {
        if let Some(time) = table.entry(name).and_then(|entry| entry.duration(MILLISECOND, HOUR)) {
            *place = time;
        }
    };
    time("time", &mut limits.time);
    time("compile-time", &mut limits.compile_time);
    table.unknown();
    (profile, limits, written)
}
