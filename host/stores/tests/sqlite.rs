//! What only a SQLite file can do wrong: damage, other versions, other processes, a log that grows, traces of what was erased.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

#[path = "sqlite/books.rs"]
mod books;
#[path = "sqlite/faults.rs"]
mod faults;
#[path = "sqlite/given.rs"]
mod given;
#[path = "sqlite/processes.rs"]
mod processes;
#[path = "sqlite/restore.rs"]
mod restore;
#[path = "sqlite/traces.rs"]
mod traces;
