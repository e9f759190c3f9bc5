//! `[sync.NAME]`: what else is kept alike on both sides, and which way it goes. Absent: nothing is.

use super::{HOUR, MILLISECOND, done};
use crossdock_flow::{
    entity::{
        Side,
        address::AddressPolicy,
        echo::Kind,
        merge::{Rule, Rules},
    },
    settle::Schedule,
    sync::{Books, Flow},
    written::{Entry, Table},
};
use std::{sync::Arc, time::Duration};

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

/// The names of both connections, as `[orders]` says, and whether they can be asked what changed. As written: what is wrong
/// with a connection is told where it stands, and not here again.
pub(super) struct Sides {
    shop: (Option<String>, Result<(), Cure>),
    erp: (Option<String>, Result<(), Cure>),
}

/// What has to be done before a side can be kept alike.
pub(super) type Cure = &'static str;

impl Sides {
    /// Looks at what is written.
    pub(super) fn of(connections: &Table<'_>, orders: &Table<'_>) -> Sides {
        let (shop, erp) = (orders.text("from"), orders.text("to"));
        let own = |name: &Option<String>| name.as_ref().filter(|name| connections.names().contains(name)).and_then(|name| connections.table(name));
        let kind = |name: &Option<String>| own(name).and_then(|table| table.text("kind"));
        let has_api = own(&shop).is_some_and(|table| table.entry("api").is_some());
        let shop_can = match kind(&shop).as_deref() {
            Some("clarity") if has_api => Ok(()),
            Some("clarity") => Err("give the shop's connection `api` and `token`"),
            _ => Err("name a connection of kind clarity in [orders]: other shops bring orders only"),
        };
        let erp_can = if kind(&erp).as_deref() == Some("sagepro") { Ok(()) } else { Err("name a connection of kind sagepro in [orders]") };
        Sides { shop: (shop, shop_can), erp: (erp, erp_can) }
    }

    /// Whether the ERP can be asked what it has.
    pub(super) fn erp_can(&self) -> Result<(), Cure> {
        self.erp.1
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
}

/// Reads all of them. A mistake in one does not hide those of another.
pub(super) fn read(table: Option<&Table<'_>>, sides: &Sides, common: &Common<'_>) -> Vec<Flow> {
    let Some(table) = table else { return Vec::new() };
    let mut flows: Vec<Flow> = Vec::new();
    for name in table.names() {
        let Some(own) = table.table(&name) else { continue };
        let Some(flow) = done(&own, |own| read_one(own, &name, sides, common)) else { continue };
        if let Some(other) = flows.iter().find(|other| (other.kind, other.from) == (flow.kind, flow.from)) {
            own.wrong(format!("[sync.{}] does the same", other.name), "take one of them away");
            continue;
        }
        flows.push(flow);
    }
    flows
}

fn read_one(table: &Table<'_>, name: &str, sides: &Sides, common: &Common<'_>) -> Option<Flow> {
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
    if let (Some(from), Some(to)) = (from, to)
        && from == to
    {
        table.wrong("`from` and `to` are the same side", "one is the shop's connection, the other the ERP's");
        return None;
    }
    if let (Some((entity, kind, may)), Some(from)) = (entity, from)
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
    if kind.is_money() && !books.is_written {
        table.wrong(format!("a {kind} becomes ledger entries, and no ledger is kept"), "add [ledger] with currency and accounts: see docs/money.md");
        return None;
    }
    Some(Flow {
        name: name.into(),
        kind: *kind,
        from: from.filter(|_| to.is_some())?,
        every: every?,
        overlap: overlap?,
        rules: rules?,
        books: books.books.clone(),
        promises: None,
        addresses: common.addresses.clone(),
        schedule: common.schedule.clone(),
        integration: Arc::from(common.integration),
    })
}

/// Which side a connection is. Only those of `[orders]` are opened.
fn side(entry: &Entry<'_>, sides: &Sides) -> Option<Side> {
    let name = entry.text()?;
    let (side, can) = if sides.shop.0.as_ref() == Some(&name) {
        (Side::Shop, sides.shop.1)
    } else if sides.erp.0.as_ref() == Some(&name) {
        (Side::Erp, sides.erp.1)
    } else {
        entry.wrong(format!("`{name}` is neither side of [orders]"), "name the connections that [orders] has in `from` and `to`");
        return None;
    };
    if let Err(cure) = can {
        entry.wrong(format!("`{name}` cannot be asked what changed"), cure);
        return None;
    }
    Some(side)
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
