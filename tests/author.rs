//! A plugin of one's own, as the README tells: copy an example, change a number, build, drop the file, run. The number
//! shows in the ERP. And that its golden cases notice what an author did not mean.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{PATIENCE, patient, plan, program, start, top};
use crossdock_partners::orders::generate;
use crossdock_stage::{Plan, oracle::judge};
use rust_decimal::Decimal;
use std::{fs, path::Path, process::Command};

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[tokio::test]
async fn a_changed_copy_of_an_example_shows_in_the_erp() {
    let (folder, plan) = plan();
    // A copy of the plugins' workspace beside copies of what it leans on, so that the test leaves no trace here.
    let copied = folder.path().join("repo");
    for part in ["wit", "sdk/rust", "plugins/segment-discount", "plugins/.cargo"] {
        copy(&top().join(part), &copied.join(part));
    }
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(top().join("plugins").join(file), copied.join("plugins").join(file)).unwrap();
    }
    fs::rename(copied.join("plugins/segment-discount"), copied.join("plugins/my-discount")).unwrap();
    let edit = |file: &str, from: &str, to: &str| {
        let path = copied.join("plugins/my-discount").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(path, text.replace(from, to)).unwrap();
    };
    edit("Cargo.toml", "segment-discount", "my-discount");
    // The change: whoever reaches a break gets half off, whatever the settings say.
    edit("src/lib.rs", "percent_off(reached.percent)", "percent_off(dec!(50))");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--offline", "--target", "wasm32-wasip2", "-p", "my-discount", "--target-dir"])
        .arg(folder.path().join("target"))
        .current_dir(copied.join("plugins"))
        .status()
        .unwrap();
    assert!(built.success());
    fs::copy(folder.path().join("target/wasm32-wasip2/release/my_discount.wasm"), plan.plugins.join("my-discount.wasm")).unwrap();
    let settings = format!("{}\n[plugins.my-discount.settings]\nbreaks = {{ 5 = \"5\", 10 = \"10\" }}\n", plan.plugin_settings);
    let hooks = plan.hooks.replace("\"order-hold\", \"segment-discount\"", "\"my-discount\"");
    let orders = generate(40, 59);
    let stage = start(Plan { hooks, plugin_settings: settings, ..plan }, &orders).await;
    let sent = stage.send(&orders.iter().map(|order| order.hook()).collect::<Vec<_>>(), &patient()).await;
    assert!(sent.iter().all(|sent| sent.acknowledged()));
    stage.drain(PATIENCE).await.unwrap();
    let judgement = judge(&orders, &stage.sagepro.books(), &[(5, 50)]);
    assert!(judgement.delivered.len() >= 35, "{judgement:?}");
    assert_eq!(judgement.cents_off, Decimal::ZERO);
    assert_ne!(judge(&orders, &stage.sagepro.books(), &[]).cents_off, Decimal::ZERO);
}

#[test]
fn golden_cases_notice_any_other_answer() {
    let (folder, plan) = plan();
    let cases = folder.path().join("cases");
    copy(&top().join("sdk/conformance/cases/segment-discount"), &cases);
    let said = |more: &[&str]| {
        let output = Command::new(program())
            .args(["plugin", "test", "segment-discount.wasm", "--cases-only", "--cases"])
            .arg(&cases)
            .args(more)
            .current_dir(&plan.plugins)
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    assert!(said(&[]).0, "{}", said(&[]).1);
    // An answer that is another, one that is missing, and one that nobody gives.
    let changed = cases.join("rounding/pre-map.json");
    let right = fs::read_to_string(&changed).unwrap();
    assert!(right.contains("\"32.5\""));
    fs::write(&changed, right.replace("\"32.5\"", "\"32.49\"")).unwrap();
    fs::remove_file(cases.join("yen/pre-map.json")).unwrap();
    fs::write(cases.join("breaks/post-map.json"), "{}\n").unwrap();
    let (passes, text) = said(&[]);
    assert!(!passes);
    assert_eq!(text.lines().filter(|line| line.starts_with("FAIL")).count(), 3, "{text}");
    for line in ["- \"number\": \"32.49\"", "+ \"number\": \"32.5\"", "there is no pre-map.json yet", "the plugin does not answer post-map"] {
        assert!(text.lines().any(|found| found.split_whitespace().collect::<Vec<_>>().join(" ").contains(line)), "{line} is not in {text}");
    }
    assert!(said(&["--bless"]).0 && said(&[]).0);
    assert_eq!(fs::read_to_string(&changed).unwrap(), right);
}
