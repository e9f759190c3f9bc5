//! Documents that are new: booked once and found again, whatever happens on the way; and what holds for every request.

use crate::{TOKEN, bearer, connect, document, done, number};
use crossdock_connectors::{
    Secret,
    sagepro::{Auth, SagePro, Settings},
};
use crossdock_flow::{
    Code, Decimal, Document,
    order::{Value, put},
    target::{Answer, Busy, Found, Receipt, Target},
};
use crossdock_partners::{
    faults::{Fault, On},
    puppet::{Puppet, Say},
    sagepro::{Customers, Items, Options, SagePro as Erp},
};
use jiff::Timestamp;
use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

/// What came of each request that there is, in the order create, change, cancel, find, standing, booked, stock.
async fn each(target: &SagePro) -> Vec<Result<Code, Code>> {
    let write = |answer: Answer| match answer {
        Answer::Refused(fault) | Answer::Unknown(fault) => Err(fault.code),
        Answer::Busy(busy) => Ok(busy.fault.code),
        Answer::Done(receipt) => panic!("{receipt:?}"),
    };
    let find = match target.find(&document("1")).await {
        Found::Busy(busy) => Ok(busy.fault.code),
        found => panic!("{found:?}"),
    };
    let busy = |result: Result<(), Busy>| Ok(result.unwrap_err().fault.code);
    vec![
        write(target.create(&document("1")).await),
        write(target.change("10000", &document("1")).await),
        write(target.cancel("10000").await),
        find,
        busy(target.standing("10000").await.map(drop)),
        busy(target.booked(Timestamp::UNIX_EPOCH, None).await.map(drop)),
        busy(target.stock().await.map(drop)),
    ]
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
async fn redirects_are_not_followed_and_what_is_gone_is_not_asked_again() {
    let erp = Erp::start(Options::default());
    let target = connect(erp.url(), bearer());
    assert_eq!(target.create(&document("1")).await, done("10000"));
    for fault in [Fault::Moved, Fault::Gone] {
        // One for each request: whoever follows, or tries a second time, is served.
        erp.faults().next(On::All, 7, fault.clone());
        let (refused, busy) = (Err(Code::PartnerAnswer), Ok(Code::PartnerAnswer));
        assert_eq!(each(&target).await, [refused, refused, refused, busy, busy, busy, busy], "{fault:?}");
        assert_eq!(erp.faults().draw(On::All), None, "{fault:?}");
    }
    let books = erp.books();
    assert_eq!((books.len(), books[0].writes.len()), (1, 1));
}

#[tokio::test]
async fn a_credential_that_is_refused_is_the_operators_for_every_request() {
    let erp = Erp::start(Options::default());
    let wrong = connect(erp.url(), Auth::Bearer(Secret::new("hunter2").unwrap()));
    assert_eq!(each(&wrong).await, [Ok(Code::Credentials); 7]);
}

#[tokio::test]
async fn the_same_document_is_the_same_bytes_at_every_try() {
    let erp = Puppet::start();
    let target = connect(erp.url(), bearer());
    let tries = |status: u16| {
        let wait = |status| Say { headers: vec![("retry-after", "1".into())], ..Say::new(status, "") };
        vec![wait(429), wait(503), Say::new(500, ""), Say::new(status, r#"{"SalesOrderNo":"10000"}"#)]
    };
    erp.say(tries(201));
    for _ in 0..3 {
        assert!(!matches!(target.create(&document("1")).await, Answer::Done(_)));
    }
    // After a restart it is another process that sends it again.
    assert_eq!(connect(erp.url(), bearer()).create(&document("1")).await, done("10000"));
    let mut heard = erp.heard();
    erp.say(tries(200));
    for _ in 0..3 {
        assert!(!matches!(target.change("10000", &document("1")).await, Answer::Done(_)));
    }
    assert_eq!(target.change("10000", &document("1")).await, done("10000"));
    heard.extend(erp.heard());
    assert_eq!(heard.len(), 8);
    assert!(heard.iter().all(|one| one.body == heard[0].body && !one.body.is_empty()));
    assert_eq!((heard[3].method.as_str(), heard[3].uri.path()), ("POST", "/api/v1/sagepro/orders"));
    assert_eq!((heard[7].method.as_str(), heard[7].uri.path()), ("PUT", "/api/v1/sagepro/orders/10000"));
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
