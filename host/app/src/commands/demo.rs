//! `crossdock demo`: the whole way with a simulated shop and a simulated ERP. The host runs as a child process of this
//! very program; what is counted is counted from the ERP's books.

use super::{Failure, beside, explain};
use crate::{
    cli,
    screen::{Screen, Tone},
};
use crossdock_connectors::{Secret, clarity::Clarity, folder};
use crossdock_flow::{
    Order,
    record::{Filter, State, Store, Summary},
    source::{Content, Source},
};
use crossdock_partners::{
    orders::{Expected, ExpectedLine, Generated, event, generate},
    sender::{Hook, Options, Sent},
    special::{self, Wrong},
};
use crossdock_stage::{
    Plan, Stage,
    oracle::{Judgement, judge},
};
use crossdock_stores::sqlite::SqliteStore;
use serde::Serialize;
use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// The wholesale breaks of the demo's settings.
const BREAKS: [(i64, i64); 2] = [(5, 5), (10, 10)];
/// Hook costs are read from so many orders.
const SAMPLED: usize = 2_000;

/// What the demo counts.
#[derive(Debug, Serialize)]
struct Report {
    orders: usize,
    delivered: usize,
    split: usize,
    held: usize,
    rejected: usize,
    parked: usize,
    turned_away: usize,
    duplicates_dropped: u64,
    lost: usize,
    delivered_twice: usize,
    misrouted: usize,
    cents_off: u64,
    hook_us_p50: u64,
    hook_us_p99: u64,
    orders_per_second: u64,
    /// What else went from one side to the other.
    beside_orders: Vec<beside::Went>,
}

impl Report {
    fn is_well(&self) -> bool {
        let all_went = self.beside_orders.iter().all(beside::Went::is_well);
        self.lost == 0 && self.delivered_twice == 0 && self.misrouted == 0 && self.cents_off == 0 && all_went
    }
}

/// Runs the demo. Fails when an order is lost, doubled, misrouted or a cent off, when something beside orders does not arrive as it
/// should, and when the money of an order is not to the cent what it is in the ERP's journal.
pub(crate) async fn demo(demo: &cli::Demo, screen: &Screen) -> Result<(), Failure> {
    prepare(&demo.data)?;
    let mine = demo.from.as_deref().map(read_orders).transpose()?;
    let own_orders = mine.is_some();
    let orders = mine.unwrap_or_else(|| make_orders(demo.orders as usize));
    let hooks = hooks(&orders, own_orders);
    let program = std::env::current_exe().map_err(|error| Failure::text(error.to_string()))?;
    let mut plan = Plan::new(program, &demo.data, &demo.plugins);
    if own_orders {
        // Articles of one's own are not in the simulated ERP's catalogue, so it takes every code.
        plan.sagepro.items = crossdock_partners::sagepro::Items::Any;
    }
    plan.extra = beside::settings();
    let stage = Stage::start(plan, &orders).await.map_err(failure)?;
    let begun = Instant::now();
    let sent = send(&stage, &hooks, screen).await;
    stage.drain(Duration::from_secs(600)).await.map_err(failure)?;
    let took = begun.elapsed();
    let store = SqliteStore::open(&stage.data().join("crossdock.db"))?;
    let records = store.list(Filter::default()).await?;
    let mut judgement = judge(&orders, &stage.sagepro.books(), &BREAKS);
    if own_orders {
        // The judge knows where the simulated shop's articles lie, not where others do.
        judgement.misrouted.clear();
    }
    let mut costs = costs(&store, &judgement).await?;
    let duplicates = store.counts().await?.duplicates;
    let beside_orders = beside::go(&stage, &store, &orders, &judgement).await?;
    let report = Report { beside_orders, ..report(&orders, &sent, &records, &judgement, &mut costs, duplicates, took) };
    if screen.is_json() {
        screen.json(&report)?;
    } else {
        tell(&report, &records, screen);
        for number in three(&records, &judgement) {
            screen.line("");
            explain::print(&store.story(&number).await?, screen);
        }
        how_to_go_on(&stage, demo.keep, screen);
    }
    if demo.keep {
        tokio::signal::ctrl_c().await.map_err(failure)?;
    }
    if report.is_well() { Ok(()) } else { Err(Failure::text("the books do not say what they should: see the table above")) }
}

fn failure(error: std::io::Error) -> Failure {
    Failure::text(error.to_string())
}

