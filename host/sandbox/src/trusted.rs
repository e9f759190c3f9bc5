//! The unsafe calls of the host: loading compiled code. `cache.rs` loads what this program wrote into a directory of its own
//! and whose checksum, owner and permissions it has verified; `compile.rs` loads what our own child process gave.

use std::path::Path;
use wasmtime::{Engine, Result, component::Component};

/// Makes a component of compiled code that [`Component::serialize`] made. Copies it.
#[allow(unsafe_code, reason = "deserializing runs the code as it is; it comes from our own compiler")]
pub(crate) fn deserialize(engine: &Engine, compiled: &[u8]) -> Result<Component> {
    // SAFETY: the bytes are the output of this very program's compiler, straight from its process; wasmtime itself refuses
    // another version or configuration.
    unsafe { Component::deserialize(engine, compiled) }
}

/// As [`deserialize`], of a file that has been verified; what follows the compiled code in it is passed over. The file is
/// mapped: of a thousand plugins, only what runs takes memory.
#[allow(unsafe_code, reason = "deserializing runs the code as it is; it is what this program wrote, and has been verified")]
pub(crate) fn map(engine: &Engine, file: &Path) -> Result<Component> {
    // SAFETY: the file is the output of this very program's compiler under a sha256 that matched, in a directory that only
    // this user can enter. It is never written again: a new one takes its place by renaming, and an unlinked one stays mapped.
    unsafe { Component::deserialize_file(engine, file) }
}
