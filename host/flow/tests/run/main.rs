//! The way of one record with everything outside simulated: what is sent, what is written down, and in which order.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod change;
mod outside;

use crossdock_flow::{
    Code, Decimal, Fault,
    clock::Clock,
    guard::{Guard, Pattern},
    hook::{Hook, Mark, Plugin, Route, Verdict},
    record::{Claimed, Kind, LaneEntry, Part, Settlement, State},
    route::Shipment,
    rule::{Breaker, Policy, Rule},
    sample,
    settle::Schedule,
    source::Content,
    target::{Answer, Busy, Found, Receipt},
};
use outside::{Case, Fixed, FixedClock, Shop, begun, unknown};
use std::sync::Arc;

#[tokio::test]
async fn an_order_is_on_disk_as_sending_before_anything_is_sent() {
    let (log, settled) = Case::new().pre_map(Ok(Verdict::Proceed)).run().await;
    assert_eq!(log, ["begin 1 documents, 1 runs", "create SAMPLE-2", "settle delivered"]);
    assert_eq!(settled.unwrap().parts[0].number.as_deref(), Some("SO-SAMPLE-2"));
}

#[tokio::test]
async fn a_split_order_becomes_a_document_per_warehouse() {
    let (log, settled) = Case::new().split().run().await;
    assert_eq!(log, ["begin 2 documents, 1 runs", "create SAMPLE-2", "create SAMPLE-2-2", "settle delivered"]);
    let total: Decimal = settled.unwrap().parts.iter().map(|part| part.total).sum();
    assert_eq!(total, sample::order(2).total);
}

#[tokio::test]
async fn when_a_part_is_unknown_the_rest_waits_until_it_is_looked_up() {
    let case = Case { answers: vec![unknown()], ..Case::new().split() };
    let (log, settled) = case.run().await;
    assert_eq!(log, ["begin 2 documents, 1 runs", "create SAMPLE-2", "settle sending"]);
    let settled = settled.unwrap();
    assert_eq!((settled.parts.len(), settled.parts[0].number.as_deref()), (1, None));
    assert_eq!(settled.due_at, Some(FixedClock.now() + Schedule::default().look_up_after));
}

#[tokio::test]
async fn what_was_begun_is_looked_up_and_only_what_is_missing_is_sent() {
    let found = Case {
        claimed: Claimed { begun: begun(), attempts: 1, ..Case::new().claimed },
        found: Found::Here(Receipt { number: "SO-B".into() }),
        ..Case::new()
    };
    let (log, settled) = found.run().await;
    assert_eq!(log, ["find B", "settle delivered"]);
    let settled = settled.unwrap();
    assert_eq!(settled.parts.iter().filter_map(|part| part.number.as_deref()).collect::<Vec<_>>(), ["SO-A", "SO-B"]);
    assert!(settled.steps[0].contains("was not sent again"));

    let missing = Case { claimed: Claimed { begun: begun(), ..Case::new().claimed }, ..Case::new() };
    assert_eq!(missing.run().await.0, ["find B", "create B", "settle delivered"]);

    let busy = Busy { fault: Fault::new(Code::PartnerBusy, "503"), retry_after: None, counts: true };
    let silent = Case { claimed: Claimed { begun: begun(), ..Case::new().claimed }, found: Found::Busy(busy), ..Case::new() };
    assert_eq!(silent.run().await.0, ["find B", "settle sending"]);

    let other = Case {
        claimed: Claimed { begun: begun(), ..Case::new().claimed },
        found: Found::Other(Fault::new(Code::Conflict, "another customer")),
        ..Case::new()
    };
    let (log, settled) = other.run().await;
    assert_eq!(log, ["find B", "settle parked"]);
    assert_eq!(settled.unwrap().fault.unwrap().code, Code::Conflict);
}

#[tokio::test]
async fn holds_rejections_and_faults_send_nothing() {
    let hold = || Ok(Verdict::Hold { reason: "over the limit".into(), until: None });
    let (log, settled) = Case::new().pre_map(hold()).run().await;
    assert_eq!((log, settled.unwrap().reason.as_deref()), (vec!["settle held".to_owned()], Some("over the limit")));
    // A person released it.
    let case = Case::new().pre_map(hold());
    let (log, settled) = Case { claimed: Claimed { released: true, ..case.claimed }, ..case }.run().await;
    assert_eq!(log.last().unwrap(), "settle delivered");
    assert!(settled.unwrap().steps[0].contains("released"));

    let (log, _) = Case::new().pre_map(Ok(Verdict::Reject { reason: "no export".into() })).run().await;
    assert_eq!(log, ["settle rejected"]);
    let (log, settled) = Case::new().pre_map(Err(Fault::new(Code::PluginFuel, "out of fuel"))).run().await;
    assert_eq!(log, ["settle parked"]);
    assert_eq!(settled.unwrap().attempt.unwrap().runs.len(), 1);
    // All sandboxes busy: nobody's fault, so it comes again.
    assert_eq!(Case::new().pre_map(Err(Fault::new(Code::SandboxBusy, "busy"))).run().await.0, ["settle due"]);
}

