//! `crossdock sync`, as clap reads it.

use super::By;
use clap::{Args, Subcommand};
use crossdock_flow::entity::{Side, echo::Kind};

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
    /// Erase what is kept of a customer, on both sides; keys, states and times stay
    #[command(after_help = "Examples:
  crossdock sync erase customer W-1042 --why 'the customer asked'
  crossdock sync erase customer C00017 --side erp
  crossdock sync erase customer W-1042 --force     although it is due, sending or parked: it is given up

Both sides keep what they have: erase it there first, or it comes back with their next change of it.")]
    Erase(Erase),
}

/// Whose data.
#[derive(Args)]
pub(crate) struct Erase {
    /// customer, or another kind of row: product, stock, shipment, invoice, payment, refund, dispute or payout.
    #[arg(value_parser = kind)]
    pub kind: Kind,
    /// Its key, on either side.
    pub key: String,
    /// Only as this side knows the key: where each side has another one of it.
    #[arg(long, value_parser = side, value_name = "shop|erp")]
    pub side: Option<Side>,
    /// Although it is due, sending or parked: it is given up.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub by: By,
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
    #[command(flatten)]
    pub by: By,
}

fn side(name: &str) -> Result<Side, String> {
    match name {
        "shop" => Ok(Side::Shop),
        "erp" => Ok(Side::Erp),
        _ => Err("shop or erp".into()),
    }
}

fn kind(name: &str) -> Result<Kind, String> {
    let known = name.parse().ok().filter(|kind| !matches!(kind, Kind::Order | Kind::Entry));
    known.ok_or_else(|| "one of product, customer, stock, shipment, invoice, payment, refund, dispute, payout".into())
}
