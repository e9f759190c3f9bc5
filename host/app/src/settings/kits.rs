//! `[kits.SKU]`: what is done with a kit, and what it consists of. An article that is not named goes as it is.

use super::done;
use crossdock_flow::{
    Decimal,
    entity::kit::{Component, Kit, Kits, Policy},
    written::{Entry, Table},
};

const POLICIES: [Policy; 3] = [Policy::Pass, Policy::Explode, Policy::Erp];

/// Reads all of them. A mistake in one does not hide those of another.
pub(super) fn read_kits(table: Option<&Table<'_>>) -> Kits {
    let Some(table) = table else { return Kits::new() };
    let one = |sku: String| {
        let own = table.table(&sku)?;
        Some((sku.clone(), done(&own, |own| read_kit(own, &sku))?))
    };
    table.names().into_iter().filter_map(one).collect()
}

fn read_kit(table: &Table<'_>, sku: &str) -> Option<(Kit, Policy)> {
    let policy = table.required("policy", "one of pass, explode, erp").and_then(|entry| {
        let written = entry.text()?;
        let policy = POLICIES.into_iter().find(|policy| policy.to_string() == written);
        if policy.is_none() {
            entry.wrong(format!("there is no policy `{written}`"), "one of pass, explode, erp");
        }
        policy
    });
    let components = table.entry("components");
    let kit = Kit { components: components.iter().flat_map(|entry| entry.tables()).filter_map(|table| done(&table, read_component)).collect() };
    if policy == Some(Policy::Explode) && kit.components.is_empty() {
        table.wrong("a kit that is taken apart has components", "add components = [{ sku = \"…\", quantity = \"1\" }, …]");
    }
    if let (Some(entry), Err(fault)) = (&components, kit.check(sku)) {
        entry.wrong(fault.message, "each article once, more than zero of it, and not the kit itself");
    }
    let priced = kit.components.iter().filter(|component| component.worth.is_some()).count();
    if let Some(entry) = components.filter(|_| priced != 0 && priced != kit.components.len()) {
        entry.wrong("some components have a worth and others have none", "give all of them `worth`, or none: then units count");
    }
    Some((kit, policy?))
}

fn read_component(table: &Table<'_>) -> Option<Component> {
    let number = |entry: Entry<'_>| entry.parse::<Decimal>("a number", "write it as text, for example \"2\"");
    let sku = table.required("sku", "name the article").and_then(|entry| entry.text());
    let quantity = table.required("quantity", "units in one kit, for example \"2\"").and_then(number);
    let worth = table.entry("worth").map(number);
    let name = table.text("name").unwrap_or_default();
    Some(Component { sku: sku?, name, quantity: quantity?, worth: worth.map_or(Some(None), |worth| worth.map(Some))? })
}
