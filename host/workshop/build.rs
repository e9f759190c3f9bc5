//! Embeds the contract and the SDKs, so that `crossdock plugin new` needs nothing but the program: every file of `wit/` and
//! `sdk/` that a project is made of, as text.

use std::{env, fs, path::Path};

/// Folders that are made by tools, or are of use only here.
const LEFT_OUT: [&str; 12] =
    ["node_modules", "target", "venv", ".venv", "build", "dist", "__pycache__", "vendor", "examples", "tests", "test", "conformance"];

fn main() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for room in ["wit", "sdk"] {
        walk(&top.join(room), room, false, &mut files);
    }
    files.sort();
    let mut code = String::from("pub(crate) static FILES: &[(&str, &str)] = &[\n");
    for (name, path) in files {
        code += &format!("    ({name:?}, include_str!({path:?})),\n");
    }
    code.push_str("];\n");
    let out = env::var_os("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("embedded.rs"), code).expect("the build folder can be written");
}

/// `template`: within one, every folder belongs to a project. What is watched is files, and templates as a whole: a watched
/// folder is watched to its depths, and tools put into the SDKs' what is of no use here.
fn walk(folder: &Path, name: &str, template: bool, files: &mut Vec<(String, String)>) {
    if template {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    let mut entries: Vec<_> = fs::read_dir(folder).expect("the folder is there").filter_map(Result::ok).collect();
    entries.sort_by_key(|entry| entry.file_name());
    for entry in entries {
        let file = entry.file_name().to_string_lossy().into_owned();
        let (path, name) = (entry.path(), format!("{name}/{file}"));
        let made = ["node_modules", "target", "__pycache__", "build", ".venv", "vendor"].contains(&file.as_str());
        if path.is_dir() {
            if made || (!template && LEFT_OUT.contains(&file.as_str())) {
                continue;
            }
            walk(&path, &name, template || file.starts_with("template"), files);
        } else if fs::read_to_string(&path).is_ok() && !file.starts_with('.') && file != "Cargo.lock" && !file.ends_with("-lock.json") {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push((name, path.canonicalize().expect("it is there").display().to_string()));
        }
    }
}
