//! What is written down about a record while it travels, and what is judged on the way.

use super::{Outside, Stop, erp::Resumed};
use crate::{
    Code, Fault,
    capability::{HostCall, Kept},
    correct::correct,
    hook::{Context, Verdict},
    record::{Attempt, Kind, Part, RecordId},
    rule::Trail,
    settle::Outcome,
    source::Content,
    target::{Answer, Standing, Target},
};
use std::sync::Arc;

/// What is written down about a record while it travels.
pub(super) struct Journal {
    pub(super) record: RecordId,
    pub(super) kind: Kind,
    pub(super) resumed: Resumed,
    pub(super) context: Context,
    pub(super) released: bool,
    pub(super) attempt: Attempt,
    pub(super) trail: Trail,
    pub(super) steps: Vec<String>,
}

impl Journal {
    /// Reads bytes from the shop, after the corrections that people want made by themselves.
    pub(super) fn read(&mut self, connection: &str, body: &[u8], outside: Outside<'_>) -> Result<Content, Fault> {
        let (body, made) = correct(body, outside.source.root(body), connection, outside.corrections);
        self.steps.extend(made.iter().map(|number| format!("corrected as remembered: correction {number}")));
        self.attempt.corrections.extend(made);
        outside.source.read(&body)
    }

    /// Asks the ERP how far it is with a document that is to be changed (`wanted`) or cancelled. Stops with E206 when
    /// something of it is shipped, with E205 when it was taken out of the ERP although the shop still wants it.
    pub(super) async fn look(&mut self, part: &Part, wanted: bool, target: &dyn Target) -> Result<(), Stop> {
        let number = part.number.as_deref().unwrap_or_default();
        let stop = |code, what: &str| Err(Stop::Fault(Fault::new(code, format!("{} ({number}) {what}", part.key))));
        match target.standing(number).await.map_err(Stop::Busy)? {
            Some(Standing::Open) => Ok(()),
            Some(Standing::Shipped) => stop(Code::AlreadyShipped, "is shipped, at least in part: nothing was changed"),
            Some(Standing::Cancelled) if wanted => stop(Code::AlreadyExported, "was cancelled in the ERP: nothing was changed"),
            None if wanted => stop(Code::AlreadyExported, "is not in the ERP any more: nothing was changed"),
            Some(Standing::Cancelled) | None => {
                self.steps.push(format!("{number} ({}) is out of the ERP already", part.key));
                Ok(())
            }
        }
    }

    /// Writes down what came of a write, in words.
    pub(super) fn note(&mut self, what: &str, answer: Answer) -> Outcome {
        let (told, outcome) = match answer {
            Answer::Done(receipt) => (format!("{what}: the ERP has it as {}", receipt.number), Outcome::Done(receipt)),
            Answer::Refused(fault) => (format!("{what}: refused: {fault}"), Outcome::Refused(fault)),
            Answer::Busy(busy) => (format!("{what}: {}", busy.fault), Outcome::Busy(busy)),
            Answer::Unknown(fault) => (format!("{what}: outcome unknown: {fault}"), Outcome::Unknown(fault)),
        };
        self.steps.push(told);
        outcome
    }

    /// What a rule wrote in its key-value place is there for the rules that follow.
    pub(super) fn remember(&mut self) {
        if self.trail.runs.last().is_some_and(|run| run.calls.iter().any(|call| matches!(call, HostCall::KvSet { .. }))) {
            self.context.kept = Arc::new(Kept::of(&self.trail.runs));
        }
    }

    /// A rule's verdict: go on, or stop.
    pub(super) fn judge(&mut self, answer: Result<Verdict, Fault>) -> Result<(), Stop> {
        match answer? {
            Verdict::Proceed => Ok(()),
            Verdict::Hold { .. } if self.released => {
                self.steps.push("a hold was passed, because a person released the order".into());
                Ok(())
            }
            verdict => Err(Stop::Verdict(verdict)),
        }
    }
}
