//! What durability costs: the whole life of an order in the store, many at once. Compare with the table in docs.
//! `cargo run --release --example store_cost [-- BACKLOG [FOLDER [ORDERS]]]`; with a backlog, so many orders wait and as many are delivered.

use crossdock_flow::{
    Currency, Decimal,
    desk::Backend,
    record::{Attempt, Event, Filter, Kind, Part, Settlement, State},
    sample,
};
use crossdock_stores::KINDS;
use jiff::Timestamp;
use std::{path::Path, sync::Arc, time::Instant};
use tokio::sync::mpsc;

/// Orders of one measurement, unless told otherwise.
const ORDERS: usize = 20_000;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(2).map_or_else(|| Ok(tempfile::tempdir()?.keep()), |path| std::io::Result::Ok(path.into()))?;
    std::fs::create_dir_all(&folder)?;
    let backlog: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    let all: usize = std::env::args().nth(3).and_then(|text| text.parse().ok()).unwrap_or(ORDERS);
    for kind in KINDS {
        if backlog > 0 {
            let store = (kind.open)(&folder.join("backlog.db"))?;
            long_queue(&store, backlog).await?;
            continue;
        }
        for tasks in [1, 16, 64, 256] {
            let path = folder.join(format!("cost-{tasks}.db"));
            let store = (kind.open)(&path)?;
            let orders = if tasks == 1 { all / 20 } else { all };
            let before = Used::now()?;
            let clock = Instant::now();
            lives(&store, tasks, orders).await?;
            let seconds = clock.elapsed().as_secs_f64();
            let counted = Used::now()?;
            drop(store);
            let each = |amount: u64| amount as f64 / orders as f64;
            println!(
                "{} {tasks:>4} tasks: {:>6.0} orders/s, {:.3} ms CPU, {:.1} kB written per order, file {:.1} kB per order",
                kind.name,
                orders as f64 / seconds,
                each(counted.cpu_ticks - before.cpu_ticks) * 10.0,
                each(counted.written - before.written) / 1e3,
                each(size(&path)?) / 1e3,
            );
        }
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// So many tasks accept orders, and as many take them from claimed to delivered.
async fn lives(store: &Arc<dyn Backend>, tasks: usize, orders: usize) -> Result<(), Box<dyn std::error::Error>> {
    let mut running = Vec::new();
    for task in 0..tasks {
        let store = store.clone();
        running.push(tokio::spawn(async move {
            for number in (task..orders).step_by(tasks) {
                store.accept(event(number)).await.map_err(|fault| fault.to_string())?;
            }
            Ok::<_, String>(())
        }));
    }
    let (out, work) = mpsc::channel(tasks);
    let work = Arc::new(tokio::sync::Mutex::new(work));
    for _ in 0..tasks {
        let (store, work) = (store.clone(), work.clone());
        running.push(tokio::spawn(async move {
            loop {
                let next = work.lock().await.recv().await;
                let Some((record, order)) = next else { return Ok(()) };
                deliver(&store, record, order).await.map_err(|fault| fault.to_string())?;
            }
        }));
    }
    let mut handed_out = 0;
    while handed_out < orders {
        let room = out.capacity().max(1);
        let claimed = store.claim(at(orders), room).await?;
        if claimed.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        handed_out += claimed.len();
        for claimed in claimed {
            out.send((claimed.record, claimed.order)).await?;
        }
    }
    drop(out);
    for task in running {
        task.await??;
    }
    Ok(())
}

async fn deliver(store: &Arc<dyn Backend>, record: i64, order: String) -> Result<(), crossdock_flow::Fault> {
    let sample = sample::order(3);
    let mut document = sample::document(&sample);
    document.key = order;
    let (key, total) = (document.key.clone(), document.total);
    let worth = Some((Decimal::new(12345, 2), Currency::parse("CAD")?));
    let (documents, fetched) = (Arc::new([document]), Some("x".repeat(1000)));
    let attempt = Attempt { begun_at: Some(at(0)), worth, documents, fetched, ..Attempt::new(1, at(0)) };
    store.begin(record, attempt).await?;
    let parts = vec![Part { part: 0, key, warehouse: "TOR".into(), total, number: Some("0000104711".into()) }];
    let steps = vec![String::from("sent: the ERP made it 104711")];
    store.settle(record, Settlement { tries: 1, steps, parts, ..Settlement::new(State::Delivered, at(0)) }).await
}

/// How long claims take when many orders wait, and lists when many are delivered.
async fn long_queue(store: &Arc<dyn Backend>, backlog: usize) -> Result<(), Box<dyn std::error::Error>> {
    let accept_all = async |from: usize, to: usize| {
        let mut running = Vec::new();
        for task in 0..256 {
            let store = store.clone();
            running.push(tokio::spawn(async move {
                for number in (from + task..to).step_by(256) {
                    store.accept(Event { body: number.to_string().into_bytes(), ..event(number) }).await.map_err(|fault| fault.to_string())?;
                }
                Ok::<_, String>(())
            }));
        }
        for task in running {
            task.await??;
        }
        Ok::<_, Box<dyn std::error::Error>>(())
    };
    accept_all(0, backlog).await?;
    let clock = Instant::now();
    let mut claims = 0;
    let mut slowest = std::time::Duration::ZERO;
    loop {
        let one = Instant::now();
        let claimed = store.claim(at(backlog), 256).await?;
        if claimed.is_empty() {
            break;
        }
        slowest = slowest.max(one.elapsed());
        claims += 1;
        let mut running = Vec::new();
        for claimed in claimed {
            let store = store.clone();
            running.push(tokio::spawn(async move { deliver(&store, claimed.record, claimed.order).await.map_err(|fault| fault.to_string()) }));
        }
        for task in running {
            task.await??;
        }
    }
    println!(
        "{claims} claims and deliveries out of {backlog}: {:.0} orders/s, slowest claim {slowest:?}",
        backlog as f64 / clock.elapsed().as_secs_f64()
    );
    let clock = Instant::now();
    accept_all(backlog, backlog * 2).await?;
    println!("{backlog} more accepted behind them: {:.0} orders/s", backlog as f64 / clock.elapsed().as_secs_f64());
    for (name, states) in [("all", vec![]), ("parked", vec![State::Parked]), ("due", vec![State::Due]), ("sending", vec![State::Sending])] {
        let clock = Instant::now();
        let listed = store.list(Filter { states, most: 50, ..Filter::default() }).await?.len();
        println!("list {name}: {listed} in {:?}", clock.elapsed());
    }
    let clock = Instant::now();
    let mut out = 0;
    for _ in 0..100 {
        out += store.claim(at(backlog * 2), 256).await?.len();
    }
    println!("100 claims on top of each other: {out} out, {:?} each; counts {:?}", clock.elapsed() / 100, store.counts().await?);
    Ok(())
}

fn event(number: usize) -> Event {
    let mut body = format!("{{\"orderId\":\"WEB-{number}\",\"lines\":[").into_bytes();
    while body.len() < 3000 {
        body.extend_from_slice(format!("{{\"sku\":\"SKU-{}\",\"quantity\":1}},", number.wrapping_mul(31) ^ body.len()).as_bytes());
    }
    // Ids as real ones are: without order.
    let id = format!("evt_{:016x}{:08x}", (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15), number);
    let (connection, kind, order) = ("shop".into(), Kind::Created, format!("WEB-{number:08}"));
    Event { connection, id, kind, order, version: 1, body, received_at: at(number), unreadable: None, doubtful: false }
}

fn at(millis: usize) -> Timestamp {
    Timestamp::from_millisecond(1_772_000_000_000 + i64::try_from(millis).unwrap_or(0)).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn size(path: &Path) -> std::io::Result<u64> {
    Ok(std::fs::metadata(path)?.len())
}

/// What this process has used so far, as Linux counts it.
struct Used {
    /// Hundredths of a second, in user and kernel.
    cpu_ticks: u64,
    /// Bytes handed to the disk.
    written: u64,
}

impl Used {
    fn now() -> std::io::Result<Used> {
        let stat = std::fs::read_to_string("/proc/self/stat")?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let number = |text: Option<&&str>| text.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        let io = std::fs::read_to_string("/proc/self/io")?;
        let written = io.lines().find_map(|line| line.strip_prefix("write_bytes: ")).and_then(|text| text.parse().ok()).unwrap_or(0);
        Ok(Used { cpu_ticks: number(fields.get(11)) + number(fields.get(12)), written })
    }
}
