//! `crossdock check`: all mistakes of a settings file at once.

use super::Failure;
use crate::{
    screen::{Screen, Tone},
    settings,
    shops::{Shop, Shops},
    wire,
};
use crossdock_flow::clock::SystemClock;
use serde_json::json;
use std::{path::Path, sync::Arc};

/// Checks the file and says so.
pub(crate) fn check(file: &Path, screen: &Screen) -> Result<(), Failure> {
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    // What only the connectors know, such as the form of a webhook secret. Nothing is sent.
    let to = checked.target.name.clone();
    let sync: Vec<_> = checked.sync.iter().map(|flow| (flow.name.clone(), flow.kind, flow.from, flow.shop.clone(), flow.every)).collect();
    let shops = Shops::open(checked.shops)?;
    wire::target(checked.target, Arc::new(SystemClock))?;
    if screen.is_json() {
        return screen.json(
            &json!({ "ok": true, "integration": checked.name, "sync": sync.iter().map(|(name, ..)| &**name).collect::<Vec<_>>(), "mistakes": [] }),
        );
    }
    screen.line(format!("{} {}: no mistakes", screen.tone(Tone::Good, "ok"), file.display()));
    let warehouses: Vec<&str> = checked.warehouses.iter().map(|warehouse| warehouse.id.as_str()).collect();
    screen.line(format!(
        "   {} → {to} by `{}`, listening on {}, {} warehouses ({}), plugins in {}",
        shops.iter().map(told).collect::<Vec<_>>().join(", "),
        checked.mapping.name,
        checked.listen.address,
        warehouses.len(),
        warehouses.join(", "),
        checked.sandbox.plugins.display()
    ));
    for (name, kind, side, shop, every) in sync {
        let whose = if shops.are_several() { format!(" (`{shop}`)") } else { String::new() };
        screen.line(format!("   [sync.{name}] {kind}: {side} → {}{whose}, every {every:?}", side.other()));
    }
    Ok(())
}

/// A shop, and how its orders are called.
fn told(shop: &Shop) -> String {
    let own = shop.mapping.as_ref().map(|mapping| format!("by `{}`", mapping.name));
    let prefix = Some(shop.names.name("4711")).and_then(Result::ok).filter(|name| name != "4711").map(|name| format!("4711 is {name}"));
    let told: Vec<String> = own.into_iter().chain(prefix).collect();
    if told.is_empty() { shop.name().to_owned() } else { format!("{} ({})", shop.name(), told.join(", ")) }
}
