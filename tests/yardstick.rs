//! The public yardstick for order webhooks, line by line: as receiver from the shop, and as sender to the ERP. How the door
//! refuses what is not the shop's is in `door.rs`; that ids are kept as long as records is the stores' own suite, too.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use axum::{
    Router,
    body::Bytes,
    extract::State as Shared,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use common::{PATIENCE, patient, plan, show, start};
use crossdock_flow::{
    Code, Fault,
    desk::{Desk, Retention},
    record::{Event, Kind, State, Store},
    settle::{Outcome, Schedule, settle},
    target::Busy,
};
use crossdock_partners::{
    faults::{self, On},
    now,
    orders::{Generated, event, generate},
    puppet::Puppet,
    sender::{Hook, Options, client},
    server::Server,
    signature::{SECRET, sign},
};
use crossdock_stage::{Plan, Stage};
use crossdock_stores::sqlite::SqliteStore;
use jiff::Timestamp;
use serde_json::Value;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

const HOUR: Duration = Duration::from_secs(3_600);

/// Sends one webhook once; gives status and answer, nothing when none came.
async fn tell(url: &str, id: &str, body: &[u8]) -> Option<(u16, Value)> {
    let at = now();
    let request = client().post(url).header("webhook-id", id).header("webhook-timestamp", at);
    let answer = request.header("webhook-signature", sign(SECRET, id, at, body)).body(body.to_vec()).send().await.ok()?;
    let status = answer.status().as_u16();
    Some((status, serde_json::from_slice(&answer.bytes().await.ok()?).unwrap_or_default()))
}

fn store(stage: &Stage) -> SqliteStore {
    SqliteStore::open(&stage.data().join("crossdock.db")).unwrap()
}

/// The host ends by its own hand at this step in its next life; nowhere when there is none.
async fn live(stage: &mut Stage, step: Option<&str>) {
    stage.kill().unwrap();
    stage.set_environment(step.map(|step| ("CROSSDOCK_CRASH_AT", format!("{step}:1"))).into_iter().collect());
    stage.restart().await.unwrap();
}

#[tokio::test]
async fn receiver_202_means_that_it_is_on_disk() {
    let (_folder, plan) = plan();
    let [early, late, promised] = generate(3, 51).try_into().unwrap();
    let mut stage = start(plan, &[]).await;
    let url = stage.webhooks();
    // Killed before it is on disk: no answer, and nothing is kept.
    live(&mut stage, Some("accept.before")).await;
    assert_eq!(tell(&url, "evt_early", early.body.as_bytes()).await, None);
    live(&mut stage, Some("accept.after")).await;
    assert!(store(&stage).story(&early.number).await.unwrap().is_empty());
    // Killed when it is on disk, but before the answer: sent again, it is known, and it was not kept twice.
    assert_eq!(tell(&url, "evt_late", late.body.as_bytes()).await, None);
    live(&mut stage, None).await;
    let (status, answer) = tell(&url, "evt_late", late.body.as_bytes()).await.unwrap();
    assert_eq!((status, &answer["duplicate"]), (202, &Value::Bool(true)));
    assert_eq!(store(&stage).story(&late.number).await.unwrap().len(), 1);
    // Acknowledged, then killed at once: it is there.
    assert_eq!(tell(&url, "evt_promised", promised.body.as_bytes()).await.unwrap().0, 202);
    live(&mut stage, None).await;
    assert_eq!(store(&stage).story(&promised.number).await.unwrap().len(), 1);
}

#[tokio::test]
async fn receiver_ids_are_kept_for_48_hours_and_longer() {
    let (_folder, plan) = plan();
    let order = generate(1, 52).remove(0);
    let mut stage = start(plan, &[]).await;
    stage.stop().unwrap();
    // It came 49 hours ago; what is past its time is removed since.
    let at = Timestamp::from_second(now()).unwrap();
    let old = Event {
        connection: "shop".into(),
        id: "evt_old".into(),
        kind: Kind::Created,
        order: order.number.clone(),
        version: 1,
        body: order.body.clone().into_bytes(),
        received_at: at - 49 * HOUR,
        unreadable: None,
        doubtful: false,
    };
    store(&stage).accept(old).await.unwrap();
    stage.restart().await.unwrap();
    stage.drain(PATIENCE).await.unwrap();
    assert!(Retention::default().records > 48 * HOUR);
    store(&stage).sweep(Retention::default(), at).await.unwrap();
    let url = stage.webhooks();
    // By its id, though the bytes differ; and by its bytes, though the id does.
    let other = order.body.replace("placed", "paid");
    for (id, body) in [("evt_old", &other), ("evt_new", &order.body)] {
        let (status, answer) = tell(&url, id, body.as_bytes()).await.unwrap();
        assert_eq!((status, &answer["duplicate"]), (202, &Value::Bool(true)), "{id}");
    }
    assert_eq!(store(&stage).story(&order.number).await.unwrap().len(), 1);
}

