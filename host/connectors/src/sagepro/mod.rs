//! Sage Pro over its REST facade: creates sales orders, looks them up by purchase-order number, changes, cancels, lists,
//! reads stock. A write has three outcomes, and only "nothing was sent" or a clear refusal is told apart from "nobody knows".
//!
//! # The wire
//!
//! Of orders; that of goods and people is in `peer.rs`. Everything is JSON below `/api/v1/sagepro`. Amounts are exact numbers. An error is
//! `{"error":{"code":…,"field":…,"message":…}}`, also inside an answer of 200. A *row* is
//! `{"SalesOrderNo","PurchaseOrderNo","CustomerNo","TotalAmount","Status"}`; its status is `""` while it is open, then
//! `PartlyShipped`, `Shipped` or `Cancelled`.
//!
//! | request | answer |
//! |---|---|
//! | `POST orders`, a document | 201 `{"SalesOrderNo"}`; 400 or 422 when it is refused |
//! | `PUT orders/{number}`, a document: it replaces the order | 200 `{"SalesOrderNo"}`; 400, 422; 409 `SHIPPED` once something is shipped, 409 `CANCELLED`; 404 |
//! | `PUT orders/{number}`, `{"Status":"Cancelled"}` | 200 `{"SalesOrderNo"}`, also when it is cancelled already; 409 `SHIPPED`; 404 |
//! | `GET orders/{number}` | 200 a row; 404 `UNKNOWN_ORDER` |
//! | `GET orders?PurchaseOrderNo=` | 200 `{"orders":[rows]}` |
//! | `GET orders?UpdatedSince=&Cursor=&Limit=` | 200 `{"orders":[rows],"next":"…" or null}`: booked or changed since then (RFC 3339), at most `Limit`, with `next` as the next `Cursor` |
//! | `GET inventory` | 200 `{"inventory":[{"ItemCode","Warehouse","Available"}]}` |
//! | `GET metadata` | 200 `{"tables":[{"Table","CodePage","Fields":[{"Name","Type","Width","Decimals"}]}]}`: what the fields hold on this site; 404 of a facade that has no such list |
//!
//! In the metadata `Table` is `SalesOrder` for the header and `SalesOrderLine` for lines; fields are named as in a document.
//! `CodePage` is a number (437, 850, 1252; 20127 is ASCII, 65001 Unicode), `Type` a letter of Visual FoxPro's (C, M, N, F, I,
//! B, Y, D, T, L); `Width` counts characters, sign and point included, and may be missing like `Decimals` where the type says
//! it all. Card and password fields are dropped while it is read (`flow::schema`), whatever the facade lists.
//!
//! A PUT made twice does no harm; the same document is the same bytes every time. Any request may be answered 401 or 403
//! (E404), 429, or 503 with `Retry-After` (E402): nothing was done. Other 5xx and 408, a connection that breaks and an
//! answer of 2xx without the order's number leave a write unknown (E403). Redirects are not followed, and 410 and what is
//! not named here is final for a write (E405). 404 means "not there" only with the code `UNKNOWN_ORDER`.

pub(crate) mod answer;
mod body;
mod goods;
mod journal;
mod metadata;
mod peer;
mod rows;
mod takes;

use crate::{Secret, http};
use async_trait::async_trait;
use crossdock_flow::{
    Document, Fault,
    schema::Schema,
    target::{Answer, Booked, Busy, Found, Page, Standing, Stock, Target},
};
use jiff::Timestamp;
use reqwest::{
    Body, Client, Method, RequestBuilder, StatusCode, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderName},
};
use std::time::Duration;

pub(crate) use body::json;
pub use takes::takes;

/// The name in the settings.
pub const KIND: &str = "sagepro";

/// The orders of one page of the list: some 30 kB.
const PAGE: &str = "200";

/// The largest page of goods or people that is read, in bytes.
const MAX_LIST: usize = 16 * 1024 * 1024;

/// How we prove who we are.
#[derive(Debug)]
pub enum Auth {
    /// `Authorization: Bearer …`
    Bearer(Secret),
    /// `X-Api-Key: …`
    ApiKey(Secret),
}

/// What a connection to Sage Pro needs.
#[derive(Debug)]
pub struct Settings {
    /// The connection's name.
    pub name: String,
    /// Where the facade is; `/api/v1/sagepro/…` is added.
    pub base_url: String,
    /// The credential.
    pub auth: Auth,
    /// How long a request may take, connecting included. Usually 30 s.
    pub timeout: Duration,
}