/// An empty folder: whatever an earlier demo left there goes. Anything else is left alone.
fn prepare(data: &Path) -> Result<(), Failure> {
    if data.exists() {
        let ours = data.join("crossdock.toml").exists();
        let empty = fs::read_dir(data).map_err(failure)?.next().is_none();
        if !ours && !empty {
            return Err(Failure::text(format!("{} is not empty and not a demo's: name another folder with --data", data.display())));
        }
        fs::remove_dir_all(data).map_err(failure)?;
    }
    fs::create_dir_all(data).map_err(failure)
}

/// Realistic orders, one of them off by a cent.
fn make_orders(count: usize) -> Vec<Generated> {
    let mut orders = generate(count - 1, 42);
    let place = orders.len() / 2;
    orders.insert(place, special::order(Wrong::SumOffByACent, "W042-BAD"));
    orders
}

fn read_orders(directory: &Path) -> Result<Vec<Generated>, Failure> {
    let secret = Secret::new(crossdock_partners::signature::SECRET)?;
    let settings = crossdock_connectors::clarity::Settings {
        name: "files".into(),
        secrets: vec![secret],
        tolerance: Duration::from_secs(300),
        api: None,
        timeout: Duration::from_secs(1),
    };
    let clarity = Clarity::new(settings)?;
    let mut orders = Vec::new();
    for file in folder::orders(directory)? {
        let (name, body) = file?;
        let text = String::from_utf8_lossy(&body).into_owned();
        let bare = serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|value| value.get("data").is_none());
        let body = if bare { event("order.created", "2026-01-01T00:00:00Z", &text) } else { text.clone() };
        let expected = match clarity.read(body.as_bytes()) {
            Ok(Content::Order(order)) => expected(&order),
            // It will be parked; nothing of it should stand in the books.
            _ => Expected {
                customer: String::new(),
                segment: String::new(),
                country: String::new(),
                currency: "CAD".into(),
                total: Default::default(),
                lines: Vec::new(),
            },
        };
        let number = match clarity.read(body.as_bytes()) {
            Ok(Content::Order(order)) => order.number.to_string(),
            _ => name,
        };
        orders.push(Generated { number, body, order: text, date: "2026-01-01T00:00:00Z".into(), expected });
    }
    if orders.is_empty() { Err(Failure::text(format!("there are no .json files in {}", directory.display()))) } else { Ok(orders) }
}

fn expected(order: &Order) -> Expected {
    let line = |line: &crossdock_flow::order::Line| ExpectedLine {
        sku: line.sku.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price,
        discount: line.discount,
        tax: line.tax,
        total: line.total,
    };
    Expected {
        customer: order.customer.id.clone(),
        segment: order.customer.segment.clone(),
        country: order.shipping_to.country.clone(),
        currency: order.currency.code().into(),
        total: order.total,
        lines: order.lines.iter().map(line).collect(),
    }
}

/// One webhook per order, and the first one twice.
fn hooks(orders: &[Generated], own_orders: bool) -> Vec<Hook> {
    let mut hooks: Vec<Hook> = orders.iter().map(Generated::hook).collect();
    if !own_orders && let Some(first) = hooks.first().cloned() {
        hooks.push(first);
    }
    hooks
}

async fn send(stage: &Stage, hooks: &[Hook], screen: &Screen) -> Vec<Sent> {
    let bar = screen.progress(hooks.len() as u64, "sending orders");
    let options = Options { tries: 5, ..Options::default() };
    let mut sent = Vec::with_capacity(hooks.len());
    for some in hooks.chunks(hooks.len().div_ceil(20).max(1)) {
        sent.extend(stage.send(some, &options).await);
        bar.inc(some.len() as u64);
    }
    bar.finish_and_clear();
    sent
}

async fn costs(store: &SqliteStore, judgement: &Judgement) -> Result<Vec<u64>, Failure> {
    let mut costs = Vec::new();
    for number in judgement.delivered.iter().take(SAMPLED) {
        for story in store.story(number).await? {
            costs.extend(story.attempts_made.iter().flat_map(|(attempt, _)| &attempt.runs).map(|run| run.micros));
        }
    }
    Ok(costs)
}

