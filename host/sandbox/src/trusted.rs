//! The one unsafe call of the host: loading compiled code. Two places call it: `cache.rs`, with bytes that this program
//! wrote and whose checksum, owner and permissions it has verified, and `compile.rs`, with what our own child process gave.

use wasmtime::{Engine, Result, component::Component};

/// Makes a component of compiled code that [`Component::serialize`] made.
#[allow(
    unsafe_code,
    reason = "deserializing runs the code as it is; it comes from our own compiler, or from the cache, which has verified that we wrote it"
)]
pub(crate) fn deserialize(engine: &Engine, compiled: &[u8]) -> Result<Component> {
    // SAFETY: the bytes are the output of this very program's compiler, straight from its process or kept in a directory
    // that only this user can write, under a sha256 that matched; wasmtime itself refuses another version or
    // configuration.
    unsafe { Component::deserialize(engine, compiled) }
}
