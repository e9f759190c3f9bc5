//! `crossdock mapping …`: opening the template that a command names, and handing over to one command.

mod entity;
mod look;
mod test;

use super::Failure;
use crate::{
    cli,
    screen::{Screen, Tone},
    settings::{self, Checked},
    templates::{self, Missing, Template},
};
use crossdock_flow::mapping::{self, FORMS, Form, Mapping, SHIPPED};
use serde_json::json;
use std::path::{Path, PathBuf};

/// A template, and where it is.
struct Opened {
    /// As people name it.
    name: String,
    /// Its file, where it is one.
    file: Option<PathBuf>,
    template: Template,
}

impl Opened {
    /// As a template of orders.
    fn of_orders(&self) -> Result<&Mapping, Failure> {
        match &self.template {
            Template::Order(mapping) => Ok(mapping),
            Template::Entity(form) => Err(Failure::text(format!("`{}` is a template for a {}, not for orders", self.name, form.entity()))),
        }
    }
}

/// Carries out a mapping command.
pub(crate) async fn mapping(command: &cli::Mapping, file: &Path, screen: &Screen) -> Result<(), Failure> {
    match command {
        cli::Mapping::Check { template } => check(&open(template.as_deref(), file)?, screen),
        cli::Mapping::Test { template, cases, bless } => test::test(&open(template.as_deref(), file)?, cases.as_deref(), *bless, screen),
        cli::Mapping::Preview { input, order, shop, kept, template } => {
            if let Some((kind, key)) = kept.named() {
                let named = template.as_deref().map(|template| open(Some(template), file)).transpose()?;
                return entity::preview_kept(named, kind, key, settings(file)?, screen).await;
            }
            let mut opened = open(template.as_deref(), file)?;
            match (input, order, &opened.template) {
                (Some(input), _, Template::Entity(form)) => entity::preview_file(form, input, settings(file).ok(), screen),
                (Some(input), ..) => look::preview_file(&opened, input, settings(file).ok(), screen),
                (None, Some(order), _) => {
                    let (found, own) = look::order(order, shop.as_deref(), settings(file)?).await?;
                    // What the settings say of the order's own shop; but a template that is named is meant.
                    if let Some(own) = own.filter(|_| template.is_none()) {
                        opened.template = Template::Order(own);
                    }
                    look::preview_order(&opened, order, found, settings(file)?, screen)
                }
                (None, None, _) => Err(Failure::text("name a file, --order, --customer, --product, --stock, --shipment or --invoice")),
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
    let shipped = mapping::shipped(&name).is_some();
    let template = templates::any(&name, &home).map_err(|missing| match missing {
        Missing::Wrong(mistakes) => Failure::Mistakes(mistakes),
        Missing::Unreadable(why) | Missing::Stranger(why, _) => {
            let known: Vec<&str> = SHIPPED.iter().chain(FORMS).map(|(name, _)| *name).collect();
            Failure::text(format!("the template `{name}` cannot be read: {why}\n       name a file, or one of {}", known.join(", ")))
        }
    })?;
    Ok(Opened { file: (!shipped).then(|| home.join(&name)), name, template })
}

fn check(opened: &Opened, screen: &Screen) -> Result<(), Failure> {
    let facts = opened.template.facts();
    let count = |group: &str| facts.iter().filter(|fact| fact.group == group).count();
    if let Template::Entity(form) = &opened.template {
        return check_form(opened, form, &count, screen);
    }
    if screen.is_json() {
        return screen
            .json(&json!({ "ok": true, "template": opened.template.name(), "header": count("header"), "lines": count("lines"), "mistakes": [] }));
    }
    screen.line(format!(
        "{} {}: no mistakes; `{}` has {} rows in the header and {} per line",
        screen.tone(Tone::Good, "ok"),
        opened.name,
        opened.template.name(),
        count("header"),
        count("lines")
    ));
    Ok(())
}

fn check_form(opened: &Opened, form: &Form, count: &dyn Fn(&str) -> usize, screen: &Screen) -> Result<(), Failure> {
    let lists: Vec<(&str, usize)> = form.lists().map(|list| (list, count(list))).filter(|(_, rows)| *rows > 0).collect();
    if screen.is_json() {
        let lists: serde_json::Map<_, _> = lists.iter().map(|(list, rows)| ((*list).to_owned(), json!(rows))).collect();
        return screen.json(
            &json!({ "ok": true, "template": form.name, "entity": form.entity(), "to": form.to, "header": count("header"), "lists": lists, "mistakes": [] }),
        );
    }
    let per: String = lists.iter().map(|(list, rows)| format!(", {rows} in [{list}]")).collect();
    let ok = screen.tone(Tone::Good, "ok");
    screen.line(format!(
        "{ok} {}: no mistakes; `{}` writes a {} to the {}: {} rows in the header{per}",
        opened.name,
        form.name,
        form.entity(),
        form.to,
        count("header")
    ));
    Ok(())
}
