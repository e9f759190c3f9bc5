//! The judge itself: each thing that must not happen is found when it happens, and nothing is found when all is well.
#![allow(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

use crossdock_crash::judge::{Judgement, Promise, Record, judge, records};
use crossdock_partners::{
    history::{History, Shares, histories},
    sagepro::{Booked, BookedLine, Write, Wrote},
};
use crossdock_stage::oracle::owed;
use rust_decimal::Decimal;
use serde_json::{Value, json};

const BREAKS: [(i64, i64); 2] = [(5, 5), (10, 10)];

/// The n-th order that has so many versions and is not cancelled.
fn order(versions: usize) -> History {
    let mut all = histories(300, 9, Shares { updated: 500, cancelled: 0 }).into_iter();
    all.find(|order| order.versions.len() == versions).unwrap()
}

fn cancelled() -> History {
    histories(300, 9, Shares { updated: 0, cancelled: 500 }).into_iter().find(|order| order.versions.len() == 2).unwrap()
}

/// A version as the host books it when it splits nothing, at this place in the row of all writes.
fn book(order: &History, version: usize, sequence: u64) -> Booked {
    let sent: Value = serde_json::from_str(&order.versions[version].order).unwrap();
    let (expected, _) = order.versions[version].wanted.as_ref().unwrap();
    let lines: Vec<Value> =
        sent["lineItems"].as_array().unwrap().iter().map(|line| json!({"ItemCode": line["sku"], "Description": line["name"]})).collect();
    let raw = json!({"ShipToAddress": {"Address2": sent["shippingAddress"]["line2"]}, "LineItems": lines});
    let total = owed(expected, &BREAKS);
    let write = Write { sequence, what: Wrote::Create, purchase_order_no: order.number.clone(), total, bytes: raw.to_string().into() };
    Booked {
        sales_order_no: format!("{:>10}", 10_000 + sequence),
        purchase_order_no: order.number.clone(),
        customer: expected.customer.clone(),
        total,
        warehouse: "TOR".into(),
        lines: expected.lines.iter().map(|line| BookedLine { item: line.sku.clone(), quantity: line.quantity, ..BookedLine::default() }).collect(),
        raw,
        status: String::new(),
        writes: vec![write],
    }
}

/// The same document once it holds another version.
fn change(booked: &Booked, order: &History, version: usize, sequence: u64) -> Booked {
    let mut new = book(order, version, sequence);
    new.sales_order_no.clone_from(&booked.sales_order_no);
    new.writes[0].what = Wrote::Change;
    new.writes = [booked.writes.clone(), new.writes].concat();
    new
}

fn cancel(mut booked: Booked, sequence: u64) -> Booked {
    booked.status = "Cancelled".into();
    let write = Write { sequence, what: Wrote::Cancel, ..booked.writes[0].clone() };
    booked.writes.push(write);
    booked
}

fn parked(order: &History, version: usize, why: &str) -> Record {
    Record { order: order.number.clone(), event: order.versions[version].hook.id.clone(), state: "parked".into(), why: why.into() }
}

fn verdict(order: &History, books: &[Booked], records: &[Record]) -> Judgement {
    judge(&[Promise { order, newest: order.versions.len() - 1 }], books, records, &BREAKS)
}

#[test]
fn what_is_well_is_found_well() {
    let (plain, changed, gone) = (order(1), order(3), cancelled());
    let delivered = verdict(&plain, &[book(&plain, 0, 1)], &[]);
    assert_eq!((delivered.is_kept(), delivered.delivered_once), (true, 1));
    let updated = verdict(&changed, &[change(&change(&book(&changed, 0, 1), &changed, 1, 2), &changed, 2, 3)], &[]);
    assert_eq!((updated.is_kept(), updated.delivered_once), (true, 1), "{updated:?}");
    // The newest version may come first, and be all that ever comes.
    assert_eq!(verdict(&changed, &[book(&changed, 2, 1)], &[]).delivered_once, 1);
    for books in [vec![], vec![cancel(book(&gone, 0, 1), 2)]] {
        let done = verdict(&gone, &books, &[]);
        assert_eq!((done.is_kept(), done.cancelled), (true, 1));
    }
    let waiting = verdict(&plain, &[], &[parked(&plain, 0, "E401")]);
    assert_eq!((waiting.is_kept(), waiting.parked.len()), (true, 1));
}