fn report(
    orders: &[Generated],
    sent: &[Sent],
    records: &[Summary],
    judgement: &Judgement,
    costs: &mut [u64],
    duplicates: u64,
    took: Duration,
) -> Report {
    costs.sort_unstable();
    let quantile = |permille: usize| costs.get((costs.len().saturating_sub(1)) * permille / 1000).copied().unwrap_or(0);
    let in_state =
        |state: State| -> HashSet<&str> { records.iter().filter(|record| record.state == state).map(|record| record.order.as_str()).collect() };
    let (held, rejected, parked) = (in_state(State::Held), in_state(State::Rejected), in_state(State::Parked));
    let acknowledged: HashSet<&str> = sent.iter().filter(|sent| sent.acknowledged()).map(|sent| sent.number.as_str()).collect();
    let there = |number: &str| judgement.delivered.contains(number) || held.contains(number) || rejected.contains(number) || parked.contains(number);
    // The shop was told what is wrong with them, and still has them.
    let turned_away: HashSet<&str> =
        sent.iter().filter(|sent| sent.status.is_some_and(|status| (400..500).contains(&status))).map(|sent| sent.number.as_str()).collect();
    let kept = |number: &str| acknowledged.contains(number) && there(number);
    let lost = orders.iter().filter(|order| !kept(&order.number) && !turned_away.contains(order.number.as_str())).count();
    Report {
        orders: orders.len(),
        delivered: judgement.delivered.len(),
        split: judgement.split.len(),
        held: held.len(),
        rejected: rejected.len(),
        parked: parked.len(),
        turned_away: turned_away.len(),
        duplicates_dropped: duplicates,
        lost,
        delivered_twice: judgement.twice.len(),
        misrouted: judgement.misrouted.len(),
        cents_off: u64::try_from(judgement.cents_off).unwrap_or(u64::MAX),
        hook_us_p50: quantile(500),
        hook_us_p99: quantile(990),
        orders_per_second: u64::try_from(orders.len() as u128 * 1000 / took.as_millis().max(1)).unwrap_or(u64::MAX),
        beside_orders: Vec::new(),
    }
}

fn tell(report: &Report, records: &[Summary], screen: &Screen) {
    let good = |number: usize| number.to_string();
    let zero = |number: u64| if number == 0 { screen.tone(Tone::Good, "0") } else { screen.tone(Tone::Bad, &number.to_string()) };
    screen.line(screen.tone(Tone::Strong, &format!("{} orders, counted from the ERP's own books", report.orders)));
    let row = |name: &str, value: String| screen.line(format!("  {name:<34}{value}"));
    row("delivered once", good(report.delivered));
    row("  of them split over warehouses", good(report.split));
    row("held by a rule", good(report.held));
    row("rejected by a rule", good(report.rejected));
    row("parked with a reason", good(report.parked));
    row("turned away at the door", good(report.turned_away));
    row("duplicates dropped", report.duplicates_dropped.to_string());
    row("lost", zero(report.lost as u64));
    row("delivered twice", zero(report.delivered_twice as u64));
    row("from a wrong warehouse", zero(report.misrouted as u64));
    row("cents off", zero(report.cents_off));
    row("cost of a rule, p50 / p99", format!("{} / {} µs", report.hook_us_p50, report.hook_us_p99));
    row("orders per second", report.orders_per_second.to_string());
    screen.line("");
    beside::tell(&report.beside_orders, screen);
    let mut reasons: HashMap<String, usize> = HashMap::new();
    for record in records.iter().filter(|record| matches!(record.state, State::Held | State::Parked | State::Rejected)) {
        *reasons.entry(format!("{}: {}", record.state, super::orders::why(record))).or_default() += 1;
    }
    let mut reasons: Vec<(String, usize)> = reasons.into_iter().collect();
    reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    screen.line("");
    screen.line(screen.tone(Tone::Strong, "Why orders wait"));
    for (reason, count) in reasons.into_iter().take(8) {
        screen.line(format!("  {count:>3} × {reason}"));
    }
}

/// One that a rule repriced, one that was split, one that waits.
fn three(records: &[Summary], judgement: &Judgement) -> Vec<String> {
    let delivered = records.iter().find(|record| record.state == State::Delivered && !judgement.split.contains(&record.order));
    let split = records.iter().find(|record| judgement.split.contains(&record.order));
    let parked = records.iter().find(|record| matches!(record.state, State::Held | State::Parked));
    [delivered, split, parked].into_iter().flatten().map(|record| record.order.clone()).collect()
}

fn how_to_go_on(stage: &Stage, keep: bool, screen: &Screen) {
    let settings = stage.settings();
    let settings = settings.display();
    screen.line("");
    screen.line(screen.tone(Tone::Strong, "How to look further"));
    for ((name, value), comment) in stage.environment().iter().take(3).zip(["# the secrets that the settings name", "", ""]) {
        screen.line(format!("  export {name}={value}  {comment}").trim_end());
    }
    screen.line(format!("  crossdock orders list --settings {settings}"));
    screen.line(format!("  crossdock orders explain NUMBER --settings {settings}"));
    if keep {
        screen.line(format!("  shop → {}   ERP books: {}/_books   end with Ctrl-C", stage.webhooks(), stage.sagepro.url()));
    }
}
