//! The settings file: read, checked, and every mistake reported at once with its line and cure.
//! Only [`check`] makes [`Checked`] settings. Secrets are named here, never written.

use crossdock_connectors::Secret;
use crossdock_flow::{
    mapping::{self, Mapping},
    route::Warehouse,
    settle::Schedule,
    written::{Entry, Mistake, Page, Table},
};
use crossdock_sandbox::Limits;
use jiff::tz::TimeZone;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

const HOUR: Duration = Duration::from_secs(3_600);
const MILLISECOND: Duration = Duration::from_millis(1);

/// Settings that have passed every check.
#[derive(Debug)]
pub(crate) struct Checked {
    /// Name of the integration.
    pub name: String,
    /// The company's time zone.
    pub zone: TimeZone,
    /// Where webhooks come in.
    pub listen: Listen,
    /// The store's file.
    pub store: PathBuf,
    /// The shop.
    pub source: SourceSettings,
    /// The ERP.
    pub target: TargetSettings,
    /// The mapping.
    pub mapping: Mapping,
    /// Where can be shipped from.
    pub warehouses: Vec<Warehouse>,
    /// How often the stock is read.
    pub stock_every: Duration,
    /// When to try again.
    pub schedule: Schedule,
    /// Records worked on at the same time.
    pub workers: usize,
    /// The sandbox.
    pub sandbox: crossdock_sandbox::Settings,
    /// Where plugins are dropped.
    pub plugins: PathBuf,
    /// Which plugins run at which hook, in order; none means all that answer it, by name.
    pub hooks: Hooks,
    /// Per plugin: limits and its own settings.
    pub plugin: BTreeMap<String, PluginSettings>,
}

/// Where webhooks come in.
#[derive(Clone, Debug)]
pub(crate) struct Listen {
    /// Address and port.
    pub address: SocketAddr,
    /// Cap of a body, in bytes.
    pub max_body: usize,
}

/// The connection that orders come from.
#[derive(Debug)]
pub(crate) struct SourceSettings {
    /// Its name.
    pub name: String,
    /// Webhook secrets: several during a rotation.
    pub secrets: Vec<Secret>,
    /// How far the sender's clock may be off.
    pub tolerance: Duration,
    /// REST address and token, for thin events.
    pub api: Option<(String, Secret)>,
    /// Timeout of one REST call.
    pub timeout: Duration,
}

/// The connection that documents go to.
#[derive(Debug)]
pub(crate) struct TargetSettings {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: TargetKind,
    /// Calls at the same time.
    pub concurrency: usize,
}

/// What the target is.
#[derive(Debug)]
pub(crate) enum TargetKind {
    /// Sage Pro's REST facade.
    SagePro {
        /// Base address.
        url: String,
        /// Credentials.
        auth: crossdock_connectors::sagepro::Auth,
        /// Timeout of one call.
        timeout: Duration,
    },
    /// JSON files in a directory.
    Folder(PathBuf),
}

/// Which plugins run at which hook.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hooks {
    /// At `pre-map`.
    pub pre_map: Option<Vec<String>>,
    /// At `route-order`.
    pub route_order: Option<String>,
    /// At `post-map`.
    pub post_map: Option<Vec<String>>,
}

/// What the operator says about one plugin.
#[derive(Clone, Debug, Default)]
pub(crate) struct PluginSettings {
    /// Its limits.
    pub limits: Limits,
    /// Its own settings, flattened.
    pub settings: Vec<(String, String)>,
}

/// Reads and checks a settings file. Relative paths in it start at its own directory.
pub(crate) fn check(file: &Path) -> Result<Checked, Vec<Mistake>> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| {
        vec![Mistake {
            file: name.clone(),
            line: 0,
            key: String::new(),
            message: format!("cannot be read: {error}"),
            cure: "name the settings file with --settings, or write one: see README.md".into(),
        }]
    })?;
    check_text(&name, &text, file.parent().unwrap_or(Path::new("")))
}

