//! Clarity eCommerce: events come signed (Standard Webhooks), orders are read from their JSON, thin events are completed
//! over REST. The wire format is documented in docs/clarity-order.schema.json.

mod convert;
mod envelope;
mod explain;
mod signature;
mod wire;

use crate::{Secret, http};
use async_trait::async_trait;
use crossdock_flow::{
    Code, Fault,
    source::{Content, Received, Source},
    target::Busy,
};
use jiff::Timestamp;
use reqwest::{Client, Url, header::AUTHORIZATION};
use std::time::Duration;

/// The name in the settings.
pub const KIND: &str = "clarity";

/// What a connection to Clarity needs.
#[derive(Debug)]
pub struct Settings {
    /// The connection's name.
    pub name: String,
    /// The webhook secrets, `whsec_…`; any of them may have signed, so that they can be rotated.
    pub secrets: Vec<Secret>,
    /// How far a webhook's timestamp may lie from now, in either direction. Usually 300 s.
    pub tolerance: Duration,
    /// Base URL and bearer token of the REST interface, for thin events.
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
}

#[async_trait]
impl Source for Clarity {
    fn name(&self) -> &str {
        &self.name
    }

    fn receive(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8], now: Timestamp) -> Result<Received, Fault> {
        let event_id = self.keys.check(header, body, now)?;
        Ok(match envelope::head(body, &event_id) {
            Ok(head) => Received::Event(head),
            Err(fault) => Received::Unreadable { event_id, fault },
        })
    }

    fn read(&self, body: &[u8]) -> Result<Content, Fault> {
        envelope::read(body)
    }

    async fn fetch(&self, id: &str) -> Result<Vec<u8>, Busy> {
        let Some((base, client)) = &self.api else {
            let fault = Fault::new(Code::Settings, "the shop sent an event without the order, and no `api` is set to fetch it from").at(&*self.name);
            return Err(Busy { fault, retry_after: None, counts: true });
        };
        let reply = http::exchange(client.get(http::path(base, &["api", "v1", "clarity", "orders", id]))).await;
        match reply {
            http::Reply::Answered { status, body: Some(body), .. } if status.is_success() => Ok(body),
            reply => Err(http::busy(&self.name, &reply)),
        }
    }
}
