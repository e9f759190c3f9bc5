//! The REST facade: routes, credentials, and the faults that are switched on.

use super::{
    Customers, Fault, On, Rule, State,
    books::Unwilling,
    check::{Checked, Refusal},
};
use crate::{
    answer::{self, refuse},
    server::Cut,
};
use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Path, Query, State as Shared},
    http::{HeaderMap, HeaderName, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use jiff::Timestamp;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;
use std::sync::Arc;

/// The most orders of one page, whatever is asked for.
const MAX_PAGE: usize = 500;

pub(super) type Sage = Shared<Arc<State>>;
pub(super) type Call = (ConnectInfo<Cut>, HeaderMap, Uri);

pub(super) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/api/v1/sagepro/orders", post(create).get(search))
        .route("/api/v1/sagepro/orders/{number}", get(look).put(replace))
        .route("/api/v1/sagepro/inventory", get(stock))
        .route("/api/v1/sagepro/metadata", get(metadata))
        .route("/_books", get(async |Shared(state): Sage| answer::text(StatusCode::OK, state.books().every())))
        .route("/_faults", post(set_faults))
        .route("/_health", get(async |Shared(state): Sage| answer::text(StatusCode::OK, json!({"booked": state.books().len()}).to_string())))
        .merge(super::goods::router())
        .layer(DefaultBodyLimit::max(8 * 1024 * 1024))
        .with_state(state)
}

async fn create(Shared(state): Sage, (ConnectInfo(cut), headers, uri): Call, body: Bytes) -> Response {
    let fault = match meet(&state, &headers, &uri, On::Create).await {
        Ok(fault) => fault,
        Err(response) => return response,
    };
    let good = match check(&state, &body) {
        Ok(order) => numbered(StatusCode::CREATED, &state.books().book(&order, &body)),
        Err(response) => return response,
    };
    state.follow();
    answer::after(fault, &cut, good).await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Search {
    purchase_order_no: Option<String>,
    updated_since: Option<Timestamp>,
    cursor: Option<String>,
    limit: Option<usize>,
}

async fn search(Shared(state): Sage, (ConnectInfo(cut), headers, uri): Call, Query(search): Query<Search>) -> Response {
    let on = if search.updated_since.is_some() { On::List } else { On::Find };
    let fault = match meet(&state, &headers, &uri, on).await {
        Ok(fault) => fault,
        Err(response) => return response,
    };
    let good = match (search.updated_since, search.purchase_order_no) {
        (Some(since), _) => {
            let page = state.books().changed(since, search.cursor.as_deref(), search.limit.unwrap_or(MAX_PAGE).min(MAX_PAGE));
            page.map_or_else(|| refuse(400, "BAD_CURSOR", "Cursor", "this is no cursor of ours"), |page| answer::text(StatusCode::OK, page))
        }
        (None, Some(key)) => answer::text(StatusCode::OK, state.books().under(&key)),
        (None, None) => refuse(400, "MISSING_FIELD", "PurchaseOrderNo", "say which orders"),
    };
    answer::after(fault, &cut, good).await
}

async fn look(Shared(state): Sage, (ConnectInfo(cut), headers, uri): Call, Path(number): Path<String>) -> Response {
    let fault = match meet(&state, &headers, &uri, On::Look).await {
        Ok(fault) => fault,
        Err(response) => return response,
    };
    let row = state.books().one(&number);
    answer::after(fault, &cut, row.map_or_else(|| unwilling(Unwilling::Unknown), |row| answer::text(StatusCode::OK, row))).await
}

/// Tells a status from a document: a document has lines.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    status: Option<String>,
    line_items: Option<IgnoredAny>,
}

async fn replace(Shared(state): Sage, (ConnectInfo(cut), headers, uri): Call, Path(number): Path<String>, body: Bytes) -> Response {
    let put = serde_json::from_slice::<Put>(&body).unwrap_or(Put { status: None, line_items: None });
    let status = put.status.filter(|_| put.line_items.is_none());
    let fault = match meet(&state, &headers, &uri, if status.is_some() { On::Cancel } else { On::Change }).await {
        Ok(fault) => fault,
        Err(response) => return response,
    };
    let done = match status.as_deref() {
        Some("Cancelled") => state.books().cancel(&number, &body),
        Some(_) => return refuse(400, "BAD_STATUS", "Status", "only Cancelled can be set"),
        None => match check(&state, &body) {
            Ok(order) => state.books().change(&number, &order, &body),
            Err(response) => return response,
        },
    };
    state.follow();
    match done {
        Ok(number) => answer::after(fault, &cut, numbered(StatusCode::OK, &number)).await,
        Err(why) => unwilling(why),
    }
}

async fn stock(Shared(state): Sage, (ConnectInfo(cut), headers, uri): Call, Query(search): Query<super::goods::Search>) -> Response {
    if search.is_since() {
        return match meet(&state, &headers, &uri, On::List).await {
            Ok(fault) => {
                let good = super::goods::found(&state.goods(), "inventory", &search);
                answer::after(fault, &cut, good).await
            }
            Err(response) => response,
        };
    }
    match meet(&state, &headers, &uri, On::Stock).await {
        Ok(fault) => {
            let inventory = state.books().inventory();
            answer::after(fault, &cut, answer::text(StatusCode::OK, inventory)).await
        }
        Err(response) => response,
    }
}

async fn metadata(Shared(state): Sage, (ConnectInfo(cut), headers, uri): Call) -> Response {
    match meet(&state, &headers, &uri, On::Metadata).await {
        Ok(fault) => {
            let tables = super::fields::tables(&state.widths());
            answer::after(fault, &cut, answer::text(StatusCode::OK, tables)).await
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
pub(super) async fn meet(state: &State, headers: &HeaderMap, uri: &Uri, on: On) -> Result<Option<Fault>, Response> {
    let has = |name: HeaderName, value: &str| headers.get(name).is_some_and(|there| there.as_bytes() == value.as_bytes());
    if !has(header::AUTHORIZATION, &state.bearer) && !has(HeaderName::from_static("x-api-key"), &state.token) {
        return Err(StatusCode::UNAUTHORIZED.into_response());
    }
    answer::before(state.faults.draw(on), uri).await
}

/// Checks a document: shape, widths and sums, its customer, its items.
fn check(state: &State, body: &[u8]) -> Result<Checked, Response> {
    let order = Checked::check(body, &state.widths()).map_err(|Refusal(status, code, field, message)| refuse(status, code, &field, &message))?;
    if matches!(&state.customers, Customers::List(known) if !known.contains(&order.customer)) {
        return Err(refuse(422, "UNKNOWN_CUSTOMER", "CustomerNo", &format!("there is no customer {}", order.customer)));
    }
    if state.known_items {
        let books = state.books();
        if let Some(line) = order.lines.iter().find(|line| !books.knows(&line.item)) {
            return Err(refuse(422, "UNKNOWN_ITEM", "LineItems.ItemCode", &format!("there is no item {}", line.item)));
        }
    }
    Ok(order)
}

fn numbered(status: StatusCode, number: &str) -> Response {
    answer::text(status, format!(r#"{{"SalesOrderNo":"{number}"}}"#))
}

fn unwilling(why: Unwilling) -> Response {
    match why {
        Unwilling::Unknown => refuse(404, "UNKNOWN_ORDER", "SalesOrderNo", "there is no such order"),
        Unwilling::Shipped => refuse(409, "SHIPPED", "Status", "the order has been shipped"),
        Unwilling::Cancelled => refuse(409, "CANCELLED", "Status", "the order has been cancelled"),
    }
}
