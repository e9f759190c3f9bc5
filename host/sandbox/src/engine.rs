//! The engine with its settings, its pool of sandboxes and its clock; the sandbox's front door.

use crate::{
    bindings,
    cache::Cache,
    call::Call,
    meter::{ELEMENTS, INSTANCES, MEMORIES, TABLES},
    settings::Settings,
};
use crossdock_flow::{
    Code, Fault,
    capability::{Nowhere, World},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OperatorCost, PoolingAllocationConfig, Result as WasmResult, VariableOperatorCost,
    WasmBacktraceDetails,
    component::{HasSelf, Linker},
};

/// How often a busy guest yields to the runtime, so that the time limit can strike.
const TICK: Duration = Duration::from_millis(5);
/// Memories that wait as their last plugin left them, for each of wasmtime's shards: as many plugins can take turns and each
/// finds its own again, which saves the kernel's work of mapping another's. What of them stays resident is what was written.
const WARM: u32 = 256;
/// wasmtime shares its memories out among so many shards at most, one per processor; a thread looks in its own first.
const SHARDS: usize = 16;
/// wasmtime's version, for `doctor`. A test compares it with the lock file.
const WASMTIME: &str = "48.0.8";

/// The sandbox: loads plugins and gives each call a place. Cheap to clone.
#[derive(Clone)]
pub struct Sandbox(pub(crate) Arc<Room>);

/// What all plugins share.
pub(crate) struct Room {
    pub(crate) settings: Settings,
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<Call>,
    pub(crate) cache: Option<Cache>,
    pub(crate) world: Arc<dyn World>,
    pool: Pool,
    places: Semaphore,
}

/// Where sandboxes come from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pool {
    /// A pool whose memories are reset with the kernel's help.
    Scanned,
    /// A pool whose memories are reset by copying.
    Copied,
    /// Each call makes its own.
    None,
}

/// What `doctor` says about the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineFacts {
    /// Version of wasmtime.
    pub wasmtime: &'static str,
    /// Whether sandboxes come from a pool made at start; without it each call costs about 50 µs more.
    pub pooled: bool,
    /// Whether the kernel helps to reset memory (PAGEMAP_SCAN, Linux 6.7 and later).
    pub pagemap_scan: bool,
    /// Whether compiled plugins are kept on disk.
    pub cached: bool,
}

impl Sandbox {
    /// Makes the engine and its pool; falls back to sandboxes on demand where the address space is limited.
    /// Fails with E602 on a cache directory that is not ours alone, with E699 when wasmtime cannot run here at all.
    pub fn new(settings: Settings) -> Result<Sandbox, Fault> {
        Sandbox::with(settings, Arc::new(Nowhere))
    }

    /// As [`Sandbox::new`], in a world that answers what plugins are granted to ask.
    pub fn with(settings: Settings, world: Arc<dyn World>) -> Result<Sandbox, Fault> {
        if settings.concurrency == 0 {
            return Err(Fault::new(Code::Settings, "at least one call must be able to run").at("[sandbox] concurrency"));
        }
        let internal = |error: wasmtime::Error| Fault::new(Code::Internal, format!("wasmtime does not start: {error:#}"));
        // PAGEMAP_SCAN fails on kernels before 6.7, the pool where the address space is limited.
        let pooled = |scan| Engine::new(config().allocation_strategy(pool(&settings, scan)));
        let (engine, pool) =
            match pooled(Enabled::Yes).map(|engine| (engine, Pool::Scanned)).or_else(|_| pooled(Enabled::No).map(|engine| (engine, Pool::Copied))) {
                Ok(found) => found,
                Err(error) => {
                    tracing::warn!(%error, "no pool of sandboxes: every call makes its own, which is slower");
                    (Engine::new(&config()).map_err(internal)?, Pool::None)
                }
            };
        start_clock(&engine)?;
        let linker = link(&engine).map_err(internal)?;
        let cache = settings.cache.as_deref().map(|directory| Cache::open(directory, &engine)).transpose()?;
        let places = Semaphore::new(settings.concurrency);
        Ok(Sandbox(Arc::new(Room { settings, engine, linker, cache, world, pool, places })))
    }

    /// What `doctor` says about the engine.
    pub fn engine_facts(&self) -> EngineFacts {
        EngineFacts {
            wasmtime: WASMTIME,
            pooled: self.0.pool != Pool::None,
            pagemap_scan: self.0.pool == Pool::Scanned,
            cached: self.0.cache.is_some(),
        }
    }
}

impl Room {
    /// A place for one call. Fails with E108 when all stay taken.
    pub(crate) async fn place(&self) -> Result<SemaphorePermit<'_>, Fault> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let wait = self.settings.queue_timeout;
        match tokio::time::timeout(wait, self.places.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(Fault::new(Code::SandboxBusy, format!("all sandboxes stayed busy for {wait:?}")).limit(
                "concurrency",
                self.settings.concurrency,
                None,
            )),
        }
    }
}

