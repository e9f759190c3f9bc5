//! What rules may ask of the outside, each off until the operator grants it, and the record of every such call: a hook run
//! with its calls can be repeated exactly. The answers come through [`World`]; nothing here reaches out itself.

use crate::{Fault, hook::HookRun, hook::Verdict};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::VecDeque,
    fmt,
    str::FromStr,
    sync::{Mutex, PoisonError},
};

/// Something that a rule may be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Customers, products and stock, as far as the host knows them; read-only.
    Lookup,
    /// A key-value place of the plugin's own, durable, written together with the order.
    Kv,
    /// Requests to the addresses that the operator lists.
    Http,
    /// The time of day.
    Clock,
    /// Random bytes.
    Random,
}

impl Capability {
    /// All of them.
    pub const ALL: [Capability; 5] = [Capability::Lookup, Capability::Kv, Capability::Http, Capability::Clock, Capability::Random];

    /// The one that an import of a component needs (`crossdock:plugin/kv@0.1.0`); most need none.
    pub fn of_import(import: &str) -> Option<Capability> {
        import.strip_prefix("crossdock:plugin/")?.split('@').next()?.parse().ok()
    }

    /// The name, as in the WIT and the settings.
    pub fn name(self) -> &'static str {
        match self {
            Capability::Lookup => "lookup",
            Capability::Kv => "kv",
            Capability::Http => "http",
            Capability::Clock => "clock",
            Capability::Random => "random",
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Capability {
    type Err = ();
    fn from_str(name: &str) -> Result<Capability, ()> {
        Capability::ALL.into_iter().find(|capability| capability.name() == name).ok_or(())
    }
}

/// One call of a rule to the outside, with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "call")]
pub enum HostCall {
    /// It asked what time it is.
    Clock {
        /// What it was told.
        at: Timestamp,
    },
    /// It asked for random bytes.
    Random {
        /// What it got, hex.
        bytes: String,
    },
    /// It looked something up.
    Lookup {
        /// `customer`, `product` or `stock`.
        what: String,
        /// Which one.
        key: String,
        /// Name and value pairs; none when it is not known.
        found: Option<Vec<(String, String)>>,
    },
    /// It read a key.
    KvGet {
        /// The key.
        key: String,
        /// What was there, hex.
        value: Option<String>,
        /// Which writing that was; 0 when nothing was there. What this order wrote itself is read back without a record.
        version: i64,
    },
    /// It wrote a key, or removed it.
    KvSet {
        /// The key.
        key: String,
        /// What it wrote, hex; none removes it.
        value: Option<String>,
    },
    /// It sent a request.
    Http {
        /// Method and address.
        request: String,
        /// The request's body, hex.
        body: String,
        /// What came back, or why nothing did.
        answer: Result<Recorded, Unanswered>,
    },
}

/// An answer as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Recorded {
    /// The status.
    pub status: u16,
    /// Names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// The body, hex.
    pub body: String,
}

/// An outgoing request of a rule, as the rule wrote it: no credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Upper case.
    pub method: String,
    /// Absolute.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// The body, no longer than the cap.
    pub body: Vec<u8>,
}

/// Where one rule may send requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// `https` or `http`.
    pub scheme: String,
    /// Exactly this host, lower case.
    pub host: String,
    /// Exactly this port.
    pub port: u16,
    /// The path begins so, at a `/`.
    pub path: String,
    /// These methods.
    pub methods: Vec<String>,
    /// Name of the credential that the host attaches, if one.
    pub credential: Option<String>,
    /// Whether the name may stand for a private address.
    pub private: bool,
}

/// Why a request got no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unanswered {
    /// The operator does not allow it; says which settings would.
    NotAllowed(String),
    /// No answer, or none that can be read.
    Failed(String),
    /// It took longer than one request may.
    Timeout,
    /// The answer is longer than it may be.
    TooLarge,
}

