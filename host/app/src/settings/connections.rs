//! The connections of the settings file: the shops, the ERP, and their secrets, which are named here and never written.

use super::{HOUR, MILLISECOND, done, read_mapping, shops};
use crate::gate::Pace;
use crossdock_connectors::{Secret, clarity, shopify, woocommerce};
use crossdock_flow::{
    mapping::Mapping,
    names,
    pace::Trip,
    written::{Entry, Mistake, Table},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

/// The connection that orders come from: what its kind of shop needs.
#[derive(Debug)]
pub(crate) enum SourceSettings {
    /// Clarity eCommerce.
    Clarity(clarity::Settings),
    /// Shopify.
    Shopify(shopify::Settings),
    /// WooCommerce.
    WooCommerce(woocommerce::Settings),
}

impl SourceSettings {
    /// The connection's name.
    pub(crate) fn name(&self) -> &str {
        match self {
            SourceSettings::Clarity(settings) => &settings.name,
            SourceSettings::Shopify(settings) => &settings.name,
            SourceSettings::WooCommerce(settings) => &settings.name,
        }
    }

    /// Whether the shop can be asked for anything.
    pub(crate) fn has_api(&self) -> bool {
        match self {
            SourceSettings::Clarity(settings) => settings.api.is_some(),
            SourceSettings::Shopify(settings) => settings.api.is_some(),
            SourceSettings::WooCommerce(settings) => settings.api.is_some(),
        }
    }
}

/// A shop that orders come from.
#[derive(Debug)]
pub(crate) struct ShopSettings {
    /// Its connection.
    pub source: SourceSettings,
    /// What stands before its order numbers here and in the ERP; may be empty.
    pub prefix: String,
    /// Its own template, by name and read; none where it has that of `[orders]`.
    pub mapping: Option<(String, Mapping)>,
}

/// The connection that documents go to.
#[derive(Debug)]
pub(crate) struct TargetSettings {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: TargetKind,
    /// How fast it is asked.
    pub pace: Pace,
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

/// The kinds that orders come from.
const SHOPS: [&str; 3] = [clarity::KIND, shopify::KIND, woocommerce::KIND];

/// A secret is named by `{ env = "NAME" }` or `{ file = "path" }`; it is never written into the settings.
pub(super) fn read_secret(entry: &Entry<'_>, home: &Path) -> Option<Secret> {
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

pub(super) fn read_connections(
    connections: &Table<'_>,
    orders: &Table<'_>,
    home: &Path,
    foreign: &mut Vec<Mistake>,
) -> (Option<Vec<ShopSettings>>, Option<TargetSettings>) {
    let known = |entry: &Entry<'_>| {
        let name = entry.text()?;
        if !connections.names().contains(&name) {
            entry.wrong(format!("there is no connection `{name}`"), format!("add [connections.{name}]"));
            return None;
        }
        Some(name)
    };
    let named = orders.required("from", "name the shop's connection").map(from).unwrap_or_default();
    let all = named.len();
    let from: Vec<(Entry<'_>, String)> = named.into_iter().filter_map(|entry| known(&entry).map(|name| (entry, name))).collect();
    let to = orders.required("to", "name the ERP's connection").and_then(|entry| known(&entry));
    let (mut shops, mut target) = (BTreeMap::new(), None);
    for name in connections.names() {
        let Some(table) = connections.table(&name) else { continue };
        let Some(entry) = table.required("kind", &format!("one of {}", crossdock_connectors::KINDS.join(", "))) else { continue };
        match entry.text().as_deref() {
            Some(kind) if SHOPS.contains(&kind) => {
                let read = done(&table, |table| {
                    let source = shops::read(kind, table, &name, home);
                    let prefix = table.entry("key-prefix").map_or_else(|| Some(String::new()), |entry| read_prefix(&entry));
                    let mapping = table.entry("mapping").map(|entry| read_mapping(Some(&entry), home, foreign));
                    Some(ShopSettings { source: source?, prefix: prefix?, mapping: mapping.map_or(Some(None), |mapping| mapping.map(Some))? })
                });
                shops.extend(read.map(|read| (name.clone(), read)));
            }
            Some("sagepro") => {
                let read = done(&table, |table| read_sagepro(table, &name, home));
                if to.as_ref() == Some(&name) {
                    target = read;
                }
            }
            Some("folder") => {
                let read = done(&table, |table| {
                    let path = table.required("path", "name the directory").and_then(|entry| entry.text());
                    let pace = read_pace(table, 8);
                    Some(TargetSettings { name: name.clone(), kind: TargetKind::Folder(home.join(path?)), pace: pace? })
                });
                if to.as_ref() == Some(&name) {
                    target = read;
                }
            }
            Some(other) => entry.wrong(format!("there is no kind `{other}`"), format!("one of {}", crossdock_connectors::KINDS.join(", "))),
            None => {}
        }
    }
    let fits = |entry: &Entry<'_>, name: &String, kinds: &[&str], right: &str| {
        let kind = connections.table(name).and_then(|table| table.text("kind"));
        if !kind.as_deref().is_some_and(|kind| kinds.contains(&kind)) {
            entry.wrong(format!("`{name}` cannot stand here"), format!("name a connection of kind {right}"));
        }
    };
    from.iter().for_each(|(entry, name)| fits(entry, name, &SHOPS, "clarity, shopify or woocommerce"));
    if let (Some(entry), Some(name)) = (orders.entry("to"), &to) {
        fits(&entry, name, &["sagepro", "folder"], "sagepro or folder");
    }
    keep_apart(&from, connections);
    let read: Vec<ShopSettings> = from.iter().filter_map(|(_, name)| shops.remove(name)).collect();
    // One that cannot be opened is told; the others do not go on without it.
    (Some(read).filter(|read| read.len() == all), target)
}

/// One shop, or several in a list.
pub(super) fn from(entry: Entry<'_>) -> Vec<Entry<'_>> {
    if !entry.is_list() {
        return vec![entry];
    }
    let all = entry.items();
    if all.is_empty() {
        entry.wrong("names no shop", "name the shop's connection, or a list of them");
    }
    all
}

/// What stands before a shop's order numbers.
fn read_prefix(entry: &Entry<'_>) -> Option<String> {
    let prefix = entry.text()?;
    let fits = |char: char| char.is_ascii_alphanumeric() || "-_./".contains(char);
    if prefix.is_empty() || prefix.len() > names::LONGEST || !prefix.chars().all(fits) {
        entry.wrong("is no prefix", format!("1 to {} letters, digits, `-`, `_`, `.` or `/`, for example \"O-\"", names::LONGEST));
        return None;
    }
    Some(prefix)
}

/// Several shops count from the same numbers: at most one may do without a prefix, and none may begin another.
fn keep_apart(from: &[(Entry<'_>, String)], connections: &Table<'_>) {
    let prefix = |name: &str| connections.table(name).and_then(|table| table.entry("key-prefix"));
    let is_shop = |name: &str| connections.table(name).and_then(|table| table.text("kind")).is_some_and(|kind| SHOPS.contains(&&*kind));
    let from: Vec<&(Entry<'_>, String)> = from.iter().filter(|(_, name)| is_shop(name)).collect();
    for (place, (entry, name)) in from.iter().enumerate() {
        let before = &from[..place];
        if before.iter().any(|(_, other)| other == name) {
            entry.wrong(format!("`{name}` is named twice"), "name every shop once");
            continue;
        }
        let Some(own) = prefix(name) else {
            if let Some((_, other)) = before.iter().find(|(_, other)| prefix(other).is_none())
                && let Some(table) = connections.table(name)
            {
                let what = format!("an order of `{name}` and one of `{other}` may have the same number, and the ERP could not tell them apart");
                table.wrong(what, "add key-prefix, for example key-prefix = \"O-\": it stands before the shop's numbers; one shop may do without");
            }
            continue;
        };
        let written = |entry: &Entry<'_>| if entry.is_text() { entry.text() } else { None }.unwrap_or_default();
        let mine = written(&own);
        let meets = |other: &str| !mine.is_empty() && !other.is_empty() && (mine.starts_with(other) || other.starts_with(&mine));
        if let Some((_, other)) = before.iter().find(|(_, other)| prefix(other).is_some_and(|entry| meets(&written(&entry)))) {
            own.wrong(format!("it and the prefix of `{other}` begin alike"), "choose prefixes of which none begins another");
        }
    }
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
    let pace = read_pace(table, 4);
    let kind = TargetKind::SagePro { url: url?, auth: auth?, timeout: timeout? };
    Some(TargetSettings { name: name.to_owned(), kind, pace: pace? })
}

fn read_pace(table: &Table<'_>, concurrency: u64) -> Option<Pace> {
    let concurrency = table.entry("concurrency").map_or(Some(concurrency), |entry| entry.whole(1, 1024));
    let per_second = table.entry("per-second").map(|entry| entry.whole(1, 100_000));
    let trip = table.table("breaker").map_or(Some(Trip::default()), |table| {
        done(&table, |table| {
            let normal = Trip::default();
            let after = table.entry("after").map_or(Some(u64::from(normal.after)), |entry| entry.whole(1, 10_000));
            let probe = table.entry("probe").map_or(Some(normal.probe), |entry| entry.duration(MILLISECOND, HOUR));
            let most = table.entry("longest").map_or(Some(normal.most), |entry| entry.duration(MILLISECOND, HOUR));
            Some(Trip { after: u32::try_from(after?).ok()?, probe: probe?, most: most? })
        })
    });
    let per_second = match per_second {
        Some(rate) => Some(u32::try_from(rate?).ok()?),
        None => None,
    };
    Some(Pace { concurrency: usize::try_from(concurrency?).ok()?, per_second, trip: trip? })
}

pub(super) fn read_url(entry: &Entry<'_>) -> Option<String> {
    let url = entry.text()?;
    if !(url.starts_with("http://") || url.starts_with("https://")) || url.len() < 10 {
        entry.wrong("is no address", "write it with http:// or https://");
        return None;
    }
    Some(url.trim_end_matches('/').to_owned())
}
