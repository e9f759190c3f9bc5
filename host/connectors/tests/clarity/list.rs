//! The shop's list of what changed: every order once, with its own bytes, page by page; and what is broken on the way.

use crate::{SMALL, clarity, settings};
use crossdock_connectors::{
    Secret,
    clarity::{Clarity, Settings},
};
use crossdock_flow::{
    Code, Decimal,
    source::{Content, Listed, Source},
};
use crossdock_partners::{
    clarity as shop,
    faults::{Fault, On},
    orders::{Generated, generate},
    puppet::{Puppet, Say},
    signature::SECRET,
    special::{self, Wrong},
};
use jiff::{Timestamp, ToSpan};
use std::time::Duration;

fn connect(url: String) -> Clarity {
    let api = Some((url, Secret::new("token-1").unwrap()));
    Clarity::new(Settings { api, timeout: Duration::from_secs(5), ..settings(&[SECRET]) }).unwrap()
}

fn at(minute: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + minute.minutes()
}

/// Everything that changed since then, and the lengths of the pages.
async fn all(source: &Clarity, since: Timestamp) -> (Vec<Listed>, Vec<usize>) {
    let (mut rows, mut lengths, mut page) = (Vec::new(), Vec::new(), None);
    loop {
        let read = source.updated_since(since, page.as_deref()).await.unwrap();
        lengths.push(read.rows.len());
        rows.extend(read.rows);
        page = read.next;
        if page.is_none() {
            return (rows, lengths);
        }
    }
}

