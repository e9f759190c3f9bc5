//! Times the segment discount in other plugin hosts and scripting engines, in batches on request, so that `crossdock-bench
//! hooks` can put theirs between ours. A line of stdin is a request, a line of stdout its answer, in JSON:
//!
//! ```text
//! order ORDER                the order of the next requests, canonical   → null
//! engines                    their names                                 → ["extism",…]
//! prices ENGINE MODE         what a call answers; MODE: reused, fresh     → [[4,"84.55"],…]
//! time ENGINE MODE COUNT     that many calls, nanoseconds of each         → [81230,…]
//! ```
//!
//! An answer that is a string says what went wrong.

mod engines;

use engines::{Engine, Failed, Order, Prices};
use serde_json::{Value, json};
use std::{
    hint::black_box,
    io::{BufRead, Write, stdin, stdout},
    time::Instant,
};

fn main() -> Result<(), Failed> {
    let mut engines = engines::all()?;
    let mut order = Order { text: "null".into(), value: Value::Null };
    for line in stdin().lock().lines() {
        let answer = answer(&line?, &mut engines, &mut order).unwrap_or_else(|error| json!(error.to_string()));
        let mut out = stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn answer(line: &str, engines: &mut [Box<dyn Engine>], order: &mut Order) -> Result<Value, Failed> {
    let (request, rest) = line.split_once(' ').unwrap_or((line, ""));
    let words: Vec<&str> = rest.split_whitespace().collect();
    match (request, &words[..]) {
        ("engines", []) => Ok(engines.iter().map(|engine| engine.name()).collect()),
        ("order", _) => {
            *order = Order { text: rest.to_owned(), value: serde_json::from_str(rest)? };
            Ok(Value::Null)
        }
        ("prices", [engine, mode]) => Ok(json!(call(find(engines, engine)?, mode, order)?)),
        ("time", [engine, mode, count]) => {
            let engine = find(engines, engine)?;
            let mut took = Vec::new();
            for _ in 0..count.parse::<usize>()? {
                let start = Instant::now();
                let prices = call(engine, mode, black_box(order))?;
                let nanos = start.elapsed().as_nanos();
                black_box(prices);
                took.push(u64::try_from(nanos)?);
            }
            Ok(json!(took))
        }
        _ => Err(format!("no such request: {request}").into()),
    }
}

fn find<'e>(engines: &'e mut [Box<dyn Engine>], name: &str) -> Result<&'e mut dyn Engine, Failed> {
    for engine in engines {
        if engine.name() == name {
            return Ok(engine.as_mut());
        }
    }
    Err(format!("no such engine: {name}").into())
}

fn call(engine: &mut dyn Engine, mode: &str, order: &Order) -> Result<Prices, Failed> {
    match mode {
        "reused" => engine.reused(order),
        "fresh" => engine.fresh(order),
        _ => Err(format!("no such mode: {mode}").into()),
    }
}
