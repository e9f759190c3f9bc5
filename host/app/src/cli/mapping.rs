//! The command line of `crossdock mapping`, as clap reads it. No behaviour.

use clap::{ArgGroup, Args, Subcommand};
use crossdock_flow::entity::echo::Kind;
use std::path::PathBuf;

/// What to do with mapping templates.
#[derive(Subcommand)]
#[command(after_help = "Examples:
  crossdock mapping check acme.toml
  crossdock mapping test acme.toml
  crossdock mapping preview --order 4711
  crossdock mapping explain PaymentTerms

A template is a file, or the name of one that comes with the host (clarity-sagepro, clarity-sagepro-native, and of goods and people
such as clarity-sagepro-customer); it says itself what it is for. Without one it is the template of orders in the settings. The
language is in docs/mapping.md.")]
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

Cases are folders in NAME.tests beside NAME.toml, each with order.json (or entity.json, for goods and people) and expected.json or
fault.txt; lookups.toml and shipments.json may stand there. Exit 0 only when every case holds.")]
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
    /// Show source, row and result side by side for one order, customer, product …; it shows customer data
    #[command(after_help = "Examples:
  crossdock mapping preview --order 4711
  crossdock mapping preview order.json --template acme.toml
  crossdock mapping preview --customer W-1042
  crossdock mapping preview customer.json --template acme-customer.toml

Goods and people are taken as they came last, before any rule; a shipment or an invoice with the ERP's number of its order. The order is taken as the shop sent it, before any rule, and as if all of it shipped from the first warehouse. A fault of one
row does not stop the others; exit 1 when there is one.")]
    #[command(group(ArgGroup::new("what").required(true).args(["input", "order", "customer", "product", "stock", "shipment", "invoice"])))]
    Preview {
        /// An order file, an event as the shop sends it, or an entity in canonical form.
        #[arg(value_name = "FILE")]
        input: Option<PathBuf>,
        /// An order in the store.
        #[arg(long, value_name = "ORDER")]
        order: Option<String>,
        /// Which shop's order, where several have one of this number.
        #[arg(long, value_name = "NAME", requires = "order")]
        shop: Option<String>,
        #[command(flatten)]
        kept: Kept,
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

/// Goods or people in the store, by their key on the side that they come from.
#[derive(Args)]
pub(crate) struct Kept {
    /// A customer.
    #[arg(long, value_name = "KEY")]
    pub customer: Option<String>,
    /// A product.
    #[arg(long, value_name = "SKU")]
    pub product: Option<String>,
    /// A stock level.
    #[arg(long, value_name = "SKU@WAREHOUSE")]
    pub stock: Option<String>,
    /// A shipment.
    #[arg(long, value_name = "NUMBER")]
    pub shipment: Option<String>,
    /// An invoice.
    #[arg(long, value_name = "NUMBER")]
    pub invoice: Option<String>,
}

impl Kept {
    /// The one that is named.
    pub(crate) fn named(&self) -> Option<(Kind, &str)> {
        let all = [
            (Kind::Customer, &self.customer),
            (Kind::Product, &self.product),
            (Kind::Stock, &self.stock),
            (Kind::Shipment, &self.shipment),
            (Kind::Invoice, &self.invoice),
        ];
        all.into_iter().find_map(|(kind, key)| Some((kind, key.as_deref()?)))
    }
}
