//! How large the sandbox is, and what one call of one plugin may use. Plain values; the app reads them from its file.

use crossdock_flow::capability::{Allowed, Capability};
use std::{path::PathBuf, time::Duration};

/// The size of the sandbox, shared by all plugins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many calls run at the same time. Further calls wait for `queue_timeout`.
    pub concurrency: usize,
    /// How long a call waits for a free place before it fails with E108.
    pub queue_timeout: Duration,
    /// The largest linear memory that a plugin may have, in bytes.
    pub max_memory: u64,
    /// The program, and its first argument, that compiles in a process of its own: it calls [`crate::compile_child`].
    /// `None` compiles within this process, without limits on memory: for tests and benchmarks.
    pub compiler: Option<(PathBuf, String)>,
    /// Where compiled plugins are kept; `None` compiles at every start. Must belong to this user alone (mode 0700).
    pub cache: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { concurrency: 64, queue_timeout: Duration::from_secs(1), max_memory: 64 << 20, compiler: None, cache: None }
    }
}

/// What one call of a plugin may use. `default()` is the profile `native` (Rust, C, Go), [`Limits::scripted`] is for
/// JavaScript and Python, whose engines need about a hundred times the fuel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Fuel of every call, about one unit per instruction. E102.
    pub fuel: u64,
    /// Further fuel for each line of the order.
    pub fuel_per_line: u64,
    /// Total time of a call, host calls included. E103.
    pub time: Duration,
    /// Bytes over all memories and tables together. E104.
    pub memory: u64,
    /// Bytes that the guest hands over in one host call or as its answer. E105.
    pub output: u64,
    /// Log lines kept of one call; further ones are counted and dropped.
    pub log_lines: u32,
    /// Log bytes kept of one call, stdout and stderr included.
    pub log_bytes: u64,
    /// Host calls of one call. E110.
    pub host_calls: u64,
    /// Further host calls for each line of the order.
    pub host_calls_per_line: u64,
    /// Bytes that cross in all host calls of one call together, both ways; an edit counts 128 bytes per row. E110.
    pub host_bytes: u64,
    /// Size of the file, in bytes. E124.
    pub size: u64,
    /// Size of its largest function, in bytes: the compiler's time and memory grow faster than it. E125.
    pub function: u64,
    /// How many functions it may have: the compiler takes about 5 KiB of memory for the least of them. E127.
    pub functions: u64,
    /// How much time of each processor compiling may take; by the clock at most four times that. E125.
    pub compile_time: Duration,
    /// Address space that the compiler's process may have, in bytes. E125.
    pub compile_memory: u64,
}

/// What a plugin may ask of the outside. Nothing, unless the operator grants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants {
    /// What is granted.
    pub capabilities: Vec<Capability>,
    /// Keys that it may have.
    pub kv_keys: u64,
    /// Bytes of keys and values together that it may have.
    pub kv_bytes: u64,
    /// Where it may send requests.
    pub http: Vec<Allowed>,
    /// How long one request may take; all of them count against [`Limits::time`], too.
    pub http_timeout: Duration,
    /// How long an answer's body may be, in bytes.
    pub http_response: u64,
}

impl Default for Grants {
    fn default() -> Grants {
        Grants {
            capabilities: Vec::new(),
            kv_keys: 10_000,
            kv_bytes: 16 << 20,
            http: Vec::new(),
            http_timeout: Duration::from_secs(2),
            http_response: 256 << 10,
        }
    }
}

/// Everything that the operator says about one plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// What each call may use.
    pub limits: Limits,
    /// What it may ask of the outside.
    pub grants: Grants,
    /// Its own settings, flattened.
    pub settings: Vec<(String, String)>,
}

impl From<Limits> for Terms {
    fn from(limits: Limits) -> Terms {
        Terms { limits, ..Terms::default() }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            fuel: 50_000_000,
            fuel_per_line: 500_000,
            time: Duration::from_millis(250),
            memory: 32 << 20,
            output: 4 << 20,
            log_lines: 200,
            log_bytes: 64 << 10,
            host_calls: 10_000,
            host_calls_per_line: 100,
            host_bytes: 32 << 20,
            size: 8 << 20,
            function: 512 << 10,
            functions: 20_000,
            compile_time: Duration::from_secs(10),
            compile_memory: 1 << 30,
        }
    }
}

impl Limits {
    /// The profile for JavaScript and Python.
    pub fn scripted() -> Limits {
        Limits {
            fuel: 2_000_000_000,
            fuel_per_line: 10_000_000,
            time: Duration::from_secs(2),
            memory: 64 << 20,
            size: 48 << 20,
            function: 2 << 20,
            functions: 200_000,
            compile_time: Duration::from_secs(120),
            compile_memory: 4 << 30,
            ..Limits::default()
        }
    }

    /// Fuel for an order of so many lines.
    pub(crate) fn fuel_for(&self, lines: usize) -> u64 {
        self.fuel.saturating_add(self.fuel_per_line.saturating_mul(lines as u64))
    }

    /// Host calls for an order of so many lines.
    pub(crate) fn host_calls_for(&self, lines: usize) -> u64 {
        self.host_calls.saturating_add(self.host_calls_per_line.saturating_mul(lines as u64))
    }
}
