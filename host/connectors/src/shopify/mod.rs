//! Shopify: events come signed over their bytes, orders are read from the JSON of the REST Admin API, and a list tells what
//! changed when a webhook never came.
//!
//! # The wire
//!
//! | what | how |
//! |---|---|
//! | signature | `X-Shopify-Hmac-Sha256`: base64 of the HMAC-SHA256 of the body under the app's secret |
//! | event | `X-Shopify-Event-Id` (else `X-Shopify-Webhook-Id`) with the topic: one action of a merchant gives one event id to every topic that it concerns |
//! | topics | `X-Shopify-Topic`: any of `orders/…`; others are kept and parked (E202) |
//! | body | the order; `{"order_edit":{"order_id":…}}` of `orders/edited`, which is fetched; `{"id":…}` alone of `orders/delete` |
//! | `GET /admin/api/2026-07/orders/{id}.json` | 200 `{"order":{…}}`, at most 1 MiB |
//! | `GET /admin/api/2026-07/orders.json?status=any&updated_at_min=&order=updated_at+asc&limit=100` | 200 `{"orders":[…]}`; `Link: <…page_info=…>; rel="next"` leads on; at most 16 MiB |
//!
//! Only the body is signed. So what an event means is taken from the body: `cancelled_at` (or nothing but an id) cancels an
//! order, a header cannot. `X-Shopify-Triggered-At` is signed no more than the rest and proves nothing, so it is not looked
//! at; a replay meets the event's id, its content and the order's version.
//!
//! # The order
//!
//! | canonical | Shopify |
//! |---|---|
//! | number | `id`: the only name that every topic has; `name` (`#1001`) is the field `order-name` |
//! | version | `updated_at` in milliseconds; Shopify counts it in seconds |
//! | amounts | in the shop's money, as the plain fields give them; what the customer saw is in the fields `presentment-currency` and `presentment-total` where it differs |
//! | lines | `quantity` × `price` − all its `discount_allocations`; tax and rate from its `tax_lines` |
//! | `taxes_included` | tax is taken out of each line: its total is what is left, to the cent; the unit price is that before the discount, and where four decimals cannot say it, the discount takes the difference (`amount::unit_price`) |
//! | discount | `total_discounts` less what is allocated to lines and shipping |
//! | shipping | all `shipping_lines` together |
//! | payment | the first of `payment_gateway_names` that is no gift card; several are in the field `payment-gateways`. A gift card pays and lowers no total; one that is sold is a line of type `gift-card` |
//! | tips | a line under the article `tip-sku` of the settings; without that the order is parked (E202) |
//! | duties | no place yet: the order is parked (E202) |
//! | fields | `note_attributes`, and `note` as `customer-note`; of lines, `properties`. Names that begin with `_` are an app's own and left out |
//!
//! What a refund took out before it was fulfilled (`restock_type` `cancel`, or none while the line is untouched) is not
//! ordered any more: quantity, amounts and total are without it. What came back (`return`) was ordered and stays; refunds of
//! money alone change nothing. Where it cannot be told, the order is parked (E202).
//!
//! Three sums of Shopify's own are checked before the sum rule: the lines against `subtotal_price`, their discounts
//! against `total_discounts` and all tax against `total_tax` (E203 with the difference).

mod convert;
mod envelope;
mod lines;
mod list;
mod locate;
mod taken_out;
mod wire;

use crate::{Secret, http, seal};
use async_trait::async_trait;
use crossdock_flow::{
    Fault,
    correct::Place,
    source::{Content, Head, Listed, Received, Source},
    target::{Busy, Page},
};
use jiff::Timestamp;
use reqwest::{Client, RequestBuilder, Url, header::HeaderName};
use std::time::Duration;

/// The name in the settings.
pub const KIND: &str = "shopify";

/// The version of the REST Admin API that is asked.
const API: &str = "2026-07";
/// The most orders of one page of the list.
const PAGE: &str = "100";
/// The largest page that is read, in bytes.
const MAX_PAGE: usize = 16 * 1024 * 1024;
/// Carries the access token.
const TOKEN: HeaderName = HeaderName::from_static("x-shopify-access-token");