#[tokio::test]
async fn receiver_the_body_is_kept_byte_for_byte() {
    let (_folder, plan) = plan();
    let stage = start(plan, &[]).await;
    let order = generate(1, 53).remove(0);
    // Spaces, escapes and an order of keys that no writer of JSON would choose.
    let odd = order.order.replacen('{', "{ \t\r\n\"zz\": \"\\u00e9\\/ é\",  \"aa\":1.50,", 1);
    let body = format!("\n{}\n ", event("order.created", &order.date, &odd));
    let url = stage.webhooks();
    assert_eq!(tell(&url, "evt_odd", body.as_bytes()).await.unwrap().0, 202);
    stage.drain(PATIENCE).await.unwrap();
    let story = store(&stage).story(&order.number).await.unwrap().remove(0);
    assert_eq!(story.summary.state, State::Delivered);
    assert_eq!(story.body.as_deref(), Some(body.as_bytes()));
}

/// Of the shops that are known, the most impatient waits five seconds for an answer.
#[tokio::test]
async fn receiver_answers_in_time_whatever_the_erp_does() {
    let (_folder, plan) = plan();
    let stage = start(plan, &[]).await;
    stage.sagepro.faults().share(On::All, 1000, faults::Fault::SilenceAfter);
    let hooks: Vec<Hook> = generate(200, 54).iter().map(Generated::hook).collect();
    let sent = stage.send(&hooks, &Options { tries: 1, timeout: Duration::from_secs(5), ..Options::default() }).await;
    assert!(sent.iter().all(|sent| sent.status == Some(202)), "{:?}", sent.iter().find(|sent| sent.status != Some(202)));
}

#[tokio::test]
async fn receiver_says_what_is_wrong_and_never_redirects() {
    let (_folder, plan) = plan();
    let stage = start(plan, &[]).await;
    let (url, body) = (stage.webhooks(), generate(1, 55).remove(0).body);
    for (path, expected) in [("/", 404), ("?a=b", 202), ("//", 404), ("/../shop", 202), ("x", 404)] {
        let (status, _) = tell(&format!("{url}{path}"), &format!("evt_{}", path.len()), body.as_bytes()).await.unwrap();
        assert_eq!(status, expected, "{path}");
    }
    let unsigned = client().post(&url).body(body).send().await.unwrap();
    assert_eq!((unsigned.status().as_u16(), unsigned.headers()["content-type"].to_str().unwrap()), (401, "application/problem+json"));
    let problem: Value = serde_json::from_slice(&unsigned.bytes().await.unwrap()).unwrap();
    assert!(["type", "title", "status", "detail"].iter().all(|member| !problem[member].is_null()), "{problem}");
    assert_eq!(client().get(&url).send().await.unwrap().status(), 405);
}

#[test]
fn sender_the_schedule_is_within_the_yardstick() {
    let schedule = Schedule::default();
    for record in 1..500 {
        let (mut tries, mut waited, mut waits) = (0, Duration::ZERO, Vec::new());
        loop {
            let busy = Busy { fault: Fault::new(Code::PartnerBusy, "503"), retry_after: None, counts: true };
            let next = settle(record, &[Outcome::Busy(busy)], tries, &schedule, Timestamp::UNIX_EPOCH);
            tries = next.tries;
            let Some(due) = next.due_at else {
                assert_eq!(next.state, State::Parked, "paused, not dropped");
                break;
            };
            let wait = Duration::try_from(due.duration_since(Timestamp::UNIX_EPOCH)).unwrap();
            waits.push(wait);
            waited += wait;
        }
        assert!(waits[0] < Duration::from_secs(60), "the first retry comes after {:?}", waits[0]);
        assert!((24 * HOUR..=72 * HOUR).contains(&waited), "given up after {waited:?}");
        assert!(tries >= 5, "only {tries} attempts");
    }
}

