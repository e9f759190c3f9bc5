//! A plugin of one's own, as the README tells: copy an example, change a number, build, drop the file, run. The number
//! shows in the ERP. And that its golden cases notice what an author did not mean.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{PATIENCE, patient, plan, program, start, top, with_plugin};
use crossdock_partners::{orders::generate, signature::SECRET};
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

/// Runs a command of the program in a folder: whether it is well, and everything that it said.
fn said(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(program())
        .args(arguments)
        .current_dir(folder)
        // What is built here was built before: nothing is fetched.
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[test]
fn a_rule_of_customers_and_products_is_begun_built_tried_and_tested() {
    let folder = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str]| said(folder.path(), arguments);
    // A language whose SDK does not have the hook says so, and makes nothing.
    for language in ["python", "js", "ts", "go", "c"] {
        let (made, text) = said(&["plugin", "new", "no-rule", "--lang", language, "--hooks", "pre-map,pre-map-product"]);
        assert!(!made && text.contains("E130") && text.contains(&format!("the SDK for {language} has no pre-map-product")), "{text}");
        assert!(text.contains("rust has all hooks") && !folder.path().join("no-rule").exists(), "{text}");
    }
    let (made, text) = said(&["plugin", "new", "my-people", "--hooks", "pre-map-customer,pre-map-product"]);
    assert!(made, "{text}");
    let case = folder.path().join("my-people/cases/sample");
    assert!(case.join("customer.json").exists() && case.join("product.json").exists() && !case.join("order.json").exists());
    let (passes, text) = said(&["plugin", "test", "my-people"]);
    assert!(passes && text.contains("ok   case sample"), "{text}");
    for property in ["deterministic", "empty", "unicode", "maximum"] {
        let line = text.lines().find(|line| line.contains(&format!(" {property}: "))).unwrap_or_else(|| panic!("no {property} in {text}"));
        assert!(line.starts_with("ok") && !line.contains(" 0 tries"), "{line}");
    }
    // On the samples, and on a customer of one's own with settings of its own.
    let (_, text) = said(&["plugin", "run", "my-people"]);
    assert!(
        text.contains("pre-map-customer on a sample customer: proceed") && text.contains("pre-map-product on a sample product: proceed"),
        "{text}"
    );
    let own = folder.path().join("own.json");
    fs::write(&own, r#"{ "web-id": "W7", "settings": { "price-list": "TRADE" } }"#).unwrap();
    let run = ["plugin", "run", "my-people", "--hook", "pre-map-customer", "--input", "own.json"];
    assert!(said(&run).1.contains("customer.price-list: nothing → TRADE"), "{}", said(&run).1);
    fs::write(&own, r#"{ "web-id": "W7", "from": "erp" }"#).unwrap();
    assert!(!said(&run).1.contains("price-list"), "who comes from the ERP stays: {}", said(&run).1);
    fs::write(&own, r#"{ "web-ids": "W7" }"#).unwrap();
    let (done, text) = said(&run);
    assert!(!done && text.contains("E201") && text.contains("unknown field `web-ids`"), "{text}");
    // An answer that is another is noticed, at these hooks as at others.
    let changed = case.join("pre-map-product.json");
    let right = fs::read_to_string(&changed).unwrap();
    fs::write(&changed, right.replace("84.55", "84.56")).unwrap();
    let (passes, text) = said(&["plugin", "test", "my-people", "--cases-only"]);
    assert!(!passes && text.contains("84.56") && text.contains("84.55"), "{text}");
    assert!(said(&["plugin", "test", "my-people", "--cases-only", "--bless"]).0);
    assert_eq!(fs::read_to_string(&changed).unwrap(), right);
    assert!(said(&["plugin", "rehearse", "my-people"]).1.contains("pre-map-customer"));
}

#[test]
fn rules_of_customers_and_products_are_compared_on_customers_and_products() {
    let folder = tempfile::tempdir().unwrap();
    let plugins = folder.path().join("plugins");
    fs::create_dir(&plugins).unwrap();
    with_plugin(folder.path(), "customer-mapping");
    fs::copy(plugins.join("customer-mapping.wasm"), plugins.join("other-mapping.wasm")).unwrap();
    // Two of the same rule with settings of their own: the first one to say a price list wins.
    let settings = folder.path().join("crossdock.toml");
    let said_of = |other: &str| {
        let text = fs::read_to_string(top().join("docs/first-plugin/host/crossdock.toml")).unwrap();
        let text = text.split("[sandbox]").next().unwrap_or_default().to_owned();
        let rule = |name: &str, list: &str| {
            // Long enough for a busy machine.
            format!("[plugins.{name}]\nsettings = {{ segment.wholesale.price-list = \"{list}\" }}\nlimits = {{ time = \"20s\" }}\n")
        };
        let hooks = "[sandbox]\nplugins = \"plugins\"\n\n[hooks]\npre-map-customer = [\"customer-mapping\", \"other-mapping\"]\n";
        let more = [hooks, &rule("customer-mapping", "TRADE"), &rule("other-mapping", other)].concat();
        fs::write(&settings, text + &more).unwrap();
        let run = |arguments: &[&str]| {
            let mut command = Command::new(program());
            let output = command.args(arguments).current_dir(folder.path()).env("SHOP_SECRET", SECRET).output().unwrap();
            (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
        };
        (run(&["plugin", "conflicts"]), run(&["plugin", "diff", "customer-mapping", "other-mapping"]))
    };
    let ((well, text), _) = said_of("TRADE");
    assert!(well && text.contains("0 whose order matters"), "{text}");
    let ((well, text), (alike, told)) = said_of("GOLD");
    assert!(!well && text.contains("pre-map-customer: `customer-mapping` before `other-mapping` or after it"), "{text}");
    assert!(text.contains("customers") && text.contains("pre-map-customer = [") && text.contains("TRADE"), "{text}");
    assert!(!alike && told.contains("pre-map-customer: ") && told.contains("customer.price-list = TRADE → customer.price-list = GOLD"), "{told}");
    // A customer of one's own is enough, told by its web id; and one of whom both say the same.
    let own = folder.path().join("own.json");
    let diff = |text: &str| {
        fs::write(&own, text).unwrap();
        let arguments = ["plugin", "diff", "customer-mapping", "other-mapping", "--input", "own.json", "--json"];
        let output = Command::new(program()).args(arguments).current_dir(folder.path()).env("SHOP_SECRET", SECRET).output().unwrap();
        let said: serde_json::Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        (said["hooks"][0]["orders"].clone(), said["hooks"][0]["differ"].as_array().unwrap().len())
    };
    assert_eq!(diff(r#"{ "web-id": "W1", "segment": "wholesale" }"#), (1.into(), 1));
    assert_eq!(diff(r#"{ "web-id": "W1", "segment": "retail" }"#), (1.into(), 0));
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
