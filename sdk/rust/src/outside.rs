//! What a plugin may ask of the outside once the operator grants it (`[plugins.NAME] grant = ["kv", …]`). A component
//! that calls one of these asks for the grant by its import. Every answer is recorded with the run.
//!
//! ```
//! use crossdock_sdk::outside::{clock, http, kv, lookup};
//! use crossdock_sdk::sample;
//!
//! // In a native test the sample stands in for the outside.
//! sample::stock("LAMP", &[("TOR", "3")]);
//! sample::answers(|request| Ok(http::Response { status: 200, headers: vec![], body: request.url.as_bytes().to_vec() }));
//! assert_eq!(lookup::stock("LAMP").unwrap(), [("TOR".to_string(), "3".to_string())]);
//! kv::set("seen", b"1").unwrap();
//! assert_eq!(kv::get("seen").unwrap(), b"1");
//! assert_eq!(http::get("https://tax.example/v1").unwrap().body, b"https://tax.example/v1");
//! assert_eq!(clock::now().offset_minutes, 0);
//! ```

/// What the host knows of customers, products and stock: read-only. Capability `lookup`.
pub mod lookup {
    use crate::backing;

    /// Facts: name and value pairs.
    pub type Facts = Vec<(String, String)>;

    /// A customer by the ERP's id; `None` when the host does not know it.
    pub fn customer(id: &str) -> Option<Facts> {
        backing::look_up("customer", id)
    }

    /// A product by SKU; `None` when the host does not know it.
    pub fn product(sku: &str) -> Option<Facts> {
        backing::look_up("product", sku)
    }

    /// Stock by SKU: one pair per warehouse, its id and the units it has; `None` when no warehouse lists it.
    pub fn stock(sku: &str) -> Option<Facts> {
        backing::look_up("stock", sku)
    }
}

/// A durable place of the plugin's own, kept together with the order. Capability `kv`.
pub mod kv {
    use crate::backing;

    pub use crate::bindings::imports::crossdock::plugin::kv::KvError;

    /// What stands under a key.
    pub fn get(key: &str) -> Option<Vec<u8>> {
        backing::kv_get(key)
    }

    /// Writes a key. Fails when the key is not allowed or the place is full.
    pub fn set(key: &str, value: &[u8]) -> Result<(), KvError> {
        backing::kv_set(key, value)
    }

    /// Removes a key. Removing one that is not there changes nothing.
    pub fn remove(key: &str) -> Result<(), KvError> {
        backing::kv_remove(key)
    }
}

/// Requests to the addresses that the operator lists. Capability `http`.
pub mod http {
    use crate::backing;

    pub use crate::bindings::imports::crossdock::plugin::http::{HttpError, Request, Response};

    /// Sends a request. Its time counts against the `time` of the call.
    pub fn send(request: &Request) -> Result<Response, HttpError> {
        backing::http_send(request)
    }

    /// Sends a GET without further headers.
    pub fn get(url: &str) -> Result<Response, HttpError> {
        send(&Request { method: "GET".into(), url: url.into(), headers: Vec::new(), body: Vec::new() })
    }
}

/// The time of day. Capability `clock`; `context.now` needs nothing and is enough for most rules.
pub mod clock {
    use crate::backing;

    /// Now.
    pub fn now() -> crate::Instant {
        backing::now()
    }
}

/// Random bytes. Capability `random`.
pub mod random {
    use crate::backing;

    /// So many bytes, at most 4096.
    pub fn bytes(count: u32) -> Vec<u8> {
        backing::random(count)
    }
}
