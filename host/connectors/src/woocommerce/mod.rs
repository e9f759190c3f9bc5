//! WooCommerce: events come signed over their bytes, orders are read from the JSON of the REST API (v3), and a list tells
//! what changed. Its webhooks are sent once and never again, so the list is no luxury here.
//!
//! # The wire
//!
//! | what | how |
//! |---|---|
//! | signature | `X-WC-Webhook-Signature`: base64 of the HMAC-SHA256 of the body under the hook's secret |
//! | event | `X-WC-Webhook-Delivery-ID` |
//! | topics | `X-WC-Webhook-Topic`: any of `order.…`; others are kept and parked (E202) |
//! | body | the order; `{"id":…}` alone of `order.deleted` |
//! | `GET /wp-json/wc/v3/orders/{id}` | 200 the order, at most 1 MiB |
//! | `GET /wp-json/wc/v3/orders?modified_after=&dates_are_gmt=true&orderby=modified&order=asc&per_page=100&page=` | 200 `[…]` and `X-WP-TotalPages`; at most 16 MiB |
//!
//! Only the body is signed, so the body says what an event means: the statuses `cancelled` and `trash` (or nothing but an
//! id) cancel an order, a header cannot. A secret that is an MD5 digest is refused: it is what the shop makes up where none
//! was given, of what is no secret. The ping that a shop sends when a hook is saved is not signed and is answered 401; the
//! hook works all the same.
//!
//! Pages by number would skip orders while the list is read, because an order that changes moves to its end. So each page
//! asks for what was modified after the last order of the one before; a number is used only within one second.
//!
//! # The order
//!
//! | canonical | WooCommerce |
//! |---|---|
//! | number | `id`; `number` is the field `order-name` where it is another |
//! | version | `date_modified_gmt` in milliseconds; WooCommerce counts it in seconds |
//! | times | from `…_gmt`; the offset is what `date_created` differs by |
//! | lines | `total` and `total_tax`, both without coupons and as charged; the discount is `subtotal` − `total`; the unit price is `subtotal` by `quantity`, and where four decimals cannot say it, the discount takes the difference (`amount::unit_price`). `price` is not looked at: it is rounded, or a float |
//! | tax rate | `rate_percent` of the `tax_lines` that `taxes` names, where it leads to the tax; else the shortest that does |
//! | `prices_include_tax` | how prices were typed in; all of the above is without tax either way |
//! | fees | a line under the article `fee-sku` of the settings; without that the order is parked (E202). One below zero without tax lowers the order's `discount` |
//! | shipping | all `shipping_lines` together |
//! | payment | `payment_method`, `transaction_id`; `captured` when `date_paid_gmt` is there, else `pending` with nothing paid |
//! | addresses | where nothing is shipped the shipping address is empty: then it is that of the invoice |
//! | fields | `meta_data`, without keys that begin with `_` and without nested values; a key that comes twice is joined; and `customer_note` as `customer-note` |
//!
//! Names carry HTML entities, which are decoded once. Coupons are in the lines already, and refunds change nothing of what
//! was ordered. An order that is not paid yet (`pending`, `failed`, `on-hold`) comes like any other: what is to wait is a
//! rule's to say, by status and payment. The shop's sum of all tax is checked before the sum rule (E203 with the difference);
//! a shop that rounds tax at the subtotal writes orders that are cents apart, and these are parked.

mod convert;
mod envelope;
mod lines;
mod list;
mod locate;
mod wire;

use crate::{Secret, http, seal};
use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use crossdock_flow::{
    Code, Fault,
    correct::Place,
    source::{Content, Head, Listed, Received, Source},
    target::{Busy, Page},
};
use jiff::Timestamp;
use reqwest::{Client, RequestBuilder, Url, header::AUTHORIZATION};
use std::time::Duration;

/// The name in the settings.
pub const KIND: &str = "woocommerce";

/// The most orders of one page of the list: WooCommerce gives no more.
const PAGE: &str = "100";
/// The largest page that is read, in bytes.
const MAX_PAGE: usize = 16 * 1024 * 1024;

/// What a connection to WooCommerce needs.
#[derive(Debug)]
pub struct Settings {
    /// The connection's name.
    pub name: String,
    /// The hooks' secrets; any of them may have signed, so that they can be rotated and each hook can have its own.
    pub secrets: Vec<Secret>,
    /// The REST interface, for what changed.
    pub api: Option<Api>,
    /// The article that fees are booked under.
    pub fee_sku: Option<String>,
    /// How long a REST request may take.
    pub timeout: Duration,
}

