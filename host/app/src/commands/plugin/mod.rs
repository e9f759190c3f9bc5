//! `crossdock plugin …`: opening what a command names, and handing over to one command.

mod compare;
mod look;
mod make;
mod place;
mod test;
mod tryout;

pub(super) use look::limits;

use super::Failure;
use crate::{
    cli,
    screen::Screen,
    settings::{self, PluginSettings, SandboxSettings},
    wire,
};
use crossdock_flow::{Fault, capability::Nowhere, mapping::Mapping};
use crossdock_sandbox::{Loaded, Sandbox};
use crossdock_workshop::{Around, project::Project};
use jiff::tz::TimeZone;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Where plugins are and what the operator says of them: from the settings file if there is one, else the defaults, so
/// that an author without an integration can work on a plugin, too.
struct Home {
    sandbox: SandboxSettings,
    plugin: BTreeMap<String, PluginSettings>,
    hooks: settings::Hooks,
    guard: crossdock_flow::guard::Guard,
    mapping: Option<(Mapping, TimeZone)>,
    store: Option<PathBuf>,
}

/// Carries out a plugin command.
pub(crate) async fn plugin(command: &cli::Plugin, file: &Path, screen: &Screen) -> Result<(), Failure> {
    if let cli::Plugin::New { name, lang, hooks, dir } = command {
        return make::new(name, *lang, hooks, dir.as_deref(), screen);
    }
    let home = home(file)?;
    match command {
        cli::Plugin::Release { plugin } => return look::release(&home, plugin, screen).await,
        cli::Plugin::Remove { plugin, force } => return place::remove(&home, plugin, *force, screen),
        cli::Plugin::Enable { plugin } => return place::enable(&home, plugin, screen),
        cli::Plugin::Disable { plugin } => return place::disable(&home, plugin, screen),
        _ => {}
    }
    let sandbox = wire::sandbox(&home.sandbox, Arc::new(Nowhere))?;
    match command {
        cli::Plugin::Build { dir } => make::build(&home, &sandbox, dir, screen).await,
        cli::Plugin::Run { plugin, hook, with, watch: false } => tryout::run(&home, &sandbox, plugin, *hook, with, screen).await,
        cli::Plugin::Run { plugin, hook, with, watch: true } => tryout::watch(&home, &sandbox, plugin, *hook, with, screen).await,
        cli::Plugin::Test { plugin, cases, bless, cases_only } => {
            let how = test::How { cases: cases.as_deref(), bless: *bless, cases_only: *cases_only };
            test::test(&home, &sandbox, plugin, how, screen).await
        }
        cli::Plugin::List => look::list(&home, &sandbox, screen).await,
        cli::Plugin::Inspect { plugin } => look::inspect(&home, &sandbox, plugin, screen).await,
        cli::Plugin::Diff { old, new, against } => compare::diff(&home, &sandbox, old, new, against, screen).await,
        cli::Plugin::Conflicts { against } => compare::conflicts(&home, &sandbox, against, screen).await,
        cli::Plugin::Install { from, name } => place::install(&home, &sandbox, from, name.as_deref(), screen).await,
        cli::Plugin::Rollback { plugin, to } => place::rollback(&home, &sandbox, plugin, to.as_deref(), screen).await,
        cli::Plugin::Rehearse { plugin } => look::rehearse(&home, &sandbox, plugin, screen).await,
        _ => Ok(()),
    }
}

fn home(file: &Path) -> Result<Home, Failure> {
    if !file.exists() {
        let sandbox = SandboxSettings::of(Path::new(""));
        return Ok(Home {
            sandbox: SandboxSettings { size: Default::default(), ..sandbox },
            plugin: BTreeMap::new(),
            hooks: settings::Hooks::default(),
            guard: Default::default(),
            mapping: None,
            store: None,
        });
    }
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    let store = checked.store.exists().then_some(checked.store);
    Ok(Home {
        sandbox: checked.sandbox,
        plugin: checked.plugin,
        hooks: checked.hooks,
        guard: checked.guard,
        mapping: Some((checked.mapping, checked.zone)),
        store,
    })
}

/// A plugin that a command names, found and, where it is a project, built.
struct Opened {
    name: String,
    /// The component's file.
    file: PathBuf,
    project: Option<Project>,
    /// What the operator, or the project, says of it.
    own: PluginSettings,
}

impl Home {
    /// Finds what is meant by a path: a project (which is built), a file, or a name in the plugin directory.
    fn open(&self, path: &Path, screen: &Screen) -> Result<Opened, Failure> {
        if Project::is_one(path) {
            let project = Project::read(path).map_err(Failure::Mistakes)?;
            let file = make::component(&project, screen)?;
            return Ok(self.of_project(project, file));
        }
        let named = self.sandbox.plugins.join(path).with_extension("wasm");
        let file = if path.exists() || !named.exists() { path.to_owned() } else { named };
        let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let own = self.plugin.get(&name).cloned().unwrap_or_default();
        Ok(Opened { name, file, project: None, own })
    }

    fn of_project(&self, project: Project, file: PathBuf) -> Opened {
        let own = self.plugin.get(&project.name).cloned().unwrap_or_else(|| {
            let mut own = PluginSettings::default();
            own.terms.limits = project.limits.clone();
            own.terms.settings = project.settings.clone();
            own.profile = if own.terms.limits == crossdock_sandbox::Limits::scripted() { "scripted" } else { "native" };
            own
        });
        Opened { name: project.name.clone(), file, project: Some(project), own }
    }

    /// What is around a plugin: the operator's guard and mapping.
    fn around(&self, own: &str) -> Around {
        let guard = self.plugin.get(own).map_or(&self.guard, |own| &own.guard).clone();
        Around { guard, mapping: self.mapping.clone() }
    }

    async fn load(&self, sandbox: &Sandbox, opened: &Opened) -> Result<Loaded, Fault> {
        wire::load_plugin(sandbox, &opened.name, &opened.file, opened.own.clone(), &self.sandbox.trusted_keys).await
    }
}
