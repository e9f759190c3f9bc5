//! Where records wait: the backends behind [`crossdock_flow::desk::Backend`]. The only room that knows a SQL driver, and
//! no driver type stands in its public API. A new backend is a file or folder here and a row in [`KINDS`]; the suite in
//! tests/suite.rs then runs over it by itself.

pub mod sqlite;

use crossdock_flow::{Fault, desk::Backend};
use std::{path::Path, sync::Arc};

/// A backend.
pub struct Kind {
    /// Its name in the settings.
    pub name: &'static str,
    /// Opens the store at a path, and makes it when nothing is there. Fails with E601.
    pub open: fn(&Path) -> Result<Arc<dyn Backend>, Fault>,
}

/// Every backend there is.
pub const KINDS: &[Kind] = &[sqlite::KIND];
