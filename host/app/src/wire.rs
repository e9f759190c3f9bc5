//! Puts the program together from checked settings: the only place that knows every room.

use crate::{
    broken::Broken,
    crash,
    gate::{Gate, Turn},
    settings::{Checked, PluginSettings, SandboxSettings, SourceSettings, TargetKind, TargetSettings},
    supply, versions,
};
use crossdock_connectors::{clarity::Clarity, folder::Folder, sagepro::SagePro};
use crossdock_flow::{
    Code, Fault,
    capability::World,
    clock::Clock,
    fault::PluginDetail,
    hook::{Hook, Plugin, Rules},
    rule::{Breaker, Policy, Rule},
    run::Flow,
    source::Source,
    target::Target,
};
use crossdock_sandbox::{Loaded, Sandbox};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::mpsc;

/// The word with which this program is called to compile a plugin, and nothing else.
pub(crate) const COMPILE: &str = "__compile";

/// The ending of the file that says that a plugin is not to be asked, beside the plugin's own.
pub(crate) const DISABLED: &str = "disabled";

/// A plugin file, and what became of it.
pub(crate) struct Found {
    /// The file's name without ending.
    pub name: String,
    /// The plugin, or why it cannot run.
    pub loaded: Result<Arc<Loaded>, Fault>,
    /// The last version before this one that worked, where a policy wants it.
    pub previous: Option<Arc<Loaded>>,
}

/// Loads every `.wasm` file of the directory, sorted by name. A bad file is a named fault; the others run.
pub(crate) async fn load_plugins(
    sandbox: &Sandbox,
    settings: &SandboxSettings,
    plugins: &BTreeMap<String, PluginSettings>,
    mut progress: impl FnMut(&str),
) -> Vec<Found> {
    let directory = &settings.plugins;
    let mut files: Vec<PathBuf> = match std::fs::read_dir(directory) {
        Ok(entries) => {
            entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "wasm")).collect()
        }
        Err(error) => {
            tracing::warn!(directory = %directory.display(), %error, "no plugins: the directory cannot be read");
            Vec::new()
        }
    };
    files.sort();
    let mut found = Vec::with_capacity(files.len());
    for path in files {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        progress(&name);
        let own = plugins.get(&name).cloned().unwrap_or_default();
        let wants_previous = own.wants_previous();
        let read = supply::read(&path, own.terms.limits.size, own.sha256.as_deref(), &settings.trusted_keys);
        let loaded = match read {
            Ok(bytes) => {
                let kept = wants_previous.then(|| bytes.clone());
                let loaded = sandbox.load(&name, bytes, own.terms.clone()).await.map(Arc::new);
                if let (Some(bytes), Ok(loaded)) = (kept, &loaded) {
                    versions::keep(&settings.versions, &name, &loaded.facts().sha256, &bytes);
                }
                loaded
            }
            Err(fault) => Err(named(fault, &name)),
        };
        let previous = if wants_previous { load_previous(sandbox, &settings.versions, &name, loaded.as_ref().ok(), &own).await } else { None };
        found.push(Found { name, loaded, previous });
    }
    found
}

/// The newest kept version that is not the one that runs, and that loads.
async fn load_previous(sandbox: &Sandbox, versions: &Path, name: &str, now: Option<&Arc<Loaded>>, own: &PluginSettings) -> Option<Arc<Loaded>> {
    for (version, bytes) in versions::newest_first(versions, name) {
        if now.is_some_and(|now| *now.facts().sha256 == *version) {
            continue;
        }
        match sandbox.load(name, bytes, own.terms.clone()).await {
            Ok(loaded) => return Some(Arc::new(loaded)),
            Err(fault) => tracing::warn!(plugin = name, version, %fault, "a kept version cannot stand in"),
        }
    }
    None
}

