//! How long a component takes that no cache has: compiled again and again, by the limits of the profile that its language
//! needs. What `script/conformance` has built lies there for every language.

use crate::table;
use crossdock_sandbox::{Limits, Sandbox, Settings, Terms};
use serde::Serialize;
use std::{fs, path::PathBuf};

#[derive(Serialize)]
struct Row {
    component: String,
    size_kib: usize,
    compile_ms_p50: u64,
    compile_ms_max: u64,
}

/// Compiles each so many times.
pub(crate) async fn run(components: &[PathBuf], rounds: usize, json: bool) {
    let sandbox = Sandbox::new(Settings { cache: None, ..Settings::default() }).unwrap_or_else(|fault| panic!("{fault}"));
    let mut rows = Vec::new();
    for component in components {
        let bytes = fs::read(component).unwrap_or_else(|error| panic!("{}: {error}: script/conformance builds them", component.display()));
        let mut times = Vec::new();
        for _ in 0..rounds {
            let terms = Terms { limits: Limits::scripted(), ..Terms::default() };
            let loaded = sandbox.load("component", bytes.clone(), terms).await.unwrap_or_else(|fault| panic!("{}: {fault}", component.display()));
            times.push(u64::try_from(loaded.facts().compile_time.as_millis()).unwrap_or(u64::MAX));
        }
        let most = times.iter().copied().max().unwrap_or(0);
        let row = Row {
            component: component.display().to_string(),
            size_kib: bytes.len() / 1024,
            compile_ms_p50: table::quantile(&mut times, 500),
            compile_ms_max: most,
        };
        rows.push(row);
    }
    table::print(&rows, json);
}