/// What the list says of rows that are given as they stand.
async fn listed(rows: &str) -> Result<Vec<Listed>, (Code, String)> {
    let shop = Puppet::start();
    shop.say([Say::new(200, format!(r#"{{"orders":[{rows}],"next":null}}"#))]);
    let page = connect(shop.url()).updated_since(at(0), None).await;
    page.map(|page| page.rows).map_err(|busy| (busy.fault.code, busy.fault.message))
}

#[tokio::test]
async fn every_order_comes_once_oldest_change_first() {
    let shop = shop::Clarity::start("token-1", &[]);
    let source = connect(shop.url());
    assert_eq!(all(&source, at(0)).await, (vec![], vec![0]));
    let made = generate(250, 31);
    for (minute, order) in made.iter().enumerate().rev() {
        assert!(shop.upsert_at(&order.order, at(minute as i64)));
    }
    let (rows, lengths) = all(&source, at(0)).await;
    assert_eq!(lengths, [100, 100, 50]);
    for (row, made) in rows.iter().zip(&made) {
        let Generated { number, order, expected, .. } = made;
        assert_eq!((&row.order, row.version, row.cancelled), (number, 1, false));
        assert_eq!(row.total.map(|(total, currency)| (total, currency.code().to_owned())), Some((expected.total, expected.currency.clone())));
        assert_eq!(row.body, order.as_bytes(), "the order's own bytes");
        assert!(matches!(source.read(&row.body), Ok(Content::Order(order)) if order.total == expected.total));
        assert_eq!(source.root(&row.body), "");
    }
    let (rows, _) = all(&source, at(240)).await;
    assert_eq!(rows.len(), 10, "the time itself is included");

    // A newer version moves to its new time; an older one changes nothing.
    let newer = made[3].order.replacen(r#""version":1,"#, r#""version":2,"#, 1);
    assert!(shop.upsert_at(&newer, at(500)));
    assert!(!shop.upsert_at(&made[3].order, at(600)));
    let (rows, _) = all(&source, at(300)).await;
    assert_eq!(rows.iter().map(|row| (&*row.order, row.version)).collect::<Vec<_>>(), [(&*made[3].number, 2)]);
    assert_eq!(all(&source, at(0)).await.0.len(), 250);
    assert_eq!(source.fetch(&made[3].number).await.unwrap(), newer.as_bytes());
}

#[tokio::test]
async fn the_request_says_since_when_how_many_and_from_where() {
    let shop = Puppet::start();
    shop.say([Say::new(200, r#"{"orders":[],"next":"b"}"#)]);
    let source = connect(shop.url());
    let since = "2026-11-23T10:00:00.250-05:00".parse().unwrap();
    assert_eq!(source.updated_since(since, None).await.unwrap().next.as_deref(), Some("b"));
    assert!(source.updated_since(since, Some("a+/ =&")).await.is_ok());
    let heard = shop.heard();
    assert_eq!(heard[0].uri, "/api/v1/clarity/orders?updatedSince=2026-11-23T15%3A00%3A00.25Z&limit=100");
    assert_eq!(heard[1].uri.query(), Some("updatedSince=2026-11-23T15%3A00%3A00.25Z&limit=100&cursor=a%2B%2F+%3D%26"));
    assert_eq!(heard[0].headers["authorization"], "Bearer token-1");
}

#[tokio::test]
async fn bytes_are_kept_as_they_stand() {
    let odd = SMALL.replacen(r#""4711""#, "\"47\\u00311\"", 1).replacen(r#""totalAmount":22.61"#, r#""totalAmount" :  226.1e-1"#, 1);
    let rows = listed(&format!(" {SMALL}\r\n ,\t{odd}\n")).await.unwrap();
    assert_eq!([&*rows[0].body, &*rows[1].body], [SMALL.as_bytes(), odd.as_bytes()]);
    assert_eq!((&*rows[1].order, rows[1].version, rows[1].total.unwrap().0), ("4711", 2, Decimal::new(2261, 2)));
}

#[tokio::test]
async fn cancelled_orders_are_told() {
    for (status, cancelled) in
        [(r#""cancelled""#, true), (r#""Canceled ""#, true), (r#""placed""#, false), ("null", false), ("7", false), ("{}", false)]
    {
        let rows = listed(&SMALL.replacen(r#""placed""#, status, 1)).await.unwrap();
        assert_eq!(rows[0].cancelled, cancelled, "{status}");
    }
}

#[tokio::test]
async fn an_order_that_cannot_be_read_is_listed_all_the_same() {
    let shop = shop::Clarity::start("token-1", &[]);
    for (number, wrong) in Wrong::ALL.into_iter().enumerate() {
        assert!(shop.upsert_at(&special::order(wrong, &format!("X{number}")).order, at(number as i64)), "{wrong:?}");
    }
    let source = connect(shop.url());
    let (rows, _) = all(&source, at(0)).await;
    assert_eq!(rows.len(), Wrong::ALL.len());
    for (row, wrong) in rows.iter().zip(Wrong::ALL) {
        // The event of `CutOff` is what is cut off, and the ERP alone minds an unknown SKU.
        let whole = matches!(wrong, Wrong::UnknownSku | Wrong::CutOff);
        assert_eq!((row.total.is_some(), source.read(&row.body).is_ok()), (whole, whole), "{wrong:?}");
        assert_eq!(row.version, 1);
    }
    for (row, version) in [
        (r#"{"orderId":"1","version":"7","updatedAt":"yesterday","status":[]}"#, 7),
        (r#"{"orderId":1,"updatedAt":"2026-11-23T15:00:00.250Z"}"#, 1_795_446_000_250),
        (r#"{"orderId":"1","orderDate":"2026-11-23T10:00:00-05:00","updatedAt":"yesterday"}"#, 1_795_446_000_000),
    ] {
        let rows = listed(row).await.unwrap();
        assert_eq!((&*rows[0].order, rows[0].version, rows[0].total), ("1", version, None), "{row}");
    }
}

#[tokio::test]
async fn a_row_of_which_nothing_is_known_is_a_fault_that_names_it() {
    for row in [
        "{}",
        "7",
        "null",
        "[]",
        r#"{"version":1}"#,
        r#"{"orderId":" ","version":1}"#,
        r#"{"orderId":"Mr. Secret"}"#,
        r#"{"orderId":"Mr. Secret","version":-1}"#,
        r#"{"orderId":"Mr. Secret","version":"x"}"#,
        r#"{"orderId":{"a":"Mr. Secret"},"version":1}"#,
    ] {
        let (code, message) = listed(&format!("{SMALL},{row}")).await.unwrap_err();
        assert_eq!(code, Code::PartnerAnswer, "{row}");
        assert!(message.contains("`orders[1].orderId`") && !message.contains("Secret"), "{row}: {message}");
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_trusted_is_no_list() {
    let shop = Puppet::start();
    let source = connect(shop.url());
    let long = format!(r#"{{"orders":[],"next":"{}"}}"#, "x".repeat(1025));
    for body in [
        "",
        "<html>",
        "[]",
        "{}",
        r#"{"orders":{},"next":null}"#,
        r#"{"orders":[],"next":null,"error":"down"}"#,
        r#"{"orders":[],"next":""}"#,
        r#"{"orders":[],"next":{}}"#,
        r#"{"orders":[],"next":"p2"}"#,
        r#"{"orders":[],"next":null"#,
        &long,
    ] {
        shop.say([Say::new(200, body)]);
        // A cursor that does not move would be asked for ever.
        assert!(matches!(source.updated_since(at(0), Some("p2")).await, Err(busy) if busy.fault.code == Code::PartnerAnswer), "{body}");
    }
}

#[tokio::test]
async fn a_page_may_be_larger_than_an_order_but_not_of_any_size() {
    let shop = Puppet::start();
    let source = connect(shop.url());
    let page = |length: usize| Say::new(200, format!(r#"{{"orders":[{SMALL}],"next":null}}{}"#, " ".repeat(length)));
    shop.say([page(15 * 1024 * 1024)]);
    assert_eq!(source.updated_since(at(0), None).await.unwrap().rows.len(), 1);
    shop.say([page(16 * 1024 * 1024)]);
    let busy = source.updated_since(at(0), None).await.unwrap_err();
    assert_eq!(busy.fault.code, Code::PartnerAnswer);
    assert!(busy.fault.message.contains("16777216 bytes") && busy.fault.message.contains("smaller pages"), "{}", busy.fault);
}

#[tokio::test]
async fn whatever_goes_wrong_is_busy_and_nothing_is_concluded() {
    let mut shop = shop::Clarity::start("token-1", &generate(3, 5));
    let source = connect(shop.url());
    let failed = async || source.updated_since(at(0), None).await.map(|page| page.rows.len()).map_err(|busy| (busy.fault.code, busy.counts));
    for (fault, code, counts) in [
        (Fault::RateLimit(9), Code::PartnerBusy, false),
        (Fault::Unavailable(9), Code::PartnerBusy, true),
        (Fault::ErrorBefore, Code::PartnerBusy, true),
        (Fault::ErrorAfter, Code::PartnerBusy, true),
        (Fault::SilenceAfter, Code::PartnerBusy, true),
        (Fault::CloseAfter, Code::PartnerBusy, true),
        (Fault::Unauthorized, Code::Credentials, true),
        (Fault::GarbageAfter, Code::PartnerAnswer, true),
        (Fault::ErrorInside, Code::PartnerAnswer, true),
        (Fault::Gone, Code::PartnerAnswer, true),
        (Fault::Moved, Code::PartnerAnswer, true),
    ] {
        shop.faults().next(On::List, 1, fault.clone());
        assert_eq!(failed().await, Err((code, counts)), "{fault:?}");
        assert_eq!(failed().await, Ok(3), "{fault:?}: asked once, and not again by itself");
    }
    shop.faults().next(On::Look, 1, Fault::Gone);
    assert_eq!(failed().await, Ok(3), "a fault of looking at one order");
    assert_eq!(source.fetch("W005-0000000").await.unwrap_err().fault.code, Code::PartnerAnswer);
    shop.outage();
    assert_eq!(failed().await, Err((Code::PartnerBusy, true)));
    shop.recover();
    assert_eq!(failed().await, Ok(3));
    let busy = clarity().updated_since(at(0), None).await.unwrap_err();
    assert_eq!(busy.fault.code, Code::Settings);
}
