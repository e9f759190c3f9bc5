//! Plugins dropped, replaced, broken, disabled and removed while orders flow: what runs is always a whole version that
//! worked, every record says which, and no order is lost or parked. `CROSSDOCK_RELOADS=1000 script/test reload` is the long run.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{BREAKS, PATIENCE, patient, plan, start};
use crossdock_partners::orders::{Generated, generate};
use crossdock_stage::{Plan, Stage, oracle::judge};
use rust_decimal::Decimal;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

/// The same component with a custom section more: another version, by its hash.
fn version(component: &[u8], number: usize) -> Vec<u8> {
    let text = format!("version {number}");
    let mut section = vec![u8::try_from(text.len() + 2).unwrap(), 1, b'v'];
    section.extend(text.bytes());
    [component, &[0], &section].concat()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Waits until the host's log has so many lines with this text.
async fn logged(stage: &Stage, text: &str, times: usize) {
    let begun = Instant::now();
    loop {
        let log = fs::read_to_string(stage.log()).unwrap();
        if log.lines().filter(|line| line.contains(text)).count() >= times {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "no {times} lines with `{text}` in:\n{log}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn send(stage: &Stage, orders: &[Generated]) {
    let hooks: Vec<_> = orders.iter().map(Generated::hook).collect();
    assert!(stage.send(&hooks, &patient()).await.iter().all(|sent| sent.acknowledged()));
}

/// The versions of a plugin that an order met.
fn met(stage: &Stage, order: &str, plugin: &str) -> BTreeSet<String> {
    let output = stage.command(&["orders", "explain", order, "--json"]).unwrap();
    let stories: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut versions = BTreeSet::new();
    gather(&stories, plugin, &mut versions);
    versions
}

fn gather(value: &Value, plugin: &str, versions: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if object.get("plugin").and_then(Value::as_str) == Some(plugin) {
                versions.extend(object.get("version").and_then(Value::as_str).map(str::to_owned));
            }
            object.values().for_each(|value| gather(value, plugin, versions));
        }
        Value::Array(list) => list.iter().for_each(|value| gather(value, plugin, versions)),
        _ => {}
    }
}

fn said(stage: &Stage, arguments: &[&str]) -> String {
    let output = stage.command(arguments).unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Resident memory of a process, in KiB.
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok()).unwrap()
}

/// A plan in which every order meets the rule, and the log tells of every swap.
fn watched(plan: Plan) -> Plan {
    Plan { log: "crossdock=info,warn", hooks: plan.hooks.replace("\"order-hold\", ", ""), ..plan }
}

