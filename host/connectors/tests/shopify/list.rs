//! Orders over a real connection: fetched one by one, listed in pages, and answers that are neither.

use super::{ORDER, SECRET, settings, with};
use crossdock_connectors::{
    Secret,
    shopify::{Settings, Shopify},
};
use crossdock_flow::{
    Code,
    source::{Content, Source},
};
use crossdock_partners::puppet::{Puppet, Say};
use jiff::Timestamp;

fn connect(url: String) -> Shopify {
    Shopify::new(Settings { api: Some((url, Secret::new("shpat_1").unwrap())), ..settings(&[SECRET]) }).unwrap()
}

fn page(rows: &str, link: Option<&str>) -> Say {
    let mut say = Say::new(200, format!(r#"{{"orders":[{rows}]}}"#));
    say.headers.extend(link.map(|link| ("link", link.to_owned())));
    say
}

#[tokio::test]
async fn a_list_goes_on_where_its_link_says() {
    let shop = Puppet::start();
    let source = connect(shop.url());
    let since: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
    let cancelled = with(&[(r#""cancelled_at":null"#, r#""cancelled_at":"2026-01-05T09:00:03-05:00""#)]);
    let link = r#"<https://acme.example/admin/api/2026-07/orders.json?limit=100&page_info=abc>; rel="next""#;
    let broken = r#"{"id":9,"updated_at":"2026-01-05T10:00:00Z","line_items":7}"#;
    shop.say([page(ORDER, Some(link)), page(&format!("{cancelled},{broken}"), Some(&link.replace("next", "previous")))]);
    let first = source.updated_since(since, None).await.unwrap();
    let row = &first.rows[0];
    assert_eq!(
        (&*row.order, row.version, row.cancelled, row.total.unwrap().0),
        ("5678901234567", 1_767_621_603_000, false, "58.50".parse().unwrap())
    );
    assert_eq!((row.body.as_slice(), first.next.as_deref()), (ORDER.as_bytes(), Some("abc")));
    let second = source.updated_since(since, first.next.as_deref()).await.unwrap();
    assert_eq!((second.rows[0].cancelled, second.rows[1].total, second.next), (true, None, None));
    let heard = shop.heard();
    let asked: Vec<&str> = heard.iter().map(|heard| heard.uri.path_and_query().unwrap().as_str()).collect();
    assert_eq!(
        asked,
        [
            "/admin/api/2026-07/orders.json?status=any&updated_at_min=2026-01-05T00%3A00%3A00Z&order=updated_at+asc&limit=100",
            "/admin/api/2026-07/orders.json?limit=100&page_info=abc"
        ]
    );
    assert_eq!(heard[0].headers["x-shopify-access-token"], "shpat_1");
}

#[tokio::test]
async fn an_order_is_fetched_as_a_webhook_brings_it() {
    let shop = Puppet::start();
    let source = connect(shop.url());
    shop.say([Say::new(200, format!("{{\"order\":{ORDER}}}"))]);
    let body = source.fetch("5678901234567").await.unwrap();
    assert_eq!(body, ORDER.as_bytes());
    assert!(matches!(source.read(&body), Ok(Content::Order(_))));
    assert_eq!(shop.heard()[0].uri.path(), "/admin/api/2026-07/orders/5678901234567.json");
    shop.say([Say::new(200, ORDER)]);
    assert_eq!(source.fetch("1").await.unwrap_err().fault.code, Code::PartnerAnswer);
}

#[tokio::test]
async fn a_list_that_cannot_be_trusted_is_no_list() {
    let shop = Puppet::start();
    let source = connect(shop.url());
    let again = r#"<https://acme.example/?page_info=p2>; rel="next""#;
    for say in [
        Say::new(200, "[]"),
        Say::new(200, "<html>"),
        Say::new(200, r#"{"errors":"no"}"#),
        page("{}", None),
        page("7", None),
        page(r#"{"id":"","updated_at":"2026-01-05T10:00:00Z"}"#, None),
        page(r#"{"id":1,"updated_at":"yesterday"}"#, None),
        page(ORDER, Some(r#"<https://acme.example/>; rel="next""#)),
        page(ORDER, Some(again)),
        Say::new(301, ""),
    ] {
        shop.say([say.clone()]);
        let busy = source.updated_since(Timestamp::UNIX_EPOCH, Some("p2")).await.unwrap_err();
        assert_eq!(busy.fault.code, Code::PartnerAnswer, "{say:?}");
    }
    shop.say([Say { headers: vec![("retry-after", "2".into())], ..Say::new(429, "") }]);
    let busy = source.updated_since(Timestamp::UNIX_EPOCH, None).await.unwrap_err();
    assert_eq!((busy.fault.code, busy.retry_after, busy.counts), (Code::PartnerBusy, Some(std::time::Duration::from_secs(2)), false));
    let busy = super::shop().fetch("1").await.unwrap_err();
    assert_eq!(busy.fault.code, Code::Settings);
}
