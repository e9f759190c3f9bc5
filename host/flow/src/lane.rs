//! The lane of one order: what a new event means, given what is already known of the order. Pure, so every rule is one
//! line in a test.

use crate::{
    Code, Fault,
    record::{Kind, LaneEntry, Part, RecordId, State},
};

/// What to do with an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Run the rules and deliver. The records named are superseded by this one.
    Run {
        /// Held, parked or rejected records of the order that this event replaces.
        supersedes: Vec<RecordId>,
    },
    /// There is nothing to do; says why.
    NoOp(String),
    /// Cancel what is in the ERP.
    Cancel {
        /// The documents to cancel, by the ERP's number.
        parts: Vec<Part>,
        /// Held, parked or rejected records of the order that will not run any more.
        supersedes: Vec<RecordId>,
    },
    /// A person must decide.
    Park(Fault),
}

/// Decides what an event of this kind and version means. `lane` holds the other records of the order.
pub fn admit(kind: Kind, version: i64, lane: &[LaneEntry]) -> Admission {
    let known = || lane.iter().filter(|entry| !matches!(entry.state, State::Superseded | State::Due));
    if let Some(cancelled) = known().find(|entry| entry.state == State::Cancelled) {
        return Admission::NoOp(format!("the order was cancelled by record {}", cancelled.record));
    }
    if let Some(newer) = known().find(|entry| entry.version > version) {
        return Admission::NoOp(format!(
            "version {version} is older than version {}, which came before it as record {}",
            newer.version, newer.record
        ));
    }
    let waiting = || known().filter(|entry| matches!(entry.state, State::Held | State::Parked | State::Rejected));
    let parts: Vec<Part> = known().flat_map(|entry| entry.parts.iter().cloned()).collect();
    let (exported, uncertain): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| part.number.is_some());
    if let Some(part) = uncertain.first() {
        return Admission::Park(Fault::new(
            Code::AlreadyExported,
            format!("document `{}` of an earlier event may or may not be in the ERP: retry that record first, then this one", part.key),
        ));
    }
    let supersedes = waiting().map(|entry| entry.record).collect();
    match kind {
        Kind::Cancelled => Admission::Cancel { parts: exported, supersedes },
        Kind::Created | Kind::Updated => {
            if let Some(same) = known().find(|entry| entry.version == version && entry.state == State::Delivered) {
                return Admission::NoOp(format!("version {version} was delivered by record {}", same.record));
            }
            match exported.first() {
                None => Admission::Run { supersedes },
                Some(part) => Admission::Park(Fault::new(
                    Code::AlreadyExported,
                    format!("version {version} changes an order that is in the ERP as {}", part.number.as_deref().unwrap_or_default()),
                )),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(record: RecordId, version: i64, state: State, numbers: &[Option<&str>]) -> LaneEntry {
        let part = |(part, number): (u32, &Option<&str>)| Part {
            part,
            key: format!("4711-{part}"),
            warehouse: "TOR".into(),
            total: crate::Decimal::ONE,
            number: number.map(str::to_owned),
        };
        LaneEntry { record, kind: Kind::Created, version, state, parts: (0..).zip(numbers).map(part).collect() }
    }

    #[test]
    fn every_rule_of_the_lane() {
        let run = |supersedes: &[RecordId]| Admission::Run { supersedes: supersedes.to_vec() };
        // The ordinary case.
        assert_eq!(admit(Kind::Created, 1, &[]), run(&[]));
        // An update that came before its creation runs; the creation is then stale.
        assert_eq!(admit(Kind::Updated, 2, &[entry(2, 1, State::Due, &[])]), run(&[]));
        assert!(matches!(admit(Kind::Created, 1, &[entry(1, 2, State::Delivered, &[Some("9")])]), Admission::NoOp(_)));
        // The same version again says nothing new.
        assert!(matches!(admit(Kind::Created, 1, &[entry(1, 1, State::Delivered, &[Some("9")])]), Admission::NoOp(_)));
        // A newer version replaces what waits, but not what is exported.
        assert_eq!(admit(Kind::Updated, 2, &[entry(1, 1, State::Held, &[]), entry(2, 1, State::Parked, &[])]), run(&[1, 2]));
        assert!(matches!(admit(Kind::Updated, 2, &[entry(1, 1, State::Delivered, &[Some("9")])]), Admission::Park(_)));
        // A cancellation reaches every part, stops what waits, and ends the lane.
        let Admission::Cancel { parts, supersedes } =
            admit(Kind::Cancelled, 3, &[entry(1, 1, State::Delivered, &[Some("9"), Some("10")]), entry(2, 2, State::Parked, &[])])
        else {
            panic!("not cancelled")
        };
        assert_eq!((parts.len(), supersedes), (2, vec![2]));
        assert!(matches!(admit(Kind::Updated, 9, &[entry(3, 3, State::Cancelled, &[])]), Admission::NoOp(_)));
        // A stale cancellation does nothing.
        assert!(matches!(admit(Kind::Cancelled, 1, &[entry(1, 2, State::Held, &[])]), Admission::NoOp(_)));
        // While it is unknown whether a document is in the ERP, nothing new is sent or cancelled.
        assert!(matches!(admit(Kind::Cancelled, 2, &[entry(1, 1, State::Parked, &[Some("9"), None])]), Admission::Park(_)));
        // A superseded record does not count.
        assert_eq!(admit(Kind::Updated, 2, &[entry(1, 5, State::Superseded, &[])]), run(&[]));
    }
}
