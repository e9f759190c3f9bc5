//! Runs plugins inside limits: loading, checking, compiling, rehearsing, and one fresh sandbox per call.
//! The only room that knows wasmtime; no wasmtime or generated WIT type shows in its public API.

mod anatomy;
mod bindings;
mod cache;
mod call;
mod capabilities;
mod compile;
mod compiler;
mod componentize;
mod contract;
mod convert;
mod documents;
mod engine;
mod entities;
mod fault;
mod load;
mod log;
mod meter;
mod orders;
mod pace;
mod plugin;
mod producers;
mod routing;
mod run;
mod settings;
mod shape;
mod trusted;
mod wasi;

pub use compiler::compile_child;
pub use componentize::componentize;
pub use engine::{EngineFacts, Sandbox};
pub use plugin::{Facts, Loaded};
pub use producers::producers;
pub use settings::{Grants, Limits, Settings, Terms};
