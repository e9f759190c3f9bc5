//! `crossdock schema read | show | compare`: what the ERP's tables look like on this site, and what has changed.

use super::Failure;
use crate::{
    cli,
    screen::{Screen, Tone},
    settings::{self, Checked},
    tables::{Kept, Places, Tables},
    wire,
};
use crossdock_flow::{
    clock::{Clock, SystemClock},
    schema::Change,
};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Carries out a schema command.
pub(crate) async fn schema(command: &cli::Schema, file: &Path, screen: &Screen) -> Result<(), Failure> {
    let tables = tables(settings::check(file).map_err(Failure::Mistakes)?)?;
    match command {
        cli::Schema::Read(from) => {
            let now = read(&tables, &from.from).await?;
            let kept = tables.keep(&now)?;
            if screen.is_json() {
                return screen.json(&json!({ "file": tables.kept_file(), "kept": kept }));
            }
            now.tables.iter().for_each(|table| screen.line(format!("   {} from {}", table.schema, table.from)));
            screen.line(format!("{} {} tables are read, kept in {}", screen.tone(Tone::Good, "ok"), now.tables.len(), tables.kept_file().display()));
            Ok(())
        }
        cli::Schema::Show => show(&kept(&tables)?, screen),
        cli::Schema::Compare(from) => {
            let kept = kept(&tables)?;
            compare(&kept.changes(&read(&tables, &from.from).await?), &kept, screen)
        }
    }
}

/// The ERP's tables by the settings.
pub(super) fn tables(checked: Checked) -> Result<Tables, Failure> {
    let (target, _turns) = wire::target(checked.target, Arc::new(SystemClock))?;
    Ok(Tables { target: Arc::new(target), settings: checked.tables })
}

async fn read(tables: &Tables, from: &[PathBuf]) -> Result<Kept, Failure> {
    let erp = Path::new("erp");
    let files: Vec<PathBuf> = from.iter().filter(|from| *from != erp).cloned().collect();
    let places = if from.is_empty() { tables.all() } else { Places { erp: from.iter().any(|from| from == erp), files: &files } };
    Ok(tables.read(places, SystemClock.now()).await?)
}

fn kept(tables: &Tables) -> Result<Kept, Failure> {
    tables.kept()?.ok_or_else(|| Failure::text("no tables are kept yet: `crossdock schema read` reads them"))
}

fn show(kept: &Kept, screen: &Screen) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.json(kept);
    }
    screen.line(format!("read at {}", kept.read_at));
    for table in &kept.tables {
        screen.line(format!("{} from {}", screen.tone(Tone::Strong, &table.schema.to_string()), table.from));
        let rows: Vec<Vec<String>> = table.schema.columns().iter().map(|column| vec![column.name().to_owned(), column.kind().to_string()]).collect();
        screen.table(&["COLUMN", "HOLDS"], &rows);
    }
    Ok(())
}

fn compare(changes: &[Change], kept: &Kept, screen: &Screen) -> Result<(), Failure> {
    if screen.is_json() {
        let told = |change: &Change| json!({ "change": change, "breaking": change.is_breaking(), "told": change.to_string() });
        screen.json(&json!({ "since": kept.read_at, "changes": changes.iter().map(told).collect::<Vec<_>>() }))?;
    } else if changes.is_empty() {
        screen.line(format!("{} the tables are as they were at {}", screen.tone(Tone::Good, "ok"), kept.read_at));
    } else {
        for change in changes {
            let (tone, word) = if change.is_breaking() { (Tone::Bad, "breaking") } else { (Tone::Faint, "harmless") };
            screen.line(format!("{} {change}", screen.tone(tone, word)));
        }
    }
    match changes.len() {
        0 => Ok(()),
        _ if screen.is_json() => Err(Failure::Printed),
        many => Err(Failure::text(format!(
            "{many} changes since {}; look with `crossdock fit`, widen or narrow the template, then accept with `crossdock schema read`",
            kept.read_at
        ))),
    }
}
