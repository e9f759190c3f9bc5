//! The cases that ask the outside through the host: servers that are slow, that drip, that send the asker elsewhere, and
//! addresses that lead where nobody meant. They are granted `http` and one address each; what stops them is a fault, or an
//! error that the guest is told and that stands in the record of its run.

use crate::{
    Case, Phase, Source, frame,
    servers::{self, Manner},
};
use crossdock_connectors::outbound;
use crossdock_flow::{
    Code::{self, PluginCalls, PluginOutput, PluginTime},
    capability::Capability,
};
use crossdock_sandbox::{Grants, Terms};
use serde_json::Value;
use std::time::Duration;

/// What a case asks, what it may ask, and what comes of it.
#[derive(Clone, Copy)]
pub struct Ask {
    /// The address it asks; `{manner}` stands for a server's port.
    url: &'static str,
    /// The address that the operator lists.
    listed: &'static str,
    /// Whether the operator says that it may be a private one.
    private: bool,
    /// How long one request may take, in milliseconds.
    timeout: u64,
    /// Bytes of the request's body.
    body: u32,
    /// Whether it asks again and again.
    again: bool,
    /// What the guest is told: the kind of an error, or the status of an answer. Nothing where a fault ends the call.
    told: Option<&'static str>,
    /// The faults that may end it.
    stopped: &'static [Code],
    /// How the request that the listed server sees has to begin.
    seen: &'static str,
}

/// Asks an address that is listed, and may be a private one.
const fn ask(url: &'static str) -> Ask {
    Ask { url, listed: url, private: true, timeout: 100, body: 0, again: false, told: None, stopped: &[], seen: "" }
}

impl Ask {
    const fn told(self, told: &'static str) -> Ask {
        Ask { told: Some(told), ..self }
    }
    /// Not stopped by its time, but by what it is told: on a busy machine that takes a moment.
    const fn unhurried(self) -> Ask {
        Ask { timeout: 200, ..self }
    }
    const fn stopped(self, stopped: &'static [Code]) -> Ask {
        Ask { stopped, ..self }
    }
    const fn listed(self, listed: &'static str) -> Ask {
        Ask { listed, ..self }
    }
    /// The operator does not say that it may be a private address.
    const fn public(self) -> Ask {
        Ask { private: false, ..self }
    }
    /// A request may take a minute.
    const fn patient(self) -> Ask {
        Ask { timeout: 60_000, ..self }
    }
}

/// Every case that asks.
pub(crate) fn cases() -> impl Iterator<Item = Case> {
    let silent = ask("http://127.0.0.1:{silent}/");
    let drips = ask("http://127.0.0.1:{drips-body}/");
    let plain = ask("http://127.0.0.1:{plain}/");
    [
        ("ask-silent", "Asks a server that takes the request and never answers.", "http-timeout", silent.told("timeout")),
        ("ask-silent-patiently", "The same, where a request may take a minute.", "time", silent.patient().stopped(&[PluginTime])),
        ("ask-silent-tls", "Asks a server for TLS that never says a word of it.", "http-timeout", ask("https://127.0.0.1:{silent}/").told("timeout")),
        (
            "ask-dripping-head",
            "Asks a server that sends its headers byte by byte.",
            "http-timeout",
            ask("http://127.0.0.1:{drips-head}/").told("timeout"),
        ),
        ("ask-dripping-body", "Asks a server that sends its answer byte by byte.", "http-timeout", drips.told("timeout")),
        ("ask-dripping-patiently", "The same, where a request may take a minute.", "time", drips.patient().stopped(&[PluginTime])),
        (
            "ask-continues",
            "Asks a server that says `100 Continue` without end.",
            "http-timeout",
            ask("http://127.0.0.1:{continues}/").told("timeout"),
        ),
        ("ask-endless-body", "Asks a server that sends a terabyte.", "http-response", ask("http://127.0.0.1:{endless-body}/").told("too-large")),
        ("ask-endless-head", "Asks a server that sends headers without end.", "-", ask("http://127.0.0.1:{endless-head}/").told("failed")),
        ("ask-broken-off", "Asks a server that promises more than it sends.", "-", ask("http://127.0.0.1:{breaks-off}/").told("failed").unhurried()),
        ("ask-redirected", "Asks a server that sends it on to a private address.", "-", ask("http://127.0.0.1:{redirects}/").told("302")),
        ("ask-name-of-loopback", "Asks a name that stands for this machine.", "-", ask("http://localhost:{secret}/").public().told("not-allowed")),
        ("ask-loopback", "Asks this machine by its address.", "-", ask("http://127.0.0.1:{secret}/").public().told("not-allowed")),
        (
            "ask-loopback-as-a-number",
            "The same, the address written as one number.",
            "-",
            ask("http://2130706433:{secret}/").public().told("not-allowed"),
        ),
        ("ask-loopback-in-hex", "The same, written in base 16.", "-", ask("http://0x7f.1:{secret}/").public().told("not-allowed")),
        ("ask-loopback-mapped", "The same, wrapped in one of IPv6.", "-", ask("http://[::ffff:127.0.0.1]:{secret}/").public().told("not-allowed")),
        (
            "ask-metadata",
            "Asks the address under which clouds give out keys.",
            "-",
            ask("http://169.254.169.254/latest/").public().told("not-allowed"),
        ),
        (
            "ask-unlisted",
            "Asks an address that is not the one that is listed.",
            "-",
            ask("http://127.0.0.1:{secret}/").listed(plain.url).told("not-allowed"),
        ),
        (
            "ask-above-the-path",
            "Climbs out of the path that is listed.",
            "-",
            ask("http://127.0.0.1:{plain}/v1/%2e%2e/admin").listed("http://127.0.0.1:{plain}/v1").told("not-allowed"),
        ),
        (
            "ask-as-somebody",
            "Asks an address with another one before the @.",
            "-",
            ask("http://127.0.0.1@localhost:{secret}/").listed(plain.url).told("failed"),
        ),
        (
            "ask-absolute-form",
            "Asks a listed address for another one, as one asks a proxy: its server is asked, for a path.",
            "-",
            Ask { seen: "GET /http://127.0.0.1:", ..ask("http://127.0.0.1:{plain}/http://127.0.0.1:{secret}/").listed(plain.url).told("200") },
        ),
        ("ask-flood", "Asks a fast server without end.", "time", Ask { again: true, ..plain.stopped(&[PluginTime, PluginCalls]) }),
        ("ask-with-much", "Sends a body of 8 MiB.", "output", Ask { body: 8 << 20, ..plain.stopped(&[PluginOutput]) }),
    ]
    .into_iter()
    .map(|(name, route, limit, ask)| {
        let (source, expect) = (Source::Asks(ask), ask.stopped.to_vec());
        Case { name, route, source, expect, limit, phase: Phase::Ask, endless: false, post_map: false }
    })
}

