//! What an event is about, and which reading its bytes need later. All of it is said by the body, which is signed: the
//! topic of the header only has to be one of orders.

use super::{convert, wire};
use crate::{
    amount::invalid,
    explain::{check_depth, explain},
};
use crossdock_flow::{
    Code, Fault, OrderNumber,
    fault::shorten,
    record::Kind,
    source::{Content, Head},
};
use jiff::Timestamp;

/// Refuses events that are not about orders. Fails with E202.
pub(super) fn check_topic(topic: &str) -> Result<(), Fault> {
    if topic.starts_with("order.") {
        return Ok(());
    }
    Err(invalid(format!("`{}` is none of order.created, order.updated and order.deleted", shorten(topic))).at("x-wc-webhook-topic"))
}

/// Whether a status says that the order is not wanted any more. A payment that failed may still be made.
pub(super) fn is_cancelled(status: &str) -> bool {
    matches!(status, "cancelled" | "trash")
}

/// Reads the envelope; an order that was deleted has no time, so that of its arrival is its version.
/// Fails with E201 or E202.
pub(super) fn head(body: &[u8], event_id: &str, now: Option<Timestamp>) -> Result<Head, Fault> {
    let sent = parse(body)?;
    let order = OrderNumber::parse(&sent.id.0).map_err(|fault| fault.at("id"))?.to_string();
    let made = |kind, at: Timestamp| Ok(Head { event_id: event_id.to_owned(), kind, order: order.clone(), version: at.as_millisecond() });
    let modified = modified(sent.date_modified_gmt, sent.date_created_gmt);
    if sent.line_items.is_none() {
        // Nothing but its id is left of an order that was deleted.
        return match (now, modified) {
            (Some(now), None) => made(Kind::Cancelled, now),
            _ => Err(Fault::new(Code::Malformed, "the order has no `line_items`").at("line_items")),
        };
    }
    let modified = modified.ok_or_else(|| Fault::new(Code::Malformed, "missing field `date_modified_gmt`").at("date_modified_gmt"))?;
    let kind = match is_cancelled(&sent.status.0) {
        true => Kind::Cancelled,
        false if sent.date_created_gmt.and_then(wire::Local::gmt) == Some(modified) => Kind::Created,
        false => Kind::Updated,
    };
    made(kind, modified)
}

/// When an order changed last.
pub(super) fn modified(modified: Option<wire::Local>, created: Option<wire::Local>) -> Option<Timestamp> {
    modified.or(created).and_then(wire::Local::gmt)
}

/// Reads an order, or finds that an event only names one. Fails with E201 to E204.
pub(super) fn read(body: &[u8], fee_sku: Option<&str>) -> Result<Content, Fault> {
    check_depth(body)?;
    if let Ok(order) = serde_json::from_slice::<wire::Order>(body) {
        return Ok(Content::Order(Box::new(convert::order(order, fee_sku)?)));
    }
    let sent = parse(body)?;
    if sent.line_items.is_none() && sent.date_created_gmt.is_none() && sent.date_modified_gmt.is_none() {
        return Ok(Content::Thin(OrderNumber::parse(&sent.id.0).map_err(|fault| fault.at("id"))?.to_string()));
    }
    Err(explain::<wire::Order>(body))
}

fn parse(body: &[u8]) -> Result<wire::Head, Fault> {
    serde_json::from_slice(body).map_err(|_| explain::<wire::Head>(body))
}
