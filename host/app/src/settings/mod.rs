//! The settings file: read, checked, and every mistake reported at once with its line and cure.
//! Only [`check`] makes [`Checked`] settings. Secrets are named here, never written.

mod addresses;
mod connections;
mod kits;
mod ledger;
mod plugins;
mod shops;
mod stock;
mod sync;
mod tables;

pub(crate) use connections::{ShopSettings, SourceSettings, TargetKind, TargetSettings};
pub(crate) use plugins::{Hooks, PluginSettings, SandboxSettings};
pub(crate) use tables::TablesSettings;

use crate::{
    shelf::Said,
    templates::{self, Missing},
};
use crossdock_flow::{
    desk::Retention,
    entity::address::AddressPolicy,
    guard::Guard,
    mapping::{self, Mapping},
    route::Warehouse,
    settle::Schedule,
    written::{Entry, Mistake, Page, Table},
};
use jiff::{civil::Time, tz::TimeZone};
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
    /// The shops, in the order in which they are named: at least one.
    pub shops: Vec<ShopSettings>,
    /// The ERP.
    pub target: TargetSettings,
    /// The mapping of shops that have none of their own.
    pub mapping: Mapping,
    /// Its template: a name, or a file.
    pub template: String,
    /// The ERP's tables.
    pub tables: TablesSettings,
    /// How the ERP wants addresses; nothing leaves them as they come.
    pub addresses: Option<AddressPolicy>,
    /// What else is kept alike on both sides.
    pub sync: Vec<crossdock_flow::sync::Flow>,
    /// The books that money is posted to; none where no ledger is kept.
    pub books: Option<std::sync::Arc<crossdock_flow::sync::Books>>,
    /// How stock is promised to orders, where it is.
    pub promises: Option<crossdock_flow::sync::Promises>,
    /// Kits, and what is done with each.
    pub kits: crossdock_flow::entity::kit::Kits,
    /// Where can be shipped from.
    pub warehouses: Vec<Warehouse>,
    /// Whether an order waits that has articles which are not in the list of the ERP's stock.
    pub checks_articles: bool,
    /// How often the stock is read.
    pub stock_every: Duration,
    /// How the shop is asked for what no webhook brought.
    pub polling: Polling,
    /// How long what is kept.
    pub retention: Retention,
    /// When to try again.
    pub schedule: Schedule,
    /// Records worked on at the same time.
    pub workers: usize,
    /// The sandbox.
    pub sandbox: SandboxSettings,
    /// Which plugins run at which hook, in order; none means all that answer it, by name.
    pub hooks: Hooks,
    /// Per plugin: limits, grants, policies and its own settings.
    pub plugin: BTreeMap<String, PluginSettings>,
    /// What rules may change that have no guard of their own.
    pub guard: Guard,
}

impl Checked {
    /// What is said of plugins.
    pub(crate) fn said(&self) -> Said {
        Said { sandbox: self.sandbox.clone(), plugins: self.plugin.clone(), hooks: self.hooks.clone(), guard: self.guard.clone() }
    }
}

/// How each shop is asked for what no webhook brought. It is asked only where it has an `api`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Polling {
    /// How often.
    pub every: Duration,
    /// How far back beyond the last time.
    pub overlap: Duration,
    /// When, in the company's zone, the whole day is asked for and the books of both sides are compared.
    pub nightly: Time,
}

/// Where webhooks come in.
#[derive(Clone, Debug)]
pub(crate) struct Listen {
    /// Address and port.
    pub address: SocketAddr,
    /// Cap of a body, in bytes.
    pub max_body: usize,
}

