//! The command line of `crossdock schema` and `crossdock fit`, as clap reads it. No behaviour.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to do with the ERP's tables.
#[derive(Subcommand)]
#[command(after_help = "Examples:
  crossdock schema read                            the facade's field list, and the files of [schema]
  crossdock schema read --from SOMAST01.DBF --from SOTRAN01.DBF
  crossdock schema compare || mail -s 'the ERP has changed' integrator

Columns with card data or passwords are never read. A running host compares every night and writes an alert.")]
pub(crate) enum Schema {
    /// Read the tables as they are now, and keep them: what is compared with from now on
    Read(From),
    /// Show the tables that are kept
    Show,
    /// Compare the tables as they are now with those that are kept; exit code 1 when something changed
    Compare(From),
}

/// Where tables are read.
#[derive(Args)]
pub(crate) struct From {
    /// `erp` for the field list of the ERP's connection, or a table on disk; may be repeated. By default all that the
    /// settings name.
    #[arg(long, value_name = "erp|FILE.dbf")]
    pub from: Vec<PathBuf>,
}

/// Which orders are held against which tables.
#[derive(Args)]
#[command(after_help = "Examples:
  crossdock fit --orders last:1000
  crossdock fit --from my-orders/ --schema live --articles
  crossdock fit --schema SOMAST01.json --json

Orders are mapped as the shop sent them, before any rule, and as if all of each shipped from the first warehouse. Nothing is
sent. The report names orders and lengths, never what customers wrote. Exit code 0, whatever it finds.")]
pub(crate) struct Fit {
    /// The newest orders of the store.
    #[arg(long, default_value = "last:1000", value_name = "last:N", value_parser = last)]
    pub orders: usize,
    /// The order files of this directory instead, in any shop's format.
    #[arg(long, value_name = "DIR", conflicts_with = "orders")]
    pub from: Option<PathBuf>,
    /// `kept`: the tables that were read last; `live`: those of the ERP now; or a file: a table on disk, or one that
    /// `schema read` wrote.
    #[arg(long, default_value = "kept", value_name = "kept|live|FILE")]
    pub schema: PathBuf,
    /// Only orders of this shop, by its template; needed where several shops have templates of their own.
    #[arg(long, value_name = "NAME", conflicts_with = "from")]
    pub shop: Option<String>,
    /// Ask the ERP which articles it has; others count as unmapped.
    #[arg(long)]
    pub articles: bool,
}

fn last(text: &str) -> Result<usize, String> {
    let number = text.strip_prefix("last:").and_then(|number| number.parse().ok()).filter(|number| *number > 0);
    number.ok_or_else(|| "write last: and a number, for example last:1000".into())
}
