//! The Sage Pro connector against the simulated ERP: every outcome that a write can have, over real connections.
#![allow(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

use crossdock_connectors::{
    Secret,
    sagepro::{Auth, SagePro, Settings},
};
use crossdock_flow::{
    Code, Decimal, Document,
    order::{Field, Value, put},
    target::{Answer, Found, Receipt, Target},
};
use crossdock_partners::{
    faults::{Fault, On},
    sagepro::{Customers, Items, Options, SagePro as Erp},
};
use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

const TOKEN: &str = "sagepro-test-token";

fn connect(url: String, auth: Auth) -> SagePro {
    SagePro::new(Settings { name: "erp".into(), base_url: url, auth, timeout: Duration::from_millis(600) }).unwrap()
}

fn bearer() -> Auth {
    Auth::Bearer(Secret::new(TOKEN).unwrap())
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn fields(fields: &[(&str, Value)]) -> Vec<Field> {
    fields.iter().map(|(name, value)| Field { name: (*name).into(), value: value.clone() }).collect()
}

/// 3 × 0.1250 → 0.38, tax 0.05, freight 15.00, freight tax 1.95, discount 1.00: 16.38.
fn document(key: &str) -> Document {
    let text = |text: &str| Value::Text(text.into());
    Document {
        part: 0,
        key: key.into(),
        customer: "C10042".into(),
        total: "16.38".parse().unwrap(),
        warehouse: "TOR".into(),
        backorder: false,
        fields: fields(&[
            ("PurchaseOrderNo", text(key)),
            ("CustomerNo", text("C10042")),
            ("Currency", text("CAD")),
            ("ShipToAddress.Name", text("Zoë Müller-Beispiel")),
            ("ShipToAddress.City", text("Toronto")),
            ("Warehouse", text("TOR")),
            ("Freight", number("15.00")),
            ("FreightTax", number("1.95")),
            ("OrderDiscount", number("1.00")),
            ("TotalAmount", number("16.38")),
        ]),
        lines: vec![fields(&[
            ("ItemCode", text("MUG-BLUE")),
            ("Quantity", number("3")),
            ("UnitPrice", number("0.1250")),
            ("ExtPrice", number("0.38")),
            ("TaxAmount", number("0.05")),
        ])],
        locked: [].into(),
    }
}

fn done(number: &str) -> Answer {
    Answer::Done(Receipt { number: number.into() })
}

#[tokio::test]
async fn a_document_is_booked_digit_by_digit_and_found_again() {
    let erp = Erp::start(Options::default());
    let target = connect(erp.url() + "/", bearer());
    assert_eq!(target.find(&document("4711")).await, Found::Missing);
    assert_eq!(target.create(&document("4711")).await, done("10000"));
    assert_eq!(target.find(&document("4711")).await, Found::Here(Receipt { number: "10000".into() }));

    let books = erp.books();
    let [booked] = &books[..] else { panic!("{books:?}") };
    assert_eq!((booked.sales_order_no.as_str(), booked.purchase_order_no.as_str(), booked.customer.as_str()), ("     10000", "4711", "C10042"));
    assert_eq!((booked.total, booked.lines[0].unit_price, booked.lines[0].tax), (Decimal::new(1638, 2), Decimal::new(1250, 4), Decimal::new(5, 2)));
    assert_eq!(booked.raw["ShipToAddress"]["Name"], "Zoë Müller-Beispiel");

    let mut other = document("4711");
    other.total += Decimal::new(1, 2);
    assert!(matches!(target.find(&other).await, Found::Other(fault) if fault.code == Code::Conflict));
    other = document("4711");
    other.customer = "C10043".into();
    assert!(matches!(target.find(&other).await, Found::Other(fault) if fault.code == Code::Conflict));
    // A number that needs escaping in a query finds itself and nothing else.
    assert_eq!(target.find(&document("4711&x=%20+ü")).await, Found::Missing);
    assert_eq!(target.create(&document("4711&x=%20+ü")).await, done("10001"));
    assert_eq!(target.find(&document("4711&x=%20+ü")).await, Found::Here(Receipt { number: "10001".into() }));
}

#[tokio::test]
async fn both_credentials_open_the_door_and_a_wrong_one_does_not() {
    let erp = Erp::start(Options::default());
    let key = connect(erp.url(), Auth::ApiKey(Secret::new(TOKEN).unwrap()));
    assert_eq!(key.create(&document("1")).await, done("10000"));
    let wrong = connect(erp.url(), Auth::Bearer(Secret::new("hunter2").unwrap()));
    let Answer::Busy(busy) = wrong.create(&document("2")).await else { panic!() };
    assert_eq!((busy.fault.code, busy.counts), (Code::Credentials, true));
    assert!(matches!(wrong.find(&document("1")).await, Found::Busy(busy) if busy.fault.code == Code::Credentials));
    assert!(!format!("{busy:?}").contains("hunter2"));
    let settings =
        Settings { name: "erp".into(), base_url: "nowhere".into(), auth: Auth::ApiKey(Secret::new("hunter2").unwrap()), timeout: Duration::ZERO };
    assert!(!format!("{settings:?}").contains("hunter2"));
    assert!(matches!(SagePro::new(settings), Err(fault) if fault.code == Code::Settings && fault.place.as_deref() == Some("erp.base-url")));
    let auth = Auth::ApiKey(Secret::new("hunter2\nX-Other: 1").unwrap());
    let settings = Settings { name: "erp".into(), base_url: erp.url(), auth, timeout: Duration::from_secs(1) };
    assert!(matches!(SagePro::new(settings), Err(fault) if !fault.to_string().contains("hunter2")));
}

#[tokio::test]
async fn what_was_not_done_is_busy_or_refused() {
    let erp = Erp::start(Options::default());
    let target = connect(erp.url(), bearer());
    for (fault, code, counts, wait) in [
        (Fault::RateLimit(7), Code::PartnerBusy, false, Some(7)),
        (Fault::Unavailable(3), Code::PartnerBusy, true, Some(3)),
        (Fault::RateLimit(1_000_000), Code::PartnerBusy, false, Some(24 * 3600)),
        (Fault::Unauthorized, Code::Credentials, true, None),
    ] {
        erp.faults().next(On::Create, 1, fault.clone());
        let Answer::Busy(busy) = target.create(&document("1")).await else { panic!("{fault:?}") };
        assert_eq!((busy.fault.code, busy.counts, busy.retry_after.map(|wait| wait.as_secs())), (code, counts, wait), "{fault:?}");
    }
    for (fault, place) in [
        (Fault::UnknownItem, "LineItems.ItemCode"),
        (Fault::UnknownCustomer, "CustomerNo"),
        (Fault::FieldTooLong, "ShipToAddress.City"),
        (Fault::ErrorInside, "OrderDate"),
    ] {
        erp.faults().next(On::Create, 1, fault.clone());
        let Answer::Refused(refusal) = target.create(&document("1")).await else { panic!("{fault:?}") };
        assert_eq!((refusal.code, refusal.place.as_deref()), (Code::Refused, Some(place)), "{fault:?}");
    }
    assert_eq!(erp.booked(), 0);
    erp.faults().next(On::Find, 1, Fault::RateLimit(7));
    assert!(matches!(target.find(&document("1")).await, Found::Busy(busy) if !busy.counts));
}

#[tokio::test]
async fn what_may_have_been_done_is_unknown_and_can_be_looked_up() {
    let erp = Erp::start(Options::default());
    let target = connect(erp.url(), bearer());
    let after = [Fault::ErrorAfter, Fault::SilenceAfter, Fault::CloseAfter, Fault::GarbageAfter, Fault::FloodAfter];
    for (index, fault) in after.iter().enumerate() {
        let document = document(&format!("W{index}"));
        erp.faults().next(On::Create, 1, fault.clone());
        assert!(matches!(target.create(&document).await, Answer::Unknown(unknown) if unknown.code == Code::Unknown), "{fault:?}");
        assert_eq!(erp.booked(), index + 1, "{fault:?}");
        assert!(matches!(target.find(&document).await, Found::Here(_)), "{fault:?}");
    }
    // The same answers before anything was done look the same from here, and the look-up tells.
    for fault in [Fault::ErrorBefore, Fault::Slow(60_000)] {
        erp.faults().next(On::Create, 1, fault);
        assert!(matches!(target.create(&document("before")).await, Answer::Unknown(_)));
    }
    assert_eq!(target.find(&document("before")).await, Found::Missing);
    // While the look-up itself fails, nothing is concluded.
    for fault in after.into_iter().chain([Fault::ErrorBefore, Fault::ErrorInside]) {
        erp.faults().next(On::Find, 1, fault.clone());
        assert!(matches!(target.find(&document("W0")).await, Found::Busy(_)), "{fault:?}");
    }
    assert!(erp.doubles().is_empty());
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let mut erp = Erp::start(Options::default());
    let target = connect(erp.url(), bearer());
    assert_eq!(target.create(&document("1")).await, done("10000"));
    erp.outage();
    // The kept connection may break under the first request: for a look-up that is the same.
    assert!(matches!(target.find(&document("1")).await, Found::Busy(_)));
    let Answer::Busy(busy) = target.create(&document("2")).await else { panic!("the port is closed") };
    assert_eq!((busy.fault.code, busy.counts), (Code::PartnerBusy, true));
    assert!(target.stock().await.is_err());
    erp.recover();
    assert_eq!(target.create(&document("2")).await, done("10001"));

    // No TLS on the other side: the handshake fails before the request is sent.
    let tls = connect(erp.url().replace("http:", "https:"), bearer());
    assert!(matches!(tls.create(&document("3")).await, Answer::Busy(busy) if busy.fault.code == Code::PartnerBusy));
    assert_eq!(erp.booked(), 2);
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_our_credential() {
    let erp = Erp::start(Options::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {}/api/v1/sagepro/orders\r\nContent-Length: 0\r\n\r\n", erp.url());
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    assert!(matches!(connect(url, bearer()).create(&document("1")).await, Answer::Refused(fault) if fault.code == Code::PartnerAnswer));
    assert_eq!(erp.booked(), 0);
}

#[tokio::test]
async fn the_time_limit_holds() {
    let erp = Erp::start(Options::default());
    let target = connect(erp.url(), bearer());
    erp.faults().next(On::All, 1, Fault::SilenceAfter);
    let start = Instant::now();
    assert!(matches!(target.create(&document("1")).await, Answer::Unknown(_)));
    assert!((Duration::from_millis(500)..Duration::from_secs(5)).contains(&start.elapsed()));
}

#[tokio::test]
async fn the_erp_checks_what_it_books() {
    let items = HashMap::from([("MUG-BLUE".to_owned(), HashMap::from([("TOR".to_owned(), Decimal::from(10))]))]);
    let erp = Erp::start(Options {
        customers: Customers::List(HashSet::from(["C10042".to_owned()])),
        items: Items::List(items),
        widths: HashMap::from([("Warehouse".to_owned(), 4)]),
        ..Options::default()
    });
    let target = connect(erp.url(), bearer());
    let refused = async |change: &dyn Fn(&mut Document)| {
        let mut document = document("1");
        change(&mut document);
        match target.create(&document).await {
            Answer::Refused(fault) => (fault.place.clone().unwrap(), fault.message),
            answer => panic!("{answer:?}"),
        }
    };
    for (field, value, code) in [
        ("ShipToAddress.City", Value::Text("Llanfairpwllgwyngyllgogerych".into()), "FIELD_TOO_LONG"),
        ("Warehouse", Value::Text("TORON".into()), "FIELD_TOO_LONG"),
        ("CustomerNo", Value::Text("C10099".into()), "UNKNOWN_CUSTOMER"),
        ("TotalAmount", number("16.39"), "TOTAL_MISMATCH"),
        ("PurchaseOrderNo", Value::Empty, "MISSING_FIELD"),
    ] {
        let (place, message) = refused(&|document| drop(put(&mut document.fields, field, value.clone()))).await;
        assert!(place == field && message.contains(code), "{place}: {message}");
    }
    let (place, message) = refused(&|document| drop(put(&mut document.lines[0], "ItemCode", Value::Text("NO-SUCH".into())))).await;
    assert!(place == "LineItems.ItemCode" && message.contains("UNKNOWN_ITEM"), "{place}: {message}");
    let (place, message) = refused(&|document| drop(put(&mut document.lines[0], "GLCode", Value::Text("4".repeat(25))))).await;
    assert!(place == "LineItems.GLCode" && message.contains("FIELD_TOO_LONG"), "{place}: {message}");

    // Characters count, not bytes; and a double is booked: keeping it out is the host's task.
    let mut wide = document("1");
    drop(put(&mut wide.fields, "ShipToAddress.City", Value::Text("東".repeat(20))));
    assert!(matches!(target.create(&wide).await, Answer::Done(_)));
    assert!(matches!(target.create(&document("1")).await, Answer::Done(_)));
    assert_eq!(erp.doubles(), ["1"]);
    assert_eq!(target.stock().await.unwrap().units["TOR"]["MUG-BLUE"], Decimal::from(4));
}

#[tokio::test]
async fn cancelling_is_done_once_or_refused() {
    let erp = Erp::start(Options::default());
    let target = connect(erp.url(), bearer());
    assert_eq!(target.create(&document("1")).await, done("10000"));
    assert_eq!(target.create(&document("2")).await, done("10001"));
    for _ in 0..2 {
        assert_eq!(target.cancel("10000").await, done("10000"));
    }
    assert_eq!(erp.books()[0].status, "Cancelled");
    assert!(erp.ship("10001"));
    assert!(matches!(target.cancel("10001").await, Answer::Refused(fault) if fault.code == Code::Refused && fault.message.contains("SHIPPED")));
    assert!(matches!(target.cancel("99999").await, Answer::Refused(_)));
    erp.faults().next(On::Cancel, 1, Fault::CloseAfter);
    assert!(matches!(target.cancel("10000").await, Answer::Unknown(_)));
}

#[tokio::test]
async fn the_stock_is_read_per_warehouse() {
    let erp = Erp::start(Options::default());
    let stock = connect(erp.url(), bearer()).stock().await.unwrap();
    assert_eq!((stock.units.len(), stock.units["BUF"].len()), (2, 20));
    for fault in [Fault::GarbageAfter, Fault::FloodAfter, Fault::ErrorInside] {
        erp.faults().next(On::Stock, 1, fault.clone());
        assert!(matches!(connect(erp.url(), bearer()).stock().await, Err(busy) if busy.fault.code == Code::PartnerAnswer), "{fault:?}");
    }
}
