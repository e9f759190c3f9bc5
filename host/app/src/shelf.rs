//! The plugin directory: what lies there, what of it runs, and what becomes of that when a file is dropped, replaced or
//! removed while orders flow. A file is read once, compiled and rehearsed aside, and swapped in between two orders; one
//! that fails is refused, and what ran before goes on: also over a restart, because the versions that worked are kept.

use crate::{
    broken::Broken,
    settings::{Hooks, PluginSettings, SandboxSettings},
    supply, versions,
};
use crossdock_flow::{
    Code, Fault,
    fault::PluginDetail,
    guard::Guard,
    hook::{Hook, Plugin, Rules},
    rule::{Breaker, Policy, Rule},
};
use crossdock_sandbox::{Loaded, Sandbox};
use std::{collections::BTreeMap, fs, io, path::Path, sync::Arc, time::SystemTime};
use tokio::task::JoinSet;

/// The ending of the file that says that a plugin is not to be asked, beside the plugin's own.
pub(crate) const DISABLED: &str = "disabled";

/// What the operator says of plugins.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    /// Where they are, and how many run at a time.
    pub sandbox: SandboxSettings,
    /// Of each.
    pub plugins: BTreeMap<String, PluginSettings>,
    /// Which runs where.
    pub hooks: Hooks,
    /// What those may change of which nothing is said.
    pub guard: Guard,
}

/// A plugin of the directory, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The file's name without ending.
    pub name: String,
    /// The version that is asked, or why there is none.
    pub loaded: Result<Arc<Loaded>, Fault>,
    /// Why the file that lies there is not the version that is asked.
    pub refused: Option<Fault>,
    /// The last version before this one that worked, where a policy wants it.
    pub previous: Option<Arc<Loaded>>,
    /// Whether orders go on without it.
    pub disabled: bool,
    /// Which file this came of.
    pub stamp: Stamp,
}

/// When a file was written, how long it is and which one it is: another stamp is another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    file: Option<(SystemTime, u64, u64)>,
    signature: Option<SystemTime>,
}

impl Stamp {
    /// The stamp of a plugin's file as it lies there now.
    pub(crate) fn of(path: &Path) -> Stamp {
        let modified = |path: &Path| fs::metadata(path).and_then(|of| Ok((of.modified()?, of.len(), inode(&of)))).ok();
        Stamp { file: modified(path), signature: modified(&supply::signature(path)).map(|(at, ..)| at) }
    }

    /// Whether there is a file at all.
    pub(crate) fn is_there(&self) -> bool {
        self.file.is_some()
    }
}

/// What lies in the directory: of each plugin its stamp, and whether it is disabled.
pub(super) fn scan(directory: &Path) -> io::Result<BTreeMap<String, (Stamp, bool)>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "wasm")
            && let Some(name) = path.file_stem()
        {
            found.insert(name.to_string_lossy().into_owned(), (Stamp::of(&path), path.with_extension(DISABLED).exists()));
        }
    }
    Ok(found)
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}

/// Loads every `.wasm` file of the directory, sorted by name, as many at a time as there are processors. A bad file is a
/// named fault; the others run, and the version of it that worked last goes on.
pub(crate) async fn load_all(sandbox: &Sandbox, said: &Arc<Said>, mut progress: impl FnMut(&str)) -> Vec<Found> {
    let directory = &said.sandbox.plugins;
    let lie = match scan(directory) {
        Ok(lie) => {
            versions::note_gone(&said.sandbox.versions, |name| lie.contains_key(name));
            lie
        }
        Err(error) => {
            tracing::warn!(directory = %directory.display(), %error, "no plugins: the directory cannot be read");
            BTreeMap::new()
        }
    };
    let most = std::thread::available_parallelism().map_or(1, |processors| processors.get());
    let (mut waiting, mut loading, mut found) = (lie.into_iter(), JoinSet::new(), Vec::new());
    loop {
        while loading.len() < most
            && let Some((name, (stamp, disabled))) = waiting.next()
        {
            progress(&name);
            let (sandbox, said) = (sandbox.clone(), said.clone());
            loading.spawn(async move { Found { disabled, ..stand_in(&sandbox, &said, load(&sandbox, &said, name, stamp).await).await } });
        }
        match loading.join_next().await {
            Some(Ok(one)) => found.push(one),
            Some(Err(error)) => tracing::error!(%error, "loading a plugin broke"),
            None => break,
        }
    }
    found.sort_by(|one: &Found, other| one.name.cmp(&other.name));
    found
}

