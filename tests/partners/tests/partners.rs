//! The partners themselves: the sender tries again and sends twice, and another process can steer the ERP over HTTP.
#![allow(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

use axum::{Router, http::HeaderMap, http::StatusCode, routing::post};
use crossdock_partners::{
    orders::generate,
    sagepro::{Options, SagePro},
    sender::{self, send},
    server::Server,
    signature,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

#[tokio::test]
async fn the_sender_signs_tries_again_and_sends_twice() {
    let seen: Arc<Mutex<HashMap<String, u32>>> = Arc::default();
    let receiver = seen.clone();
    let router = Router::new().route(
        "/hooks",
        post(async move |headers: HeaderMap, body: String| {
            let header = |name: &str| headers[name].to_str().unwrap().to_owned();
            let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp").parse().unwrap());
            assert_eq!(header("webhook-signature"), signature::sign(signature::SECRET, &id, timestamp, body.as_bytes()));
            let mut seen = receiver.lock().unwrap();
            let times = seen.entry(id).or_default();
            *times += 1;
            // Everything fails once.
            if *times == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::ACCEPTED }
        }),
    );
    let server = Server::start(router, None);
    let hooks: Vec<_> = generate(40, 1).iter().map(|order| order.hook()).collect();
    let options = sender::Options { tries: 3, wait: Duration::from_millis(1), duplicates: 500, shuffle: true, ..sender::Options::default() };
    let sent = send(&format!("{}/hooks", server.url()), &hooks, &options).await;
    let duplicates = sent.iter().filter(|sent| sent.duplicate).count();
    assert!(sent.iter().all(|sent| sent.acknowledged() && sent.tries <= 2));
    assert!(duplicates > 5 && sent.len() == 40 + duplicates, "{duplicates}");
    let total: u32 = sent.iter().map(|sent| sent.tries).sum();
    assert_eq!(total, seen.lock().unwrap().values().sum::<u32>());
    assert_ne!(sent.iter().map(|sent| &sent.id).collect::<Vec<_>>(), hooks.iter().map(|hook| &hook.id).collect::<Vec<_>>(), "shuffled");

    // Nobody there: given up after the tries, without an acknowledgement.
    let url = server.url();
    drop(server);
    let sent = send(&url, &hooks[..2], &sender::Options { tries: 2, wait: Duration::from_millis(1), ..sender::Options::default() }).await;
    assert!(sent.iter().all(|sent| sent.status.is_none() && sent.tries == 2));
}

#[tokio::test]
async fn nothing_passes_a_closed_gate() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let receiver = seen.clone();
    let router = Router::new().route(
        "/",
        post(async move |headers: HeaderMap| {
            receiver.lock().unwrap().push(headers["webhook-id"].to_str().unwrap().to_owned());
            StatusCode::ACCEPTED
        }),
    );
    let server = Server::start(router, None);
    let hooks: Vec<_> = generate(10, 1).iter().map(|order| order.hook()).collect();
    let (gate, opened) = tokio::sync::watch::channel(4);
    let (url, expected) = (server.url(), hooks.clone());
    let sending = tokio::spawn(async move { sender::send_through(&url, hooks, &sender::Options::default(), &opened).await });
    while seen.lock().unwrap().len() < 4 {
        tokio::task::yield_now().await;
    }
    gate.send_replace(7);
    drop(gate);
    let sent = sending.await.unwrap();
    let mut passed = seen.lock().unwrap().clone();
    passed.sort();
    assert_eq!(passed, expected[..7].iter().map(|hook| hook.id.clone()).collect::<Vec<_>>());
    assert_eq!(sent.len(), 7);
}

#[tokio::test]
async fn another_process_can_steer_the_erp() {
    let erp = SagePro::start(Options::default());
    drop(rustls::crypto::ring::default_provider().install_default());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| {
        let text = http.get(erp.url() + path).send().await.unwrap().text().await.unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let create = || {
        let body = r#"{"PurchaseOrderNo":"1","CustomerNo":"C1","TotalAmount":1.13,"LineItems":[{"ItemCode":"A","Quantity":1,"UnitPrice":1,"ExtPrice":1.00,"TaxAmount":0.13}]}"#;
        http.post(erp.url() + "/api/v1/sagepro/orders").bearer_auth("sagepro-test-token").body(body).send()
    };
    let rules = r#"[{"on":"create","next":1,"fault":"error-before"},{"on":"find","permille":1000,"fault":{"slow":1}}]"#;
    assert_eq!(http.post(erp.url() + "/_faults").body(rules).send().await.unwrap().status(), 204);
    assert_eq!(http.post(erp.url() + "/_faults").body(r#"[{"on":"dinner"}]"#).send().await.unwrap().status(), 400);
    assert_eq!(create().await.unwrap().status(), 500);
    assert_eq!(create().await.unwrap().status(), 201);
    assert_eq!(get("/_health").await["booked"], 1);
    let books = get("/_books").await;
    assert_eq!((&books["orders"][0]["SalesOrderNo"], &books["orders"][0]["PurchaseOrderNo"]), (&"     10000".into(), &"1".into()));

    let order = |on: &str, fault: &str| format!(r#"[{{"on":"{on}","next":1,"fault":"{fault}"}}]"#);
    let put = |body: &'static str| http.put(erp.url() + "/api/v1/sagepro/orders/10000").bearer_auth("sagepro-test-token").body(body).send();
    let change =
        r#"{"PurchaseOrderNo":"1","CustomerNo":"C1","TotalAmount":2.00,"LineItems":[{"ItemCode":"A","Quantity":2,"UnitPrice":1,"ExtPrice":2.00}]}"#;
    let cancel = r#"{"Status":"Cancelled"}"#;
    for (on, body) in [("change", change), ("cancel", cancel)] {
        assert_eq!(http.post(erp.url() + "/_faults").body(order(on, "gone")).send().await.unwrap().status(), 204);
        assert_eq!([put(body).await.unwrap().status(), put(body).await.unwrap().status()], [410, 200], "{on}");
    }
    assert_eq!(put(change).await.unwrap().status(), 409);
    let ask = |path: &str| http.get(erp.url() + "/api/v1/sagepro/orders" + path).bearer_auth("sagepro-test-token").send();
    for (on, path) in [("look", "/10000"), ("list", "?UpdatedSince=2026-01-01T00:00:00Z&Limit=5")] {
        assert_eq!(http.post(erp.url() + "/_faults").body(order(on, "error-before")).send().await.unwrap().status(), 204);
        assert_eq!(ask(path).await.unwrap().status(), 500, "{on}");
        assert!(ask(path).await.unwrap().text().await.unwrap().contains(r#""TotalAmount":2.00,"Status":"Cancelled""#), "{on}");
    }
    assert_eq!(ask("/10001").await.unwrap().status(), 404);
    assert_eq!(ask("?UpdatedSince=2026-01-01T00:00:00Z&Cursor=x").await.unwrap().status(), 400);

    erp.clear();
    assert_eq!(erp.booked(), 0);
}
