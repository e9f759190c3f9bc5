//! The command line, as clap reads it. No behaviour.

use clap::{Args, Parser, Subcommand};
use crossdock_flow::record::State;
use std::path::PathBuf;

/// Orders flow from the shop to the ERP, through sandboxed rules.
#[derive(Parser)]
#[command(name = "crossdock", version, about = "Orders flow from the shop to the ERP, through sandboxed rules", propagate_version = true, max_term_width = 120, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// The settings file.
    #[arg(long, short, global = true, default_value = "crossdock.toml", env = "CROSSDOCK_SETTINGS", value_name = "FILE")]
    pub settings: PathBuf,
    /// Print JSON for programs instead of text for people.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "Examples:
  crossdock demo                         see it work, with a simulated shop and ERP
  crossdock check                        find every mistake of crossdock.toml
  crossdock run                          run the integration
  crossdock orders explain 4711          what happened to order 4711, and why

Exit codes: 0 all is well, 1 something is wrong (the message says what), 2 the command line is not understood.";

/// The commands.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Check the settings file: all mistakes at once, each with line and cure
    Check,
    /// Run the integration until it is told to stop
    Run(Run),
    /// Show the whole way with a simulated shop and a simulated ERP
    Demo(Demo),
    /// Look at plugins
    #[command(subcommand)]
    Plugin(Plugin),
    /// Look at orders
    #[command(subcommand)]
    Orders(Orders),
    /// Show what a person should know: plugin versions taken out of service, and back
    Alerts {
        /// At most so many, newest first; 0 for all.
        #[arg(long, default_value_t = 50)]
        most: usize,
    },
    /// Look at the machine and the settings: versions, kernel features, limits, and what is unsafe
    Doctor,
    /// Print the completions of a shell, for example: crossdock completions bash > /etc/bash_completion.d/crossdock
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// How to run.
#[derive(Args)]
#[command(after_help = "Logs go to stderr: CROSSDOCK_LOG=debug for more (as in tracing's EnvFilter), --log-json for programs.")]
pub(crate) struct Run {
    /// Write logs as JSON lines.
    #[arg(long)]
    pub log_json: bool,
    /// Write the address that is listened on to this file once it is ready: for scripts that let the system choose a port.
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
}

/// What to show.
#[derive(Args)]
#[command(after_help = "Examples:
  crossdock demo                     200 orders, a table, three explained orders
  crossdock demo --keep              leave it running afterwards
  crossdock demo --from my-orders/   your own order files, in Clarity's format
  crossdock demo --json              one JSON object")]
pub(crate) struct Demo {
    /// How many orders the simulated shop sends.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    pub orders: u32,
    /// Send the order files of this directory instead.
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
    /// Leave everything running afterwards, until Ctrl-C.
    #[arg(long)]
    pub keep: bool,
    /// Where plugins are.
    #[arg(long, default_value = "plugins", value_name = "DIR")]
    pub plugins: PathBuf,
    /// Where the demo keeps its files; emptied at the start.
    #[arg(long, default_value = "demo-data", value_name = "DIR")]
    pub data: PathBuf,
}

/// What to do with plugins.
#[derive(Subcommand)]
pub(crate) enum Plugin {
    /// List the plugins of the plugin directory
    List,
    /// Show what a plugin answers, imports, needs and may use
    Inspect {
        /// A .wasm file, or the name of a plugin in the plugin directory.
        plugin: PathBuf,
    },
    /// Put a plugin that was taken out of service back into it
    Release {
        /// The plugin's name.
        plugin: String,
    },
    /// Run a plugin on sample input in the real sandbox; exit 0 only when it is well
    Rehearse {
        /// A .wasm file, or the name of a plugin in the plugin directory.
        plugin: PathBuf,
    },
}

/// What to do with orders.
#[derive(Subcommand)]
pub(crate) enum Orders {
    /// List orders, newest first
    List {
        /// Only in this state; may be repeated.
        #[arg(long, value_name = "STATE", value_parser = parse_state)]
        state: Vec<State>,
        /// At most so many; 0 for all.
        #[arg(long, default_value_t = 50)]
        most: usize,
    },
    /// Show where an order stands
    Show {
        /// The shop's order number.
        order: String,
    },
    /// Tell the whole story of an order: every rule, what it changed, why, what it cost
    Explain {
        /// The shop's order number.
        order: String,
    },
    /// Let a parked or rejected order run again with the rules of today; a held one passes its hold
    Retry {
        /// The shop's order number.
        order: String,
    },
    /// Take in order files in the shop's format, as if the shop had sent them
    Import {
        /// A JSON file, or a directory of them.
        path: PathBuf,
    },
}

fn parse_state(name: &str) -> Result<State, String> {
    name.parse().map_err(|()| format!("one of {}", State::ALL.map(State::name).join(", ")))
}
