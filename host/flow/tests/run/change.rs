//! The way of a newer version of an order that is in the ERP, and of its cancellation.

use crate::outside::{Case, FixedClock, Shop, unknown};
use crossdock_flow::{
    Code, Decimal, Document, Fault, Order,
    change::{Proposal, Step},
    clock::Clock,
    mapping,
    record::{Attempt, Claimed, Kind, LaneEntry, Part, SentBefore, Settlement, State},
    route::{self, Shipment},
    sample,
    source::Content,
    target::{Answer, Busy, Found, Receipt, Standing},
};
use jiff::tz::TimeZone;
use std::time::Duration;

/// The order as it was sent: two lines, in one shipment or in two.
fn shipments(parts: usize) -> Vec<Shipment> {
    let order = sample::order(2);
    let whole = route::whole(&order, &sample::candidates(&order));
    match parts {
        1 => whole,
        _ => ["TOR", "BUF"]
            .into_iter()
            .zip(whole[0].lines.iter())
            .map(|(warehouse, line)| Shipment { warehouse: warehouse.into(), lines: vec![*line], backorder: false })
            .collect(),
    }
}

fn documents(order: &Order, parts: usize) -> Vec<Document> {
    let mapping = mapping::read(mapping::SHIPPED[0].0, mapping::SHIPPED[0].1).unwrap();
    mapping.apply(order, &shipments(parts), &TimeZone::UTC).unwrap()
}

fn part(document: &Document) -> Part {
    let number = Some(format!("SO-{}", document.key));
    Part { part: document.part, key: document.key.clone(), warehouse: document.warehouse.clone(), total: document.total, number }
}

/// Version 1 is in the ERP, in so many documents; the shop reads `fetched` as the order that it was made of.
fn delivered(parts: usize) -> LaneEntry {
    let documents = documents(&sample::order(2), parts);
    let attempt = Attempt { documents: documents.clone().into(), shipments: shipments(parts), ..Attempt::new(1, FixedClock.now()) };
    let sent = Some(SentBefore { attempt, body: Some(b"fetched".to_vec()) });
    LaneEntry { record: 3, kind: Kind::Created, version: 1, state: State::Delivered, parts: documents.iter().map(part).collect(), sent }
}

/// Version 2 comes, of which this is the order.
fn newer(order: Order, lane: LaneEntry) -> Case {
    let case = Case::new();
    let claimed = Claimed { kind: Kind::Updated, version: 2, lane: vec![lane], ..case.claimed };
    Case { shop: Shop(Content::Order(Box::new(order))), claimed, ..case }
}

fn moved() -> Order {
    let mut order = sample::order(2);
    order.shipping_to.city = "Ottawa".into();
    order
}

fn told(settlement: &Settlement) -> Vec<String> {
    let attempt = settlement.attempt.as_ref().unwrap();
    attempt.proposal.as_ref().unwrap().steps.iter().map(Step::tell).collect()
}

#[tokio::test]
async fn an_order_that_is_open_is_changed_and_takes_over() {
    let (log, settled) = newer(moved(), delivered(1)).run().await;
    assert_eq!(log, ["look at SO-SAMPLE-2", "begin 1 documents, 0 runs", "change SO-SAMPLE-2 to SAMPLE-2", "settle delivered"]);
    let settled = settled.unwrap();
    assert_eq!((settled.parts[0].number.as_deref(), settled.supersedes), (Some("SO-SAMPLE-2"), vec![3]));
}

#[tokio::test]
async fn what_is_shipped_is_not_touched() {
    for kind in [Kind::Updated, Kind::Cancelled] {
        let case = newer(moved(), delivered(1));
        let case = Case { standing: Some(Standing::Shipped), claimed: Claimed { kind, ..case.claimed }, ..case };
        let (log, settled) = case.run().await;
        assert_eq!(log, ["look at SO-SAMPLE-2", "settle parked"], "{kind:?}");
        let settled = settled.unwrap();
        assert_eq!(settled.fault.as_ref().unwrap().code, Code::AlreadyShipped);
        assert!(settled.supersedes.is_empty() && settled.parts.is_empty());
        // What it would have done is there for the person who decides.
        let expected = if kind == Kind::Cancelled {
            "cancel SAMPLE-2 (SO-SAMPLE-2)"
        } else {
            "change SAMPLE-2 (SO-SAMPLE-2): ShipToAddress.City Toronto → Ottawa"
        };
        assert_eq!(told(&settled), [expected]);
    }
}

