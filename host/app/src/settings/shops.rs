//! The shops of the settings file: what each kind needs. Whether the secrets can be keys is the connectors' to say.

use super::{
    HOUR, MILLISECOND, SourceSettings,
    connections::{read_secret, read_url},
};
use crossdock_connectors::{Secret, clarity, shopify, woocommerce};
use crossdock_flow::{
    Fault,
    written::{Entry, Table},
};
use std::{path::Path, time::Duration};

/// Reads the connection of a shop.
pub(super) fn read(kind: &str, table: &Table<'_>, name: &str, home: &Path) -> Option<SourceSettings> {
    match kind {
        shopify::KIND => read_shopify(table, name, home).map(SourceSettings::Shopify),
        woocommerce::KIND => read_woocommerce(table, name, home).map(SourceSettings::WooCommerce),
        _ => read_clarity(table, name, home).map(SourceSettings::Clarity),
    }
}

fn read_clarity(table: &Table<'_>, name: &str, home: &Path) -> Option<clarity::Settings> {
    let secrets = read_secrets(table, home, |_| Ok(()));
    let tolerance = table.entry("tolerance").map_or(Some(Duration::from_secs(300)), |entry| entry.duration(Duration::from_secs(1), HOUR));
    let url = table.entry("api").and_then(|entry| read_url(&entry));
    let token = table.entry("token").and_then(|entry| read_secret(&entry, home));
    together(table, &["api", "token"], "give both, or none when every webhook carries the whole order");
    let timeout = read_timeout(table);
    Some(clarity::Settings { name: name.to_owned(), secrets: secrets?, tolerance: tolerance?, api: url.zip(token), timeout: timeout? })
}

fn read_shopify(table: &Table<'_>, name: &str, home: &Path) -> Option<shopify::Settings> {
    let secrets = read_secrets(table, home, shopify::check_secret);
    let url = table.entry("api").and_then(|entry| read_url(&entry));
    let token = table.entry("token").and_then(|entry| read_secret(&entry, home));
    together(table, &["api", "token"], "give both, or none when nothing is to be asked of the shop");
    let tip_sku = read_sku(table, "tip-sku");
    let timeout = read_timeout(table);
    Some(shopify::Settings { name: name.to_owned(), secrets: secrets?, api: url.zip(token), tip_sku: tip_sku?, timeout: timeout? })
}

fn read_woocommerce(table: &Table<'_>, name: &str, home: &Path) -> Option<woocommerce::Settings> {
    let secrets = read_secrets(table, home, woocommerce::check_secret);
    let url = table.entry("api").and_then(|entry| read_url(&entry));
    let key = table.entry("key").and_then(|entry| read_secret(&entry, home));
    let secret = table.entry("secret").and_then(|entry| read_secret(&entry, home));
    together(table, &["api", "key", "secret"], "give all three, or none when nothing is to be asked of the shop");
    let api = url.zip(key).zip(secret).map(|((url, key), secret)| woocommerce::Api { url, key, secret });
    let fee_sku = read_sku(table, "fee-sku");
    let timeout = read_timeout(table);
    Some(woocommerce::Settings { name: name.to_owned(), secrets: secrets?, api, fee_sku: fee_sku?, timeout: timeout? })
}

fn read_secrets(table: &Table<'_>, home: &Path, check: fn(&Secret) -> Result<(), Fault>) -> Option<Vec<Secret>> {
    table.required("secrets", "list the webhook secrets: [{ env = \"NAME\" }]").map(|entry| {
        let sound = |item: &Entry<'_>| {
            let secret = read_secret(item, home)?;
            let checked = check(&secret).map_err(|fault| item.wrong(fault.message, "make up 32 random bytes, and give them to both sides"));
            checked.ok().map(|()| secret)
        };
        if entry.items().is_empty() {
            entry.wrong("has no secret", "list at least one: [{ env = \"NAME\" }]");
        }
        entry.items().iter().filter_map(sound).collect()
    })
}

/// Whether all of these are written, or none; not whether they can be read: that is told where they stand.
fn together(table: &Table<'_>, keys: &[&str], cure: &str) {
    let written = keys.iter().filter(|key| table.line(key).is_some()).count();
    if written != 0 && written != keys.len() {
        let (last, first) = keys.split_last().unwrap_or((&"", &[]));
        table.wrong(format!("`{}` and `{last}` go together", first.join("`, `")), cure);
    }
}

/// The article that something is booked under which the shop sells without one; absent: none.
fn read_sku(table: &Table<'_>, key: &str) -> Option<Option<String>> {
    let Some(entry) = table.entry(key) else { return Some(None) };
    let sku = entry.text()?.trim().to_owned();
    if sku.is_empty() {
        entry.wrong("is empty", "name the ERP's article, or leave the line out");
        return None;
    }
    Some(Some(sku))
}

fn read_timeout(table: &Table<'_>) -> Option<Duration> {
    table.entry("timeout").map_or(Some(Duration::from_secs(10)), |entry| entry.duration(MILLISECOND, HOUR))
}
