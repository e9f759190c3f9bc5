//! `[sync.NAME]`: what else is kept alike on both sides, and which way it goes. Absent: nothing is.

use super::{HOUR, MILLISECOND, done};
use crate::templates::{self, Missing};
use crossdock_flow::{
    entity::{
        Side,
        address::AddressPolicy,
        echo::Kind,
        merge::{Rule, Rules},
    },
    mapping::{self, Form},
    settle::Schedule,
    sync::{Books, Carries, Flow},
    written::{Entry, Mistake, Table},
};
use jiff::tz::TimeZone;
use std::{path::Path, sync::Arc, time::Duration};

/// What an entity may be, and the sides that it may come from.
const ENTITIES: [(&str, Kind, &[Side]); 9] = [
    ("product", Kind::Product, &[Side::Erp]),
    ("customer", Kind::Customer, &[Side::Shop, Side::Erp]),
    ("stock", Kind::Stock, &[Side::Erp]),
    ("shipment", Kind::Shipment, &[Side::Erp]),
    ("invoice", Kind::Invoice, &[Side::Erp]),
    ("payment", Kind::Payment, &[Side::Shop]),
    ("refund", Kind::Refund, &[Side::Shop]),
    ("dispute", Kind::Dispute, &[Side::Shop]),
    ("payout", Kind::Payout, &[Side::Shop]),
];
/// The same, in words.
const NAMES: &str = "one of product, customer, stock, shipment, invoice, payment, refund, dispute, payout";

/// The books, and whether `[ledger]` is written at all: what is wrong with it is told there.
pub(super) struct Kept {
    pub(super) is_written: bool,
    pub(super) books: Option<Arc<Books>>,
}

/// The names of the connections, as `[orders]` says, and whether they can be asked what changed. As written: what is wrong
/// with a connection is told where it stands, and not here again.
pub(super) struct Sides {
    shops: Vec<(String, Result<(), Cure>)>,
    erp: (Option<String>, Result<(), Cure>),
}

/// What has to be done before a side can be kept alike.
pub(super) type Cure = &'static str;

/// One end of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    /// A shop, by its connection's name.
    Shop(String),
    Erp,
}

impl End {
    fn side(&self) -> Side {
        if *self == End::Erp { Side::Erp } else { Side::Shop }
    }
}

impl Sides {
    /// Looks at what is written.
    pub(super) fn of(connections: &Table<'_>, orders: &Table<'_>) -> Sides {
        let own = |name: &str| connections.names().iter().any(|known| known == name).then(|| connections.table(name)).flatten();
        let kind = |name: &str| own(name).and_then(|table| table.text("kind"));
        let can = |name: &str| {
            let has_api = own(name).is_some_and(|table| table.entry("api").is_some());
            match kind(name).as_deref() {
                Some("clarity") if has_api => Ok(()),
                Some("clarity") => Err("give the shop's connection `api` and `token`"),
                _ => Err("name a connection of kind clarity in [orders]: other shops bring orders only"),
            }
        };
        let named = |entry: &Entry<'_>| if entry.is_text() { entry.text() } else { None };
        let from = orders.entry("from").filter(|entry| entry.is_text() || entry.is_list());
        let items = from.map(|entry| if entry.is_list() { entry.items() } else { vec![entry] }).unwrap_or_default();
        let shops = items
            .iter()
            .filter_map(named)
            .map(|name| {
                let can = can(&name);
                (name, can)
            })
            .collect();
        let erp = orders.text("to");
        let erp_can =
            if erp.as_deref().and_then(kind).as_deref() == Some("sagepro") { Ok(()) } else { Err("name a connection of kind sagepro in [orders]") };
        Sides { shops, erp: (erp, erp_can) }
    }

    /// Whether the ERP can be asked what it has.
    pub(super) fn erp_can(&self) -> Result<(), Cure> {
        self.erp.1
    }

    /// The shops.
    pub(super) fn shops(&self) -> impl Iterator<Item = &str> {
        self.shops.iter().map(|(name, _)| name.as_str())
    }
}

