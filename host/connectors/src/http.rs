//! HTTP as every connector needs it: one client with timeouts, no redirects and capped answers, and what came of a
//! request in terms of what the partner can have done. Bodies, tokens and query strings never reach a message.

use crate::Secret;
use crossdock_flow::{
    Code, Fault,
    clock::{Clock, SystemClock},
    target::Busy,
};
use jiff::Timestamp;
use reqwest::{
    Client, ClientBuilder, RequestBuilder, Response, StatusCode, Url,
    header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
};
use std::time::Duration;

/// The largest answer that is read, in bytes.
pub(crate) const MAX_ANSWER: usize = 1024 * 1024;
/// The longest cursor of a list that is handed back, in bytes.
const MAX_CURSOR: usize = 1024;
/// The longest that a partner may ask us to wait.
const MAX_WAIT: Duration = Duration::from_secs(24 * 3600);

/// What every client has: no redirects, no second tries, no proxy of the environment.
pub(crate) fn bare() -> ClientBuilder {
    // An error says that a provider is installed already: that one serves as well.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder()
        .user_agent(concat!("crossdock/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
}

/// Builds a client that sends one credential with every request. Fails with E602.
pub(crate) fn client(credential: (HeaderName, String), timeout: Duration) -> Result<Client, Fault> {
    let (name, value) = credential;
    let mut value =
        HeaderValue::from_str(&value).map_err(|_| Fault::new(Code::Settings, "the credential has characters that no HTTP header can carry"))?;
    value.set_sensitive(true);
    bare()
        .default_headers(HeaderMap::from_iter([(name, value)]))
        // Shorter than the whole, so that "no connection" is told from "no answer": only the first is safe to send again.
        .connect_timeout((timeout / 3).min(Duration::from_secs(5)))
        .timeout(timeout)
        .tcp_nodelay(true)
        .build()
        .map_err(|error| Fault::new(Code::Settings, format!("no HTTPS client: {}; are CA certificates installed?", cause(&error))))
}

/// The value of an `Authorization` header.
pub(crate) fn bearer(token: &Secret) -> String {
    format!("Bearer {}", token.reveal())
}

/// Checks a base URL. Fails with E602, without showing what may be a password.
pub(crate) fn base(url: &str) -> Result<Url, Fault> {
    let fault = |why: &str| Fault::new(Code::Settings, format!("the base URL {why}, such as https://erp.example.com"));
    let url = Url::parse(url.trim_end_matches('/')).map_err(|_| fault("must be a URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(fault("must begin with http:// or https:// and a host"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(fault("must not carry a user, a password, a query or a fragment"));
    }
    Ok(url)
}

/// The base URL with more path segments, each escaped.
pub(crate) fn path(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// What came of a request.
pub(crate) enum Reply {
    /// The partner answered.
    Answered {
        status: StatusCode,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
        /// The body, if it came whole.
        body: Result<Vec<u8>, Cut>,
    },
    /// Nothing was sent: no connection.
    NotSent(String),
    /// It was sent, and no answer came.
    Lost(String),
}

/// Why a body did not come whole.
#[derive(Clone, Copy)]
pub(crate) enum Cut {
    /// The connection ended, or it took too long.
    BrokeOff,
    /// It is over this many bytes.
    TooLarge(usize),
}

/// Sends a request and reads the answer, up to `most` bytes.
pub(crate) async fn exchange(request: RequestBuilder, most: usize) -> Reply {
    match send(request).await {
        Ok(response) => receive(response, most).await,
        Err(reply) => reply,
    }
}

async fn send(request: RequestBuilder) -> Result<Response, Reply> {
    request.send().await.map_err(|error| match error.is_connect() || error.is_builder() {
        true => Reply::NotSent(cause(&error)),
        false => Reply::Lost(cause(&error)),
    })
}

async fn receive(mut response: Response, most: usize) -> Reply {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| wait(value, SystemClock.now()))
        .map(|wait| wait.min(MAX_WAIT));
    let mut body = Vec::new();
    let body = loop {
        match response.chunk().await {
            Ok(None) => break Ok(body),
            Ok(Some(chunk)) if body.len() + chunk.len() <= most => body.extend_from_slice(&chunk),
            Ok(Some(_)) => break Err(Cut::TooLarge(most)),
            Err(_) => break Err(Cut::BrokeOff),
        }
    };
    Reply::Answered { status, retry_after, body }
}

/// Sends a request that changes nothing, and gives the body of a good answer.
pub(crate) async fn read(partner: &str, request: RequestBuilder, most: usize) -> Result<Vec<u8>, Busy> {
    good(partner, exchange(request, most).await)
}

/// As [`read`], with the value of one header of the answer.
pub(crate) async fn read_with(partner: &str, request: RequestBuilder, most: usize, name: &str) -> Result<(Vec<u8>, Option<String>), Busy> {
    let response = send(request).await.map_err(|reply| busy(partner, &reply))?;
    let value = response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Ok((good(partner, receive(response, most).await)?, value))
}

fn good(partner: &str, reply: Reply) -> Result<Vec<u8>, Busy> {
    match reply {
        Reply::Answered { status, body: Ok(body), .. } if status.is_success() => Ok(body),
        reply => Err(busy(partner, &reply)),
    }
}

/// A shop has no `api` in the settings, but `what` must be fetched from it: E602.
pub(crate) fn no_api(shop: &str, what: &str) -> Busy {
    let fault = Fault::new(Code::Settings, format!("no `api` of the shop is set, but {what} must be fetched from it")).at(shop);
    Busy { fault, retry_after: None, counts: true }
}

/// An answer came, and it is not what was agreed on: E405. Nothing is concluded from it.
pub(crate) fn unreadable(partner: &str, what: &str) -> Busy {
    let message = format!("{partner} answered with {what} in a form we cannot read");
    Busy { fault: Fault::new(Code::PartnerAnswer, message), retry_after: None, counts: true }
}

/// Where the next page of a list begins, after the one that was asked for with `page`. Fails with E405 for a cursor that
/// would lead nowhere: a list that is cut short must not look like one that ended.
pub(crate) fn next(partner: &str, page: Option<&str>, next: Option<String>) -> Result<Option<String>, Busy> {
    match next {
        Some(next) if next.is_empty() || next.len() > MAX_CURSOR || page == Some(&*next) => Err(unreadable(partner, "the cursor of a list")),
        next => Ok(next),
    }
}

/// What a refused or missing answer means for a request that changed nothing: asked again later.
pub(crate) fn busy(partner: &str, reply: &Reply) -> Busy {
    let (code, message, retry_after, counts) = match reply {
        Reply::NotSent(why) => (Code::PartnerBusy, format!("{partner} cannot be reached: {why}"), None, true),
        Reply::Lost(why) => (Code::PartnerBusy, format!("{partner} did not answer: {why}"), None, true),
        Reply::Answered { status, retry_after, body } => match status.as_u16() {
            401 | 403 => (Code::Credentials, format!("{partner} answered {}: it does not take our credential", status.as_u16()), None, true),
            429 => (Code::PartnerBusy, format!("{partner} answered 429: too many requests"), *retry_after, false),
            status @ (408 | 500..) => (Code::PartnerBusy, format!("{partner} answered {status}"), *retry_after, true),
            status @ 200..=299 => match body {
                Err(Cut::BrokeOff) => (Code::PartnerBusy, format!("{partner} answered {status}, but the answer broke off"), None, true),
                Err(Cut::TooLarge(most)) => {
                    let cure = "let it answer with less, a list in smaller pages";
                    (Code::PartnerAnswer, format!("{partner} answered {status} with more than the {most} bytes that are read: {cure}"), None, true)
                }
                Ok(_) => (Code::PartnerAnswer, format!("{partner} answered {status} with something we cannot read"), None, true),
            },
            410 => (Code::PartnerAnswer, format!("{partner} answered 410: this address is gone for good; correct the base URL"), None, true),
            status @ 300..=399 => {
                (Code::PartnerAnswer, format!("{partner} answered {status}, a redirect, which is not followed: correct the base URL"), None, true)
            }
            status => (Code::PartnerAnswer, format!("{partner} answered {status}: is the base URL right?"), None, true),
        },
    };
    Busy { fault: Fault::new(code, message), retry_after, counts }
}

/// Reads a `Retry-After` header: seconds or an HTTP date.
fn wait(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
}

/// The innermost reason, without the URL.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "time-out".into();
    }
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    match inner.downcast_ref::<reqwest::Error>() {
        Some(_) => "the request failed".into(),
        None => crossdock_flow::fault::shorten(&inner.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2026-11-23T15:00:00Z".parse().unwrap();
        assert_eq!(wait("120", now), Some(Duration::from_secs(120)));
        assert_eq!(wait("Mon, 23 Nov 2026 15:02:00 GMT", now), Some(Duration::from_secs(120)));
        assert_eq!(wait("Mon, 23 Nov 2026 14:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(wait("soon", now), None);
    }

    #[test]
    fn base_urls_are_checked_without_showing_them() {
        for wrong in ["erp", "ftp://erp", "https://user:hunter2@erp", "https://erp/?key=hunter2", "file:///etc/passwd"] {
            let fault = base(wrong).unwrap_err();
            assert_eq!(fault.code, Code::Settings, "{wrong}");
            assert!(!fault.to_string().contains("hunter2"));
        }
        assert_eq!(path(&base("http://erp.example.com/pro/").unwrap(), &["orders", "a/b?c"]).as_str(), "http://erp.example.com/pro/orders/a%2Fb%3Fc");
    }
}
