//! Signs like a shop: Standard Webhooks, HMAC-SHA256.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A webhook secret for tests; it guards nothing.
pub const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

/// Another one: of a second shop.
pub const OTHER: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

/// Signs like Shopify and WooCommerce: the body alone, by the secret as it is written, in base64.
pub fn sign_body(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap_or_else(|_| panic!("any length is a key"));
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Signs a message: `v1,` and base64. `secret` is `whsec_` and base64.
///
/// # Panics
/// When the secret is not of that form: a test made a mistake.
pub fn sign(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> String {
    let key = secret.strip_prefix("whsec_").and_then(|coded| STANDARD.decode(coded).ok());
    let key = key.unwrap_or_else(|| panic!("a webhook secret is whsec_ and base64"));
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap_or_else(|_| panic!("any length is a key"));
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_published_vector() {
        let body = br#"{"email":"test@example.com","username":"test_user"}"#;
        let signature = super::sign(super::SECRET, "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, body);
        assert_eq!(signature, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    }
}
