//! `crossdock alerts`: what a person should know, newest first.

use super::Failure;
use crate::{screen::Screen, settings};
use crossdock_flow::record::Store;
use crossdock_stores::sqlite::SqliteStore;
use std::path::Path;

/// Lists the alerts of the store.
pub(crate) async fn alerts(most: usize, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let checked = settings::check(file).map_err(Failure::Mistakes)?;
    let store = SqliteStore::open(&checked.store)?;
    let alerts = store.alerts(most).await?;
    if screen.is_json() {
        return screen.json(&alerts);
    }
    if alerts.is_empty() {
        screen.line("no alerts");
        return Ok(());
    }
    let row = |alert: &crossdock_flow::record::Alert| vec![alert.at.to_string(), alert.kind.clone(), alert.subject.clone(), alert.message.clone()];
    screen.table(&["WHEN", "WHAT", "WHO", "WHY"], &alerts.iter().map(row).collect::<Vec<_>>());
    Ok(())
}