#[tokio::test]
async fn what_somebody_cancelled_or_removed_in_the_erp_is_for_a_person() {
    for standing in [Some(Standing::Cancelled), None] {
        let (log, settled) = Case { standing, ..newer(moved(), delivered(1)) }.run().await;
        assert_eq!((log.last().unwrap().as_str(), settled.unwrap().fault.unwrap().code), ("settle parked", Code::AlreadyExported));
        // For a cancellation it is as good as done.
        let case = newer(moved(), delivered(1));
        let case = Case { standing, claimed: Claimed { kind: Kind::Cancelled, ..case.claimed }, ..case };
        assert_eq!(case.run().await.1.unwrap().state, State::Cancelled);
    }
}

#[tokio::test]
async fn a_version_that_changes_nothing_is_a_no_op_that_sends_nothing() {
    let (log, settled) = newer(sample::order(2), delivered(1)).run().await;
    assert_eq!(log, ["settle superseded"]);
    let settled = settled.unwrap();
    assert!(settled.reason.unwrap().contains("version 2 changes nothing") && settled.fault.is_none());
    // Where a stopped version may have changed it, nothing is taken for granted.
    let case = newer(sample::order(2), delivered(1));
    let stopped = LaneEntry { record: 4, kind: Kind::Updated, version: 1, state: State::Parked, parts: Vec::new(), sent: None };
    let mut claimed = case.claimed;
    claimed.lane.push(stopped);
    assert_eq!(Case { claimed, ..case }.run().await.0[2], "change SO-SAMPLE-2 to SAMPLE-2");
}

#[tokio::test]
async fn a_change_adds_and_removes_documents() {
    // Another quantity: it is routed anew, and what was one document becomes two.
    let mut order = sample::order(2);
    let line = &mut order.lines[0];
    line.quantity += Decimal::ONE;
    line.total += line.unit_price;
    line.tax = order.currency.round(line.total * line.tax_rate);
    order.total = order.subtotal() + order.shipping.amount + order.tax();
    let mut case = newer(order.clone(), delivered(1));
    case.rules = Case::new().split().rules;
    let (log, settled) = case.run().await;
    let sent = ["change SO-SAMPLE-2 to SAMPLE-2", "create SAMPLE-2-2", "create SAMPLE-2-3", "settle delivered"];
    assert_eq!(log[2..], sent, "what the rule left over is a backorder");
    assert_eq!(settled.unwrap().parts.iter().map(|part| part.total).sum::<Decimal>(), order.total);
    // And what was two becomes one: the other goes last.
    let (log, settled) = newer(order, delivered(2)).run().await;
    assert_eq!(
        log,
        [
            "look at SO-SAMPLE-2",
            "look at SO-SAMPLE-2-2",
            "begin 1 documents, 0 runs",
            "change SO-SAMPLE-2 to SAMPLE-2",
            "cancel SO-SAMPLE-2-2",
            "settle delivered"
        ]
    );
    assert_eq!(settled.unwrap().parts.len(), 1);
}

#[tokio::test]
async fn an_order_ships_from_where_it_did_while_its_articles_and_its_place_are_the_same() {
    // Routed anew it would come from one warehouse.
    let mut order = sample::order(2);
    order.billing.city = "Ottawa".into();
    let (log, settled) = newer(order, delivered(2)).run().await;
    assert_eq!(log[3..], ["change SO-SAMPLE-2 to SAMPLE-2", "change SO-SAMPLE-2-2 to SAMPLE-2-2", "settle delivered"]);
    assert!(settled.unwrap().steps[0].contains("it ships from where it did"));
}

/// A change that was begun: both documents are changed, a third is new, and the host died.
fn halfway() -> (Attempt, Vec<Part>) {
    let documents = documents(&moved(), 2);
    let third = Document { part: 2, key: "SAMPLE-2-3".into(), ..documents[0].clone() };
    let proposal = Proposal {
        steps: documents
            .iter()
            .map(|document| Step::Change { part: part(document), changes: Vec::new() })
            .chain([Step::Create { key: third.key.clone() }])
            .collect(),
    };
    let documents: Vec<Document> = documents.into_iter().chain([third]).collect();
    let parts = documents.iter().map(|document| Part { number: None, ..part(document) }).collect();
    (Attempt { documents: documents.into(), proposal: Some(proposal), ..Attempt::new(1, FixedClock.now()) }, parts)
}

fn taken_up() -> Case {
    let case = newer(moved(), delivered(2));
    Case { claimed: Claimed { begun: Some(halfway()), attempts: 1, ..case.claimed }, ..case }
}

#[tokio::test]
async fn a_change_that_a_crash_interrupted_is_carried_on() {
    let changes = ["change SO-SAMPLE-2 to SAMPLE-2", "change SO-SAMPLE-2-2 to SAMPLE-2-2", "find SAMPLE-2-3"];
    // Changing twice does no harm; what may have been created is looked for first.
    let (log, settled) = taken_up().run().await;
    assert_eq!(log, [&changes[..], &["create SAMPLE-2-3", "settle delivered"]].concat());
    assert_eq!(settled.unwrap().parts.iter().filter(|part| part.number.is_some()).count(), 3);
    let there = Case { found: Found::Here(Receipt { number: "SO-3".into() }), ..taken_up() };
    assert_eq!(there.run().await.0, [&changes[..], &["settle delivered"]].concat());
}

