//! The seam to one side, as keeping both alike needs it: what changed there, what is there, and writing to it.

use super::Subject;
use crate::{
    Fault,
    entity::{Side, echo::Kind},
    target::{Answer, Busy, Page},
};
use async_trait::async_trait;
use jiff::Timestamp;

/// An entity as a side gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// That side's id of it: the key under which it waits.
    pub key: String,
    /// Higher is newer: the side's own version, or the time of the change in microseconds.
    pub version: i64,
    /// When it was changed, by that side's clock.
    pub changed_at: Timestamp,
    /// Who made this change, where the side says so; else empty.
    pub origin: String,
    /// The bytes: [`Peer::read`] reads them.
    pub body: Vec<u8>,
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seek<'s> {
    /// The entity of that side's id.
    Id(&'s str),
    /// The customers that carry this id of the shop's.
    WebId(&'s str),
    /// The customers with this e-mail.
    Email(&'s str),
    /// All of an order: shipments, invoices.
    Order(&'s str),
}

/// One side.
#[async_trait]
pub trait Peer: Send + Sync {
    /// The connection's name in the settings.
    fn name(&self) -> &str;
    /// Which side it is.
    fn side(&self) -> Side;
    /// What changed since then, oldest change first, a page at a time.
    async fn changed(&self, kind: Kind, since: Timestamp, page: Option<&str>) -> Result<Page<News>, Busy>;
    /// Reads what [`Peer::changed`] or [`Peer::find`] gave. Fails with E201, E202 or E204.
    fn read(&self, kind: Kind, body: &[u8]) -> Result<Subject, Fault>;
    /// Writes an entity the way this side takes it: read again, it is what this side will say of it. Fails with E202 when
    /// the side has no such entity.
    fn write(&self, subject: &Subject) -> Result<Vec<u8>, Fault>;
    /// What is there. Empty only when the side itself says that nothing is.
    async fn find(&self, kind: Kind, seek: Seek<'_>) -> Result<Vec<News>, Busy>;
    /// Puts an entity there: a new one, or in the place of `there`. Twice does no more than once, but for a new customer. The receipt
    /// is that side's id. `stamp` may be empty: then nobody is said to have made the change. What changed since `there` was read is busy, at once, where the side can tell.
    async fn put(&self, subject: &Subject, there: Option<&News>, stamp: &str) -> Answer;
}
