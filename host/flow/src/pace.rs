//! How fast a partner is asked: a token bucket, and a circuit that opens when the partner fails and closes when it
//! answers again. Pure: the time comes in, what may be done comes out.

use jiff::Timestamp;
use std::time::Duration;

/// So many requests a second, with a second's worth saved up.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// The time that one request costs.
    each: Duration,
    /// The most time that can be owed before a request waits: a burst of one second's requests.
    burst: Duration,
    /// Until when the requests so far are paid for.
    paid_until: Timestamp,
}

impl Bucket {
    /// A full bucket.
    pub fn new(per_second: u32) -> Bucket {
        let each = Duration::from_secs(1) / per_second.max(1);
        Bucket { each, burst: Duration::from_secs(1) - each, paid_until: Timestamp::MIN }
    }

    /// Takes one token, and says how long to wait until it is there. Whoever waits keeps its turn.
    pub fn take(&mut self, now: Timestamp) -> Duration {
        let from = self.paid_until.max(now);
        self.paid_until = from + self.each;
        let owed = Duration::try_from(from.duration_since(now)).unwrap_or_default();
        owed.saturating_sub(self.burst)
    }
}

/// When a partner is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trip {
    /// So many failures in a row open the circuit.
    pub after: u32,
    /// The first probe comes so long after it opened; the wait doubles with each probe that fails.
    pub probe: Duration,
    /// The longest wait between two probes.
    pub most: Duration,
}

impl Default for Trip {
    fn default() -> Trip {
        Trip { after: 10, probe: Duration::from_secs(5), most: Duration::from_secs(60) }
    }
}

/// Whether a partner may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// It may.
    Go,
    /// One request may go, to see whether it answers again.
    Probe,
    /// Not before this time.
    Wait(Timestamp),
}

/// The state of a circuit.
#[derive(Clone, Debug)]
pub struct Circuit {
    trip: Trip,
    failures: u32,
    /// The probes that failed since it opened, and when the next may go; nothing while it is closed.
    open: Option<(u32, Timestamp)>,
    /// A probe is under way, since when.
    probing: Option<Timestamp>,
    /// The partner asked for silence until then.
    silence: Option<Timestamp>,
}

impl Circuit {
    /// A closed circuit.
    pub fn new(trip: Trip) -> Circuit {
        Circuit { trip, failures: 0, open: None, probing: None, silence: None }
    }

    /// Whether a request may go. [`Leave::Probe`] is given once; others wait until [`Circuit::heard`] says what came of
    /// it, or for as long as a probe may take.
    pub fn leave(&mut self, now: Timestamp) -> Leave {
        if let Some(until) = self.silence {
            // A clock that was set back must not silence us for longer than the partner can ask for.
            if now < until && until.duration_since(now) <= jiff::SignedDuration::from_hours(24) {
                return Leave::Wait(until);
            }
            self.silence = None;
        }
        let Some((_, next)) = self.open else { return Leave::Go };
        if let Some(since) = self.probing {
            let given_up = since + self.trip.most;
            if now >= since && now < given_up {
                // It mostly answers soon: nobody is put off for as long as it may take.
                return Leave::Wait(given_up.min(now + self.trip.probe));
            }
            self.probing = None;
        }
        if now < next && next.duration_since(now) <= jiff::SignedDuration::try_from(self.trip.most).unwrap_or_default() {
            return Leave::Wait(next);
        }
        self.probing = Some(now);
        Leave::Probe
    }

    /// The partner answered a request that had this leave: `well` when it did something or refused it, and not when it was
    /// down, slow or silent. Says whether the circuit opened or closed by it.
    pub fn heard(&mut self, leave: Leave, health: Health, now: Timestamp) -> Option<Turned> {
        match health {
            Health::Well => {
                (self.probing, self.failures) = (None, 0);
                self.open.take().map(|_| Turned::Closed)
            }
            Health::Ill => {
                self.failures = self.failures.saturating_add(1);
                match self.open {
                    Some((probes, _)) if leave == Leave::Probe => {
                        self.probing = None;
                        let wait = self.trip.probe.saturating_mul(1 << (probes + 1).min(16)).min(self.trip.most);
                        self.open = Some((probes + 1, now + wait));
                        None
                    }
                    // Begun before it opened: it fails for the reason that is known already.
                    Some(_) => None,
                    None if self.failures >= self.trip.after => {
                        self.open = Some((0, now + self.trip.probe));
                        Some(Turned::Opened)
                    }
                    None => None,
                }
            }
        }
    }

    /// Nobody waits for the answer of a request any more that had this leave: the next may be the probe.
    pub fn unheard(&mut self, leave: Leave) {
        if leave == Leave::Probe {
            self.probing = None;
        }
    }

    /// The partner asked to be left alone for so long.
    pub fn silence(&mut self, wait: Duration, now: Timestamp) {
        self.probing = None;
        let until = now + wait.min(Duration::from_secs(24 * 3600));
        self.silence = Some(self.silence.map_or(until, |before| before.max(until)));
    }

