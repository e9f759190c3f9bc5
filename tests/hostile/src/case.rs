//! What a case is, and how a written one says it in its first lines.

use crate::{ask::Ask, frame};
use crossdock_flow::Code;
use std::path::{Path, PathBuf};

/// When a case misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The file is refused before any of its code runs.
    Load,
    /// When an instance is made, before a hook is called: the rehearsal at load stops it.
    Start,
    /// In the hook.
    Run,
    /// In the hook, by what it asks of the outside.
    Ask,
}

impl Phase {
    /// The phase's name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Load => "load",
            Phase::Start => "start",
            Phase::Run => "run",
            Phase::Ask => "ask",
        }
    }
}

/// Where the component comes from.
#[derive(Clone)]
pub enum Source {
    /// Core code that is framed into a component.
    Framed(&'static str),
    /// A whole component or module as text.
    Text(&'static str),
    /// Made by a function.
    Made(fn() -> Vec<u8>),
    /// Asks the outside.
    Asks(Ask),
    /// No component but a path that a function prepares in a folder. What it returns beside lives as long as the case runs.
    File(fn(&Path) -> (PathBuf, Box<dyn Send>)),
}

/// One thing that no plugin should do.
#[derive(Clone)]
pub struct Case {
    /// A short name, unique.
    pub name: &'static str,
    /// What it tries, in one sentence.
    pub route: &'static str,
    /// Where the component comes from.
    pub source: Source,
    /// The faults that may stop it: mostly one; none where the guest is told no, and goes on.
    pub expect: Vec<Code>,
    /// The limit that stops it; `-` when it is forbidden at any amount.
    pub limit: &'static str,
    /// When it misbehaves.
    pub phase: Phase,
    /// Whether it would never end, were fuel and host calls unlimited: then its time has to stop it.
    pub endless: bool,
    /// Whether the hook is post-map instead of pre-map.
    pub post_map: bool,
}

impl Case {
    /// A case that a function makes.
    pub(crate) fn made(name: &'static str, route: &'static str, phase: Phase, expect: &[Code], limit: &'static str, make: fn() -> Vec<u8>) -> Case {
        Case { name, route, source: Source::Made(make), expect: expect.to_vec(), limit, phase, endless: false, post_map: false }
    }

    /// A case whose first lines say what it is.
    pub(crate) fn written(name: &'static str, text: &'static str) -> Case {
        let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
        let stopped = line(";; stopped: ").unwrap_or_else(|| panic!("{name} does not say what stops it"));
        let (stopped, endless) = stopped.strip_suffix(", endless").map_or((stopped, false), |stopped| (stopped, true));
        let (codes, limit) = stopped.rsplit_once(' ').unwrap_or((stopped, "-"));
        let phase = match line(";; phase: ") {
            Some("load") => Phase::Load,
            Some("start") => Phase::Start,
            _ => Phase::Run,
        };
        Case {
            name,
            route: line(";; ").unwrap_or_default(),
            source: if phase == Phase::Load { Source::Text(text) } else { Source::Framed(text) },
            expect: codes.split(' ').map(code).collect(),
            limit,
            phase,
            endless,
            post_map: line(";; hook: ") == Some("post-map"),
        }
    }

    /// The bytes of the plugin. `always` makes it misbehave on the sample order too. Fails when the text has a mistake,
    /// or when the case is a file.
    pub fn bytes(&self, always: bool) -> Result<Vec<u8>, String> {
        let text = |text: &str| wat::parse_str(text).map_err(|error| error.to_string());
        match self.source {
            Source::Framed(code) => text(&frame::framed(code, if always { frame::SAMPLE } else { frame::TRIGGER })),
            Source::Text(whole) => text(whole),
            Source::Made(make) => Ok(make()),
            Source::Asks(ask) => text(&ask.component()),
            Source::File(_) => Err("the case is a file, not a component".into()),
        }
    }
}

fn code(id: &str) -> Code {
    Code::ALL.iter().copied().find(|code| code.id() == id).unwrap_or_else(|| panic!("there is no code {id}"))
}