/// What all of them have in common.
pub(super) struct Common<'c> {
    /// Name of the integration.
    pub integration: &'c str,
    /// When to try again.
    pub schedule: &'c Schedule,
    /// The books.
    pub books: &'c Kept,
    /// How the ERP wants addresses.
    pub addresses: Option<AddressPolicy>,
    /// Where the company is.
    pub zone: TimeZone,
    /// Where the settings are: templates start there.
    pub home: &'c Path,
}

/// Reads all of them. A mistake in one does not hide those of another; those of templates go to `foreign`.
pub(super) fn read(table: Option<&Table<'_>>, sides: &Sides, common: &Common<'_>, foreign: &mut Vec<Mistake>) -> Vec<Flow> {
    let Some(table) = table else { return Vec::new() };
    let mut flows: Vec<Flow> = Vec::new();
    for name in table.names() {
        let Some(own) = table.table(&name) else { continue };
        let Some(flow) = done(&own, |own| read_one(own, &name, sides, common, foreign)) else { continue };
        if let Some(other) = flows.iter().find(|other| (other.kind, other.from, &other.shop) == (flow.kind, flow.from, &flow.shop)) {
            own.wrong(format!("[sync.{}] does the same", other.name), "take one of them away");
            continue;
        }
        // The ERP has one web id of each customer, and each of them is one of two.
        if let Some(other) = flows.iter().find(|other| flow.kind == Kind::Customer && other.kind == Kind::Customer && other.shop != flow.shop) {
            let what =
                format!("[sync.{}] keeps customers alike with the shop `{}`, and the ERP's customers have one web id each", other.name, other.shop);
            own.wrong(what, "keep them alike with one of the shops");
            continue;
        }
        flows.push(flow);
    }
    flows
}

fn read_one(table: &Table<'_>, name: &str, sides: &Sides, common: &Common<'_>, foreign: &mut Vec<Mistake>) -> Option<Flow> {
    let books = common.books;
    let entity = table.required("entity", NAMES).and_then(|entry| {
        let written = entry.text()?;
        let found = ENTITIES.iter().find(|(name, ..)| *name == written);
        if found.is_none() {
            entry.wrong(format!("there is no entity `{written}`"), NAMES);
        }
        found
    });
    let from = table.required("from", "name the connection that it comes from").and_then(|entry| side(&entry, sides));
    let to = table.required("to", "name the connection that it goes to").and_then(|entry| side(&entry, sides));
    // Everything is read before anything is given up, so that all mistakes are told.
    let wait = |key: &str, normal: Duration, least| table.entry(key).map_or(Some(normal), |entry| entry.duration(least, 24 * HOUR));
    let every = wait("every", Duration::from_secs(60), 100 * MILLISECOND);
    let overlap = wait("overlap", Duration::from_secs(600), Duration::ZERO);
    let rules = table.entry("rules");
    if let (Some(entry), Some((_, kind, _))) = (&rules, entity)
        && *kind != Kind::Customer
    {
        entry.wrong("only customers are merged", "take `rules` away: what goes one way is the sender's");
    }
    let rules = rules.and_then(|entry| entry.table()).map_or_else(|| Some(Rules::default()), |table| done(&table, read_rules));
    let form = match (table.entry("mapping"), entity, &to) {
        (None, ..) => Some(None),
        (Some(entry), Some((_, kind, _)), Some(to)) => read_form(&entry, *kind, to.side(), common.home, foreign).map(Some),
        // What it would be for is told above.
        (Some(_), ..) => None,
    };
    let mut carries = match table.entry("custom-fields") {
        None => Carries::All,
        Some(entry) => {
            if let Some((name, kind, _)) = entity
                && (kind.is_money() || *kind == Kind::Stock)
            {
                entry.wrong(format!("a {name} has no custom fields"), "take it away");
            }
            Carries::Only(entry.texts().into_iter().collect())
        }
    };
    if let (Some(from), Some(to)) = (&from, &to)
        && from.side() == to.side()
    {
        table.wrong("`from` and `to` are the same side", "one is the shop's connection, the other the ERP's");
        return None;
    }
    if let (Some((entity, kind, may)), Some(from)) = (entity, from.as_ref().map(End::side))
        && !may.contains(&from)
    {
        let cure = match kind {
            Kind::Stock => "write it from the ERP to the shop: what the shop sells reaches the ERP with its orders",
            _ if kind.is_money() => "write it from the shop to the ERP",
            _ => "write it from the ERP to the shop",
        };
        table.wrong(format!("a {entity} does not come from the {from}"), cure);
        return None;
    }
    let (_, kind, _) = entity?;
    let side = from.as_ref().map(End::side);
    let shop = [&from, &to].into_iter().flatten().find_map(|end| if let End::Shop(name) = end { Some(Arc::from(name.as_str())) } else { None });
    if let (Carries::Only(names), Some(Some(form))) = (&mut carries, &form) {
        names.extend(form.custom().map(str::to_owned));
    }
    if kind.is_money() && !books.is_written {
        table.wrong(format!("a {kind} becomes ledger entries, and no ledger is kept"), "add [ledger] with currency and accounts: see docs/money.md");
        return None;
    }
    Some(Flow {
        name: name.into(),
        kind: *kind,
        from: side.filter(|_| to.is_some())?,
        shop: shop?,
        every: every?,
        overlap: overlap?,
        rules: rules?,
        carries,
        form: form?,
        zone: common.zone.clone(),
        books: books.books.clone(),
        promises: None,
        addresses: common.addresses.clone(),
        schedule: common.schedule.clone(),
        integration: Arc::from(common.integration),
    })
}

