//! What a plugin should not do, one mode each.

use crate::{
    crossdock::plugin::{
        log::{self, Level},
        orders::Order,
        types::{Decimals, Value},
    },
    d,
};
use std::hint::black_box;

pub(crate) fn now(mode: &str, order: &Order) {
    match mode {
        "loop" => loop {
            black_box(0);
        },
        "panic" => panic!("line 7 has no price"),
        "stack" => {
            black_box(deep(black_box(1 << 40)));
        }
        "memory" => {
            let mut kept = Vec::new();
            loop {
                kept.push(black_box(vec![1u8; 1 << 20]));
            }
        }
        "logs" => (0..10_000).for_each(|number| log::write(Level::Info, &format!("line {number}"))),
        "prints" => (0..10_000).for_each(|number| println!("line {number}")),
        "calls" => loop {
            black_box(order.line_count());
        },
        "bytes" => loop {
            black_box(order.lines());
        },
        // Cheap for the guest, dear for the host: every row is a recorded change.
        "edits" => loop {
            let lines: Vec<u32> = (0..order.line_count()).collect();
            let prices = Decimals { scale: 0, units: vec![1000; lines.len()] };
            order.set_unit_prices(&lines, &prices, "again").expect("allowed");
        },
        "big-call" => {
            let _ = order.add_tag(&"x".repeat(8 << 20), "big");
        }
        "exit" => std::process::exit(3),
        "sleep" => std::thread::sleep(std::time::Duration::from_secs(3600)),
        "surroundings" => surroundings(order),
        other => panic!("nobody knows mode {other}"),
    }
}

/// Recursion that no compiler turns into a loop, with nothing on the stack in linear memory: wasmtime's own overflows.
#[inline(never)]
fn deep(depth: u64) -> u64 {
    if depth == 0 { 1 } else { deep(depth - 1).wrapping_mul(3) ^ depth }
}

/// Writes down what a plugin can see of the machine.
fn surroundings(order: &Order) {
    let note = |name: &str, text: String| order.set_field(name, &Value::Text(text), "seen").expect("a field");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    note("time", now.as_millis().to_string());
    let start = std::time::Instant::now();
    (0..1000).for_each(|number| {
        black_box(number);
    });
    note("steady", format!("{start:?}"));
    note("elapsed", start.elapsed().as_nanos().to_string());
    use std::hash::{BuildHasher, RandomState};
    note("random", RandomState::new().hash_one(1).to_string());
    note("arguments", std::env::args().count().to_string());
    note("environment", std::env::vars().count().to_string());
    note("file", std::fs::read("/etc/hostname").is_ok().to_string());
    note("folder", std::fs::read_dir(".").is_ok().to_string());
    note("network", std::net::TcpStream::connect("127.0.0.1:80").is_ok().to_string());
    note("listen", std::net::TcpListener::bind("127.0.0.1:0").is_ok().to_string());
    note("names", std::net::ToSocketAddrs::to_socket_addrs("localhost:80").is_ok().to_string());
    note("input", std::io::stdin().lines().count().to_string());
    let _ = order.set_shipping(d(100, 2), "a last edit");
}
