//! The REST facade: routes, credentials, and the faults that are switched on.

use super::{
    Customers, Fault, On, Rule, State,
    check::{Checked, Refusal},
};
use crate::server::Cut;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, DefaultBodyLimit, Path, Query, State as Shared},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde::Deserialize;
use serde_json::json;
use std::{sync::Arc, time::Duration};

type Sage = Shared<Arc<State>>;

pub(super) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/api/v1/sagepro/orders", post(create).get(find))
        .route("/api/v1/sagepro/orders/{number}", put(cancel))
        .route("/api/v1/sagepro/inventory", get(stock))
        .route("/_books", get(async |Shared(state): Sage| json_text(StatusCode::OK, state.books().rows(None))))
        .route("/_faults", post(set_faults))
        .route("/_health", get(async |Shared(state): Sage| json_text(StatusCode::OK, json!({"booked": state.books().len()}).to_string())))
        .layer(DefaultBodyLimit::max(8 * 1024 * 1024))
        .with_state(state)
}

async fn create(Shared(state): Sage, ConnectInfo(cut): ConnectInfo<Cut>, headers: HeaderMap, body: Bytes) -> Response {
    let fault = match meet(&state, &headers, On::Create).await {
        Ok(fault) => fault,
        Err(response) => return response,
    };
    let order = match Checked::check(&body, &state.widths) {
        Ok(order) => order,
        Err(refusal) => return refuse(&refusal),
    };
    if matches!(&state.customers, Customers::List(known) if !known.contains(&order.customer)) {
        return refuse(&Refusal(422, "UNKNOWN_CUSTOMER", "CustomerNo".into(), format!("there is no customer {}", order.customer)));
    }
    let number = {
        let mut books = state.books();
        if let Some(line) = order.lines.iter().find(|line| state.known_items && !books.knows(&line.item)) {
            return refuse(&Refusal(422, "UNKNOWN_ITEM", "LineItems.ItemCode".into(), format!("there is no item {}", line.item)));
        }
        books.book(&order, &body)
    };
    after(fault, &cut, json_text(StatusCode::CREATED, format!(r#"{{"SalesOrderNo":"{number}"}}"#))).await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    purchase_order_no: String,
}

async fn find(Shared(state): Sage, ConnectInfo(cut): ConnectInfo<Cut>, headers: HeaderMap, Query(filter): Query<Filter>) -> Response {
    match meet(&state, &headers, On::Find).await {
        Ok(fault) => {
            let rows = state.books().rows(Some(&filter.purchase_order_no));
            after(fault, &cut, json_text(StatusCode::OK, rows)).await
        }
        Err(response) => response,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    status: String,
}

async fn cancel(Shared(state): Sage, ConnectInfo(cut): ConnectInfo<Cut>, headers: HeaderMap, Path(number): Path<String>, body: Bytes) -> Response {
    let fault = match meet(&state, &headers, On::Cancel).await {
        Ok(fault) => fault,
        Err(response) => return response,
    };
    match serde_json::from_slice::<Change>(&body) {
        Ok(change) if change.status == "Cancelled" => {}
        _ => return refuse(&Refusal(400, "BAD_STATUS", "Status".into(), "only Cancelled can be set".into())),
    }
    let cancelled = state.books().cancel(&number);
    match cancelled {
        None => refuse(&Refusal(404, "UNKNOWN_ORDER", "SalesOrderNo".into(), "there is no such order".into())),
        Some(false) => refuse(&Refusal(409, "SHIPPED", "Status".into(), "the order has been shipped".into())),
        Some(true) => after(fault, &cut, json_text(StatusCode::OK, r#"{"Status":"Cancelled"}"#.into())).await,
    }
}

async fn stock(Shared(state): Sage, ConnectInfo(cut): ConnectInfo<Cut>, headers: HeaderMap) -> Response {
    match meet(&state, &headers, On::Stock).await {
        Ok(fault) => {
            let inventory = state.books().inventory();
            after(fault, &cut, json_text(StatusCode::OK, inventory)).await
        }
        Err(response) => response,
    }
}

async fn set_faults(Shared(state): Sage, body: Bytes) -> Response {
    match serde_json::from_slice::<Vec<Rule>>(&body) {
        Ok(rules) => {
            state.faults.set(rules);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

/// Checks the credential and draws a fault. Faults that happen before anything is done answer here.
async fn meet(state: &State, headers: &HeaderMap, on: On) -> Result<Option<Fault>, Response> {
    let has = |name: header::HeaderName, value: &str| headers.get(name).is_some_and(|there| there.as_bytes() == value.as_bytes());
    if !has(header::AUTHORIZATION, &state.bearer) && !has(header::HeaderName::from_static("x-api-key"), &state.token) {
        return Err(StatusCode::UNAUTHORIZED.into_response());
    }
    let fault = state.faults.draw(on);
    let wait = |status: StatusCode, seconds: u64| (status, [(header::RETRY_AFTER, seconds.to_string())]).into_response();
    match fault {
        Some(Fault::Slow(milliseconds)) => tokio::time::sleep(Duration::from_millis(milliseconds)).await,
        Some(Fault::RateLimit(seconds)) => return Err(wait(StatusCode::TOO_MANY_REQUESTS, seconds)),
        Some(Fault::Unavailable(seconds)) => return Err(wait(StatusCode::SERVICE_UNAVAILABLE, seconds)),
        Some(Fault::ErrorBefore) => return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        Some(Fault::Unauthorized) => return Err(StatusCode::UNAUTHORIZED.into_response()),
        Some(Fault::ErrorInside) => {
            let body = json!({"error": {"code": "PERIOD_CLOSED", "field": "OrderDate", "message": "the period is closed"}});
            return Err(json_text(StatusCode::OK, body.to_string()));
        }
        Some(Fault::UnknownItem) => return Err(refuse(&Refusal(422, "UNKNOWN_ITEM", "LineItems.ItemCode".into(), "there is no such item".into()))),
        Some(Fault::UnknownCustomer) => {
            return Err(refuse(&Refusal(422, "UNKNOWN_CUSTOMER", "CustomerNo".into(), "there is no such customer".into())));
        }
        Some(Fault::FieldTooLong) => {
            return Err(refuse(&Refusal(422, "FIELD_TOO_LONG", "ShipToAddress.City".into(), "the field holds 20 characters".into())));
        }
        _ => {}
    }
    Ok(fault)
}

/// Faults that happen after it is done.
async fn after(fault: Option<Fault>, cut: &Cut, good: Response) -> Response {
    match fault {
        Some(Fault::ErrorAfter) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        // Ends when the client hangs up: then the handler is dropped.
        Some(Fault::SilenceAfter) => std::future::pending().await,
        Some(Fault::CloseAfter) => {
            cut.cut();
            good
        }
        Some(Fault::GarbageAfter) => "<html>OK</html>".into_response(),
        Some(Fault::FloodAfter) => {
            let (parts, body) = good.into_parts();
            let mut flood = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default().to_vec();
            flood.resize(flood.len() + 2 * 1024 * 1024, b' ');
            Response::from_parts(parts, Body::from(flood))
        }
        _ => good,
    }
}

fn refuse(Refusal(status, code, field, message): &Refusal) -> Response {
    let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_REQUEST);
    json_text(status, json!({"error": {"code": code, "field": field, "message": message}}).to_string())
}

fn json_text(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
