//! What happens to one order, from accepted to delivered. Pure: no network, disk, clock or Wasm; it depends on no other
//! crate of ours. The seams to the outside are traits: [`hook::Plugin`] for rules, [`target::Target`] for the ERP,
//! [`record::Store`] for the place where records wait.

pub mod books;
pub mod capability;
pub mod change;
pub mod clock;
pub mod correct;
pub mod desk;
pub mod document;
pub mod edit;
pub mod entity;
pub mod fault;
pub mod finance;
pub mod fit;
pub mod guard;
pub mod hook;
pub mod lane;
pub mod mapping;
pub mod money;
pub mod names;
pub mod order;
pub mod pace;
pub mod promise;
pub mod record;
pub mod route;
pub mod rule;
pub mod run;
pub mod sample;
pub mod schema;
pub mod settle;
pub mod share;
pub mod source;
pub mod sum;
pub mod sync;
pub mod target;
pub mod written;

pub use document::Document;
pub use fault::{Code, Fault};
pub use money::{Currency, Decimal};
pub use order::{Order, OrderNumber};
