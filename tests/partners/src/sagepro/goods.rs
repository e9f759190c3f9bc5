//! Sage Pro's goods and people: products, stock, customers, shipments, invoices, and its journal; what happens to them in the house, and the
//! facade to them. A second customer with a web id that is there already is NOT refused, nor is a second journal entry with
//! a reference: doubles are the host's fault.

use super::{
    On, SagePro,
    serve::{Call, Sage, meet},
};
use crate::{
    answer::{self, refuse},
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
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{json, value::RawValue};
use std::{collections::BTreeSet, sync::Arc};

/// The most rows of one page, whatever is asked for.
const MAX_PAGE: usize = 500;

/// Everything of this sort.
pub(super) struct Goods {
    products: Shelf,
    customers: Shelf,
    inventory: Shelf,
    shipments: Shelf,
    invoices: Shelf,
    journal: Shelf,
    numbers: u32,
    /// Columns that this site does not have: what is written to them is dropped without a word.
    lacks: BTreeSet<String>,
}

impl Goods {
    pub(super) fn new() -> Goods {
        let shelf = || Shelf::new("UpdatedAt", None);
        let (products, customers, inventory, shipments, invoices, journal) = (shelf(), shelf(), shelf(), shelf(), shelf(), shelf());
        Goods { products, customers, inventory, shipments, invoices, journal, numbers: 0, lacks: BTreeSet::new() }
    }

    fn shelf(&self, list: &str) -> Option<&Shelf> {
        Some(match list {
            "products" => &self.products,
            "customers" => &self.customers,
            "inventory" => &self.inventory,
            "shipments" => &self.shipments,
            "invoices" => &self.invoices,
            "journal" => &self.journal,
            _ => return None,
        })
    }

    /// Posts a journal entry, when it balances to the cent and every line names an account.
    fn post(&mut self, body: &[u8]) -> Result<String, (&'static str, &'static str)> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Line {
            account_no: String,
            debit: Box<RawValue>,
            credit: Box<RawValue>,
        }
        let mut row = fields(body).filter(|row| !text(row, "Reference").is_empty()).ok_or(("BAD_ROW", "this is no journal entry"))?;
        let lines: Vec<Line> = row.get("Lines").and_then(|lines| serde_json::from_str(lines.get()).ok()).ok_or(("BAD_ROW", "it has no lines"))?;
        let amount = |json: &RawValue| crate::number::read(json).ok_or(("BAD_ROW", "an amount is no number"));
        let mut sum = Decimal::ZERO;
        for line in &lines {
            sum += amount(&line.debit)? - amount(&line.credit)?;
        }
        if lines.len() < 2 || !sum.is_zero() {
            return Err(("UNBALANCED", "debits and credits differ"));
        }
        if lines.iter().any(|line| line.account_no.trim().is_empty()) {
            return Err(("UNKNOWN_ACCOUNT", "there is no such account"));
        }
        let number = self.number("J");
        row.insert("JournalNo".into(), raw(&number));
        self.journal.write(&number, row);
        Ok(number)
    }

    fn number(&mut self, prefix: &str) -> String {
        self.numbers += 1;
        format!("{prefix}{:05}", self.numbers)
    }
}

