//! Templates as people write them, and the check that makes a [`Mapping`] of one, reporting all mistakes at once.
//! The whole language is in docs/mapping.md; in short:
//!
//! ```toml
//! name = "mine"
//! extends = "clarity-sagepro"      # a template that comes with the host, or a file beside this one
//! key = "PurchaseOrderNo"          # which header field carries the natural key,
//! customer = "CustomerNo"          # the customer
//! total = "TotalAmount"            # and the document's worth
//!
//! [header]
//! CustomerNo = { from = "customer.id", width = 6 }
//! Currency = "currency"            # short for { from = "currency" }
//! Source = { constant = "web" }
//! Note = { expr = "format(\"{} lines\", size(lines))", width = 20 }
//! ShipVia = { width = 10 }         # the row of the extended template, but narrower
//! Territory = { remove = true }
//!
//! [lines]
//! ItemCode = { from = "line.sku", width = 15 }
//!
//! [tables.terms]
//! card = "PREPAID"
//! "*" = "NET30"                    # everything else
//! ```

use super::{
    Form, Mapping, Target,
    draft::Draft,
    finish::finish,
    order,
    schema::{List, Schema},
    sheet::Sheet,
    table::Table,
};
use crate::{
    entity::Side,
    written::{self, Mistake, Page},
};
use jiff::tz::TimeZone;
use std::sync::Arc;

/// The templates of orders that come with the host, by name.
pub const SHIPPED: &[(&str, &str)] = &[
    ("clarity-sagepro", include_str!("../../mappings/clarity-sagepro.toml")),
    ("clarity-sagepro-native", include_str!("../../mappings/clarity-sagepro-native.toml")),
];

/// Those of goods and people: each makes of every entity what the connector writes by itself.
pub const FORMS: &[(&str, &str)] = &[
    ("clarity-sagepro-customer", include_str!("../../mappings/clarity-sagepro-customer.toml")),
    ("sagepro-clarity-customer", include_str!("../../mappings/sagepro-clarity-customer.toml")),
    ("sagepro-clarity-product", include_str!("../../mappings/sagepro-clarity-product.toml")),
    ("sagepro-clarity-stock", include_str!("../../mappings/sagepro-clarity-stock.toml")),
    ("sagepro-clarity-shipment", include_str!("../../mappings/sagepro-clarity-shipment.toml")),
    ("sagepro-clarity-invoice", include_str!("../../mappings/sagepro-clarity-invoice.toml")),
];

/// A template that comes with the host: its name and its text.
pub fn shipped(name: &str) -> Option<(&'static str, &'static str)> {
    SHIPPED.iter().chain(FORMS).find(|(shipped, _)| *shipped == name).copied()
}

/// What a template says it is for: `entity` and `to`, where they are written. Nothing where it is no TOML.
pub fn purpose(text: &str) -> Option<(Option<String>, Option<String>)> {
    let written: toml::Table = toml::from_str(text).ok()?;
    let said = |key: &str| written.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    Some((said("entity"), said("to")))
}

/// How many templates may extend one another.
const DEEPEST: usize = 16;

/// Finds the file that `extends` names: asked with the name and the file that names it, gives the file's own name and its
/// text, or why it cannot be read.
pub type Fetch<'f> = &'f dyn Fn(&str, &str) -> Result<(String, String), String>;

/// Reads and checks a template of orders. `file` is how mistakes name it; only templates of the host can be extended.
pub fn read(file: &str, text: &str) -> Result<Mapping, Vec<Mistake>> {
    read_with(file, text, &|_, _| Err("files cannot be read here".into()))
}

/// Reads and checks a template of orders, which may extend files that `fetch` finds.
pub fn read_with(file: &str, text: &str, fetch: Fetch<'_>) -> Result<Mapping, Vec<Mistake>> {
    let roles = &["key", "customer", "total"];
    let mut reading = Reading { schema: &order::SCHEMA, to: Side::Erp, target: None, fetch, roles, chain: Vec::new(), mistakes: Vec::new() };
    let (draft, sheet) = reading.whole(file, text);
    let role = |name: &str| draft.roles.iter().find(|(role, ..)| *role == name).map(|(_, field, _)| Arc::from(field.as_str()));
    match (reading.told(file), role("key"), role("customer"), role("total")) {
        (Ok(()), Some(key), Some(customer), Some(total)) => {
            Ok(Mapping { name: draft.name, locked: sheet.locked(), sheet: Arc::new(sheet), key, customer, total })
        }
        (Ok(()), ..) => Err(Vec::new()),
        (Err(mistakes), ..) => Err(mistakes),
    }
}

