//! Write Crossdock plugins in Rust.
//!
//! A plugin is a type that implements a hook ([`PreMap`], [`RouteOrder`], [`PostMap`]; for customers and products
//! [`PreMapCustomer`], [`PreMapProduct`]) and is exported with [`export!`].
//! The same types work in a native `cargo test`, held in memory by [`sample`], with the host's own rules for edits:
//!
//! ```
//! use crossdock_sdk::{Context, HookError, Order, PreMap, Verdict, dec, sample, settings};
//!
//! struct Rebate;
//!
//! impl PreMap for Rebate {
//!     fn pre_map(_: &Context, order: &mut Order) -> Result<Verdict, HookError> {
//!         let percent = settings::decimal("percent")?.unwrap_or(dec!(5));
//!         let header = order.header();
//!         for line in order.lines_mut().filter(|line| line.product_type() == "apparel") {
//!             line.set_unit_price(line.unit_price().percent_off(percent).round(header.currency_digits), "apparel rebate");
//!         }
//!         Ok(Verdict::Proceed)
//!     }
//! }
//!
//! crossdock_sdk::export!(Rebate: pre_map);
//!
//! # fn main() -> Result<(), HookError> {
//! sample::settings(&[("percent", "10")]);
//! let mut order = sample::order().line("SHIRT", 2, "49.95").product_type("apparel").build();
//! sample::pre_map::<Rebate>(&mut order)?;
//! assert_eq!(order.header().subtotal, dec!(89.92)); // 2 × 44.96
//! # Ok(())
//! # }
//! ```

#[cfg(all(target_arch = "wasm32", feature = "bump-allocator"))]
mod allocator;
#[doc(hidden)]
pub mod bindings;
mod decimal;
mod document;
mod edits;
mod entity;
mod hooks;
#[cfg(target_family = "wasm")]
mod host;
pub mod log;
#[cfg(not(target_family = "wasm"))]
mod memory;
mod order;
pub mod outside;
mod routing;
#[cfg(not(target_family = "wasm"))]
pub mod sample;
pub mod settings;
mod values;

#[cfg(target_family = "wasm")]
use host as backing;
#[cfg(not(target_family = "wasm"))]
use memory as backing;

pub use bindings::{
    imports::crossdock::plugin::{
        customers::{ShipTo, Side, Standing},
        orders::Header,
        products::{Item, Price},
        routing::Warehouse,
        types::{Context, Field, Hold, Instant, Verdict},
    },
    route_order::exports::crossdock::plugin::route_order::{Route, Shipment, ShipmentLine},
};
pub use decimal::{Decimal, MAX_SCALE, NotADecimal};
pub use document::{Document, DocumentLine};
pub use entity::{Customer, Product};
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub use hooks::Glue;
pub use hooks::{PostMap, PreMap, PreMapCustomer, PreMapProduct, RouteOrder};
pub use order::{Line, LineMut, Order};
pub use routing::Candidates;
pub use values::{Account, Address, EditError, HookError, Payment, Value};
