//! The sandbox from outside: loading good and bad files, the hooks, every limit, the cache.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod cache;
mod capabilities;
mod entities;
mod hooks;
mod limits;
mod loading;
mod support;