/// What a template of goods or people is read for.
#[derive(Clone, Copy, Debug)]
pub struct Purpose {
    /// What it maps.
    pub schema: &'static Schema,
    /// To which side.
    pub to: Side,
    /// What that side takes.
    pub target: &'static Target,
}

/// Reads and checks a template of goods or people, which may extend files that `fetch` finds.
pub fn form(purpose: Purpose, file: &str, text: &str, fetch: Fetch<'_>) -> Result<Form, Vec<Mistake>> {
    let Purpose { schema, to, target } = purpose;
    let mut reading = Reading { schema, to, target: Some(target), fetch, roles: &[], chain: Vec::new(), mistakes: Vec::new() };
    let (draft, sheet) = reading.whole(file, text);
    reading.told(file).map(|()| Form { name: draft.name, to, sheet: Arc::new(sheet), target })
}

/// What stands in for the world in a test of a template.
#[derive(Clone, Debug, Default)]
pub struct Mocks {
    /// Entries of lookup tables.
    pub tables: Vec<Arc<Table>>,
    /// Where the company is.
    pub zone: Option<TimeZone>,
}

impl Mocks {
    /// Reads a file of mocks: `[tables.NAME]` and `time-zone`.
    pub fn read(file: &str, text: &str) -> Result<Mocks, Vec<Mistake>> {
        Page::read(file, text, |root| {
            let tables = root.table("tables").map(|tables| Table::read(&tables)).unwrap_or_default();
            let zone = root.entry("time-zone").and_then(|entry| {
                let name = entry.text()?;
                let zone = TimeZone::get(&name);
                zone.map_err(|_| {
                    entry.wrong(format!("`{name}` is no time zone"), "write a name of the IANA database, for example \"America/Toronto\"")
                })
                .ok()
            });
            Some(Mocks { tables, zone })
        })
    }
}

struct Reading<'r> {
    schema: &'static Schema,
    to: Side,
    /// What the side takes, of goods and people; an order's document is whatever its template says.
    target: Option<&'static Target>,
    fetch: Fetch<'r>,
    /// The keys that name a field of the header.
    roles: &'static [&'static str],
    chain: Vec<String>,
    mistakes: Vec<Mistake>,
}

