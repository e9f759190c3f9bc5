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
    if topic.starts_with("orders/") {
        return Ok(());
    }
    Err(invalid(format!("`{}` is no topic of orders: subscribe to orders/create, orders/updated and orders/cancelled", shorten(topic)))
        .at("x-shopify-topic"))
}

/// Reads the envelope; an order that was deleted has no time, so that of its arrival is its version.
/// Fails with E201 or E202.
pub(super) fn head(body: &[u8], event_id: &str, now: Option<Timestamp>) -> Result<Head, Fault> {
    let sent = parse(body)?;
    if let Some(edit) = sent.order_edit {
        let order = OrderNumber::parse(&edit.order_id.0).map_err(|fault| fault.at("order_edit.order_id"))?;
        return Ok(made(event_id, Kind::Updated, &order, edit.created_at.0.at));
    }
    let order = number(sent.id)?;
    if sent.line_items.is_none() {
        // Nothing but its id is left of an order that was deleted.
        return match (now, sent.updated_at.is_none()) {
            (Some(now), true) => Ok(made(event_id, Kind::Cancelled, &order, now)),
            _ => Err(Fault::new(Code::Malformed, "the order has no `line_items`").at("line_items")),
        };
    }
    let Some(updated) = sent.updated_at else { return Err(Fault::new(Code::Malformed, "missing field `updated_at`").at("updated_at")) };
    let kind = match (sent.cancelled_at, sent.created_at) {
        (Some(_), _) => Kind::Cancelled,
        (None, Some(created)) if created.0.at == updated.0.at => Kind::Created,
        _ => Kind::Updated,
    };
    Ok(made(event_id, kind, &order, updated.0.at))
}

fn made(event_id: &str, kind: Kind, order: &OrderNumber, at: Timestamp) -> Head {
    Head { event_id: event_id.to_owned(), kind, order: order.to_string(), version: at.as_millisecond() }
}

/// Reads an order, or finds that an event only names one. Fails with E201 to E204.
pub(super) fn read(body: &[u8], tip_sku: Option<&str>) -> Result<Content, Fault> {
    check_depth(body)?;
    if let Ok(order) = serde_json::from_slice::<wire::Order>(body) {
        return Ok(Content::Order(Box::new(convert::order(order, tip_sku)?)));
    }
    let sent = parse(body)?;
    match (sent.order_edit, sent.line_items) {
        (Some(edit), _) => Ok(Content::Thin(OrderNumber::parse(&edit.order_id.0).map_err(|fault| fault.at("order_edit.order_id"))?.to_string())),
        (None, None) if sent.updated_at.is_none() => Ok(Content::Thin(number(sent.id)?.to_string())),
        _ => Err(explain::<wire::Order>(body)),
    }
}

fn parse(body: &[u8]) -> Result<wire::Head, Fault> {
    serde_json::from_slice(body).map_err(|_| explain::<wire::Head>(body))
}

fn number(id: Option<crate::scalar::Text>) -> Result<OrderNumber, Fault> {
    OrderNumber::parse(&id.unwrap_or_default().0).map_err(|fault| fault.at("id"))
}
