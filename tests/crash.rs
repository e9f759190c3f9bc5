//! kill -9 of the host at random moments of a run, restarted each time: every acknowledged order arrives exactly once.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{BREAKS, PATIENCE, plan, start};
use crossdock_partners::{
    faults::{Fault, On},
    orders::{Generated, generate},
    random::Random,
    sender::{self, Hook, Options},
};
use crossdock_stage::oracle::judge;
use rust_decimal::Decimal;
use std::{collections::HashSet, time::Duration};

const ORDERS: usize = 2_000;
const KILLS: u32 = 12;

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_order_arrives_exactly_once() {
    let (_folder, plan) = plan();
    let plan = crossdock_stage::Plan { hooks: plan.hooks.replace("\"order-hold\", ", ""), timeout: Duration::from_millis(500), ..plan };
    let orders = generate(ORDERS, 37);
    let mut stage = start(plan, &orders).await;
    // Some answers get lost after the commit, so that kills fall on unknown outcomes, too; and a slow ERP stretches the
    // time in which documents are under way.
    stage.sagepro.faults().share(On::Create, 20, Fault::CloseAfter);
    stage.sagepro.faults().share(On::Create, 300, Fault::Slow(5));
    let hooks: Vec<Hook> = orders.iter().map(Generated::hook).collect();
    let url = stage.webhooks();
    let options = Options { tries: 10_000, wait: Duration::from_millis(5), concurrency: 16, ..Options::default() };
    let sending = tokio::spawn(async move { sender::send(&url, &hooks, &options).await });
    let mut random = Random::new(41);
    let mut killed = 0;
    while killed < KILLS && !sending.is_finished() {
        tokio::time::sleep(Duration::from_millis(30 + random.below(250))).await;
        stage.kill().unwrap();
        killed += 1;
        stage.restart().await.unwrap();
    }
    let sent = sending.await.unwrap();
    assert!(killed >= 3, "the run was over after {killed} kills");
    let acknowledged: HashSet<&str> = sent.iter().filter(|sent| sent.acknowledged()).map(|sent| sent.number.as_str()).collect();
    assert_eq!(acknowledged.len(), ORDERS);
    stage.drain(PATIENCE).await.unwrap();
    let judgement = judge(&orders, &stage.sagepro.books(), &BREAKS);
    assert_eq!(judgement.delivered.len(), ORDERS, "lost: {}", ORDERS - judgement.delivered.len());
    assert_eq!((judgement.twice.len(), judgement.misrouted.len(), judgement.cents_off), (0, 0, Decimal::ZERO));
}
