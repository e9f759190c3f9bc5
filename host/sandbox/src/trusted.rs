//! The one unsafe call of the host: loading compiled code. Only `cache.rs` calls it, with bytes that this program wrote
//! and whose checksum, owner and permissions it has verified.

use wasmtime::{Engine, Result, component::Component};

/// Makes a component of compiled code that [`Component::serialize`] made.
#[allow(unsafe_code, reason = "deserializing runs the code as it is; cache.rs has verified that we wrote it")]
pub(crate) fn deserialize(engine: &Engine, compiled: &[u8]) -> Result<Component> {
    // SAFETY: the bytes are the output of `Component::serialize` of this very program, kept in a directory that only
    // this user can write, under a sha256 that matched; wasmtime itself refuses another version or configuration.
    unsafe { Component::deserialize(engine, compiled) }
}
