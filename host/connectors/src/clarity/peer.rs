//! Clarity as one of two sides that are kept alike.
//!
//! # The wire
//!
//! Below `/api/v1/clarity`; amounts are exact numbers, times RFC 3339, an error `{"error":{"code",…}}`.
//!
//! | request | answer |
//! |---|---|
//! | `GET products/{sku}` | 200 a row; 404 with the code `UNKNOWN` |
//! | `PUT products/{sku}`, a row | 200 `{"sku"}`; makes it where there is none; a field that is not sent stays |
//! | `GET customers?updatedSince=&cursor=&limit=`, `GET customers?email=` | 200 `{"customers":[rows],"next"}` |
//! | `GET customers/{id}`, `POST customers` | 200 a row with its `version`, 404 `UNKNOWN`; 201 `{"customerId"}` |
//! | `PUT customers/{id}`, a row with `expectVersion` | 200 `{"customerId"}`; 409 `CONFLICT` when it changed since |
//! | `GET inventory/{sku}/{warehouse}` | 200 a row with its `version`; 404 `UNKNOWN` |
//! | `PUT inventory/{sku}/{warehouse}`, a row with `expectVersion` | 200 `{"sku"}`; 409 `CONFLICT` when it changed since |
//! | `GET payments?updatedSince=&cursor=&limit=`, `GET payments/{id}`; so `refunds`, `disputes`, `payouts` | 200 `{"payments":[rows],"next"}`, a row |
//! | `GET orders/{number}/shipments`, `GET orders/{number}/invoices` | 200 `{"shipments":[rows]}`, `{"invoices":[rows]}` |
//! | `POST orders/{number}/shipments`, `POST orders/{number}/invoices`, a row | 201 `{"number"}`; of a number that is there: takes new parcels, nothing else |
//!
//! Rows of products, customers, shipments and invoices have `customFields` as orders do: an object of texts, numbers and booleans.
//! In a write, one of them that is not sent stays, and `null` takes it away. Rows are in `goods.rs`, those of money in `money.rs` (docs/money.md tells their fields). Customers carry `origin`: who made the last change; what we write carries our stamp. The events
//! `customer.created` and `customer.updated`, and so `payment`, `refund`, `dispute` and `payout`, come signed like those of
//! orders, the row in `data`.

use super::{Clarity, goods, money};
use crate::{http, rows, sagepro::answer};
use async_trait::async_trait;
use crossdock_flow::{
    Code, Fault,
    entity::{Side, echo::Kind},
    sync::{
        Level, Subject,
        peer::{News, Peer, Seek},
    },
    target::{Answer, Busy, Page},
};
use jiff::Timestamp;
use reqwest::{Method, RequestBuilder, StatusCode, header::CONTENT_TYPE};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{collections::BTreeMap, time::Duration};

const fn names(list: &'static str, key: &'static [&'static str], changed_at: &'static str) -> rows::Names {
    rows::Names { list, key, changed_at, version: "version", origin: "origin" }
}

const PRODUCTS: rows::Names = names("products", &["sku"], "updatedAt");
const CUSTOMERS: rows::Names = names("customers", &["customerId"], "updatedAt");
const INVENTORY: rows::Names = names("inventory", &["sku", "warehouse"], "updatedAt");
const SHIPMENTS: rows::Names = names("shipments", &["number"], "shippedAt");
const INVOICES: rows::Names = names("invoices", &["number"], "invoicedAt");
const PAYMENTS: rows::Names = names("payments", &["paymentId"], "updatedAt");
const REFUNDS: rows::Names = names("refunds", &["refundId"], "updatedAt");
const DISPUTES: rows::Names = names("disputes", &["disputeId"], "updatedAt");
const PAYOUTS: rows::Names = names("payouts", &["payoutId"], "updatedAt");

fn names_of(kind: Kind) -> Result<&'static rows::Names, Busy> {
    match kind {
        Kind::Product => Ok(&PRODUCTS),
        Kind::Customer => Ok(&CUSTOMERS),
        Kind::Stock => Ok(&INVENTORY),
        Kind::Shipment => Ok(&SHIPMENTS),
        Kind::Invoice => Ok(&INVOICES),
        Kind::Payment => Ok(&PAYMENTS),
        Kind::Refund => Ok(&REFUNDS),
        Kind::Dispute => Ok(&DISPUTES),
        Kind::Payout => Ok(&PAYOUTS),
        Kind::Order | Kind::Entry => {
            Err(Busy { fault: Fault::new(Code::Internal, format!("an {kind} goes another way")), retry_after: None, counts: true })
        }
    }
}

/// Reads what an event is about. Fails with E202.
pub(super) fn news_of(kind: Kind, data: &RawValue) -> Result<News, Fault> {
    let broken = |names: &rows::Names| {
        let told = format!("a {kind} has {} and {}", names.key.join(" and "), names.changed_at);
        Fault::new(Code::InvalidField, told).at("data")
    };
    let names = names_of(kind).map_err(|busy| busy.fault)?;
    rows::one("the shop", names, data.get().as_bytes()).map(|news| kept(kind, news)).map_err(|_| broken(names))
}

/// What is kept of news: of money nothing that is not read.
fn kept(kind: Kind, news: News) -> News {
    News { body: money::kept(kind, news.body), ..news }
}

impl Clarity {
    fn call(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, Busy> {
        let Some((base, client)) = &self.api else {
            let fault = Fault::new(Code::Settings, "no `api` of the shop is set, but [sync] needs it").at(&*self.name);
            return Err(Busy { fault, retry_after: None, counts: true });
        };
        Ok(client.request(method, http::path(&http::path(base, &["api", "v1", "clarity"]), path)).header(CONTENT_TYPE, "application/json"))
    }

    async fn list(&self, names: &rows::Names, request: RequestBuilder, page: Option<&str>) -> Result<Page<News>, Busy> {
        rows::page(&self.name, names, &http::read(&self.name, request, super::MAX_PAGE).await?, page)
    }
}

#[async_trait]
impl Peer for Clarity {
    fn name(&self) -> &str {
        &self.name
    }

