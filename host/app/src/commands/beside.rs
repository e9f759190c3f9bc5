//! The demo beside orders: one of each that goes from one side to the other, and what one order's money becomes (`money`).
//! What is told is read from the books of the side that it went to, and judged by what happened on its own.

mod money;

use super::Failure;
use crate::screen::{Screen, Tone};
use crossdock_flow::{
    Decimal,
    sync::{
        State,
        ledger::{Ledger, Which},
    },
};
use crossdock_partners::{orders::Generated, sagepro::Booked, sender::Options};
use crossdock_stage::{Stage, oracle::Judgement};
use crossdock_stores::sqlite::SqliteStore;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::time::{Duration, Instant};

/// The flows: name, entity, from, to.
const FLOWS: [(&str, &str, &str, &str); 10] = [
    ("products", "product", "erp", "shop"),
    ("stock", "stock", "erp", "shop"),
    ("customers-in", "customer", "shop", "erp"),
    ("customers-out", "customer", "erp", "shop"),
    ("shipments", "shipment", "erp", "shop"),
    ("invoices", "invoice", "erp", "shop"),
    ("payments", "payment", "shop", "erp"),
    ("refunds", "refund", "shop", "erp"),
    ("disputes", "dispute", "shop", "erp"),
    ("payouts", "payout", "shop", "erp"),
];

/// How long one may take until it is on the other side.
const PATIENCE: Duration = Duration::from_secs(20);

/// The flows and the ledger, as settings.
pub(crate) fn settings() -> String {
    let flow = |(name, entity, from, to)| format!("[sync.{name}]\nentity = \"{entity}\"\nfrom = \"{from}\"\nto = \"{to}\"\nevery = \"500ms\"\n\n");
    money::settings() + &FLOWS.map(flow).concat()
}

/// One that went.
#[derive(Debug, Serialize)]
pub(crate) struct Went {
    entity: &'static str,
    key: String,
    way: &'static str,
    /// What the other side has of it; nothing when it did not arrive.
    there: Option<String>,
    /// What is wrong with what is there.
    wrong: Option<String>,
    /// Where it stands, as the host says.
    state: String,
}

impl Went {
    /// Whether the other side has it, as it should.
    pub(crate) fn is_well(&self) -> bool {
        self.there.is_some() && self.wrong.is_none()
    }

    /// Whether nothing more will happen to it by itself.
    fn is_at_its_end(&self) -> bool {
        self.there.is_some() && [State::Settled, State::NoOp].iter().any(|end| end.name() == self.state)
    }
}

/// What is on its way.
struct Sent {
    entity: &'static str,
    key: String,
    way: &'static str,
    /// What the other side must say that it is worth, or how much of it there must be.
    worth: Option<Decimal>,
}

impl Sent {
    fn new(entity: &'static str, key: impl Into<String>, way: &'static str) -> Sent {
        Sent { entity, key: key.into(), way, worth: None }
    }

    fn worth(self, worth: Decimal) -> Sent {
        Sent { worth: Some(worth), ..self }
    }
}

const SKU: &str = "LAMP-DESK-01";
/// The customers, as the side has them where each opened an account.
const CUSTOMERS: [(&str, &str); 2] = [("W-DEMO", "shop"), ("BO0001", "erp")];
const TO_SHOP: &str = "ERP → shop";
const TO_ERP: &str = "shop → ERP";

