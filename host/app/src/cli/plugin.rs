//! The command line of `crossdock plugin`, as clap reads it. No behaviour.

use clap::{Args, Subcommand};
use crossdock_flow::hook::Hook;
use crossdock_workshop::project::{self, Language};
use std::path::PathBuf;

/// What to do with plugins.
#[derive(Subcommand)]
#[command(after_help = "Examples:
  crossdock plugin new my-discount --lang rust --hooks pre-map
  crossdock plugin run my-discount --input order.json
  crossdock plugin test my-discount
  crossdock plugin install my-discount")]
pub(crate) enum Plugin {
    /// Begin a plugin: a project that builds, tests and runs as it is
    #[command(after_help = "Examples:
  crossdock plugin new my-discount
  crossdock plugin new my-routing --lang python --hooks route-order
  crossdock plugin new my-rules --lang ts --hooks pre-map,post-map
  crossdock plugin new my-customers --hooks pre-map-customer,pre-map-product    in Rust")]
    New {
        /// Its name; a folder of this name is made here.
        #[arg(value_parser = name)]
        name: String,
        /// The language: rust, js, ts, python, go or c.
        #[arg(long, default_value = "rust", value_parser = language, value_name = "LANGUAGE")]
        lang: Language,
        /// The hooks that it answers: pre-map, route-order, post-map; in Rust pre-map-customer and pre-map-product, too.
        #[arg(long, default_value = "pre-map", value_delimiter = ',', value_parser = hook, value_name = "HOOK,…")]
        hooks: Vec<Hook>,
        /// The folder to make instead; must not exist.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Build a plugin project to a component
    Build {
        /// The project's folder.
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Run a plugin on one order in the real sandbox: answer, changes, logs, what it used
    #[command(after_help = "Examples:
  crossdock plugin run my-discount                        a project: built first, run on a sample order
  crossdock plugin run my-discount --input order.json --watch
  crossdock plugin run rule.wasm --hook pre-map --input webhook.json --set breaks.10=5 --json
  crossdock plugin run customer-mapping --hook pre-map-customer --input customer.json

The input is an order file (see docs/order-file.md) or an event as the shop sends it; with --hook pre-map-customer or
pre-map-product it is a customer or product file (docs/order-file.md, too). Settings of the plugin come from
--set, from the order file, from the project's plugin.toml, or from [plugins.NAME.settings] of crossdock.toml.")]
    Run {
        /// A project, a .wasm file, or the name of a plugin in the plugin directory.
        plugin: PathBuf,
        /// The hook; by default each that it answers.
        #[arg(long, value_parser = hook, value_name = "HOOK")]
        hook: Option<Hook>,
        #[command(flatten)]
        with: Try,
        /// Build and run again whenever a file changes.
        #[arg(long)]
        watch: bool,
    },
    /// Test a plugin: its golden cases, what should be true of every rule, and how its fuel grows
    #[command(after_help = "Examples:
  crossdock plugin test my-discount
  crossdock plugin test my-discount --bless        write down today's answers as the expected ones
  crossdock plugin test rule.wasm --cases cases/   a component from elsewhere

Exit 0 only when every case and every property holds.")]
    Test {
        /// A project, a .wasm file, or the name of a plugin in the plugin directory.
        #[arg(default_value = ".")]
        plugin: PathBuf,
        /// The folder of the golden cases; by default `cases` in the project.
        #[arg(long, value_name = "DIR")]
        cases: Option<PathBuf>,
        /// Write the answers down as the expected ones.
        #[arg(long)]
        bless: bool,
        /// Only the golden cases.
        #[arg(long)]
        cases_only: bool,
    },
    /// List the plugins of the plugin directory
    List,
    /// Show what a plugin answers, imports, needs and may use
    Inspect {
        /// A project, a .wasm file, or the name of a plugin in the plugin directory.
        plugin: PathBuf,
    },
    /// Compare two versions: what they are, what they use, and what they answer to the same orders
    #[command(after_help = "Examples:
  crossdock plugin diff segment-discount new/segment-discount.wasm
  crossdock plugin diff old.wasm new.wasm --recorded 500

Exit 0 when they answer alike, 1 when they differ.")]
    Diff {
        /// The old one: a project, a .wasm file, or a name.
        old: PathBuf,
        /// The new one.
        new: PathBuf,
        #[command(flatten)]
        against: Against,
    },
    /// Find plugins whose order at a hook matters: every pair runs both ways round
    #[command(after_help = "Exit 0 when no order matters, 1 when one does.")]
    Conflicts {
        #[command(flatten)]
        against: Against,
    },
    /// Build if need be, rehearse, and put a plugin in the plugin directory; a running host takes it up within a second
    Install {
        /// A project or a .wasm file.
        from: PathBuf,
        /// Under another name than the file's.
        #[arg(long, value_parser = name, value_name = "NAME")]
        name: Option<String>,
    },
    /// Take a plugin out of the plugin directory; the versions that worked are kept
    Remove {
        /// Its name.
        plugin: String,
        /// Although the settings name it: orders that need it are parked.
        #[arg(long)]
        force: bool,
    },
    /// Ask a disabled plugin again
    Enable {
        /// Its name.
        plugin: String,
    },
    /// Let orders go on without a plugin, until it is enabled again
    Disable {
        /// Its name.
        plugin: String,
    },
    /// Put an earlier version that worked back in place
    Rollback {
        /// Its name.
        plugin: String,
        /// The version, by the first digits of its sha256; by default the one before.
        #[arg(long, value_name = "SHA256")]
        to: Option<String>,
    },
    /// Put a plugin that was taken out of service back into it
    Release {
        /// The plugin's name.
        plugin: String,
    },
    /// Run a plugin on sample input in the real sandbox; exit 0 only when it is well
    Rehearse {
        /// A project, a .wasm file, or the name of a plugin in the plugin directory.
        plugin: PathBuf,
    },
}

/// What a plugin is tried with.
#[derive(Args)]
pub(crate) struct Try {
    /// The order, or with their hooks the customer or product; by default a sample.
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// A setting of the plugin; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
}

/// What plugins are compared on.
#[derive(Args)]
pub(crate) struct Against {
    /// Order, customer or product files, or folders of golden cases; by default samples and variations of them.
    #[arg(long, value_name = "PATH")]
    pub input: Vec<PathBuf>,
    /// So many of the newest orders in the store, too.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub recorded: usize,
}

fn name(text: &str) -> Result<String, String> {
    if project::is_name(text) { Ok(text.to_owned()) } else { Err(project::NAME.to_owned()) }
}

fn language(name: &str) -> Result<Language, String> {
    name.parse().map_err(|()| format!("one of {}", Language::ALL.map(Language::name).join(", ")))
}

fn hook(name: &str) -> Result<Hook, String> {
    name.parse().map_err(|()| format!("one of {}", Hook::ALL.map(Hook::name).join(", ")))
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("KEY=VALUE, for example breaks.10=5")?;
    if key.is_empty() { Err("a key is needed before the `=`".into()) } else { Ok((key.to_owned(), value.to_owned())) }
}
