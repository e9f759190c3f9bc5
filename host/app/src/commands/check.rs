//! `crossdock check`: all mistakes of a settings file at once.

use super::Failure;
use crate::{
    screen::{Screen, Tone},
    settings, wire,
};
use crossdock_flow::clock::SystemClock;
use serde_json::json;
use std::{path::Path, sync::Arc};

/// Checks the file and says so.
pub(crate) fn check(file: &Path, screen: &Screen) -> Result<(), Failure> {
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    // What only the connectors know, such as the form of a webhook secret. Nothing is sent.
    let (from, to) = (checked.source.name().to_owned(), checked.target.name.clone());
    let sync: Vec<_> = checked.sync.iter().map(|flow| (flow.name.clone(), flow.kind, flow.from, flow.every)).collect();
    wire::source(checked.source)?;
    wire::target(checked.target, Arc::new(SystemClock))?;
    if screen.is_json() {
        return screen.json(
            &json!({ "ok": true, "integration": checked.name, "sync": sync.iter().map(|(name, ..)| &**name).collect::<Vec<_>>(), "mistakes": [] }),
        );
    }
    screen.line(format!("{} {}: no mistakes", screen.tone(Tone::Good, "ok"), file.display()));
    let warehouses: Vec<&str> = checked.warehouses.iter().map(|warehouse| warehouse.id.as_str()).collect();
    screen.line(format!(
        "   {} → {} by `{}`, listening on {}, {} warehouses ({}), plugins in {}",
        from,
        to,
        checked.mapping.name,
        checked.listen.address,
        warehouses.len(),
        warehouses.join(", "),
        checked.sandbox.plugins.display()
    ));
    for (name, kind, side, every) in sync {
        screen.line(format!("   [sync.{name}] {kind}: {side} → {}, every {every:?}", side.other()));
    }
    Ok(())
}
