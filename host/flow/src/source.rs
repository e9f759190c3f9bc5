//! The seam to the shop: how an event is received at the door and how an order is read from its bytes.

use crate::{
    Currency, Decimal, Fault, Order,
    correct::Place,
    record::Kind,
    target::{Busy, Page},
};
use async_trait::async_trait;
use jiff::Timestamp;

/// What the door knows of an event after the signature is checked and the envelope is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The sender's id of the event.
    pub event_id: String,
    /// What it is about.
    pub kind: Kind,
    /// The order it is about: the key of its lane.
    pub order: String,
    /// The shop's version of the order; higher is newer.
    pub version: i64,
}

/// What came through the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// An event we understand.
    Event(Head),
    /// News of a customer or of money: it waits with what is kept alike, not with the orders.
    News {
        /// The sender's id of the event.
        event_id: String,
        /// What it is about.
        kind: crate::entity::echo::Kind,
        /// As the shop gives it.
        news: crate::sync::peer::News,
    },
    /// It is signed, so it is the shop's, but its envelope cannot be read: it is kept and parked with this fault.
    Unreadable {
        /// The sender's id of the event.
        event_id: String,
        /// Why: E201, E202.
        fault: Fault,
    },
}

/// What the bytes of an event hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The whole order.
    Order(Box<Order>),
    /// Only its id: the order must be fetched.
    Thin(String),
}

/// An order in the shop's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub order: String,
    /// The shop's version.
    pub version: i64,
    /// Whether it is cancelled.
    pub cancelled: bool,
    /// What it is worth, and in which currency; nothing where the row cannot be read.
    pub total: Option<(Decimal, Currency)>,
    /// The order as the shop gives it: [`Source::read`] reads it.
    pub body: Vec<u8>,
}

/// A system that events come from.
#[async_trait]
pub trait Source: Send + Sync {
    /// The connection's name in the settings.
    fn name(&self) -> &str;
    /// Checks who sent it and reads the envelope. `header` gives a request header by lower-case name.
    /// Fails with E501 or E502: then nothing is kept.
    fn receive(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8], now: Timestamp) -> Result<Received, Fault>;
    /// Reads the envelope of an event that is kept already: for a corrected copy. Fails with E201 or E202.
    fn head(&self, event_id: &str, body: &[u8]) -> Result<Head, Fault>;
    /// Reads the bytes of an event, or what [`Source::fetch`] gave. Fails with E201 to E204.
    fn read(&self, body: &[u8]) -> Result<Content, Fault>;
    /// Fetches an order by the shop's id, for thin events.
    async fn fetch(&self, id: &str) -> Result<Vec<u8>, Busy>;
    /// The orders that changed since then, oldest change first, a page at a time.
    async fn updated_since(&self, since: Timestamp, page: Option<&str>) -> Result<Page<Listed>, Busy>;
    /// Where in an event of ours something stands that a fault points to: `place` is a path of the event itself
    /// (`data.lineItems[3].sku`) or of the canonical order (`lines[3].sku`, `shipping-address.country`; without the index
    /// all lines are meant). Empty when it cannot be said.
    fn locate(&self, body: &[u8], place: &str) -> Vec<Place>;
    /// Where the order stands in an event of ours: `data`, or nothing where the bytes are the order itself.
    fn root(&self, body: &[u8]) -> &'static str;
}
