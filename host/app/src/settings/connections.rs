//! The connections of the settings file: the shop, the ERP, and their secrets, which are named here and never written.

use super::{HOUR, MILLISECOND, done, shops};
use crate::gate::Pace;
use crossdock_connectors::{Secret, clarity, shopify, woocommerce};
use crossdock_flow::{
    pace::Trip,
    written::{Entry, Table},
};
use std::{
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

pub(super) fn read_connections(connections: &Table<'_>, orders: &Table<'_>, home: &Path) -> (Option<SourceSettings>, Option<TargetSettings>) {
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
            Some(kind) if SHOPS.contains(&kind) => {
                let read = done(&table, |table| shops::read(kind, table, &name, home));
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
    for (role, name, right, made) in
        [("from", &from, "clarity, shopify or woocommerce", source.is_some()), ("to", &to, "sagepro or folder", target.is_some())]
    {
        let kind = name.as_ref().and_then(|name| connections.table(name)).and_then(|table| table.text("kind"));
        let fits = match role {
            "from" => kind.as_deref().is_some_and(|kind| SHOPS.contains(&kind)),
            _ => matches!(kind.as_deref(), Some("sagepro" | "folder")),
        };
        if let (Some(entry), Some(name), false, false) = (orders.entry(role), name, fits, made) {
            entry.wrong(format!("`{name}` cannot stand here"), format!("name a connection of kind {right}"));
        }
    }
    (source, target)
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
