//! Puts the program together from checked settings: the only place that knows every room.

use crate::{
    broken::Broken,
    gate::Gate,
    settings::{Checked, Hooks, PluginSettings, SourceSettings, TargetKind, TargetSettings},
};
use crossdock_connectors::{clarity::Clarity, folder::Folder, sagepro::SagePro};
use crossdock_flow::{
    Code, Fault,
    hook::{Hook, Plugin, Rules},
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

/// A plugin file, and what became of it.
pub(crate) struct Found {
    /// The file's name without ending.
    pub name: String,
    /// The plugin, or why it cannot run.
    pub loaded: Result<Arc<Loaded>, Fault>,
}

/// Loads every `.wasm` file of the directory, sorted by name. A bad file is a named fault; the others run.
pub(crate) async fn load_plugins(
    sandbox: &Sandbox,
    directory: &Path,
    settings: &BTreeMap<String, PluginSettings>,
    mut progress: impl FnMut(&str),
) -> Vec<Found> {
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
        let own = settings.get(&name).cloned().unwrap_or_default();
        let loaded = load_plugin(sandbox, &name, &path, own).await.map(Arc::new);
        found.push(Found { name, loaded });
    }
    found
}

/// Loads one file: read once, so that what is checked is what runs.
pub(crate) async fn load_plugin(sandbox: &Sandbox, name: &str, path: &Path, own: PluginSettings) -> Result<Loaded, Fault> {
    let cap = own.limits.size;
    let bytes = match std::fs::metadata(path) {
        Ok(facts) if facts.is_file() && facts.len() > cap => {
            return Err(Fault::new(Code::PluginSize, format!("the file has {} bytes", facts.len())).at(path.display().to_string()).limit(
                "size",
                cap,
                Some(facts.len().to_string()),
            ));
        }
        Ok(facts) if facts.is_file() => std::fs::read(path),
        Ok(_) => return Err(Fault::new(Code::NotWasm, "it is not a file").at(path.display().to_string())),
        Err(error) => Err(error),
    };
    let bytes = bytes.map_err(|error| Fault::new(Code::NotWasm, format!("it cannot be read: {error}")).at(path.display().to_string()))?;
    sandbox.load(name, bytes, own.limits, own.settings).await
}

/// Which plugin runs where. A plugin that the settings name but that cannot run is replaced by one that answers with its
/// fault, so that orders wait instead of going out without the rule.
pub(crate) fn choose_rules(found: &[Found], hooks: &Hooks) -> Result<Rules, Fault> {
    let named = |name: &String, hook: Hook| -> Arc<dyn Plugin> {
        let fault = match found.iter().find(|plugin| plugin.name == *name).map(|plugin| &plugin.loaded) {
            Some(Ok(loaded)) if loaded.answers(hook) => return loaded.clone(),
            Some(Ok(_)) => Fault::new(Code::WrongShape, format!("[hooks] names plugin `{name}` at {hook}, but it does not answer that hook")),
            Some(Err(fault)) => fault.clone(),
            None => Fault::new(Code::NotWasm, format!("[hooks] names plugin `{name}`, but there is no {name}.wasm")),
        };
        tracing::error!(plugin = %name, %hook, %fault, "orders that need this rule will be parked");
        Arc::new(Broken::new(name, fault))
    };
    let all = |hook: Hook| -> Vec<Arc<dyn Plugin>> {
        let loaded = found.iter().filter_map(|plugin| plugin.loaded.as_ref().ok());
        loaded.filter(|loaded| loaded.answers(hook)).map(|loaded| loaded.clone() as Arc<dyn Plugin>).collect()
    };
    let at = |names: &Option<Vec<String>>, hook: Hook| match names {
        Some(names) => names.iter().map(|name| named(name, hook)).collect(),
        None => all(hook),
    };
    let route_order = match &hooks.route_order {
        Some(name) => Some(named(name, Hook::RouteOrder)),
        None => {
            let mut routers = all(Hook::RouteOrder);
            if routers.len() > 1 {
                let names: Vec<String> = routers.iter().map(|plugin| plugin.name().to_string()).collect();
                return Err(Fault::new(
                    Code::Settings,
                    format!("{} plugins answer route-order: {}; choose one: [hooks] route-order = \"{}\"", names.len(), names.join(", "), names[0]),
                ));
            }
            routers.pop()
        }
    };
    Ok(Rules { pre_map: at(&hooks.pre_map, Hook::PreMap), route_order, post_map: at(&hooks.post_map, Hook::PostMap) })
}

/// The shop's connection.
pub(crate) fn source(settings: SourceSettings) -> Result<Arc<dyn Source>, Fault> {
    let SourceSettings { name, secrets, tolerance, api, timeout } = settings;
    Ok(Arc::new(Clarity::new(crossdock_connectors::clarity::Settings { name, secrets, tolerance, api, timeout })?))
}

/// The ERP's connection, with no more calls at a time than it bears.
pub(crate) fn target(settings: TargetSettings) -> Result<Arc<dyn Target>, Fault> {
    let TargetSettings { name, kind, concurrency } = settings;
    let target: Arc<dyn Target> = match kind {
        TargetKind::SagePro { url, auth, timeout } => {
            Arc::new(SagePro::new(crossdock_connectors::sagepro::Settings { name, base_url: url, auth, timeout })?)
        }
        TargetKind::Folder(path) => Arc::new(Folder::new(name, path)?),
    };
    Ok(Arc::new(Gate::new(target, concurrency)))
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
