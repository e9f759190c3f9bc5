//! Sage Pro as one of two sides that are kept alike.
//!
//! # The wire
//!
//! Below `/api/v1/sagepro`, as the orders are; amounts are exact numbers, times RFC 3339, an error `{"error":{…}}`.
//!
//! | request | answer |
//! |---|---|
//! | `GET products?UpdatedSince=&Cursor=&Limit=` | 200 `{"products":[rows],"next"}`, oldest change first |
//! | `GET customers?UpdatedSince=&Cursor=&Limit=`, `GET customers?WebId=`, `GET customers?Email=` | 200 `{"customers":[rows],"next"}` |
//! | `GET customers/{number}` | 200 a row; 404 with the code `UNKNOWN` |
//! | `POST customers`, a row | 201 `{"CustomerNo"}`: the number is given inside the ERP's lock; 400, 422 |
//! | `PUT customers/{number}`, a row | 200 `{"CustomerNo"}`; 404, 422 |
//! | `GET inventory?UpdatedSince=&Cursor=&Limit=` | 200 `{"inventory":[rows],"next"}` |
//! | `GET journal?UpdatedSince=&Cursor=&Limit=`, `GET journal?Reference=` | 200 `{"journal":[rows],"next"}` |
//! | `POST journal`, a row of `journal.rs` | 201 `{"JournalNo"}`; 400, 422 `UNBALANCED` |
//! | `GET shipments?UpdatedSince=&Cursor=&Limit=`, `GET invoices?…` | 200 `{"shipments":[rows],"next"}`, `{"invoices":…}` |
//!
//! Rows are in `goods.rs`; each has `UpdatedAt`. Columns of products, customers, shipments and invoices that are not named there are
//! custom fields, if they are texts, numbers or booleans. In a write, a column that is not sent stays, and `null` empties it.
//! A customer's natural key is its `WebId`: it is looked for before one is made,
//! because a facade does not refuse a second. So is a journal entry's `Reference`.

use super::{SagePro, answer, goods};
use crate::{http, rows};
use async_trait::async_trait;
use crossdock_flow::{
    Code, Fault,
    entity::{Side, echo::Kind},
    sync::{
        Subject,
        peer::{News, Peer, Seek},
    },
    target::{Answer, Busy, Page},
};
use jiff::Timestamp;
use reqwest::{Method, StatusCode};
use serde::Deserialize;

/// Rows of one page.
const PAGE: &str = "200";

const fn names(list: &'static str, key: &'static [&'static str]) -> rows::Names {
    rows::Names { list, key, changed_at: "UpdatedAt", version: "", origin: "" }
}

const PRODUCTS: rows::Names = names("products", &["ItemCode"]);
const CUSTOMERS: rows::Names = names("customers", &["CustomerNo"]);
const INVENTORY: rows::Names = names("inventory", &["ItemCode", "Warehouse"]);
const SHIPMENTS: rows::Names = names("shipments", &["ShipmentNo"]);
const INVOICES: rows::Names = names("invoices", &["InvoiceNo"]);
const JOURNAL: rows::Names = names("journal", &["JournalNo"]);

fn names_of(kind: Kind) -> Result<&'static rows::Names, Busy> {
    match kind {
        Kind::Product => Ok(&PRODUCTS),
        Kind::Customer => Ok(&CUSTOMERS),
        Kind::Stock => Ok(&INVENTORY),
        Kind::Shipment => Ok(&SHIPMENTS),
        Kind::Invoice => Ok(&INVOICES),
        Kind::Entry => Ok(&JOURNAL),
        Kind::Order | Kind::Payment | Kind::Refund | Kind::Dispute | Kind::Payout => {
            Err(Busy { fault: Fault::new(Code::Internal, format!("the ERP has no {kind} of its own")), retry_after: None, counts: true })
        }
    }
}

#[async_trait]
impl Peer for SagePro {
    fn name(&self) -> &str {
        &self.name
    }

    fn side(&self) -> Side {
        Side::Erp
    }

    async fn changed(&self, kind: Kind, since: Timestamp, page: Option<&str>) -> Result<Page<News>, Busy> {
        let names = names_of(kind)?;
        let request = self.request(Method::GET, &[names.list]).query(&[("UpdatedSince", &*since.to_string()), ("Limit", PAGE)]);
        let request = match page {
            Some(page) => request.query(&[("Cursor", page)]),
            None => request,
        };
        rows::page(&self.name, names, &self.read_list(request).await?, page)
    }

    fn read(&self, kind: Kind, body: &[u8]) -> Result<Subject, Fault> {
        goods::read(kind, body)
    }

    fn write(&self, subject: &Subject) -> Result<Vec<u8>, Fault> {
        goods::write(subject)
    }

    async fn find(&self, kind: Kind, seek: Seek<'_>) -> Result<Vec<News>, Busy> {
        let names = names_of(kind)?;
        let request = match seek {
            Seek::WebId(id) => self.request(Method::GET, &[names.list]).query(&[("WebId", id)]),
            Seek::Email(email) => self.request(Method::GET, &[names.list]).query(&[("Email", email)]),
            Seek::Order(key) => self.request(Method::GET, &[names.list]).query(&[("PurchaseOrderNo", key)]),
            Seek::Id(reference) if kind == Kind::Entry => self.request(Method::GET, &[names.list]).query(&[("Reference", reference)]),
            Seek::Id(id) => {
                let reply = http::exchange(self.request(Method::GET, &[names.list, id]), http::MAX_ANSWER).await;
                return match &reply {
                    http::Reply::Answered { status, body: Ok(body), .. } if status.is_success() => Ok(vec![rows::one(&self.name, names, body)?]),
                    http::Reply::Answered { status: StatusCode::NOT_FOUND, body: Ok(body), .. } if answer::has_code(body, "UNKNOWN") => {
                        Ok(Vec::new())
                    }
                    _ => Err(http::busy(&self.name, &reply)),
                };
            }
        };
        Ok(rows::page(&self.name, names, &self.read_list(request).await?, None)?.rows)
    }

    async fn put(&self, subject: &Subject, there: Option<&News>, _stamp: &str) -> Answer {
        let body = match goods::write(subject) {
            Ok(body) => body,
            Err(fault) => return Answer::Refused(fault),
        };
        let request = match there {
            // What is posted is never changed.
            _ if subject.kind() == Kind::Entry => self.request(Method::POST, &["journal"]),
            Some(there) => self.request(Method::PUT, &["customers", &there.key]),
            None => self.request(Method::POST, &["customers"]),
        };
        answer::of_write(&self.name, http::exchange(request.body(body), http::MAX_ANSWER).await, number)
    }
}

/// The ERP's number of what was written: a customer or a journal entry.
fn number(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Made {
        #[serde(rename = "CustomerNo", alias = "JournalNo")]
        number: String,
    }
    let made: Made = serde_json::from_slice(body).ok()?;
    Some(made.number.trim().to_owned()).filter(|number| !number.is_empty())
}