#[tokio::test]
async fn a_route_that_breaks_the_contract_is_the_rules_fault() {
    let mut case = Case::new();
    let route = Route::Ship(vec![Shipment { warehouse: "MARS".into(), lines: vec![(0, Decimal::ONE)], backorder: false }]);
    case.rules.route_order = Some(Rule::new(Arc::new(Fixed { route, ..Fixed::of(Ok(Verdict::Proceed)) })));
    let (log, settled) = case.run().await;
    assert_eq!(log, ["settle parked"]);
    let fault = settled.unwrap().fault.unwrap();
    assert_eq!((fault.code, fault.detail.unwrap().plugin.as_str()), (Code::PluginAnswer, "rule"));
}

fn broken() -> Result<Verdict, Fault> {
    Err(Fault::new(Code::PluginTrapped, "the guest panicked"))
}

fn marks(settlement: &Settlement) -> Vec<(String, Option<Mark>)> {
    settlement.attempt.iter().flat_map(|attempt| &attempt.runs).map(|run| (run.plugin.to_string(), run.mark)).collect()
}

#[tokio::test]
async fn a_rule_that_may_be_skipped_stops_nothing() {
    let mut case = Case::new().pre_map(broken()).pre_map(Ok(Verdict::Reject { reason: "seen".into() }));
    case.rules.pre_map[0].policy = Policy::Skip;
    let (log, settled) = case.run().await;
    assert_eq!(log, ["settle rejected"], "the next rule ran");
    assert_eq!(marks(&settled.unwrap()), [("rule".to_owned(), Some(Mark::Skipped)), ("rule".to_owned(), None)]);
    for hook in [Hook::RouteOrder, Hook::PostMap] {
        let mut case = Case::new();
        let rule = Rule { policy: Policy::Skip, ..Rule::new(Arc::new(Fixed { route: Route::Stop(Verdict::Proceed), ..Fixed::of(broken()) })) };
        match hook {
            Hook::PostMap => case.rules.post_map = vec![rule],
            _ => {
                let route = Route::Ship(vec![Shipment { warehouse: "MARS".into(), lines: vec![(0, Decimal::ONE)], backorder: false }]);
                let plugin = Arc::new(Fixed { route, ..Fixed::of(Ok(Verdict::Proceed)) });
                case.rules.route_order = Some(Rule { plugin, ..rule });
            }
        }
        assert_eq!(case.run().await.0.last().unwrap(), "settle delivered", "{hook}");
    }
}

#[tokio::test]
async fn the_previous_version_stands_in() {
    let previous = |verdict| Some(Arc::new(Fixed { name: "older".into(), ..Fixed::of(verdict) }) as Arc<dyn Plugin>);
    let mut case = Case::new().pre_map(broken()).pre_map(Ok(Verdict::Reject { reason: "end".into() }));
    case.rules.pre_map[0].policy = Policy::Previous;
    case.rules.pre_map[0].previous = previous(Ok(Verdict::Proceed));
    let (_, settled) = case.run().await;
    let settled = settled.unwrap();
    assert_eq!(marks(&settled)[..2], [("rule".to_owned(), None), ("older".to_owned(), Some(Mark::Previous))]);
    let runs = settled.attempt.unwrap().runs;
    assert!(runs[0].changes.is_empty() && runs[1].changes.len() == 1, "only what the previous version did counts");

    let mut case = Case::new().pre_map(broken());
    case.rules.pre_map[0].policy = Policy::Previous;
    case.rules.pre_map[0].previous = previous(broken());
    assert_eq!(case.run().await.0, ["settle parked"]);
}

#[tokio::test]
async fn a_version_that_fails_too_often_is_not_called_any_more() {
    let breaker = Arc::new(Breaker::new(2, std::time::Duration::from_secs(60)));
    let run = async |verdict| {
        let mut case = Case::new().pre_map(verdict);
        case.rules.pre_map[0].breaker = breaker.clone();
        case.run().await.1.unwrap()
    };
    assert!(run(broken()).await.quarantined.is_empty());
    let second = run(broken()).await;
    assert_eq!((second.quarantined[0].plugin.as_str(), second.fault.unwrap().code), ("rule", Code::PluginTrapped));
    assert!(second.quarantined[0].why.starts_with("2 faults within 60s, the last one E101"), "{}", second.quarantined[0].why);
    let third = run(Ok(Verdict::Proceed)).await;
    assert_eq!((third.fault.unwrap().code, third.quarantined.len()), (Code::PluginQuarantined, 0));
}

#[tokio::test]
async fn a_rule_that_could_not_be_loaded_keeps_its_own_fault() {
    let breaker = Arc::new(Breaker::new(1, std::time::Duration::from_secs(60)));
    for _ in 0..3 {
        let mut case = Case::new().pre_map(Err(Fault::new(Code::NotWasm, "overwritten by accident")));
        case.rules.pre_map[0].breaker = breaker.clone();
        let settled = case.run().await.1.unwrap();
        assert_eq!((settled.fault.unwrap().code, settled.quarantined.len()), (Code::NotWasm, 0));
    }
}

