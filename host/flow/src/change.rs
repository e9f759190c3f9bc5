//! What a newer version of an order means for the documents that are in the ERP already: which to change, to add, to
//! cancel, field by field. Pure.

use crate::{
    Document,
    lane::There,
    order::{Field, Value},
    record::Part,
};
use serde::{Deserialize, Serialize};

/// What is to be done in the ERP, in this order: changes, then what is new, then what is cancelled. A refusal on the way
/// leaves too much in the ERP rather than too little.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Proposal {
    /// One for each document.
    pub steps: Vec<Step>,
}

/// What is to be done with one document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Step {
    /// It stays as it is.
    Keep {
        /// What is there.
        part: Part,
    },
    /// Its fields change.
    Change {
        /// What is there.
        part: Part,
        /// What changes, field by field.
        changes: Vec<Difference>,
    },
    /// It is new.
    Create {
        /// Its natural key.
        key: String,
    },
    /// It goes.
    Cancel {
        /// What is there.
        part: Part,
    },
}

/// A field of a document, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// Where: `TotalAmount`, `LineItems[2].Quantity`.
    pub path: String,
    /// As it is in the ERP; empty when it was not there.
    pub before: String,
    /// As it should be; empty when it goes.
    pub after: String,
}

impl Proposal {
    /// All of it is cancelled.
    pub fn cancel(parts: &[Part]) -> Proposal {
        Proposal { steps: parts.iter().map(|part| Step::Cancel { part: part.clone() }).collect() }
    }

    /// Compares what is there with what should be. A document of which it is not known any more what was sent is changed
    /// in any case.
    pub fn compare(there: &[There], wanted: &[Document]) -> Proposal {
        let mut steps = Vec::with_capacity(there.len() + wanted.len());
        for document in wanted {
            steps.push(match there.iter().find(|there| there.part.key == document.key) {
                None => Step::Create { key: document.key.clone() },
                Some(There { part, sent }) => {
                    let sent = sent.as_ref().and_then(|sent| sent.attempt.documents.iter().find(|sent| sent.key == part.key));
                    let changes = sent.map(|sent| differences(sent, document));
                    match changes {
                        Some(changes) if changes.is_empty() => Step::Keep { part: part.clone() },
                        changes => Step::Change { part: part.clone(), changes: changes.unwrap_or_default() },
                    }
                }
            });
        }
        let gone = there.iter().filter(|there| wanted.iter().all(|document| document.key != there.part.key));
        steps.extend(gone.map(|there| Step::Cancel { part: there.part.clone() }));
        let rank = |step: &Step| match step {
            Step::Keep { .. } => 0,
            Step::Change { .. } => 1,
            Step::Create { .. } => 2,
            Step::Cancel { .. } => 3,
        };
        steps.sort_by_key(rank);
        Proposal { steps }
    }

    /// The ERP's number of a document that is there.
    pub fn number(&self, key: &str) -> Option<String> {
        self.steps.iter().find_map(|step| match step {
            Step::Keep { part } | Step::Change { part, .. } if part.key == key => part.number.clone(),
            _ => None,
        })
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|step| matches!(step, Step::Keep { .. }))
    }
}

impl Step {
    /// The natural key of the document.
    pub fn key(&self) -> &str {
        match self {
            Step::Keep { part } | Step::Change { part, .. } | Step::Cancel { part } => &part.key,
            Step::Create { key } => key,
        }
    }

    /// What is to be done, in words.
    pub fn tell(&self) -> String {
        let number = |part: &Part| part.number.clone().unwrap_or_else(|| "without number".into());
        match self {
            Step::Keep { part } => format!("keep {} ({})", part.key, number(part)),
            Step::Change { part, changes } if changes.is_empty() => {
                format!("change {} ({}): what it says there now is not certain", part.key, number(part))
            }
            Step::Change { part, changes } => {
                let all: Vec<String> = changes.iter().map(|change| format!("{} {} → {}", change.path, change.before, change.after)).collect();
                format!("change {} ({}): {}", part.key, number(part), all.join(", "))
            }
            Step::Create { key } => format!("create {key}"),
            Step::Cancel { part } => format!("cancel {} ({})", part.key, number(part)),
        }
    }
}

fn differences(before: &Document, after: &Document) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(&before.fields, &after.fields, "", &mut found);
    for line in 0..before.lines.len().max(after.lines.len()) {
        let fields = |document: &Document| document.lines.get(line).cloned().unwrap_or_default();
        compare(&fields(before), &fields(after), &format!("LineItems[{line}]."), &mut found);
    }
    found
}

fn compare(before: &[Field], after: &[Field], prefix: &str, found: &mut Vec<Difference>) {
    let value = |fields: &[Field], name: &str| fields.iter().find(|field| &*field.name == name).map_or(Value::Empty, |field| field.value.clone());
    let new = after.iter().filter(|field| before.iter().all(|there| there.name != field.name));
    for field in before.iter().chain(new) {
        let (was, is) = (value(before, &field.name), value(after, &field.name));
        if was != is {
            found.push(Difference { path: format!("{prefix}{}", field.name), before: was.to_string(), after: is.to_string() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        record::{Attempt, SentBefore},
        sample,
    };
    use std::sync::Arc;

    fn there(key: &str, sent: Option<Document>) -> There {
        let part = Part { part: 0, key: key.into(), warehouse: "TOR".into(), total: crate::Decimal::ONE, number: Some("9".into()) };
        let sent = sent.map(|document| SentBefore {
            attempt: Attempt { documents: Arc::new([document]), ..Attempt::new(1, jiff::Timestamp::UNIX_EPOCH) },
            body: None,
        });
        There { part, sent }
    }

    fn document(key: &str, city: &str) -> Document {
        let mut document = sample::document(&sample::order(1));
        document.key = key.into();
        document.fields = vec![Field { name: "City".into(), value: Value::Text(city.into()) }];
        document
    }

    #[test]
    fn what_changes_is_told_field_by_field() {
        let before = [there("1", Some(document("1", "Köln"))), there("1-2", Some(document("1-2", "Köln"))), there("1-3", None)];
        let proposal = Proposal::compare(&before, &[document("1", "Köln"), document("1-2", "Bonn"), document("1-4", "Bonn")]);
        let told: Vec<String> = proposal.steps.iter().map(Step::tell).collect();
        assert_eq!(told, ["keep 1 (9)", "change 1-2 (9): City Köln → Bonn", "create 1-4", "cancel 1-3 (9)"]);
        assert!(Proposal::compare(&before[..1], &[document("1", "Köln")]).is_empty());
        // What was sent is not known any more: it is changed rather than taken to be the same.
        assert!(!Proposal::compare(&before[2..], &[document("1-3", "Köln")]).is_empty());
    }
}
