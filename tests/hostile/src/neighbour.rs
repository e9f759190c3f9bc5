//! What a well-behaved plugin loses meanwhile: how often per second it is done with and without the hostile one beside it, in
//! short windows that take turns. Time in which the kernel let another thread run instead is taken out where the system
//! tells it: on a machine with a core for each there is none, and a busy test machine would judge its other tenants. What
//! one plugin may take from another inside the host stays in: locks, places, memory, and a worker that both share.

use crate::{inside::median, way::Way};
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
use tokio::runtime::Runtime;

/// What the neighbour does between two looks at the clock.
const BLOCK: u64 = 10;

/// How long is looked, and how often.
#[derive(Clone, Copy)]
pub(crate) struct Turns {
    /// Windows with the hostile plugin, and as many without.
    pub(crate) turns: usize,
    /// With it.
    pub(crate) with: Duration,
    /// Without it.
    pub(crate) without: Duration,
}

/// The share of its throughput that the neighbour kept, in each turn.
#[derive(Default)]
pub(crate) struct Kept {
    /// Without the kernel's other work.
    pub(crate) own: Vec<f64>,
    /// By the clock on the wall, which counts that, too.
    pub(crate) wall: Vec<f64>,
}

/// What both tasks and the thread that measures share.
#[derive(Default)]
struct Scene {
    over: AtomicBool,
    /// The hostile plugin is to run.
    busy: AtomicBool,
    /// It does.
    running: AtomicBool,
    /// How often the neighbour was done, and the nanoseconds that it took.
    done: AtomicU64,
    nanos: AtomicU64,
    /// The same by the clock on the wall.
    wall: AtomicU64,
}

/// Both on one runtime, as orders are in the program.
pub(crate) fn together(runtime: &Runtime, neighbour: Way, hostile: Way, turns: Turns) -> Kept {
    let scene = Arc::new(Scene::default());
    let tasks = [runtime.spawn(behave(scene.clone(), neighbour)), runtime.spawn(misbehave(scene.clone(), hostile))];
    let kept = scene.look(turns);
    for task in tasks {
        // A panic of either shows in the figures as nothing done.
        drop(runtime.block_on(task));
    }
    kept
}

/// Each on a thread and a runtime of its own: on one runtime both may land on the same worker when neither ever waits, and
/// then the neighbour waits for turns, which says nothing of the sandbox.
pub(crate) fn apart(neighbour: Way, hostile: Way, turns: Turns) -> Kept {
    let scene = Arc::new(Scene::default());
    let threads = [alone(behave(scene.clone(), neighbour)), alone(misbehave(scene.clone(), hostile))];
    let kept = scene.look(turns);
    for thread in threads {
        drop(thread.join());
    }
    kept
}

fn alone(work: impl Future<Output = ()> + Send + 'static) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
            runtime.block_on(work);
        }
    })
}

impl Kept {
    /// The middle of all turns: without the kernel's other work, and by the wall.
    pub(crate) fn medians(&self) -> (f64, f64) {
        (median(self.own.clone()), median(self.wall.clone()))
    }

    /// Turns that were looked at later.
    pub(crate) fn and(mut self, later: Kept) -> Kept {
        self.own.extend(later.own);
        self.wall.extend(later.wall);
        self
    }
}

impl Scene {
    /// Each turn with the hostile plugin stands between two halves without it.
    fn look(&self, Turns { turns, with, without }: Turns) -> Kept {
        let mut kept = Kept::default();
        for _ in 0..turns {
            let before = self.throughput(false, without / 2);
            let beside = self.throughput(true, with);
            let after = self.throughput(false, without / 2);
            kept.own.push(2.0 * beside.0 / (before.0 + after.0).max(1.0));
            kept.wall.push(2.0 * beside.1 / (before.1 + after.1).max(1.0));
        }
        self.over.store(true, Ordering::Relaxed);
        kept
    }

    /// How often per second within a window: without the kernel's other work, and by the clock on the wall.
    fn throughput(&self, busy: bool, window: Duration) -> (f64, f64) {
        self.busy.store(busy, Ordering::Release);
        let turned = Instant::now();
        // A call that is under way may take its whole time, a load that of the compiler.
        while self.running.load(Ordering::Acquire) != busy && turned.elapsed() < Duration::from_secs(15) {
            thread::sleep(Duration::from_millis(1));
        }
        let look = || [&self.done, &self.nanos, &self.wall].map(|count| count.load(Ordering::Acquire));
        let before = look();
        thread::sleep(window);
        let after = look();
        let [done, nanos, wall] = [0, 1, 2].map(|place| (after[place] - before[place]) as f64);
        (done * 1e9 / nanos.max(1.0), done * 1e9 / wall.max(1.0))
    }
}

/// The well-behaved plugin, without a pause.
async fn behave(scene: Arc<Scene>, mut way: Way) {
    way.begin().await;
    while !scene.over.load(Ordering::Relaxed) {
        let (started, waited) = (Instant::now(), waited());
        for _ in 0..BLOCK {
            // Nothing yields here but the runtime's own budget: an idle worker that steals the task at every call would
            // make the neighbour slower without the hostile plugin than with it.
            way.once().await;
        }
        let took = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let waited = match (waited, self::waited()) {
            // On another thread than before, nobody knows: then all of the time counts.
            (Some((thread, before)), Some((now, after))) if thread == now => after - before,
            _ => 0,
        };
        scene.nanos.fetch_add(took.saturating_sub(waited), Ordering::Release);
        scene.wall.fetch_add(took, Ordering::Release);
        scene.done.fetch_add(BLOCK, Ordering::Release);
    }
}

/// The hostile plugin, without a pause while it is to be busy; each time as if the program had just started.
async fn misbehave(scene: Arc<Scene>, mut way: Way) {
    let mut was_busy = false;
    while !scene.over.load(Ordering::Relaxed) {
        let busy = scene.busy.load(Ordering::Acquire);
        scene.running.store(busy, Ordering::Release);
        match busy {
            false => tokio::time::sleep(Duration::from_millis(1)).await,
            true if !was_busy => way.begin().await,
            true => way.once().await,
        }
        was_busy = busy;
    }
}

/// This thread, and for how many nanoseconds it was ready to run but the kernel ran another. `None` where the system does
/// not tell.
fn waited() -> Option<(PathBuf, u64)> {
    let thread = fs::read_link("/proc/thread-self").ok()?;
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some((thread, text.split_whitespace().nth(1)?.parse().ok()?))
}