impl Reading<'_> {
    /// Reads a template with all that it extends.
    fn whole(&mut self, file: &str, text: &str) -> (Draft, Sheet) {
        let draft = self.draft(file, text);
        let mut late = Vec::new();
        let Some(mut draft) = draft else {
            return (Draft::default(), finish(&Draft::default(), self.schema, None, &mut late));
        };
        draft.settle(&mut late);
        self.check_roles(&draft, file, &mut late);
        let sheet = finish(&draft, self.schema, self.target, &mut late);
        self.mistakes.append(&mut late);
        (draft, sheet)
    }

    /// Reads one file and what it extends. `None` where there is nothing to check further: it is no TOML, or what it extends
    /// cannot be read.
    fn draft(&mut self, file: &str, text: &str) -> Option<Draft> {
        self.chain.push(file.to_owned());
        let (mut made, mut foreign, mut late) = (None, Vec::new(), Vec::new());
        let read = Page::read(file, text, |root| {
            let name = root.required("name", "give the template a name");
            let mut draft = Draft { name: name.as_ref().and_then(|entry| entry.text()).unwrap_or_default(), ..Draft::default() };
            self.check_entity(root);
            let base = root.entry("extends").map(|entry| self.extended(&entry, file, &mut foreign));
            draft.tables = root.table("tables").map(|tables| Table::read(&tables)).unwrap_or_default();
            let group = |name: &str, needed: bool, cure: &str| {
                let entry = if needed && base.is_none() { root.required(name, cure) } else { root.entry(name) };
                let place = entry.as_ref().map(|entry| entry.place());
                (entry.and_then(|entry| entry.table()).map(|table| Draft::rows(&table)).unwrap_or_default(), place)
            };
            (draft.header, draft.place) = group("header", true, "add [header] with the document's fields");
            draft.place = draft.place.or_else(|| name.map(|entry| entry.place()));
            let takes = |list: &List| self.target.is_none_or(|target| target.lists.iter().any(|lines| lines.from == list.name));
            let read = |list: &List| {
                if takes(list) { group(list.name, true, &format!("add [{}] with the fields of a {}", list.name, list.item)).0 } else { Vec::new() }
            };
            draft.lists = self.schema.lists.iter().map(read).collect();
            for role in self.roles {
                let entry = if base.is_none() { root.required(role, "name the header field that carries it") } else { root.entry(role) };
                draft.roles.extend(entry.and_then(|entry| Some((*role, entry.text()?, entry.place()))));
            }
            made = match base {
                None => Some(draft),
                Some(None) => None,
                Some(Some(base)) => Some(draft.over(base, &mut late)),
            };
            Some(())
        });
        self.mistakes.extend(read.err().unwrap_or_default());
        self.mistakes.append(&mut late);
        self.mistakes.append(&mut foreign);
        self.chain.pop();
        made
    }

    /// What a template extends.
    fn extended(&mut self, entry: &written::Entry<'_>, file: &str, foreign: &mut Vec<Mistake>) -> Option<Draft> {
        let name = entry.text()?;
        let shipped = shipped(&name).map(|(name, text)| (name.to_owned(), text.to_owned()));
        let (base, text) = match shipped.map_or_else(|| (self.fetch)(&name, file), Ok) {
            Ok(found) => found,
            Err(why) => {
                let known: Vec<&str> = if self.target.is_none() { SHIPPED } else { FORMS }.iter().map(|(name, _)| *name).collect();
                entry.wrong(format!("`{name}` cannot be read: {why}"), format!("name a file beside this one, or one of {}", known.join(", ")));
                return None;
            }
        };
        // A cycle over names that differ in writing (`../a/b.toml`) only shows by its length.
        if self.chain.contains(&base) || self.chain.len() >= DEEPEST {
            let chain = self.chain.iter().chain([&base]).map(String::as_str).collect::<Vec<_>>().join(" → ");
            entry.wrong(format!("extends itself: {chain}"), "a template cannot extend what extends it");
            return None;
        }
        let before = self.mistakes.len();
        let draft = self.draft(&base, &text);
        let theirs = self.mistakes.split_off(before);
        if !theirs.is_empty() {
            entry.wrong(format!("the template `{name}` has mistakes"), "they are listed with its own lines");
            foreign.extend(theirs);
        }
        draft
    }

    fn check_entity(&self, root: &written::Table<'_>) {
        let to = if self.to == Side::Erp { ("erp", "to-erp") } else { ("shop", "to-shop") };
        for (key, own) in [("entity", self.schema.entity), ("to", to.0), ("direction", to.1)] {
            // A template of goods or people says what it is for: by that it is told from one of orders.
            let is_said = self.target.is_some() && key != "direction";
            let entry = if is_said { root.required(key, &format!("write {key} = \"{own}\"")) } else { root.entry(key) };
            if let Some(entry) = entry
                && let Some(found) = entry.text().filter(|found| found != own)
            {
                entry.wrong(
                    format!("a template for `{found}` stands where one for `{own}` is needed"),
                    format!("write {key} = \"{own}\"{}", if is_said { "" } else { ", or drop it" }),
                );
            }
        }
    }

    fn check_roles(&self, draft: &Draft, file: &str, late: &mut Vec<Mistake>) {
        for (role, field, place) in &draft.roles {
            if !draft.header.iter().any(|row| row.target == *field) {
                let names: Vec<String> = draft.header.iter().map(|row| row.target.clone()).collect();
                let near = written::nearest(field, &names);
                let mut mistake = place.wrong(
                    format!("`{field}` is no field of [header]"),
                    near.map_or_else(|| "name a field of [header]".to_owned(), |near| format!("did you mean `{near}`?")),
                );
                if *place.file != *file {
                    mistake.message = format!("the {role} `{field}` is no field of [header] any more: {file} removes it");
                }
                late.push(mistake);
            }
        }
    }

    /// All mistakes, those of the file itself first, each file's by line.
    fn told(&mut self, file: &str) -> Result<(), Vec<Mistake>> {
        let mut mistakes = std::mem::take(&mut self.mistakes);
        mistakes.sort_by(|one, other| {
            let key = |mistake: &Mistake| (mistake.file != file, mistake.file.clone(), mistake.line, mistake.column);
            key(one).cmp(&key(other))
        });
        if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
    }
}
