//! What a well-behaved plugin loses while a hostile one is called again and again beside it: calls per second with and
//! without it, in short windows that take turns. Each has a worker of its own. Time in which the kernel let another thread
//! run instead is taken out where the system tells it: on a machine with a core for each there is none, and a busy test
//! machine would judge its other tenants. What one plugin may take from another inside the host stays in: locks, places,
//! memory, and a worker that both share.

use crate::{
    Case, Inside, Phase,
    inside::{call, hostile_context, median},
};
use crossdock_flow::sample;
use crossdock_sandbox::{Limits, Loaded, Sandbox};
use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Lines of the neighbour's order.
const LINES: usize = 10;
/// Calls of the neighbour between two looks at the clock.
const BLOCK: u64 = 10;

/// What both tasks and the thread that measures share.
#[derive(Default)]
struct Scene {
    over: AtomicBool,
    /// The hostile plugin is to run.
    busy: AtomicBool,
    /// It does.
    running: AtomicBool,
    /// What the neighbour did: calls, and the nanoseconds they took.
    calls: AtomicU64,
    nanos: AtomicU64,
    /// The same by the clock on the wall.
    wall: AtomicU64,
}

impl Inside {
    /// The neighbour's throughput beside the case, divided by that without it: the medians over so many turns. A case that
    /// is refused at load is loaded again and again instead of called. Beside it the same by the clock on the wall, which
    /// counts the kernel's other work, too. `None` for a case that is no component.
    pub(crate) fn neighbour(&self, case: &Case, turns: usize, window: Duration) -> Option<(f64, f64)> {
        let bytes = case.bytes(case.phase == Phase::Start).ok()?;
        let hostile = match case.phase {
            Phase::Run => Some(self.runtime.block_on(self.sandbox.load(case.name, bytes.clone(), Limits::default())).ok()?),
            Phase::Load | Phase::Start => None,
        };
        let scene = Arc::new(Scene::default());
        // Each on a thread and a runtime of its own: on one runtime both may land on the same worker, and then the neighbour
        // waits for turns, which says nothing of the sandbox.
        let beside = alone(behave(scene.clone(), self.neighbour.clone()));
        let enemy = alone(misbehave(scene.clone(), self.sandbox.clone(), hostile, bytes, case.post_map));
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for _ in 0..turns {
            without.push(scene.throughput(false, window));
            with.push(scene.throughput(true, window));
        }
        scene.over.store(true, Ordering::Relaxed);
        for thread in [beside, enemy] {
            // A panic of either shows in the figures as nothing done.
            drop(thread.join());
        }
        let ratio = |by: fn(&(f64, f64)) -> f64| median(with.iter().map(by).collect()) / median(without.iter().map(by).collect()).max(1.0);
        Some((ratio(|one| one.0), ratio(|one| one.1)))
    }
}

/// Runs something on a thread and a runtime of its own.
fn alone(work: impl Future<Output = ()> + Send + 'static) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
            runtime.block_on(work);
        }
    })
}

impl Scene {
    /// The neighbour's calls per second within a window: without the kernel's other work, and by the clock on the wall.
    fn throughput(&self, busy: bool, window: Duration) -> (f64, f64) {
        self.busy.store(busy, Ordering::Release);
        let turned = Instant::now();
        // A call that is under way may take its whole time, a load that of the compiler.
        while self.running.load(Ordering::Acquire) != busy && turned.elapsed() < Duration::from_secs(15) {
            thread::sleep(Duration::from_millis(1));
        }
        let look = || [&self.calls, &self.nanos, &self.wall].map(|count| count.load(Ordering::Acquire));
        let before = look();
        thread::sleep(window);
        let after = look();
        let [calls, nanos, wall] = [0, 1, 2].map(|place| (after[place] - before[place]) as f64);
        (calls * 1e9 / nanos.max(1.0), calls * 1e9 / wall.max(1.0))
    }
}

/// The well-behaved plugin, called without a pause.
async fn behave(scene: Arc<Scene>, plugin: Loaded) {
    let context = sample::context();
    while !scene.over.load(Ordering::Relaxed) {
        let (started, waited) = (Instant::now(), waited());
        for _ in 0..BLOCK {
            // Nothing yields here but the runtime's own budget: an idle worker that steals the task at every call would
            // make the neighbour slower without the hostile plugin than with it.
            drop(call(&plugin, false, &context, LINES).await);
        }
        let took = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let waited = match (waited, self::waited()) {
            // On another thread than before, nobody knows: then all of the time counts.
            (Some((thread, before)), Some((now, after))) if thread == now => after - before,
            _ => 0,
        };
        scene.nanos.fetch_add(took.saturating_sub(waited), Ordering::Release);
        scene.wall.fetch_add(took, Ordering::Release);
        scene.calls.fetch_add(BLOCK, Ordering::Release);
    }
}

/// The hostile plugin, called or loaded without a pause while it is to be busy.
async fn misbehave(scene: Arc<Scene>, sandbox: Sandbox, plugin: Option<Loaded>, bytes: Vec<u8>, post_map: bool) {
    let context = hostile_context();
    while !scene.over.load(Ordering::Relaxed) {
        let busy = scene.busy.load(Ordering::Acquire);
        scene.running.store(busy, Ordering::Release);
        match &plugin {
            _ if !busy => tokio::time::sleep(Duration::from_millis(1)).await,
            Some(plugin) => drop(call(plugin, post_map, &context, 3).await),
            None => drop(sandbox.load("hostile", bytes.clone(), Limits::default()).await),
        }
        tokio::task::yield_now().await;
    }
}

/// This thread, and for how many nanoseconds it was ready to run but the kernel ran another. `None` where the system does
/// not tell.
fn waited() -> Option<(PathBuf, u64)> {
    let thread = fs::read_link("/proc/thread-self").ok()?;
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some((thread, text.split_whitespace().nth(1)?.parse().ok()?))
}
