//! What an event is about, read at the door with as little work as can be, and which reading its bytes need later.

use super::{convert, peer, wire};
use crate::{
    explain::{check_depth, explain},
    scalar::Moment,
};
use crossdock_flow::{
    Code, Fault, OrderNumber,
    entity::echo as entity,
    fault::shorten,
    record::Kind,
    source::{Content, Head},
    sync::peer::News,
};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Reads the envelope. Nothing of the order itself is built. Fails with E201 or E202.
pub(super) fn head(body: &[u8], event_id: &str) -> Result<Head, Fault> {
    let event: wire::Event<wire::Head> = serde_json::from_slice(body).map_err(|_| explain::<wire::Event<wire::Head>>(body))?;
    let kind = match event.kind.0.as_str() {
        "order.created" => Kind::Created,
        "order.updated" => Kind::Updated,
        "order.cancelled" => Kind::Cancelled,
        other => {
            let message = format!("`{}` is none of order.created, order.updated and order.cancelled", shorten(other));
            return Err(Fault::new(Code::InvalidField, message).at("type"));
        }
    };
    let order = OrderNumber::parse(&event.data.order_id.0).map_err(|fault| fault.at("data.orderId"))?;
    let version = convert::version(event.data.version, [event.data.updated_at, event.timestamp], "data.")?;
    Ok(Head { event_id: event_id.to_owned(), kind, order: order.to_string(), version })
}

/// What an event is about that is kept alike: a customer, or money; nothing when it is about something else.
pub(super) fn news(body: &[u8]) -> Option<Result<(entity::Kind, News), Fault>> {
    #[derive(Deserialize)]
    struct Event<'a> {
        #[serde(rename = "type")]
        kind: &'a str,
        #[serde(borrow)]
        data: &'a RawValue,
    }
    let event: Event = serde_json::from_slice(body).ok()?;
    let kind = event.kind.strip_suffix(".created").or_else(|| event.kind.strip_suffix(".updated"))?;
    let kind = kind.parse().ok().filter(|kind: &entity::Kind| *kind == entity::Kind::Customer || kind.is_money())?;
    Some(peer::news_of(kind, event.data).map(|news| (kind, news)))
}

/// Reads an event, or an order as the REST interface gives it. Fails with E201 to E204.
pub(super) fn read(body: &[u8]) -> Result<Content, Fault> {
    check_depth(body)?;
    if let Ok(event) = serde_json::from_slice::<wire::Event<wire::Order>>(body) {
        return whole(event.data, event.timestamp, "data.");
    }
    // Not a whole event: a thin one, a bare order, or broken.
    // (The first value only: what comes after it is for the explanation to find.)
    let Some(shape) = shape(body) else { return Err(explain::<wire::Event<wire::Order>>(body)) };
    if shape.data.is_none() {
        let order: wire::Order = serde_json::from_slice(body).map_err(|_| explain::<wire::Order>(body))?;
        return whole(order, None, "");
    }
    match serde_json::from_slice::<wire::Event<wire::Head>>(body) {
        Ok(event) if event.data.line_items.is_none() => {
            let number = OrderNumber::parse(&event.data.order_id.0).map_err(|fault| fault.at("data.orderId"))?;
            Ok(Content::Thin(number.to_string()))
        }
        _ => Err(explain::<wire::Event<wire::Order>>(body)),
    }
}

/// Where the order stands in the bytes: `data`, or nothing where they are the order itself or cannot be told.
pub(super) fn root(body: &[u8]) -> &'static str {
    shape(body).and_then(|shape| shape.data).map_or("", |_| "data")
}

fn shape(body: &[u8]) -> Option<wire::Shape> {
    serde_json::Deserializer::from_slice(body).into_iter().next()?.ok()
}

fn whole(order: wire::Order, timestamp: Option<Moment>, prefix: &str) -> Result<Content, Fault> {
    Ok(Content::Order(Box::new(convert::order(order, timestamp, prefix)?)))
}
