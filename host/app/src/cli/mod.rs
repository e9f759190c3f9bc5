//! The command line, as clap reads it. No behaviour.

mod mapping;
mod money;
mod plugin;
mod schema;
mod sync;

use clap::{Args, Parser, Subcommand, ValueEnum};
use crossdock_flow::{
    Code, Decimal,
    desk::Choice,
    record::{RecordId, State},
    written::parse_duration,
};
use jiff::Timestamp;
pub(crate) use mapping::Mapping;
pub(crate) use money::{Close, Ledger};
pub(crate) use plugin::{Against, Plugin, Try};
pub(crate) use schema::{Fit, Schema};
use std::{path::PathBuf, time::Duration};
pub(crate) use sync::{Erase, Sync};

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
  crossdock parked list                  what waits for a person, the dearest first
  crossdock plugin new my-rule           begin a rule of your own

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
    /// Write, try, install and look at plugins
    #[command(subcommand)]
    Plugin(Plugin),
    /// Check, test and look at mapping templates
    #[command(subcommand)]
    Mapping(Mapping),
    /// Read, show and compare the ERP's tables: fields, types, widths
    #[command(subcommand)]
    Schema(Schema),
    /// Say which of the last orders would be cut, refused or unmapped by the ERP, field by field
    Fit(Fit),
    /// Look at orders
    #[command(subcommand)]
    Orders(Orders),
    /// Work on what waits for a person: held, parked and rejected orders
    #[command(subcommand)]
    Parked(Parked),
    /// Look at goods and people that are kept alike on both sides
    #[command(subcommand)]
    Sync(Sync),
    /// Join a month's payouts, payments, refunds, disputes, fees and entries, and list what does not match; exit code 1 then
    Close(Close),
    /// Look at the ledger's entries
    #[command(subcommand)]
    Ledger(Ledger),
    /// Look at the corrections that are made by themselves
    #[command(subcommand)]
    Corrections(Corrections),
    /// Compare both sides' books: what is missing, extra, or differs by a cent
    Books {
        /// How far back.
        #[arg(long, default_value = "26h", value_parser = duration, value_name = "TIME")]
        since: Duration,
        #[command(flatten)]
        of: OfShop,
    },
    /// Print what happened to every record, with time, cause and actor; with --json one line each
    #[command(after_help = "Examples:
  crossdock audit --order 4711
  crossdock audit --since 2026-11-01T00:00:00Z --json > november.jsonl
  crossdock audit --sync --order W-1042       what people did to a customer")]
    Audit(Audit),
    /// Write a whole, consistent copy of the store, while everything goes on
    Backup {
        /// Where to; must not exist.
        file: PathBuf,
    },
    /// Put a backup in the place of the store, while no host runs; what stood there is kept beside it
    Restore {
        /// A file that `crossdock backup` wrote.
        file: PathBuf,
    },
    /// Show what a person should know: plugins out of service, partners that do not answer, books that differ
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
        #[command(flatten)]
        of: OfShop,
    },
    /// Show where an order stands
    Show(Order),
    /// Tell the whole story of an order: every rule, what it changed, why, what it cost
    Explain(Order),
    /// Let a parked or rejected order run again with the rules of today; a held one passes its hold
    Retry(Order),
    /// Ask the shop now what changed, as a running host does by itself, and take in what no webhook brought
    Poll {
        /// How far back; by default since the last time.
        #[arg(long, value_parser = duration, value_name = "TIME")]
        since: Option<Duration>,
        #[command(flatten)]
        of: OfShop,
    },
    /// Compare to the cent what was sold, what was paid and what the ERP has; exit code 1 where it differs
    #[command(after_help = "Examples:
  crossdock orders certify 4711
  crossdock orders certify 4711 --live --json")]
    Certify {
        #[command(flatten)]
        order: Order,
        /// Ask the ERP what it has now, of documents and of journal entries, instead of what it took.
        #[arg(long)]
        live: bool,
    },
    /// Erase the customer's data of an order that has come to its end; amounts, numbers and times stay
    Erase {
        #[command(flatten)]
        order: Order,
        #[command(flatten)]
        by: By,
    },
    /// Take in order files in the shop's format, as if the shop had sent them
    Import {
        /// A JSON file, or a directory of them.
        path: PathBuf,
        #[command(flatten)]
        of: OfShop,
    },
}

/// Which order.
#[derive(Args)]
pub(crate) struct Order {
    /// The shop's order number.
    pub order: String,
    #[command(flatten)]
    pub of: OfShop,
}

/// Which of several shops.
#[derive(Args)]
pub(crate) struct OfShop {
    /// Only of this shop, by its connection's name; needed where several have an order of the number.
    #[arg(long, value_name = "NAME")]
    pub shop: Option<String>,
}

/// What to do with stopped orders.
#[derive(Subcommand)]
pub(crate) enum Parked {
    /// List what waits, the dearest and oldest first
    #[command(after_help = "Examples:
  crossdock parked list --code E401 --older 2h
  crossdock parked list --over 1000 --json")]
    List {
        #[command(flatten)]
        chosen: Chosen,
        /// What stands first.
        #[arg(long, value_enum, default_value = "worth")]
        sort: Sort,
        /// At most so many; 0 for all.
        #[arg(long, default_value_t = 50)]
        most: usize,
    },
    /// Show what stopped an order, its story, and what would probably mend it
    Show {
        #[command(flatten)]
        order: Order,
        /// Print the event, too: it holds the customer's data.
        #[arg(long)]
        body: bool,
    },
    /// Correct a copy of the event; the original stays as it came
    Edit(Edit),
    /// Let them run again with the rules and the mapping of today
    #[command(after_help = "Examples:
  crossdock parked retry 4711
  crossdock parked retry --code E406 --newer 1d
  crossdock parked retry --all --dry-run")]
    Retry(Decide),
    /// Give them up: they never run again. What may be in the ERP cannot be given up
    Discard(Decide),
    /// Print them as JSON lines, with the original bytes, every edit, attempt and audit line
    Export {
        #[command(flatten)]
        chosen: Chosen,
    },
}

