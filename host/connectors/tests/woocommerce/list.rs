//! The list of what changed over a real connection: pages that lose nothing, and answers that are no list.

use super::{ORDER, SECRET, settings};
use crossdock_connectors::{
    Secret,
    woocommerce::{Api, Settings, WooCommerce},
};
use crossdock_flow::{Code, source::Source};
use crossdock_partners::puppet::{Puppet, Say};
use jiff::Timestamp;

fn connect(url: String) -> WooCommerce {
    let api = Api { url, key: Secret::new("ck_1").unwrap(), secret: Secret::new("cs_2").unwrap() };
    WooCommerce::new(Settings { api: Some(api), ..settings(&[SECRET]) }).unwrap()
}

fn order(id: u32, modified: &str) -> String {
    ORDER.replacen("\"id\":727", &format!("\"id\":{id}"), 1).replacen("2017-03-22T19:28:08", modified, 1)
}

fn page(rows: &[String], pages: &str) -> Say {
    let mut say = Say::new(200, format!("[{}]", rows.join(",")));
    say.headers.push(("x-wp-totalpages", pages.to_owned()));
    say
}

#[tokio::test]
async fn every_page_goes_on_after_the_last_order_of_the_one_before() {
    let shop = Puppet::start();
    let source = connect(shop.url());
    let since: Timestamp = "2017-03-22T00:00:00Z".parse().unwrap();
    let (a, b, c) = (order(1, "2017-03-22T01:00:00"), order(2, "2017-03-22T02:00:00"), order(3, "2017-03-22T02:00:00"));
    shop.say([page(&[a.clone(), b.clone()], "2"), page(&[b, c.clone()], "2"), page(std::slice::from_ref(&c), "2")]);
    let first = source.updated_since(since, None).await.unwrap();
    assert_eq!(first.rows.iter().map(|row| &*row.order).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(first.rows[0].body, a.as_bytes());
    assert_eq!(first.rows[0].total.unwrap().0, "29.35".parse().unwrap());
    assert_eq!(first.next.as_deref(), Some("2017-03-22T01:59:59Z/1"));
    // The same second twice: only then by number.
    let second = source.updated_since(since, first.next.as_deref()).await.unwrap();
    assert_eq!(second.next.as_deref(), Some("2017-03-22T01:59:59Z/2"));
    let third = source.updated_since(since, second.next.as_deref()).await.unwrap();
    assert_eq!((third.rows.len(), third.next), (1, None));
    let heard = shop.heard();
    let asked: Vec<&str> = heard.iter().map(|heard| heard.uri.path_and_query().unwrap().as_str()).collect();
    let query = |after: &str, page: u32| {
        format!("/wp-json/wc/v3/orders?modified_after={after}&dates_are_gmt=true&orderby=modified&order=asc&per_page=100&page={page}")
    };
    assert_eq!(asked, [query("2017-03-21T23%3A59%3A59", 1), query("2017-03-22T01%3A59%3A59", 1), query("2017-03-22T01%3A59%3A59", 2)]);
    assert_eq!(heard[0].headers["authorization"], "Basic Y2tfMTpjc18y");
}

#[tokio::test]
async fn an_order_is_fetched_and_a_broken_one_is_listed_all_the_same() {
    let shop = Puppet::start();
    let source = connect(shop.url());
    shop.say([Say::new(200, ORDER)]);
    assert_eq!(source.fetch("727").await.unwrap(), ORDER.as_bytes());
    assert_eq!(shop.heard()[0].uri.path(), "/wp-json/wc/v3/orders/727");
    let broken = r#"{"id":9,"status":"cancelled","date_modified_gmt":"2017-03-22T01:00:00","total":[]}"#.to_owned();
    shop.say([page(&[broken], "1")]);
    let row = source.updated_since(Timestamp::UNIX_EPOCH, None).await.unwrap().rows.remove(0);
    assert_eq!((&*row.order, row.cancelled, row.total), ("9", true, None));
}

#[tokio::test]
async fn a_list_that_cannot_be_trusted_is_no_list() {
    let shop = Puppet::start();
    let source = connect(shop.url());
    let one = order(1, "2017-03-22T01:00:00");
    for say in [
        Say::new(200, format!("[{one}]")),
        page(&[], "2"),
        page(&[r#"{"id":1}"#.into()], "1"),
        page(&["{}".into()], "1"),
        page(&["7".into()], "1"),
        page(&[one], "many"),
        Say::new(200, r#"{"code":"rest_no_route"}"#),
        Say::new(200, "<html>"),
        Say::new(404, "{}"),
    ] {
        shop.say([say.clone()]);
        let busy = source.updated_since(Timestamp::UNIX_EPOCH, None).await.unwrap_err();
        assert_eq!(busy.fault.code, Code::PartnerAnswer, "{say:?}");
    }
    let busy = source.updated_since(Timestamp::UNIX_EPOCH, Some("elsewhere")).await.unwrap_err();
    assert_eq!(busy.fault.code, Code::PartnerAnswer);
    shop.say([Say::new(401, "{}")]);
    assert_eq!(source.updated_since(Timestamp::UNIX_EPOCH, None).await.unwrap_err().fault.code, Code::Credentials);
    let busy = super::shop().updated_since(Timestamp::UNIX_EPOCH, None).await.unwrap_err();
    assert_eq!(busy.fault.code, Code::Settings);
}