/// What the outside answers to rules.
#[async_trait]
pub trait World: Send + Sync {
    /// What time it is.
    fn now(&self) -> Timestamp;
    /// So many random bytes.
    fn random(&self, count: usize) -> Vec<u8>;
    /// Looks up a customer, product or stock level: name and value pairs.
    async fn look_up(&self, what: &str, key: &str) -> Result<Option<Vec<(String, String)>>, Fault>;
    /// What a plugin wrote under a key, and which writing that was.
    async fn kv_get(&self, plugin: &str, key: &str) -> Result<Option<(Vec<u8>, i64)>, Fault>;
    /// How many keys and bytes a plugin has.
    async fn kv_usage(&self, plugin: &str) -> Result<(u64, u64), Fault>;
    /// Sends a request of a plugin, if the list allows it; the answer's body has at most `cap` bytes.
    async fn fetch(&self, plugin: &str, list: &[Allowed], request: Request, cap: usize) -> Result<Response, Unanswered>;
}

/// A world in which there is nothing: for rehearsals, and where nothing is granted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nowhere;

#[async_trait]
impl World for Nowhere {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
    fn random(&self, count: usize) -> Vec<u8> {
        vec![0; count]
    }
    async fn look_up(&self, _: &str, _: &str) -> Result<Option<Vec<(String, String)>>, Fault> {
        Ok(None)
    }
    async fn kv_get(&self, _: &str, _: &str) -> Result<Option<(Vec<u8>, i64)>, Fault> {
        Ok(None)
    }
    async fn kv_usage(&self, _: &str) -> Result<(u64, u64), Fault> {
        Ok((0, 0))
    }
    async fn fetch(&self, _: &str, _: &[Allowed], _: Request, _: usize) -> Result<Response, Unanswered> {
        Err(Unanswered::Failed("there is no network in a rehearsal".into()))
    }
}

/// A world that answers as it did before: with the calls of a recorded run, in their order. A run that asks something
/// else gets nothing, and differs.
#[derive(Debug, Default)]
pub struct Replay(Mutex<VecDeque<HostCall>>);

impl Replay {
    /// Of the calls of one run.
    pub fn new(calls: impl IntoIterator<Item = HostCall>) -> Replay {
        Replay(Mutex::new(calls.into_iter().filter(|call| !matches!(call, HostCall::KvSet { .. })).collect()))
    }

    /// The next call, if it is the one that is asked.
    fn next(&self, asked: impl Fn(&HostCall) -> bool) -> Option<HostCall> {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.front().is_some_and(asked).then(|| calls.pop_front()).flatten()
    }
}

#[async_trait]
impl World for Replay {
    fn now(&self) -> Timestamp {
        match self.next(|call| matches!(call, HostCall::Clock { .. })) {
            Some(HostCall::Clock { at }) => at,
            _ => Timestamp::UNIX_EPOCH,
        }
    }
    fn random(&self, _: usize) -> Vec<u8> {
        match self.next(|call| matches!(call, HostCall::Random { .. })) {
            Some(HostCall::Random { bytes }) => decode(&bytes).unwrap_or_default(),
            _ => Vec::new(),
        }
    }
    async fn look_up(&self, asked: &str, of: &str) -> Result<Option<Vec<(String, String)>>, Fault> {
        Ok(match self.next(|call| matches!(call, HostCall::Lookup { what, key, .. } if what == asked && key == of)) {
            Some(HostCall::Lookup { found, .. }) => found,
            _ => None,
        })
    }
    /// Asked for a quota, too, of keys that were written: those were not read and are not in the record.
    async fn kv_get(&self, _: &str, asked: &str) -> Result<Option<(Vec<u8>, i64)>, Fault> {
        match self.next(|call| matches!(call, HostCall::KvGet { key, .. } if key == asked)) {
            Some(HostCall::KvGet { value: Some(value), version, .. }) => Ok(Some((decode(&value).unwrap_or_default(), version))),
            _ => Ok(None),
        }
    }
    async fn kv_usage(&self, _: &str) -> Result<(u64, u64), Fault> {
        Ok((0, 0))
    }
    async fn fetch(&self, _: &str, _: &[Allowed], _: Request, _: usize) -> Result<Response, Unanswered> {
        match self.next(|call| matches!(call, HostCall::Http { .. })) {
            Some(HostCall::Http { answer, .. }) => {
                answer.map(|Recorded { status, headers, body }| Response { status, headers, body: decode(&body).unwrap_or_default() })
            }
            _ => Err(Unanswered::Failed("not recorded".into())),
        }
    }
}

