//! What nobody thought of: damaged orders of the simulated shop, behind a signature that is right, and damaged answers of
//! both partners. Nothing may panic; what is read obeys the sum rule; what is refused has a code of the shop's data and says
//! nothing of the content; and from an answer that cannot be read it never follows that something is not there.
//!
//! A long run: `PROPTEST_CASES=1000000 cargo nextest run --release -p crossdock-connectors -E 'binary(fuzz)'`.

#![allow(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

use crossdock_connectors::{
    Secret,
    clarity::{Clarity, Settings},
    sagepro::{self, SagePro},
};
use crossdock_flow::{
    Code, Document, sample,
    schema::is_never_read,
    source::{Content, Source},
    sum,
    target::{Answer, Busy, Found, Target},
};
use crossdock_partners::{
    orders::{Generated, generate},
    puppet::{Puppet, Say},
    signature::{SECRET, sign},
};
use jiff::Timestamp;
use proptest::{prelude::*, sample::Index};
use std::{
    sync::{Mutex, OnceLock},
    time::Duration,
};
use tokio::runtime::Runtime;

const NOW: i64 = 1_795_446_000;

fn seeds() -> &'static [Generated] {
    static SEEDS: OnceLock<Vec<Generated>> = OnceLock::new();
    SEEDS.get_or_init(|| generate(30, 97))
}

fn clarity() -> &'static Clarity {
    static CLARITY: OnceLock<Clarity> = OnceLock::new();
    CLARITY.get_or_init(|| {
        let secrets = vec![Secret::new(SECRET).unwrap()];
        let settings = Settings { name: "shop".into(), secrets, tolerance: Duration::from_secs(300), api: None, timeout: Duration::from_secs(5) };
        Clarity::new(settings).unwrap()
    })
}

/// Pieces that JSON and money stumble over.
const PIECES: [&str; 22] = [
    "null",
    "true",
    "-1",
    "0",
    "1e400",
    "1e-400",
    "99999999999999999999999999999",
    "0.1",
    "-0",
    "\"\"",
    "\"12,50\"",
    "{}",
    "[]",
    "[[[[[[",
    "{\"a\":",
    "\\u0000",
    "\\ud800",
    "\u{202e}",
    ",",
    "\"",
    "NaN",
    "2026-02-30T00:00:00Z",
];

