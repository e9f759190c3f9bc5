//! The systems that orders come from and go to, one file or folder each. What the flow asks of them stands in
//! `flow::source` and `flow::target`; nothing here decides what happens to an order.

mod amount;
mod canonical;
pub mod clarity;
mod custom;
pub mod dbf;
mod exact;
mod explain;
pub mod folder;
mod http;
mod number;
pub mod outbound;
mod place;
#[cfg(test)]
mod random;
mod rows;
pub mod sagepro;
mod scalar;
mod seal;
mod secret;
pub mod shopify;
pub mod woocommerce;

pub use secret::Secret;

use crossdock_flow::{Fault, source::Content};
use serde::{Deserialize, de::IgnoredAny};

/// Reads an event or an order of any shop, told apart by their fields, without a connection. Fails with E201 to E204.
pub fn read(body: &[u8]) -> Result<Content, Fault> {
    #[derive(Deserialize)]
    struct Shape {
        total_price: Option<IgnoredAny>,
        date_created_gmt: Option<IgnoredAny>,
    }
    match serde_json::from_slice(body) {
        Ok(Shape { total_price: Some(_), .. }) => shopify::read(body),
        Ok(Shape { date_created_gmt: Some(_), .. }) => woocommerce::read(body),
        _ => clarity::read(body),
    }
}

/// Every kind of system we can talk to, as the settings name it. A new one is a new module and an entry here.
pub const KINDS: &[&str] = &[clarity::KIND, folder::KIND, sagepro::KIND, shopify::KIND, woocommerce::KIND];