/// Lets one of each happen on its own side, and waits until it is on the other.
pub(crate) async fn go(stage: &Stage, store: &SqliteStore, orders: &[Generated], judgement: &Judgement) -> Result<Vec<Went>, Failure> {
    let (erp, shop) = (&stage.sagepro, &stage.clarity);
    erp.keep(
        "products",
        SKU,
        r#"{"ItemCode":"LAMP-DESK-01","Description":"Desk lamp","Active":true,"TaxClass":"STD","Prices":[{"Currency":"CAD","Price":89.00}]}"#,
    );
    erp.keep("inventory", &format!("{SKU}@TOR"), r#"{"ItemCode":"LAMP-DESK-01","Warehouse":"TOR","Available":41}"#);
    let [(ada, _), (bo, _)] = CUSTOMERS;
    shop.keep("customers", ada, r#"{"customerId":"W-DEMO","name":"Ada Example","email":"ada@example.com","currency":"CAD","status":"active"}"#);
    erp.keep(
        "customers",
        bo,
        r#"{"CustomerNo":"BO0001","Company":"Bo Ltd","Contact":"Bo Example","Email":"bo@example.com","Phone":"1","Currency":"CAD","Terms":"NET30"}"#,
    );
    // Acknowledged or not: the poll finds who it is all the same.
    let _sent = stage.send(&[shop.customer_hook(ada, "customer.created")], &Options::default()).await;
    let mut all = vec![
        Sent::new("product", SKU, TO_SHOP).worth(Decimal::new(8900, 2)),
        Sent::new("stock", format!("{SKU}@TOR"), TO_SHOP).worth(Decimal::from(41)),
        Sent::new("customer", ada, TO_ERP),
        Sent::new("customer", bo, TO_SHOP),
    ];
    let booked = erp.books().into_iter().filter(|booked| {
        let key = &booked.purchase_order_no;
        judgement.delivered.contains(key) && !judgement.split.contains(key)
    });
    let whole: Vec<Booked> = booked.collect();
    // Preferably one that money can be told of.
    let paid = whole.iter().find(|booked| orders.iter().any(|order| order.number == booked.purchase_order_no && money::is_payable(order)));
    if let Some(booked) = paid.or(whole.first()) {
        let key = &booked.purchase_order_no;
        let lines: Vec<_> = (1..).zip(booked.lines.iter().map(|line| line.quantity)).collect();
        all.push(Sent::new("shipment", erp.dispatch(key, &lines, &["1Z 42"]), TO_SHOP));
        all.push(Sent::new("invoice", erp.invoice(key, Decimal::ZERO), TO_SHOP).worth(booked.total));
    }
    let mut went = arrived(stage, store, &all).await?;
    if let Some(booked) = paid {
        went.extend(money::go(stage, store, booked).await?);
    }
    Ok(went)
}

/// Waits until all of them are on the other side.
async fn arrived(stage: &Stage, store: &SqliteStore, all: &[Sent]) -> Result<Vec<Went>, Failure> {
    let end = Instant::now() + PATIENCE;
    loop {
        let mut went = Vec::new();
        for Sent { entity, key, way, worth } in all {
            let found = look(stage, entity, key);
            let off = |found: &Found| worth.filter(|worth| found.worth != Some(*worth)).map(|worth| format!("it should be {worth}"));
            let wrong = found.as_ref().and_then(off);
            went.push(Went { entity, key: key.clone(), way, there: found.map(|found| found.told), wrong, state: state(store, entity, key).await? });
        }
        if went.iter().all(Went::is_at_its_end) || Instant::now() > end {
            return Ok(went);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Where it stands, as the host says.
async fn state(store: &SqliteStore, entity: &str, key: &str) -> Result<String, Failure> {
    let rows = store.changes(Which { kind: entity.parse().ok(), key: Some(key.to_owned()), ..Which::default() }).await?;
    Ok(rows.first().map_or_else(|| "unknown".to_owned(), |row| row.state.to_string()))
}

/// What the other side's books say.
struct Found {
    /// In a few words.
    told: String,
    /// What it is worth, or how much there is.
    worth: Option<Decimal>,
}

fn look(stage: &Stage, entity: &str, key: &str) -> Option<Found> {
    let plain = |told: String| Some(Found { told, worth: None });
    if entity == "customer" {
        let of_the_erp = CUSTOMERS.contains(&(key, "erp"));
        let (rows, known, number, email) = match of_the_erp {
            true => (stage.clarity.all("customers"), "erpNumber", "customerId", "email"),
            false => (stage.sagepro.customers(), "WebId", "CustomerNo", "Email"),
        };
        let row = rows.into_iter().find(|row| row[known] == key)?;
        return plain(format!("{}, {}", row[number].as_str()?, row[email].as_str()?));
    }
    let list = match entity {
        "stock" => "inventory".to_owned(),
        entity => format!("{entity}s"),
    };
    let text = stage.clarity.row(&list, key)?;
    let Row { prices, available, order_id, parcels, total_amount } = serde_json::from_str(&text).ok()?;
    let exact = |number: &RawValue| number.get().parse().ok();
    match entity {
        "product" => {
            let price = prices.first()?;
            Some(Found { told: format!("{} {}", price.amount, price.currency), worth: exact(price.amount) })
        }
        "stock" => Some(Found { told: format!("{} available", available?), worth: exact(available?) }),
        "shipment" => plain(format!("order {order_id}, parcel {}", parcels.first()?.tracking_number)),
        _ => Some(Found { told: format!("order {order_id}, {}", total_amount?), worth: exact(total_amount?) }),
    }
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
    let width = went.iter().map(|one| one.key.chars().count()).max().unwrap_or_default();
    for Went { entity, key, way, there, wrong, .. } in went {
        let there = match (there, wrong) {
            (None, _) => screen.tone(Tone::Bad, "did not arrive"),
            (Some(there), Some(wrong)) => format!("{there}  {}", screen.tone(Tone::Bad, wrong)),
            (Some(there), None) => screen.tone(Tone::Good, there),
        };
        screen.line(format!("  {entity:<12}{way:<12}{key:<width$}  {there}"));
    }
    if !went.iter().any(|one| one.entity == "payment") {
        screen.line("  no money: no order in CAD was large enough, went whole from one warehouse, and is sold as no rule changes it");
    }
}