/// What the rules of one attempt read and wrote in their key-value places: written down with the attempt, in one
/// transaction, and refused when somebody else wrote in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Plugin, key, and the writing that was seen (0: nothing).
    pub seen: Vec<(String, String, i64)>,
    /// Plugin, key, and the new value; none removes it. The last of a key counts.
    pub written: Vec<(String, String, Option<Vec<u8>>)>,
}

impl Kept {
    /// Of runs that let the order go on; what others did is dropped with them.
    pub fn of(runs: &[HookRun]) -> Kept {
        let mut kept = Kept::default();
        for run in runs.iter().filter(|run| run.fault.is_none() && run.verdict == Some(Verdict::Proceed)) {
            for call in &run.calls {
                match call {
                    HostCall::KvGet { key, version, .. } => kept.seen.push((run.plugin.to_string(), key.clone(), *version)),
                    HostCall::KvSet { key, value } => {
                        let value = value.as_deref().map(|value| decode(value).unwrap_or_default());
                        kept.written.push((run.plugin.to_string(), key.clone(), value));
                    }
                    _ => {}
                }
            }
        }
        kept
    }

    /// Whether there is nothing to check or write.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty() && self.written.is_empty()
    }
}

impl Kept {
    /// What an earlier rule of the same order wrote under a key: a value, or that it was removed.
    pub fn find(&self, plugin: &str, key: &str) -> Option<Option<&[u8]>> {
        let written = self.written.iter().rev().find(|(by, name, _)| by == plugin && name == key);
        written.map(|(_, _, value)| value.as_deref())
    }
}

/// Bytes as they are recorded: hex.
pub fn encode(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// Recorded bytes; nothing when they are none.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    hex::decode(text).ok()
}

/// Finds the entry of the list that allows a request, or says why none does. `url` is what the host itself parsed.
pub fn allow<'a>(list: &'a [Allowed], method: &str, scheme: &str, host: &str, port: u16, path: &str) -> Option<&'a Allowed> {
    let under = |allowed: &Allowed| {
        let prefix = allowed.path.trim_end_matches('/');
        path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest.starts_with('?'))
    };
    list.iter().find(|allowed| {
        allowed.scheme == scheme && allowed.host == host && allowed.port == port && allowed.methods.iter().any(|one| one == method) && under(allowed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hook::Hook;

    #[test]
    fn only_what_is_listed_is_allowed() {
        let list = [Allowed {
            scheme: "https".into(),
            host: "tax.example".into(),
            port: 443,
            path: "/v1/rates".into(),
            methods: vec!["GET".into()],
            credential: None,
            private: false,
        }];
        let allowed = |method, scheme, host, port, path| allow(&list, method, scheme, host, port, path).is_some();
        assert!(allowed("GET", "https", "tax.example", 443, "/v1/rates"));
        assert!(allowed("GET", "https", "tax.example", 443, "/v1/rates/CA"));
        for (method, scheme, host, port, path) in [
            ("POST", "https", "tax.example", 443, "/v1/rates"),
            ("GET", "http", "tax.example", 443, "/v1/rates"),
            ("GET", "https", "tax.example.evil", 443, "/v1/rates"),
            ("GET", "https", "tax.example", 8443, "/v1/rates"),
            ("GET", "https", "tax.example", 443, "/v1/ratesheet"),
            ("GET", "https", "tax.example", 443, "/v1"),
        ] {
            assert!(!allowed(method, scheme, host, port, path), "{method} {scheme} {host} {port} {path}");
        }
    }

    #[test]
    fn only_runs_that_count_keep_anything() {
        let set = |value: &str| HostCall::KvSet { key: "k".into(), value: Some(value.into()) };
        let run = |verdict, calls| HookRun { verdict: Some(verdict), calls, ..HookRun::new(Hook::PreMap, "p".into(), "v".into()) };
        let get = HostCall::KvGet { key: "k".into(), value: None, version: 0 };
        let kept = Kept::of(&[run(Verdict::Proceed, vec![get, set("6869")]), run(Verdict::Reject { reason: "no".into() }, vec![set("00")])]);
        assert_eq!(kept.seen, [("p".to_owned(), "k".to_owned(), 0)]);
        assert_eq!(kept.written, [("p".to_owned(), "k".to_owned(), Some(b"hi".to_vec()))]);
        assert_eq!(decode(&encode(&[0, 255, 16])), Some(vec![0, 255, 16]));
    }
}
