//! The seam to the ERP: what the flow asks of it, and the three outcomes that a write can have.

use crate::{Decimal, Document, Fault};
use async_trait::async_trait;
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
    /// It is refused for good: the same document will be refused again. E401, E404, E405.
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
    /// Reads the stock of every warehouse.
    async fn stock(&self) -> Result<Stock, Busy>;
}
