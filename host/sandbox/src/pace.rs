//! How fast one plugin may grow its memories, over all its calls. Each growth changes the map of the whole process's memory, for
//! which the reset of every other sandbox waits; a plugin that grows page by page, call after call, would hold it nearly all the time.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// What one growth counts, in microseconds: about twenty times as long as the kernel holds the map for it.
const GROWTH: u64 = 25;
/// How many growths may come at once. What is more, the plugin's next call waits for, which is no fault and not its time.
const BURST: u64 = 256;

/// Until when all growths so far would have lasted at an even pace.
#[derive(Debug)]
pub(crate) struct Pace {
    begun: Instant,
    /// In microseconds since then.
    paced: AtomicU64,
}

impl Pace {
    pub(crate) fn new(begun: Instant) -> Pace {
        Pace { begun, paced: AtomicU64::new(0) }
    }

    fn at(&self, now: Instant) -> u64 {
        u64::try_from(now.duration_since(self.begun).as_micros()).unwrap_or(u64::MAX)
    }

    /// Counts so many growths.
    pub(crate) fn count(&self, growths: u64, now: Instant) {
        if growths > 0 {
            let now = self.at(now);
            let next = |paced: u64| Some(paced.max(now).saturating_add(growths.saturating_mul(GROWTH)));
            // It always has a next value.
            let _counted = self.paced.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        }
    }

    /// How long the next call has to wait.
    pub(crate) fn owed(&self, now: Instant) -> Option<Duration> {
        let owed = self.paced.load(Ordering::Relaxed).checked_sub(self.at(now) + BURST * GROWTH)?;
        (owed > 0).then(|| Duration::from_micros(owed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_at_once_have_to_be_waited_for_and_some_now_and_then_do_not() {
        let start = Instant::now();
        let pace = Pace::new(start);
        pace.count(256, start);
        assert_eq!(pace.owed(start), None);
        pace.count(448, start);
        assert_eq!(pace.owed(start), Some(Duration::from_micros(448 * 25)));
        assert_eq!(pace.owed(start + Duration::from_micros(448 * 25)), None);
        // Twenty thousand calls a second that grow twice each: as fast as they are counted.
        let later = |call: u64| start + Duration::from_secs(10) + Duration::from_micros(call * 50);
        for call in 0..20_000 {
            pace.count(2, later(call));
            assert_eq!(pace.owed(later(call)), None);
        }
    }
}
