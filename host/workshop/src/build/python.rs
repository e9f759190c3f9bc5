//! Python: componentize-py puts the rule, the SDK and the interpreter into one component. It is looked for in the project's
//! own virtual environment first.

use super::{Broken, Tool, sdk};
use crate::project::Project;
use std::{fs, path::PathBuf};

const COMPONENTIZE: Tool = Tool {
    program: "componentize-py",
    why: "makes a component of Python",
    install: "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt, in the project's folder",
};

pub(super) fn build(project: &Project) -> Result<PathBuf, Broken> {
    let sdk = sdk(project, "python")?;
    let made = project.folder.join("build");
    fs::create_dir_all(&made).map_err(|error| Broken::File(made.clone(), error))?;
    let component = made.join("plugin.wasm");
    let mut command = COMPONENTIZE.command_from(&project.folder, ".venv/bin");
    // The contract comes first: the plugin's world includes parts of it.
    command.arg("-d").arg(sdk.join("../../wit")).args(["-d", "wit", "-w", "local:plugin/plugin", "componentize", "-p"]).arg(&sdk);
    command.args(["-p", ".", "plugin", "-o"]).arg(&component);
    COMPONENTIZE.run(&mut command)?;
    Ok(component)
}
