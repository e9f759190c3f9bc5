//! What a plugin sees of WASI: nothing of this machine. No files, sockets, arguments or environment; stdin is closed;
//! the clock stands still at the time of the run and random bytes repeat, so the same input gives the same output and fuel.

use crate::{
    call::Call,
    log::{Log, Pipe},
};
use std::time::Duration;
use wasmtime_wasi::{Deterministic, HostMonotonicClock, HostWallClock, ResourceTable, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

/// Streams, pollables and errors that a guest may hold at a time.
const MOST_RESOURCES: usize = 1_000;
/// Random bytes that a guest may ask for at a time.
const MOST_RANDOM: u64 = 64 << 10;

/// The WASI state of one call.
pub(crate) struct Wasi {
    ctx: WasiCtx,
    table: ResourceTable,
}

impl Wasi {
    fn new(log: &Log, now: jiff::Timestamp) -> Wasi {
        let now = Duration::from_millis(u64::try_from(now.as_millisecond()).unwrap_or(0));
        let mut builder = WasiCtxBuilder::new();
        builder
            .stdout(log.pipe(Pipe::Stdout))
            .stderr(log.pipe(Pipe::Stderr))
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .secure_random(repeatable(1))
            .insecure_random(repeatable(2))
            .insecure_random_seed(7)
            .max_random_size(MOST_RANDOM)
            .wall_clock(Still(now))
            // Not at 0: Go's runtime takes that for a broken clock.
            .monotonic_clock(Still(Duration::from_nanos(1)));
        let mut table = ResourceTable::new();
        table.set_max_capacity(MOST_RESOURCES);
        Wasi { ctx: builder.build(), table }
    }
}

/// Bytes of a xorshift generator: no secret, the same in every call.
fn repeatable(mut seed: u64) -> Deterministic {
    let bytes = std::iter::repeat_with(|| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_le_bytes()
    });
    Deterministic::new(bytes.skip(8).take(128).flatten().collect())
}

/// A clock that stands still.
struct Still(Duration);

impl HostWallClock for Still {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        self.0
    }
}

impl HostMonotonicClock for Still {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.as_nanos()).unwrap_or(u64::MAX)
    }
}

impl WasiView for Call {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let Wasi { ctx, table } = &mut **self.wasi.get_or_insert_with(|| Box::new(Wasi::new(&self.log, self.now)));
        WasiCtxView { ctx, table }
    }
}
