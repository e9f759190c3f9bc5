//! What plugins may ask of the outside: `lookup`, `kv`, `http`, `clock` and `random`. A component that imports one without
//! a grant is refused at load; here each call is counted, capped and recorded with its answer.

use crate::{
    bindings::{clock, http, kv, lookup, random, types},
    call::{Call, Subject},
    convert::{self, cut},
    meter::Stop,
};
use crossdock_flow::{
    capability::{HostCall, Recorded, Request, Unanswered, decode, encode},
    order::Instant,
};
use wasmtime::{Error, Result};

/// Random bytes of one call.
const MOST_RANDOM: u32 = 4096;
/// Bytes of a key.
const MOST_KEY: usize = 256;
/// What a recorded call costs the host in memory beside its bytes, about.
const RECORD: usize = 128;

type Pairs = Option<Vec<(String, String)>>;

impl Call {
    async fn look_up(&mut self, what: &str, key: String) -> Result<Pairs> {
        self.meter.charge(RECORD + key.len())?;
        let found = self.world.look_up(what, &key).await.map_err(outside)?;
        self.meter.move_bytes(found.iter().flatten().map(|(name, value)| 16 + name.len() + value.len()).sum())?;
        self.calls.push(HostCall::Lookup { what: what.to_owned(), key, found: found.clone() });
        Ok(found)
    }

    /// What stands under a key as this call sees it: its own writing, that of earlier rules, or nothing of either.
    fn written(&self, key: &str) -> Option<Option<Vec<u8>>> {
        let own = self.calls.iter().rev().find_map(|call| match call {
            HostCall::KvSet { key: name, value } if name == key => Some(value.as_deref().map(|value| decode(value).unwrap_or_default())),
            _ => None,
        });
        own.or_else(|| self.kept.find(&self.plugin, key).map(|value| value.map(<[u8]>::to_vec)))
    }

    /// What is written is kept together with an order. Where there is none, a refusal says so: better than a note that is lost.
    fn may_keep(&self) -> std::result::Result<(), kv::KvError> {
        match self.subject {
            Subject::Entity(..) => Err(kv::KvError::Invalid("notes are kept with orders: at this hook nothing can be written".into())),
            _ => Ok(()),
        }
    }

    fn write(&mut self, key: String, value: Option<&[u8]>) {
        self.calls.push(HostCall::KvSet { key, value: value.map(encode) });
    }

    /// Keys and bytes with everything that this order wrote so far, as if `key` held so many bytes.
    async fn usage(&mut self, key: &str, bytes: usize) -> Result<(u64, u64)> {
        let (mut keys, mut size) = self.world.kv_usage(&self.plugin).await.map_err(outside)?;
        // What counts is the last writing of each key: that of now, then this call's own, then that of earlier rules.
        let mut written: Vec<(&str, Option<usize>)> = vec![(key, Some(bytes))];
        let own = self.calls.iter().rev().filter_map(|call| match call {
            HostCall::KvSet { key, value } => Some((key.as_str(), value.as_ref().map(|value| value.len() / 2))),
            _ => None,
        });
        let earlier = self.kept.written.iter().rev().filter(|(plugin, ..)| **plugin == *self.plugin);
        for (key, value) in own.chain(earlier.map(|(_, key, value)| (key.as_str(), value.as_ref().map(Vec::len)))) {
            if !written.iter().any(|(name, _)| *name == key) {
                written.push((key, value));
            }
        }
        for (key, value) in written {
            if let Some((there, _)) = self.world.kv_get(&self.plugin, key).await.map_err(outside)? {
                keys = keys.saturating_sub(1);
                size = size.saturating_sub((key.len() + there.len()) as u64);
            }
            if let Some(bytes) = value {
                keys += 1;
                size += (key.len() + bytes) as u64;
            }
        }
        Ok((keys, size))
    }
}

fn outside(fault: crossdock_flow::Fault) -> Error {
    Error::new(Stop::Outside(fault.code))
}

impl lookup::Host for Call {
    async fn customer(&mut self, id: String) -> Result<Pairs> {
        self.look_up("customer", id).await
    }

    async fn product(&mut self, sku: String) -> Result<Pairs> {
        self.look_up("product", sku).await
    }

    async fn stock(&mut self, sku: String) -> Result<Pairs> {
        self.look_up("stock", sku).await
    }
}

fn check_key(key: &str) -> Result<(), kv::KvError> {
    if key.is_empty() || key.len() > MOST_KEY {
        return Err(kv::KvError::Invalid(format!("a key has 1 to {MOST_KEY} bytes")));
    }
    Ok(())
}

