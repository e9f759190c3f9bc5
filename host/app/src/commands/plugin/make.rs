//! `crossdock plugin new | build`: a project from nothing, and its component from the project.

use super::{Failure, Home, look};
use crate::screen::{Screen, Tone};
use crossdock_flow::{Code, Fault, hook::Hook};
use crossdock_sandbox::Sandbox;
use crossdock_workshop::{
    build,
    project::{Language, Project},
    scaffold,
};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    time::Instant,
};

pub(super) fn new(name: &str, language: Language, hooks: &[Hook], dir: Option<&Path>, screen: &Screen) -> Result<(), Failure> {
    if let Some(hook) = hooks.iter().find(|hook| !language.hooks().contains(hook)) {
        let can = language.hooks().iter().map(|hook| hook.name()).collect::<Vec<_>>().join(", ");
        let told = format!("the SDK for {language} has no {hook}, so there is no template for it; it has {can}. The SDK for rust has all hooks");
        return Err(Fault::new(Code::NoTemplate, told).into());
    }
    let folder = dir.unwrap_or(Path::new(name));
    let files = scaffold::files(name, language, hooks);
    scaffold::write(folder, &files).map_err(|error| Failure::text(format!("{}: {error}", folder.display())))?;
    if screen.is_json() {
        return screen.json(&json!({ "name": name, "language": language.name(), "hooks": hooks, "folder": folder, "files": files.len() }));
    }
    let folder = folder.display();
    screen.line(format!("{} {folder}: a plugin in {language}, {} files", screen.tone(Tone::Good, "ok"), files.len()));
    screen.line(format!("   next: crossdock plugin run {folder}      build it, and run it on a sample order"));
    screen.line(format!("         crossdock plugin test {folder}     its golden cases, and what should be true of every rule"));
    screen.line(format!("         crossdock plugin install {folder}  into the plugin directory"));
    Ok(())
}

/// Builds a project; says so where that takes long.
pub(super) fn component(project: &Project, screen: &Screen) -> Result<PathBuf, Failure> {
    let bar = screen.progress(0, &format!("building {}", project.name));
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    let built = build::build(project);
    bar.finish_and_clear();
    built.map_err(|broken| Failure::text(broken.to_string()))
}

pub(super) async fn build(home: &Home, sandbox: &Sandbox, dir: &Path, screen: &Screen) -> Result<(), Failure> {
    let project = Project::read(dir).map_err(Failure::Mistakes)?;
    let started = Instant::now();
    let file = component(&project, screen)?;
    let built = started.elapsed();
    let opened = home.of_project(project, file);
    let loaded = home.load(sandbox, &opened).await?;
    let facts = loaded.facts();
    let hooks: Vec<&str> = loaded.hooks().iter().map(|hook| hook.name()).collect();
    if screen.is_json() {
        return screen.json(&json!({
            "name": opened.name, "file": opened.file, "sha256": facts.sha256, "size": facts.size, "hooks": hooks, "imports": facts.imports,
            "build_ms": built.as_millis(), "compile_ms": facts.compile_time.as_millis(), "from_cache": facts.from_cache,
        }));
    }
    let compiled = if facts.from_cache { "compiled before".to_owned() } else { format!("compiled in {} ms", facts.compile_time.as_millis()) };
    let needs = look::capabilities(facts);
    screen.line(format!(
        "{} {}: {} KiB, {}, {} imports{}, built in {:.1} s, {compiled}",
        screen.tone(Tone::Good, "ok"),
        opened.file.display(),
        facts.size / 1024,
        hooks.join(" "),
        facts.imports.len(),
        if needs.is_empty() { String::new() } else { format!(" (asks for {})", needs.join(", ")) },
        built.as_secs_f32(),
    ));
    Ok(())
}
