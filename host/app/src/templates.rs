//! Mapping templates on disk: finding the one that is named, what it is for, and what it extends.

use crossdock_connectors::{clarity, sagepro};
use crossdock_flow::{
    entity::{Side, echo::Kind},
    mapping::{self, Fact, Form, Mapping, Purpose},
    written::Mistake,
};
use std::path::{Path, PathBuf};

/// Why a template is not there.
pub(crate) enum Missing {
    /// It cannot be read.
    Unreadable(String),
    /// It is for something else: what it is for, and what is needed.
    Stranger(String, String),
    /// It has mistakes, each with its own file.
    Wrong(Vec<Mistake>),
}

/// A template, whatever it is for.
pub(crate) enum Template {
    /// Orders, to the ERP.
    Order(Mapping),
    /// Goods or people.
    Entity(Form),
}

impl Template {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Template::Order(mapping) => &mapping.name,
            Template::Entity(form) => &form.name,
        }
    }

    /// Every row, the header's first.
    pub(crate) fn facts(&self) -> Vec<Fact> {
        match self {
            Template::Order(mapping) => mapping.facts(),
            Template::Entity(form) => form.facts(),
        }
    }
}

/// Reads and checks a template of orders: one that comes with the host, or a file under `home`.
pub(crate) fn open(name: &str, home: &Path) -> Result<Mapping, Missing> {
    let (file, text) = find(name, home)?;
    mapping::read_with(&file, &text, &|name, from| text_beside(name, from)).map_err(Missing::Wrong)
}

/// Reads and checks a template of goods or people, likewise.
pub(crate) fn form(name: &str, home: &Path, purpose: Purpose) -> Result<Form, Missing> {
    let (file, text) = find(name, home)?;
    let to = if purpose.to == Side::Shop { "shop" } else { "erp" };
    // One of orders would be nothing but mistakes here.
    if let Some((entity, side)) = mapping::purpose(&text)
        && (entity.as_deref(), side.as_deref()) != (Some(purpose.schema.entity), Some(to))
    {
        let is_for = format!("{}{}", entity.unwrap_or_else(|| "order".into()), side.map(|side| format!(" to {side}")).unwrap_or_default());
        return Err(Missing::Stranger(is_for, format!("entity = \"{}\" and to = \"{to}\"", purpose.schema.entity)));
    }
    mapping::form(purpose, &file, &text, &|name, from| text_beside(name, from)).map_err(Missing::Wrong)
}

/// Reads and checks a template for what it says it is for.
pub(crate) fn any(name: &str, home: &Path) -> Result<Template, Missing> {
    let (entity, to) = mapping::purpose(&find(name, home)?.1).unwrap_or_default();
    let Some(entity) = entity.filter(|entity| entity != "order") else { return open(name, home).map(Template::Order) };
    let to = match to.as_deref() {
        Some("shop") => Some(Side::Shop),
        Some("erp") => Some(Side::Erp),
        _ => None,
    };
    match entity.parse().ok().zip(to).and_then(|(kind, to)| purpose(kind, to)) {
        Some(purpose) => form(name, home, purpose).map(Template::Entity),
        None => Err(Missing::Unreadable(
            "it says entity = \"customer\" with to = \"erp\" or \"shop\", or product, stock, shipment or invoice with to = \"shop\"; without, it is one of orders".into(),
        )),
    }
}

/// What a template of an entity on its way to a side is read for; nothing where none is taken.
pub(crate) fn purpose(kind: Kind, to: Side) -> Option<Purpose> {
    let target = match to {
        Side::Shop => clarity::takes(kind),
        Side::Erp => sagepro::takes(kind),
    };
    Some(Purpose { schema: mapping::of(kind)?, to, target: target? })
}

fn find(name: &str, home: &Path) -> Result<(String, String), Missing> {
    match mapping::shipped(name) {
        Some((name, text)) => Ok((name.to_owned(), text.to_owned())),
        None => text(home.join(name)).map_err(Missing::Unreadable),
    }
}

/// The file that a template extends; its name starts at the folder of the one that names it.
fn text_beside(name: &str, from: &str) -> Result<(String, String), String> {
    text(Path::new(from).parent().unwrap_or(Path::new("")).join(name))
}

fn text(path: PathBuf) -> Result<(String, String), String> {
    // Written in one way only, so that a file that extends itself is known again.
    let path: PathBuf = path.components().collect();
    let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
    Ok((path.display().to_string(), text))
}