/// As [`check`], from a text.
pub(crate) fn check_text(file: &str, text: &str, home: &Path) -> Result<Checked, Vec<Mistake>> {
    // A template's mistakes carry its own file and lines, so they travel beside those of this file.
    let mut foreign = Vec::new();
    let checked = Page::read(file, text, |root| {
        let integration = root.required("integration", "add [integration] with name and time-zone").and_then(|entry| entry.table());
        let (name, zone) = integration.map(|table| read_integration(&table)).unwrap_or_default();
        let listen = root.table("listen").map_or_else(|| Some(Listen::default()), |table| read_listen(&table));
        let store = root.table("store").and_then(|table| done(&table, |table| table.text("path"))).unwrap_or_else(|| "data/crossdock.db".into());
        let connections = root.required("connections", "add [connections.NAME] for the shop and for the ERP").and_then(|entry| entry.table());
        let orders = root.required("orders", "add [orders] with from and to").and_then(|entry| entry.table());
        let warehouses = root.required("warehouses", "add at least one [[warehouses]] with id and country");
        let warehouses = warehouses.map(|entry| entry.tables().iter().filter_map(read_warehouse).collect()).unwrap_or_default();
        let (sandbox, plugins) = read_sandbox(root.table("sandbox").as_ref(), home);
        let hooks = root.table("hooks").map(|table| read_hooks(&table)).unwrap_or_default();
        let plugin = root.table("plugins").map(|table| read_plugins(&table)).unwrap_or_default();
        let (connections, orders) = (connections?, orders?);
        let (source, target) = read_connections(&connections, &orders, home);
        let mapping = read_mapping(&orders, home, &mut foreign);
        let (stock_every, schedule, workers) = read_pace(&orders);
        orders.unknown();
        Some(Checked {
            name: name?,
            zone: zone?,
            listen: listen?,
            store: home.join(store),
            source: source?,
            target: target?,
            mapping: mapping?,
            warehouses,
            stock_every,
            schedule,
            workers,
            sandbox,
            plugins,
            hooks,
            plugin,
        })
    });
    match checked {
        Ok(checked) if foreign.is_empty() => Ok(checked),
        Ok(_) => Err(foreign),
        Err(mut mistakes) => {
            mistakes.append(&mut foreign);
            Err(mistakes)
        }
    }
}

impl Default for Listen {
    fn default() -> Listen {
        Listen { address: SocketAddr::from(([127, 0, 0, 1], 8460)), max_body: 1 << 20 }
    }
}

fn done<T>(table: &Table<'_>, read: impl FnOnce(&Table<'_>) -> T) -> T {
    let read = read(table);
    table.unknown();
    read
}

fn read_integration(table: &Table<'_>) -> (Option<String>, Option<TimeZone>) {
    done(table, |table| {
        let name = table.required("name", "give the integration a name").and_then(|entry| entry.text());
        let zone = table.required("time-zone", "name the company's zone, for example \"America/Toronto\"").and_then(|entry| {
            let zone = TimeZone::get(&entry.text()?).ok();
            if zone.is_none() {
                entry.wrong("is no time zone", "write an IANA name such as \"America/Toronto\"");
            }
            zone
        });
        (name, zone)
    })
}

fn read_listen(table: &Table<'_>) -> Option<Listen> {
    done(table, |table| {
        let default = Listen::default();
        let address = table.entry("address").map(|entry| entry.parse("an address and port", "for example \"127.0.0.1:8460\""));
        let max_body = table.entry("max-body").map(|entry| entry.bytes(1 << 10, 64 << 20));
        Some(Listen {
            address: address.unwrap_or(Some(default.address))?,
            max_body: usize::try_from(max_body.unwrap_or(Some(default.max_body as u64))?).ok()?,
        })
    })
}