/// What a connection to Shopify needs.
#[derive(Debug)]
pub struct Settings {
    /// The connection's name.
    pub name: String,
    /// The app's client secrets; any of them may have signed, so that they can be rotated.
    pub secrets: Vec<Secret>,
    /// The shop's address (`https://acme.myshopify.com`) and the Admin API's access token.
    pub api: Option<(String, Secret)>,
    /// The article that tips are booked under.
    pub tip_sku: Option<String>,
    /// How long a REST request may take.
    pub timeout: Duration,
}

/// A connection to Shopify.
pub struct Shopify {
    name: String,
    keys: seal::Keys,
    api: Option<(Url, Client)>,
    tip_sku: Option<String>,
}

impl Shopify {
    /// Checks the settings. Fails with E602.
    pub fn new(settings: Settings) -> Result<Shopify, Fault> {
        let Settings { name, secrets, api, tip_sku, timeout } = settings;
        let keys = seal::Keys::new(&secrets).map_err(|fault| fault.at(format!("{name}.secrets")))?;
        let api = api.map(|(base, token)| Ok((http::base(&base)?, http::client((TOKEN, token.reveal().to_owned()), timeout)?))).transpose();
        let api = api.map_err(|fault: Fault| fault.at(format!("{name}.api")))?;
        Ok(Shopify { name, keys, api, tip_sku })
    }

    /// A request below the API; `what` needs it.
    fn request(&self, what: &str, path: &[&str]) -> Result<RequestBuilder, Busy> {
        let (base, client) = self.api.as_ref().ok_or_else(|| http::no_api(&self.name, what))?;
        Ok(client.get(http::path(&http::path(base, &["admin", "api", API]), path)))
    }
}

/// Refuses a webhook secret that is too short. Fails with E602, without showing it.
pub fn check_secret(secret: &Secret) -> Result<(), Fault> {
    seal::check(secret)
}

/// Reads the bytes of an event, or of an order, without a connection; one with tips needs it. Fails with E201 to E204.
pub fn read(body: &[u8]) -> Result<Content, Fault> {
    envelope::read(body, None)
}

#[async_trait]
impl Source for Shopify {
    fn name(&self) -> &str {
        &self.name
    }

    fn receive(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8], now: Timestamp) -> Result<Received, Fault> {
        self.keys.check(header, "x-shopify-hmac-sha256", body)?;
        let id = seal::event_id(header, &["x-shopify-event-id", "x-shopify-webhook-id"])?;
        let topic = header("x-shopify-topic").unwrap_or_default();
        let event_id = format!("{id}/{}", crossdock_flow::fault::shorten(&topic));
        Ok(match envelope::check_topic(&topic).and_then(|()| envelope::head(body, &event_id, Some(now))) {
            Ok(head) => Received::Event(head),
            Err(fault) => Received::Unreadable { event_id, fault },
        })
    }

    fn head(&self, event_id: &str, body: &[u8]) -> Result<Head, Fault> {
        envelope::head(body, event_id, None)
    }

    fn read(&self, body: &[u8]) -> Result<Content, Fault> {
        envelope::read(body, self.tip_sku.as_deref())
    }

    async fn fetch(&self, id: &str) -> Result<Vec<u8>, Busy> {
        let request = self.request("an order that an event only names", &["orders", &format!("{id}.json")])?;
        list::one(&self.name, &http::read(&self.name, request, http::MAX_ANSWER).await?)
    }

    async fn updated_since(&self, since: Timestamp, page: Option<&str>) -> Result<Page<Listed>, Busy> {
        let request = self.request("what changed", &["orders.json"])?;
        // A cursor carries the question that it goes on with; Shopify refuses both together.
        let request = match page {
            Some(page) => request.query(&[("limit", PAGE), ("page_info", page)]),
            None => request.query(&[("status", "any"), ("updated_at_min", &since.to_string()), ("order", "updated_at asc"), ("limit", PAGE)]),
        };
        let (body, link) = http::read_with(&self.name, request, MAX_PAGE, "link").await?;
        list::page(&self.name, &body, link.as_deref(), page, self.tip_sku.as_deref())
    }

    fn locate(&self, body: &[u8], place: &str) -> Vec<Place> {
        locate::locate(body, place)
    }

    fn root(&self, _: &[u8]) -> &'static str {
        ""
    }
}
