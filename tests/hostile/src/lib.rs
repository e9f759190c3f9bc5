//! Plugins that try to hurt their host. Each case is one component (or file) that does one thing no plugin should do,
//! with the fault that has to stop it. The binary of this crate runs them and measures; see README.md.

mod bombs;
mod case;
mod child;
mod files;
mod frame;
mod inside;
mod judge;
mod offer;
mod report;
mod written;

pub use case::{Case, Phase, Source};
pub use child::Host;
pub use inside::Inside;
pub use judge::{Finding, Judge, NEIGHBOUR_AT_LEAST, NEIGHBOUR_MEDIAN};
pub use report::{json, markdown, table};

/// Every case: written as text, made by a generator, and files that are no plugins.
pub fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = written::cases().collect();
    cases.extend(bombs::cases());
    cases.extend(files::cases());
    cases
}