/// A secret is named by `{ env = "NAME" }` or `{ file = "path" }`; it is never written into the settings.
fn read_secret(entry: &Entry<'_>, home: &Path) -> Option<Secret> {
    const CURE: &str = "write { env = \"NAME\" } or { file = \"path\" }: secrets never stand in the settings";
    if entry.is_text() {
        entry.wrong("a secret is written into the settings", CURE);
        return None;
    }
    let table = entry.table()?;
    let secret = match (table.text("env"), table.text("file")) {
        (Some(name), None) => Secret::from_env(&name),
        (None, Some(path)) => Secret::from_file(&home.join(path)),
        _ => {
            entry.wrong("needs either `env` or `file`", CURE);
            return None;
        }
    };
    table.unknown();
    secret.map_err(|fault| entry.wrong(fault.message, "set it before the host starts")).ok()
}

fn read_connections(connections: &Table<'_>, orders: &Table<'_>, home: &Path) -> (Option<SourceSettings>, Option<TargetSettings>) {
    let name = |role: &str, cure: &str| {
        let entry = orders.required(role, cure)?;
        let name = entry.text()?;
        if !connections.names().contains(&name) {
            entry.wrong(format!("there is no connection `{name}`"), format!("add [connections.{name}]"));
            return None;
        }
        Some(name)
    };
    let (from, to) = (name("from", "name the shop's connection"), name("to", "name the ERP's connection"));
    let (mut source, mut target) = (None, None);
    for name in connections.names() {
        let Some(table) = connections.table(&name) else { continue };
        let Some(entry) = table.required("kind", &format!("one of {}", crossdock_connectors::KINDS.join(", "))) else { continue };
        match entry.text().as_deref() {
            Some("clarity") => {
                let read = done(&table, |table| read_clarity(table, &name, home));
                if from.as_ref() == Some(&name) {
                    source = read;
                }
            }
            Some("sagepro") => {
                let read = done(&table, |table| read_sagepro(table, &name, home));
                if to.as_ref() == Some(&name) {
                    target = read;
                }
            }
            Some("folder") => {
                let path = done(&table, |table| table.required("path", "name the directory").and_then(|entry| entry.text()));
                if to.as_ref() == Some(&name) {
                    target = path.map(|path| TargetSettings { name: name.clone(), kind: TargetKind::Folder(home.join(path)), concurrency: 8 });
                }
            }
            Some(other) => entry.wrong(format!("there is no kind `{other}`"), format!("one of {}", crossdock_connectors::KINDS.join(", "))),
            None => {}
        }
    }
    for (role, name, right, made) in [("from", &from, "clarity", source.is_some()), ("to", &to, "sagepro or folder", target.is_some())] {
        let kind = name.as_ref().and_then(|name| connections.table(name)).and_then(|table| table.text("kind"));
        let fits = match role {
            "from" => kind.as_deref() == Some("clarity"),
            _ => matches!(kind.as_deref(), Some("sagepro" | "folder")),
        };
        if let (Some(entry), Some(name), false, false) = (orders.entry(role), name, fits, made) {
            entry.wrong(format!("`{name}` cannot stand here"), format!("name a connection of kind {right}"));
        }
    }
    (source, target)
}

fn read_clarity(table: &Table<'_>, name: &str, home: &Path) -> Option<SourceSettings> {
    let secrets = table.required("secrets", "list the webhook secrets: [{ env = \"NAME\" }]").map(|entry| {
        let secrets: Vec<Secret> = entry.items().iter().filter_map(|item| read_secret(item, home)).collect();
        if entry.items().is_empty() {
            entry.wrong("has no secret", "list at least one: [{ env = \"NAME\" }]");
        }
        secrets
    });
    let tolerance = table.entry("tolerance").map_or(Some(Duration::from_secs(300)), |entry| entry.duration(Duration::from_secs(1), HOUR));
    let url = table.entry("api").and_then(|entry| read_url(&entry));
    let token = table.entry("token").and_then(|entry| read_secret(&entry, home));
    let api = match (url, token) {
        (Some(url), Some(token)) => Some((url, token)),
        (None, None) => None,
        _ => {
            table.wrong("`api` and `token` go together", "give both, or none when every webhook carries the whole order");
            None
        }
    };
    let timeout = table.entry("timeout").map_or(Some(Duration::from_secs(10)), |entry| entry.duration(MILLISECOND, HOUR));
    Some(SourceSettings { name: name.to_owned(), secrets: secrets?, tolerance: tolerance?, api, timeout: timeout? })
}

