//! `crossdock plugin install | remove | enable | disable | rollback`: what lies in the plugin directory. A running host
//! looks there several times a second; nothing else is told.

use super::{Failure, Home};
use crate::{
    screen::{Screen, Tone},
    shelf::{self, DISABLED, Stamp},
    supply, versions,
};
use crossdock_flow::hook::Hook;
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
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Failure + '_ {
    move |error| Failure::text(format!("{}: {error}", path.display()))
}

pub(super) async fn install(home: &Home, sandbox: &Sandbox, from: &Path, name: Option<&str>, screen: &Screen) -> Result<(), Failure> {
    let opened = home.open(from, screen)?;
    let name = name.unwrap_or(&opened.name);
    // On the operator's terms, not on the project's: those are what the host will load it on.
    let own = home.said.plugins.get(name).cloned().unwrap_or_default();
    // Read once: what is rehearsed here is what is put in place.
    let read = supply::read(&opened.file, own.terms.limits.size, own.sha256.as_deref(), &home.said.sandbox.trusted_keys);
    let loaded = match read {
        Ok(bytes) => sandbox.load(name, bytes.clone(), own.terms.clone()).await.map(|loaded| (loaded, bytes)),
        Err(fault) => Err(fault),
    };
    let (loaded, bytes) = loaded.map_err(|fault| match &opened.project {
        Some(project) if project.limits != own.terms.limits && own.profile != "scripted" => Failure::text(format!(
            "{fault}\n       its project asks for the limits of interpreted languages; to allow them, write: [plugins.{name}] profile = \"scripted\""
        )),
        _ => fault.into(),
    })?;
    let signature = supply::signature(&opened.file);
    let signature = signature.exists().then(|| fs::read(&signature).map_err(failed(&signature))).transpose()?;
    keep_present(home, sandbox, name).await;
    let target = put(home, name, &bytes, signature.as_deref())?;
    tell(home, name, &loaded, &target, "installed", screen)
}

/// Keeps the version that lies there now, if it works: so that it can be rolled back to.
async fn keep_present(home: &Home, sandbox: &Sandbox, name: &str) {
    let stamp = Stamp::of(&home.file(name, "wasm"));
    if stamp.is_there() {
        // Loading keeps what works; that it does not is no reason to leave it in place.
        drop(shelf::load(sandbox, &home.said, name.to_owned(), stamp).await);
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
    let hooks = &home.said.hooks;
    for hook in loaded.hooks().into_iter().filter(|hook| hooks.at(*hook).is_some() && !hooks.names(*hook, name)) {
        screen.line(screen.tone(Tone::Warn, &format!("   [hooks] {hook} does not name it, so it is not asked there")));
    }
    Ok(())
}

pub(super) fn remove(home: &Home, name: &str, force: bool, screen: &Screen) -> Result<(), Failure> {
    let file = home.file(name, "wasm");
    if !file.exists() {
        return Err(missing(home, name));
    }
    let named: Vec<&str> = Hook::ALL.into_iter().filter(|hook| home.said.hooks.names(*hook, name)).map(Hook::name).collect();
    if !named.is_empty() && !force {
        return Err(Failure::text(format!(
            "[hooks] names `{name}` at {}: without it, orders that need it are parked\n       take it out of the settings first, or let orders go on without it: crossdock plugin disable {name}; --force removes it all the same",
            named.join(", ")
        )));
    }
    fs::remove_file(&file).map_err(failed(&file))?;
    versions::gone(&home.said.sandbox.versions, name);
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
