//! The Clarity connector against the simulated shop: signatures, exact reading, places of faults, thin events.
#![allow(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

mod list;
mod money;

use crossdock_connectors::{
    Secret,
    clarity::{Clarity, Settings},
};
use crossdock_flow::{
    Code, Decimal, Fault, Order,
    order::{Value, find},
    record::Kind,
    source::{Content, Received, Source},
};
use crossdock_partners::{
    clarity as shop,
    faults::{Fault as ShopFault, On},
    orders::{self, event, generate},
    signature::{SECRET, sign},
    special::{self, Wrong},
};
use jiff::Timestamp;
use std::time::Duration;

const NOW: i64 = 1_795_446_000;
const OTHER_SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

fn settings(secrets: &[&str]) -> Settings {
    Settings {
        name: "shop".into(),
        secrets: secrets.iter().map(|secret| Secret::new(*secret).unwrap()).collect(),
        tolerance: Duration::from_secs(300),
        api: None,
        timeout: Duration::from_secs(5),
    }
}

fn clarity() -> Clarity {
    Clarity::new(settings(&[SECRET])).unwrap()
}

fn receive(clarity: &Clarity, headers: &[(&str, String)], body: &[u8], now: i64) -> Result<Received, Fault> {
    let header = |name: &str| headers.iter().find(|(there, _)| *there == name).map(|(_, value)| value.clone());
    clarity.receive(&header, body, Timestamp::from_second(now).unwrap())
}