fn read_sagepro(table: &Table<'_>, name: &str, home: &Path) -> Option<TargetSettings> {
    use crossdock_connectors::sagepro::Auth;
    let url = table.required("url", "for example \"http://erp.example:8080\"").and_then(|entry| read_url(&entry));
    let (token, key) = (table.entry("token"), table.entry("api-key"));
    let auth = match (&token, &key) {
        (Some(token), None) => read_secret(token, home).map(Auth::Bearer),
        (None, Some(key)) => read_secret(key, home).map(Auth::ApiKey),
        _ => {
            table.wrong("needs either `token` or `api-key`", "write token = { env = \"NAME\" } or api-key = { env = \"NAME\" }");
            None
        }
    };
    let timeout = table.entry("timeout").map_or(Some(Duration::from_secs(30)), |entry| entry.duration(MILLISECOND, HOUR));
    let concurrency = table.entry("concurrency").map_or(Some(4), |entry| entry.whole(1, 1024));
    let kind = TargetKind::SagePro { url: url?, auth: auth?, timeout: timeout? };
    Some(TargetSettings { name: name.to_owned(), kind, concurrency: usize::try_from(concurrency?).ok()? })
}

fn read_url(entry: &Entry<'_>) -> Option<String> {
    let url = entry.text()?;
    if !(url.starts_with("http://") || url.starts_with("https://")) || url.len() < 10 {
        entry.wrong("is no address", "write it with http:// or https://");
        return None;
    }
    Some(url.trim_end_matches('/').to_owned())
}

fn read_mapping(orders: &Table<'_>, home: &Path, foreign: &mut Vec<Mistake>) -> Option<Mapping> {
    let entry = orders.entry("mapping");
    let name = match &entry {
        Some(entry) => entry.text()?,
        None => mapping::SHIPPED[0].0.to_owned(),
    };
    let read = match mapping::SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
        Some((name, text)) => mapping::read(name, text),
        None => match std::fs::read_to_string(home.join(&name)) {
            Ok(text) => mapping::read(&home.join(&name).display().to_string(), &text),
            Err(error) => {
                let shipped: Vec<&str> = mapping::SHIPPED.iter().map(|(name, _)| *name).collect();
                if let Some(entry) = &entry {
                    entry.wrong(format!("`{name}` cannot be read: {error}"), format!("name a file, or one of {}", shipped.join(", ")));
                }
                return None;
            }
        },
    };
    match read {
        Ok(mapping) => Some(mapping),
        Err(mistakes) => {
            foreign.extend(mistakes);
            if let Some(entry) = &entry {
                entry.wrong(format!("the template `{name}` has mistakes"), "they are listed with its own lines");
            }
            None
        }
    }
}

fn read_pace(orders: &Table<'_>) -> (Duration, Schedule, usize) {
    let mut schedule = Schedule::default();
    let stock_every = orders.entry("stock-every").and_then(|entry| entry.duration(Duration::from_secs(1), 24 * HOUR));
    if let Some(entry) = orders.entry("retry") {
        schedule.waits = entry.items().iter().filter_map(|item| item.duration(MILLISECOND, 24 * 31 * HOUR)).collect();
    }
    if let Some(wait) = orders.entry("look-up-after").and_then(|entry| entry.duration(MILLISECOND, HOUR)) {
        schedule.look_up_after = wait;
    }
    let workers = orders.entry("workers").and_then(|entry| entry.whole(1, 4096)).unwrap_or(64);
    (stock_every.unwrap_or(Duration::from_secs(30)), schedule, usize::try_from(workers).unwrap_or(64))
}

