//! What to do after an attempt. Pure: outcomes and the time in, the next state out.

use crate::{
    Code, Fault,
    record::{RecordId, State},
    target::{Busy, Receipt},
};
use jiff::Timestamp;
use std::time::Duration;

/// When to try again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The wait after the first counted try, after the second, and so on. When they are used up the record is parked:
    /// paused, never dropped.
    pub waits: Vec<Duration>,
    /// How long after an unknown outcome the ERP is asked what happened.
    pub look_up_after: Duration,
}

/// The longest wait that a partner may ask for: a wrong date in a header must not park an order for years.
const ASKED: Duration = Duration::from_secs(24 * 3_600);

impl Schedule {
    /// The longest time for which a record waits by itself: its longest wait, a fifth over it, or what a partner may ask for.
    pub fn longest(&self) -> Duration {
        let longest = self.waits.iter().copied().max().unwrap_or_default().max(self.look_up_after);
        (longest + longest / 5).max(ASKED)
    }
}

impl Default for Schedule {
    fn default() -> Schedule {
        let seconds = [5, 30, 120, 600, 1_800, 7_200, 18_000, 36_000, 86_400];
        Schedule { waits: seconds.map(Duration::from_secs).to_vec(), look_up_after: Duration::from_secs(1) }
    }
}

/// What came of one document, or of a whole attempt that sent none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the ERP.
    Done(Receipt),
    /// It never will be, as it is.
    Refused(Fault),
    /// It is not, but later it may be.
    Busy(Busy),
    /// Nobody knows.
    Unknown(Fault),
    /// It may be there, and looking for it got no answer.
    Unseen(Busy),
    /// It was not its turn: one before it did not get through.
    Untried,
}

/// Where the record goes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// The state.
    pub state: State,
    /// When it is due again.
    pub due_at: Option<Timestamp>,
    /// Counted tries so far.
    pub tries: u32,
    /// Why it is not delivered.
    pub fault: Option<Fault>,
}

/// Decides what follows from the outcomes of the documents of one attempt. `tries` are the counted tries before it.
///
/// In this order: anything unknown or not yet seen is looked up before anything else happens; a refusal waits for a person; something
/// busy is tried again, as a look-up first where some documents may be in the ERP; else everything is delivered.
pub fn settle(record: RecordId, outcomes: &[Outcome], tries: u32, schedule: &Schedule, now: Timestamp) -> Next {
    // Where several failed, it is a try when one of them counts, and whoever asked for the longest silence gets it.
    let failures = || {
        outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Busy(busy) | Outcome::Unseen(busy) => Some((busy.counts, busy.retry_after)),
            Outcome::Unknown(_) => Some((true, None)),
            _ => None,
        })
    };
    let (counts, retry_after) = (failures().any(|(counts, _)| counts), failures().filter_map(|(_, after)| after).max());
    let open = outcomes.iter().find_map(|outcome| match outcome {
        Outcome::Unknown(fault) | Outcome::Unseen(Busy { fault, .. }) => Some(Busy { fault: fault.clone(), retry_after, counts }),
        _ => None,
    });
    let refused = outcomes.iter().find_map(|outcome| match outcome {
        Outcome::Refused(fault) => Some(fault),
        _ => None,
    });
    let busy = outcomes.iter().find_map(|outcome| match outcome {
        Outcome::Busy(busy) => Some(Busy { fault: busy.fault.clone(), retry_after, counts }),
        _ => None,
    });
    let sent = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Done(_)));
    if let Some(busy) = open {
        return again(record, State::Sending, &busy, tries, schedule, now, Some(schedule.look_up_after));
    }
    if let Some(fault) = refused {
        return Next { state: State::Parked, due_at: None, tries: tries + 1, fault: Some(fault.clone()) };
    }
    if let Some(busy) = busy {
        let state = if sent { State::Sending } else { State::Due };
        return again(record, state, &busy, tries, schedule, now, None);
    }
    Next { state: State::Delivered, due_at: None, tries: tries + 1, fault: None }
}

fn again(record: RecordId, state: State, busy: &Busy, tries: u32, schedule: &Schedule, now: Timestamp, first: Option<Duration>) -> Next {
    let counted = tries + u32::from(busy.counts);
    let place = counted.saturating_sub(1) as usize;
    let wait = match (place, first) {
        (0, Some(first)) => Some(first),
        _ => schedule.waits.get(place).map(|wait| spread(*wait, record, counted)),
    };
    let Some(wait) = wait else {
        let fault = Fault::new(Code::TriesUsedUp, format!("after {counted} tries: {}", busy.fault));
        return Next { state: State::Parked, due_at: None, tries: counted, fault: Some(fault) };
    };
    let wait = busy.retry_after.map_or(wait, |after| after.min(ASKED).max(if busy.counts { wait } else { Duration::ZERO }));
    Next { state, due_at: Some(now + wait), tries: counted, fault: Some(busy.fault.clone()) }
}

