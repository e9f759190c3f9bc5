//! `crossdock check`: all mistakes of a settings file at once.

use super::Failure;
use crate::{
    screen::{Screen, Tone},
    settings,
};
use serde_json::json;
use std::path::Path;

/// Checks the file and says so.
pub(crate) fn check(file: &Path, screen: &Screen) -> Result<(), Failure> {
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    if screen.is_json() {
        return screen.json(&json!({ "ok": true, "integration": checked.name, "mistakes": [] }));
    }
    screen.line(format!("{} {}: no mistakes", screen.tone(Tone::Good, "ok"), file.display()));
    let warehouses: Vec<&str> = checked.warehouses.iter().map(|warehouse| warehouse.id.as_str()).collect();
    screen.line(format!(
        "   {} → {} by `{}`, listening on {}, {} warehouses ({}), plugins in {}",
        checked.source.name,
        checked.target.name,
        checked.mapping.name,
        checked.listen.address,
        warehouses.len(),
        warehouses.join(", "),
        checked.plugins.display()
    ));
    Ok(())
}
