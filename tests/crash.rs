//! The short form of the crash suite (`script/crash` runs the long one): the host is killed at each named step and at random
//! moments, between partners that fail; every acknowledged order arrives exactly once, in its newest version, to the cent.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{plan, program};
use crossdock_crash::{Options, run, script::Polls};
use std::time::Duration;

const ORDERS: usize = 400;
const KILLS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_order_arrives_exactly_once() {
    let (folder, plan) = plan();
    let options = Options {
        program: program().into(),
        plugins: plan.plugins,
        data: folder.path().join("crash"),
        orders: ORDERS,
        kills: KILLS,
        seed: 37,
        outage: Duration::from_secs(3),
        polls: Polls::On,
    };
    let report = run(&options, &|_| {}).await.unwrap();
    assert!(report.is_well(), "{}\n{}", report.wrongs().join("\n"), report.table());
    assert!(report.kills >= KILLS && report.kills_by_step.values().all(|kills| *kills > 0), "{}", report.table());
    // Every order was placed, and nothing in this run is for a person to decide: an outage and lost answers are not.
    assert_eq!((report.delivered_once + report.cancelled, report.parked), (ORDERS, 0), "{}", report.table());
    assert!(report.split > 0 && report.cancelled > 0 && report.never_told > 0, "{}", report.table());
}
