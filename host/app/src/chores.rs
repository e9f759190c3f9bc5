//! What a running host does beside the orders: removes what is past its time, notices a clock that jumps, writes down what
//! the circuits did.

use crate::gate::Turn;
use crossdock_flow::{
    clock::Clock,
    desk::{Backend, Retention},
    pace::Turned,
};
use jiff::{SignedDuration, Timestamp};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, watch};

/// How often the clock is compared with the machine's steady one.
const TICK: Duration = Duration::from_secs(1);
/// By how much they may part between two looks: a clock is slewed, a machine sleeps for a moment.
const JUMP: SignedDuration = SignedDuration::from_secs(30);
/// How often what is past its time is looked for.
const SWEEP: Duration = Duration::from_secs(3_600);
/// The pause between two steps of a sweep: orders go first.
const BREATH: Duration = Duration::from_millis(20);

/// Removes what is past its time, until `stop` turns true.
pub(crate) async fn sweep(store: Arc<dyn Backend>, clock: Arc<dyn Clock>, retention: Retention, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let pause = match store.sweep(retention, clock.now()).await {
            Ok(swept) if swept == crossdock_flow::desk::Swept::default() => SWEEP,
            Ok(swept) => {
                tracing::info!(originals = swept.originals, runs = swept.runs, records = swept.records, "removed what was past its time");
                BREATH
            }
            Err(fault) => {
                tracing::warn!(%fault, "what is past its time could not be removed; it is tried again");
                SWEEP
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Writes an alert for each circuit that opens or closes, until the gate is gone.
pub(crate) async fn write_turns(store: Arc<dyn Backend>, mut turns: mpsc::UnboundedReceiver<Turn>) {
    while let Some(Turn { connection, turned, at }) = turns.recv().await {
        let (kind, message) = match turned {
            Turned::Opened => ("circuit-open", "it does not answer: it is left alone, and asked now and then whether it is back; orders wait"),
            Turned::Closed => ("circuit-closed", "it answers again: orders go on"),
        };
        tracing::warn!(connection, kind, message);
        if let Err(fault) = store.alert(at, kind, &connection, message).await {
            tracing::error!(%fault, "an alert could not be written");
        }
    }
}

/// Notices a clock that jumps, until `stop` turns true. `longest` is the longest time that a record waits by itself: what
/// is due later than that was planned by a clock that was ahead, and is brought forward.
pub(crate) async fn watch_clock(store: Arc<dyn Backend>, clock: Arc<dyn Clock>, longest: Duration, mut stop: watch::Receiver<bool>) {
    let mut before = Reading { wall: clock.now(), steady: Instant::now() };
    bring_forward(&*store, before.wall, longest).await;
    while !*stop.borrow() {
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            _ = stop.changed() => {}
        }
        let now = Reading { wall: clock.now(), steady: Instant::now() };
        if let Some(jump) = jumped(&before, &now) {
            let way = if jump.is_negative() { "back" } else { "ahead" };
            let message = format!("the clock was set {way} by {:#}; times of the last moments may be wrong", jump.abs());
            tracing::error!(message, "the clock jumped");
            if let Err(fault) = store.alert(now.wall, "clock-jumped", "clock", &message).await {
                tracing::error!(%fault, "an alert could not be written");
            }
            bring_forward(&*store, now.wall, longest).await;
        }
        before = now;
    }
}

struct Reading {
    wall: Timestamp,
    steady: Instant,
}

/// By how much the clock on the wall went another way than the steady one, where that is a jump.
fn jumped(before: &Reading, now: &Reading) -> Option<SignedDuration> {
    let steady = SignedDuration::try_from(now.steady - before.steady).unwrap_or_default();
    let jump = now.wall.duration_since(before.wall) - steady;
    (jump.abs() > JUMP).then_some(jump)
}

async fn bring_forward(store: &dyn Backend, now: Timestamp, longest: Duration) {
    let latest = now.checked_add(SignedDuration::try_from(longest).unwrap_or_default()).unwrap_or(now);
    match store.bring_forward(latest).await {
        Ok(0) => {}
        Ok(records) => {
            tracing::warn!(records, "they were due later than anything waits by itself, as if planned by a clock that was ahead: brought forward")
        }
        Err(fault) => tracing::error!(%fault, "what is due too late could not be brought forward"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_jump_is_one() {
        let start = Reading { wall: Timestamp::UNIX_EPOCH, steady: Instant::now() };
        let after = |wall: i64, steady: u64| Reading {
            wall: start.wall + SignedDuration::from_secs(wall),
            steady: start.steady + Duration::from_secs(steady),
        };
        assert_eq!(jumped(&start, &after(1, 1)), None);
        assert_eq!(jumped(&start, &after(20, 1)), None, "slewed");
        assert_eq!(jumped(&start, &after(3_600, 3_600)), None, "a busy machine looks late, but both clocks went on");
        assert_eq!(jumped(&start, &after(3_601, 1)), Some(SignedDuration::from_hours(1)));
        assert_eq!(jumped(&start, &after(-86_399, 1)), Some(SignedDuration::from_hours(-24)));
    }
}
