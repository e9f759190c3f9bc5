//! The command line of `crossdock mapping`, as clap reads it. No behaviour.

use clap::Subcommand;
use std::path::PathBuf;

/// What to do with mapping templates.
#[derive(Subcommand)]
#[command(after_help = "Examples:
  crossdock mapping check acme.toml
  crossdock mapping test acme.toml
  crossdock mapping preview --order 4711
  crossdock mapping explain PaymentTerms

A template is a file, or the name of one that comes with the host (clarity-sagepro, clarity-sagepro-native); without one it is
the template of the settings. The language is in docs/mapping.md.")]
pub(crate) enum Mapping {
    /// Check a template: all mistakes at once, each with file, line and cure
    Check {
        /// A file, or the name of a shipped template.
        template: Option<String>,
    },
    /// Run the cases beside a template, and say which rows they exercise
    #[command(after_help = "Examples:
  crossdock mapping test acme.toml
  crossdock mapping test acme.toml --bless         write down today's documents as the expected ones
  crossdock mapping test clarity-sagepro --cases cases/

Cases are folders in NAME.tests beside NAME.toml, each with order.json and expected.json or fault.txt; lookups.toml and
shipments.json may stand there. Exit 0 only when every case holds.")]
    Test {
        /// A file, or the name of a shipped template.
        template: Option<String>,
        /// The folder of the cases instead.
        #[arg(long, value_name = "DIR")]
        cases: Option<PathBuf>,
        /// Write what comes down as what is expected.
        #[arg(long)]
        bless: bool,
    },
    /// Show source, row and result side by side for one order; it shows customer data
    #[command(after_help = "Examples:
  crossdock mapping preview --order 4711
  crossdock mapping preview order.json --template acme.toml

The order is taken as the shop sent it, before any rule, and as if all of it shipped from the first warehouse. A fault of one
row does not stop the others; exit 1 when there is one.")]
    Preview {
        /// An order file, or an event as the shop sends it.
        #[arg(required_unless_present = "order", conflicts_with = "order", value_name = "FILE")]
        input: Option<PathBuf>,
        /// An order in the store.
        #[arg(long, value_name = "ORDER")]
        order: Option<String>,
        /// Which shop's order, where several have one of this number.
        #[arg(long, value_name = "NAME", requires = "order")]
        shop: Option<String>,
        /// Another template than that of the settings: a file, or a shipped name.
        #[arg(long, value_name = "TEMPLATE")]
        template: Option<String>,
    },
    /// Tell where a field of the ERP comes from: its row, file and line, type, width, policy and table
    #[command(after_help = "Examples:
  crossdock mapping explain PaymentTerms
  crossdock mapping explain LineItems.ItemCode --template acme.toml")]
    Explain {
        /// The field, as the ERP or a fault names it.
        field: String,
        /// Another template than that of the settings: a file, or a shipped name.
        #[arg(long, value_name = "TEMPLATE")]
        template: Option<String>,
    },
}
