//! The crash suite: the host is killed again and again, at random moments and at named steps, between partners that fail;
//! afterwards the ERP's books are judged. Knows nothing of the host but its program: `docs/crash.md`.

pub mod judge;
pub mod kills;
mod report;
mod run;
pub mod script;

pub use report::Report;
pub use run::{Options, run};
