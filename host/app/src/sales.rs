//! Which order went to the ERP under which number, out of the records: what shipments and invoices are about.

use crate::shops::Shop;
use async_trait::async_trait;
use crossdock_flow::{
    Code, Fault, Order,
    desk::Backend,
    record::{Attempt, Story},
    source::Content,
    sync::sold::{Orders, Sold},
};
use std::sync::Arc;

/// The records, read for this.
pub(crate) struct Sales {
    /// Where they are.
    pub store: Arc<dyn Backend>,
    /// The shop whose orders are meant: what others sold is none of its business.
    pub shop: Shop,
}

#[async_trait]
impl Orders for Sales {
    async fn sold(&self, key: &str) -> Result<Option<Sold>, Fault> {
        if !self.shop.names.owns(key) {
            return Ok(None);
        }
        // The parts of a split order are its number with `-2`, `-3` …; an order's own number may look like that, too.
        let whole = key.rsplit_once('-').map(|(order, _)| order);
        for order in [Some(key), whole].into_iter().flatten() {
            let stories = self.store.story(order).await?;
            let found = stories.iter().rev().find_map(|story| Some((story, story.summary.parts.iter().find(|part| part.key == key)?)));
            let Some((story, part)) = found else { continue };
            let Some(attempt) = story.attempts_made.iter().rev().map(|(attempt, _)| attempt).find(|attempt| !attempt.documents.is_empty()) else {
                return Err(gone(key));
            };
            let number = &story.summary.order;
            let order = self.read(story, attempt).ok_or_else(|| gone(key))?;
            // Of a shop that is named no more: to this one it would be another order.
            if order.number.as_str() != number {
                return Ok(None);
            }
            let shipment = usize::try_from(part.part).ok().and_then(|place| attempt.shipments.get(place));
            let lines = match shipment {
                Some(shipment) => shipment.lines.iter().filter_map(|(line, _)| usize::try_from(*line).ok()).collect(),
                None => (0..order.lines.len().max(attempt.came.len())).collect(),
            };
            let total = story.summary.parts.iter().map(|part| part.total).sum();
            let takes = attempt.promise.as_ref().map(|promise| promise.takes.clone()).unwrap_or_default();
            return Ok(Some(Sold { order, lines, total, takes, came: attempt.came.clone() }));
        }
        Ok(None)
    }

    async fn parts(&self, order: &str) -> Result<Vec<String>, Fault> {
        let stories = self.store.story(order).await?;
        // What was cancelled is not billed; of several versions the newest that has documents says what they are.
        let newest = stories.iter().rev().find(|story| !story.summary.parts.is_empty());
        Ok(newest.map(|story| story.summary.parts.iter().map(|part| part.key.clone()).collect()).unwrap_or_default())
    }
}

impl Sales {
    fn read(&self, story: &Story, attempt: &Attempt) -> Option<Order> {
        let edited = story.edits.iter().rev().find_map(|edit| edit.body.as_deref());
        let body = attempt.fetched.as_ref().map(String::as_bytes).or(edited).or(story.body.as_deref())?;
        match self.shop.source.read(body).ok()? {
            Content::Order(order) => Some(*order),
            Content::Thin(_) => None,
        }
    }
}

fn gone(key: &str) -> Fault {
    Fault::new(Code::NotNow, format!("what went to the ERP as {key} is not kept any more: its lines cannot be told"))
}
