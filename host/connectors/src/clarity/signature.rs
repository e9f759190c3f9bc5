//! Who sent a webhook: Standard Webhooks, HMAC-SHA256 over `id.timestamp.body`, several secrets at once.

use crate::Secret;
use base64::{Engine, engine::general_purpose::STANDARD};
use crossdock_flow::{Code, Fault};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use std::time::Duration;

/// The most signatures of one message that are tried.
const MAX_SIGNATURES: usize = 8;

/// The keys that may have signed, ready for use, and how old a message may be.
pub(super) struct Keys {
    keys: Vec<Hmac<Sha256>>,
    tolerance: i64,
}

impl Keys {
    /// Decodes the secrets. Fails with E602, without showing them.
    pub(super) fn new(secrets: &[Secret], tolerance: Duration) -> Result<Keys, Fault> {
        let fault = |why: &str| Fault::new(Code::Settings, why);
        if secrets.is_empty() {
            return Err(fault("at least one webhook secret is needed"));
        }
        let keys = secrets.iter().map(|secret| {
            let coded = secret.reveal().trim().strip_prefix("whsec_").ok_or_else(|| fault("a webhook secret begins with whsec_"))?;
            let key = STANDARD.decode(coded).map_err(|_| fault("a webhook secret is whsec_ and base64"))?;
            if !(24..=64).contains(&key.len()) {
                return Err(fault("a webhook secret has 24 to 64 bytes before base64"));
            }
            Hmac::<Sha256>::new_from_slice(&key).map_err(|_| fault("a webhook secret cannot be used as a key"))
        });
        Ok(Keys { keys: keys.collect::<Result<_, _>>()?, tolerance: tolerance.as_secs().try_into().unwrap_or(i64::MAX) })
    }

    /// Checks timestamp and signature; gives the id of the event. Fails with E501 or E502.
    pub(super) fn check(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8], now: Timestamp) -> Result<String, Fault> {
        let need = |name: &str| header(name).ok_or_else(|| Fault::new(Code::Signature, "the header is missing").at(name));
        let id = need("webhook-id")?;
        // A dot would let the parts of the signed text be cut at another place.
        if id.is_empty() || id.len() > 128 || !id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.') {
            return Err(Fault::new(Code::Signature, "it must be 1 to 128 printable ASCII characters without a dot").at("webhook-id"));
        }
        let timestamp = need("webhook-timestamp")?;
        let signatures = need("webhook-signature")?;
        let sent: i64 = timestamp.parse().map_err(|_| Fault::new(Code::Signature, "it must be seconds since 1970").at("webhook-timestamp"))?;
        let age = now.as_second().saturating_sub(sent);
        if age.saturating_abs() > self.tolerance {
            let side = if age > 0 { "behind" } else { "ahead of" };
            return Err(Fault::new(Code::Timestamp, format!("it is {} s {side} our clock", age.saturating_abs())).at("webhook-timestamp").limit(
                "tolerance",
                format_args!("{}s", self.tolerance),
                None,
            ));
        }
        let claimed: Vec<Vec<u8>> =
            signatures.split(' ').take(MAX_SIGNATURES).filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok()).collect();
        let signed = self.keys.iter().any(|key| {
            let mut mac = key.clone();
            for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
                mac.update(part);
            }
            // `verify_slice` takes the same time wherever the first difference is.
            claimed.iter().any(|claimed| mac.clone().verify_slice(claimed).is_ok())
        });
        if signed { Ok(id) } else { Err(Fault::new(Code::Signature, "no signature fits the message and our secrets").at("webhook-signature")) }
    }
}
