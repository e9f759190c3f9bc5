//! The demo beside orders: one product, stock level, customer, shipment and invoice each, on its way from one side to the
//! other. What is told is read from the books of the side that it went to.

use super::Failure;
use crate::screen::{Screen, Tone};
use crossdock_flow::{
    Decimal,
    sync::ledger::{Ledger, Which},
};
use crossdock_partners::sender::Options;
use crossdock_stage::{Stage, oracle::Judgement};
use crossdock_stores::sqlite::SqliteStore;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::time::{Duration, Instant};

/// The flows, as settings.
pub(crate) const FLOWS: &str = r#"
[sync.products]
entity = "product"
from = "erp"
to = "shop"
every = "500ms"

[sync.stock]
entity = "stock"
from = "erp"
to = "shop"
every = "500ms"

[sync.customers]
entity = "customer"
from = "shop"
to = "erp"
every = "500ms"

[sync.shipments]
entity = "shipment"
from = "erp"
to = "shop"
every = "500ms"

[sync.invoices]
entity = "invoice"
from = "erp"
to = "shop"
every = "500ms"
"#;

/// How long one may take until it is on the other side.
const PATIENCE: Duration = Duration::from_secs(20);

/// One that went.
#[derive(Debug, Serialize)]
pub(crate) struct Went {
    entity: &'static str,
    key: String,
    way: &'static str,
    /// What the other side has of it; nothing when it did not arrive.
    there: Option<String>,
    /// Where it stands, as the host says.
    state: String,
}

impl Went {
    /// Whether the other side has it.
    pub(crate) fn is_there(&self) -> bool {
        self.there.is_some()
    }
}

const SKU: &str = "LAMP-DESK-01";
const CUSTOMER: &str = "W-DEMO";
const TO_SHOP: &str = "ERP → shop";

/// Lets one of each happen on its own side, and waits until it is on the other.
pub(crate) async fn go(stage: &Stage, store: &SqliteStore, judgement: &Judgement) -> Result<Vec<Went>, Failure> {
    let (erp, shop) = (&stage.sagepro, &stage.clarity);
    erp.keep(
        "products",
        SKU,
        r#"{"ItemCode":"LAMP-DESK-01","Description":"Desk lamp","Active":true,"TaxClass":"STD","Prices":[{"Currency":"CAD","Price":89.00}]}"#,
    );
    erp.keep("inventory", &format!("{SKU}@TOR"), r#"{"ItemCode":"LAMP-DESK-01","Warehouse":"TOR","Available":41}"#);
    shop.keep("customers", CUSTOMER, r#"{"customerId":"W-DEMO","name":"Ada Example","email":"ada@example.com","currency":"CAD","status":"active"}"#);
    // Acknowledged or not: the poll finds who it is all the same.
    let _sent = stage.send(&[shop.customer_hook(CUSTOMER, "customer.created")], &Options::default()).await;
    let booked = erp
        .books()
        .into_iter()
        .find(|booked| judgement.delivered.contains(&booked.purchase_order_no) && !judgement.split.contains(&booked.purchase_order_no));
    let papers = booked.map(|booked| {
        let key = &booked.purchase_order_no;
        let lines: Vec<_> = (1..).zip(booked.lines.iter().map(|line| line.quantity)).collect();
        (erp.dispatch(key, &lines, &["1Z 42"]), erp.invoice(key, Decimal::ZERO))
    });
    let mut all =
        vec![("product", SKU.to_owned(), TO_SHOP), ("stock", format!("{SKU}@TOR"), TO_SHOP), ("customer", CUSTOMER.to_owned(), "shop → ERP")];
    if let Some((shipment, invoice)) = papers {
        all.extend([("shipment", shipment, TO_SHOP), ("invoice", invoice, TO_SHOP)]);
    }
    let there = |entity: &str, key: &str| look(stage, entity, key);
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end && all.iter().any(|(entity, key, _)| there(entity, key).is_none()) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut went = Vec::new();
    for (entity, key, way) in all {
        let rows = store.changes(Which { kind: entity.parse().ok(), key: Some(key.clone()), ..Which::default() }).await?;
        let state = rows.first().map_or_else(|| "unknown".to_owned(), |row| row.state.to_string());
        went.push(Went { there: there(entity, &key), entity, key, way, state });
    }
    Ok(went)
}

/// What the other side's books say, in a few words.
fn look(stage: &Stage, entity: &str, key: &str) -> Option<String> {
    if entity == "customer" {
        let row = stage.sagepro.customers().into_iter().find(|row| row["WebId"] == key)?;
        return Some(format!("{}, {}", row["CustomerNo"].as_str()?, row["Email"].as_str()?));
    }
    let list = match entity {
        "stock" => "inventory".to_owned(),
        entity => format!("{entity}s"),
    };
    let text = stage.clarity.row(&list, key)?;
    let Row { prices, available, order_id, parcels, total_amount } = serde_json::from_str(&text).ok()?;
    Some(match entity {
        "product" => prices.first().map(|price| format!("{} {}", price.amount, price.currency))?,
        "stock" => format!("{} available", available?),
        "shipment" => format!("order {order_id}, parcel {}", parcels.first()?.tracking_number),
        _ => format!("order {order_id}, {}", total_amount?),
    })
}

/// What is shown of a row in the shop, numbers digit by digit.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Row<'r> {
    #[serde(borrow)]
    prices: Vec<PriceRow<'r>>,
    #[serde(borrow)]
    available: Option<&'r RawValue>,
    order_id: String,
    parcels: Vec<ParcelRow>,
    #[serde(borrow)]
    total_amount: Option<&'r RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PriceRow<'r> {
    #[serde(borrow)]
    amount: &'r RawValue,
    currency: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ParcelRow {
    tracking_number: String,
}

/// As rows of a table.
pub(crate) fn tell(went: &[Went], screen: &Screen) {
    screen.line(screen.tone(Tone::Strong, "One of each beside orders, counted from the books of the side it went to"));
    for Went { entity, key, way, there, .. } in went {
        let there = there.as_ref().map_or_else(|| screen.tone(Tone::Bad, "did not arrive"), |there| screen.tone(Tone::Good, there));
        screen.line(format!("  {entity:<10}{way:<12}{key:<20}{there}"));
    }
    screen.line("");
}
