//! What the shop does during a run, fixed by the seed: which orders, which newer versions and cancellations, what is told
//! twice, out of order or never. Sends nothing.

use crossdock_partners::{
    history::{History, Shares, histories},
    random::Random,
    sender::Hook,
};

/// Of a thousand orders.
const SHARES: Shares = Shares { updated: 150, cancelled: 50 };
/// Of a thousand events.
const TWICE: u32 = 100;
/// Of a thousand events that have a neighbour of the same order to change places with. Every third event or so has one, so
/// that a twentieth of all events comes out of order.
const SWAPPED: u32 = 200;
/// Of a thousand events, where the host asks the shop what changed.
const UNTOLD: u32 = 10;
/// An event of an order comes at most so many orders after the one before it.
const APART: u64 = 60;

/// Everything the shop does, in order.
#[derive(Debug)]
pub struct Script {
    /// The orders, with all their versions.
    pub orders: Vec<History>,
    /// What happens, one after the other.
    pub moments: Vec<Moment>,
    /// Events that come later than a newer one of their order.
    pub out_of_order: usize,
}

/// A version of an order comes to be, or is told once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Which order.
    pub order: usize,
    /// Which of its versions, from 0.
    pub version: usize,
    /// How the host learns of it.
    pub how: How,
}

/// How the host learns of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// By a webhook, sent until it is acknowledged.
    Told,
    /// By the same webhook once more.
    Again,
    /// Not at all: it must ask.
    Untold,
}

/// Whether the host asks the shop what changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polls {
    /// It does, so that some events are never sent.
    On,
    /// It does not.
    Off,
}

impl Script {
    /// Writes the script of a seed.
    pub fn write(orders: usize, seed: u64, polls: Polls) -> Script {
        let orders = histories(orders, seed, SHARES);
        let mut random = Random::new(seed ^ 0x5C21);
        let (mut timed, mut out_of_order) = (Vec::new(), 0);
        for (order, history) in orders.iter().enumerate() {
            let mut at = order as u64 * 1000 + random.below(1000);
            let mut times: Vec<u64> = Vec::with_capacity(history.versions.len());
            for _ in &history.versions {
                times.push(at);
                at += 1 + random.below(APART * 1000);
            }
            let mut version = 1;
            while version < times.len() {
                if random.chance(SWAPPED) {
                    times.swap(version - 1, version);
                    out_of_order += 1;
                    version += 1;
                }
                version += 1;
            }
            for (version, at) in times.into_iter().enumerate() {
                let untold = polls == Polls::On && random.chance(UNTOLD);
                timed.push((at, Moment { order, version, how: if untold { How::Untold } else { How::Told } }));
                if !untold && random.chance(TWICE) {
                    timed.push((at + random.below(APART * 1000), Moment { order, version, how: How::Again }));
                }
            }
        }
        timed.sort_by_key(|(at, _)| *at);
        Script { orders, moments: timed.into_iter().map(|(_, moment)| moment).collect(), out_of_order }
    }

    /// The webhook of a moment; none when nothing is told.
    pub fn hook(&self, moment: Moment) -> Option<&Hook> {
        (moment.how != How::Untold).then(|| &self.orders[moment.order].versions[moment.version].hook)
    }

    /// How many moments are so.
    pub fn count(&self, how: How) -> usize {
        self.moments.iter().filter(|moment| moment.how == how).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_those_that_are_promised() {
        let script = Script::write(5_000, 1, Polls::On);
        let events: usize = script.orders.iter().map(|order| order.versions.len()).sum();
        let share = |part: usize, of: usize| part as f64 / of as f64;
        let updated = script.orders.iter().filter(|order| order.versions.get(1).is_some_and(|version| version.wanted.is_some())).count();
        let cancelled = script.orders.iter().filter(|order| order.versions.iter().any(|version| version.wanted.is_none())).count();
        assert!((0.13..0.17).contains(&share(updated, 5_000)), "{updated}");
        assert!((0.04..0.06).contains(&share(cancelled, 5_000)), "{cancelled}");
        assert!((0.09..0.11).contains(&share(script.count(How::Again), events)), "{}", script.count(How::Again));
        assert!((0.04..0.06).contains(&share(script.out_of_order, events)), "{} of {events}", script.out_of_order);
        assert!((0.007..0.013).contains(&share(script.count(How::Untold), events)), "{}", script.count(How::Untold));
        assert_eq!(script.moments.len(), events + script.count(How::Again));
        assert_eq!(Script::write(500, 1, Polls::Off).count(How::Untold), 0);
    }

    #[test]
    fn the_same_seed_writes_the_same_script() {
        assert_eq!(Script::write(300, 7, Polls::On).moments, Script::write(300, 7, Polls::On).moments);
        assert_ne!(Script::write(300, 7, Polls::On).moments, Script::write(300, 8, Polls::On).moments);
    }
}
