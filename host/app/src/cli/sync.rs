//! `crossdock sync`, as clap reads it.

use clap::{Args, Subcommand};
use crossdock_flow::entity::echo::Kind;

/// What to do with goods and people.
#[derive(Subcommand)]
pub(crate) enum Sync {
    /// List what was kept alike, the latest first
    #[command(after_help = "Examples:
  crossdock sync list --parked
  crossdock sync list --flow products --json")]
    List {
        /// Only what waits for a person.
        #[arg(long)]
        parked: bool,
        /// Only of this flow, as [sync.NAME] names it.
        #[arg(long, value_name = "NAME")]
        flow: Option<String>,
        /// At most so many; 0 for all.
        #[arg(long, default_value_t = 50)]
        most: usize,
    },
    /// Tell what happened to one of them: what was compared, sent and answered
    #[command(after_help = "Examples:
  crossdock sync explain product LAMP-DESK-01
  crossdock sync explain stock LAMP-DESK-01@TOR
  crossdock sync explain customer W-1042 --json
  crossdock sync explain refund re-88")]
    Explain {
        /// product, customer, stock, shipment, invoice, payment, refund, dispute or payout.
        #[arg(value_parser = kind)]
        kind: Kind,
        /// Its key on the side that it comes from.
        key: String,
    },
    /// Let parked ones run again
    #[command(after_help = "Examples:
  crossdock sync retry customer W-1042
  crossdock sync retry --all")]
    Retry(Retry),
}

/// Which ones.
#[derive(Args)]
pub(crate) struct Retry {
    /// product, customer, stock, shipment, invoice, payment, refund, dispute or payout.
    #[arg(value_parser = kind, required_unless_present = "all", requires = "key")]
    pub kind: Option<Kind>,
    /// Its key on the side that it comes from.
    pub key: Option<String>,
    /// All that are parked.
    #[arg(long, conflicts_with = "kind")]
    pub all: bool,
}

fn kind(name: &str) -> Result<Kind, String> {
    let known = name.parse().ok().filter(|kind| !matches!(kind, Kind::Order | Kind::Entry));
    known.ok_or_else(|| "one of product, customer, stock, shipment, invoice, payment, refund, dispute, payout".into())
}
