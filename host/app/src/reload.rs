//! Watches the plugin directory while orders flow, and swaps in what changed. Looks several times a second at what lies
//! there; a file counts as written when it has stayed the same for a moment.

use crate::{
    commands::run::short,
    shelf::{self, Found, Said, Stamp},
    versions,
    worker::Worker,
};
use crossdock_flow::{Fault, clock::Clock, desk::Backend, hook::Plugin};
use crossdock_sandbox::Sandbox;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::watch,
    task::{AbortHandle, JoinSet},
};

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(200);
/// How long a file stays as it is before it counts as written, and how long one is gone before it counts as removed.
const SETTLED: Duration = Duration::from_millis(150);

/// What runs, and what is being made ready.
pub(crate) struct Reloader {
    sandbox: Sandbox,
    said: Arc<Said>,
    worker: Arc<Worker>,
    store: Arc<dyn Backend>,
    clock: Arc<dyn Clock>,
    /// What was made of each plugin's file.
    found: BTreeMap<String, Found>,
    /// Which file was seen last under each name, and since when; none where one has gone.
    seen: BTreeMap<String, (Option<Stamp>, Instant)>,
    /// Which files are being loaded.
    loading: JoinSet<Found>,
    busy: BTreeMap<String, (Stamp, AbortHandle)>,
    /// Whether `found` is not yet what orders meet.
    changed: bool,
}

impl Reloader {
    /// Goes on from what was loaded at the start.
    pub(crate) fn new(
        sandbox: Sandbox,
        said: Arc<Said>,
        found: Vec<Found>,
        worker: Arc<Worker>,
        (store, clock): (Arc<dyn Backend>, Arc<dyn Clock>),
    ) -> Reloader {
        let found = found.into_iter().map(|found| (found.name.clone(), found)).collect();
        Reloader { sandbox, said, worker, store, clock, found, seen: BTreeMap::new(), loading: JoinSet::new(), busy: BTreeMap::new(), changed: false }
    }

    /// Watches until `stop` turns true.
    pub(crate) async fn watch(mut self, mut stop: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !*stop.borrow() {
            tokio::select! {
                _ = ticks.tick() => {
                    self.look().await;
                    self.swap().await;
                }
                Some(loaded) = self.loading.join_next() => {
                    match loaded {
                        Ok(found) => self.loaded(found).await,
                        Err(error) if error.is_cancelled() => {}
                        Err(error) => {
                            tracing::error!(%error, "loading a plugin broke; it is tried again");
                            self.busy.retain(|_, (_, loading)| !loading.is_finished());
                        }
                    }
                    // There may be more waiting; otherwise orders meet it at once.
                    self.look().await;
                    if self.busy.is_empty() {
                        self.swap().await;
                    }
                }
                _ = stop.changed() => {}
            }
        }
    }

    /// Compares what lies there with what runs, and begins to load what is new.
    async fn look(&mut self) {
        let directory = self.said.sandbox.plugins.clone();
        let lie = match tokio::task::spawn_blocking(move || shelf::scan(&directory)).await {
            Ok(Ok(lie)) => lie,
            // What runs goes on: a directory that cannot be read is no reason to let orders out without their rules.
            _ => return,
        };
        let most = std::thread::available_parallelism().map_or(1, |processors| processors.get());
        for (name, (stamp, disabled)) in &lie {
            if let Some(found) = self.found.get_mut(name)
                && found.disabled != *disabled
            {
                found.disabled = *disabled;
                tracing::info!(plugin = name, disabled, "the operator says so");
                self.changed = true;
            }
            let settled = self.settled(name, Some(stamp));
            let known = self.found.get(name).is_some_and(|found| found.stamp == *stamp) || self.busy.get(name).is_some_and(|(busy, _)| busy == stamp);
            if settled && !known && (self.busy.len() < most || self.busy.contains_key(name)) {
                let (sandbox, said, task, of) = (self.sandbox.clone(), self.said.clone(), name.clone(), stamp.clone());
                let handle = self.loading.spawn(async move { shelf::load(&sandbox, &said, task, of).await });
                if let Some((_, outdated)) = self.busy.insert(name.clone(), (stamp.clone(), handle)) {
                    outdated.abort();
                }
            }
        }
        let gone: Vec<String> = self.found.keys().filter(|name| !lie.contains_key(*name)).cloned().collect();
        for name in gone {
            if self.settled(&name, None) {
                self.found.remove(&name);
                self.seen.remove(&name);
                versions::gone(&self.said.sandbox.versions, &name);
                tracing::info!(plugin = name, "plugin removed");
                self.tell("plugin-removed", &name, "its file is gone from the plugin directory").await;
                self.changed = true;
            }
        }
    }