/// The template of what is written.
fn read_form(entry: &Entry<'_>, kind: Kind, to: Side, home: &Path, foreign: &mut Vec<Mistake>) -> Option<Form> {
    let name = entry.text()?;
    let Some(purpose) = templates::purpose(kind, to) else {
        let cure =
            if kind.is_money() { "take `mapping` away: what is posted follows from [ledger], and must balance" } else { "take `mapping` away" };
        entry.wrong(format!("what comes of a {kind} is written by no template"), cure);
        return None;
    };
    match templates::form(&name, home, purpose) {
        Ok(form) => return Some(form),
        Err(Missing::Unreadable(why)) => {
            let shipped: Vec<&str> = mapping::FORMS.iter().map(|(name, _)| *name).collect();
            entry.wrong(format!("`{name}` cannot be read: {why}"), format!("name a file, or one of {}", shipped.join(", ")));
        }
        Err(Missing::Stranger(is_for, needed)) => {
            entry.wrong(format!("`{name}` is a template for: {is_for}"), format!("name one that says {needed}"));
        }
        Err(Missing::Wrong(mistakes)) => {
            foreign.extend(mistakes);
            entry.wrong(format!("the template `{name}` has mistakes"), "they are listed with its own lines");
        }
    }
    None
}

/// Which side a connection is. Only those of `[orders]` are opened.
fn side(entry: &Entry<'_>, sides: &Sides) -> Option<End> {
    let name = entry.text()?;
    let (end, can) = if sides.erp.0.as_ref() == Some(&name) {
        (End::Erp, sides.erp.1)
    } else if let Some((_, can)) = sides.shops.iter().find(|(shop, _)| *shop == name) {
        (End::Shop(name.clone()), *can)
    } else {
        entry.wrong(format!("`{name}` is neither side of [orders]"), "name the connections that [orders] has in `from` and `to`");
        return None;
    };
    if let Err(cure) = can {
        entry.wrong(format!("`{name}` cannot be asked what changed"), cure);
        return None;
    }
    Some(end)
}

fn read_rules(table: &Table<'_>) -> Option<Rules> {
    let mut rules = Rules::default();
    for name in table.names() {
        let Some(entry) = table.entry(&name) else { continue };
        if name == "clear" {
            rules.clear = entry.texts().into_iter().collect();
            continue;
        }
        let Some(written) = entry.text() else { continue };
        let rule =
            [Rule::ShopWins, Rule::ErpWins, Rule::Newest, Rule::KeepLonger, Rule::NeverEmpty].into_iter().find(|rule| rule.to_string() == written);
        match rule {
            None => entry.wrong(format!("there is no rule `{written}`"), "one of shop-wins, erp-wins, newest, keep-longer, never-empty"),
            Some(rule) if name == "otherwise" => rules.otherwise = rule,
            Some(rule) => drop(rules.fields.insert(name, rule)),
        }
    }
    Some(rules)
}
