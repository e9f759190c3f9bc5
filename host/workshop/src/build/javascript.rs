//! JavaScript and TypeScript: npm fetches what the project names, and the SDK's own script makes the component with QuickJS.

use super::{Broken, Tool};
use crate::project::Project;
use std::path::PathBuf;

const NPM: Tool = Tool {
    program: "npm",
    why: "fetches and runs what builds JavaScript plugins",
    install: "Node.js 20 or later, for example apt-get install nodejs npm where the distribution's is that new, or https://nodejs.org",
};

pub(super) fn build(project: &Project) -> Result<PathBuf, Broken> {
    if !project.folder.join("node_modules").is_dir() {
        NPM.run(NPM.command(&project.folder).args(["install", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    }
    NPM.run(NPM.command(&project.folder).args(["run", "--silent", "build"]))?;
    Ok(project.folder.join("dist/plugin.wasm"))
}
