//! What is measured, and against whom. Compare figures of one run only: machines are noisy.

mod cold;
mod hooks;
mod mapping;
mod native;
mod pipeline;
mod rule;
mod start;
mod table;

use clap::Parser;

/// Benchmarks of Crossdock.
#[derive(Parser)]
#[command(name = "crossdock-bench", after_help = "Run it by script/bench: it builds the program and the plugins first.")]
enum Command {
    /// One hook call in a fresh, fully metered sandbox, beside the same rule in plain Rust
    Hooks(hooks::Hooks),
    /// Instructions of the processor that a hook call and an order take, beside those of the last release
    Instructions(hooks::Instructions),
    /// One document by a mapping template of 30 rows and 5 expressions, beside plain paths
    Mapping(mapping::Documents),
    /// Orders per second from webhook to ERP, beside a hand-written pipeline of the same flow without plugins
    Pipeline(pipeline::Pipeline),
    /// From exec to ready with many plugins in the cache, and the memory of each
    Start(start::Start),
    /// The hand-written pipeline, as a process of its own (used by `pipeline`)
    #[command(hide = true)]
    Native(native::Native),
}

/// The program that was built together with this one: the same profile, or it would be measured as something else.
fn beside() -> std::path::PathBuf {
    std::env::current_exe().map(|this| this.with_file_name("crossdock")).unwrap_or_else(|_| "crossdock".into())
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap_or_else(|error| panic!("no runtime: {error}"));
    runtime.block_on(async {
        match Command::parse() {
            Command::Hooks(hooks) => hooks.run().await,
            Command::Instructions(instructions) => instructions.run().await,
            Command::Mapping(documents) => documents.run(),
            Command::Pipeline(pipeline) => pipeline.run().await,
            Command::Start(start) => start.run().await,
            Command::Native(native) => native.run().await,
        }
    });
}
