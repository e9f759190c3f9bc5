//! One case inside this process: which fault stops a call, how soon, and how long after its time limit it comes back.

use crate::{Case, Host, Phase, Source, frame, network::Network};
use crossdock_flow::{
    Fault,
    hook::{Context, HookRun, Plugin},
    sample,
};
use crossdock_sandbox::{Limits, Loaded, Sandbox, Settings, Terms};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

/// The time limit against which a late stop is measured.
const TIME: Duration = Duration::from_millis(100);

/// The word with which the program is called to compile.
const COMPILE: &str = "__compile";

/// A sandbox as the program has it, on two workers: one for the hostile plugin, one for its neighbour.
pub struct Inside {
    pub(crate) runtime: Runtime,
    pub(crate) sandbox: Sandbox,
    /// Keeps compiled plugins, so that loading is nothing but the rehearsal.
    cached: Sandbox,
    pub(crate) neighbour: Loaded,
    _folder: tempfile::TempDir,
}

/// How a case was stopped in this process.
pub(crate) struct Stopped {
    /// With default limits; none where only a rehearsal can tell.
    pub(crate) fault: Option<Fault>,
    /// The run; none where it was stopped at load.
    pub(crate) run: Option<HookRun>,
    /// How long the call took with default limits, in milliseconds; the least of three.
    pub(crate) ms: f64,
    /// How far beyond a time limit it came back, in milliseconds, with fuel and host calls unlimited; the least of three.
    pub(crate) over: Option<(Fault, f64)>,
}

/// Limits that only time can reach.
fn timed() -> Limits {
    Limits { fuel: u64::MAX / 2, host_calls: u64::MAX / 2, host_bytes: u64::MAX / 2, time: TIME, ..Limits::default() }
}

/// What a framed case takes as its sign.
pub(crate) fn hostile_context() -> Context {
    Context { event_id: "h".repeat(frame::TRIGGER), ..sample::context() }
}

/// The one place where a hook is called.
pub(crate) async fn call(plugin: &Loaded, post_map: bool, context: &Context, lines: usize) -> HookRun {
    let order = Arc::new(sample::order(lines));
    if post_map {
        let document = sample::document(&order);
        return plugin.post_map(context, order, document).await.run;
    }
    plugin.pre_map(context, order).await.run
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

impl Inside {
    /// Sets up with a well-behaved plugin: `segment-discount`, as `script/plugins` builds it. The host compiles, in a process
    /// of its own.
    pub fn new(neighbour: &Path, host: &Host) -> Result<Inside, String> {
        let bytes = std::fs::read(neighbour).map_err(|error| format!("{}: {error}; script/plugins builds it", neighbour.display()))?;
        let failed = |fault: Fault| fault.to_string();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|error| error.to_string())?;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let settings = Settings { compiler: Some((host.0.clone(), COMPILE.into())), ..Settings::default() };
        let sandbox = Sandbox::with(settings.clone(), Arc::new(Network::new().map_err(failed)?)).map_err(failed)?;
        let cached = Sandbox::new(Settings { cache: Some(folder.path().join("cache")), ..settings }).map_err(failed)?;
        let settings = [("breaks.10", "10"), ("breaks.5", "5"), ("segment", "wholesale")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        // Its time is long: it is to be slowed down by others, not stopped.
        let patient = Limits { time: Duration::from_secs(20), ..Limits::default() };
        let neighbour = runtime
            .block_on(sandbox.load("segment-discount", bytes, Terms { limits: patient, settings: settings.into(), ..Terms::default() }))
            .map_err(failed)?;
        Ok(Inside { runtime, sandbox, cached, neighbour, _folder: folder })
    }

    /// Loads a case that misbehaves only when it is called.
    pub(crate) fn load(&self, case: &Case, bytes: Vec<u8>) -> Result<Loaded, String> {
        let terms = terms(case, Limits::default())?;
        self.runtime.block_on(self.sandbox.load(case.name, bytes, terms)).map_err(|fault| fault.to_string())
    }

    /// Runs the case alone: with default limits, then with nothing but time to stop it.
    pub(crate) fn stop(&self, case: &Case) -> Result<Stopped, String> {
        let bytes = case.bytes(case.phase == Phase::Start)?;
        self.runtime.block_on(async {
            let Ran { fault, run, ms } = self.least(case, &bytes, Limits::default()).await?;
            let over = match case.endless {
                true => Some(
                    self.least(case, &bytes, timed()).await.and_then(|ran| Ok((ran.fault.ok_or("it was not stopped")?, ran.ms - self::ms(TIME))))?,
                ),
                false => None,
            };
            Ok(Stopped { fault, run, ms, over })
        })
    }

    /// The least of three runs, on a task as in production.
    async fn least(&self, case: &Case, bytes: &[u8], limits: Limits) -> Result<Ran, String> {
        let (post_map, start) = (case.post_map, case.phase == Phase::Start);
        let terms = terms(case, limits)?;
        let mut best: Option<Ran> = None;
        let loaded =
            if start { None } else { Some(self.sandbox.load(case.name, bytes.to_vec(), terms.clone()).await.map_err(|fault| fault.to_string())?) };
        // The first round of a case that is stopped at load compiles it and does not count.
        for round in u32::from(!start)..4 {
            let (sandbox, loaded, bytes, terms) = (self.cached.clone(), loaded.clone(), bytes.to_vec(), terms.clone());
            let run = async move {
                let started = Instant::now();
                let (fault, run) = match loaded {
                    Some(loaded) => {
                        let run = call(&loaded, post_map, &hostile_context(), 3).await;
                        (run.fault.clone(), Some(run))
                    }
                    None => (sandbox.load("start", bytes, terms).await.err(), None),
                };
                Ran { fault, run, ms: ms(started.elapsed()) }
            };
            let ran = tokio::spawn(run).await.map_err(|_| "the host panicked")?;
            if round > 0 && best.as_ref().is_none_or(|best| ran.ms < best.ms) {
                best = Some(ran);
            }
        }
        best.ok_or_else(|| "it was not run".into())
    }
}

/// One run, or one load.
struct Ran {
    fault: Option<Fault>,
    run: Option<HookRun>,
    ms: f64,
}

/// What the operator says of a case: nothing but these limits, unless it asks the outside.
fn terms(case: &Case, limits: Limits) -> Result<Terms, String> {
    match &case.source {
        Source::Asks(ask) => Ok(Terms { limits, ..ask.terms()? }),
        _ => Ok(limits.into()),
    }
}

/// The middle of some numbers; 0 of none.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    match (numbers.get(numbers.len().wrapping_sub(1) / 2), numbers.get(numbers.len() / 2)) {
        (Some(below), Some(above)) => (below + above) / 2.0,
        _ => 0.0,
    }
}
