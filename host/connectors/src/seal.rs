//! A signature over the bytes of a body and nothing else: base64 of their HMAC-SHA256, as Shopify and WooCommerce send it.
//! Neither the time nor any header is signed: what an event means must come from its body, and the event's id and the
//! version of the order are what a replay meets.

use crate::Secret;
use base64::{Engine, engine::general_purpose::STANDARD};
use crossdock_flow::{Code, Fault};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The shortest secret that is taken, in bytes.
const SHORTEST: usize = 16;

/// The keys that may have signed: several during a rotation.
pub(crate) struct Keys(Vec<Hmac<Sha256>>);

impl Keys {
    /// Takes the secrets as they are written in the shop. Fails with E602, without showing them.
    pub(crate) fn new(secrets: &[Secret]) -> Result<Keys, Fault> {
        let fault = |why: String| Fault::new(Code::Settings, why);
        if secrets.is_empty() {
            return Err(fault("at least one webhook secret is needed".into()));
        }
        let keys = secrets.iter().map(|secret| {
            check(secret)?;
            Hmac::<Sha256>::new_from_slice(secret.reveal().trim().as_bytes()).map_err(|_| fault("a webhook secret cannot be used as a key".into()))
        });
        Ok(Keys(keys.collect::<Result<_, _>>()?))
    }

    /// Checks the signature that a header, named in lower case, carries. Fails with E501.
    pub(crate) fn check(&self, header: &dyn Fn(&str) -> Option<String>, name: &str, body: &[u8]) -> Result<(), Fault> {
        let fault = |why: &str| Fault::new(Code::Signature, why).at(name);
        let claimed = header(name).ok_or_else(|| fault("the header is missing"))?;
        let claimed = STANDARD.decode(claimed.trim()).map_err(|_| fault("it is no base64"))?;
        let signed = self.0.iter().any(|key| {
            let mut mac = key.clone();
            mac.update(body);
            // `verify_slice` takes the same time wherever the first difference is.
            mac.verify_slice(&claimed).is_ok()
        });
        if signed { Ok(()) } else { Err(fault("the signature does not fit the message and our secrets")) }
    }
}

/// Refuses a secret that is too short to be one. Fails with E602, without showing it.
pub(crate) fn check(secret: &Secret) -> Result<(), Fault> {
    match secret.reveal().trim().len() < SHORTEST {
        true => Err(Fault::new(Code::Settings, format!("a webhook secret has at least {SHORTEST} bytes"))),
        false => Ok(()),
    }
}

/// The id of an event, from the first of these headers that is there. Fails with E501.
pub(crate) fn event_id(header: &dyn Fn(&str) -> Option<String>, names: &[&'static str]) -> Result<String, Fault> {
    let there = names.iter().find_map(|name| Some((*name, header(name)?)));
    let Some((name, id)) = there else { return Err(Fault::new(Code::Signature, "the header is missing").at(names[0])) };
    if id.is_empty() || id.len() > 128 || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Fault::new(Code::Signature, "it must be 1 to 128 printable ASCII characters").at(name));
    }
    Ok(id)
}