#[tokio::test]
async fn a_file_is_taken_up_and_a_bad_one_is_refused_while_the_version_before_goes_on() {
    let (_folder, plan) = plan();
    let file = plan.plugins.join("segment-discount.wasm");
    let first = fs::read(&file).unwrap();
    let orders = generate(9, 101);
    let mut stage = start(watched(plan), &orders).await;
    let one = |number: usize| &orders[number..=number];
    let version_of = |stage: &Stage, number: usize| met(stage, &orders[number].number, "segment-discount");
    send(&stage, one(0)).await;
    stage.drain(PATIENCE).await.unwrap();
    assert_eq!(version_of(&stage, 0), [sha256(&first)].into());

    let second = version(&first, 2);
    fs::write(&file, &second).unwrap();
    logged(&stage, "plugin swapped in", 1).await;
    send(&stage, one(1)).await;
    stage.drain(PATIENCE).await.unwrap();
    assert_eq!(version_of(&stage, 1), [sha256(&second)].into());

    // Cut short, and not Wasm at all: refused with their faults; the second version goes on, over a restart, too.
    fs::write(&file, &first[..first.len() / 2]).unwrap();
    logged(&stage, "plugin refused", 1).await;
    fs::write(&file, "overwritten by accident").unwrap();
    logged(&stage, "it is text", 1).await;
    send(&stage, one(2)).await;
    stage.drain(PATIENCE).await.unwrap();
    assert!(said(&stage, &["plugin", "list"]).contains("goes on; the file is refused: E121"), "{}", said(&stage, &["plugin", "list"]));
    assert!(stage.stop().unwrap());
    stage.restart().await.unwrap();
    send(&stage, one(3)).await;
    stage.drain(PATIENCE).await.unwrap();
    assert_eq!((version_of(&stage, 2), version_of(&stage, 3)), ([sha256(&second)].into(), [sha256(&second)].into()));
    let alerts: Value = serde_json::from_str(&said(&stage, &["alerts", "--json"])).unwrap();
    let kinds: Vec<&str> = alerts.as_array().unwrap().iter().map(|alert| alert["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["plugin-refused", "plugin-refused", "plugin-refused", "plugin-replaced"], "{alerts}");

    // An earlier version by its hash; then orders go on without the rule, and with it again.
    let told = said(&stage, &["plugin", "rollback", "segment-discount", "--to", &sha256(&first)[..12]]);
    assert!(told.contains("rolled back"), "{told}");
    logged(&stage, "plugin swapped in", 2).await;
    assert!(said(&stage, &["plugin", "disable", "segment-discount"]).contains("orders go on without it"));
    logged(&stage, "the operator says so", 1).await;
    send(&stage, one(4)).await;
    stage.drain(PATIENCE).await.unwrap();
    assert!(said(&stage, &["plugin", "enable", "segment-discount"]).contains("enabled"));
    logged(&stage, "the operator says so", 2).await;
    send(&stage, one(5)).await;
    stage.drain(PATIENCE).await.unwrap();
    assert_eq!((version_of(&stage, 4), version_of(&stage, 5)), ([].into(), [sha256(&first)].into()));

    // What the settings name is not removed by mistake; without it, orders that need it wait.
    assert!(said(&stage, &["plugin", "remove", "segment-discount"]).contains("[hooks] names `segment-discount` at pre-map"));
    assert!(said(&stage, &["plugin", "remove", "segment-discount", "--force"]).contains("removed"));
    logged(&stage, "plugin removed", 1).await;
    send(&stage, one(6)).await;
    stage.drain(PATIENCE).await.unwrap();
    assert_eq!(stage.count(&["parked"]).await.unwrap(), 1);

    // A bad file under its name does not bring it back, also not at a start; installing it does.
    assert!(stage.stop().unwrap());
    fs::write(&file, "no plugin").unwrap();
    stage.restart().await.unwrap();
    send(&stage, one(7)).await;
    stage.drain(PATIENCE).await.unwrap();
    assert_eq!(stage.count(&["parked"]).await.unwrap(), 2);
    let elsewhere = stage.data().join("built.wasm");
    fs::write(&elsewhere, &second).unwrap();
    let told = said(&stage, &["plugin", "install", elsewhere.to_str().unwrap(), "--name", "segment-discount"]);
    assert!(told.contains("segment-discount installed"), "{told}");
    logged(&stage, "plugin swapped in", 3).await;
    send(&stage, one(8)).await;
    stage.drain(PATIENCE).await.unwrap();
    assert_eq!(version_of(&stage, 8), [sha256(&second)].into());
}

#[tokio::test]
async fn orders_flow_on_while_a_plugin_is_replaced_again_and_again() {
    #[allow(clippy::disallowed_methods, reason = "how long a test runs is no setting of the product")]
    let reloads: usize = std::env::var("CROSSDOCK_RELOADS").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    const PER_RELOAD: usize = 5;
    let (_folder, plan) = plan();
    let file = plan.plugins.join("segment-discount.wasm");
    let component = fs::read(&file).unwrap();
    let mut whole: BTreeSet<String> = [sha256(&component)].into();
    let orders = generate(reloads * PER_RELOAD, 103);
    let stage = start(watched(plan), &orders).await;
    let (mut swapped, mut refused, mut before) = (0, 0, 0);
    let begun = Instant::now();
    for number in 0..reloads {
        let bytes = version(&component, number + 1);
        let batch = &orders[number * PER_RELOAD..(number + 1) * PER_RELOAD];
        if number % 10 == 9 {
            // Half a file, for good.
            replace(&file, &bytes[..bytes.len() / 2]);
            refused += 1;
            tokio::join!(send(&stage, batch), logged(&stage, "plugin refused", refused));
        } else {
            whole.insert(sha256(&bytes));
            swapped += 1;
            if number % 2 == 0 {
                replace(&file, &bytes)
            } else {
                copy_slowly(&file, &bytes).await
            }
            tokio::join!(send(&stage, batch), logged(&stage, "plugin swapped in", swapped));
        }
        if number == reloads / 5 {
            before = resident(stage.process().unwrap());
        }
    }
    let took = begun.elapsed();
    stage.drain(PATIENCE).await.unwrap();
    let after = resident(stage.process().unwrap());
    println!("{reloads} reloads in {took:.0?}, {} orders; resident {before} KiB after a fifth, {after} KiB at the end", orders.len());
    let judgement = judge(&orders, &stage.sagepro.books(), &BREAKS);
    assert_eq!(stage.count(&["parked"]).await.unwrap(), 0);
    assert_eq!(judgement.cents_off, Decimal::ZERO, "an order met half a rule");
    assert_eq!(judgement.delivered.len(), orders.len(), "an order was lost");
    for order in orders.iter().step_by((orders.len() / 50).max(1)) {
        let versions = met(&stage, &order.number, "segment-discount");
        assert!(versions.len() == 1 && versions.is_subset(&whole), "{versions:?} was never whole");
    }
    assert!(after < before + 48 * 1024, "the host grew from {before} to {after} KiB");
}

/// Puts a file in the place of another at once.
fn replace(file: &Path, bytes: &[u8]) {
    let half = file.with_extension("half");
    fs::write(&half, bytes).unwrap();
    fs::rename(half, file).unwrap();
}

/// Writes a file as a slow copy does: for a while half of it is there.
async fn copy_slowly(file: &Path, bytes: &[u8]) {
    let mut out = File::create(file).unwrap();
    for part in bytes.chunks(bytes.len() / 4) {
        out.write_all(part).unwrap();
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}
