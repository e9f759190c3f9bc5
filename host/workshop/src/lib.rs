//! The plugin author's workshop: what is done with a plugin before it meets an order. Beginning a project, building it,
//! trying it on an order, testing it, comparing two of them. Knows the flow and the sandbox; no store, no connector.

pub mod build;
pub mod case;
pub mod compare;
pub mod entity;
pub mod golden;
pub mod mapping;
pub mod orders;
pub mod project;
pub mod projection;
pub mod properties;
pub mod scaffold;
pub mod shrink;
pub mod trial;

pub use case::Case;
pub use trial::{Around, Trial};
