//! Extism: the plugin compiled once (`CompiledPlugin`); JSON in and out.

use super::{Engine, Failed, Order, Prices};
use ::extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm, convert::Json};
use std::env;

/// Where `script/bench` builds it, seen from this program's folder.
const PLUGIN: &str = "../wasm32-unknown-unknown/plugin/extism_plugin.wasm";

pub(super) struct Extism {
    compiled: CompiledPlugin,
    plugin: Plugin,
}

impl Extism {
    pub(super) fn new() -> Result<Extism, Failed> {
        let path = env::current_exe()?.with_file_name(PLUGIN);
        let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}; script/bench builds it", path.display()))?;
        let manifest = Manifest::new([Wasm::data(bytes)]);
        let compiled = CompiledPlugin::new(PluginBuilder::new(manifest).with_wasi(false).with_cache_disabled())?;
        let plugin = Plugin::new_from_compiled(&compiled)?;
        Ok(Extism { compiled, plugin })
    }
}

fn call(plugin: &mut Plugin, order: &Order) -> Result<Prices, Failed> {
    let Json(prices) = plugin.call::<&str, Json<Prices>>("prices", &order.text)?;
    Ok(prices)
}

impl Engine for Extism {
    fn name(&self) -> &'static str {
        "extism"
    }

    fn reused(&mut self, order: &Order) -> Result<Prices, Failed> {
        call(&mut self.plugin, order)
    }

    fn fresh(&mut self, order: &Order) -> Result<Prices, Failed> {
        call(&mut Plugin::new_from_compiled(&self.compiled)?, order)
    }
}