/// What it will answer, and what was asked when.
type Talk = (VecDeque<Answer>, Vec<(Instant, Bytes)>);

/// An ERP that answers new orders as it is told, one answer after the other, and remembers what came and when.
#[derive(Clone, Default)]
struct Erp(Arc<Mutex<Talk>>);

type Answer = (u16, Vec<(&'static str, String)>);

impl Erp {
    fn start(answers: &[Answer]) -> (Erp, Server) {
        let erp = Erp(Arc::new(Mutex::new((answers.iter().cloned().collect(), Vec::new()))));
        let orders = post(Erp::create).get(async || r#"{"orders":[]}"#);
        let stock = get(async || r#"{"inventory":[]}"#);
        let router = Router::new().route("/api/v1/sagepro/orders", orders).route("/api/v1/sagepro/inventory", stock).with_state(erp.clone());
        (erp, Server::start(router, None))
    }

    async fn create(Shared(erp): Shared<Erp>, body: Bytes) -> Response {
        let mut erp = erp.0.lock().unwrap();
        erp.1.push((Instant::now(), body));
        let (status, headers) = erp.0.pop_front().unwrap_or((201, Vec::new()));
        let mut response = (StatusCode::from_u16(status).unwrap(), r#"{"SalesOrderNo":"10001"}"#).into_response();
        for (name, value) in headers {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
        response
    }

    fn came(&self) -> Vec<(Instant, Bytes)> {
        self.0.lock().unwrap().1.clone()
    }
}

/// Sends one order to an ERP that answers so; gives what came there and the record in the end.
async fn deliver(answers: &[Answer]) -> (Vec<(Instant, Bytes)>, Value) {
    let (folder, plan) = plan();
    let (erp, server) = Erp::start(answers);
    let none = folder.path().join("no-plugins");
    let stage = start(Plan { plugins: none, hooks: String::new(), plugin_settings: String::new(), erp_url: Some(server.url()), ..plan }, &[]).await;
    let order = generate(1, 56).remove(0);
    assert!(stage.send(&[order.hook()], &patient()).await[0].acknowledged());
    stage.drain(PATIENCE).await.unwrap();
    (erp.came(), show(&stage, &order.number)[0].clone())
}

fn after(seconds: u32) -> Vec<(&'static str, String)> {
    vec![("retry-after", seconds.to_string())]
}

#[tokio::test]
async fn sender_the_body_is_the_same_at_every_attempt() {
    // Busy, too many, an error that may have been a success, busy without saying for how long.
    let (came, record) = deliver(&[(503, after(0)), (429, after(0)), (500, Vec::new()), (502, Vec::new()), (201, Vec::new())]).await;
    assert_eq!(record["state"], "delivered", "{record}");
    assert_eq!(came.len(), 5);
    assert!(came.iter().all(|(_, body)| !body.is_empty() && *body == came[0].1), "{came:?}");
}

#[tokio::test]
async fn sender_redirects_are_not_followed() {
    let elsewhere = Puppet::start();
    for status in [301, 302, 307, 308] {
        let (came, record) = deliver(&[(status, vec![("location", elsewhere.url())])]).await;
        assert_eq!((came.len(), &record["state"], &record["fault"]["code"]), (1, &"parked".into(), &"E405".into()), "{status}: {record}");
    }
    assert!(elsewhere.heard().is_empty());
}

#[tokio::test]
async fn sender_410_stops_at_once() {
    let (came, record) = deliver(&[(410, Vec::new())]).await;
    assert_eq!((came.len(), &record["state"], &record["fault"]["code"]), (1, &"parked".into(), &"E405".into()), "{record}");
}

#[tokio::test]
async fn sender_retry_after_is_honoured() {
    let (came, record) = deliver(&[(429, after(2)), (503, after(1)), (201, Vec::new())]).await;
    assert_eq!((came.len(), &record["state"]), (3, &"delivered".into()), "{record}");
    let waits: Vec<Duration> = came.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    // A header's seconds are whole; the clocks of both sides may differ by a tick.
    assert!(waits[0] >= Duration::from_millis(1_990) && waits[1] >= Duration::from_millis(990), "{waits:?}");
}