/// The address with the servers' ports.
fn address(written: &str) -> String {
    let manners = [
        ("{plain}", Manner::Plain),
        ("{secret}", Manner::Secret),
        ("{silent}", Manner::Silent),
        ("{drips-head}", Manner::DripsHead),
        ("{drips-body}", Manner::DripsBody),
        ("{continues}", Manner::Continues),
        ("{endless-body}", Manner::EndlessBody),
        ("{endless-head}", Manner::EndlessHead),
        ("{redirects}", Manner::Redirects),
        ("{breaks-off}", Manner::BreaksOff),
    ];
    manners.iter().fold(written.to_owned(), |text, (name, manner)| match text.contains(name) {
        true => text.replace(name, &servers::port(*manner).to_string()),
        false => text,
    })
}

impl Ask {
    /// What the guest has to be told; nothing where a fault ends the call.
    pub(crate) fn expects(&self) -> Option<&'static str> {
        self.told
    }

    /// The component.
    pub(crate) fn component(&self) -> String {
        let (url, body) = (address(self.url), self.body);
        let send = format!(
            "(call $send (i32.const 2048) (i32.const 3) (i32.const 2064) (i32.const {}) (i32.const 0) (i32.const 0) (i32.const 65536) (i32.const {body}) (i32.const 2560))",
            url.len()
        );
        let send = if self.again { format!("(loop $again {send} (br $again))") } else { send };
        // A body of its own size needs a memory for it.
        let heap = if body > 0 {
            ";;; heap\n(memory (export \"memory\") 200)\n(func $realloc (export \"realloc\") (param i32 i32 i32 i32) (result i32) (i32.const 4096))\n"
        } else {
            ""
        };
        let code = format!(
            "{heap}{}\n(data (i32.const 2048) \"GET\")\n(data (i32.const 2064) \"{url}\")\n(func $misbehave (param $order i32) (param $document i32) (result i32)\n  {send}\n  (call $drop-order (local.get $order))\n  (i32.const 1024))",
            frame::PLUGIN
        );
        frame::framed(&code, frame::TRIGGER)
    }

    fn list(&self) -> String {
        address(self.listed)
    }

    /// What the operator says of it, in this process.
    pub(crate) fn terms(&self) -> Result<Terms, String> {
        let allowed = outbound::allowed(&self.list(), vec!["GET".into()], None, self.private).map_err(|fault| fault.to_string())?;
        let http_timeout = Duration::from_millis(self.timeout);
        let grants = Grants { capabilities: vec![Capability::Http], http: vec![allowed], http_timeout, ..Grants::default() };
        Ok(Terms { grants, ..Terms::default() })
    }

    /// The same in the settings of the program.
    pub(crate) fn settings(&self, plugin: &str) -> String {
        format!(
            "[plugins.{plugin}]\ngrant = [\"http\"]\n\n[plugins.{plugin}.http]\ntimeout = \"{}ms\"\nallow = [{{ url = \"{}\", private = {} }}]\n",
            self.timeout,
            self.list(),
            self.private
        )
    }

    /// How long a call of it may take, in milliseconds, where a limit of time stops it.
    pub(crate) fn limit(&self) -> u64 {
        let time = u64::try_from(Terms::default().limits.time.as_millis()).unwrap_or(u64::MAX);
        if self.told.is_some() { time.min(self.timeout) } else { time }
    }

    /// What is wrong with what the servers saw.
    pub(crate) fn unseen(&self) -> Result<(), String> {
        let (times, line) = servers::asked(Manner::Secret);
        if times > 0 {
            return Err(format!("a server was asked that nobody listed: {line}"));
        }
        let (_, line) = servers::asked(Manner::Plain);
        if line.starts_with(self.seen) { Ok(()) } else { Err(format!("the server was asked: {line}")) }
    }
}

/// What the guest was told by the last request of a run: the kind of an error, or the status. `run` is a hook run as it is
/// recorded.
pub(crate) fn told(run: &Value) -> Option<String> {
    let answer = &run["calls"].as_array()?.last()?["answer"];
    let error = &answer["Err"];
    let kind = error.as_str().map(str::to_owned).or_else(|| Some(error.as_object()?.keys().next()?.clone()));
    kind.or_else(|| answer["Ok"]["status"].as_u64().map(|status| status.to_string()))
}
