//! The seam to the shop: how an event is received at the door and how an order is read from its bytes.

use crate::{Fault, Order, record::Kind, target::Busy};
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

/// A system that events come from.
#[async_trait]
pub trait Source: Send + Sync {
    /// The connection's name in the settings.
    fn name(&self) -> &str;
    /// Checks who sent it and reads the envelope. `header` gives a request header by lower-case name.
    /// Fails with E501 or E502: then nothing is kept.
    fn receive(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8], now: Timestamp) -> Result<Received, Fault>;
    /// Reads the bytes of an event, or what [`Source::fetch`] gave. Fails with E201 to E204.
    fn read(&self, body: &[u8]) -> Result<Content, Fault>;
    /// Fetches an order by the shop's id, for thin events.
    async fn fetch(&self, id: &str) -> Result<Vec<u8>, Busy>;
}
