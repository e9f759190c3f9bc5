//! The lane of one order: what a new event means, given what is already known of the order. Pure, so every rule is one
//! line in a test.

use crate::{
    Code, Fault,
    record::{Kind, LaneEntry, Part, RecordId, SentBefore, State},
};
use std::sync::Arc;

/// What to do with an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Run the rules and deliver.
    Run,
    /// Run the rules, and change what is in the ERP.
    Change(Vec<There>),
    /// Cancel what is in the ERP.
    Cancel(Vec<Part>),
    /// There is nothing to do; says why.
    NoOp(String),
    /// A person must decide.
    Park(Fault),
}

/// A document that is in the ERP, with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct There {
    /// Which, and where.
    pub part: Part,
    /// What was sent, with the event that it was made of. Without the documents where it is not certain that they still
    /// are what is in the ERP.
    pub sent: Option<SentBefore>,
}

/// Decides what an event of this kind and version means. `lane` holds the other records of the order.
pub fn admit(kind: Kind, version: i64, lane: &[LaneEntry]) -> Admission {
    if let Some(cancelled) = known(lane).find(|entry| entry.state == State::Cancelled) {
        return Admission::NoOp(format!("the order was cancelled by record {}", cancelled.record));
    }
    // Also one that has not run yet: every event carries the whole order, so there is no use in sending what is outdated.
    // And one that was superseded: it was so by one that is newer still, or because it said what stands already.
    if let Some(newer) = lane.iter().find(|entry| entry.version > version) {
        return Admission::NoOp(format!("version {version} is older than version {}, which is here as record {}", newer.version, newer.record));
    }
    // A cancellation outranks what else is said of its version, also while it is under way or waits.
    let cancels = |entry: &&LaneEntry| entry.kind == Kind::Cancelled && !matches!(entry.state, State::Superseded | State::Discarded);
    if let Some(same) = lane.iter().filter(cancels).find(|entry| entry.version == version && kind != Kind::Cancelled) {
        return Admission::NoOp(format!("version {version} is cancelled by record {}", same.record));
    }
    let there = match exported(lane) {
        Ok(there) => there,
        Err(fault) => return Admission::Park(fault),
    };
    if kind == Kind::Cancelled {
        return Admission::Cancel(there.into_iter().map(|there| there.part).collect());
    }
    if let Some(same) = known(lane).find(|entry| entry.version == version && entry.state == State::Delivered) {
        return Admission::NoOp(format!("version {version} was delivered by record {}", same.record));
    }
    if there.is_empty() { Admission::Run } else { Admission::Change(there) }
}

/// Why a record that has documents in the ERP must not be taken up again now: another one of the order is sending, or a
/// newer version has documents there, too, that would be overwritten.
pub fn overtaken(version: i64, lane: &[LaneEntry]) -> Option<Fault> {
    let newer = |entry: &&LaneEntry| entry.version > version && !entry.parts.is_empty();
    match known(lane).find(|entry| entry.state == State::Sending) {
        Some(other) => Some(under_way(other)),
        None => known(lane).find(newer).map(|newer| {
            let message = format!("version {} is newer and has documents in the ERP: retry record {} instead", newer.version, newer.record);
            Fault::new(Code::AlreadyExported, message)
        }),
    }
}

fn under_way(other: &LaneEntry) -> Fault {
    let message = format!("record {} of the same order is under way: retry this one when that has come to its end", other.record);
    Fault::new(Code::AlreadyExported, message)
}

/// The records that one of this version replaces once it has come to its `end`: those that wait or were rejected, and,
/// when it is delivered, those that had delivered before. Never a newer one, and one with documents in the ERP, or a
/// cancellation that stopped on its way, only when this one has taken them over or cancelled them.
pub fn superseded(end: State, version: i64, lane: &[LaneEntry]) -> Vec<RecordId> {
    let takes_over = matches!(end, State::Delivered | State::Cancelled);
    // Superseded: it ran, and found that what it says is in the ERP already.
    let ends = !matches!(end, State::Due | State::Sending);
    let replaced = |entry: &&LaneEntry| match entry.state {
        State::Held | State::Parked | State::Rejected if entry.parts.is_empty() && entry.kind != Kind::Cancelled => ends,
        State::Held | State::Parked | State::Rejected => takes_over,
        State::Delivered => end == State::Delivered,
        _ => false,
    };
    let older = lane.iter().filter(|entry| entry.version <= version).filter(replaced);
    // One that has documents nobody is sure of is never put aside.
    older.filter(|entry| entry.parts.iter().all(|part| part.number.is_some())).map(|entry| entry.record).collect()
}