    /// Whether what lies under a name has been the same for a moment.
    fn settled(&mut self, name: &str, stamp: Option<&Stamp>) -> bool {
        match self.seen.get(name) {
            Some((seen, since)) if seen.as_ref() == stamp => since.elapsed() >= SETTLED,
            _ => {
                self.seen.insert(name.to_owned(), (stamp.cloned(), Instant::now()));
                false
            }
        }
    }

    /// Takes over what was made of a file, if it is still the one that lies there.
    async fn loaded(&mut self, new: Found) {
        let name = new.name.clone();
        if self.busy.get(&name).is_none_or(|(busy, _)| *busy != new.stamp) {
            return;
        }
        self.busy.remove(&name);
        let Some(before) = self.found.get_mut(&name) else {
            match &new.loaded {
                Ok(loaded) => tracing::info!(plugin = name, version = short(loaded.version()), "plugin added"),
                Err(fault) => refused(&name, fault, "no version of it runs"),
            }
            let (kind, message) = match &new.loaded {
                Ok(loaded) => ("plugin-added", format!("version {} runs", short(loaded.version()))),
                Err(fault) => ("plugin-refused", format!("{fault}; no version of it runs")),
            };
            self.found.insert(name.clone(), new);
            self.changed = true;
            return self.tell(kind, &name, &message).await;
        };
        let was = before.loaded.as_ref().ok().map(|loaded| loaded.version().clone());
        before.stamp = new.stamp;
        match new.loaded {
            // The file was only touched, or the refused one was put right again.
            Ok(loaded) if was.as_ref() == Some(loaded.version()) => before.refused = None,
            Ok(loaded) => {
                let (version, was) = (short(loaded.version()).to_owned(), was.as_deref().map_or("none", short).to_owned());
                tracing::info!(plugin = name, version, before = was, "plugin swapped in");
                (before.loaded, before.refused, before.previous) = (Ok(loaded), None, new.previous);
                self.changed = true;
                self.tell("plugin-replaced", &name, &format!("version {version} runs now; before it, {was}")).await;
            }
            Err(fault) => {
                let then = was.map_or("no version of it runs".to_owned(), |was| format!("version {} goes on", short(&was)));
                refused(&name, &fault, &then);
                match &mut before.loaded {
                    Ok(_) => before.refused = Some(fault.clone()),
                    Err(old) => {
                        *old = fault.clone();
                        self.changed = true;
                    }
                }
                self.tell("plugin-refused", &name, &format!("{fault}; {then}")).await;
            }
        }
    }

    async fn tell(&self, kind: &str, name: &str, message: &str) {
        if let Err(fault) = self.store.alert(self.clock.now(), kind, name, message).await {
            tracing::error!(%fault, "an alert could not be written");
        }
    }

    /// Orders that begin from now on meet what was found; those on their way go on with the rules they began with.
    async fn swap(&mut self) {
        if !std::mem::take(&mut self.changed) {
            return;
        }
        let found: Vec<Found> = self.found.values().cloned().collect();
        match shelf::choose(&found, &self.said, &self.worker.breakers.load()) {
            Ok((rules, breakers)) => self.worker.take(rules, breakers).await,
            Err(fault) => {
                tracing::error!(%fault, "the rules stay as they were");
                self.tell("plugin-refused", "hooks", &format!("{fault}; the rules stay as they were")).await;
            }
        }
    }
}

fn refused(plugin: &str, fault: &Fault, then: &str) {
    tracing::error!(plugin, %fault, cure = fault.code.cure(), then, "plugin refused");
}
