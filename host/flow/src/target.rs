//! The seam to the ERP: what the flow asks of it, and the three outcomes that a write can have.

use crate::{Decimal, Document, Fault, schema::Schema};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, time::Duration};

/// The ERP took the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The ERP's own number of the order, without padding.
    pub number: String,
}

/// Nothing was done at the partner; try again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Busy {
    /// What it said: E402, E404.
    pub fault: Fault,
    /// When it wants to be asked again.
    pub retry_after: Option<Duration>,
    /// Whether this counts as an attempt. Waiting for a rate limit does not.
    pub counts: bool,
}

/// What came of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done(Receipt),
    /// It is refused for good: the same document will be refused again. E401, E404, E405; E205 and E206 for an order that is
    /// cancelled or shipped there.
    Refused(Fault),
    /// It was not done; later it may be.
    Busy(Busy),
    /// Nobody knows: it must be looked up before it is sent again. E403.
    Unknown(Fault),
}

/// What a look-up by natural key found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The document is there: same key, same customer, same total.
    Here(Receipt),
    /// Nothing under this key.
    Missing,
    /// Something else under this key: E407.
    Other(Fault),
    /// No answer now.
    Busy(Busy),
}

/// How far the ERP has come with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Nothing is shipped: it can be changed and cancelled.
    Open,
    /// At least a part is shipped.
    Shipped,
    /// Cancelled.
    Cancelled,
}

/// An order in the ERP's books, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Booked {
    /// The ERP's number.
    pub number: String,
    /// The natural key: our purchase-order number.
    pub key: String,
    /// The customer's number.
    pub customer: String,
    /// What it is worth.
    pub total: Decimal,
    /// How far it is.
    pub standing: Standing,
}

/// A page of a list, and where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// What to ask the next page with; nothing when this is the last.
    pub next: Option<String>,
}

/// What each warehouse has of each article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// Warehouse id, then SKU, to units available.
    pub units: HashMap<String, HashMap<String, Decimal>>,
}

/// A system that documents go to.
#[async_trait]
pub trait Target: Send + Sync {
    /// The connection's name in the settings.
    fn name(&self) -> &str;
    /// Creates the document. Called only when nothing is known to stand under its key.
    async fn create(&self, document: &Document) -> Answer;
    /// Looks for the document by its natural key: purchase-order number, customer, total.
    async fn find(&self, document: &Document) -> Found;
    /// Cancels an order by the ERP's number. Cancelling one that is cancelled is done.
    async fn cancel(&self, number: &str) -> Answer;
    /// Puts another document in the place of the one with the ERP's number. Doing it twice does no harm. An order of which
    /// something is shipped is refused.
    async fn change(&self, number: &str, document: &Document) -> Answer;
    /// How far the ERP has come with the order of its number; nothing when there is none.
    async fn standing(&self, number: &str) -> Result<Option<Standing>, Busy>;
    /// The orders that were booked or changed since then, a page at a time.
    async fn booked(&self, since: Timestamp, page: Option<&str>) -> Result<Page<Booked>, Busy>;
    /// Reads the stock of every warehouse.
    async fn stock(&self) -> Result<Stock, Busy>;
    /// Reads what its tables look like now; nothing where it has none.
    async fn tables(&self) -> Result<Option<Vec<Schema>>, Busy> {
        Ok(None)
    }
}
