//! `crossdock plugin …`: opening what a command names, and handing over to one command.

mod compare;
mod look;
mod make;
mod place;
mod test;
mod tryout;

pub(super) use look::limits;
pub(super) use tryout::read_case;

use super::Failure;
use crate::{
    cli,
    screen::Screen,
    settings::{self, PluginSettings, SandboxSettings},
    shelf::{self, Said},
    wire,
};
use crossdock_flow::{Fault, capability::Nowhere, mapping::Mapping};
use crossdock_sandbox::{Limits, Loaded, Sandbox};
use crossdock_workshop::{Around, project::Project};
use jiff::tz::TimeZone;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// What the operator says of plugins: from the settings file if there is one, else the defaults, so that an author without
/// an integration can work on a plugin, too.
struct Home {
    said: Arc<Said>,
    mapping: Option<(Mapping, TimeZone)>,
    store: Option<PathBuf>,
}

/// Carries out a plugin command.
pub(crate) async fn plugin(command: &cli::Plugin, file: &Path, screen: &Screen) -> Result<(), Failure> {
    if let cli::Plugin::New { name, lang, hooks, dir } = command {
        return make::new(name, *lang, hooks, dir.as_deref(), screen);
    }
    let home = home(file, project_of(command))?;
    match command {
        cli::Plugin::Release { plugin } => return look::release(&home, plugin, screen).await,
        cli::Plugin::Remove { plugin, force } => return place::remove(&home, plugin, *force, screen),
        cli::Plugin::Enable { plugin } => return place::enable(&home, plugin, screen),
        cli::Plugin::Disable { plugin } => return place::disable(&home, plugin, screen),
        _ => {}
    }
    let sandbox = wire::sandbox(&home.said.sandbox, Arc::new(Nowhere))?;
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

/// The project that a command works on, where it does.
fn project_of(command: &cli::Plugin) -> Option<&Path> {
    let path = match command {
        cli::Plugin::Build { dir } => dir,
        cli::Plugin::Run { plugin, .. } | cli::Plugin::Test { plugin, .. } | cli::Plugin::Inspect { plugin } | cli::Plugin::Rehearse { plugin } => {
            plugin
        }
        _ => return None,
    };
    Project::is_one(path).then_some(path)
}

/// Where a project's compiled component is kept while there is no host: within the project. A file that belongs to no project
/// is compiled each time, so that what compiling it costs is seen. Nothing when the place cannot be made: that costs time only.
fn beside(project: &Path) -> Option<PathBuf> {
    let place = project.join(".crossdock");
    std::fs::create_dir_all(&place).and_then(|()| std::fs::write(place.join(".gitignore"), "*\n")).ok()?;
    Some(place.join("compiled"))
}

fn home(file: &Path, project: Option<&Path>) -> Result<Home, Failure> {
    if !file.exists() {
        let size = crossdock_sandbox::Settings { cache: project.and_then(beside), ..Default::default() };
        let sandbox = SandboxSettings { size, ..SandboxSettings::of(Path::new("")) };
        let said = Said { sandbox, plugins: BTreeMap::new(), hooks: Default::default(), guard: Default::default() };
        return Ok(Home { said: Arc::new(said), mapping: None, store: None });
    }
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    let said = Arc::new(checked.said());
    Ok(Home { said, store: checked.store.exists().then_some(checked.store), mapping: Some((checked.mapping, checked.zone)) })
}

/// A plugin that a command names, found and, where it is a project, built.
struct Opened {
    name: String,
    /// The component's file.
    file: PathBuf,
    project: Option<Project>,
    /// How long building it took, where it was not built before.
    built: Option<Duration>,
    /// What the operator, or the project, says of it.
    own: PluginSettings,
}

impl Home {
    /// Finds what is meant by a path: a project (which is built), a file, or a name in the plugin directory.
    fn open(&self, path: &Path, screen: &Screen) -> Result<Opened, Failure> {
        if Project::is_one(path) {
            let project = Project::read(path).map_err(Failure::Mistakes)?;
            let started = Instant::now();
            let (file, new) = if project.is_built() { (project.component(), false) } else { (make::component(&project, screen)?, true) };
            return Ok(Opened { built: new.then(|| started.elapsed()), ..self.of_project(project, file) });
        }
        let named = self.said.sandbox.plugins.join(path).with_extension("wasm");
        let file = if path.exists() || !named.exists() { path.to_owned() } else { named };
        let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let own = self.said.plugins.get(&name).cloned().unwrap_or_default();
        Ok(Opened { name, file, project: None, built: None, own })
    }

    fn of_project(&self, project: Project, file: PathBuf) -> Opened {
        let own = self.said.plugins.get(&project.name).cloned().unwrap_or_else(|| {
            let mut own = PluginSettings::default();
            // How long compiling may take is the host's to say: an author's busy machine is no reason to refuse.
            let compile_time = Limits::scripted().compile_time.max(project.limits.compile_time);
            own.terms.limits = Limits { compile_time, ..project.limits.clone() };
            own.terms.settings = project.settings.clone();
            own.profile = if project.limits == Limits::scripted() { "scripted" } else { "native" };
            own
        });
        Opened { name: project.name.clone(), file, project: Some(project), built: None, own }
    }

    /// What is around a plugin: the operator's guard and mapping.
    fn around(&self, own: &str) -> Around {
        let guard = self.said.plugins.get(own).map_or(&self.said.guard, |own| &own.guard).clone();
        Around { guard, mapping: self.mapping.clone() }
    }

    async fn load(&self, sandbox: &Sandbox, opened: &Opened) -> Result<Loaded, Fault> {
        shelf::load_file(sandbox, &opened.name, &opened.file, opened.own.clone(), &self.said.sandbox.trusted_keys).await
    }
}