/// Reads and checks a settings file. Relative paths in it start at its own directory.
pub(crate) fn check(file: &Path) -> Result<Checked, Vec<Mistake>> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| {
        vec![Mistake {
            file: name.clone(),
            line: 0,
            column: None,
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
        let store = home.join(store);
        let tables = tables::read_tables(root.table("schema").as_ref(), home, &store);
        let connections = root.required("connections", "add [connections.NAME] for the shop and for the ERP").and_then(|entry| entry.table());
        let orders = root.required("orders", "add [orders] with from and to").and_then(|entry| entry.table());
        let warehouses = root.required("warehouses", "add at least one [[warehouses]] with id and country");
        let warehouses = warehouses.map(|entry| entry.tables().iter().filter_map(read_warehouse).collect()).unwrap_or_default();
        let sandbox = plugins::read_sandbox(root.table("sandbox").as_ref(), home);
        let hooks = root.table("hooks").map(|table| plugins::read_hooks(&table)).unwrap_or_default();
        let guard = root.table("guard").map(|table| plugins::read_guard(&table, &Guard::default())).unwrap_or_default();
        let plugin = plugins::read_plugins(root.table("plugins").as_ref(), &guard, home);
        let (connections, orders) = (connections?, orders?);
        let (shops, target) = connections::read_connections(&connections, &orders, home, &mut foreign);
        let template = read_mapping(orders.entry("mapping").as_ref(), home, &mut foreign);
        let (stock_every, schedule, workers) = read_pace(&orders);
        let checks_articles = orders.entry("check-articles").and_then(|entry| entry.flag()).unwrap_or(false);
        let polling = read_polling(&orders);
        let retention = root.table("retention").map_or_else(|| Some(Retention::default()), |table| read_retention(&table));
        let sides = sync::Sides::of(&connections, &orders);
        let written = root.table("ledger");
        let books = ledger::read(written.as_ref(), zone.as_ref());
        let books = sync::Kept { is_written: written.is_some(), books };
        let addresses = root.table("addresses").map_or(Some(None), |table| addresses::read(&table));
        let integration = name.as_deref().unwrap_or_default();
        let (addresses_of_all, zone_of_all) = (addresses.clone().flatten(), zone.clone().unwrap_or(TimeZone::UTC));
        let common = sync::Common { integration, schedule: &schedule, books: &books, addresses: addresses_of_all, zone: zone_of_all, home };
        let mut sync = sync::read(root.table("sync").as_ref(), &sides, &common, &mut foreign);
        let promises = stock::read_stock(root.table("stock").as_ref(), &sides, &mut sync);
        let kits = kits::read_kits(root.table("kits").as_ref());
        orders.unknown();
        let (template, mapping) = template?;
        Some(Checked {
            name: name?,
            zone: zone?,
            listen: listen?,
            store,
            shops: shops.filter(|shops| !shops.is_empty())?,
            target: target?,
            mapping,
            template,
            tables: tables?,
            addresses: addresses?,
            sync,
            books: books.books,
            promises: promises?,
            kits,
            warehouses,
            checks_articles,
            stock_every,
            polling,
            retention: retention?,
            schedule,
            workers,
            sandbox,
            hooks,
            plugin,
            guard,
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

fn read_mapping(entry: Option<&Entry<'_>>, home: &Path, foreign: &mut Vec<Mistake>) -> Option<(String, Mapping)> {
    let name = match entry {
        Some(entry) => entry.text()?,
        None => mapping::SHIPPED[0].0.to_owned(),
    };
    match templates::open(&name, home) {
        Ok(mapping) => Some((name, mapping)),
        Err(Missing::Unreadable(why) | Missing::Stranger(why, _)) => {
            let shipped: Vec<&str> = mapping::SHIPPED.iter().map(|(name, _)| *name).collect();
            if let Some(entry) = entry {
                entry.wrong(format!("`{name}` cannot be read: {why}"), format!("name a file, or one of {}", shipped.join(", ")));
            }
            None
        }
        Err(Missing::Wrong(mistakes)) => {
            foreign.extend(mistakes);
            if let Some(entry) = entry {
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

fn read_polling(orders: &Table<'_>) -> Polling {
    let wait = |key, normal, least| orders.entry(key).and_then(|entry| entry.duration(least, 24 * HOUR)).unwrap_or(normal);
    let nightly = orders.entry("nightly").and_then(|entry| entry.parse("a time of day", "write hours and minutes, for example \"02:30\""));
    Polling {
        every: wait("poll-every", Duration::from_secs(5 * 60), 100 * MILLISECOND),
        overlap: wait("poll-overlap", Duration::from_secs(15 * 60), Duration::ZERO),
        nightly: nightly.unwrap_or_else(|| Time::constant(2, 30, 0, 0)),
    }
}

fn read_retention(table: &Table<'_>) -> Option<Retention> {
    done(table, |table| {
        let normal = Retention::default();
        let years = 24 * 366 * 100 * HOUR;
        let time = |key, normal, least| table.entry(key).map_or(Some(normal), |entry| entry.duration(least, years));
        // Shops send an event again for days: its id must be known for longer than that.
        let records = time("records", normal.records, 7 * 24 * HOUR)?;
        let read = Retention { originals: time("originals", normal.originals, HOUR)?, runs: time("runs", normal.runs, HOUR)?, records };
        if read.originals > read.records || read.runs > read.records {
            table.wrong("`originals` and `runs` are parts of records: they cannot be kept for longer", "raise `records`, or lower the others");
        }
        Some(read)
    })
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

#[cfg(test)]
mod fuzz {
    //! Settings that nobody thought of: the README's own file, damaged. Nothing may panic, and every mistake has a line of
    //! the file. A long run: `PROPTEST_CASES=1000000 cargo nextest run --release -p crossdock -E 'test(settings::fuzz)'`.

    use super::*;
    use proptest::{prelude::*, sample::Index};

    const PIECES: [&str; 18] =
        ["", "\n", "=", "\"", "[", "]", "{", "}", "-1", "1e9", "99999999999999999999", "\"5x\"", "[[a]]", "\u{0}", "true", "\"*\"", "a.b = 1\n", "#"];

    /// The settings that the README shows.
    fn shown() -> &'static str {
        let readme = include_str!("../../../../README.md");
        let settings = readme.split("## Settings").nth(1).unwrap_or_default();
        settings.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default()
    }

    #[test]
    fn the_readme_shows_settings_that_are_understood() {
        let mistakes = check_text("readme.toml", shown(), Path::new("/nowhere")).unwrap_err();
        let secrets = |mistake: &Mistake| mistake.message.contains("environment variable") || mistake.message.contains("secret file");
        assert!(mistakes.iter().all(secrets), "{mistakes:#?}");
    }

    proptest! {

        #[test]
        fn damaged_settings_never_panic(damages in proptest::collection::vec((any::<Index>(), any::<Index>(), any::<usize>()), 1..8)) {
            let mut text: Vec<char> = shown().chars().collect();
            for (from, length, piece) in &damages {
                let from = from.index(text.len());
                let until = (from + length.index(20)).min(text.len());
                drop(text.splice(from..until, PIECES[piece % PIECES.len()].chars()));
            }
            let text: String = text.into_iter().collect();
            let lines = text.lines().count() + 1;
            if let Err(mistakes) = check_text("fuzz.toml", &text, Path::new("/nowhere")) {
                prop_assert!(!mistakes.is_empty());
                for mistake in mistakes.iter().filter(|mistake| mistake.file == "fuzz.toml") {
                    prop_assert!((1..=lines).contains(&mistake.line), "{mistake:?}");
                }
            }
        }
    }
}
