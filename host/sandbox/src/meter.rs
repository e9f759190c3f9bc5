//! What one call has used, and the stop when it is too much: memory, host calls, bytes through host calls.
//! Fuel and time are wasmtime's and tokio's; see `plugin.rs`.

use crate::settings::Limits;
use std::fmt;
use wasmtime::{Error, ResourceLimiter, Result};

/// Why the host stopped a guest. Travels as a trap and is told apart again in `fault.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It asked for so many bytes of memory in total.
    Memory(u64),
    /// It made one host call too many.
    HostCalls,
    /// It moved so many bytes through host calls.
    HostBytes(u64),
    /// It used a handle that it was never given.
    Handle,
    /// The outside could not answer what the guest asked: the host's affair.
    Outside(crossdock_flow::Code),
    /// A number of the record does not fit the contract: a defect of the host.
    Number,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stopped by the host: {self:?}")
    }
}

impl std::error::Error for Stop {}

/// Memories, tables and core instances that one component may have. A table element counts as [`ELEMENT`] bytes.
pub(crate) const MEMORIES: u32 = 4;
pub(crate) const TABLES: u32 = 8;
pub(crate) const INSTANCES: u32 = 16;
pub(crate) const ELEMENTS: usize = 20_000;
const ELEMENT: u64 = 8;
/// What one recorded edit costs the host in memory, about.
pub(crate) const EDIT: usize = 128;

/// Counts what a call uses.
pub(crate) struct Meter {
    memory_limit: u64,
    /// Bytes of all memories and tables. Neither ever shrinks, so this is the peak too.
    pub(crate) memory: u64,
    calls_limit: u64,
    /// Host calls so far.
    pub(crate) calls: u64,
    bytes_limit: u64,
    /// Bytes through host calls so far.
    pub(crate) bytes: u64,
    /// How often a memory grew.
    pub(crate) growths: u64,
}

impl Meter {
    pub(crate) fn new(limits: &Limits, lines: usize) -> Meter {
        Meter {
            memory_limit: limits.memory,
            memory: 0,
            calls_limit: limits.host_calls_for(lines),
            calls: 0,
            bytes_limit: limits.host_bytes,
            bytes: 0,
            growths: 0,
        }
    }

    /// Counts one host call that moves so many bytes.
    pub(crate) fn charge(&mut self, bytes: usize) -> Result<()> {
        self.calls += 1;
        if self.calls > self.calls_limit {
            return Err(Error::new(Stop::HostCalls));
        }
        self.move_bytes(bytes)
    }

    /// Counts bytes of a host call that is already counted.
    pub(crate) fn move_bytes(&mut self, bytes: usize) -> Result<()> {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if self.bytes > self.bytes_limit {
            return Err(Error::new(Stop::HostBytes(self.bytes)));
        }
        Ok(())
    }

    fn grow(&mut self, bytes: u64) -> Result<bool> {
        let total = self.memory.saturating_add(bytes);
        if total > self.memory_limit {
            return Err(Error::new(Stop::Memory(total)));
        }
        self.memory = total;
        Ok(true)
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        // Beyond the guest's own maximum: its affair, it reads -1. Beyond ours: a stop with a name.
        if maximum.is_some_and(|maximum| desired > maximum) && (desired as u64) <= self.memory_limit {
            return Ok(false);
        }
        // What a sandbox begins with, and growing by nothing, changes no map.
        self.growths += u64::from(current > 0 && desired > current);
        self.grow((desired - current) as u64)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        Err(error.context(Stop::Memory(self.memory)))
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) && desired <= ELEMENTS {
            return Ok(false);
        }
        if desired > ELEMENTS {
            return Err(Error::new(Stop::Memory(self.memory + desired as u64 * ELEMENT)));
        }
        self.grow((desired - current) as u64 * ELEMENT)
    }

    fn instances(&self) -> usize {
        INSTANCES as usize
    }

    fn tables(&self) -> usize {
        TABLES as usize
    }

    fn memories(&self) -> usize {
        MEMORIES as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_a_total_over_memories_and_tables() {
        let mut meter = Meter::new(&Limits { memory: 1 << 20, ..Limits::default() }, 0);
        assert!(meter.memory_growing(0, 512 << 10, None).unwrap());
        assert!(meter.table_growing(0, 1000, None).unwrap());
        let stop = meter.memory_growing(0, 512 << 10, None).unwrap_err();
        assert_eq!(stop.downcast_ref::<Stop>(), Some(&Stop::Memory((1 << 20) + 8000)));
        assert_eq!(meter.memory, (512 << 10) + 8000);
        assert_eq!(meter.growths, 0, "it only began with so much");
        assert!(meter.memory_growing(64 << 10, 128 << 10, None).unwrap() && meter.memory_growing(128 << 10, 128 << 10, None).unwrap());
        assert_eq!(meter.growths, 1);
    }

    #[test]
    fn a_table_has_a_cap_of_its_own() {
        let mut meter = Meter::new(&Limits::default(), 0);
        assert!(meter.table_growing(0, ELEMENTS + 1, None).is_err());
    }

    #[test]
    fn calls_grow_with_the_order() {
        let limits = Limits { host_calls: 1, host_calls_per_line: 2, host_bytes: 10, ..Limits::default() };
        let mut meter = Meter::new(&limits, 1);
        for _ in 0..3 {
            meter.charge(3).unwrap();
        }
        assert_eq!(meter.charge(0).unwrap_err().downcast_ref::<Stop>(), Some(&Stop::HostCalls));
        assert_eq!(meter.move_bytes(2).unwrap_err().downcast_ref::<Stop>(), Some(&Stop::HostBytes(11)));
    }
}
