//! Clarity eCommerce: events come signed (Standard Webhooks), orders are read from their JSON, thin events are completed
//! over REST, and a list tells what changed when a webhook never came.
//!
//! # The wire
//!
//! Events and orders are documented in docs/clarity-order.schema.json, goods and people in `peer.rs`. Over REST, below `/api/v1/clarity`:
//!
//! | request | answer |
//! |---|---|
//! | `GET orders/{id}` | 200 the order, at most 1 MiB |
//! | `GET orders?updatedSince=&cursor=&limit=` | 200 `{"orders":[…],"next":"…" or null}`: the orders, as in `data` of an event, that changed since then (RFC 3339), oldest change first, at most `limit`, with `next` as the next `cursor` |
//!
//! A page may hold fewer orders than `limit`; over 16 MiB it is not read (E405), and smaller pages are what helps. An order
//! of which only `orderId` and version can be read is listed all the same; one of which not even these can be read is a
//! fault of the page (E405), because it could not be told which order is missing. The status `cancelled` (or `canceled`)
//! is the list's word for a cancellation. Redirects are not followed.

mod convert;
mod envelope;
mod goods;
mod list;
mod locate;
mod money;
mod peer;
mod signature;
mod takes;
mod wire;

pub use takes::takes;

use crate::{Secret, http};
use async_trait::async_trait;
use crossdock_flow::{
    Fault,
    correct::Place,
    source::{Content, Head, Listed, Received, Source},
    target::{Busy, Page},
};
use jiff::Timestamp;
use reqwest::{Client, RequestBuilder, Url, header::AUTHORIZATION};
use std::time::Duration;

/// The name in the settings.
pub const KIND: &str = "clarity";

/// The most orders of one page of the list: some 300 kB of usual ones.
const PAGE: &str = "100";
/// The largest page that is read, in bytes.
const MAX_PAGE: usize = 16 * 1024 * 1024;

/// What a connection to Clarity needs.
#[derive(Debug)]
pub struct Settings {
    /// The connection's name.
    pub name: String,
    /// The webhook secrets, `whsec_…`; any of them may have signed, so that they can be rotated.
    pub secrets: Vec<Secret>,
    /// How far a webhook's timestamp may lie from now, in either direction. Usually 300 s.
    pub tolerance: Duration,
    /// Base URL and bearer token of the REST interface, for thin events and for what changed.
    pub api: Option<(String, Secret)>,
    /// How long a REST request may take.
    pub timeout: Duration,
}

/// A connection to Clarity.
pub struct Clarity {
    name: String,
    keys: signature::Keys,
    api: Option<(Url, Client)>,
}

impl Clarity {
    /// Checks the settings. Fails with E602.
    pub fn new(settings: Settings) -> Result<Clarity, Fault> {
        let Settings { name, secrets, tolerance, api, timeout } = settings;
        let keys = signature::Keys::new(&secrets, tolerance).map_err(|fault| fault.at(format!("{name}.secrets")))?;
        let api = match api {
            None => None,
            Some((base, token)) => {
                let base = http::base(&base).map_err(|fault| fault.at(format!("{name}.api")))?;
                let client = http::client((AUTHORIZATION, http::bearer(&token)), timeout).map_err(|fault| fault.at(format!("{name}.api")))?;
                Some((base, client))
            }
        };
        Ok(Clarity { name, keys, api })
    }

    /// A request below `orders`; `what` needs it.
    fn request(&self, what: &str, path: &[&str]) -> Result<RequestBuilder, Busy> {
        let Some((base, client)) = &self.api else {
            return Err(http::no_api(&self.name, what));
        };
        Ok(client.get(http::path(&http::path(base, &["api", "v1", "clarity", "orders"]), path)))
    }
}

/// Reads the bytes of an event, or of a bare order, without a connection. Fails with E201 to E204.
pub fn read(body: &[u8]) -> Result<Content, Fault> {
    envelope::read(body)
}

#[async_trait]
impl Source for Clarity {
    fn name(&self) -> &str {
        &self.name
    }

    fn receive(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8], now: Timestamp) -> Result<Received, Fault> {
        let event_id = self.keys.check(header, body, now)?;
        // Orders first: they are many, and everything else is told by what orders are not.
        let fault = match envelope::head(body, &event_id) {
            Ok(head) => return Ok(Received::Event(head)),
            Err(fault) => fault,
        };
        Ok(match envelope::news(body) {
            Some(Ok((kind, news))) => Received::News { event_id, kind, news },
            Some(Err(fault)) => Received::Unreadable { event_id, fault },
            None => Received::Unreadable { event_id, fault },
        })
    }

    fn head(&self, event_id: &str, body: &[u8]) -> Result<Head, Fault> {
        envelope::head(body, event_id)
    }

    fn read(&self, body: &[u8]) -> Result<Content, Fault> {
        envelope::read(body)
    }

    async fn fetch(&self, id: &str) -> Result<Vec<u8>, Busy> {
        http::read(&self.name, self.request("an order that an event only names", &[id])?, http::MAX_ANSWER).await
    }

    async fn updated_since(&self, since: Timestamp, page: Option<&str>) -> Result<Page<Listed>, Busy> {
        let request = self.request("what changed", &[])?.query(&[("updatedSince", &*since.to_string()), ("limit", PAGE)]);
        let request = match page {
            Some(page) => request.query(&[("cursor", page)]),
            None => request,
        };
        list::page(&self.name, &http::read(&self.name, request, MAX_PAGE).await?, page)
    }

    fn locate(&self, body: &[u8], place: &str) -> Vec<Place> {
        locate::locate(body, place)
    }

    fn root(&self, body: &[u8]) -> &'static str {
        envelope::root(body)
    }
}
