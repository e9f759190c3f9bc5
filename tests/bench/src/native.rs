//! The pipeline that somebody would write by hand for this one customer: the same signature, the same durable store, the
//! same rule, routing and document in plain Rust, the same HTTP to the ERP. No plugins, no mapping template, no records of
//! what a rule did. It is as fast as we could make it, or our ratio would flatter us.

use crate::rule;
use axum::{
    Router,
    body::Bytes,
    extract::State as Shared,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use crossdock_connectors::{
    Secret, clarity,
    sagepro::{self, Auth},
};
use crossdock_flow::{
    Document, Order, OrderNumber,
    order::{Field, Value},
    record::{Accepted, Attempt, Claimed, Event, Part, Settlement, State, Store},
    source::{Content, Received, Source},
    target::{Answer, Target},
};
use crossdock_stores::sqlite::SqliteStore;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::{Notify, Semaphore};

/// Where everything is.
#[derive(clap::Args)]
pub(crate) struct Native {
    /// The store's file.
    #[arg(long)]
    store: PathBuf,
    /// The ERP.
    #[arg(long)]
    erp: String,
    /// The ERP's token.
    #[arg(long)]
    token: String,
    /// Written when it is ready.
    #[arg(long)]
    ready_file: PathBuf,
    /// Records worked on at the same time.
    #[arg(long, default_value_t = 64)]
    workers: usize,
    /// Calls to the ERP at the same time.
    #[arg(long, default_value_t = 8)]
    concurrency: usize,
}

struct Pipeline {
    source: clarity::Clarity,
    target: sagepro::SagePro,
    store: SqliteStore,
    arrived: Notify,
    calls: Semaphore,
}

impl Native {
    pub(crate) async fn run(self) {
        let secret = |text: &str| Secret::new(text).unwrap_or_else(|fault| panic!("{fault}"));
        let shop = clarity::Settings {
            name: "shop".into(),
            secrets: vec![secret(crossdock_partners::signature::SECRET)],
            tolerance: Duration::from_secs(300),
            api: None,
            timeout: Duration::from_secs(1),
        };
        let erp = sagepro::Settings {
            name: "erp".into(),
            base_url: self.erp.clone(),
            auth: Auth::Bearer(secret(&self.token)),
            timeout: Duration::from_secs(5),
        };
        let pipeline = Arc::new(Pipeline {
            source: clarity::Clarity::new(shop).unwrap_or_else(|fault| panic!("{fault}")),
            target: sagepro::SagePro::new(erp).unwrap_or_else(|fault| panic!("{fault}")),
            store: SqliteStore::open(&self.store).unwrap_or_else(|fault| panic!("{fault}")),
            arrived: Notify::new(),
            calls: Semaphore::new(self.concurrency),
        });
        tokio::spawn(pipeline.clone().work(self.workers));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap_or_else(|error| panic!("{error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}"));
        std::fs::write(&self.ready_file, address.to_string()).unwrap_or_else(|error| panic!("{error}"));
        let routes = Router::new().route("/webhooks/shop", post(receive)).with_state(pipeline);
        axum::serve(listener, routes).await.unwrap_or_else(|error| panic!("{error}"));
    }
}

async fn receive(Shared(pipeline): Shared<Arc<Pipeline>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let now = now();
    let Ok(Received::Event(head)) = pipeline.source.receive(&header, &body, now) else { return StatusCode::UNAUTHORIZED };
    let event = Event {
        connection: "shop".into(),
        id: head.event_id,
        kind: head.kind,
        order: head.order,
        version: head.version,
        body: body.into(),
        received_at: now,
        unreadable: None,
        doubtful: false,
    };
    match pipeline.store.accept(event).await {
        Ok(Accepted::New(_)) => {
            pipeline.arrived.notify_one();
            StatusCode::ACCEPTED
        }
        Ok(Accepted::Duplicate(_)) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

impl Pipeline {
    async fn work(self: Arc<Self>, workers: usize) {
        let seats = Arc::new(Semaphore::new(workers));
        loop {
            let Ok(seat) = seats.clone().acquire_owned().await else { return };
            drop(seat);
            let claimed = self.store.claim(now(), seats.available_permits()).await.unwrap_or_default();
            if claimed.is_empty() {
                drop(tokio::time::timeout(Duration::from_millis(100), self.arrived.notified()).await);
            }
            for claimed in claimed {
                let Ok(seat) = seats.clone().acquire_owned().await else { return };
                let pipeline = self.clone();
                tokio::spawn(async move {
                    pipeline.one(claimed).await;
                    drop(seat);
                });
            }
        }
    }

    async fn one(&self, claimed: Claimed) {
        let Ok(Content::Order(mut order)) = self.source.read(&claimed.body) else { return };
        rule::apply(&mut order);
        let document = document(&order);
        let part = Part { part: 0, key: document.key.clone(), warehouse: document.warehouse.clone(), total: document.total, number: None };
        let attempt = Attempt { worth: Some((order.total, order.currency)), documents: Arc::new([document.clone()]), ..Attempt::new(1, now()) };
        if self.store.begin(claimed.record, attempt).await.is_err() {
            return;
        }
        let answer = {
            let _permit = self.calls.acquire().await;
            self.target.create(&document).await
        };
        let Answer::Done(receipt) = answer else { return };
        let settlement = Settlement {
            state: State::Delivered,
            due_at: None,
            tries: 1,
            fault: None,
            reason: None,
            steps: Vec::new(),
            attempt: None,
            parts: vec![Part { number: Some(receipt.number), ..part }],
            supersedes: Vec::new(),
            counted: Vec::new(),
            releases: false,
            quarantined: Vec::new(),
            at: now(),
        };
        drop(self.store.settle(claimed.record, settlement).await);
    }
}

/// The document, field by field; everything ships from the first warehouse that carries it all.
fn document(order: &Order) -> Document {
    let text =
        |name: &str, value: &str| Field { name: name.into(), value: if value.is_empty() { Value::Empty } else { Value::Text(value.to_owned()) } };
    let number = |name: &str, value| Field { name: name.into(), value: Value::Number(value) };
    let short = |value: &str, width: usize| value.chars().take(width).collect::<String>();
    let key = OrderNumber::as_str(&order.number).to_owned();
    let mut fields = vec![
        text("PurchaseOrderNo", &key),
        text("CustomerNo", &order.customer.id),
        text("OrderDate", &order.ordered_at.at.to_string()[..10]),
        text("Currency", order.currency.code()),
    ];
    for (side, address) in [("ShipToAddress", &order.shipping_to), ("BillToAddress", &order.billing)] {
        let parts = [
            ("Name", short(&address.name, 35)),
            ("Company", short(&address.company, 35)),
            ("Address1", address.line1.clone()),
            ("Address2", address.line2.clone()),
            ("City", address.city.clone()),
            ("State", address.region.clone()),
            ("ZipCode", address.postal_code.clone()),
            ("Country", address.country.clone()),
        ];
        fields.extend(parts.into_iter().map(|(name, value)| text(&format!("{side}.{name}"), &value)));
    }
    fields.extend([
        text("PaymentTerms", "NET30"),
        text("Warehouse", "TOR"),
        number("Freight", order.shipping.amount),
        number("FreightTax", order.shipping.tax),
        number("OrderDiscount", order.discount),
        number("TotalAmount", order.total),
    ]);
    let lines = order.lines.iter().map(|line| {
        vec![
            text("ItemCode", &line.sku),
            text("Description", &short(&line.name, 35)),
            number("Quantity", line.quantity),
            number("UnitPrice", line.unit_price),
            number("Discount", line.discount),
            number("ExtPrice", line.total),
            number("TaxAmount", line.tax),
            text("Warehouse", "TOR"),
        ]
    });
    Document {
        part: 0,
        customer: order.customer.id.clone(),
        total: order.total,
        warehouse: "TOR".into(),
        backorder: false,
        lines: lines.collect(),
        fields,
        key,
        locked: Arc::new([]),
    }
}

fn now() -> jiff::Timestamp {
    use crossdock_flow::clock::{Clock, SystemClock};
    SystemClock.now()
}