#[tokio::test]
async fn two_orders_that_meet_in_a_rules_notes_are_tried_again() {
    let (log, settled) = Case { refused: Some(Code::KvConflict), ..Case::new() }.run().await;
    assert_eq!((log, settled.unwrap().fault.unwrap().code), (vec!["settle due".to_owned()], Code::KvConflict));
}

#[tokio::test]
async fn what_the_guard_forbids_never_reaches_the_erp() {
    let mut case = Case::new().pre_map(Ok(Verdict::Proceed));
    case.rules.pre_map[0].guard = Arc::new(Guard { may_change: Some(vec![Pattern::parse("fields.*").unwrap()]), ..Guard::default() });
    let (log, settled) = case.run().await;
    assert_eq!(log, ["settle parked"]);
    let fault = settled.unwrap().fault.unwrap();
    assert_eq!((fault.code, fault.place.as_deref()), (Code::PluginGuard, Some("tags")));
}

#[tokio::test]
async fn unreadable_bytes_and_wrong_sums_are_parked() {
    let case = Case::new();
    let broken = Case { claimed: Claimed { body: b"broken".to_vec(), ..case.claimed }, ..case };
    assert_eq!(broken.run().await.1.unwrap().fault.unwrap().code, Code::Malformed);
    let mut order = sample::order(2);
    order.total += Decimal::new(1, 2);
    let wrong = Case { shop: Shop(Content::Order(Box::new(order))), ..Case::new() };
    let fault = wrong.run().await.1.unwrap().fault.unwrap();
    assert_eq!(fault.code, Code::SumsDiffer);
    assert!(fault.message.contains("0.01"), "{}", fault.message);
}

#[tokio::test]
async fn a_thin_event_is_fetched_and_kept() {
    let (log, settled) = Case { shop: Shop(Content::Thin("SAMPLE-2".into())), ..Case::new() }.run().await;
    assert_eq!(log.last().unwrap(), "settle delivered");
    assert!(settled.unwrap().steps[0].contains("fetched"));
}

#[tokio::test]
async fn when_the_store_fails_nothing_is_sent_and_the_record_comes_again() {
    let (log, settled) = Case { refused: Some(Code::Store), ..Case::new() }.run().await;
    assert_eq!((log, settled), (vec!["unclaim".to_owned()], None));
}

#[tokio::test]
async fn a_cancellation_reaches_every_part() {
    let (_, parts) = begun().unwrap();
    let parts: Vec<Part> = parts.into_iter().map(|part| Part { number: Some(format!("SO-{}", part.key)), ..part }).collect();
    let delivered = LaneEntry { record: 3, kind: Kind::Created, version: 1, state: State::Delivered, parts, sent: None };
    let case = Case::new();
    let cancel = Case { claimed: Claimed { kind: Kind::Cancelled, version: 2, lane: vec![delivered], ..case.claimed }, ..case };
    let (log, settled) = cancel.run().await;
    assert_eq!(log, ["look at SO-A", "look at SO-B", "begin 0 documents, 0 runs", "cancel SO-A", "cancel SO-B", "settle cancelled"]);
    assert_eq!(settled.unwrap().reason.as_deref(), Some("cancelled in the ERP: SO-A, SO-B"));
}

#[tokio::test]
async fn what_may_be_in_the_erp_without_our_knowing_is_looked_up_first() {
    let doubtful = || Case { claimed: Claimed { doubtful: true, ..Case::new().claimed }, ..Case::new() };
    assert_eq!(doubtful().run().await.0, ["begin 1 documents, 0 runs", "find SAMPLE-2", "create SAMPLE-2", "settle delivered"]);
    let there = Case { found: Found::Here(Receipt { number: "SO-1".into() }), ..doubtful() };
    assert_eq!(there.run().await.0, ["begin 1 documents, 0 runs", "find SAMPLE-2", "settle delivered"]);
}

#[tokio::test]
async fn what_no_warehouse_has_is_sent_first_so_that_its_refusal_leaves_nothing_behind() {
    let mut case = Case::new();
    // The second line is left over.
    let line = (0, sample::order(2).lines[0].quantity);
    let route = Route::Ship(vec![Shipment { warehouse: "TOR".into(), lines: vec![line], backorder: false }]);
    case.rules.route_order = Some(Rule::new(Arc::new(Fixed { route, ..Fixed::of(Ok(Verdict::Proceed)) })));
    case.answers = vec![Answer::Refused(Fault::new(Code::Refused, "no such article"))];
    let (log, settled) = case.run().await;
    assert_eq!(log, ["begin 2 documents, 1 runs", "create SAMPLE-2-2", "settle parked"]);
    assert!(settled.unwrap().parts.is_empty());
}
