//! A Clarity eCommerce: gives its orders over REST, one by one and as a list of what changed. It sends them with
//! [`crate::sender`].

mod goods;

use crate::{
    answer,
    changes::{Changes, Mark},
    faults::{Fault, Faults, On},
    orders::Generated,
    server::{Cut, Server},
    time,
};
use axum::{
    Router,
    extract::{ConnectInfo, Path, Query, State as Shared},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The most orders of one page, whatever is asked for.
const MAX_PAGE: usize = 250;

/// A running Clarity. It stops when it is dropped.
pub struct Clarity {
    state: Arc<State>,
    server: Server,
}

struct State {
    bearer: String,
    shelf: Mutex<Shelf>,
    goods: Mutex<goods::Goods>,
    faults: Faults,
}

/// The newest version of every order.
struct Shelf {
    orders: HashMap<String, Kept>,
    changes: Changes<String>,
}

struct Kept {
    version: Option<i64>,
    order: String,
    mark: Mark,
}

impl Shelf {
    fn put(&mut self, number: &str, version: Option<i64>, order: &str, at: Timestamp) {
        let before = self.orders.get(number).map(|kept| kept.mark);
        let mark = self.changes.touch(number.to_owned(), before, at);
        self.orders.insert(number.to_owned(), Kept { version, order: order.to_owned(), mark });
    }
}

impl State {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn goods(&self) -> MutexGuard<'_, goods::Goods> {
        self.goods.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clarity {
    /// Starts it on a free port with these orders. `token` must come as bearer.
    pub fn start(token: &str, orders: &[Generated]) -> Clarity {
        let shelf = Shelf { orders: HashMap::new(), changes: Changes::new() };
        let state = Arc::new(State {
            bearer: format!("Bearer {token}"),
            shelf: Mutex::new(shelf),
            goods: Mutex::new(goods::Goods::new()),
            faults: Faults::new(2),
        });
        let router =
            Router::new().route("/api/v1/clarity/orders", get(list)).route("/api/v1/clarity/orders/{id}", get(order)).with_state(state.clone());
        let router = router.merge(goods::router(state.clone()));
        let clarity = Clarity { state, server: Server::start(router, None) };
        for order in orders {
            clarity.put(&order.number, &order.order);
        }
        clarity
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The switches for faults: [`On::Look`] for one order, [`On::List`] for what changed. There is nothing to be done
    /// here, so that those after it is done spoil the answer alone.
    pub fn faults(&self) -> &Faults {
        &self.state.faults
    }

    /// Adds or replaces an order, changed now, whatever its version. It need not be JSON.
    pub fn put(&self, number: &str, order: &str) {
        self.state.shelf().put(number, version(order).ok().and_then(|head| head.version), order, time());
    }

    /// Adds an order, changed now, or a newer version of it; says whether it is newer than what is there.
    ///
    /// # Panics
    /// When it is no JSON with a whole `version` and an `orderId`.
    pub fn upsert(&self, order: &str) -> bool {
        self.upsert_at(order, time())
    }

    /// As [`Clarity::upsert`], with the time of the change.
    ///
    /// # Panics
    /// As [`Clarity::upsert`].
    pub fn upsert_at(&self, order: &str, at: Timestamp) -> bool {
        let head = version(order).unwrap_or_else(|error| panic!("no order: {error}"));
        let mut shelf = self.state.shelf();
        let newer = shelf.orders.get(&head.order_id).is_none_or(|kept| kept.version < head.version || head.version.is_none());
        if newer {
            shelf.put(&head.order_id, head.version, order, at);
        }
        newer
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    order_id: String,
    version: Option<i64>,
}

fn version(order: &str) -> serde_json::Result<Head> {
    serde_json::from_str(order)
}

type Shop = Shared<Arc<State>>;
type Call = (ConnectInfo<Cut>, HeaderMap, Uri);

async fn order(Shared(state): Shop, (ConnectInfo(cut), headers, uri): Call, Path(id): Path<String>) -> Response {
    match meet(&state, &headers, &uri, On::Look).await {
        Ok(fault) => {
            let order = state.shelf().orders.get(&id).map(|kept| kept.order.clone());
            let good = order.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |order| answer::text(StatusCode::OK, order));
            answer::after(fault, &cut, good).await
        }
        Err(response) => response,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Since {
    updated_since: Timestamp,
    cursor: Option<String>,
    limit: Option<usize>,
}

async fn list(Shared(state): Shop, (ConnectInfo(cut), headers, uri): Call, Query(since): Query<Since>) -> Response {
    let fault = match meet(&state, &headers, &uri, On::List).await {
        Ok(fault) => fault,
        Err(response) => return response,
    };
    let good = {
        let shelf = state.shelf();
        match shelf.changes.page(since.updated_since, since.cursor.as_deref(), since.limit.unwrap_or(MAX_PAGE).min(MAX_PAGE)) {
            None => answer::refuse(400, "BAD_CURSOR", "cursor", "this is no cursor of ours"),
            Some((numbers, next)) => {
                let orders: Vec<&str> = numbers.iter().filter_map(|number| Some(&*shelf.orders.get(number)?.order)).collect();
                answer::text(StatusCode::OK, format!(r#"{{"orders":[{}],"next":{}}}"#, orders.join(","), json!(next)))
            }
        }
    };
    answer::after(fault, &cut, good).await
}

async fn meet(state: &State, headers: &HeaderMap, uri: &Uri, on: On) -> Result<Option<Fault>, Response> {
    if headers.get(header::AUTHORIZATION).is_none_or(|there| there.as_bytes() != state.bearer.as_bytes()) {
        return Err(StatusCode::UNAUTHORIZED.into_response());
    }
    answer::before(state.faults.draw(on), uri).await
}
