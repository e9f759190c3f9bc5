//! `crossdock plugin install | remove | enable | disable | rollback`: what lies in the plugin directory. A running host
//! looks there several times a second; nothing else is told.

use super::{Failure, Home};
use crate::{
    screen::{Screen, Tone},
    settings,
    shelf::DISABLED,
    supply, versions,
};
use crossdock_sandbox::{Loaded, Sandbox};
use serde_json::json;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

impl Home {
    fn file(&self, name: &str, ending: &str) -> PathBuf {
        self.said.sandbox.plugins.join(format!("{name}.{ending}"))
    }

    /// Where the settings name a plugin at a hook.
    fn named_at(&self, name: &str) -> Vec<&'static str> {
        let settings::Hooks { pre_map, route_order, post_map } = &self.said.hooks;
        let lists = [("pre-map", pre_map.clone()), ("route-order", route_order.clone().map(|one| vec![one])), ("post-map", post_map.clone())];
        lists.into_iter().filter(|(_, names)| names.iter().flatten().any(|named| named == name)).map(|(hook, _)| hook).collect()
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Failure + '_ {
    move |error| Failure::text(format!("{}: {error}", path.display()))
}

pub(super) async fn install(home: &Home, sandbox: &Sandbox, from: &Path, name: Option<&str>, screen: &Screen) -> Result<(), Failure> {
    let mut opened = home.open(from, screen)?;
    if let Some(name) = name {
        opened.name = name.to_owned();
        if let Some(own) = home.said.plugins.get(name) {
            opened.own = own.clone();
        }
    }
    let own = &opened.own;
    // Read once: what is rehearsed here is what is put in place.
    let bytes = supply::read(&opened.file, own.terms.limits.size, own.sha256.as_deref(), &home.said.sandbox.trusted_keys)?;
    let loaded = sandbox.load(&opened.name, bytes.clone(), own.terms.clone()).await?;
    let signature = supply::signature(&opened.file);
    let signature = signature.exists().then(|| fs::read(&signature).map_err(failed(&signature))).transpose()?;
    keep_present(home, sandbox, &opened.name).await;
    let target = put(home, &opened.name, &bytes, signature.as_deref())?;
    tell(home, &opened.name, &loaded, &target, "installed", screen)
}

/// Keeps the version that lies there now, if it works: so that it can be rolled back to.
async fn keep_present(home: &Home, sandbox: &Sandbox, name: &str) {
    let own = home.said.plugins.get(name).cloned().unwrap_or_default();
    let read = supply::read(&home.file(name, "wasm"), own.terms.limits.size, None, &[]);
    if let Ok(bytes) = read
        && let Ok(loaded) = sandbox.load(name, bytes.clone(), own.terms).await
    {
        let signature = fs::read(supply::signature(&home.file(name, "wasm"))).ok();
        versions::keep(&home.said.sandbox.versions, name, &loaded.facts().sha256, &bytes, signature.as_deref());
    }
}

/// Puts a component in place at once: a host that looks sees the old one or the new one, never half of it. The signature
/// goes first, because a component without its own is refused.
fn put(home: &Home, name: &str, bytes: &[u8], signature: Option<&[u8]>) -> Result<PathBuf, Failure> {
    let target = home.file(name, "wasm");
    fs::create_dir_all(&home.said.sandbox.plugins).map_err(failed(&home.said.sandbox.plugins))?;
    let write = |target: &Path, bytes: &[u8]| {
        let half = target.with_extension("half");
        fs::write(&half, bytes).and_then(|()| fs::rename(&half, target)).map_err(failed(target))
    };
    if let Some(signature) = signature {
        write(&supply::signature(&target), signature)?;
    }
    write(&target, bytes)?;
    Ok(target)
}

fn tell(home: &Home, name: &str, loaded: &Loaded, target: &Path, what: &str, screen: &Screen) -> Result<(), Failure> {
    let facts = loaded.facts();
    let disabled = home.file(name, DISABLED).exists();
    if screen.is_json() {
        return screen
            .json(&json!({ "plugin": name, "file": target, "version": facts.sha256, "hooks": loaded.hooks(), "what": what, "disabled": disabled }));
    }
    let hooks: Vec<&str> = loaded.hooks().iter().map(|hook| hook.name()).collect();
    screen.line(format!("{} {name} {what}: version {}, {}", screen.tone(Tone::Good, "ok"), super::look::short(&facts.sha256), hooks.join(" ")));
    if disabled {
        screen.line(screen.tone(Tone::Warn, &format!("   it is disabled: crossdock plugin enable {name}")));
    }
    let wanted = loaded.hooks().into_iter().filter(|hook| {
        let list = match hook {
            crossdock_flow::hook::Hook::PreMap => home.said.hooks.pre_map.clone(),
            crossdock_flow::hook::Hook::RouteOrder => home.said.hooks.route_order.clone().map(|one| vec![one]),
            crossdock_flow::hook::Hook::PostMap => home.said.hooks.post_map.clone(),
        };
        list.is_some_and(|names| !names.iter().any(|named| named == name))
    });
    for hook in wanted {
        screen.line(screen.tone(Tone::Warn, &format!("   [hooks] {hook} does not name it, so it is not asked there")));
    }
    Ok(())
}