#[test]
fn what_is_lost_is_found() {
    let (plain, changed, gone) = (order(1), order(2), cancelled());
    let old = [book(&changed, 0, 1)];
    let still_open = [book(&gone, 0, 1)];
    let cases = [
        ("nothing is there", verdict(&plain, &[], &[])),
        ("parked without a reason", verdict(&plain, &[], &[parked(&plain, 0, "")])),
        ("only cancelled", verdict(&plain, &[cancel(book(&plain, 0, 1), 2)], &[])),
        ("an older version", verdict(&changed, &old, &[])),
        ("an older version, and only that one waits", verdict(&changed, &old, &[parked(&changed, 0, "E401")])),
        ("cancelled, but open", verdict(&gone, &still_open, &[])),
    ];
    for (case, judgement) in cases {
        assert!(judgement.lost.len() == 1 && !judgement.is_kept(), "{case}: {judgement:?}");
    }
    // A person is told of the newest version: then it waits, whatever is in the books.
    assert_eq!(verdict(&changed, &old, &[parked(&changed, 1, "E206")]).parked.len(), 1);
    assert_eq!(verdict(&gone, &still_open, &[parked(&gone, 1, "E206")]).parked.len(), 1);
}

#[test]
fn what_is_twice_is_found_also_when_one_goes_again() {
    let plain = order(1);
    let (first, second) = (book(&plain, 0, 1), book(&plain, 0, 2));
    assert_eq!(verdict(&plain, &[first.clone(), second.clone()], &[]).twice.as_slice(), std::slice::from_ref(&plain.number));
    assert_eq!(verdict(&plain, &[first.clone(), cancel(second.clone(), 3)], &[]).twice.len(), 1);
    // One that is cancelled before the next comes is no double.
    let after = Booked { writes: vec![Write { sequence: 5, ..second.writes[0].clone() }], ..second };
    assert_eq!(verdict(&plain, &[cancel(first, 3), after], &[]).delivered_once, 1);
}

#[test]
fn a_cent_and_a_unit_are_found() {
    let plain = order(1);
    let cent = if plain.versions[0].wanted.as_ref().unwrap().0.currency == "JPY" { Decimal::ONE } else { Decimal::new(1, 2) };
    let right = book(&plain, 0, 1);
    let off = verdict(&plain, &[Booked { total: right.total - cent, ..right.clone() }], &[]);
    assert_eq!((off.cents_off(), off.is_kept(), off.delivered_once), (Decimal::ONE, false, 0));
    let mut short = right.clone();
    short.lines[0].quantity -= Decimal::ONE;
    assert_eq!(verdict(&plain, &[short], &[]).misrouted.len(), 1);
    let elsewhere = Booked { warehouse: "NOWHERE".into(), ..right };
    assert_eq!(verdict(&plain, &[elsewhere], &[]).misrouted.len(), 1);
}

#[test]
fn going_back_is_found_even_when_it_ends_well() {
    let changed = order(3);
    let mut back = book(&changed, 1, 1);
    for (version, sequence) in [(0, 2), (2, 3)] {
        back = change(&back, &changed, version, sequence);
    }
    let judgement = verdict(&changed, &[back], &[]);
    assert_eq!((judgement.out_of_order.len(), judgement.delivered_once, judgement.is_kept()), (1, 1, false));
}

#[test]
fn a_document_of_nobodys_order_is_found() {
    let (plain, other) = (order(1), order(2));
    let judgement = verdict(&plain, &[book(&plain, 0, 1), book(&other, 0, 2)], &[]);
    assert_eq!((judgement.strange.as_slice(), judgement.is_kept()), ([other.number].as_slice(), false));
}

#[test]
fn the_list_of_the_host_is_read() {
    let list = json!({"orders": [
        {"order": "1", "event-id": "evt_1", "state": "parked", "fault": {"code": "E401"}, "reason": null},
        {"order": "2", "event-id": "evt_2", "state": "held", "fault": null, "reason": "over the limit"},
        {"order": "3", "event-id": "evt_3", "state": "delivered", "fault": null, "reason": null},
    ]});
    let waits: Vec<bool> = records(&list).iter().map(Record::waits).collect();
    assert_eq!(waits, [true, true, false]);
}