fn read_warehouse(table: &Table<'_>) -> Option<Warehouse> {
    done(table, |table| {
        let id = table.required("id", "the ERP's id of the warehouse").and_then(|entry| entry.text());
        let country = table.required("country", "ISO 3166-1 alpha-2, for example \"CA\"").and_then(|entry| {
            let country = entry.text()?;
            if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
                entry.wrong("is no country code", "two upper-case letters, for example \"CA\"");
            }
            Some(country)
        });
        let region = table.text("region").unwrap_or_default();
        let product_types = table.entry("product-types").map(|entry| entry.texts()).unwrap_or_default();
        Some(Warehouse { id: id?, country: country?, region, product_types })
    })
}

fn read_sandbox(table: Option<&Table<'_>>, home: &Path) -> (crossdock_sandbox::Settings, PathBuf) {
    let mut settings = crossdock_sandbox::Settings { cache: Some(home.join("data/cache")), ..Default::default() };
    let mut plugins = home.join("plugins");
    if let Some(table) = table {
        if let Some(number) = table.entry("concurrency").and_then(|entry| entry.whole(1, 1000)) {
            settings.concurrency = usize::try_from(number).unwrap_or(settings.concurrency);
        }
        if let Some(wait) = table.entry("queue-timeout").and_then(|entry| entry.duration(MILLISECOND, HOUR)) {
            settings.queue_timeout = wait;
        }
        if let Some(bytes) = table.entry("max-memory").and_then(|entry| entry.bytes(1 << 20, 4 << 30)) {
            settings.max_memory = bytes;
        }
        if let Some(path) = table.text("cache") {
            settings.cache = Some(home.join(path));
        }
        if let Some(path) = table.text("plugins") {
            plugins = home.join(path);
        }
        table.unknown();
    }
    (settings, plugins)
}

fn read_hooks(table: &Table<'_>) -> Hooks {
    done(table, |table| Hooks {
        pre_map: table.entry("pre-map").map(|entry| entry.texts()),
        route_order: table.text("route-order"),
        post_map: table.entry("post-map").map(|entry| entry.texts()),
    })
}

fn read_plugins(table: &Table<'_>) -> BTreeMap<String, PluginSettings> {
    let read = |name: String| {
        let plugin = table.table(&name)?;
        let limits = read_limits(&plugin);
        let mut settings = Vec::new();
        if let Some(entry) = plugin.entry("settings") {
            entry.flatten("", &mut settings);
        }
        settings.sort();
        plugin.unknown();
        Some((name, PluginSettings { limits, settings }))
    };
    table.names().into_iter().filter_map(read).collect()
}

fn read_limits(plugin: &Table<'_>) -> Limits {
    let mut limits = match plugin.entry("profile") {
        None => Limits::default(),
        Some(entry) => match entry.text().as_deref() {
            Some("scripted") => Limits::scripted(),
            Some("native") => Limits::default(),
            _ => {
                entry.wrong("is no profile", "write \"native\" or \"scripted\"");
                Limits::default()
            }
        },
    };
    let Some(table) = plugin.table("limits") else { return limits };
    let whole = |name: &str, place: &mut u64, most: u64| {
        if let Some(number) = table.entry(name).and_then(|entry| entry.whole(1, most)) {
            *place = number;
        }
    };
    whole("fuel", &mut limits.fuel, 1 << 50);
    whole("fuel-per-line", &mut limits.fuel_per_line, 1 << 50);
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
    let time = |name: &str, place: &mut Duration| {
        if let Some(time) = table.entry(name).and_then(|entry| entry.duration(MILLISECOND, HOUR)) {
            *place = time;
        }
    };
    time("time", &mut limits.time);
    time("compile-time", &mut limits.compile_time);
    table.unknown();
    limits
}
