//! Sage Pro over its REST facade: creates sales orders, looks them up by purchase-order number, cancels, reads stock.
//! A write has three outcomes, and only "nothing was sent" or a clear refusal is told apart from "nobody knows".

mod answer;
mod body;

use crate::{Secret, http};
use async_trait::async_trait;
use crossdock_flow::{
    Document, Fault,
    target::{Answer, Busy, Found, Stock, Target},
};
use reqwest::{
    Client, Method, RequestBuilder, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderName},
};
use std::time::Duration;

pub(crate) use body::json;

/// The name in the settings.
pub const KIND: &str = "sagepro";

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
        match http::exchange(request).await {
            http::Reply::Answered { status, body: Some(body), .. } if status.is_success() => Ok(body),
            reply => Err(http::busy(&self.name, &reply)),
        }
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
        let reply = http::exchange(self.request(Method::POST, &["orders"]).body(body)).await;
        answer::of_write(&self.name, reply, answer::number)
    }

    async fn find(&self, document: &Document) -> Found {
        let request = self.request(Method::GET, &["orders"]).query(&[("PurchaseOrderNo", &document.key)]);
        match self.read(request).await {
            Ok(body) => answer::found(&self.name, &body, document),
            Err(busy) => Found::Busy(busy),
        }
    }

    async fn cancel(&self, number: &str) -> Answer {
        let request = self.request(Method::PUT, &["orders", number]).body(r#"{"Status":"Cancelled"}"#);
        // The number is known, so any answer without an error will do.
        answer::of_write(&self.name, http::exchange(request).await, |_| Some(number.to_owned()))
    }

    async fn stock(&self) -> Result<Stock, Busy> {
        let body = self.read(self.request(Method::GET, &["inventory"])).await?;
        answer::stock(&self.name, &body)
    }
}
