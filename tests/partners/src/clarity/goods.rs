//! Clarity's goods and people: products, customers, stock, and what an order's customer is told of shipments and invoices;
//! and its money: payments, refunds, disputes and payouts, which it only gives.

use super::{Call, Clarity, Shop, State, meet};
use crate::{
    answer::{self, refuse},
    faults::On,
    shelf::{Fields, Shelf, fields, raw, text},
};
use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, Path, Query, State as Shared},
    http::StatusCode,
    response::Response,
    routing::get,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// Everything of this sort.
pub(super) struct Goods {
    shelves: BTreeMap<&'static str, Shelf>,
    accounts: u32,
}

/// The lists, and the name of the key in each.
const LISTS: [(&str, &str); 9] = [
    ("products", "sku"),
    ("customers", "customerId"),
    ("inventory", "sku"),
    ("shipments", "number"),
    ("invoices", "number"),
    ("payments", "paymentId"),
    ("refunds", "refundId"),
    ("disputes", "disputeId"),
    ("payouts", "payoutId"),
];
/// The lists that nobody writes to from outside.
const MONEY: [&str; 4] = ["payments", "refunds", "disputes", "payouts"];

impl Goods {
    pub(super) fn new() -> Goods {
        Goods { shelves: LISTS.map(|(list, _)| (list, Shelf::new("updatedAt", Some("version")))).into(), accounts: 0 }
    }

    fn shelf(&mut self, list: &str) -> Option<&mut Shelf> {
        self.shelves.get_mut(list)
    }
}

pub(super) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/api/v1/clarity/{list}", get(search).post(open))
        .route("/api/v1/clarity/{list}/{key}", get(one).put(put))
        .route("/api/v1/clarity/inventory/{sku}/{warehouse}", get(level).put(set_level))
        .route("/api/v1/clarity/orders/{order}/{list}", get(of_order).post(tell))
        .with_state(state)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Search {
    updated_since: Option<Timestamp>,
    cursor: Option<String>,
    limit: Option<usize>,
    email: Option<String>,
}

async fn search(Shared(state): Shop, (ConnectInfo(cut), headers, uri): Call, Path(list): Path<String>, Query(search): Query<Search>) -> Response {
    let on = if search.updated_since.is_some() { On::List } else { On::Seek };
    let fault = match meet(&state, &headers, &uri, on).await {
        Ok(fault) => fault,
        Err(response) => return response,
    };
    let good = {
        let mut goods = state.goods();
        let shelf = goods.shelves.get_mut(&*list);
        match (shelf, search.updated_since) {
            (Some(shelf), Some(since)) => shelf
                .page(&list, since, search.cursor.as_deref(), search.limit.unwrap_or(250).min(250))
                .map_or_else(|| refuse(400, "BAD_CURSOR", "cursor", "this is no cursor of ours"), |page| answer::text(StatusCode::OK, page)),
            (Some(shelf), None) => {
                let email = search.email.unwrap_or_default();
                answer::text(StatusCode::OK, shelf.list(&list, |row| text(row, "email").eq_ignore_ascii_case(&email)))
            }
            _ => refuse(404, "UNKNOWN_LIST", "", "there is no such list"),
        }
    };
    answer::after(fault, &cut, good).await
}

async fn open(Shared(state): Shop, (ConnectInfo(cut), headers, uri): Call, Path(list): Path<String>, body: Bytes) -> Response {
    if list != "customers" {
        return refuse(405, "READ_ONLY", "", "nothing is made here");
    }
    let fault = match meet(&state, &headers, &uri, On::Write).await {
        Ok(fault) => fault,
        Err(response) => return response,
    };
    let Some(row) = fields(&body) else { return refuse(400, "BAD_ROW", "", "this is no customer") };
    let id = {
        let mut goods = state.goods();
        goods.accounts += 1;
        let id = format!("N{:04}", goods.accounts);
        write(&mut goods, "customers", &id, "customerId", &id, row);
        id
    };
    answer::after(fault, &cut, answer::text(StatusCode::CREATED, json!({ "customerId": id }).to_string())).await
}

