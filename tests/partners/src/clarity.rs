//! A Clarity eCommerce: gives its orders over REST. It sends them with [`crate::sender`].

use crate::{
    faults::{Fault, Faults, On},
    orders::Generated,
    server::Server,
};
use axum::{
    Router,
    extract::{Path, State as Shared},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// A running Clarity. It stops when it is dropped.
pub struct Clarity {
    state: Arc<State>,
    server: Server,
}

struct State {
    bearer: String,
    orders: Mutex<HashMap<String, String>>,
    faults: Faults,
}

impl Clarity {
    /// Starts it on a free port with these orders. `token` must come as bearer.
    pub fn start(token: &str, orders: &[Generated]) -> Clarity {
        let orders = orders.iter().map(|order| (order.number.clone(), order.order.clone())).collect();
        let state = Arc::new(State { bearer: format!("Bearer {token}"), orders: Mutex::new(orders), faults: Faults::new(2) });
        let router = Router::new().route("/api/v1/clarity/orders/{id}", get(order)).with_state(state.clone());
        Clarity { state, server: Server::start(router, None) }
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The switches for faults; of those only the ones before anything is done matter here.
    pub fn faults(&self) -> &Faults {
        &self.state.faults
    }

    /// Adds or replaces an order.
    pub fn put(&self, number: &str, order: &str) {
        self.state.orders.lock().unwrap_or_else(PoisonError::into_inner).insert(number.to_owned(), order.to_owned());
    }

    /// Goes down.
    pub fn outage(&mut self) {
        self.server.stop();
    }

    /// Comes back on the same port.
    pub fn recover(&mut self) {
        self.server.run();
    }
}

async fn order(Shared(state): Shared<Arc<State>>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    if headers.get(header::AUTHORIZATION).is_none_or(|there| there.as_bytes() != state.bearer.as_bytes()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match state.faults.draw(On::All) {
        Some(Fault::Slow(milliseconds)) => tokio::time::sleep(Duration::from_millis(milliseconds)).await,
        Some(Fault::RateLimit(seconds)) => return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())]).into_response(),
        Some(Fault::Unavailable(seconds)) => return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, seconds.to_string())]).into_response(),
        Some(Fault::Unauthorized) => return StatusCode::UNAUTHORIZED.into_response(),
        Some(Fault::FloodAfter) => return " ".repeat(2 * 1024 * 1024).into_response(),
        Some(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        None => {}
    }
    match state.orders.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
        Some(order) => ([(header::CONTENT_TYPE, "application/json")], order.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
