//! Rust: cargo alone makes the component.

use super::{Broken, Tool};
use crate::project::Project;
use std::path::PathBuf;

const TARGET: &str = "wasm32-wasip2";

const CARGO: Tool = Tool { program: "cargo", why: "builds Rust", install: "https://rustup.rs, then: rustup target add wasm32-wasip2" };

/// rustc, asked whether it knows the target.
const RUSTC: Tool = Tool { program: "rustc", why: "builds Rust", install: CARGO.install };

pub(super) fn build(project: &Project) -> Result<PathBuf, Broken> {
    let sysroot = RUSTC.run(RUSTC.command(&project.folder).args(["--print", "sysroot"]))?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot).trim());
    if !sysroot.join("lib/rustlib").join(TARGET).is_dir() {
        return Err(Broken::Missing {
            tool: TARGET.into(),
            why: "is the target that components are built for".into(),
            install: format!("rustup target add {TARGET}"),
        });
    }
    let mut command = CARGO.command(&project.folder);
    command.args(["build", "--quiet", "--release", "--target", TARGET, "--message-format=json-render-diagnostics"]);
    let messages = CARGO.run(&mut command)?;
    // Where it lies is cargo's to say: a workspace or the environment may put it anywhere.
    let artifact = String::from_utf8_lossy(&messages).lines().rev().find_map(component);
    artifact.ok_or_else(|| Broken::Failed {
        command: "cargo build".into(),
        said: "it made no .wasm file; is `crate-type = [\"cdylib\"]` in Cargo.toml?".into(),
    })
}

/// The component that a message of cargo names.
fn component(message: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let files = (message["reason"] == "compiler-artifact").then(|| message["filenames"].as_array())??;
    files.iter().filter_map(|file| file.as_str()).find(|file| file.ends_with(".wasm")).map(PathBuf::from)
}