pub(super) fn router() -> Router<Arc<super::State>> {
    Router::new().route("/api/v1/sagepro/{list}", get(search).post(create)).route("/api/v1/sagepro/{list}/{key}", get(look).put(replace))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Search {
    updated_since: Option<Timestamp>,
    cursor: Option<String>,
    limit: Option<usize>,
    web_id: Option<String>,
    email: Option<String>,
    purchase_order_no: Option<String>,
    reference: Option<String>,
}

impl Search {
    /// Whether it asks what changed.
    pub(super) fn is_since(&self) -> bool {
        self.updated_since.is_some()
    }
}

async fn search(Shared(state): Sage, (ConnectInfo(cut), headers, uri): Call, Path(list): Path<String>, Query(search): Query<Search>) -> Response {
    let on = if search.updated_since.is_some() { On::List } else { On::Seek };
    let fault = match meet(&state, &headers, &uri, on).await {
        Ok(fault) => fault,
        Err(response) => return response,
    };
    let good = found(&state.goods(), &list, &search);
    answer::after(fault, &cut, good).await
}

pub(super) fn found(goods: &Goods, list: &str, search: &Search) -> Response {
    let Some(shelf) = goods.shelf(list) else { return refuse(404, "UNKNOWN_LIST", "", "there is no such list") };
    if let Some(since) = search.updated_since {
        let page = shelf.page(list, since, search.cursor.as_deref(), search.limit.unwrap_or(MAX_PAGE).min(MAX_PAGE));
        return page.map_or_else(|| refuse(400, "BAD_CURSOR", "Cursor", "this is no cursor of ours"), |page| answer::text(StatusCode::OK, page));
    }
    let wanted = |fields: &Fields| {
        let is = |name: &str, wanted: &Option<String>| wanted.as_ref().is_none_or(|wanted| text(fields, name).eq_ignore_ascii_case(wanted));
        is("WebId", &search.web_id)
            && is("Email", &search.email)
            && is("PurchaseOrderNo", &search.purchase_order_no)
            && is("Reference", &search.reference)
    };
    answer::text(StatusCode::OK, shelf.list(list, wanted))
}

async fn look(Shared(state): Sage, (ConnectInfo(cut), headers, uri): Call, Path((list, key)): Path<(String, String)>) -> Response {
    match meet(&state, &headers, &uri, On::Seek).await {
        Ok(fault) => {
            let row = state.goods().shelf(&list).and_then(|shelf| shelf.one(&key));
            let good = row.map_or_else(|| refuse(404, "UNKNOWN", "", "there is no such row"), |row| answer::text(StatusCode::OK, row));
            answer::after(fault, &cut, good).await
        }
        Err(response) => response,
    }
}

async fn create(Shared(state): Sage, (ConnectInfo(cut), headers, uri): Call, Path(list): Path<String>, body: Bytes) -> Response {
    write(&state, (cut, headers, uri), &list, None, &body).await
}

async fn replace(Shared(state): Sage, (ConnectInfo(cut), headers, uri): Call, Path((list, key)): Path<(String, String)>, body: Bytes) -> Response {
    write(&state, (cut, headers, uri), &list, Some(key), &body).await
}

type Caller = (crate::server::Cut, axum::http::HeaderMap, axum::http::Uri);

/// Only customers and the journal are written to from outside.
async fn write(state: &super::State, (cut, headers, uri): Caller, list: &str, key: Option<String>, body: &[u8]) -> Response {
    let fault = match meet(state, &headers, &uri, On::Write).await {
        Ok(fault) => fault,
        Err(response) => return response,
    };
    if list == "journal" && key.is_none() {
        let posted = state.goods().post(body);
        return match posted {
            Ok(number) => answer::after(fault, &cut, answer::text(StatusCode::CREATED, json!({ "JournalNo": number }).to_string())).await,
            Err((code, why)) => refuse(422, code, "Lines", why),
        };
    }
    let (Some(mut row), "customers") = (fields(body), list) else { return refuse(400, "BAD_ROW", "", "this is no customer") };
    let status = if key.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    let number = {
        let mut goods = state.goods();
        if key.as_ref().is_some_and(|key| goods.customers.get(key).is_none()) {
            return refuse(404, "UNKNOWN", "CustomerNo", "there is no such customer");
        }
        let number = key.unwrap_or_else(|| goods.number("C"));
        row.insert("CustomerNo".into(), raw(&number));
        row.retain(|column, _| !goods.lacks.contains(column));
        goods.customers.write(&number, row);
        number
    };
    answer::after(fault, &cut, answer::text(status, json!({ "CustomerNo": number }).to_string())).await
}

impl super::State {
    /// The list of stock says what the books say, of what is in the list.
    pub(super) fn follow(&self) {
        let mut goods = self.goods();
        let keys =
            goods.inventory.all().map(|row| (text(row, "ItemCode"), text(row, "Warehouse"), row.get("Available").map(|json| json.get().to_owned())));
        for (item, warehouse, listed) in keys.collect::<Vec<_>>() {
            let there = self.books().there(&item, &warehouse).map(|units| units.to_string());
            if let Some(there) = there.filter(|there| listed.as_ref() != Some(there)) {
                let row = fields(format!(r#"{{"Available":{there}}}"#).as_bytes()).unwrap_or_default();
                goods.inventory.put(&format!("{item}@{warehouse}"), row);
            }
        }
    }
}

/// What happens in the house, by people there.
impl SagePro {
    /// Adds or changes a row of `products`, `customers` or `inventory`; what it does not say stays. What is available by an
    /// inventory's row is so in the books, too, and bookings show in the row.
    ///
    /// # Panics
    /// When it is no JSON object, or there is no such list.
    pub fn keep(&self, list: &str, key: &str, row: &str) {
        let row = fields(row.as_bytes()).unwrap_or_else(|| panic!("no object: {row}"));
        if let (Some((item, warehouse)), "inventory") = (key.rsplit_once('@'), list)
            && let Some(units) = row.get("Available").and_then(|json| json.get().parse().ok())
        {
            self.state.books().count(item, warehouse, units);
        }
        let mut goods = self.state.goods();
        let shelf = match list {
            "products" => &mut goods.products,
            "customers" => &mut goods.customers,
            "inventory" => &mut goods.inventory,
            other => panic!("no list {other}"),
        };
        shelf.put(key, row);
    }

    /// A row as JSON.
    pub fn kept(&self, list: &str, key: &str) -> Option<serde_json::Value> {
        let goods = self.state.goods();
        serde_json::from_str(&goods.shelf(list)?.one(key)?).ok()
    }

    /// Every entry of the journal.
    pub fn journal(&self) -> Vec<serde_json::Value> {
        let goods = self.state.goods();
        goods.journal.all().filter_map(|fields| serde_json::to_value(fields).ok()).collect()
    }

    /// Every entry of the journal as JSON text, digit by digit.
    pub fn journal_texts(&self) -> Vec<String> {
        let goods = self.state.goods();
        goods.journal.all().filter_map(|fields| serde_json::to_string(fields).ok()).collect()
    }

    /// Takes an entry out of the journal by its number, as if it had never been: whether it was there.
    pub fn strike(&self, number: &str) -> bool {
        self.state.goods().journal.remove(number)
    }

    /// Every customer.
    pub fn customers(&self) -> Vec<serde_json::Value> {
        let goods = self.state.goods();
        goods.customers.all().filter_map(|fields| serde_json::to_value(fields).ok()).collect()
    }

    /// Writes to customers by the facade, so far.
    pub fn customer_writes(&self) -> u64 {
        self.state.goods().customers.writes()
    }

    /// Ships so many units of lines (by number, from 1) of a booked order; gives the number of the shipment.
    ///
    /// # Panics
    /// When no order is booked under this purchase-order number.
    pub fn dispatch(&self, purchase_order_no: &str, lines: &[(usize, Decimal)], tracking: &[&str]) -> String {
        let booked = self.books().into_iter().find(|booked| booked.purchase_order_no == purchase_order_no);
        let booked = booked.unwrap_or_else(|| panic!("no order {purchase_order_no}"));
        for (line, units) in lines {
            self.state.books().leave(&booked.lines[line - 1].item, &booked.warehouse, *units);
        }
        self.state.follow();
        let mut goods = self.state.goods();
        let number = goods.number("S");
        let items: Vec<String> = lines
            .iter()
            .map(|(line, units)| format!(r#"{{"LineNo":{line},"ItemCode":{},"Quantity":{units}}}"#, json!(booked.lines[line - 1].item)))
            .collect();
        let packages: Vec<_> = tracking.iter().map(|number| json!({ "Carrier": "Canpar", "TrackingNo": number })).collect();
        let row = format!(
            r#"{{"ShipmentNo":"{number}","PurchaseOrderNo":"{purchase_order_no}","SalesOrderNo":"{}","Warehouse":{},"ShippedAt":"{}","Lines":[{}],"Packages":{}}}"#,
            booked.sales_order_no.trim(),
            json!(booked.warehouse),
            crate::time(),
            items.join(","),
            json!(packages)
        );
        goods.shipments.put(&number, fields(row.as_bytes()).unwrap_or_default());
        number
    }

    /// From now on this site has no such column of customers.
    pub fn lacks(&self, column: &str) {
        self.state.goods().lacks.insert(column.to_owned());
    }

    /// Replaces the packages of a shipment.
    pub fn repack(&self, shipment: &str, tracking: &[&str]) {
        let packages: Vec<_> = tracking.iter().map(|number| json!({ "Carrier": "Canpar", "TrackingNo": number })).collect();
        self.state.goods().shipments.put(shipment, Fields::from([("Packages".to_owned(), raw(packages))]));
    }

    /// Invoices the whole of a booked order; gives the number of the invoice. `off` is added to its total, for an invoice that
    /// does not add up.
    ///
    /// # Panics
    /// When no order is booked under this purchase-order number.
    pub fn invoice(&self, purchase_order_no: &str, off: Decimal) -> String {
        let booked = self.books().into_iter().find(|booked| booked.purchase_order_no == purchase_order_no);
        let booked = booked.unwrap_or_else(|| panic!("no order {purchase_order_no}"));
        let mut goods = self.state.goods();
        let number = goods.number("I");
        let line = |(index, line): (usize, &super::BookedLine)| {
            let super::BookedLine { item, quantity, unit_price, discount, ext_price, tax, .. } = line;
            format!(
                r#"{{"LineNo":{},"ItemCode":{},"Quantity":{quantity},"UnitPrice":{unit_price},"DiscountAmount":{discount},"ExtPrice":{ext_price},"TaxAmount":{tax}}}"#,
                index + 1,
                json!(item)
            )
        };
        let lines: Vec<String> = booked.lines.iter().enumerate().map(line).collect();
        // What the lines do not hold is shipping, or a discount on the whole.
        let rest = booked.total - booked.lines.iter().map(|line| line.ext_price + line.tax).sum::<Decimal>();
        let currency = booked.raw["Currency"].as_str().or(booked.raw["CurrencyCode"].as_str()).unwrap_or("CAD").to_owned();
        let row = format!(
            r#"{{"InvoiceNo":"{number}","PurchaseOrderNo":"{purchase_order_no}","InvoiceDate":"{}","Currency":"{currency}","Lines":[{}],"DiscountAmount":{},"ShippingAmount":{},"ShippingTax":0,"TotalAmount":{}}}"#,
            crate::time(),
            lines.join(","),
            (-rest).max(Decimal::ZERO),
            rest.max(Decimal::ZERO),
            booked.total + off
        );
        goods.invoices.put(&number, fields(row.as_bytes()).unwrap_or_default());
        number
    }
}
