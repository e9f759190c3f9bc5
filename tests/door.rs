//! Bad input at the door: refused with a problem that says why, or kept and parked with a fault that says where.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{PATIENCE, patient, plan, show, start};
use crossdock_partners::{
    now,
    orders::generate,
    sender::Hook,
    signature::{SECRET, sign},
    special::{self, Wrong},
};
use crossdock_stage::Stage;
use serde_json::Value;

/// Posts a body with these headers; gives status, content type and the answer.
async fn post(stage: &Stage, headers: &[(&str, String)], body: Vec<u8>) -> (u16, String, Value) {
    let mut request = crossdock_partners::sender::client().post(stage.webhooks()).body(body);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let answer = request.send().await.unwrap();
    let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned()).unwrap_or_default();
    (answer.status().as_u16(), kind, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
}

fn signed(id: &str, at: i64, body: &[u8]) -> Vec<(&'static str, String)> {
    vec![("webhook-id", id.to_owned()), ("webhook-timestamp", at.to_string()), ("webhook-signature", sign(SECRET, id, at, body))]
}

#[tokio::test]
async fn what_is_not_the_shops_is_refused_and_leaves_nothing_behind() {
    let (_folder, plan) = plan();
    let stage = start(plan, &[]).await;
    let body = generate(1, 5).remove(0).body.into_bytes();
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let forged =
        vec![("webhook-id", "evt_1".to_owned()), ("webhook-timestamp", now().to_string()), ("webhook-signature", sign(other, "evt_1", now(), &body))];
    let mut tampered = body.clone();
    tampered[30] ^= 1;
    let cases = [
        ("unsigned", Vec::new(), body.clone(), 401, "E501"),
        ("forged", forged, body.clone(), 401, "E501"),
        ("tampered", signed("evt_1", now(), &body), tampered, 401, "E501"),
        ("old", signed("evt_1", now() - 301, &body), body.clone(), 401, "E502"),
        ("from the future", signed("evt_1", now() + 302, &body), body.clone(), 401, "E502"),
        ("too large", signed("evt_1", now(), &body), vec![b' '; (1 << 20) + 1], 413, "E503"),
    ];
    for (name, headers, body, status, code) in cases {
        let (answered, kind, problem) = post(&stage, &headers, body).await;
        assert_eq!((answered, kind.as_str(), &problem["code"]), (status, "application/problem+json", &Value::from(code)), "{name}");
        assert!(problem["cure"].as_str().is_some_and(|cure| !cure.is_empty()), "{name}");
    }
    let all = stage.count(&["due", "sending", "parked", "delivered", "held", "rejected", "superseded", "cancelled"]).await.unwrap();
    assert_eq!(all, 0);
}

#[tokio::test]
async fn what_is_the_shops_but_wrong_is_kept_and_parked_with_its_place() {
    let (_folder, plan) = plan();
    let stage = start(plan, &[]).await;
    let cases: Vec<(Wrong, &str, &str)> = vec![
        (Wrong::SumOffByACent, "E203", "total"),
        (Wrong::NegativeQuantity, "E202", "quantity"),
        (Wrong::UnknownCurrency, "E204", "currency"),
        (Wrong::UnknownSku, "E401", "ItemCode"),
        (Wrong::TooDeep, "E201", ""),
        (Wrong::NestedField, "E201", "customFields"),
        (Wrong::WrongType, "E201", "lineItems"),
        (Wrong::CutOff, "E201", ""),
    ];
    let hooks: Vec<Hook> = (0..).zip(&cases).map(|(index, (wrong, ..))| special::order(*wrong, &format!("BAD-{index}")).hook()).collect();
    let sent = stage.send(&hooks, &patient()).await;
    assert!(sent.iter().all(|sent| sent.status == Some(202)), "{sent:?}");
    stage.drain(PATIENCE).await.unwrap();
    for (index, (wrong, code, place)) in (0..).zip(&cases) {
        // Bytes whose envelope cannot be read have no order number: they are kept under the event's id.
        let mut order = format!("BAD-{index}");
        if stage.command(&["orders", "show", &order]).is_ok_and(|output| !output.status.success()) {
            order = format!("event:evt_BAD-{index}");
        }
        let record = &show(&stage, &order)[0];
        assert_eq!((&record["state"], &record["fault"]["code"]), (&Value::from("parked"), &Value::from(*code)), "{wrong:?}: {record}");
        let told = format!("{} {}", record["fault"]["place"], record["fault"]["message"]);
        assert!(told.contains(place), "{wrong:?}: `{told}` does not name {place}");
    }
    // Only the order with an unknown article may be there in part: what it backorders is refused, its other part was not.
    let books = stage.sagepro.books();
    assert!(books.iter().all(|booked| booked.purchase_order_no == "BAD-3"), "{books:?}");
}

#[tokio::test]
async fn another_connection_is_not_found() {
    let (_folder, plan) = plan();
    let stage = start(plan, &[]).await;
    let url = stage.webhooks().replace("/shop", "/other");
    assert_eq!(crossdock_partners::sender::client().post(url).body("x").send().await.unwrap().status(), 404);
}
