//! Requests that rules send, through the host: only to addresses that the operator lists, never to a private address
//! that he did not mean, without redirects, with an answer of limited length. Credentials are attached here.

use crate::{Secret, http};
use crossdock_flow::{
    Code, Fault,
    capability::{Allowed, Request, Response, Unanswered, allow},
};
use reqwest::{
    Client, Method, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

/// How long a connection may take at all; what a rule may wait is less, and counted by the sandbox.
const LONGEST: Duration = Duration::from_secs(60);
/// Headers that steer the connection or carry credentials: never a rule's affair.
const HOSTS_AFFAIR: [&str; 13] = [
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Sends requests for rules.
pub struct Outbound {
    public: Client,
    private: Client,
    credentials: Vec<(String, Secret)>,
}

impl Outbound {
    /// With the credentials that the grants name. Fails with E602 when there is no HTTPS client here.
    pub fn new(credentials: Vec<(String, Secret)>) -> Result<Outbound, Fault> {
        Ok(Outbound { public: client(false)?, private: client(true)?, credentials })
    }

    /// Sends a request of a plugin, if the list allows it.
    pub async fn fetch(&self, plugin: &str, list: &[Allowed], request: Request, cap: usize) -> Result<Response, Unanswered> {
        let failed = |why: &str| Unanswered::Failed(why.to_owned());
        let url = Url::parse(&request.url).map_err(|_| failed("the address is no absolute URL"))?;
        let target = Target::of(&url).map_err(failed)?;
        let Some(allowed) = allow(list, &request.method, &target.scheme, &target.host, target.port, url.path()) else {
            return Err(Unanswered::NotAllowed(format!(
                "{} {}://{}:{} is not allowed; to allow it, write: [[plugins.{plugin}.http.allow]] methods = [\"{}\"] url = \"{}\"",
                request.method,
                target.scheme,
                target.host,
                target.port,
                request.method,
                url.join(".").map(|url| url.to_string()).unwrap_or_default().trim_end_matches('/')
            )));
        };
        // Names are looked up by a resolver that refuses private addresses; what is written as an address never meets it.
        if let Some(address) = target.address.filter(|address| !allowed.private && !is_public(*address)) {
            return Err(private(&address.to_string()));
        }
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| failed("the method is none"))?;
        let client = if allowed.private { &self.private } else { &self.public };
        let sending = client.request(method, url).headers(self.headers(&request.headers, allowed)?).body(request.body);
        let mut answer = sending.send().await.map_err(|error| told(&error))?;
        let status = answer.status().as_u16();
        let text = |(name, value): (&HeaderName, &HeaderValue)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()));
        let headers = answer.headers().iter().filter_map(text).collect();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| told(&error))? {
            if body.len() + chunk.len() > cap {
                return Err(Unanswered::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, headers, body })
    }

    fn headers(&self, written: &[(String, String)], allowed: &Allowed) -> Result<HeaderMap, Unanswered> {
        let mut headers = HeaderMap::new();
        for (name, value) in written {
            let wrong = |what: &str| Unanswered::Failed(format!("the header `{}` {what}", crossdock_flow::fault::shorten(name)));
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("has a name that is none"))?;
            if HOSTS_AFFAIR.contains(&name.as_str()) {
                return Err(wrong("is the host's affair"));
            }
            headers.append(name, HeaderValue::from_str(value).map_err(|_| wrong("has a value that no header can carry"))?);
        }
        if let Some(credential) = &allowed.credential {
            let secret = self.credentials.iter().find(|(name, _)| name == credential);
            let value = secret.and_then(|(_, secret)| HeaderValue::from_str(&http::bearer(secret)).ok());
            let mut value = value.ok_or_else(|| Unanswered::Failed("the host has no credential for this address".into()))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(headers)
    }
}

/// Reads an address of the settings. Fails with E602.
pub fn allowed(url: &str, methods: Vec<String>, credential: Option<String>, private: bool) -> Result<Allowed, Fault> {
    let wrong = |why: &str| Fault::new(Code::Settings, why);
    let url = Url::parse(url).map_err(|_| wrong("is no URL"))?;
    let Target { scheme, host, port, .. } = Target::of(&url).map_err(wrong)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has a query or a fragment"));
    }
    let methods = methods.iter().map(|method| method.to_ascii_uppercase()).collect();
    Ok(Allowed { scheme, host, port, path: url.path().to_owned(), methods, credential, private })
}

/// Where a URL leads.
struct Target {
    scheme: String,
    host: String,
    port: u16,
    address: Option<IpAddr>,
}

impl Target {
    fn of(url: &Url) -> Result<Target, &'static str> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err("only http and https are spoken");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("an address carries no user and no password");
        }
        let host = url.host_str().ok_or("the address has no host")?.trim_end_matches('.').to_ascii_lowercase();
        let port = url.port_or_known_default().ok_or("the address has no port")?;
        let address = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
        Ok(Target { scheme: url.scheme().to_owned(), host, port, address })
    }
}

fn client(private: bool) -> Result<Client, Fault> {
    http::bare()
        .connect_timeout(Duration::from_secs(5))
        .timeout(LONGEST)
        .dns_resolver(Arc::new(Resolver { private }))
        .build()
        .map_err(|error| Fault::new(Code::Settings, format!("no HTTPS client: {error}; are CA certificates installed?")))
}

/// Looks names up, and refuses those that stand for this machine or its neighbours.
struct Resolver {
    private: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("a private address")]
struct Private;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.private;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // All of them must be public: otherwise the name's owner chooses which one is used.
            if !private && found.iter().any(|address| !is_public(address.ip())) {
                return Err(Private.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn private(host: &str) -> Unanswered {
    Unanswered::NotAllowed(format!("{host} is a private address; to allow it, add to the entry: private = true"))
}

fn told(error: &reqwest::Error) -> Unanswered {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.is::<Private>() {
            return private("the name's address");
        }
        cause = error.source();
    }
    // The kind alone: the text of an error can repeat the address with its query.
    Unanswered::Failed(
        match (error.is_timeout(), error.is_connect(), error.is_body() || error.is_decode()) {
            (true, ..) => return Unanswered::Timeout,
            (_, true, _) => "no connection",
            (.., true) => "the answer broke off",
            _ => "no answer that can be read",
        }
        .into(),
    )
}

/// Whether an address is one of the public internet: not this machine, its network, a test range, or a group of machines.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_documentation()
                || v4.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (b == 18 || b == 19)))
        }
        IpAddr::V6(v6) => {
            if let Some(v4) = v6.to_ipv4_mapped() {
                return is_public(IpAddr::V4(v4));
            }
            let [first, second, ..] = v6.segments();
            // 2000::/3 is what is routed at all; of it not 6to4 and Teredo, which wrap other addresses, nor documentation.
            (first & 0xe000) == 0x2000 && first != 0x2002 && !(first == 0x2001 && (second == 0 || second == 0xdb8))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_known() {
        for address in
            ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1"]
        {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "2002:7f00:1::", "2001:0:1::", "ff02::1", "64:ff9b::7f00:1"] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["93.184.216.34", "2606:2800:220:1::1"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn addresses_of_the_settings_are_checked() {
        let read = allowed("https://Tax.Example/v1/", vec!["get".into()], None, false).unwrap();
        assert_eq!((read.host.as_str(), read.port, read.path.as_str(), &read.methods[0][..]), ("tax.example", 443, "/v1/", "GET"));
        for url in ["tax.example", "ftp://tax.example", "https://user:pass@tax.example", "https://tax.example/?key=1"] {
            assert!(allowed(url, Vec::new(), None, false).is_err(), "{url}");
        }
    }
}