fn headers(id: &str, timestamp: i64, signature: String) -> [(&'static str, String); 3] {
    [("webhook-id", id.to_owned()), ("webhook-timestamp", timestamp.to_string()), ("webhook-signature", signature)]
}

fn signed(clarity: &Clarity, body: &str) -> Result<Received, Fault> {
    receive(clarity, &headers("evt_1", NOW, sign(SECRET, "evt_1", NOW, body.as_bytes())), body.as_bytes(), NOW)
}

fn whole(body: &str) -> Result<Order, Fault> {
    match clarity().read(body.as_bytes())? {
        Content::Order(order) => Ok(*order),
        Content::Thin(id) => panic!("{id} is thin"),
    }
}

#[test]
fn the_published_vector_is_accepted() {
    let body = br#"{"email":"test@example.com","username":"test_user"}"#;
    let signature = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=".to_owned();
    let received = receive(&clarity(), &headers("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, signature), body, 1_649_367_600).unwrap();
    // Signed, but no event of ours: it is kept.
    assert!(
        matches!(received, Received::Unreadable { event_id, fault } if event_id == "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk" && fault.code == Code::Malformed)
    );
}

#[test]
fn only_the_shops_own_signature_opens_the_door() {
    let order = &generate(1, 1)[0];
    let body = order.body.as_bytes();
    let clarity = clarity();
    let good = sign(SECRET, "evt_1", NOW, body);
    let Received::Event(head) = receive(&clarity, &headers("evt_1", NOW, good.clone()), body, NOW).unwrap() else { panic!() };
    assert_eq!((head.event_id.as_str(), head.kind, head.order, head.version), ("evt_1", Kind::Created, order.number.clone(), 1));

    let refused = |headers: &[(&str, String)], body: &[u8]| receive(&clarity, headers, body, NOW).unwrap_err().code;
    let mut changed = body.to_vec();
    changed[20] ^= 1;
    assert_eq!(refused(&headers("evt_1", NOW, good.clone()), &changed), Code::Signature);
    assert_eq!(refused(&headers("evt_2", NOW, good.clone()), body), Code::Signature);
    assert_eq!(refused(&headers("evt_1", NOW + 1, good.clone()), body), Code::Signature);
    assert_eq!(refused(&headers("evt_1", NOW, sign(OTHER_SECRET, "evt_1", NOW, body)), body), Code::Signature);
    for bad in ["", "v1,", "v1", "v1,####", "v1a,AAAA", &good[..good.len() - 4], &good.replace("v1,", "v2,"), &good.replace("v1,", "")] {
        assert_eq!(refused(&headers("evt_1", NOW, bad.into()), body), Code::Signature, "{bad}");
    }
    // An id with a dot could move the borders of what was signed.
    for id in ["", "a.b", "a b", "ä", &"x".repeat(129)] {
        assert_eq!(refused(&headers(id, NOW, sign(SECRET, id, NOW, body)), body), Code::Signature, "{id}");
    }
    for missing in 0..3 {
        let mut some = headers("evt_1", NOW, good.clone()).to_vec();
        let (name, _) = some.remove(missing);
        let fault = receive(&clarity, &some, body, NOW).unwrap_err();
        assert_eq!((fault.code, fault.place.as_deref()), (Code::Signature, Some(name)));
    }
    let mut no_time = headers("evt_1", NOW, good);
    no_time[1].1 = "yesterday".into();
    assert_eq!(refused(&no_time, body), Code::Signature);
}

#[test]
fn secrets_rotate_without_a_gap() {
    let body = generate(1, 1)[0].body.clone();
    let both = Clarity::new(settings(&[SECRET, OTHER_SECRET])).unwrap();
    for secret in [SECRET, OTHER_SECRET] {
        let signature = sign(secret, "evt_1", NOW, body.as_bytes());
        assert!(receive(&both, &headers("evt_1", NOW, signature), body.as_bytes(), NOW).is_ok());
    }
    // A sender in rotation sends both signatures.
    let list = format!("v1a,xyz {} {}", sign(OTHER_SECRET, "evt_1", NOW, body.as_bytes()), sign(SECRET, "evt_1", NOW, body.as_bytes()));
    assert!(receive(&clarity(), &headers("evt_1", NOW, list), body.as_bytes(), NOW).is_ok());
    // But not any number of them.
    let many = format!("{}{}", "v1,AAAA ".repeat(8), sign(SECRET, "evt_1", NOW, body.as_bytes()));
    assert_eq!(receive(&clarity(), &headers("evt_1", NOW, many), body.as_bytes(), NOW).unwrap_err().code, Code::Signature);
}

#[test]
fn old_and_future_messages_are_refused() {
    let body = generate(1, 1)[0].body.clone();
    let at = |sent: i64| receive(&clarity(), &headers("evt_1", sent, sign(SECRET, "evt_1", sent, body.as_bytes())), body.as_bytes(), NOW);
    for sent in [NOW - 300, NOW, NOW + 300] {
        assert!(at(sent).is_ok());
    }
    for sent in [NOW - 301, NOW + 301, 0, i64::MAX, i64::MIN] {
        assert_eq!(at(sent).unwrap_err().code, Code::Timestamp, "{sent}");
    }
}

#[test]
fn bad_secrets_are_refused_without_showing_them() {
    for secret in ["hunter2", "whsec_", "whsec_hunter2!", "whsec_aHVudGVyMg=="] {
        let Err(fault) = Clarity::new(settings(&[secret])) else { panic!("{secret}") };
        assert_eq!((fault.code, fault.place.as_deref()), (Code::Settings, Some("shop.secrets")));
        assert!(!fault.to_string().contains("hunter2") && !format!("{fault:?}").contains("hunter2"));
    }
    assert!(Clarity::new(settings(&[])).is_err());
    let shown = format!("{:?}", Settings { api: Some(("http://x".into(), Secret::new("hunter2").unwrap())), ..settings(&[SECRET]) });
    assert!(!shown.contains("hunter2") && !shown.contains("whsec_"), "{shown}");
}

#[test]
fn a_signed_message_that_cannot_be_read_is_kept_with_its_place() {
    let unreadable = |body: &str| match signed(&clarity(), body).unwrap() {
        Received::Unreadable { event_id, fault } => {
            assert_eq!(event_id, "evt_1");
            (fault.code, fault.place.unwrap())
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(
        unreadable(r#"{"type":"order.created","data":{"orderId":{},"version":1}}"#),
        (Code::Malformed, "data.orderId (line 1 column 44)".into())
    );
    assert_eq!(unreadable("{\"type\":\"order.created\",\n\"data\":[]"), (Code::Malformed, "data (line 2 column 9)".into()));
    assert_eq!(unreadable(r#"{"type":"order.created","data":{"orderId":"1"}}"#), (Code::Malformed, "data.version".into()));
    assert_eq!(unreadable(r#"{"type":"product.created","data":{"orderId":"1","version":1}}"#), (Code::InvalidField, "type".into()));
    assert_eq!(unreadable(r#"{"type":"order.created","data":{"orderId":" ","version":1}}"#), (Code::InvalidField, "data.orderId".into()));
    for version in ["-1", "1.5", "1e20"] {
        let body = format!(r#"{{"type":"order.created","data":{{"orderId":"1","version":{version}}}}}"#);
        assert_eq!(unreadable(&body), (Code::InvalidField, "data.version".into()));
    }
    assert_eq!(unreadable("").0, Code::Malformed);
}

#[test]
fn a_customer_comes_by_the_same_door() {
    use crossdock_flow::{
        entity::echo::Kind,
        sync::{Subject, peer::Peer},
    };
    let body = r#"{"type":"customer.updated","data":{"customerId":"W1","version":3,"updatedAt":"2026-11-23T15:00:00Z","origin":"crossdock:acme","currency":"CAD","email":"a@x"}}"#;
    let Received::News { event_id, kind: Kind::Customer, news } = signed(&clarity(), body).unwrap() else { panic!() };
    assert_eq!((&*event_id, &*news.key, news.version, &*news.origin), ("evt_1", "W1", 3, "crossdock:acme"));
    let Subject::Customer(customer) = Peer::read(&clarity(), Kind::Customer, &news.body).unwrap() else { panic!() };
    assert_eq!((&*customer.web_id, &*customer.email), ("W1", "a@x"));
    // What is written and read again is what the shop will say of it.
    let again = Peer::read(&clarity(), Kind::Customer, &clarity().write(&Subject::Customer(customer.clone())).unwrap()).unwrap();
    assert_eq!(again.content(), Subject::Customer(customer).content());
    let keyless = r#"{"type":"customer.created","data":{"email":"a@x"}}"#;
    assert!(matches!(signed(&clarity(), keyless).unwrap(), Received::Unreadable { fault, .. } if fault.place.as_deref() == Some("data")));
}

#[test]
fn without_a_version_the_time_is_the_version() {
    let version = |body: &str| match signed(&clarity(), body).unwrap() {
        Received::Event(head) => head.version,
        other => panic!("{other:?}"),
    };
    let body = |extra: &str, time: &str| format!(r#"{{"type":"order.updated"{time},"data":{{"orderId":4711{extra}}}}}"#);
    let time = r#","timestamp":"2026-11-23T10:00:01-05:00""#;
    assert_eq!(version(&body(r#","version":"3""#, time)), 3);
    assert_eq!(version(&body(r#","updatedAt":"2026-11-23T15:00:00.250Z""#, time)), 1_795_446_000_250);
    assert_eq!(version(&body("", time)), 1_795_446_001_000);
    // The order that is read later has the same version as the head at the door.
    let order = generate(1, 1)[0].body.replace(r#""version":1,"#, "");
    assert_eq!(version(&order), whole(&order).unwrap().version);
}

#[test]
fn every_generated_order_is_read_to_the_cent() {
    for made in generate(400, 21) {
        let order = whole(&made.body).unwrap_or_else(|fault| panic!("{fault} in {}", made.body));
        assert_eq!(order, whole(&made.order).unwrap(), "the event and the bare order are the same");
        let expected = made.expected;
        assert_eq!(order.number.as_str(), made.number);
        assert_eq!((order.total, order.payment.amount), (expected.total, expected.total));
        assert_eq!((order.customer.id, order.customer.segment), (expected.customer, expected.segment));
        assert_eq!((order.currency.code(), order.shipping_to.country), (&*expected.currency, expected.country));
        for (line, expected) in order.lines.iter().zip(&expected.lines) {
            assert_eq!(
                (&line.sku, line.quantity, line.unit_price, line.discount, line.tax, line.total),
                (&expected.sku, expected.quantity, expected.unit_price, expected.discount, expected.tax, expected.total)
            );
        }
        assert_eq!(order.lines.len(), expected.lines.len());
    }
}

/// The smallest order; the tests change one thing at a time.
const SMALL: &str = r#"{"orderId":"4711","version":2,"status":"placed","orderDate":"2026-11-23T10:00:00-05:00","currency":"CAD","customerId":10042,
"customerSegment":"vip","shippingAddress":{"country":"ca","city":null},"billingAddress":{"country":"CA"},
"lineItems":[{"lineId":1,"sku":"MUG","quantity":2,"unitPrice":10.005,"taxRate":0.13,"taxAmount":"2.60","lineTotal":20.01}],
"totalAmount":22.61,"paymentInfo":{"method":"card","amount":2261e-2},"customFields":{"note":"a","n":0.1,"yes":true,"no":null},"tags":["b","a","b"],"unknown":{"x":[1]}}"#;

#[test]
fn a_small_order_is_read_as_it_stands() {
    let order = whole(SMALL).unwrap();
    assert_eq!((order.ordered_at.at.as_second(), order.ordered_at.offset_minutes), (NOW, -300));
    assert_eq!((order.customer.id.as_str(), order.customer.segment.as_str(), order.shipping_to.country.as_str()), ("10042", "vip", "CA"));
    assert_eq!((order.payment.amount, order.lines[0].tax), (Decimal::new(2261, 2), Decimal::new(260, 2)));
    assert_eq!(find(&order.fields, "n"), Some(&Value::Number(Decimal::new(1, 1))));
    assert_eq!((order.fields.len(), order.tags), (3, vec!["a".to_owned(), "b".to_owned()]));
}

#[test]
fn values_that_are_not_allowed_are_named() {
    let many_fields = format!(r#""customFields":{{{}}}"#, (0..257).map(|n| format!(r#""f{n}":1"#)).collect::<Vec<_>>().join(","));
    let many_tags = format!(r#""tags":[{}]"#, (0..257).map(|n| format!(r#""t{n}""#)).collect::<Vec<_>>().join(","));
    let long_text = format!(r#""note":"{}""#, "x".repeat(4097));
    let long_name = format!(r#""{}":"a""#, "x".repeat(65));
    let fields = r#""customFields":{"note":"a","n":0.1,"yes":true,"no":null}"#;
    let tags = r#""tags":["b","a","b"]"#;
    for (from, to, code, place) in [
        (r#""quantity":2"#, r#""quantity":0"#, Code::InvalidField, "data.lineItems[0].quantity"),
        (r#""quantity":2"#, r#""quantity":-2"#, Code::InvalidField, "data.lineItems[0].quantity"),
        (r#""quantity":2"#, r#""quantity":1.00001"#, Code::InvalidField, "data.lineItems[0].quantity"),
        (r#""quantity":2"#, r#""quantity":99999999999"#, Code::InvalidField, "data.lineItems[0].unitPrice"),
        (r#""unitPrice":10.005"#, r#""unitPrice":-1"#, Code::InvalidField, "data.lineItems[0].unitPrice"),
        (r#""unitPrice":10.005"#, r#""unitPrice":1e11"#, Code::InvalidField, "data.lineItems[0].unitPrice"),
        (r#""taxRate""#, r#""discountAmount":-1,"taxRate""#, Code::InvalidField, "data.lineItems[0].discountAmount"),
        (r#""taxRate""#, r#""discountAmount":20.02,"taxRate""#, Code::InvalidField, "data.lineItems[0].discountAmount"),
        (r#""taxRate":0.13"#, r#""taxRate":13"#, Code::InvalidField, "data.lineItems[0].taxRate"),
        (r#""taxRate":0.13"#, r#""taxRate":-0.13"#, Code::InvalidField, "data.lineItems[0].taxRate"),
        (r#""taxAmount":"2.60""#, r#""taxAmount":2.601"#, Code::InvalidField, "data.lineItems[0].taxAmount"),
        (r#""taxAmount":"2.60""#, r#""taxAmount":-2.60"#, Code::InvalidField, "data.lineItems[0].taxAmount"),
        (r#""MUG""#, r#""  ""#, Code::InvalidField, "data.lineItems[0].sku"),
        (r#""country":"ca""#, r#""country":"CAN""#, Code::InvalidField, "data.shippingAddress.country"),
        (r#""country":"CA""#, r#""country":"C1""#, Code::InvalidField, "data.billingAddress.country"),
        (r#""4711""#, r#""""#, Code::InvalidField, "data.orderId"),
        (r#""totalAmount":22.61"#, r#""totalAmount":-22.61"#, Code::InvalidField, "data.totalAmount"),
        (r#""totalAmount":22.61"#, r#""discountAmount":-0.01,"totalAmount":22.61"#, Code::InvalidField, "data.discountAmount"),
        (r#""totalAmount":22.61"#, r#""shipping":{"amount":-1},"totalAmount":22.61"#, Code::InvalidField, "data.shipping.amount"),
        (fields, &many_fields, Code::InvalidField, "data.customFields"),
        (r#""note":"a""#, r#""n":"a""#, Code::InvalidField, "data.customFields"),
        (r#""note":"a""#, &long_text, Code::InvalidField, "data.customFields"),
        (r#""note":"a""#, &long_name, Code::InvalidField, "data.customFields"),
        (r#""n":0.1"#, r#""n":0.00001"#, Code::InvalidField, "data.customFields"),
        (tags, &many_tags, Code::InvalidField, "data.tags"),
        (tags, r#""tags":[""]"#, Code::InvalidField, "data.tags"),
        (r#""CAD""#, r#""XQX""#, Code::UnknownCurrency, "data.currency"),
        // Yen have no cents.
        (r#""CAD""#, r#""JPY""#, Code::InvalidField, "data.lineItems[0].taxAmount"),
        (r#""lineTotal":20.01"#, r#""lineTotal":20.02"#, Code::SumsDiffer, "lines[0].total"),
        (r#""totalAmount":22.61"#, r#""totalAmount":22.60"#, Code::SumsDiffer, "total"),
    ] {
        assert!(SMALL.contains(from), "{from}");
        let fault = whole(&event("order.created", "2026-11-23T15:00:00Z", &SMALL.replacen(from, to, 1))).unwrap_err();
        assert_eq!((fault.code, fault.place.as_deref()), (code, Some(place)), "{to}: {fault}");
    }
    let lines = |count: usize| {
        let (before, rest) = SMALL.split_once(r#""lineItems":["#).unwrap();
        let (line, after) = rest.split_once("],").unwrap();
        whole(&format!(r#"{before}"lineItems":[{}],{after}"#, vec![line; count].join(","))).unwrap_err()
    };
    assert_eq!((lines(0).code, lines(0).place.as_deref()), (Code::InvalidField, Some("lineItems")));
    assert_eq!(lines(10_000).code, Code::SumsDiffer);
    assert_eq!((lines(10_001).code, lines(10_001).reached.unwrap().limit.as_str()), (Code::InvalidField, "lines"));
}

#[test]
fn what_cannot_be_read_is_named_by_place_without_its_value() {
    for (from, to, place, message) in [
        (r#""quantity":2"#, r#""quantity":"Mr. Secret""#, "lineItems[0].quantity (line 3 column ", "another text was found, expected a number"),
        (r#""quantity":2"#, r#""quantity":[]"#, "lineItems[0].quantity (", "a list was found, expected a number"),
        (r#""quantity":2"#, r#""quantity":null"#, "lineItems[0].quantity (", "null was found, expected a number"),
        (r#""quantity":2,"#, "", "lineItems[0] (", "missing field `quantity`"),
        (r#""sku":"MUG""#, r#""sku":{"a":"Mr. Secret, expected b"}"#, "lineItems[0].sku (", "map was found, expected a text"),
        (
            r#""billingAddress":{"country":"CA"}"#,
            r#""billingAddress":"Mr. Secret, expected b""#,
            "billingAddress (",
            "string was found, expected struct Address",
        ),
        (r#""2026-11-23T10:00:00-05:00""#, r#""2026-11-23T10:00:00""#, "orderDate (", "another text was found, expected a time with its offset"),
        (r#""2026-11-23T10:00:00-05:00""#, r#""Mr. Secret""#, "orderDate (", "another text was found, expected a time with its offset"),
        (r#""tags":["b""#, r#""tags":["b",true"#, "tags[1] (", "boolean was found, expected a text"),
        (r#""note":"a""#, r#""note":{"text":"Mr. Secret"}"#, "customFields.note (", "an object was found, expected a text, a number or a boolean"),
        (r#""tags":["b""#, r#""tags":["b" "c""#, "tags", "no valid JSON: expected `,` or `]`"),
        (r#""totalAmount":22.61"#, r#""totalAmount":22.61,"totalAmount":1"#, "", "duplicate field `totalAmount`"),
        (r#""unknown":{"x":[1]}}"#, r#""unknown":{"x":[1]"#, "", "the JSON ends too early"),
        (r#""unknown":{"x":[1]}}"#, r#""unknown":{"x":[1]}} x"#, "", "no valid JSON: trailing characters"),
    ] {
        assert!(SMALL.contains(from), "{from}");
        let body = SMALL.replacen(from, to, 1);
        for (body, prefix) in [(body.clone(), ""), (format!("{{\"type\":\"order.created\",\"data\":{body}}}"), "data.")] {
            if prefix == "data." && (message.contains("too early") || message.contains("trailing")) {
                continue;
            }
            let fault = whole(&body).unwrap_err();
            let found = fault.place.clone().unwrap();
            assert_eq!(fault.code, Code::Malformed, "{fault}");
            assert!(fault.message.starts_with(message), "{to}: {fault}");
            assert!(found.contains("line ") && (place.is_empty() || found.starts_with(&format!("{prefix}{place}"))), "{to}: {found}");
            assert!(!format!("{fault:?}").contains("Secret"), "{fault:?}");
        }
    }
    assert_eq!(whole("\u{feff}{}").unwrap_err().code, Code::Malformed);
    assert_eq!(clarity().read(b"{\"orderId\":\"\xff\"}").unwrap_err().code, Code::Malformed);
}

#[test]
fn the_simulated_shops_bad_orders_get_their_faults() {
    for wrong in Wrong::ALL {
        let made = special::order(wrong, "X1");
        let result = whole(&made.body).map_err(|fault| fault.code);
        match wrong {
            Wrong::UnknownSku => assert_eq!(result.unwrap().lines[0].sku, "NO-SUCH-ITEM"),
            Wrong::SumOffByACent => assert_eq!(result, Err(Code::SumsDiffer)),
            Wrong::NegativeQuantity => assert_eq!(result, Err(Code::InvalidField)),
            Wrong::UnknownCurrency => assert_eq!(result, Err(Code::UnknownCurrency)),
            Wrong::TooDeep | Wrong::NestedField | Wrong::WrongType | Wrong::CutOff => assert_eq!(result, Err(Code::Malformed), "{wrong:?}"),
        }
    }
    let fault = whole(&special::order(Wrong::TooDeep, "X1").body).unwrap_err();
    assert_eq!(fault.reached.unwrap().limit, "depth");
    // Brackets in texts are not depth.
    whole(&SMALL.replacen(r#""a""#, &format!(r#""\"{}""#, "[".repeat(100)), 1)).unwrap();
}

#[tokio::test]
async fn thin_events_are_fetched() {
    let made = generate(3, 5);
    let mut shop = shop::Clarity::start("token-1", &made);
    let with = |token: &str| {
        let api = Some((shop.url(), Secret::new(token).unwrap()));
        Clarity::new(Settings { api, timeout: Duration::from_secs(3), ..settings(&[SECRET]) }).unwrap()
    };
    let (clarity, revoked) = (with("token-1"), with("token-2"));
    for hook in [made[1].thin(), made[1].cancelled()] {
        let Content::Thin(id) = clarity.read(hook.body.as_bytes()).unwrap() else { panic!("{}", hook.body) };
        assert_eq!(id, made[1].number);
    }
    let bytes = clarity.fetch(&made[1].number).await.unwrap();
    assert!(matches!(clarity.read(&bytes).unwrap(), Content::Order(order) if order.total == made[1].expected.total));
    // A thin answer would lead to another fetch, for ever: it is broken.
    assert_eq!(clarity.read(br#"{"orderId":"1","version":1}"#).unwrap_err().code, Code::Malformed);

    let code = |result: Result<Vec<u8>, crossdock_flow::target::Busy>| result.map(|_| ()).map_err(|busy| (busy.fault.code, busy.counts));
    assert_eq!(code(revoked.fetch(&made[0].number).await), Err((Code::Credentials, true)));
    assert_eq!(code(clarity.fetch("nothing/../here").await), Err((Code::PartnerAnswer, true)));
    shop.faults().next(On::All, 1, ShopFault::RateLimit(9));
    let busy = clarity.fetch(&made[0].number).await.unwrap_err();
    assert_eq!((busy.fault.code, busy.counts, busy.retry_after), (Code::PartnerBusy, false, Some(Duration::from_secs(9))));
    shop.faults().next(On::All, 1, ShopFault::FloodAfter);
    assert_eq!(code(clarity.fetch(&made[0].number).await), Err((Code::PartnerAnswer, true)));
    shop.faults().next(On::All, 1, ShopFault::Slow(5_000));
    assert_eq!(code(clarity.fetch(&made[0].number).await), Err((Code::PartnerBusy, true)));
    shop.outage();
    assert_eq!(code(clarity.fetch(&made[0].number).await), Err((Code::PartnerBusy, true)));
    shop.recover();
    assert!(clarity.fetch(&made[0].number).await.is_ok());
    assert_eq!(code(self::clarity().fetch("1").await), Err((Code::Settings, true)));
}

#[test]
fn the_order_stands_under_data_or_is_the_whole() {
    let made = &generate(1, 9)[0];
    let root = |body: &str| clarity().root(body.as_bytes());
    assert_eq!([root(&made.body), root(&made.thin().body), root(&made.cancelled().body)], ["data"; 3]);
    assert_eq!(root(&format!(" \n{}", made.body)), "data");
    assert_eq!([root(&made.order), root(r#"{"data":null,"orderId":"1"}"#), root("{"), root(""), root("[]")], [""; 5]);
}

#[test]
fn an_update_keeps_its_version() {
    let made = &generate(1, 9)[0];
    let body = made.updated(7).body;
    let Received::Event(head) = signed(&clarity(), &body).unwrap() else { panic!() };
    assert_eq!((head.kind, head.version), (Kind::Updated, 7));
    assert_eq!(whole(&body).unwrap().version, 7);
    assert_eq!(orders::CATALOGUE.len(), 20);
}
