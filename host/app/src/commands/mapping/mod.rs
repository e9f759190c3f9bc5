//! `crossdock mapping …`: opening the template that a command names, and handing over to one command.

mod look;
mod test;

use super::Failure;
use crate::{
    cli,
    screen::{Screen, Tone},
    settings::{self, Checked},
    templates::{self, Missing},
};
use crossdock_flow::mapping::{Mapping, SHIPPED};
use serde_json::json;
use std::path::{Path, PathBuf};

/// A template, and where it is.
struct Opened {
    /// As people name it.
    name: String,
    /// Its file, where it is one.
    file: Option<PathBuf>,
    mapping: Mapping,
}

/// Carries out a mapping command.
pub(crate) async fn mapping(command: &cli::Mapping, file: &Path, screen: &Screen) -> Result<(), Failure> {
    match command {
        cli::Mapping::Check { template } => check(&open(template.as_deref(), file)?, screen),
        cli::Mapping::Test { template, cases, bless } => test::test(&open(template.as_deref(), file)?, cases.as_deref(), *bless, screen),
        cli::Mapping::Preview { input, order, shop, template } => {
            let mut opened = open(template.as_deref(), file)?;
            match (input, order) {
                (Some(input), _) => look::preview_file(&opened, input, settings(file).ok(), screen),
                (None, Some(order)) => {
                    let (found, own) = look::order(order, shop.as_deref(), settings(file)?).await?;
                    // What the settings say of the order's own shop; but a template that is named is meant.
                    if let Some(own) = own.filter(|_| template.is_none()) {
                        opened.mapping = own;
                    }
                    look::preview_order(&opened, order, found, settings(file)?, screen)
                }
                (None, None) => Err(Failure::text("name an order file, or --order")),
            }
        }
        cli::Mapping::Explain { field, template } => look::explain(&open(template.as_deref(), file)?, field, screen),
    }
}

fn settings(file: &Path) -> Result<Checked, Failure> {
    settings::check(file).map_err(Failure::Mistakes)
}

/// The template that is named, from here; else the one of the settings; else, where there are none, the first that is shipped.
fn open(named: Option<&str>, file: &Path) -> Result<Opened, Failure> {
    let (name, home) = match named {
        Some(name) => (name.to_owned(), PathBuf::new()),
        None if file.exists() => (settings(file)?.template, file.parent().unwrap_or(Path::new("")).to_owned()),
        None => (SHIPPED[0].0.to_owned(), PathBuf::new()),
    };
    let shipped = SHIPPED.iter().any(|(shipped, _)| *shipped == name);
    let mapping = templates::open(&name, &home).map_err(|missing| match missing {
        Missing::Wrong(mistakes) => Failure::Mistakes(mistakes),
        Missing::Unreadable(why) => {
            let known: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
            Failure::text(format!("the template `{name}` cannot be read: {why}\n       name a file, or one of {}", known.join(", ")))
        }
    })?;
    Ok(Opened { file: (!shipped).then(|| home.join(&name)), name, mapping })
}

fn check(opened: &Opened, screen: &Screen) -> Result<(), Failure> {
    let facts = opened.mapping.facts();
    let count = |group: &str| facts.iter().filter(|fact| fact.group == group).count();
    if screen.is_json() {
        return screen
            .json(&json!({ "ok": true, "template": opened.mapping.name, "header": count("header"), "lines": count("lines"), "mistakes": [] }));
    }
    screen.line(format!(
        "{} {}: no mistakes; `{}` has {} rows in the header and {} per line",
        screen.tone(Tone::Good, "ok"),
        opened.name,
        opened.mapping.name,
        count("header"),
        count("lines")
    ));
    Ok(())
}