pub(crate) fn config() -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .operator_cost(prices())
        .epoch_interruption(true)
        .concurrency_support(false)
        .wasm_gc(false)
        .wasm_exceptions(false)
        .wasm_function_references(false)
        .gc_support(false)
        .wasm_memory64(false)
        .wasm_threads(false)
        .shared_memory(false)
        .wasm_tail_call(false)
        .wasm_relaxed_simd(false)
        .cranelift_nan_canonicalization(true)
        .wasm_backtrace_details(WasmBacktraceDetails::Enable)
        .max_wasm_stack(512 << 10)
        .async_stack_size(2 << 20);
    config
}

/// One unit of fuel per instruction, but for those that leave the guest: to grow asks the host, and the kernel.
fn prices() -> OperatorCost {
    const DEAR: u8 = u8::MAX;
    OperatorCost {
        MemoryGrow: DEAR,
        TableGrow: DEAR,
        variable: VariableOperatorCost { memory_grow_per_page: DEAR, ..VariableOperatorCost::new() },
        ..OperatorCost::new()
    }
}

fn pool(settings: &Settings, scan: Enabled) -> InstanceAllocationStrategy {
    let places = u32::try_from(settings.concurrency).unwrap_or(u32::MAX);
    let shards = std::thread::available_parallelism().map_or(1, |processors| processors.get().min(SHARDS));
    let memories = places.saturating_mul(MEMORIES).max(WARM.saturating_mul(u32::try_from(shards).unwrap_or(1)));
    // With PAGEMAP_SCAN only pages that were written are reset, so much can stay; without it all of it is copied.
    let keep = if matches!(scan, Enabled::No) { 128 << 10 } else { 1 << 20 };
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(places)
        .total_core_instances(places.saturating_mul(INSTANCES))
        .total_memories(memories)
        .total_tables(places.saturating_mul(TABLES))
        .total_stacks(places)
        .total_gc_heaps(0)
        .max_core_instances_per_component(INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .table_elements(ELEMENTS)
        .max_memory_size(usize::try_from(settings.max_memory).unwrap_or(usize::MAX))
        .linear_memory_keep_resident(keep)
        .table_keep_resident(64 << 10)
        .max_unused_warm_slots(memories)
        .pagemap_scan(scan);
    InstanceAllocationStrategy::Pooling(pool)
}

/// Everything that a plugin may import: our own interfaces, and WASI 0.2 with nothing behind it.
fn link(engine: &Engine) -> WasmResult<Linker<Call>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    bindings::types::add_to_linker::<_, HasSelf<Call>>(&mut linker, |call| call)?;
    bindings::orders::add_to_linker::<_, HasSelf<Call>>(&mut linker, |call| call)?;
    bindings::documents::add_to_linker::<_, HasSelf<Call>>(&mut linker, |call| call)?;
    bindings::routing::add_to_linker::<_, HasSelf<Call>>(&mut linker, |call| call)?;
    bindings::customers::add_to_linker::<_, HasSelf<Call>>(&mut linker, |call| call)?;
    bindings::products::add_to_linker::<_, HasSelf<Call>>(&mut linker, |call| call)?;
    bindings::log::add_to_linker::<_, HasSelf<Call>>(&mut linker, |call| call)?;
    bindings::settings::add_to_linker::<_, HasSelf<Call>>(&mut linker, |call| call)?;
    bindings::lookup::add_to_linker::<_, HasSelf<Call>>(&mut linker, |call| call)?;
    bindings::kv::add_to_linker::<_, HasSelf<Call>>(&mut linker, |call| call)?;
    bindings::http::add_to_linker::<_, HasSelf<Call>>(&mut linker, |call| call)?;
    bindings::clock::add_to_linker::<_, HasSelf<Call>>(&mut linker, |call| call)?;
    bindings::random::add_to_linker::<_, HasSelf<Call>>(&mut linker, |call| call)?;
    Ok(linker)
}

/// Moves the engine's epoch on until the engine is dropped.
fn start_clock(engine: &Engine) -> Result<(), Fault> {
    let weak = engine.weak();
    let tick = move || {
        loop {
            std::thread::sleep(TICK);
            let Some(engine) = weak.upgrade() else { break };
            engine.increment_epoch();
        }
    };
    match std::thread::Builder::new().name("crossdock-epoch".into()).spawn(tick) {
        Ok(_) => Ok(()),
        Err(error) => Err(Fault::new(Code::Internal, format!("the sandbox's clock does not start: {error}"))),
    }
}
