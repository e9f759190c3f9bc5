//! Orders per second from webhook to settled: the program with its four example rules, beside the hand-written pipeline, by
//! turns, same partners, same store, same machine. Load, ERP and host share its cores. Closed loop, or offered at a rate;
//! and how the program's own figures grow with what waits, what lies there, what an order has and what is asked about it.

mod contenders;
mod growth;
mod measure;

use crate::table;
use crossdock_partners::orders::generate;
use growth::Growth;
use measure::{Load, Row};
use std::path::PathBuf;

/// How much, how often.
#[derive(clap::Args)]
pub(crate) struct Pipeline {
    /// The program [default: the one that was built beside this]
    #[arg(long, default_value_os_t = crate::beside(), hide_default_value = true)]
    program: PathBuf,
    /// Where plugins are.
    #[arg(long, default_value = "plugins")]
    plugins: PathBuf,
    /// Orders per round.
    #[arg(long, default_value_t = 20_000)]
    orders: usize,
    /// Connections of the shop.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Orders offered a second, whatever was answered so far; acknowledgements then count from the time at which they should
    /// have been sent. Absent: each connection sends again as soon as it has an answer
    #[arg(long)]
    rate: Option<u32>,
    /// Rounds of each contender; the median round counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The program alone, by how much of this there is
    #[arg(long, value_enum)]
    grow: Option<Growth>,
    /// How much of it, one row each [default: depends on what grows]
    #[arg(long, value_delimiter = ',', requires = "grow")]
    sizes: Vec<usize>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Pipeline {
    pub(crate) async fn run(self) {
        match self.grow {
            Some(growth) => self.grow(growth).await,
            None => self.compare().await,
        }
    }

    fn load(&self) -> Load {
        Load { orders: generate(self.orders, 99), connections: self.connections, rate: self.rate, backlog: 0 }
    }

    async fn compare(self) {
        let load = self.load();
        let (mut ours, mut native) = (Vec::new(), Vec::new());
        for _ in 0..self.rounds {
            native.push(contenders::native(&load).await);
            ours.push(contenders::ours(&self.plan(), &load).await);
        }
        let rows = [median(native), median(ours)];
        table::print(&rows, self.json);
        if !self.json {
            let ratio = |get: fn(&Row) -> f64| get(&rows[1]) / get(&rows[0]);
            println!(
                "\ncrossdock / hand-written: orders per second {:.2}, acknowledgement p99 {:.2}, CPU {:.2}, written {:.2}",
                ratio(|row| row.orders_per_second as f64),
                ratio(|row| row.ack_ms_p99),
                ratio(|row| row.cpu_ms_per_order),
                ratio(|row| row.written_kb_per_order)
            );
            self.explain();
        }
    }

    fn explain(&self) {
        let offered = self.rate.map_or("closed loop".to_owned(), |rate| format!("{rate} offered a second"));
        println!(
            "{} orders, {} connections, {offered}, median of {} rounds by turns; load, ERP and host on the same machine\n\
             written: bytes that the process had the kernel write to disk; fsyncs: counted by perf where it is allowed to",
            self.orders, self.connections, self.rounds
        );
    }
}

/// The round in the middle, by throughput.
fn median(mut rounds: Vec<Row>) -> Row {
    rounds.sort_by_key(|row| row.orders_per_second);
    rounds[rounds.len() / 2].clone()
}
