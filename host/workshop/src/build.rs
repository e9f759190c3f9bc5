//! From a project's sources to its component: the right commands of its language, and clear words when a tool is missing.

use crate::project::{Language, Project};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

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
    let built = match project.language {
        Language::Rust => rust::build(project)?,
        other => return Err(Broken::Failed { command: format!("crossdock plugin build ({other})"), said: "not yet".into() }),
    };
    let component = project.component();
    fs::copy(&built, &component).map_err(|error| Broken::File(built, error))?;
    Ok(component)
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
