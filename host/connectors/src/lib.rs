//! The systems that orders come from and go to, one file or folder each. What the flow asks of them stands in
//! `flow::source` and `flow::target`; nothing here decides what happens to an order.

mod amount;
mod canonical;
pub mod clarity;
mod explain;
pub mod folder;
mod http;
mod number;
pub mod outbound;
pub mod sagepro;
mod scalar;
mod seal;
mod secret;
pub mod shopify;
pub mod woocommerce;

pub use secret::Secret;

/// Every kind of system we can talk to, as the settings name it. A new one is a new module and an entry here.
pub const KINDS: &[&str] = &[clarity::KIND, folder::KIND, sagepro::KIND, shopify::KIND, woocommerce::KIND];