    /// When it may be asked again; nothing when it may be now. Changes nothing.
    pub fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        match self.clone().leave(now) {
            Leave::Wait(until) => Some(until),
            Leave::Go | Leave::Probe => None,
        }
    }

    /// Whether it is open: at most one request at a time goes then.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }
}

/// How a partner's answer speaks of the partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It works, whatever it thinks of the request.
    Well,
    /// It is down, slow or silent.
    Ill,
}

/// What became of a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turned {
    /// The partner is left alone from now on.
    Opened,
    /// It works again.
    Closed,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_772_000_000_000 + milliseconds).unwrap()
    }

    #[test]
    fn a_bucket_lets_a_burst_pass_and_then_the_rate() {
        let mut bucket = Bucket::new(10);
        let waits: Vec<u128> = (0..13).map(|_| bucket.take(at(0)).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 200, 300]);
        // What was not used is saved up, but never more than a second's worth.
        assert_eq!((0..12).map(|_| bucket.take(at(60_000)).as_millis()).collect::<Vec<_>>()[9..], [0, 100, 200]);
    }

    proptest! {
        #[test]
        fn no_second_has_more_than_twice_the_rate(per_second in 1u32..200, gaps in prop::collection::vec(0i64..300, 1..400)) {
            let (mut bucket, mut now, mut starts) = (Bucket::new(per_second), 0, Vec::new());
            for gap in gaps {
                now += gap;
                starts.push(now + i64::try_from(bucket.take(at(now)).as_millis()).unwrap());
            }
            starts.sort_unstable();
            for (first, start) in starts.iter().enumerate() {
                let within = starts[first..].iter().take_while(|other| **other < start + 1000).count();
                prop_assert!(within <= 2 * per_second as usize + 1, "{within} in a second at {per_second}");
            }
        }
    }

    #[test]
    fn a_circuit_opens_probes_and_closes() {
        let trip = Trip { after: 3, probe: Duration::from_secs(5), most: Duration::from_secs(12) };
        let mut circuit = Circuit::new(trip);
        let (go, probe) = (Leave::Go, Leave::Probe);
        assert_eq!([Health::Ill, Health::Ill, Health::Well].map(|health| circuit.heard(go, health, at(0))), [None; 3], "failures must be in a row");
        assert_eq!([Health::Ill; 3].map(|health| circuit.heard(go, health, at(0))), [None, None, Some(Turned::Opened)]);
        assert_eq!([Health::Ill; 9].map(|health| circuit.heard(go, health, at(1))), [None; 9]);
        assert_eq!(circuit.leave(at(4_999)), Leave::Wait(at(5_000)), "what was under way when it opened makes the wait no longer");
        assert_eq!(circuit.leave(at(5_000)), Leave::Probe);
        // One probe at a time; one that never ends is given up, and one that nobody waits for is made again at once.
        assert_eq!(circuit.leave(at(5_001)), Leave::Wait(at(10_001)));
        circuit.unheard(go);
        assert_eq!(circuit.leave(at(16_999)), Leave::Wait(at(17_000)));
        assert_eq!(circuit.clone().leave(at(17_000)), Leave::Probe);
        circuit.unheard(probe);
        assert_eq!(circuit.leave(at(5_002)), Leave::Probe);
        assert_eq!(circuit.heard(go, Health::Ill, at(5_500)), None);
        assert_eq!(circuit.leave(at(5_501)), Leave::Wait(at(10_501)), "the probe is still under way");
        assert_eq!(circuit.heard(probe, Health::Ill, at(6_000)), None);
        assert_eq!(circuit.closed_until(at(6_000)), Some(at(16_000)), "the wait doubles");
        assert_eq!(circuit.leave(at(16_000)), Leave::Probe);
        assert_eq!(circuit.heard(probe, Health::Ill, at(16_000)), None);
        assert_eq!(circuit.leave(at(16_001)), Leave::Wait(at(28_000)), "and ends at the longest");
        assert_eq!(circuit.leave(at(28_000)), Leave::Probe);
        assert_eq!(circuit.heard(probe, Health::Well, at(28_500)), Some(Turned::Closed));
        assert_eq!(circuit.leave(at(28_500)), Leave::Go);
    }

    #[test]
    fn a_partner_that_asks_for_silence_gets_it() {
        let mut circuit = Circuit::new(Trip::default());
        circuit.silence(Duration::from_secs(30), at(0));
        circuit.silence(Duration::from_secs(10), at(0));
        assert_eq!(circuit.leave(at(29_999)), Leave::Wait(at(30_000)));
        assert_eq!(circuit.leave(at(30_000)), Leave::Go);
        // A clock that was set back a year does not make the silence longer.
        circuit.silence(Duration::from_secs(30), at(0));
        assert_eq!(circuit.leave(at(-31_536_000_000)), Leave::Go);
    }
}
