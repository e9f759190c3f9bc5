//! `crossdock close` and `crossdock ledger`, as clap reads them.

use clap::{Args, Subcommand};
use crossdock_flow::finance::Month;

/// Which month, and what to do with it.
#[derive(Args)]
#[command(after_help = "Examples:
  crossdock close --month 2026-10
  crossdock close --month 2026-10 --live --json
  crossdock close --month 2026-10 --lock       nothing more is posted in it: what comes late is a correction")]
pub(crate) struct Close {
    /// The month, such as 2026-10.
    #[arg(long, value_name = "YEAR-MONTH", value_parser = month)]
    pub month: Month,
    /// Ask both sides what they have now, instead of what is kept.
    #[arg(long)]
    pub live: bool,
    /// Lock the month when nothing is listed; both sides are asked first.
    #[arg(long)]
    pub lock: bool,
}

/// What to do with the ledger.
#[derive(Subcommand)]
pub(crate) enum Ledger {
    /// List entries, the latest first
    #[command(after_help = "Examples:
  crossdock ledger list --month 2026-10
  crossdock ledger list --order 4711 --json")]
    List {
        /// Only dated in this month, such as 2026-10.
        #[arg(long, value_name = "YEAR-MONTH", value_parser = month)]
        month: Option<Month>,
        /// Only of this order.
        #[arg(long, value_name = "ORDER")]
        order: Option<String>,
        /// Which shop's order, where several have one of this number.
        #[arg(long, value_name = "NAME", requires = "order")]
        shop: Option<String>,
        /// At most so many; 0 for all.
        #[arg(long, default_value_t = 50)]
        most: usize,
    },
    /// Show an entry with its legs
    #[command(after_help = "Examples:
  crossdock ledger show payment/tx-91
  crossdock ledger show dispute-opened/dp-4 --json")]
    Show {
        /// What happened and its id, as `ledger list` shows it.
        entry: String,
    },
}

fn month(text: &str) -> Result<Month, String> {
    Month::parse(text).map_err(|fault| fault.message)
}
