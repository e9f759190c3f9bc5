//! From exec to ready, with many plugins whose compiled code is in the cache, and what each of them costs in memory. Every
//! copy is a component of its own: a custom section more makes it another version.

use crate::{cold, table};
use crossdock_stage::{Plan, Stage};
use serde::Serialize;
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How many plugins, how often.
#[derive(clap::Args)]
pub(crate) struct Start {
    /// The program [default: the one that was built beside this]
    #[arg(long, default_value_os_t = crate::beside(), hide_default_value = true)]
    program: PathBuf,
    /// Where the example plugins are.
    #[arg(long, default_value = "plugins")]
    plugins: PathBuf,
    /// How many plugins lie there, one row each.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 100, 1_000])]
    counts: Vec<usize>,
    /// Warm starts of each; the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Compile these components instead, with no cache: one row each
    #[arg(long, num_args = 1.., value_name = "FILE")]
    cold: Vec<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    plugins: usize,
    compile_all_ms: u64,
    warm_start_ms_p50: u64,
    warm_start_ms_max: u64,
    rss_kib: u64,
    rss_kib_per_plugin: u64,
    own_kib: u64,
    own_kib_per_plugin: u64,
}

impl Start {
    pub(crate) async fn run(self) {
        if !self.cold.is_empty() {
            return cold::run(&self.cold, self.rounds, self.json).await;
        }
        let mut rows: Vec<Row> = Vec::new();
        for &count in &self.counts {
            let row = self.measure(count).await;
            let each = |all: u64, first: fn(&Row) -> u64| {
                let others = count as u64 - rows.first().map_or(count, |first| first.plugins) as u64;
                rows.first().map_or(0, |alone| all.saturating_sub(first(alone)) / others.max(1))
            };
            let (rss, own) = (each(row.rss_kib, |row| row.rss_kib), each(row.own_kib, |row| row.own_kib));
            rows.push(Row { rss_kib_per_plugin: rss, own_kib_per_plugin: own, ..row });
        }
        table::print(&rows, self.json);
        if !self.json {
            println!(
                "\nper plugin: beyond the first row; own: without pages of files, which the kernel can drop. The four example plugins by turns, each copy with a hash of its own; median of {} starts with a warm cache",
                self.rounds
            );
        }
    }

    async fn measure(&self, count: usize) -> Row {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("no temporary folder: {error}"));
        let plugins = folder.path().join("plugins");
        let samples = samples(&self.plugins);
        let (name, _) = &samples[0];
        // One of them at most may answer route-order.
        let router = samples.iter().position(|(name, _)| name.contains("routing")).filter(|place| *place < count);
        let router = router.map(|place| format!("route-order = \"{}-{place}\"\n", samples[place].0)).unwrap_or_default();
        let plan = Plan {
            hooks: format!("pre-map = [\"{name}-0\"]\npost-map = []\n{router}"),
            plugin_settings: String::new(),
            log: "error",
            ..Plan::new(&self.program, folder.path().join("data"), &plugins)
        };
        let copy_of = |number: usize| {
            let (name, bytes) = &samples[number % samples.len()];
            copy(name, bytes, &plugins, number)
        };
        // The first start writes the settings; then the command compiles everything, however long that takes.
        let mut stage = Stage::start(plan, &[]).await.unwrap_or_else(|error| panic!("{error}"));
        stage.stop().and_then(|_| (0..count).try_for_each(copy_of)).unwrap_or_else(|error| panic!("{error}"));
        let begun = Instant::now();
        let listed = stage.command(&["plugin", "list"]).unwrap_or_else(|error| panic!("{error}"));
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        let first = millis(begun.elapsed());
        let (mut warm, mut memory) = (Vec::new(), (0, 0));
        for _ in 0..self.rounds {
            let begun = Instant::now();
            stage.restart().await.unwrap_or_else(|error| panic!("{error}"));
            warm.push(millis(begun.elapsed()));
            memory = stage.process().map(resident).unwrap_or_default();
            stage.stop().unwrap_or_else(|error| panic!("{error}"));
        }
        let most = warm.iter().copied().max().unwrap_or(0);
        Row {
            plugins: count,
            compile_all_ms: first,
            warm_start_ms_p50: table::quantile(&mut warm, 500),
            warm_start_ms_max: most,
            rss_kib: memory.0,
            rss_kib_per_plugin: 0,
            own_kib: memory.1,
            own_kib_per_plugin: 0,
        }
    }
}

/// The built example plugins: name and bytes.
pub(crate) fn samples(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "wasm"))
        .filter_map(|path| Some((path.file_stem()?.to_string_lossy().into_owned(), fs::read(&path).ok()?)))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no plugins in {}: script/plugins builds them", folder.display());
    found
}

/// A copy with a custom section more, so that nothing of it is shared by its hash.
pub(crate) fn copy(name: &str, bytes: &[u8], to: &Path, number: usize) -> std::io::Result<()> {
    let text = format!("{number:06}");
    // A custom section of 8 bytes: the length of its name, one letter, and the number.
    let section = [&[0, 8, 1, b'n'], text.as_bytes()].concat();
    fs::write(to.join(format!("{name}-{number}.wasm")), [bytes, &section].concat())
}

/// What a process has resident, and what of it is its own, in KiB. The rest are pages of files, the compiled plugins among
/// them: the kernel drops them when it needs the memory.
fn resident(process: u32) -> (u64, u64) {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let field =
        |name: &str| -> u64 { rollup.lines().filter_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse::<u64>().ok()).sum() };
    (field("Rss:"), field("Anonymous:"))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