/// A connection to Sage Pro.
pub struct SagePro {
    name: String,
    base: Url,
    client: Client,
}

impl SagePro {
    /// Checks the settings. Fails with E602.
    pub fn new(settings: Settings) -> Result<SagePro, Fault> {
        let Settings { name, base_url, auth, timeout } = settings;
        let credential = match &auth {
            Auth::Bearer(token) => (AUTHORIZATION, http::bearer(token)),
            Auth::ApiKey(key) => (HeaderName::from_static("x-api-key"), key.reveal().to_owned()),
        };
        let base = http::base(&base_url).map_err(|fault| fault.at(format!("{name}.base-url")))?;
        let client = http::client(credential, timeout).map_err(|fault| fault.at(&*name))?;
        Ok(SagePro { name, base, client })
    }

    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let url = http::path(&http::path(&self.base, &["api", "v1", "sagepro"]), path);
        self.client.request(method, url).header(CONTENT_TYPE, "application/json")
    }

    async fn read(&self, request: RequestBuilder) -> Result<Vec<u8>, Busy> {
        http::read(&self.name, request, http::MAX_ANSWER).await
    }

    async fn read_list(&self, request: RequestBuilder) -> Result<Vec<u8>, Busy> {
        http::read(&self.name, request, MAX_LIST).await
    }

    /// Writes to the order of a number. Done only when the answer names that order.
    async fn put(&self, number: &str, body: impl Into<Body>) -> Answer {
        let reply = http::exchange(self.request(Method::PUT, &["orders", number]).body(body), http::MAX_ANSWER).await;
        answer::of_write(&self.name, reply, |body| answer::number(body).filter(|answered| answered == number.trim()))
    }
}

#[async_trait]
impl Target for SagePro {
    fn name(&self) -> &str {
        &self.name
    }

    async fn create(&self, document: &Document) -> Answer {
        let body = match body::json(document) {
            Ok(body) => body,
            Err(fault) => return Answer::Refused(fault),
        };
        let reply = http::exchange(self.request(Method::POST, &["orders"]).body(body), http::MAX_ANSWER).await;
        answer::of_write(&self.name, reply, answer::number)
    }

    async fn find(&self, document: &Document) -> Found {
        let request = self.request(Method::GET, &["orders"]).query(&[("PurchaseOrderNo", &document.key)]);
        match self.read(request).await {
            Ok(body) => rows::found(&self.name, &body, document),
            Err(busy) => Found::Busy(busy),
        }
    }

    async fn cancel(&self, number: &str) -> Answer {
        self.put(number, r#"{"Status":"Cancelled"}"#).await
    }

    async fn change(&self, number: &str, document: &Document) -> Answer {
        match body::json(document) {
            Ok(body) => self.put(number, body).await,
            Err(fault) => Answer::Refused(fault),
        }
    }

    async fn standing(&self, number: &str) -> Result<Option<Standing>, Busy> {
        let reply = http::exchange(self.request(Method::GET, &["orders", number]), http::MAX_ANSWER).await;
        match &reply {
            http::Reply::Answered { status, body: Ok(body), .. } if status.is_success() => rows::standing(&self.name, body, number).map(Some),
            http::Reply::Answered { status: StatusCode::NOT_FOUND, body: Ok(body), .. } if answer::says_unknown(body) => Ok(None),
            _ => Err(http::busy(&self.name, &reply)),
        }
    }

    async fn booked(&self, since: Timestamp, page: Option<&str>) -> Result<Page<Booked>, Busy> {
        let request = self.request(Method::GET, &["orders"]).query(&[("UpdatedSince", &*since.to_string()), ("Limit", PAGE)]);
        let request = match page {
            Some(page) => request.query(&[("Cursor", page)]),
            None => request,
        };
        rows::booked(&self.name, &self.read(request).await?, page)
    }

    async fn stock(&self) -> Result<Stock, Busy> {
        let body = self.read(self.request(Method::GET, &["inventory"])).await?;
        answer::stock(&self.name, &body)
    }

    async fn tables(&self) -> Result<Option<Vec<Schema>>, Busy> {
        let reply = http::exchange(self.request(Method::GET, &["metadata"]), http::MAX_ANSWER).await;
        match &reply {
            http::Reply::Answered { status, body: Ok(body), .. } if status.is_success() => metadata::tables(&self.name, body).map(Some),
            http::Reply::Answered { status: StatusCode::NOT_FOUND, .. } => Ok(None),
            _ => Err(http::busy(&self.name, &reply)),
        }
    }
}
