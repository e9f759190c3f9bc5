//! The writes to the ERP: one document after the other, until one does not get through.

use super::{Ready, Sent, journal::Journal};
use crate::{
    Code, Document, Fault,
    change::{Proposal, Step},
    record::Part,
    settle::Outcome,
    target::{Found, Receipt, Target},
};

/// Whether what is created may be there already: the attempt is taken up again, or the record is doubtful.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Resumed {
    Yes,
    No,
}

impl Resumed {
    /// What is not done now may have been done before: then the rules must not run again as if nothing had been.
    fn doubt(self, outcome: Outcome) -> Outcome {
        match (self, outcome) {
            (Resumed::Yes, Outcome::Busy(busy)) => Outcome::Unseen(busy),
            (_, outcome) => outcome,
        }
    }
}

/// Carries out a proposal, step by step, until one does not get through. The outcomes of the documents come first, in
/// their order, then those of what was cancelled.
pub(super) async fn carry_out(documents: &[Document], proposal: &Proposal, journal: &mut Journal, target: &dyn Target) -> Vec<Outcome> {
    let resumed = journal.resumed;
    let mut outcomes = vec![Outcome::Untried; documents.len()];
    let mut through = true;
    for step in &proposal.steps {
        let document = documents.iter().position(|document| document.key == step.key());
        let outcome = match (step, document) {
            (Step::Keep { part }, _) => Outcome::Done(Receipt { number: part.number.clone().unwrap_or_default() }),
            // What an earlier run created may be there, also when nothing more is to be sent.
            (Step::Create { .. }, Some(place)) if resumed == Resumed::Yes => look_up(&documents[place], journal, target, through).await,
            _ if !through => Outcome::Untried,
            (Step::Change { part, .. }, Some(place)) => resumed.doubt(change(part, &documents[place], journal, target).await),
            (Step::Create { .. }, Some(place)) => create(&documents[place], journal, target).await,
            (Step::Cancel { part }, _) => resumed.doubt(cancel(part, journal, target).await),
            (Step::Change { .. } | Step::Create { .. }, None) => Outcome::Refused(Fault::new(Code::Internal, "a proposal without its document")),
        };
        through &= matches!(outcome, Outcome::Done(_));
        match document {
            Some(place) => outcomes[place] = outcome,
            None => outcomes.push(outcome),
        }
    }
    outcomes
}

async fn change(part: &Part, document: &Document, journal: &mut Journal, target: &dyn Target) -> Outcome {
    let number = part.number.as_deref().unwrap_or_default();
    let answer = target.change(number, document).await;
    journal.note(&format!("changed {number} ({})", part.key), answer)
}

async fn cancel(part: &Part, journal: &mut Journal, target: &dyn Target) -> Outcome {
    let number = part.number.as_deref().unwrap_or_default();
    let answer = target.cancel(number).await;
    journal.note(&format!("cancelled {number} ({})", part.key), answer)
}

/// Sends one document after the other; what comes after one that did not get through is not tried.
pub(super) async fn send(Ready(documents): Ready, journal: &mut Journal, target: &dyn Target) -> Sent {
    let mut outcomes = vec![Outcome::Untried; documents.len()];
    for place in in_turn(&documents) {
        let document = &documents[place];
        outcomes[place] = match journal.resumed {
            Resumed::Yes => look_up(document, journal, target, true).await,
            Resumed::No => create(document, journal, target).await,
        };
        if !matches!(outcomes[place], Outcome::Done(_)) {
            break;
        }
    }
    Sent(documents, outcomes)
}

/// In which turn the documents go. A backorder first: it holds what no warehouse has, perhaps because the ERP does not know
/// it at all. When that is refused nothing else of the order is there yet, and the whole order can be corrected.
pub(super) fn in_turn(documents: &[Document]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..documents.len()).collect();
    places.sort_by_key(|place| !documents[*place].backorder);
    places
}

async fn create(document: &Document, journal: &mut Journal, target: &dyn Target) -> Outcome {
    let answer = target.create(document).await;
    journal.note(&format!("sent {}", document.key), answer)
}

/// Looks for a document by its natural key, and sends it only when the ERP says that it is not there.
pub(super) async fn look_up(document: &Document, journal: &mut Journal, target: &dyn Target, may_send: bool) -> Outcome {
    match target.find(document).await {
        Found::Here(receipt) => {
            journal.steps.push(format!("looked for {}: the ERP has it as {}, so it was not sent again", document.key, receipt.number));
            Outcome::Done(receipt)
        }
        Found::Missing if may_send => {
            journal.steps.push(format!("looked for {}: the ERP does not have it", document.key));
            create(document, journal, target).await
        }
        Found::Missing => Outcome::Untried,
        Found::Other(fault) => {
            journal.steps.push(format!("looked for {}: {fault}", document.key));
            Outcome::Refused(fault)
        }
        Found::Busy(busy) => {
            journal.steps.push(format!("looked for {}: {}", document.key, busy.fault));
            Outcome::Unseen(busy)
        }
    }
}
