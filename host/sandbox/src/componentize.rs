//! Makes a component of what compilers that know only WASI preview 1 leave: a core module that does not say its world.

use std::path::Path;
use wasi_preview1_component_adapter_provider::{WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The component of a core module that answers the world `plugin` of a WIT file, over the contract's folder. The error says
/// what is wrong with the module, or with the file.
pub fn componentize(mut module: Vec<u8>, contract: &Path, wit: &Path) -> Result<Vec<u8>, String> {
    let told = |error: &dyn std::fmt::Display| format!("{error:#}");
    let mut resolve = Resolve::default();
    resolve.push_path(contract).map_err(|error| told(&error))?;
    let (package, _) = resolve.push_path(wit).map_err(|error| told(&error))?;
    let world = resolve.select_world(&[package], Some("plugin")).map_err(|error| told(&error))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).map_err(|error| told(&error))?;
    let adapter = (WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER);
    let mut encoder = ComponentEncoder::default();
    let encoder = encoder.validate(true).module(&module).and_then(|encoder| encoder.adapter(adapter.0, adapter.1));
    encoder.and_then(|encoder| encoder.encode()).map_err(|error| told(&error))
}