/// Loads the file of one plugin; keeps it, when it works.
pub(crate) async fn load(sandbox: &Sandbox, said: &Said, name: String, stamp: Stamp) -> Found {
    let own = said.plugins.get(&name).cloned().unwrap_or_default();
    let path = said.sandbox.plugins.join(&name).with_extension("wasm");
    let loaded = match read(&path, &own, &said.sandbox).await {
        Ok(bytes) => {
            // Kept after it has worked; a copy of a plugin is small beside what compiling it takes.
            let kept = bytes.clone();
            let loaded = sandbox.load(&name, bytes, own.terms.clone()).await.map(Arc::new);
            if let Ok(loaded) = &loaded {
                let (versions, name, version) = (said.sandbox.versions.clone(), name.clone(), loaded.facts().sha256.clone());
                let signature = fs::read(supply::signature(&path)).ok();
                // It can only fail by being cut off at the end of the program.
                drop(tokio::task::spawn_blocking(move || versions::keep(&versions, &name, &version, &kept, signature.as_deref())).await);
            }
            loaded
        }
        Err(fault) => Err(named(fault, &name)),
    };
    let now = loaded.as_ref().ok().map(|loaded| loaded.facts().sha256.clone());
    let previous = if own.wants_previous() { kept_version(sandbox, said, &name, now.as_deref()).await } else { None };
    Found { name, loaded, refused: None, previous, disabled: false, stamp }
}

async fn read(path: &Path, own: &PluginSettings, settings: &SandboxSettings) -> Result<Vec<u8>, Fault> {
    let (path, cap, pinned, trusted) = (path.to_owned(), own.terms.limits.size, own.sha256.clone(), settings.trusted_keys.clone());
    let read = tokio::task::spawn_blocking(move || supply::read(&path, cap, pinned.as_deref(), &trusted)).await;
    read.unwrap_or_else(|_| Err(Fault::new(Code::NotWasm, "reading it broke")))
}

/// Where the file is refused, the version that worked last goes on: what runs must not depend on a restart.
async fn stand_in(sandbox: &Sandbox, said: &Said, found: Found) -> Found {
    let Err(fault) = &found.loaded else { return found };
    // A plugin that was taken out does not come back because somebody drops a bad file under its name.
    if versions::is_gone(&said.sandbox.versions, &found.name) {
        return found;
    }
    let Some(kept) = kept_version(sandbox, said, &found.name, None).await else { return found };
    // Where the policy wants one to fall back on, that is the one before.
    let before = if found.previous.is_some() { kept_version(sandbox, said, &found.name, Some(kept.version())).await } else { None };
    Found { refused: Some(fault.clone()), loaded: Ok(kept), previous: before, ..found }
}

/// The newest kept version that is not `but`, that may run, and that loads.
async fn kept_version(sandbox: &Sandbox, said: &Said, name: &str, but: Option<&str>) -> Option<Arc<Loaded>> {
    let own = said.plugins.get(name).cloned().unwrap_or_default();
    for (version, path) in versions::newest_first(&said.sandbox.versions, name) {
        // A pin says which version may run, and so that no other may stand in for it.
        if but == Some(&*version) || own.sha256.as_ref().is_some_and(|pinned| *pinned != version) {
            continue;
        }
        let terms = PluginSettings { sha256: Some(version.clone()), ..own.clone() };
        let loaded = match read(&path, &terms, &said.sandbox).await {
            Ok(bytes) => sandbox.load(name, bytes, own.terms.clone()).await,
            Err(fault) => Err(fault),
        };
        match loaded {
            Ok(loaded) => return Some(Arc::new(loaded)),
            Err(fault) => tracing::warn!(plugin = name, version, %fault, "a kept version cannot stand in"),
        }
    }
    None
}

/// Loads one file that a person names: read once, so that what is checked is what runs.
pub(crate) async fn load_file(
    sandbox: &Sandbox,
    name: &str,
    path: &Path,
    own: PluginSettings,
    trusted: &[minisign_verify::PublicKey],
) -> Result<Loaded, Fault> {
    let bytes = supply::read(path, own.terms.limits.size, own.sha256.as_deref(), trusted).map_err(|fault| named(fault, name))?;
    sandbox.load(name, bytes, own.terms).await
}

