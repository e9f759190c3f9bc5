//! What is read of the ERP: how far an order is, what changed, the stock. Nothing is concluded from what cannot be read.

use crate::{bearer, changed, connect, document, done};
use crossdock_flow::{
    Code, Decimal,
    target::{Answer, Booked, Page, Standing, Target},
};
use crossdock_partners::{
    faults::{Fault, On},
    puppet::{Puppet, Say},
    sagepro::{Options, SagePro as Erp},
};
use jiff::Timestamp;

#[tokio::test]
async fn the_standing_of_an_order_is_told_and_never_guessed() {
    let erp = Erp::start(Options::default());
    let target = connect(erp.url(), bearer());
    for key in ["1", "2", "3", "4"] {
        assert!(matches!(target.create(&document(key)).await, Answer::Done(_)));
    }
    assert!(erp.ship("10001") && erp.ship_part("10002"));
    assert_eq!(target.cancel("10003").await, done("10003"));
    for (number, standing) in [
        ("10000", Some(Standing::Open)),
        ("10001", Some(Standing::Shipped)),
        ("10002", Some(Standing::Shipped)),
        ("10003", Some(Standing::Cancelled)),
        ("10004", None),
    ] {
        assert_eq!(target.standing(number).await, Ok(standing), "{number}");
    }
    for (fault, code) in [
        (Fault::RateLimit(7), Code::PartnerBusy),
        (Fault::ErrorBefore, Code::PartnerBusy),
        (Fault::SilenceAfter, Code::PartnerBusy),
        (Fault::CloseAfter, Code::PartnerBusy),
        (Fault::ErrorInside, Code::PartnerAnswer),
        (Fault::GarbageAfter, Code::PartnerAnswer),
        (Fault::FloodAfter, Code::PartnerAnswer),
    ] {
        // A number that is not there: whatever goes wrong, that must not be concluded from it.
        for number in ["10000", "10004"] {
            erp.faults().next(On::Look, 1, fault.clone());
            assert!(matches!(target.standing(number).await, Err(busy) if busy.fault.code == code), "{fault:?}");
        }
    }
    let puppet = Puppet::start();
    let target = connect(puppet.url(), bearer());
    let row = |number: &str, status: &str| {
        format!(r#"{{"SalesOrderNo":"{number}","PurchaseOrderNo":"1","CustomerNo":"C10042","TotalAmount":1,"Status":{status}}}"#)
    };
    for (status, body) in [
        (200, row("10001", r#""""#)),
        (200, row("10000", r#""On hold""#)),
        (200, row("10000", "null")),
        (200, row("10000", r#""""#).replace(r#","Status":"""#, "")),
        (200, "null".into()),
        (200, String::new()),
        (404, "<html>Not Found</html>".into()),
        (404, r#"{"error":"Not Found","path":"/api"}"#.into()),
        (404, r#"{"error":{"code":"NO_SUCH_ROUTE"}}"#.into()),
        (204, String::new()),
    ] {
        puppet.say([Say::new(status, &*body)]);
        assert!(matches!(target.standing("10000").await, Err(busy) if busy.fault.code == Code::PartnerAnswer), "{status} {body}");
    }
    puppet.say([Say::new(200, row("     10000", r#""        ""#))]);
    assert_eq!(target.standing("10000").await, Ok(Some(Standing::Open)), "padded as the ERP pads");
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

#[tokio::test]
async fn what_was_booked_or_changed_is_listed_page_by_page() {
    let erp = Erp::start(Options::default());
    let target = connect(erp.url(), bearer());
    let before = crossdock_partners::time();
    for key in 0..401 {
        assert!(matches!(target.create(&document(&key.to_string())).await, Answer::Done(_)));
    }
    let mut rows = Vec::new();
    let mut page = None;
    let mut lengths = Vec::new();
    loop {
        let Page { rows: more, next } = target.booked(before, page.as_deref()).await.unwrap();
        lengths.push(more.len());
        rows.extend(more);
        page = next;
        if page.is_none() {
            break;
        }
    }
    assert_eq!(lengths, [200, 200, 1]);
    assert_eq!(rows.iter().map(|row| row.key.parse().unwrap()).collect::<Vec<usize>>(), (0..401).collect::<Vec<_>>());
    let row = |number: &str, key: &str, total: Decimal, standing| Booked {
        number: number.into(),
        key: key.into(),
        customer: "C10042".into(),
        total,
        standing,
    };
    assert_eq!(rows[0], row("10000", "0", document("0").total, Standing::Open));

    let since = crossdock_partners::time();
    assert_eq!(target.change("10007", &changed("7")).await, done("10007"));
    assert_eq!(target.cancel("10003").await, done("10003"));
    assert!(erp.ship_part("10001"));
    assert_eq!(
        target.booked(since, None).await.unwrap(),
        Page {
            rows: vec![
                row("10007", "7", changed("7").total, Standing::Open),
                row("10003", "3", document("3").total, Standing::Cancelled),
                row("10001", "1", document("1").total, Standing::Shipped)
            ],
            next: None
        }
    );
}

#[tokio::test]
async fn a_list_that_cannot_be_trusted_is_no_list() {
    let erp = Puppet::start();
    let target = connect(erp.url(), bearer());
    let row = r#"{"SalesOrderNo":"10000","PurchaseOrderNo":"1","CustomerNo":"C1","TotalAmount":1.00,"Status":""}"#;
    let since: Timestamp = "2026-11-23T10:00:00-05:00".parse().unwrap();
    let long = format!(r#"{{"orders":[],"next":"{}"}}"#, "x".repeat(1025));
    for body in [
        "",
        "[]",
        "{}",
        r#"{"orders":null,"next":null}"#,
        r#"{"orders":[],"next":null,"error":{"code":"DB_DOWN"}}"#,
        r#"{"orders":[],"next":""}"#,
        r#"{"orders":[],"next":7}"#,
        r#"{"orders":[],"next":"p2"}"#,
        &long,
        &format!(r#"{{"orders":[{row},{}],"next":null}}"#, row.replace("1.00", r#""1,00""#)),
        &format!(r#"{{"orders":[{}],"next":null}}"#, row.replace(r#""Status":"""#, r#""Status":"New""#)),
        &format!(r#"{{"orders":[{}],"next":null}}"#, row.replace(r#""10000""#, r#"" ""#)),
    ] {
        erp.say([Say::new(200, body)]);
        // A cursor that does not move would be asked for ever.
        assert!(matches!(target.booked(since, Some("p2")).await, Err(busy) if busy.fault.code == Code::PartnerAnswer), "{body}");
    }
    erp.say([Say::new(200, format!(r#"{{"orders":[{row}],"next":"p3"}}"#))]);
    assert_eq!(target.booked(since, Some("p 2&x")).await.unwrap().next.as_deref(), Some("p3"));
    let heard = erp.heard().pop().unwrap();
    assert_eq!(heard.uri.query(), Some("UpdatedSince=2026-11-23T15%3A00%3A00Z&Limit=200&Cursor=p+2%26x"));
}
