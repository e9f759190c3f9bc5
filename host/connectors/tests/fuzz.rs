//! Webhooks that nobody thought of: damaged orders of the simulated shop, behind a signature that is right. Nothing may
//! panic; what is read obeys the sum rule; what is refused has a code of the shop's data and says nothing of the content.
//!
//! A long run: `PROPTEST_CASES=1000000 cargo nextest run --release -p crossdock-connectors -E 'binary(fuzz)'`.

#![allow(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

use crossdock_connectors::{
    Secret,
    clarity::{Clarity, Settings},
};
use crossdock_flow::{
    Code,
    source::{Content, Source},
    sum,
};
use crossdock_partners::{
    orders::{Generated, generate},
    signature::{SECRET, sign},
};
use jiff::Timestamp;
use proptest::{prelude::*, sample::Index};
use std::{sync::OnceLock, time::Duration};

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

proptest! {

    #[test]
    fn damaged_webhooks_are_read_or_refused(seed: Index, damages in proptest::collection::vec((any::<Index>(), any::<Index>(), any::<usize>()), 1..8)) {
        check(&damaged(&seed.get(seeds()).body, &damages))?;
    }

    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes)?;
    }
}
