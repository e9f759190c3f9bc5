//! The door: webhooks come in over HTTP, are authenticated, and are on disk before they are acknowledged.
//! It knows nothing of rules and mappings.

use crate::{
    gate::Gate,
    keeper::{self, Keeper},
    shops::Shops,
};
use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use crossdock_flow::{
    Code, Fault,
    clock::Clock,
    desk::Backend,
    entity::{Side, echo},
    record::{Accepted, Event, Kind, Store},
    source::{Head, Received},
    sync::peer::News,
    target::Target,
};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Notify;

/// What the door needs.
pub(crate) struct Door {
    /// The shops.
    pub shops: Shops,
    /// Where events go.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Told after each event that is on disk.
    pub arrived: Arc<Notify>,
    /// Cap of a body, in bytes.
    pub max_body: usize,
    /// The ERP, for what is said of its health.
    pub target: Arc<Gate>,
    /// Where news of what is kept alike goes; nothing when nobody takes them.
    pub keeper: Option<Arc<Keeper>>,
    /// What is said of goods and people.
    pub ledger: Arc<dyn Backend>,
}

/// When the shop should come again while the store cannot take its event, in seconds.
const AGAIN: &str = "5";

/// The routes: `POST /webhooks/{connection}`, `GET /health`.
pub(crate) fn routes(door: Arc<Door>) -> Router {
    Router::new().route("/webhooks/{connection}", post(receive)).route("/health", get(health)).with_state(door)
}

async fn receive(State(door): State<Arc<Door>>, Path(connection): Path<String>, headers: HeaderMap, body: Body) -> Response {
    let Some(shop) = door.shops.named(&connection) else {
        return problem(StatusCode::NOT_FOUND, &Fault::new(Code::Settings, "there is no connection of this name"));
    };
    let Ok(body) = to_bytes(body, door.max_body).await else {
        let fault = Fault::new(Code::BodySize, "the body is larger than the cap, or broke off").limit("max-body", door.max_body, None);
        return problem(StatusCode::PAYLOAD_TOO_LARGE, &fault);
    };
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let now = door.clock.now();
    let received = match shop.source.receive(&header, &body, now) {
        Ok(received) => received,
        Err(fault) => return problem(StatusCode::UNAUTHORIZED, &fault),
    };
    let received = match received {
        Received::News { event_id, kind, news } => return door.news(shop.name(), &event_id, kind, news, now).await,
        received => received,
    };
    let event = event(received, shop.name(), body.into(), now);
    match door.store.accept(event).await {
        Ok(Accepted::New(record)) => {
            door.arrived.notify_one();
            (StatusCode::ACCEPTED, Json(json!({ "record": record }))).into_response()
        }
        Ok(Accepted::Duplicate(record)) => (StatusCode::ACCEPTED, Json(json!({ "record": record, "duplicate": true }))).into_response(),
        Err(fault) => not_stored(&fault),
    }
}

fn not_stored(fault: &Fault) -> Response {
    tracing::error!(%fault, "an event could not be stored and was not acknowledged");
    let mut answer = problem(StatusCode::SERVICE_UNAVAILABLE, fault);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(AGAIN));
    answer
}

impl Door {
    /// Takes news in of what is kept alike. Where nobody asked for it, there is nothing to keep: saying so ends the sending.
    async fn news(&self, shop: &str, event_id: &str, kind: echo::Kind, news: News, now: jiff::Timestamp) -> Response {
        let takes = |keeper: &Arc<Keeper>| keeper.flows.iter().find(|flow| (flow.kind, flow.from, &*flow.shop) == (kind, Side::Shop, shop)).cloned();
        let Some((keeper, flow)) = self.keeper.as_ref().and_then(|keeper| Some((keeper, takes(keeper)?))) else {
            let why = format!("no [sync] takes a {kind} from the shop");
            return (StatusCode::ACCEPTED, Json(json!({ "event": event_id, "ignored": why }))).into_response();
        };
        match self.ledger.take_in(vec![keeper::arrival(&flow, news, now)], None).await {
            Ok(taken) => {
                keeper.arrived.notify_one();
                (StatusCode::ACCEPTED, Json(json!({ "event": event_id, "news": taken > 0 }))).into_response()
            }
            Err(fault) => not_stored(&fault),
        }
    }
}

/// What is stored of what was received. An unreadable event is the shop's own, so it is kept, too.
pub(crate) fn event(received: Received, connection: &str, body: Vec<u8>, now: jiff::Timestamp) -> Event {
    let (head, unreadable) = match received {
        Received::Event(head) => (head, None),
        Received::Unreadable { event_id, fault } => {
            (Head { order: format!("event:{event_id}"), event_id, kind: Kind::Created, version: 0 }, Some(fault))
        }
        // It waits elsewhere; only as an event that nobody can read may it wait here.
        Received::News { event_id, .. } => {
            let fault = Fault::new(Code::InvalidField, "it is no event of an order");
            (Head { order: format!("event:{event_id}"), event_id, kind: Kind::Created, version: 0 }, Some(fault))
        }
    };
    let Head { event_id, kind, order, version } = head;
    Event { connection: connection.into(), id: event_id, kind, order, version, body, received_at: now, unreadable, doubtful: false }
}

async fn health(State(door): State<Arc<Door>>) -> Response {
    let counts = async {
        let mut shops = Vec::new();
        for shop in door.shops.iter() {
            shops.push(json!({ "name": shop.name(), "asked-at": door.ledger.cursor(shop.name()).await? }));
        }
        Ok((door.store.counts().await?, door.ledger.change_counts().await?, shops))
    };
    match counts.await {
        Ok((counts, sync, shops)) => {
            let partner = json!({ "name": door.target.name(), "left-alone-until": door.target.closed_until(), "probing": door.target.is_open() });
            (StatusCode::OK, Json(json!({ "status": "ok", "records": counts, "sync": sync, "shops": shops, "partners": [partner] }))).into_response()
        }
        Err(fault) => problem(StatusCode::SERVICE_UNAVAILABLE, &fault),
    }
}

/// An error as RFC 9457 problem+json.
fn problem(status: StatusCode, fault: &Fault) -> Response {
    let body = json!({
        "type": format!("urn:crossdock:fault:{}", fault.code),
        "title": fault.code.merchant(),
        "status": status.as_u16(),
        "detail": fault.to_string(),
        "code": fault.code,
        "cure": fault.code.cure(),
    });
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