/// Where the REST interface is, and its key.
#[derive(Debug)]
pub struct Api {
    /// The site's address, before `/wp-json`.
    pub url: String,
    /// The consumer key, `ck_…`.
    pub key: Secret,
    /// The consumer secret, `cs_…`.
    pub secret: Secret,
}

/// A connection to WooCommerce.
pub struct WooCommerce {
    name: String,
    keys: seal::Keys,
    api: Option<(Url, Client)>,
    fee_sku: Option<String>,
}

impl WooCommerce {
    /// Checks the settings. Fails with E602.
    pub fn new(settings: Settings) -> Result<WooCommerce, Fault> {
        let Settings { name, secrets, api, fee_sku, timeout } = settings;
        let keys = secrets.iter().try_for_each(check_secret).and_then(|()| seal::Keys::new(&secrets));
        let keys = keys.map_err(|fault| fault.at(format!("{name}.secrets")))?;
        let api = api.map(|Api { url, key, secret }| {
            let credential = format!("Basic {}", STANDARD.encode(format!("{}:{}", key.reveal(), secret.reveal())));
            Ok((http::base(&url)?, http::client((AUTHORIZATION, credential), timeout)?))
        });
        let api = api.transpose().map_err(|fault: Fault| fault.at(format!("{name}.api")))?;
        Ok(WooCommerce { name, keys, api, fee_sku })
    }

    /// A request below `orders`; `what` needs it.
    fn request(&self, what: &str, path: &[&str]) -> Result<RequestBuilder, Busy> {
        let (base, client) = self.api.as_ref().ok_or_else(|| http::no_api(&self.name, what))?;
        Ok(client.get(http::path(&http::path(base, &["wp-json", "wc", "v3", "orders"]), path)))
    }
}

/// Refuses a webhook secret that is too short, or that the shop made up. Fails with E602, without showing it.
pub fn check_secret(secret: &Secret) -> Result<(), Fault> {
    let text = secret.reveal().trim();
    if text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let message = "a webhook secret is an MD5 digest, as WooCommerce makes it up where none is given: give the hook a secret of its own, \
                       for example 32 random bytes in base64, and write the same here";
        return Err(Fault::new(Code::Settings, message));
    }
    seal::check(secret)
}

/// Reads the bytes of an event, or of an order, without a connection; one with fees needs it. Fails with E201 to E204.
pub fn read(body: &[u8]) -> Result<Content, Fault> {
    envelope::read(body, None)
}

#[async_trait]
impl Source for WooCommerce {
    fn name(&self) -> &str {
        &self.name
    }

    fn receive(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8], now: Timestamp) -> Result<Received, Fault> {
        self.keys.check(header, "x-wc-webhook-signature", body)?;
        let event_id = seal::event_id(header, &["x-wc-webhook-delivery-id"])?;
        let topic = header("x-wc-webhook-topic").unwrap_or_default();
        Ok(match envelope::check_topic(&topic).and_then(|()| envelope::head(body, &event_id, Some(now))) {
            Ok(head) => Received::Event(head),
            Err(fault) => Received::Unreadable { event_id, fault },
        })
    }

    fn head(&self, event_id: &str, body: &[u8]) -> Result<Head, Fault> {
        envelope::head(body, event_id, None)
    }

    fn read(&self, body: &[u8]) -> Result<Content, Fault> {
        envelope::read(body, self.fee_sku.as_deref())
    }

    async fn fetch(&self, id: &str) -> Result<Vec<u8>, Busy> {
        http::read(&self.name, self.request("an order that an event only names", &[id])?, http::MAX_ANSWER).await
    }

    async fn updated_since(&self, since: Timestamp, page: Option<&str>) -> Result<Page<Listed>, Busy> {
        let cursor = list::Cursor::read(since, page).ok_or_else(|| http::unreadable(&self.name, "the cursor of a list"))?;
        let request = self.request("what changed", &[])?.query(&[
            ("modified_after", &*cursor.after()),
            ("dates_are_gmt", "true"),
            ("orderby", "modified"),
            ("order", "asc"),
            ("per_page", PAGE),
            ("page", &cursor.page.to_string()),
        ]);
        let (body, pages) = http::read_with(&self.name, request, MAX_PAGE, "x-wp-totalpages").await?;
        list::page(&self.name, &body, pages.as_deref(), cursor, self.fee_sku.as_deref())
    }

    fn locate(&self, body: &[u8], place: &str) -> Vec<Place> {
        locate::locate(body, place)
    }

    fn root(&self, _: &[u8]) -> &'static str {
        ""
    }
}
