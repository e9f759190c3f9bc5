//! Answers over HTTP, good ones and those that a fault makes of them: before anything is done, or after it is.

use crate::{faults::Fault, server::Cut};
use axum::{
    body::Body,
    http::{HeaderName, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::time::Duration;

/// Lets a fault happen that comes before anything is done, and answers for it.
pub(crate) async fn before(fault: Option<Fault>, uri: &Uri) -> Result<Option<Fault>, Response> {
    let with = |status: StatusCode, name: HeaderName, value: String| (status, [(name, value)]).into_response();
    Err(match fault {
        Some(Fault::Slow(milliseconds)) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            return Ok(fault);
        }
        Some(Fault::RateLimit(seconds)) => with(StatusCode::TOO_MANY_REQUESTS, header::RETRY_AFTER, seconds.to_string()),
        Some(Fault::Unavailable(seconds)) => with(StatusCode::SERVICE_UNAVAILABLE, header::RETRY_AFTER, seconds.to_string()),
        Some(Fault::ErrorBefore) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Fault::Unauthorized) => StatusCode::UNAUTHORIZED.into_response(),
        Some(Fault::Gone) => StatusCode::GONE.into_response(),
        // To itself: who follows it is served, and that shows.
        Some(Fault::Moved) => with(StatusCode::TEMPORARY_REDIRECT, header::LOCATION, uri.to_string()),
        Some(Fault::ErrorInside) => refuse(200, "PERIOD_CLOSED", "OrderDate", "the period is closed"),
        Some(Fault::UnknownItem) => refuse(422, "UNKNOWN_ITEM", "LineItems.ItemCode", "there is no such item"),
        Some(Fault::UnknownCustomer) => refuse(422, "UNKNOWN_CUSTOMER", "CustomerNo", "there is no such customer"),
        Some(Fault::FieldTooLong) => refuse(422, "FIELD_TOO_LONG", "ShipToAddress.City", "the field holds 20 characters"),
        _ => return Ok(fault),
    })
}

/// Lets a fault happen that comes after it is done: `good` is what would have been answered.
pub(crate) async fn after(fault: Option<Fault>, cut: &Cut, good: Response) -> Response {
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

/// An error in the form of both partners.
pub(crate) fn refuse(status: u16, code: &str, field: &str, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    text(status, json!({"error": {"code": code, "field": field, "message": message}}).to_string())
}

/// JSON that is written already.
pub(crate) fn text(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
