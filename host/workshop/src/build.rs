//! From a project's sources to its component: the right commands of its language, and clear words when a tool is missing.

use crate::project::{Language, Project};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use wit_bindgen_core::{Files, WorldGenerator, wit_parser::Resolve};

mod c;
mod go;
mod javascript;
mod python;
mod rust;

/// Why a project was not built.
#[derive(Debug)]
pub enum Broken {
    /// A tool is not there.
    Missing {
        /// The tool.
        tool: String,
        /// What it is for.
        why: String,
        /// What installs it.
        install: String,
    },
    /// A tool said no. What it said stands above, on stderr.
    Failed {
        /// The command.
        command: String,
        /// What it said last, where it was not shown already.
        said: String,
    },
    /// A file or folder could not be read or written.
    File(PathBuf, io::Error),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::Missing { tool, why, install } => write!(f, "`{tool}` is not installed; it {why}\n       install it: {install}"),
            Broken::Failed { command, said } if said.is_empty() => write!(f, "`{command}` failed: see above"),
            Broken::Failed { command, said } => write!(f, "`{command}` failed: {said}"),
            Broken::File(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

/// Builds a project; what the tools say goes to stderr. Gives the component's file.
pub fn build(project: &Project) -> Result<PathBuf, Broken> {
    // Tools run within the folder, so that paths that lead to it must not depend on where this program runs.
    let folder = project.folder.canonicalize().map_err(|error| Broken::File(project.folder.clone(), error))?;
    let inside = Project { folder, ..project.clone() };
    let built = match project.language {
        Language::Rust => rust::build(&inside)?,
        Language::C => c::build(&inside)?,
        Language::JavaScript | Language::TypeScript => javascript::build(&inside)?,
        Language::Python => python::build(&inside)?,
        Language::Go => go::build(&inside)?,
    };
    let component = project.component();
    fs::copy(&built, &component).map_err(|error| Broken::File(built, error))?;
    Ok(component)
}

/// The folder of the SDK that a project uses: vendored within it, or the one that it is an example of.
fn sdk(project: &Project, name: &str) -> Result<PathBuf, Broken> {
    let vendored = project.folder.join("vendor/crossdock/sdk").join(name);
    let above = project.folder.ancestors().map(|above| above.join("sdk").join(name));
    let found = std::iter::once(vendored.clone()).chain(above).find(|place| place.is_dir());
    found.ok_or_else(|| Broken::File(vendored, io::Error::from(io::ErrorKind::NotFound)))
}

/// Writes what a generator makes of the project's world into a folder.
fn bindings(generator: &mut dyn WorldGenerator, project: &Project, sdk: &Path, to: &Path) -> Result<(), Broken> {
    let mut contract = Resolve::default();
    let told = |error: &dyn fmt::Display| Broken::Failed { command: "reading wit/plugin.wit".into(), said: format!("{error:#}") };
    contract.push_path(sdk.join("../../wit")).map_err(|error| told(&error))?;
    let (package, _) = contract.push_path(project.folder.join("wit/plugin.wit")).map_err(|error| told(&error))?;
    let world = contract.select_world(&[package], Some("plugin")).map_err(|error| told(&error))?;
    let mut files = Files::default();
    generator.generate(&mut contract, world, &mut files).map_err(|error| told(&error))?;
    for (name, text) in files.iter() {
        let file = to.join(name);
        let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&file, text));
        written.map_err(|error| Broken::File(file, error))?;
    }
    Ok(())
}

/// A tool of a language.
struct Tool {
    program: &'static str,
    why: &'static str,
    install: &'static str,
}

impl Tool {
    /// A command of the tool within a folder.
    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(self.program);
        command.current_dir(folder).stdin(Stdio::null());
        command
    }

    /// As [`Tool::command`], with the tool of a folder within it, where there is one.
    fn command_from(&self, folder: &Path, place: &str) -> Command {
        let own = folder.join(place).join(self.program);
        let mut command = Command::new(if own.exists() { own.as_os_str() } else { self.program.as_ref() });
        command.current_dir(folder).stdin(Stdio::null());
        command
    }

    /// Runs a command of the tool, shows what it says on stderr, and gives what it wrote to stdout.
    fn run(&self, command: &mut Command) -> Result<Vec<u8>, Broken> {
        let shown = std::iter::once(command.get_program()).chain(command.get_args()).map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(" ");
        let output = match command.stderr(Stdio::inherit()).stdout(Stdio::piped()).output() {
            Ok(output) => output,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Broken::Missing { tool: self.program.into(), why: self.why.into(), install: self.install.into() });
            }
            Err(error) => return Err(Broken::Failed { command: shown, said: error.to_string() }),
        };
        if output.status.success() { Ok(output.stdout) } else { Err(Broken::Failed { command: shown, said: String::new() }) }
    }
}
