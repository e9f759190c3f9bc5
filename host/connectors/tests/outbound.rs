//! Requests of rules against real servers on loopback: what is allowed, what never leaves, what is cut off.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crossdock_connectors::{
    Secret,
    outbound::{Outbound, allowed},
};
use crossdock_flow::capability::{Allowed, Request, Response, Unanswered};
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A server that answers every request with these bytes and keeps what it was sent.
async fn server(answer: &'static str) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, seen) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
    let kept = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut bytes = vec![0; 4096];
            let length = socket.read(&mut bytes).await.unwrap_or(0);
            kept.lock().unwrap().push(String::from_utf8_lossy(&bytes[..length]).into_owned());
            drop(socket.write_all(answer.as_bytes()).await);
        }
    });
    (port, seen)
}

const FINE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nx-rate: 13\r\nconnection: close\r\n\r\nfine";

fn get(url: &str) -> Request {
    Request { method: "GET".into(), url: url.into(), headers: vec![("Accept".into(), "text/plain".into())], body: Vec::new() }
}

fn entry(url: &str, private: bool) -> Allowed {
    allowed(url, vec!["GET".into()], Some("tax#0".into()), private).unwrap()
}

async fn fetch(list: &[Allowed], request: Request) -> Result<Response, Unanswered> {
    Outbound::new(vec![("tax#0".into(), Secret::new("s3cret").unwrap())]).unwrap().fetch("tax", list, request, 1000).await
}

#[tokio::test]
async fn a_listed_address_gets_the_credential_and_answers() {
    let (port, seen) = server(FINE).await;
    let base = format!("http://127.0.0.1:{port}/v1");
    let answer = fetch(&[entry(&base, true)], get(&format!("{base}/rates?country=CA"))).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"fine"[..]));
    assert!(answer.headers.contains(&("x-rate".into(), "13".into())));
    let seen = seen.lock().unwrap()[0].to_lowercase();
    assert!(
        seen.starts_with("get /v1/rates?country=ca http/1.1\r\n")
            && seen.contains("authorization: bearer s3cret")
            && seen.contains("accept: text/plain"),
        "{seen}"
    );
}

#[tokio::test]
async fn what_is_not_listed_never_leaves_and_says_how_it_would() {
    let (port, seen) = server(FINE).await;
    let base = format!("http://127.0.0.1:{port}/v1");
    for url in [format!("http://127.0.0.1:{port}/other"), format!("http://127.0.0.1:{port}/v1/../other"), format!("http://localhost:{port}/v1")] {
        let Err(Unanswered::NotAllowed(why)) = fetch(&[entry(&base, true)], get(&url)).await else { panic!("{url}") };
        assert!(why.contains("[[plugins.tax.http.allow]] methods = [\"GET\"] url = \"http://"), "{why}");
    }
    let post = Request { method: "POST".into(), ..get(&base) };
    assert!(matches!(fetch(&[entry(&base, true)], post).await, Err(Unanswered::NotAllowed(_))));
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn private_addresses_are_refused_after_the_name_is_looked_up() {
    let (port, seen) = server(FINE).await;
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
        let url = format!("http://{host}:{port}/");
        let refused = fetch(&[entry(&url, false)], get(&url)).await;
        assert!(matches!(&refused, Err(Unanswered::NotAllowed(why)) if why.contains("private = true")), "{host}: {refused:?}");
    }
    assert!(seen.lock().unwrap().is_empty());
    let url = format!("http://localhost:{port}/");
    assert!(fetch(&[entry(&url, true)], get(&url)).await.is_ok(), "unless the operator means it");
}

#[tokio::test]
async fn redirects_are_answers_and_long_answers_are_cut() {
    let (port, seen) = server("HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
    let url = format!("http://127.0.0.1:{port}/");
    assert_eq!(fetch(&[entry(&url, true)], get(&url)).await.unwrap().status, 302);
    assert_eq!(seen.lock().unwrap().len(), 1);
    let long: &'static str =
        Box::leak(format!("HTTP/1.1 200 OK\r\ncontent-length: 1001\r\nconnection: close\r\n\r\n{}", "x".repeat(1001)).into_boxed_str());
    let (port, _) = server(long).await;
    let url = format!("http://127.0.0.1:{port}/");
    assert_eq!(fetch(&[entry(&url, true)], get(&url)).await, Err(Unanswered::TooLarge));
}

#[tokio::test]
async fn headers_that_are_the_hosts_affair_are_refused() {
    let (port, seen) = server(FINE).await;
    let url = format!("http://127.0.0.1:{port}/");
    for (name, value) in [("Authorization", "Bearer mine"), ("Host", "evil"), ("Transfer-Encoding", "chunked"), ("X-A", "a\r\nX-B: b"), ("X A", "b")]
    {
        let request = Request { headers: vec![(name.into(), value.into())], ..get(&url) };
        assert!(matches!(fetch(&[entry(&url, true)], request).await, Err(Unanswered::Failed(_))), "{name}");
    }
    for written in ["http://user:pass@127.0.0.1/", "file:///etc/passwd", "//127.0.0.1/", "/etc"] {
        assert!(matches!(fetch(&[entry(&url, true)], get(written)).await, Err(Unanswered::Failed(_))), "{written}");
    }
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_dripping_answer_ends_with_the_time_of_whoever_waits() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        drop(socket.read(&mut [0; 4096]).await);
        drop(socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await);
        // A byte now and then: no timeout between bytes would ever strike.
        while socket.write_all(b"x").await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
    let list = [entry(&url, true)];
    // As the sandbox does it: one clock over the whole request.
    let waited = tokio::time::timeout(std::time::Duration::from_millis(100), fetch(&list, get(&url))).await;
    assert!(waited.is_err(), "{waited:?}");
}