pub(super) fn remove(home: &Home, name: &str, force: bool, screen: &Screen) -> Result<(), Failure> {
    let file = home.file(name, "wasm");
    if !file.exists() {
        return Err(missing(home, name));
    }
    let named = home.named_at(name);
    if !named.is_empty() && !force {
        return Err(Failure::text(format!(
            "[hooks] names `{name}` at {}: without it, orders that need it are parked\n       take it out of the settings first, or let orders go on without it: crossdock plugin disable {name}; --force removes it all the same",
            named.join(", ")
        )));
    }
    fs::remove_file(&file).map_err(failed(&file))?;
    for beside in [supply::signature(&file), home.file(name, DISABLED)] {
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&beside)(error)),
            _ => {}
        }
    }
    done(name, "removed", "the versions that worked are kept: crossdock plugin rollback brings it back", screen)
}

pub(super) fn disable(home: &Home, name: &str, screen: &Screen) -> Result<(), Failure> {
    if !home.file(name, "wasm").exists() {
        return Err(missing(home, name));
    }
    let marker = home.file(name, DISABLED);
    fs::write(&marker, "").map_err(failed(&marker))?;
    done(name, "disabled", "orders go on without it", screen)
}

pub(super) fn enable(home: &Home, name: &str, screen: &Screen) -> Result<(), Failure> {
    let marker = home.file(name, DISABLED);
    match fs::remove_file(&marker) {
        Ok(()) => done(name, "enabled", "orders meet it again", screen),
        Err(error) if error.kind() == io::ErrorKind::NotFound && home.file(name, "wasm").exists() => {
            Err(Failure::text(format!("`{name}` is not disabled")))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(missing(home, name)),
        Err(error) => Err(failed(&marker)(error)),
    }
}

pub(super) async fn rollback(home: &Home, sandbox: &Sandbox, name: &str, to: Option<&str>, screen: &Screen) -> Result<(), Failure> {
    keep_present(home, sandbox, name).await;
    let present = fs::read(home.file(name, "wasm")).map(|bytes| supply::sha256(&bytes)).ok();
    let kept = versions::newest_first(&home.said.sandbox.versions, name);
    let meant = |version: &str| match to {
        Some(to) => version.starts_with(to),
        None => present.as_deref() != Some(version),
    };
    let Some((version, path)) = kept.iter().find(|(version, _)| meant(version)) else {
        let known: Vec<&str> = kept.iter().map(|(version, _)| super::look::short(version)).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(Failure::text(format!("no such version of `{name}` is kept in {}; there is: {known}", home.said.sandbox.versions.display())));
    };
    let own = home.said.plugins.get(name).cloned().unwrap_or_default();
    if own.sha256.as_ref().is_some_and(|pinned| pinned != version) {
        return Err(Failure::text(format!("[plugins.{name}] sha256 pins another version; write sha256 = \"{version}\" there first")));
    }
    let bytes = supply::read(path, own.terms.limits.size, Some(version), &home.said.sandbox.trusted_keys)?;
    let signature = fs::read(supply::signature(path)).ok();
    let loaded = sandbox.load(name, bytes.clone(), own.terms).await?;
    let target = put(home, name, &bytes, signature.as_deref())?;
    tell(home, name, &loaded, &target, "rolled back", screen)
}

fn missing(home: &Home, name: &str) -> Failure {
    Failure::text(format!("there is no {name}.wasm in {}; `crossdock plugin list` shows what there is", home.said.sandbox.plugins.display()))
}

fn done(name: &str, what: &str, then: &str, screen: &Screen) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.json(&json!({ "plugin": name, "what": what }));
    }
    screen.line(format!("{} {name} {what}: {then}; a running host notices within a second", screen.tone(Tone::Good, "ok")));
    Ok(())
}