impl kv::Host for Call {
    async fn get(&mut self, key: String) -> Result<Option<Vec<u8>>> {
        self.meter.charge(RECORD + key.len())?;
        if let Some(value) = self.written(&key) {
            self.meter.move_bytes(value.as_ref().map_or(0, Vec::len))?;
            return Ok(value);
        }
        let (value, version) =
            self.world.kv_get(&self.plugin, &key).await.map_err(outside)?.map_or((None, 0), |(value, version)| (Some(value), version));
        self.meter.move_bytes(value.as_ref().map_or(0, Vec::len))?;
        self.calls.push(HostCall::KvGet { key, value: value.as_deref().map(encode), version });
        Ok(value)
    }

    async fn set(&mut self, key: String, value: Vec<u8>) -> Result<Result<(), kv::KvError>> {
        self.meter.charge(RECORD + key.len() + 2 * value.len())?;
        if let Err(refused) = self.may_keep().and_then(|()| check_key(&key)) {
            return Ok(Err(refused));
        }
        let (keys, bytes) = self.usage(&key, value.len()).await?;
        let (most_keys, most_bytes) = (self.grants.kv_keys, self.grants.kv_bytes);
        let full = |what: &str, most: u64, cure: &str| {
            let line = format!("[plugins.{}] kv = {{ {cure} }}", self.plugin);
            Ok(Err(kv::KvError::Full(format!("it may have {most} {what}; for more, write: {line}"))))
        };
        if keys > most_keys {
            return full("keys", most_keys, &format!("keys = {}", most_keys.saturating_mul(2)));
        }
        if bytes > most_bytes {
            return full("bytes", most_bytes, &format!("bytes = {}", most_bytes.saturating_mul(2)));
        }
        self.write(key, Some(&value));
        Ok(Ok(()))
    }

    fn remove(&mut self, key: String) -> Result<Result<(), kv::KvError>> {
        self.meter.charge(RECORD + key.len())?;
        Ok(self.may_keep().and_then(|()| check_key(&key)).map(|()| self.write(key, None)))
    }
}

impl http::Host for Call {
    async fn send(&mut self, request: http::Request) -> Result<Result<http::Response, http::HttpError>> {
        let http::Request { method, url, headers, body } = request;
        let weight = headers.iter().map(|(name, value)| 16 + name.len() + value.len()).sum::<usize>();
        self.meter.charge(RECORD + url.len() + weight + 2 * body.len())?;
        let (line, sent) = (cut(&format!("{method} {url}")).to_owned(), encode(&body));
        let cap = usize::try_from(self.grants.http_response).unwrap_or(usize::MAX);
        let request = Request { method, url, headers, body };
        let sending = self.world.fetch(&self.plugin, &self.grants.http, request, cap);
        let answer = tokio::time::timeout(self.grants.http_timeout, sending).await.unwrap_or(Err(Unanswered::Timeout));
        if let Ok(response) = &answer {
            self.meter.move_bytes(2 * response.body.len())?;
        }
        let recorded = match &answer {
            Ok(answer) => Ok(Recorded { status: answer.status, headers: answer.headers.clone(), body: encode(&answer.body) }),
            Err(why) => Err(why.clone()),
        };
        self.calls.push(HostCall::Http { request: line, body: sent, answer: recorded });
        Ok(answer.map(|answer| http::Response { status: answer.status, headers: answer.headers, body: answer.body }).map_err(|why| match why {
            Unanswered::NotAllowed(text) => http::HttpError::NotAllowed(text),
            Unanswered::Failed(text) => http::HttpError::Failed(text),
            Unanswered::Timeout => http::HttpError::Timeout,
            Unanswered::TooLarge => http::HttpError::TooLarge,
        }))
    }
}

impl clock::Host for Call {
    fn now(&mut self) -> Result<types::Instant> {
        self.meter.charge(RECORD)?;
        let at = self.world.now();
        self.calls.push(HostCall::Clock { at });
        Ok(convert::instant(Instant::utc(at)))
    }
}

impl random::Host for Call {
    fn bytes(&mut self, count: u32) -> Result<Vec<u8>> {
        let count = count.min(MOST_RANDOM) as usize;
        self.meter.charge(RECORD + 3 * count)?;
        let bytes = self.world.random(count);
        self.calls.push(HostCall::Random { bytes: encode(&bytes) });
        Ok(bytes)
    }
}
