//! C: bindings by the generator that this program carries, then clang with wasi-libc makes a core module that says in a
//! section of its own which component it is.

use super::{Broken, Tool, bindings, sdk};
use crate::project::Project;
use std::{fs, path::PathBuf};
use wit_bindgen_c::{Enabled, Opts};

const CLANG: Tool = Tool {
    program: "clang",
    why: "compiles C to WebAssembly",
    install: "apt-get install clang lld wasi-libc libclang-rt-dev-wasm32, or your system's equivalent",
};

pub(super) fn build(project: &Project) -> Result<PathBuf, Broken> {
    let sdk = sdk(project, "c")?;
    let made = project.folder.join("build");
    fs::create_dir_all(&made).map_err(|error| Broken::File(made.clone(), error))?;
    // The host lends handles for a call; the guest gives them back before it returns.
    let generator = Opts { autodrop_borrows: Enabled::Yes, ..Opts::default() };
    bindings(&mut *generator.build(), project, &sdk, &made)?;
    let mut command = CLANG.command(&project.folder);
    command.args(["--target=wasm32-wasi", "-mexec-model=reactor", "-std=c11", "-O2", "-flto", "-Wall", "-Wextra"]);
    command.args(project.hooks.iter().map(|hook| format!("-DCROSSDOCK_{}", hook.name().to_uppercase().replace('-', "_"))));
    command.arg("-I").arg(sdk.join("include")).arg("-I").arg(&made);
    for folder in [project.folder.join("src"), sdk.join("src"), sdk.join("host")] {
        command.args(sources(&folder)?);
    }
    let module = made.join("module.wasm");
    command.arg(made.join("plugin.c")).arg(made.join("plugin_component_type.o"));
    command.args(["-Wl,--strip-debug", "-Wl,-z,stack-size=65536", "-o"]).arg(&module);
    CLANG.run(&mut command)?;
    Ok(module)
}

/// The C files of a folder, sorted, by their full paths.
fn sources(folder: &std::path::Path) -> Result<Vec<PathBuf>, Broken> {
    let failed = |error| Broken::File(folder.to_owned(), error);
    let folder = folder.canonicalize().map_err(failed)?;
    let entries = fs::read_dir(&folder).map_err(failed)?;
    let mut files: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "c"));
    files.sort();
    Ok(files)
}