/// A fault of a file that never reached the sandbox names its plugin, too.
fn named(fault: Fault, name: &str) -> Fault {
    if fault.detail.is_some() { fault } else { fault.detail(PluginDetail::new(name, "", None)) }
}

/// What takes versions out of service, by plugin and version.
pub(crate) type Breakers = BTreeMap<(Arc<str>, Arc<str>), Arc<Breaker>>;

/// Which plugin runs where, and what the operator says of it. A plugin that the settings name but that cannot run is
/// replaced by one that answers with its fault, so that its failure policy applies instead of the order going out without
/// the rule; one that is disabled is left out. Breakers of versions that ran before go on counting.
pub(crate) fn choose(found: &[Found], said: &Said, before: &Breakers) -> Result<(Rules, Breakers), Fault> {
    let mut breakers = Breakers::new();
    let mut rule = |plugin: Arc<dyn Plugin>, hook: Hook| {
        let key = (plugin.name().clone(), plugin.version().clone());
        let new = || Arc::new(Breaker::new(said.sandbox.quarantine_after, said.sandbox.quarantine_window));
        let known = breakers.get(&key).or_else(|| before.get(&key)).cloned();
        let breaker = breakers.entry(key).or_insert_with(|| known.unwrap_or_else(new)).clone();
        let previous = found.iter().find(|found| *found.name == **plugin.name()).and_then(|found| found.previous.clone());
        let own = said.plugins.get(&**plugin.name());
        Rule {
            previous: previous.map(|previous| previous as Arc<dyn Plugin>),
            policy: own.map_or_else(Policy::default, |own| own.policy(hook)),
            guard: Arc::new(own.map_or(&said.guard, |own| &own.guard).clone()),
            breaker,
            plugin,
        }
    };
    let named = |name: &String, hook: Hook| -> Option<Arc<dyn Plugin>> {
        let found = found.iter().find(|found| found.name == *name);
        let fault = match found.map(|found| (&found.loaded, found.disabled)) {
            Some((_, true)) => return None,
            Some((Ok(loaded), _)) if loaded.answers(hook) => return Some(loaded.clone()),
            Some((Ok(_), _)) => Fault::new(Code::WrongShape, format!("[hooks] names plugin `{name}` at {hook}, but it does not answer that hook")),
            Some((Err(fault), _)) => fault.clone(),
            None => Fault::new(Code::NotWasm, format!("[hooks] names plugin `{name}`, but there is no {name}.wasm")),
        };
        tracing::error!(plugin = %name, %hook, %fault, "orders that need this rule meet its failure policy");
        Some(Arc::new(Broken::new(name, fault)))
    };
    let all = |hook: Hook| -> Vec<Arc<dyn Plugin>> {
        let loaded = found.iter().filter(|found| !found.disabled).filter_map(|found| found.loaded.as_ref().ok());
        loaded.filter(|loaded| loaded.answers(hook)).map(|loaded| loaded.clone() as Arc<dyn Plugin>).collect()
    };
    let mut at = |hook: Hook| -> Vec<Rule> {
        let plugins = match said.hooks.at(hook) {
            Some(names) => names.iter().filter_map(|name| named(name, hook)).collect(),
            None => all(hook),
        };
        plugins.into_iter().map(|plugin| rule(plugin, hook)).collect()
    };
    let (pre_map, post_map) = (at(Hook::PreMap), at(Hook::PostMap));
    let (pre_map_customer, pre_map_product) = (at(Hook::PreMapCustomer), at(Hook::PreMapProduct));
    let mut routers = at(Hook::RouteOrder);
    if routers.len() > 1 {
        let names: Vec<String> = routers.iter().map(|rule| rule.plugin.name().to_string()).collect();
        return Err(Fault::new(
            Code::Settings,
            format!("{} plugins answer route-order: {}; choose one: [hooks] route-order = \"{}\"", names.len(), names.join(", "), names[0]),
        ));
    }
    Ok((Rules { pre_map, route_order: routers.pop(), post_map, pre_map_customer, pre_map_product }, breakers))
}