fn write(goods: &mut Goods, list: &str, key: &str, name: &str, value: &str, mut row: Fields) {
    row.insert(name.to_owned(), raw(value));
    if let Some(shelf) = goods.shelf(list) {
        // Of custom fields those that are not sent stay, and null takes one away.
        if let Some(sent) = row.get("customFields").and_then(|json| fields(json.get().as_bytes())) {
            let mut kept = shelf.get(key).and_then(|there| fields(there.get("customFields")?.get().as_bytes())).unwrap_or_default();
            kept.extend(sent);
            kept.retain(|_, json| json.get() != "null");
            row.insert("customFields".into(), raw(kept));
        }
        shelf.write(key, row);
    }
}

async fn one(Shared(state): Shop, (ConnectInfo(cut), headers, uri): Call, Path((list, key)): Path<(String, String)>) -> Response {
    look(&state, (cut, headers, uri), &list, &key).await
}

async fn level(Shared(state): Shop, (ConnectInfo(cut), headers, uri): Call, Path((sku, warehouse)): Path<(String, String)>) -> Response {
    look(&state, (cut, headers, uri), "inventory", &format!("{sku}@{warehouse}")).await
}

type Caller = (crate::server::Cut, axum::http::HeaderMap, axum::http::Uri);

async fn look(state: &State, (cut, headers, uri): Caller, list: &str, key: &str) -> Response {
    match meet(state, &headers, &uri, On::Seek).await {
        Ok(fault) => {
            let row = state.goods().shelf(list).and_then(|shelf| shelf.one(key));
            let good = row.map_or_else(|| refuse(404, "UNKNOWN", "", "there is no such row"), |row| answer::text(StatusCode::OK, row));
            answer::after(fault, &cut, good).await
        }
        Err(response) => response,
    }
}

async fn put(Shared(state): Shop, (ConnectInfo(cut), headers, uri): Call, Path((list, key)): Path<(String, String)>, body: Bytes) -> Response {
    if MONEY.contains(&&*list) {
        return refuse(405, "READ_ONLY", "", "money is only given");
    }
    let name = LISTS.iter().find(|(known, _)| *known == list).map_or("number", |(_, name)| name);
    let fault = match meet(&state, &headers, &uri, On::Write).await {
        Ok(fault) => fault,
        Err(response) => return response,
    };
    let Some(mut row) = fields(&body) else { return refuse(400, "BAD_ROW", "", "this is no row") };
    let expected = row.remove("expectVersion").and_then(|json| json.get().parse::<u64>().ok());
    {
        let mut goods = state.goods();
        let there = goods.shelf(&list).is_some_and(|shelf| shelf.get(&key).is_some());
        if list != "products" && !there {
            return refuse(404, "UNKNOWN", "", "there is no such row");
        }
        let now = goods.shelf(&list).map_or(0, |shelf| shelf.version(&key));
        if expected.is_some_and(|expected| expected != now) {
            return refuse(409, "CONFLICT", "version", "it changed since it was read");
        }
        write(&mut goods, &list, &key, name, &key, row);
    }
    answer::after(fault, &cut, answer::text(StatusCode::OK, json!({ name: key }).to_string())).await
}

