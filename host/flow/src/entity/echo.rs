//! Echoes: what we wrote to one side comes back from there as news, and must not be carried to the other side again. Two
//! proofs that a change is our own: who made it, and that its content is what we wrote.
//!
//! A content that we wrote and somebody changed since is forgotten, so that changing it back is news.

use super::{
    Side,
    content::{Content, Hash},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
};

/// So many writings of one entity are remembered: as many may be on their way back at once.
const MOST: usize = 8;

/// What sort of entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Kind {
    Order,
    Customer,
    Product,
    Stock,
    Shipment,
    Invoice,
    Payment,
    Refund,
    Dispute,
    Payout,
    Entry,
}

/// One entity as one side knows it. Written `shop/customer/W17`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Entity {
    /// The side that has it.
    pub side: Side,
    /// What it is.
    pub kind: Kind,
    /// That side's id of it.
    pub id: String,
}

impl Entity {
    /// An entity of a side.
    pub fn new(side: Side, kind: Kind, id: impl Into<String>) -> Entity {
        Entity { side, kind, id: id.into() }
    }
}

const SIDES: [(Side, &str); 2] = [(Side::Shop, "shop"), (Side::Erp, "erp")];
const KINDS: [(Kind, &str); 11] = [
    (Kind::Order, "order"),
    (Kind::Customer, "customer"),
    (Kind::Product, "product"),
    (Kind::Stock, "stock"),
    (Kind::Shipment, "shipment"),
    (Kind::Invoice, "invoice"),
    (Kind::Payment, "payment"),
    (Kind::Refund, "refund"),
    (Kind::Dispute, "dispute"),
    (Kind::Payout, "payout"),
    (Kind::Entry, "entry"),
];

impl Kind {
    /// Whether it is about money: what comes of it goes into the ledger.
    pub fn is_money(self) -> bool {
        matches!(self, Kind::Payment | Kind::Refund | Kind::Dispute | Kind::Payout)
    }

    /// The name, as stored and shown.
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for Kind {
    type Err = ();
    fn from_str(name: &str) -> Result<Kind, ()> {
        KINDS.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind).ok_or(())
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = SIDES.iter().find(|(side, _)| *side == self.side).map_or("", |(_, name)| name);
        let kind = KINDS.iter().find(|(kind, _)| *kind == self.kind).map_or("", |(_, name)| name);
        write!(f, "{side}/{kind}/{}", self.id)
    }
}

impl From<Entity> for String {
    fn from(entity: Entity) -> String {
        entity.to_string()
    }
}

impl TryFrom<String> for Entity {
    type Error = String;
    fn try_from(text: String) -> Result<Entity, String> {
        let mut parts = text.splitn(3, '/');
        let mut next = || parts.next().unwrap_or_default();
        let (side, kind, id) = (next(), next(), next());
        let side = SIDES.iter().find(|(_, name)| *name == side);
        let kind = KINDS.iter().find(|(_, name)| *name == kind);
        match (side, kind) {
            (Some((side, _)), Some((kind, _))) if !id.is_empty() => Ok(Entity::new(*side, *kind, id)),
            _ => Err(format!("`{}` is no entity: side/kind/id", crate::fault::shorten(&text))),
        }
    }
}

/// Who made a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Us, as this integration. The stamp that we put on what we write.
    Us(String),
    /// Somebody else, as the side names them.
    Other(String),
    /// The side does not say.
    Unsaid,
}

impl Origin {
    /// What the stamp of ours begins with.
    const OURS: &str = "crossdock:";

    /// The stamp that goes with what we write, where the side has a place for it.
    pub fn stamp(integration: &str) -> String {
        format!("{}{integration}", Origin::OURS)
    }

    /// Reads who made a change. Another integration's stamp is somebody else: what one carries in, another carries on.
    pub fn read(stamp: &str, integration: &str) -> Origin {
        match stamp.trim().strip_prefix(Origin::OURS) {
            Some(name) if name == integration => Origin::Us(name.to_owned()),
            _ if stamp.trim().is_empty() => Origin::Unsaid,
            _ => Origin::Other(stamp.trim().to_owned()),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Us(integration) => f.write_str(&Origin::stamp(integration)),
            Origin::Other(name) => f.write_str(name),
            Origin::Unsaid => f.write_str("unsaid"),
        }
    }
}

/// A change as a side reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Incoming {
    /// Of what.
    pub entity: Entity,
    /// Who made this change. Not who made the entity: a stamp that stays on a record says nothing of later changes.
    pub origin: Origin,
    /// The entity's content now.
    pub hash: Hash,
    /// When it was changed, by the side's own clock.
    pub changed_at: Option<Timestamp>,
}

/// Why a change is not carried on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoOp {
    /// We made it.
    OurOrigin,
    /// It is what we wrote last.
    OurContent,
    /// It is what we wrote before we wrote again: it comes late.
    OurEarlierContent,
}

impl fmt::Display for NoOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoOp::OurOrigin => "the change was made by us",
            NoOp::OurContent => "it is what we wrote last",
            NoOp::OurEarlierContent => "it is what we wrote earlier, and we have written again since",
        })
    }
}

/// Something we wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Written {
    /// What.
    pub hash: Hash,
    /// When, by the side's own clock where its answer says so.
    pub at: Timestamp,
}

/// What we wrote, and nobody has changed since.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Echo {
    written: BTreeMap<Entity, VecDeque<Written>>,
}

impl Echo {
    /// Remembers what was written, before it is written: the echo may be quicker than the answer.
    pub fn wrote(&mut self, entity: Entity, content: &Content, at: Timestamp) {
        let written = self.written.entry(entity).or_default();
        written.push_back(Written { hash: content.hash(), at });
        if written.len() > MOST {
            written.pop_front();
        }
    }

    /// Whether this content is what we wrote last.
    pub fn is(&self, entity: &Entity, hash: Hash) -> bool {
        self.written.get(entity).and_then(VecDeque::back).is_some_and(|last| last.hash == hash)
    }

    /// Whether a change is our own, and how we know. Nothing means that it is news.
    pub fn judge(&self, incoming: &Incoming) -> Option<NoOp> {
        if matches!(incoming.origin, Origin::Us(_)) {
            return Some(NoOp::OurOrigin);
        }
        if self.is(&incoming.entity, incoming.hash) {
            return Some(NoOp::OurContent);
        }
        let written = self.written.get(&incoming.entity)?;
        let last = written.back()?;
        // Changed after our last writing, the same content is somebody's who put back what we had written before.
        let is_late = incoming.changed_at.is_none_or(|at| at <= last.at);
        (is_late && written.iter().any(|one| one.hash == incoming.hash)).then_some(NoOp::OurEarlierContent)
    }

    /// Takes note of news: what we wrote stands there no more.
    pub fn heard(&mut self, entity: &Entity) {
        self.written.remove(entity);
    }
}