/// What is decided on, by whom and why.
#[derive(Args)]
pub(crate) struct Decide {
    #[command(flatten)]
    pub chosen: Chosen,
    /// Only show which.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub by: By,
}

/// What stands first in a list.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sort {
    /// The dearest, and of the same worth the oldest.
    Worth,
    /// The oldest.
    Age,
}

/// How to correct.
#[derive(Args)]
#[command(after_help = "Examples:
  crossdock parked edit 4711 --set 'data.lineItems[0].sku=LAMP-DESK-01' --why 'typing error in the shop' --retry
  crossdock parked edit 4711 --accept 1 --remember --why 'this shop writes decimal commas'")]
pub(crate) struct Edit {
    /// The shop's order number; `event:ID` for an event that could not be read.
    pub order: String,
    #[command(flatten)]
    pub of: OfShop,
    /// Which record, where several of the order wait.
    #[arg(long)]
    pub record: Option<RecordId>,
    /// Put this value at this place; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
    /// Make this suggestion of `parked show`; may be repeated.
    #[arg(long, value_name = "N")]
    pub accept: Vec<usize>,
    /// Take this file as the whole corrected event.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["set", "accept", "remember"])]
    pub file: Option<PathBuf>,
    /// Make the same correction by itself from now on.
    #[arg(long)]
    pub remember: bool,
    /// Let it run again at once.
    #[arg(long)]
    pub retry: bool,
    #[command(flatten)]
    pub by: By,
}

/// Who does it, and why: for the audit.
#[derive(Args)]
pub(crate) struct By {
    /// Why, in words.
    #[arg(long, value_name = "TEXT")]
    pub why: Option<String>,
    /// Who.
    #[arg(long, env = "USER", default_value = "operator", value_name = "NAME")]
    pub by: String,
}

/// Which stopped records are meant.
#[derive(Args)]
pub(crate) struct Chosen {
    /// Only these orders.
    pub orders: Vec<String>,
    /// Only these records.
    #[arg(long, value_name = "N")]
    pub record: Vec<RecordId>,
    /// Only with this fault, for example E401; may be repeated.
    #[arg(long, value_parser = parse_code, value_name = "CODE")]
    pub code: Vec<Code>,
    /// Only in this state; may be repeated.
    #[arg(long, value_parser = parse_waiting, value_name = "STATE")]
    pub state: Vec<State>,
    /// Only by this connection: of this shop, where there are several.
    #[arg(long, value_name = "NAME", visible_alias = "shop")]
    pub connection: Option<String>,
    /// Only those that came longer ago, for example 2h.
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub older: Option<Duration>,
    /// Only those that came since, for example 1d.
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub newer: Option<Duration>,
    /// Only those worth at least so much, in any currency.
    #[arg(long, value_name = "AMOUNT")]
    pub over: Option<Decimal>,
    /// Only those worth at most so much, in any currency.
    #[arg(long, value_name = "AMOUNT")]
    pub under: Option<Decimal>,
    /// All that wait.
    #[arg(long)]
    pub all: bool,
}

impl Chosen {
    /// The choice.
    pub(crate) fn choice(&self) -> Choice {
        Choice {
            states: self.state.clone(),
            orders: self.orders.clone(),
            records: self.record.clone(),
            codes: self.code.clone(),
            connection: self.connection.clone(),
            older: self.older,
            newer: self.newer,
            least: self.over,
            most: self.under,
        }
    }
}

/// What to do with remembered corrections.
#[derive(Subcommand)]
pub(crate) enum Corrections {
    /// List them
    List,
    /// Make one no more
    Forget {
        /// Its number.
        number: i64,
        #[command(flatten)]
        by: By,
    },
}

/// Which lines of the audit.
#[derive(Args)]
pub(crate) struct Audit {
    /// Only of this order; with --sync, of this key.
    #[arg(long, value_name = "ORDER")]
    pub order: Option<String>,
    /// Which shop's order, where several have one of this number.
    #[arg(long, value_name = "NAME", requires = "order")]
    pub shop: Option<String>,
    /// What people did to goods, people and money, instead of what happened to orders.
    #[arg(long)]
    pub sync: bool,
    /// Not before, for example 2026-11-01T00:00:00Z.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<Timestamp>,
    /// Before.
    #[arg(long, value_name = "WHEN")]
    pub until: Option<Timestamp>,
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "a number and s, m, h or d, for example 2h".into())
}

fn parse_code(text: &str) -> Result<Code, String> {
    let known = Code::ALL.iter().find(|code| code.id().eq_ignore_ascii_case(text));
    known.copied().ok_or_else(|| "a code of docs/faults.md, for example E401".into())
}

fn parse_waiting(name: &str) -> Result<State, String> {
    let known = crossdock_flow::desk::WAITING;
    known.into_iter().find(|state| state.name() == name).ok_or_else(|| format!("one of {}", known.map(State::name).join(", ")))
}

fn parse_state(name: &str) -> Result<State, String> {
    name.parse().map_err(|()| format!("one of {}", State::ALL.map(State::name).join(", ")))
}