/// ±20 %, so that records which failed together do not come back together. Taken from the record's number, not from a
/// random source: the decider stays pure and a run can be repeated.
fn spread(wait: Duration, record: RecordId, tries: u32) -> Duration {
    let mut mixed = (record as u64) ^ (u64::from(tries) << 32);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let permille = 800 + ((mixed ^ (mixed >> 31)) % 401) as u32;
    wait * permille / 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn busy(retry_after: Option<u64>, counts: bool) -> Outcome {
        Outcome::Busy(Busy { fault: Fault::new(Code::PartnerBusy, "503"), retry_after: retry_after.map(Duration::from_secs), counts })
    }

    fn done() -> Outcome {
        Outcome::Done(Receipt { number: "10042".into() })
    }

    fn unknown() -> Outcome {
        Outcome::Unknown(Fault::new(Code::Unknown, "timeout"))
    }

    fn refused() -> Outcome {
        Outcome::Refused(Fault::new(Code::Refused, "no such item"))
    }

    fn next(outcomes: &[Outcome], tries: u32) -> Next {
        settle(7, outcomes, tries, &Schedule::default(), NOW)
    }

    fn wait(next: &Next) -> Duration {
        Duration::try_from(next.due_at.unwrap().duration_since(NOW)).unwrap()
    }

    #[test]
    fn every_rule_of_settling() {
        assert_eq!(next(&[done(), done()], 0).state, State::Delivered);
        // Unknown wins over all: it is looked up soon, and never sent again blind.
        let looked_up = next(&[done(), unknown(), refused()], 0);
        assert_eq!((looked_up.state, wait(&looked_up)), (State::Sending, Duration::from_secs(1)));
        // A refusal goes straight to a person.
        assert_eq!(next(&[refused(), Outcome::Untried], 0).state, State::Parked);
        // Busy before anything was sent runs the rules again; after a part was sent it does not.
        assert_eq!(next(&[busy(None, true), Outcome::Untried], 0).state, State::Due);
        assert_eq!(next(&[done(), busy(None, true)], 0).state, State::Sending);
    }

    #[test]
    fn waits_grow_within_a_fifth_and_then_the_record_pauses() {
        for (tries, seconds) in (0..).zip([5, 30, 120, 600, 1_800, 7_200, 18_000, 36_000, 86_400]) {
            let wait = wait(&next(&[busy(None, true)], tries)).as_secs_f64();
            assert!((wait / f64::from(seconds) - 1.0).abs() <= 0.2, "{wait} for {seconds}");
        }
        let last = next(&[busy(None, true)], 9);
        assert_eq!((last.state, last.fault.unwrap().code), (State::Parked, Code::TriesUsedUp));
    }

    #[test]
    fn a_look_up_without_an_answer_is_made_again_as_the_partner_wants() {
        let unseen = |after, counts| match busy(after, counts) {
            Outcome::Busy(busy) => Outcome::Unseen(busy),
            other => other,
        };
        let limited = next(&[done(), unseen(Some(90), false)], 2);
        assert_eq!((limited.state, limited.tries, wait(&limited)), (State::Sending, 2, Duration::from_secs(90)));
        // Alone, too: the document may be there, so the rules must not run again.
        assert_eq!(next(&[unseen(None, true)], 1).state, State::Sending);
        assert_eq!((next(&[unseen(None, true)], 1).tries, next(&[unseen(None, true), refused()], 1).state), (2, State::Sending));
        assert_eq!(wait(&next(&[unknown(), unseen(Some(90), false)], 0)), Duration::from_secs(90));
        assert_eq!(next(&[unseen(None, false), busy(None, true)], 2).tries, 3, "one that counts is enough");
    }

    #[test]
    fn retry_after_is_honoured_and_a_rate_limit_does_not_count() {
        let limited = next(&[busy(Some(90), false)], 3);
        assert_eq!((limited.tries, wait(&limited)), (3, Duration::from_secs(90)));
        assert_eq!(wait(&next(&[busy(Some(90), true)], 0)), Duration::from_secs(90));
        assert!(wait(&next(&[busy(Some(1), true)], 3)) > Duration::from_secs(400));
        // A day at most, whatever a header says.
        assert_eq!(wait(&next(&[busy(Some(99_999_999), false)], 3)), Duration::from_secs(86_400));
    }

    proptest! {
        #[test]
        fn nothing_is_ever_lost_or_sent_blind(codes in prop::collection::vec(0u8..6, 1..6), tries in 0u32..12, record in 0i64..1_000_000) {
            let outcomes: Vec<Outcome> = codes.iter().map(|code| match code {
                0 => done(), 1 => refused(), 2 => busy(None, true), 3 => unknown(), 4 => Outcome::Unseen(Busy { fault: Fault::new(Code::PartnerBusy, "503"), retry_after: None, counts: false }),
                _ => Outcome::Untried,
            }).collect();
            let next = settle(record, &outcomes, tries, &Schedule::default(), NOW);
            // Whoever waits by itself has a time; whoever has none waits for a person or is done.
            prop_assert_eq!(next.due_at.is_some(), matches!(next.state, State::Due | State::Sending));
            // With anything possibly in the ERP, the rules never run again: that could split the order differently.
            if next.state == State::Due {
                prop_assert!([0, 3, 4].iter().all(|code| !codes.contains(code)));
            }
            prop_assert!(next.tries >= tries);
        }
    }
}
