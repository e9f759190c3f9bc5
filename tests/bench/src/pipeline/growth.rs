//! How the program's figures grow: with the orders that wait, the plugins that lie there, the lines of an order, the rules
//! that are asked about it.

use super::{Pipeline, contenders, measure::Load, measure::Row, median};
use crate::{start, table};
use crossdock_partners::orders::sized;
use crossdock_stage::Plan;
use serde::Serialize;
use std::fs;
use tempfile::TempDir;

/// What there is more of.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Growth {
    /// Orders that waited before the load began
    Backlog,
    /// Plugins that lie there beside the four that are asked
    Plugins,
    /// Lines of an order
    Lines,
    /// Rules at `pre-map`, the only ones asked: `order-hold` again and again
    Hooks,
}

#[derive(Serialize)]
struct Grown {
    size: usize,
    #[serde(flatten)]
    row: Row,
}

impl Growth {
    fn sizes(self) -> Vec<usize> {
        match self {
            Growth::Backlog => vec![10, 1_000, 100_000, 1_000_000],
            Growth::Plugins => vec![0, 100, 1_000],
            Growth::Lines => vec![1, 10, 100, 1_000],
            Growth::Hooks => vec![0, 1, 2, 5, 10],
        }
    }
}

impl Pipeline {
    pub(super) async fn grow(&self, growth: Growth) {
        let sizes = if self.sizes.is_empty() { growth.sizes() } else { self.sizes.clone() };
        let mut rows = Vec::new();
        for size in sizes {
            let mut rounds = Vec::new();
            for _ in 0..self.rounds {
                rounds.push(self.round(growth, size).await);
            }
            rows.push(Grown { size, row: median(rounds) });
        }
        table::print(&rows, self.json);
        if !self.json {
            println!();
            self.explain();
        }
    }

    async fn round(&self, growth: Growth, size: usize) -> Row {
        let load = self.load();
        match growth {
            Growth::Backlog => contenders::ours(&self.plan(), &Load { backlog: size, ..load }).await,
            Growth::Plugins => {
                let folder = self.copies("sales-tagging", size, true);
                contenders::ours(&Plan { plugins: folder.path().into(), ..self.plan() }, &load).await
            }
            Growth::Lines => {
                // The bytes stay about the same.
                let orders = sized((self.orders * 10 / size.max(10)).max(100), size, 99);
                contenders::ours(&self.plan(), &Load { orders, ..load }).await
            }
            Growth::Hooks => {
                let folder = self.copies("order-hold", size, false);
                let names: Vec<String> = (0..size).map(|number| format!("\"order-hold-{number}\"")).collect();
                let hooks = format!("pre-map = [{}]\npost-map = []\n", names.join(", "));
                let plan = Plan { plugins: folder.path().into(), hooks, plugin_settings: String::new(), ..self.plan() };
                contenders::ours(&plan, &load).await
            }
        }
    }

    /// A folder with so many copies of a plugin, each with a hash of its own, and on request the others.
    fn copies(&self, name: &str, count: usize, others: bool) -> TempDir {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        for (other, bytes) in start::samples(&self.plugins) {
            if others {
                fs::write(folder.path().join(format!("{other}.wasm")), &bytes).unwrap_or_else(|error| panic!("{error}"));
            }
            if other == name {
                let copy = |number| start::copy(&other, &bytes, folder.path(), number);
                (0..count).try_for_each(copy).unwrap_or_else(|error| panic!("{error}"));
            }
        }
        folder
    }
}