/// Loads one file: read once, so that what is checked is what runs.
pub(crate) async fn load_plugin(
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

/// Which plugin runs where, and what the operator says of it. A plugin that the settings name but that cannot run is
/// replaced by one that answers with its fault, so that its failure policy applies instead of the order going out without
/// the rule.
pub(crate) fn choose_rules(found: &[Found], checked: &Checked) -> Result<Rules, Fault> {
    let hooks = &checked.hooks;
    let mut breakers: BTreeMap<String, Arc<Breaker>> = BTreeMap::new();
    let mut rule = |name: &str, plugin: Arc<dyn Plugin>, hook: Hook| {
        let (after, window) = (checked.sandbox.quarantine_after, checked.sandbox.quarantine_window);
        let breaker = breakers.entry(name.to_owned()).or_insert_with(|| Arc::new(Breaker::new(after, window))).clone();
        let previous = found.iter().find(|plugin| plugin.name == *name).and_then(|plugin| plugin.previous.clone());
        let own = checked.plugin.get(name);
        Rule {
            plugin,
            previous: previous.map(|previous| previous as Arc<dyn Plugin>),
            policy: own.map_or_else(Policy::default, |own| own.policy(hook)),
            guard: Arc::new(own.map_or(&checked.guard, |own| &own.guard).clone()),
            breaker,
        }
    };
    let named = |name: &String, hook: Hook| -> Arc<dyn Plugin> {
        let fault = match found.iter().find(|plugin| plugin.name == *name).map(|plugin| &plugin.loaded) {
            Some(Ok(loaded)) if loaded.answers(hook) => return loaded.clone(),
            Some(Ok(_)) => Fault::new(Code::WrongShape, format!("[hooks] names plugin `{name}` at {hook}, but it does not answer that hook")),
            Some(Err(fault)) => fault.clone(),
            None => Fault::new(Code::NotWasm, format!("[hooks] names plugin `{name}`, but there is no {name}.wasm")),
        };
        tracing::error!(plugin = %name, %hook, %fault, "orders that need this rule meet its failure policy");
        Arc::new(Broken::new(name, fault))
    };
    let all = |hook: Hook| -> Vec<Arc<dyn Plugin>> {
        let loaded = found.iter().filter_map(|plugin| plugin.loaded.as_ref().ok());
        loaded.filter(|loaded| loaded.answers(hook)).map(|loaded| loaded.clone() as Arc<dyn Plugin>).collect()
    };
    let mut at = |names: &Option<Vec<String>>, hook: Hook| -> Vec<Rule> {
        let plugins = match names {
            Some(names) => names.iter().map(|name| named(name, hook)).collect(),
            None => all(hook),
        };
        plugins.into_iter().map(|plugin| rule(&plugin.name().clone(), plugin, hook)).collect()
    };
    let (pre_map, post_map) = (at(&hooks.pre_map, Hook::PreMap), at(&hooks.post_map, Hook::PostMap));
    let mut routers = at(&hooks.route_order.clone().map(|name| vec![name]), Hook::RouteOrder);
    if routers.len() > 1 {
        let names: Vec<String> = routers.iter().map(|rule| rule.plugin.name().to_string()).collect();
        return Err(Fault::new(
            Code::Settings,
            format!("{} plugins answer route-order: {}; choose one: [hooks] route-order = \"{}\"", names.len(), names.join(", "), names[0]),
        ));
    }
    Ok(Rules { pre_map, route_order: routers.pop(), post_map })
}

/// Plugin, version and breaker of every rule.
pub(crate) fn breakers(rules: &Rules) -> Vec<(Arc<str>, Arc<str>, Arc<Breaker>)> {
    let all = rules.pre_map.iter().chain(&rules.route_order).chain(&rules.post_map);
    all.map(|rule| (rule.plugin.name().clone(), rule.plugin.version().clone(), rule.breaker.clone())).collect()
}

/// The sandbox, compiling in a process of its own: this very program, called with one word.
pub(crate) fn sandbox(settings: &SandboxSettings, world: Arc<dyn World>) -> Result<Sandbox, Fault> {
    let program = std::env::current_exe().map_err(|error| Fault::new(Code::Internal, format!("this program does not find its own file: {error}")))?;
    let size = crossdock_sandbox::Settings { compiler: Some((program, COMPILE.to_owned())), ..settings.size.clone() };
    Sandbox::with(size, world)
}

/// The shop's connection.
pub(crate) fn source(settings: SourceSettings) -> Result<Arc<dyn Source>, Fault> {
    let SourceSettings { name, secrets, tolerance, api, timeout } = settings;
    Ok(Arc::new(Clarity::new(crossdock_connectors::clarity::Settings { name, secrets, tolerance, api, timeout })?))
}

/// The ERP's connection, behind its gate, and what the gate's circuit does.
pub(crate) fn target(settings: TargetSettings, clock: Arc<dyn Clock>) -> Result<(Gate, mpsc::UnboundedReceiver<Turn>), Fault> {
    let TargetSettings { name, kind, pace } = settings;
    let target: Arc<dyn Target> = match kind {
        TargetKind::SagePro { url, auth, timeout } => {
            Arc::new(SagePro::new(crossdock_connectors::sagepro::Settings { name, base_url: url, auth, timeout })?)
        }
        TargetKind::Folder(path) => Arc::new(Folder::new(name, path)?),
    };
    Ok(Gate::new(crash::target(target), pace, clock))
}

/// The flow of orders.
pub(crate) fn flow(settings: &mut Checked, rules: Rules) -> Flow {
    Flow {
        integration: settings.name.as_str().into(),
        rules,
        mapping: settings.mapping.clone(),
        zone: settings.zone.clone(),
        warehouses: std::mem::take(&mut settings.warehouses).into(),
        schedule: settings.schedule.clone(),
    }
}