    fn side(&self) -> Side {
        Side::Shop
    }

    async fn changed(&self, kind: Kind, since: Timestamp, page: Option<&str>) -> Result<Page<News>, Busy> {
        let names = names_of(kind)?;
        let request = self.call(Method::GET, &[names.list])?.query(&[("updatedSince", &*since.to_string()), ("limit", super::PAGE)]);
        let request = match page {
            Some(page) => request.query(&[("cursor", page)]),
            None => request,
        };
        let listed = self.list(names, request, page).await?;
        Ok(Page { rows: listed.rows.into_iter().map(|news| kept(kind, news)).collect(), next: listed.next })
    }

    fn read(&self, kind: Kind, body: &[u8]) -> Result<Subject, Fault> {
        goods::read(kind, body)
    }

    fn write(&self, subject: &Subject) -> Result<Vec<u8>, Fault> {
        goods::write(subject)
    }

    async fn find(&self, kind: Kind, seek: Seek<'_>) -> Result<Vec<News>, Busy> {
        let names = names_of(kind)?;
        let id = match seek {
            Seek::Email(email) => {
                let request = self.call(Method::GET, &[names.list])?.query(&[("email", email)]);
                return Ok(self.list(names, request, None).await?.rows);
            }
            Seek::Order(number) => {
                let request = self.call(Method::GET, &["orders", number, names.list])?;
                return Ok(self.list(names, request, None).await?.rows);
            }
            Seek::Id(id) | Seek::WebId(id) => id,
        };
        let request = match (kind, Level::split(id)) {
            (Kind::Stock, Some((sku, warehouse))) => self.call(Method::GET, &[names.list, sku, warehouse])?,
            _ => self.call(Method::GET, &[names.list, id])?,
        };
        let reply = http::exchange(request, http::MAX_ANSWER).await;
        match &reply {
            http::Reply::Answered { status, body: Ok(body), .. } if status.is_success() => Ok(vec![kept(kind, rows::one(&self.name, names, body)?)]),
            http::Reply::Answered { status: StatusCode::NOT_FOUND, body: Ok(body), .. } if answer::has_code(body, "UNKNOWN") => Ok(Vec::new()),
            _ => Err(http::busy(&self.name, &reply)),
        }
    }

    async fn put(&self, subject: &Subject, there: Option<&News>, stamp: &str) -> Answer {
        let request = match self.writing(subject, there, stamp) {
            Ok(Ok(request)) => request,
            Ok(Err(busy)) => return Answer::Busy(busy),
            Err(fault) => return Answer::Refused(fault),
        };
        let reply = http::exchange(request, http::MAX_ANSWER).await;
        // It changed since it was read: read it again, at once.
        if let http::Reply::Answered { status: StatusCode::CONFLICT, body: Ok(body), .. } = &reply
            && answer::has_code(body, "CONFLICT")
        {
            let fault = Fault::new(Code::PartnerBusy, format!("{} changed it since it was read", self.name));
            return Answer::Busy(Busy { fault, retry_after: Some(Duration::ZERO), counts: false });
        }
        answer::of_write(&self.name, reply, key)
    }
}

impl Clarity {
    /// The request that writes a subject.
    fn writing(&self, subject: &Subject, there: Option<&News>, stamp: &str) -> Result<Result<RequestBuilder, Busy>, Fault> {
        let row = goods::write(subject)?;
        let mut fields: BTreeMap<&str, &RawValue> =
            serde_json::from_slice(&row).map_err(|error| Fault::new(Code::Internal, format!("a row is no object: {error}")))?;
        let raw = |text: String| RawValue::from_string(text).map_err(|error| Fault::new(Code::Internal, error.to_string()));
        let (stamp, version) = (raw(serde_json::Value::from(stamp).to_string())?, raw(there.map_or(0, |there| there.version).to_string())?);
        // When it was changed is for the shop to say.
        fields.remove("updatedAt");
        let call = match (subject, there) {
            (Subject::Product(product), _) => self.call(Method::PUT, &["products", &product.sku]),
            (Subject::Stock(level), _) => {
                fields.insert("expectVersion", &version);
                self.call(Method::PUT, &["inventory", &level.sku, &level.warehouse])
            }
            (Subject::Customer(_), None) => self.call(Method::POST, &["customers"]),
            (Subject::Customer(_), Some(there)) => {
                fields.insert("expectVersion", &version);
                self.call(Method::PUT, &["customers", &there.key])
            }
            (Subject::Shipment(shipment), _) => self.call(Method::POST, &["orders", shipment.order.as_str(), "shipments"]),
            (Subject::Invoice(invoice), _) => self.call(Method::POST, &["orders", invoice.order.as_str(), "invoices"]),
            (Subject::Payment(_) | Subject::Refund(_) | Subject::Dispute(_) | Subject::Payout(_) | Subject::Entry(_), _) => {
                return Err(Fault::new(Code::Internal, format!("the shop takes no {}", subject.kind())));
            }
        };
        fields.insert("origin", &stamp);
        let body = rows::bytes(&fields)?;
        Ok(call.map(|request| request.body(body)))
    }
}

/// The shop's key of what was written, whatever it is.
fn key(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Made {
        #[serde(alias = "customerId", alias = "sku")]
        number: String,
    }
    serde_json::from_slice::<Made>(body).ok().map(|made| made.number).filter(|number| !number.is_empty())
}
