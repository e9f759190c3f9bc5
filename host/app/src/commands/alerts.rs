//! `crossdock alerts`: what a person should know, newest first.

use super::{Failure, ledgers};
use crate::screen::Screen;
use crossdock_flow::record::Store;
use std::path::Path;

/// Lists the alerts of the store.
pub(crate) async fn alerts(most: usize, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let alerts = ledgers::open(file)?.alerts(most).await?;
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