#[tokio::test]
async fn a_change_that_is_taken_up_never_runs_as_new() {
    let busy = || Answer::Busy(Busy { fault: Fault::new(Code::PartnerBusy, "503"), retry_after: None, counts: true });
    // The first change cannot be made now. Whether the third document was created is looked up all the same.
    let (log, settled) = Case { answers: vec![busy()], ..taken_up() }.run().await;
    assert_eq!(log, ["change SO-SAMPLE-2 to SAMPLE-2", "find SAMPLE-2-3", "settle sending"]);
    assert!(settled.unwrap().parts.iter().all(|part| part.key != "SAMPLE-2-3"), "it is not there, so nothing is known of it");
    // Refused now, but perhaps done before: the record keeps what it may have changed, so that nobody gives it up.
    let refused = Answer::Refused(Fault::new(Code::Refused, "no such item"));
    let settled = Case { answers: vec![refused], ..taken_up() }.run().await.1.unwrap();
    assert_eq!((settled.state, settled.parts[0].number.as_deref()), (State::Parked, Some("SO-SAMPLE-2")));
}

#[tokio::test]
async fn a_rate_limit_while_looking_is_waited_for_and_counts_for_nothing() {
    let limit = Busy { fault: Fault::new(Code::PartnerBusy, "429"), retry_after: Some(Duration::from_secs(90)), counts: false };
    let case = Case { found: Found::Busy(limit), ..taken_up() };
    let settled = Case { claimed: Claimed { tries: 3, ..case.claimed }, ..case }.run().await.1.unwrap();
    assert_eq!((settled.state, settled.tries, settled.due_at), (State::Sending, 3, Some(FixedClock.now() + Duration::from_secs(90))));
    // It may be there: the record says so.
    assert_eq!(settled.parts.iter().find(|part| part.key == "SAMPLE-2-3").unwrap().number, None);
}

#[tokio::test]
async fn an_erp_that_is_busy_when_asked_how_far_it_is_is_asked_again() {
    let case = Case { standing_busy: true, ..newer(moved(), delivered(1)) };
    let (log, settled) = case.run().await;
    assert_eq!(log, ["look at SO-SAMPLE-2", "settle due"]);
    assert_eq!(settled.unwrap().fault.unwrap().code, Code::PartnerBusy);
}

#[tokio::test]
async fn an_older_version_is_not_taken_up_where_a_newer_one_has_begun() {
    let case = taken_up();
    let newer = LaneEntry { record: 9, version: 3, state: State::Parked, ..delivered(1) };
    let mut claimed = case.claimed;
    claimed.lane.push(newer);
    let parts = claimed.begun.as_ref().unwrap().1.clone();
    let (log, settled) = Case { claimed, ..case }.run().await;
    assert_eq!(log, ["settle parked"]);
    let settled = settled.unwrap();
    assert!(settled.fault.unwrap().message.contains("retry record 9"));
    assert_eq!(settled.parts, parts, "what is known of its documents stays known");
}

#[tokio::test]
async fn a_cancellation_of_which_a_part_is_unknown_is_on_disk_and_carried_on() {
    let case = newer(moved(), delivered(2));
    let case = Case { cancels: vec![unknown()], claimed: Claimed { kind: Kind::Cancelled, ..case.claimed }, ..case };
    let (log, settled) = case.run().await;
    assert_eq!(log[2..], ["begin 0 documents, 0 runs", "cancel SO-SAMPLE-2", "settle sending"]);
    let settled = settled.unwrap();
    assert!(settled.supersedes.is_empty());
    assert_eq!(settled.parts, delivered(2).parts[..1], "so it is taken up again, whatever comes meanwhile");
    let parts = delivered(2).parts;
    let begun = Attempt { proposal: Some(Proposal::cancel(&parts)), ..Attempt::new(1, FixedClock.now()) };
    let case = newer(moved(), delivered(2));
    let claimed = Claimed { kind: Kind::Cancelled, begun: Some((begun, Vec::new())), tries: 1, ..case.claimed };
    let (log, settled) = Case { claimed, ..case }.run().await;
    assert_eq!(log, ["cancel SO-SAMPLE-2", "cancel SO-SAMPLE-2-2", "settle cancelled"]);
    assert_eq!(settled.unwrap().reason.as_deref(), Some("cancelled in the ERP: SO-SAMPLE-2, SO-SAMPLE-2-2"));
}
