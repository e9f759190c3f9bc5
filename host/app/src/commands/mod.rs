//! One file per command.

pub(crate) mod alerts;
pub(crate) mod beside;
pub(crate) mod certify;
pub(crate) mod check;
pub(crate) mod close;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod fit;
pub(crate) mod ledger;
pub(crate) mod ledgers;
pub(crate) mod mapping;
pub(crate) mod orders;
pub(crate) mod parked;
pub(crate) mod plugin;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod sync;

use crossdock_flow::{Fault, written::Mistake};
use serde_json::json;
use std::fmt;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A fault with a code.
    Fault(Box<Fault>),
    /// Mistakes in a file.
    Mistakes(Vec<Mistake>),
    /// Anything else, in words.
    Text(String),
    /// What was printed is the whole answer; only the exit code is left to say.
    Printed,
}

impl Failure {
    /// A failure in words.
    pub(crate) fn text(text: impl Into<String>) -> Failure {
        Failure::Text(text.into())
    }

    /// The failure for programs.
    pub(crate) fn json(&self) -> serde_json::Value {
        match self {
            Failure::Fault(fault) => json!({ "error": { "fault": fault, "cure": fault.code.cure() } }),
            Failure::Mistakes(mistakes) => json!({ "error": { "mistakes": mistakes } }),
            Failure::Text(text) => json!({ "error": { "message": text } }),
            Failure::Printed => json!(null),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        Failure::Fault(Box::new(fault))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Fault(fault) => write!(f, "{fault}\n       {}", fault.code.cure()),
            Failure::Mistakes(mistakes) => {
                let plural = if mistakes.len() == 1 { "mistake" } else { "mistakes" };
                write!(f, "{} {plural} in the settings", mistakes.len())?;
                mistakes.iter().try_for_each(|mistake| write!(f, "\n{mistake}"))
            }
            Failure::Text(text) => f.write_str(text),
            Failure::Printed => Ok(()),
        }
    }
}