async fn set_level(
    Shared(state): Shop,
    (ConnectInfo(cut), headers, uri): Call,
    Path((sku, warehouse)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let fault = match meet(&state, &headers, &uri, On::Write).await {
        Ok(fault) => fault,
        Err(response) => return response,
    };
    let Some(mut row) = fields(&body) else { return refuse(400, "BAD_ROW", "", "this is no level") };
    let expected = row.remove("expectVersion").and_then(|json| json.get().parse::<u64>().ok());
    {
        let mut goods = state.goods();
        let key = format!("{sku}@{warehouse}");
        let now = goods.shelf("inventory").map_or(0, |shelf| shelf.version(&key));
        if expected.is_none_or(|expected| expected != now) {
            return refuse(409, "CONFLICT", "version", "it changed since it was read");
        }
        row.insert("warehouse".into(), raw(&warehouse));
        write(&mut goods, "inventory", &key, "sku", &sku, row);
    }
    answer::after(fault, &cut, answer::text(StatusCode::OK, json!({ "sku": sku }).to_string())).await
}

async fn of_order(Shared(state): Shop, (ConnectInfo(cut), headers, uri): Call, Path((order, list)): Path<(String, String)>) -> Response {
    match meet(&state, &headers, &uri, On::Seek).await {
        Ok(fault) => {
            let found = state.goods().shelf(&list).map(|shelf| shelf.list(&list, |row| text(row, "orderId") == order));
            let good = found.map_or_else(|| refuse(404, "UNKNOWN_LIST", "", "there is no such list"), |found| answer::text(StatusCode::OK, found));
            answer::after(fault, &cut, good).await
        }
        Err(response) => response,
    }
}

/// A shipment or invoice for the customer of an order. One of a number that is there takes new parcels and nothing else.
async fn tell(Shared(state): Shop, (ConnectInfo(cut), headers, uri): Call, Path((order, list)): Path<(String, String)>, body: Bytes) -> Response {
    let fault = match meet(&state, &headers, &uri, On::Write).await {
        Ok(fault) => fault,
        Err(response) => return response,
    };
    let Some(mut row) = fields(&body) else { return refuse(400, "BAD_ROW", "", "this is no row") };
    let number = text(&row, "number");
    if number.is_empty() || !matches!(&*list, "shipments" | "invoices") {
        return refuse(422, "MISSING_FIELD", "number", "it needs a number");
    }
    {
        let mut goods = state.goods();
        if goods.shelf(&list).is_some_and(|shelf| shelf.get(&number).is_some()) {
            row.retain(|name, _| name == "parcels");
        } else {
            row.insert("orderId".into(), raw(&order));
        }
        write(&mut goods, &list, &number, "number", &number, row);
    }
    answer::after(fault, &cut, answer::text(StatusCode::CREATED, json!({ "number": number }).to_string())).await
}

/// What happens in the shop, by people there.
impl Clarity {
    /// Adds or changes a row of a list by a customer or a clerk: who made the change before is forgotten.
    ///
    /// # Panics
    /// When it is no JSON object, or there is no such list.
    pub fn keep(&self, list: &str, key: &str, row: &str) {
        let mut row = fields(row.as_bytes()).unwrap_or_else(|| panic!("no object: {row}"));
        row.insert("origin".into(), raw(""));
        let mut goods = self.state.goods();
        goods.shelf(list).unwrap_or_else(|| panic!("no list {list}")).put(key, row);
    }

    /// Takes a row away, as if it had never been: whether it was there.
    pub fn forget(&self, list: &str, key: &str) -> bool {
        self.state.goods().shelf(list).is_some_and(|shelf| shelf.remove(key))
    }

    /// A row as JSON.
    pub fn kept(&self, list: &str, key: &str) -> Option<Value> {
        serde_json::from_str(&self.row(list, key)?).ok()
    }

    /// A row as JSON text, digit by digit.
    pub fn row(&self, list: &str, key: &str) -> Option<String> {
        self.state.goods().shelf(list)?.one(key)
    }

    /// Every row of a list.
    pub fn all(&self, list: &str) -> Vec<Value> {
        let mut goods = self.state.goods();
        goods.shelf(list).map(|shelf| shelf.all().filter_map(|row| serde_json::to_value(row).ok()).collect()).unwrap_or_default()
    }

    /// Rows of a list, and writes to it by the interface, so far.
    pub fn writes(&self, list: &str) -> (usize, u64) {
        let mut goods = self.state.goods();
        goods.shelf(list).map(|shelf| (shelf.len(), shelf.writes())).unwrap_or_default()
    }

    /// The event of a customer as it is now.
    ///
    /// # Panics
    /// When there is no such customer.
    pub fn customer_hook(&self, id: &str, event: &str) -> crate::sender::Hook {
        self.hook("customers", id, event)
    }

    /// The event of a row of a list as it is now.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn hook(&self, list: &str, id: &str, event: &str) -> crate::sender::Hook {
        let row = self.row(list, id).unwrap_or_else(|| panic!("nothing of {list} is {id}"));
        let body = format!(r#"{{"type":"{event}","timestamp":"{}","data":{row}}}"#, crate::time());
        crate::sender::Hook { id: format!("evt_{id}_{}", crate::time().as_microsecond()), number: id.into(), body: body.into() }
    }
}
