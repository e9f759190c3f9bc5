//! When the host is killed: at named steps and at random moments, fixed by the seed. Kills nothing.

use crossdock_partners::random::Random;
use std::time::Duration;

/// What the host reads from its environment: `STEP:N`, it kills itself at the N-th passage of a step.
pub const CRASH_AT: &str = "CROSSDOCK_CRASH_AT";

/// The named steps, and the latest passage at which a kill is asked for: what happens rarely, the first time.
pub const STEPS: [(&str, u64); 14] = [
    ("accept.before", 30),
    ("accept.after", 30),
    ("claim.after", 8),
    ("begin.before", 20),
    ("begin.after", 20),
    ("create.before", 20),
    ("create.after", 20),
    ("find.after", 2),
    ("change.before", 1),
    ("change.after", 1),
    ("cancel.before", 1),
    ("cancel.after", 1),
    ("settle.before", 20),
    ("settle.after", 20),
];

/// How the host ends this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kill {
    /// By its own hand, at a passage of a step.
    At {
        /// The step.
        step: &'static str,
        /// The passage, from 1.
        passage: u64,
    },
    /// While it starts, so long after its beginning.
    Starting(Duration),
    /// So long after it was ready, with the shop's events spread over that time.
    Idling(Duration),
    /// So long after many events came at once.
    Busy(Duration),
}

/// The kills of a run: half of them at steps, each step as often as any other, the rest at random moments.
pub fn plan(count: usize, seed: u64) -> Vec<Kill> {
    let mut random = Random::new(seed ^ 0x0D1E);
    let at_steps = (count / 2).max(STEPS.len()).min(count);
    let mut kills: Vec<Kill> = STEPS.iter().cycle().take(at_steps).map(|(step, most)| Kill::At { step, passage: 1 + random.below(*most) }).collect();
    for place in at_steps..count {
        let mut wait = |least: u64, most: u64| Duration::from_millis(least + random.below(most - least));
        kills.push(match place % 5 {
            0 => Kill::Starting(wait(0, 120)),
            1 | 2 => Kill::Idling(wait(100, 1_200)),
            _ => Kill::Busy(wait(1, 80)),
        });
    }
    random.shuffle(&mut kills);
    kills
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn every_step_has_its_kills_and_half_are_random() {
        let kills = plan(200, 1);
        let mut steps: HashMap<&str, u32> = HashMap::new();
        for kill in &kills {
            if let Kill::At { step, .. } = kill {
                *steps.entry(step).or_default() += 1;
            }
        }
        assert_eq!((kills.len(), steps.len(), steps.values().sum()), (200, STEPS.len(), 100));
        assert!(steps.values().all(|kills| *kills >= 7), "{steps:?}");
        assert_eq!(plan(20, 1).iter().filter(|kill| matches!(kill, Kill::At { .. })).count(), STEPS.len());
        assert_eq!(plan(200, 1), plan(200, 1));
        assert_ne!(plan(200, 1), plan(200, 2));
    }
}
