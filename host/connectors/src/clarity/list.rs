//! The shop's list of what changed: each order with its own bytes, and as much as can be read of one that is broken.

use super::{convert, wire};
use crate::{
    explain::check_depth,
    http::{self, unreadable},
    scalar::{Moment, Text},
};
use crossdock_flow::{
    Fault, OrderNumber,
    source::Listed,
    target::{Busy, Page},
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    orders: Vec<&'a RawValue>,
    next: Option<String>,
    error: Option<IgnoredAny>,
}

/// Reads an answer; `page` is what it was asked with. Fails with E405.
pub(super) fn page(shop: &str, body: &[u8], page: Option<&str>) -> Result<Page<Listed>, Busy> {
    let answer = serde_json::from_slice::<Answer>(body).ok().filter(|answer| answer.error.is_none());
    let answer = answer.ok_or_else(|| unreadable(shop, "the orders that changed"))?;
    let rows = answer.orders.iter().enumerate();
    let rows = rows.map(|(place, row)| listed(row).ok_or_else(|| unreadable(shop, &format!("`orders[{place}].orderId` or its version"))));
    Ok(Page { rows: rows.collect::<Result<_, _>>()?, next: http::next(shop, page, answer.next)? })
}

/// What is known of one order of the list, whole or broken. `None` when it cannot be told which order it is.
fn listed(row: &RawValue) -> Option<Listed> {
    let row = row.get();
    let head: wire::Row = serde_json::from_str(row).ok()?;
    let moment = |json: Option<&RawValue>| json.and_then(|json| serde_json::from_str::<Moment>(json.get()).ok());
    let status = head.status.and_then(|json| serde_json::from_str::<Text>(json.get()).ok()).unwrap_or_default().0;
    let whole = check_depth(row.as_bytes()).and_then(|()| read(row)).ok();
    Some(Listed {
        order: OrderNumber::parse(&head.order_id.0).ok()?.to_string(),
        version: convert::version(head.version, [moment(head.updated_at), moment(head.order_date)], "").ok()?,
        cancelled: ["cancelled", "canceled"].iter().any(|word| status.trim().eq_ignore_ascii_case(word)),
        total: whole.map(|order| (order.total, order.currency)),
        body: row.as_bytes().to_vec(),
    })
}

fn read(row: &str) -> Result<crossdock_flow::Order, Fault> {
    let order = serde_json::from_str(row).map_err(|_| Fault::new(crossdock_flow::Code::Malformed, "no whole order"))?;
    convert::order(order, None, "")
}