/// What stood in the lane before, and counts.
fn known(lane: &[LaneEntry]) -> impl Iterator<Item = &LaneEntry> {
    lane.iter().filter(|entry| !matches!(entry.state, State::Superseded | State::Due))
}

/// The documents that are in the ERP. Where several records sent the same one, the last of them knows best. Fails with
/// E205 while it is not known of one whether it is there, or another record is sending.
fn exported(lane: &[LaneEntry]) -> Result<Vec<There>, Fault> {
    let mut there: Vec<There> = Vec::new();
    for entry in known(lane) {
        if entry.state == State::Sending {
            return Err(under_way(entry));
        }
        // One that stopped on its way may have changed what another had sent. Then it is known where the documents are,
        // but not what they say.
        let stopped = |other: &LaneEntry| other.version >= entry.version && matches!(other.state, State::Parked | State::Discarded);
        let certain = entry.state == State::Delivered && !lane.iter().any(stopped);
        for part in &entry.parts {
            if part.number.is_none() {
                return Err(Fault::new(
                    Code::AlreadyExported,
                    format!(
                        "document `{}` of record {} may or may not be in the ERP: retry that record first, then this one",
                        part.key, entry.record
                    ),
                ));
            }
            let mut sent = entry.sent.clone();
            if let Some(sent) = sent.as_mut().filter(|_| !certain) {
                sent.attempt.documents = Arc::new([]);
            }
            let new = There { part: part.clone(), sent };
            match there.iter_mut().find(|there| there.part.number == part.number) {
                Some(there) => *there = new,
                None => there.push(new),
            }
        }
    }
    Ok(there)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Attempt;

    fn entry(record: RecordId, version: i64, state: State, numbers: &[Option<&str>]) -> LaneEntry {
        let part = |(part, number): (u32, &Option<&str>)| Part {
            part,
            key: format!("4711-{part}"),
            warehouse: "TOR".into(),
            total: crate::Decimal::ONE,
            number: number.map(str::to_owned),
        };
        LaneEntry { record, kind: Kind::Created, version, state, parts: (0..).zip(numbers).map(part).collect(), sent: None }
    }

    #[test]
    fn every_rule_of_the_lane() {
        // The ordinary case.
        assert_eq!(admit(Kind::Created, 1, &[]), Admission::Run);
        // An update that came before its creation runs; the creation is then stale, and was so before the update ran.
        assert_eq!(admit(Kind::Updated, 2, &[entry(2, 1, State::Due, &[])]), Admission::Run);
        assert!(matches!(admit(Kind::Created, 1, &[entry(1, 2, State::Delivered, &[Some("9")])]), Admission::NoOp(_)));
        assert!(matches!(admit(Kind::Created, 1, &[entry(2, 2, State::Due, &[])]), Admission::NoOp(_)));
        // The same version again says nothing new.
        assert!(matches!(admit(Kind::Created, 1, &[entry(1, 1, State::Delivered, &[Some("9")])]), Admission::NoOp(_)));
        // A newer version replaces what waits, and changes what is exported.
        assert_eq!(admit(Kind::Updated, 2, &[entry(1, 1, State::Held, &[]), entry(2, 1, State::Parked, &[])]), Admission::Run);
        let Admission::Change(there) = admit(Kind::Updated, 2, &[entry(1, 1, State::Delivered, &[Some("9")])]) else { panic!("not a change") };
        assert_eq!(there[0].part.number.as_deref(), Some("9"));
        // A change that stopped halfway is taken up with what the later record knows.
        let halfway = [entry(1, 1, State::Delivered, &[Some("9"), Some("10")]), entry(2, 2, State::Parked, &[Some("9")])];
        let Admission::Change(there) = admit(Kind::Updated, 3, &halfway) else { panic!("not a change") };
        assert_eq!(there.len(), 2);
        // A cancellation reaches every part, also when it came before what it cancels, and ends the lane.
        let Admission::Cancel(parts) =
            admit(Kind::Cancelled, 3, &[entry(1, 1, State::Delivered, &[Some("9"), Some("10")]), entry(2, 2, State::Parked, &[])])
        else {
            panic!("not cancelled")
        };
        assert_eq!(parts.len(), 2);
        assert!(matches!(admit(Kind::Updated, 9, &[entry(3, 3, State::Cancelled, &[])]), Admission::NoOp(_)));
        // It outranks what else is said of its version, unless somebody gave it up.
        let cancellation = |state| [LaneEntry { kind: Kind::Cancelled, ..entry(1, 2, state, &[]) }];
        for state in [State::Due, State::Sending, State::Parked] {
            assert!(matches!(admit(Kind::Updated, 2, &cancellation(state)), Admission::NoOp(_)), "{state}");
        }
        assert_eq!(admit(Kind::Updated, 2, &cancellation(State::Discarded)), Admission::Run);
        // A stale cancellation does nothing.
        assert!(matches!(admit(Kind::Cancelled, 1, &[entry(1, 2, State::Held, &[])]), Admission::NoOp(_)));
        // While it is unknown whether a document is in the ERP, nothing new is sent or cancelled.
        assert!(matches!(admit(Kind::Cancelled, 2, &[entry(1, 1, State::Parked, &[Some("9"), None])]), Admission::Park(_)));
        // What was superseded has no documents any more, but its version was here: an older one says nothing new.
        assert_eq!(admit(Kind::Updated, 2, &[entry(1, 1, State::Superseded, &[Some("9")])]), Admission::Run);
        assert!(matches!(
            admit(Kind::Updated, 2, &[entry(1, 1, State::Delivered, &[Some("9")]), entry(2, 3, State::Superseded, &[])]),
            Admission::NoOp(_)
        ));
        // A later record that is sending is not run into by an earlier one that a person retries.
        assert!(matches!(admit(Kind::Updated, 2, &[entry(2, 2, State::Sending, &[Some("9")])]), Admission::Park(_)));
        // One that a person gave up does not stop a newer version.
        assert_eq!(admit(Kind::Updated, 2, &[entry(1, 1, State::Discarded, &[])]), Admission::Run);
    }

    #[test]
    fn only_what_has_come_to_its_end_replaces_others() {
        let lane = [
            entry(1, 1, State::Delivered, &[Some("9")]),
            entry(2, 2, State::Parked, &[]),
            entry(3, 2, State::Parked, &[None]),
            entry(4, 2, State::Due, &[]),
            entry(5, 2, State::Held, &[]),
            entry(6, 2, State::Parked, &[Some("10")]),
            entry(7, 3, State::Parked, &[]),
        ];
        assert_eq!(superseded(State::Delivered, 2, &lane), [1, 2, 5, 6]);
        assert_eq!(superseded(State::Cancelled, 2, &lane), [2, 5, 6]);
        // Its documents would be forgotten, and no cancellation would reach them.
        assert_eq!(superseded(State::Parked, 2, &lane), [2, 5]);
        assert_eq!(superseded(State::Delivered, 1, &lane), [1], "what is newer still waits");
        let cancellation = [LaneEntry { kind: Kind::Cancelled, ..entry(2, 2, State::Parked, &[]) }];
        assert_eq!((superseded(State::Parked, 3, &cancellation), superseded(State::Delivered, 3, &cancellation)), (vec![], vec![2]));
        assert_eq!(superseded(State::Superseded, 2, &lane), [2, 5], "it changed nothing, so what waited is outdated");
        for end in [State::Due, State::Sending] {
            assert_eq!(superseded(end, 2, &lane), [] as [RecordId; 0], "{end} replaces nothing");
        }
    }

    #[test]
    fn an_older_version_never_goes_on_where_a_newer_one_has_begun() {
        assert_eq!(overtaken(1, &[entry(2, 2, State::Parked, &[])]), None);
        assert_eq!(overtaken(2, &[entry(1, 1, State::Delivered, &[Some("9")])]), None);
        assert_eq!(overtaken(1, &[entry(2, 2, State::Superseded, &[Some("9")])]), None);
        assert_eq!(overtaken(1, &[entry(2, 2, State::Parked, &[Some("9")])]).unwrap().code, Code::AlreadyExported);
        assert!(overtaken(1, &[entry(2, 1, State::Sending, &[])]).unwrap().message.contains("under way"));
    }

    #[test]
    fn what_is_in_the_erp_is_certain_only_when_nothing_stopped_on_its_way() {
        let sent = || {
            let documents = Arc::new([crate::sample::document(&crate::sample::order(1))]);
            Some(SentBefore { attempt: Attempt { documents, ..Attempt::new(1, jiff::Timestamp::UNIX_EPOCH) }, body: None })
        };
        let documents = |lane: &[LaneEntry]| {
            let there = exported(lane).unwrap();
            there.into_iter().map(|there| there.sent.unwrap().attempt.documents.len()).collect::<Vec<_>>()
        };
        let delivered = || LaneEntry { sent: sent(), ..entry(1, 2, State::Delivered, &[Some("9")]) };
        assert_eq!(documents(&[delivered()]), [1]);
        assert_eq!(documents(&[delivered(), entry(2, 3, State::Held, &[]), entry(3, 1, State::Parked, &[])]), [1]);
        for state in [State::Parked, State::Discarded] {
            assert_eq!(documents(&[delivered(), entry(2, 3, state, &[])]), [0], "{state}");
        }
        assert_eq!(documents(&[LaneEntry { sent: sent(), ..entry(1, 2, State::Parked, &[Some("9")]) }]), [0]);
    }
}
