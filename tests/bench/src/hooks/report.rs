//! The samples of all contenders, and the ratios between them with their spread over the rounds.

use super::rotation::Rotation;
use crate::table;
use serde::Serialize;
use std::fmt;

/// What the host does around the call of another engine: the order as JSON, for those that read it; the prices into an order.
pub(super) const WRITE: &str = "write-json";
pub(super) const REPRICE: &str = "set-prices";
/// Engines that read JSON; the others make their values of the host's own, within their call.
const READ_JSON: [&str; 2] = ["extism", "quickjs"];

/// Samples of one contender at one hook, round by round.
pub(super) struct Series {
    hook: &'static str,
    contender: String,
    mode: &'static str,
    rounds: Vec<Vec<u64>>,
}

impl Series {
    /// One round.
    pub(super) fn new(hook: &'static str, contender: &str, mode: &'static str, times: Vec<u64>) -> Series {
        Series { hook, contender: contender.to_owned(), mode, rounds: vec![times] }
    }

    fn medians(&self) -> Vec<f64> {
        self.rounds.iter().map(|times| table::quantile(&mut times.clone(), 500).max(1) as f64).collect()
    }

    /// This one's medians over another's, round by round.
    fn over(&self, other: &Series) -> Spread {
        Spread::of(self.medians().iter().zip(other.medians()).map(|(mine, theirs)| mine / theirs).collect())
    }
}

/// Adds a round to what was gathered before; every round has the same contenders in the same order.
pub(super) fn gather(all: &mut Vec<Series>, turn: Vec<Series>) {
    if all.is_empty() {
        *all = turn;
        return;
    }
    for (series, mut round) in all.iter_mut().zip(turn) {
        series.rounds.append(&mut round.rounds);
    }
}

/// The ratio of the median round, and where the middle half of the rounds lies.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Spread {
    p25: f64,
    p50: f64,
    p75: f64,
}

impl Spread {
    pub(super) fn of(mut ratios: Vec<f64>) -> Spread {
        ratios.sort_by(f64::total_cmp);
        let at = |quarter: usize| ratios.get(ratios.len().saturating_sub(1) * quarter / 4).copied().map_or(0.0, round);
        Spread { p25: at(1), p50: at(2), p75: at(3) }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2}–{:.2})", self.p50, self.p25, self.p75)
    }
}

/// One contender at one hook with an order of one size.
#[derive(Serialize)]
struct Row {
    hook: &'static str,
    lines: usize,
    contender: String,
    mode: &'static str,
    us_p50: f64,
    us_p99: f64,
    times_plain_rust: Spread,
    /// Against our own call of the same hook.
    times_crossdock: Spread,
    /// The same with what the host does around the call, for engines that only answer prices.
    whole_times_crossdock: Option<Spread>,
}

/// A row for people.
#[derive(Serialize)]
struct Shown<'r> {
    hook: &'static str,
    lines: usize,
    contender: &'r str,
    mode: &'static str,
    us_p50: f64,
    us_p99: f64,
    times_plain_rust: String,
    times_crossdock: String,
    whole_times_crossdock: String,
}

/// All that was measured.
#[derive(Serialize)]
pub(super) struct Report {
    calls: usize,
    rounds: usize,
    rivals: Vec<String>,
    hooks: Vec<Row>,
    /// Many plugins by turns.
    pub(super) rotation: Option<Rotation>,
}

impl Report {
    pub(super) fn new(calls: usize, rounds: usize, rivals: &[String]) -> Report {
        Report { calls, rounds, rivals: rivals.to_vec(), hooks: Vec::new(), rotation: None }
    }

    /// The rows of one size.
    pub(super) fn add(&mut self, lines: usize, all: &[Series]) {
        let find = |hook: &str, contender: &str| all.iter().find(|series| series.hook == hook && series.contender == contender);
        for series in all {
            let (Some(plain), Some(own)) = (find(series.hook, "plain-rust"), find(series.hook, "crossdock")) else { continue };
            let mut times = series.rounds.concat();
            let micros = |nanos: u64| round(nanos as f64 / 1000.0);
            self.hooks.push(Row {
                hook: series.hook,
                lines,
                contender: series.contender.clone(),
                mode: series.mode,
                us_p50: micros(table::quantile(&mut times, 500)),
                us_p99: micros(table::quantile(&mut times, 990)),
                times_plain_rust: series.over(plain),
                times_crossdock: series.over(own),
                whole_times_crossdock: whole(series, all).map(|whole| Spread::of(whole.iter().zip(own.medians()).map(|(a, b)| a / b).collect())),
            });
        }
    }

    pub(super) fn print(&self, json: bool) {
        if json {
            println!("{:#}", serde_json::to_value(self).unwrap_or_default());
            return;
        }
        println!("the example plugins, a fresh sandbox per call, all limits on; {} calls per size in {} rounds\n", self.calls, self.rounds);
        let shown = self.hooks.iter().map(|row| Shown {
            hook: row.hook,
            lines: row.lines,
            contender: &row.contender,
            mode: row.mode,
            us_p50: row.us_p50,
            us_p99: row.us_p99,
            times_plain_rust: row.times_plain_rust.to_string(),
            times_crossdock: row.times_crossdock.to_string(),
            whole_times_crossdock: row.whole_times_crossdock.map_or_else(String::new, |spread| spread.to_string()),
        });
        table::print(&shown.collect::<Vec<_>>(), false);
        println!("\nratios: median over the rounds (middle half of the rounds); all-three is one order's three calls");
        println!("whole: with the host's part, which our own call has in it: the order as JSON where the engine reads that, the prices set");
        if let Some(rotation) = &self.rotation {
            println!("{}", rotation.sentence());
        }
        if self.rivals.is_empty() {
            println!("without other hosts and engines: `script/bench hooks --rivals` builds and measures them, too");
        }
    }
}

/// The medians of another engine with what the host does around its calls.
fn whole(series: &Series, all: &[Series]) -> Option<Vec<f64>> {
    if matches!(series.contender.as_str(), "plain-rust" | "crossdock" | WRITE | REPRICE) {
        return None;
    }
    let find = |name| all.iter().find(|other| other.contender == name).map(Series::medians);
    let (write, reprice) = (find(WRITE)?, find(REPRICE)?);
    let share = if READ_JSON.contains(&series.contender.as_str()) { 1.0 } else { 0.0 };
    Some(series.medians().iter().zip(write.iter().zip(reprice)).map(|(call, (write, reprice))| call + share * write + reprice).collect())
}

/// To two digits.
pub(super) fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