fn damaged(body: &str, damages: &[(Index, Index, usize)]) -> Vec<u8> {
    let mut bytes = body.as_bytes().to_vec();
    for (from, length, piece) in damages {
        let from = from.index(bytes.len());
        let until = (from + length.index(12)).min(bytes.len());
        drop(bytes.splice(from..until, PIECES[*piece % PIECES.len()].bytes()));
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

fn check(body: &[u8]) -> Result<(), TestCaseError> {
    let now = Timestamp::from_second(NOW).unwrap();
    let signature = sign(SECRET, "evt_1", NOW, body);
    let header = |name: &str| match name {
        "webhook-id" => Some("evt_1".to_owned()),
        "webhook-timestamp" => Some(NOW.to_string()),
        "webhook-signature" => Some(signature.clone()),
        _ => None,
    };
    let known = |code: Code| code.id().starts_with("E2") || code == Code::BodySize;
    if let Err(fault) = clarity().receive(&header, body, now) {
        prop_assert!(known(fault.code), "{fault}");
        prop_assert!(fault.to_string().len() < 1000, "{fault}");
    }
    match clarity().read(body) {
        Ok(Content::Order(order)) => {
            // Read is what adds up or what the flow will name: never a panic in between.
            drop(sum::check(&order));
            prop_assert!(order.lines.iter().all(|line| line.quantity > 0.into()));
        }
        Ok(Content::Thin(id)) => prop_assert!(!id.is_empty()),
        Err(fault) => {
            prop_assert!(known(fault.code), "{fault}");
            prop_assert!(fault.to_string().len() < 1000, "{fault}");
        }
    }
    Ok(())
}

/// Both connectors, and a partner that says to them what it is told.
struct Talk {
    puppet: Puppet,
    shop: Clarity,
    erp: SagePro,
    runtime: Runtime,
}

/// One at a time: each case tells the puppet what to say.
fn talk() -> &'static Mutex<Talk> {
    static TALK: OnceLock<Mutex<Talk>> = OnceLock::new();
    TALK.get_or_init(|| {
        let puppet = Puppet::start();
        let (secret, timeout) = (|| Secret::new("token").unwrap(), Duration::from_secs(30));
        let secrets = vec![Secret::new(SECRET).unwrap()];
        let shop = Settings { name: "shop".into(), secrets, tolerance: timeout, api: Some((puppet.url(), secret())), timeout };
        let erp = sagepro::Settings { name: "erp".into(), base_url: puppet.url(), auth: sagepro::Auth::Bearer(secret()), timeout };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Mutex::new(Talk { shop: Clarity::new(shop).unwrap(), erp: SagePro::new(erp).unwrap(), puppet, runtime })
    })
}

fn wanted() -> Document {
    let mut document = sample::document(&sample::order(1));
    (document.key, document.customer, document.total) = ("4711".into(), "C10042".into(), "19.90".parse().unwrap());
    document
}

const ROW: &str = r#"{"SalesOrderNo":"     10042","PurchaseOrderNo":"4711","CustomerNo":"C10042","TotalAmount":19.90,"Status":""}"#;

fn told(busy: &Busy) -> Result<(), TestCaseError> {
    prop_assert!(busy.fault.code.id().starts_with("E40"), "{}", busy.fault);
    prop_assert!(busy.fault.to_string().len() < 1000, "{}", busy.fault);
    Ok(())
}

/// What every answer of the ERP must not lead to.
fn check_erp(status: u16, body: &[u8]) -> Result<(), TestCaseError> {
    let talk = talk().lock().unwrap();
    let Talk { puppet, erp, runtime, .. } = &*talk;
    puppet.say([Say::new(status, body)]);
    // Fields that are not looked at may be what no JSON can hold: then nothing is compared.
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let listed = json["orders"].as_array().map(Vec::len);
    let (document, since) = (wanted(), Timestamp::UNIX_EPOCH);
    match runtime.block_on(erp.standing("10042")) {
        Ok(Some(_)) => prop_assert!((200..300).contains(&status) && body.windows(5).any(|there| there == b"10042")),
        Ok(None) => prop_assert!(status == 404 && json["error"]["code"] == "UNKNOWN_ORDER"),
        Err(busy) => told(&busy)?,
    }
    match runtime.block_on(erp.find(&document)) {
        Found::Missing => prop_assert!((200..300).contains(&status) && (listed == Some(0) || json.is_null())),
        Found::Busy(busy) => told(&busy)?,
        Found::Here(_) | Found::Other(_) => prop_assert_ne!(listed, Some(0)),
    }
    match runtime.block_on(erp.booked(since, Some("p2"))) {
        Ok(page) => {
            prop_assert!(listed == Some(page.rows.len()) || json.is_null(), "no row is passed over");
            prop_assert!(page.next.is_none_or(|next| !next.is_empty() && next != "p2"));
        }
        Err(busy) => told(&busy)?,
    }
    for answer in [runtime.block_on(erp.create(&document)), runtime.block_on(erp.change("10042", &document)), runtime.block_on(erp.cancel("10042"))] {
        match answer {
            Answer::Done(receipt) => prop_assert!((200..300).contains(&status) && !receipt.number.is_empty()),
            Answer::Refused(fault) => prop_assert!(fault.to_string().len() < 1000, "{fault}"),
            Answer::Busy(busy) => told(&busy)?,
            Answer::Unknown(fault) => prop_assert_eq!(fault.code, Code::Unknown),
        }
    }
    Ok(())
}

/// What every answer with the ERP's fields must not lead to.
fn check_tables(status: u16, body: &[u8]) -> Result<(), TestCaseError> {
    let talk = talk().lock().unwrap();
    talk.puppet.say([Say::new(status, body)]);
    match talk.runtime.block_on(talk.erp.tables()) {
        Ok(None) => prop_assert_eq!(status, 404),
        Ok(Some(tables)) => {
            let columns: Vec<&str> = tables.iter().flat_map(|table| table.columns()).map(|column| column.name()).collect();
            prop_assert!((200..300).contains(&status) && columns.iter().all(|name| !is_never_read(name)));
        }
        Err(busy) => told(&busy)?,
    }
    Ok(())
}

/// What every answer of the shop's list must not lead to.
fn check_list(body: &[u8]) -> Result<(), TestCaseError> {
    let talk = talk().lock().unwrap();
    let Talk { puppet, shop, runtime, .. } = &*talk;
    puppet.say([Say::new(200, body)]);
    match runtime.block_on(shop.updated_since(Timestamp::UNIX_EPOCH, Some("p2"))) {
        Ok(page) => {
            for row in page.rows {
                prop_assert!(!row.order.is_empty() && row.version >= 0);
                prop_assert!(body.windows(row.body.len()).any(|there| there == row.body), "not the shop's own bytes");
                match shop.read(&row.body) {
                    Ok(Content::Order(order)) => {
                        prop_assert_eq!(row.total, Some((order.total, order.currency)));
                        prop_assert_eq!((row.order.as_str(), row.version), (order.number.as_str(), order.version));
                    }
                    Ok(Content::Thin(_)) | Err(_) => prop_assert_eq!(row.total, None),
                }
            }
            prop_assert!(page.next.is_none_or(|next| !next.is_empty() && next != "p2"));
        }
        Err(busy) => told(&busy)?,
    }
    Ok(())
}

proptest! {

    #[test]
    fn damaged_webhooks_are_read_or_refused(seed: Index, damages in proptest::collection::vec((any::<Index>(), any::<Index>(), any::<usize>()), 1..8)) {
        check(&damaged(&seed.get(seeds()).body, &damages))?;
    }

    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes)?;
    }

    #[test]
    fn damaged_answers_of_the_erp_prove_nothing(
        status in prop::sample::select(vec![200u16, 201, 204, 301, 400, 401, 404, 404, 409, 410, 422, 429, 500, 503]),
        shape in 0usize..5,
        damages in proptest::collection::vec((any::<Index>(), any::<Index>(), any::<usize>()), 0..4),
    ) {
        let listed = format!(r#"{{"orders":[{ROW},{ROW}],"next":"p3"}}"#);
        let bodies = [ROW, &listed, r#"{"orders":[],"next":null}"#, r#"{"SalesOrderNo":"     10042"}"#, r#"{"error":{"code":"UNKNOWN_ORDER","field":"SalesOrderNo","message":"none"}}"#];
        check_erp(status, &damaged(bodies[shape], &damages))?;
    }

    #[test]
    fn damaged_field_lists_are_read_or_refused(
        status in prop::sample::select(vec![200u16, 200, 200, 204, 404, 500]),
        damages in proptest::collection::vec((any::<Index>(), any::<Index>(), any::<usize>()), 0..4),
    ) {
        let list = r#"{"tables":[{"Table":"SalesOrder","CodePage":1252,"Fields":[{"Name":"CustomerNo","Type":"C","Width":6,"Decimals":0},{"Name":"CC_NUM","Type":"C","Width":20}]}]}"#;
        check_tables(status, &damaged(list, &damages))?;
    }

    #[test]
    fn damaged_lists_of_the_shop_are_read_or_refused(
        seeds in proptest::collection::vec(any::<Index>(), 0..3),
        damages in proptest::collection::vec((any::<Index>(), any::<Index>(), any::<usize>()), 0..4),
    ) {
        let orders: Vec<&str> = seeds.iter().map(|seed| &*seed.get(self::seeds()).order).collect();
        check_list(&damaged(&format!(r#"{{"orders":[{}],"next":"p3"}}"#, orders.join(",")), &damages))?;
    }
}
