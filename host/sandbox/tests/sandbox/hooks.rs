//! The three hooks with the test guest, which checks every getter and edit from inside.

use crate::support::{given, guest, hooks, load, mode, patient, sandbox};
use crossdock_flow::{
    Code, Decimal, Document, Order,
    edit::Path,
    hook::{Hook, Plugin, Ran, Route, Verdict},
    order::{Value, find},
    sample, sum,
};
use crossdock_sandbox::Terms;
use std::sync::Arc;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[tokio::test]
async fn every_getter_and_edit_works_in_all_three_hooks() {
    let plugin = load(patient()).await;
    assert_eq!(plugin.hooks(), Hook::ORDERS);
    let facts = plugin.facts();
    assert_eq!(facts.rehearsal.len(), 3);
    for run in &facts.rehearsal {
        assert_eq!((run.fault.as_ref(), run.verdict.as_ref()), (None, Some(&Verdict::Proceed)));
        assert!(run.fuel > 0 && run.fuel < run.fuel_limit && run.memory >= facts.least_memory);
    }
    assert!(facts.imports.iter().any(|name| name == "crossdock:plugin/orders@0.1.0"));
    assert!(facts.least_memory >= 64 << 10);
    assert!(!facts.componentized && !facts.from_cache);

    let before = Arc::new(sample::order(3));
    let ran = plugin.pre_map(&sample::context(), before.clone()).await.settled();
    assert_eq!(ran.answer, Ok(Verdict::Proceed));
    assert_eq!(*before, sample::order(3), "the caller's order stays as it was");
    let after = ran.subject;
    assert_eq!((after.lines[1].unit_price, after.lines[1].discount, after.total), (d("80"), d("16"), d("245.21")));
    assert_eq!(after.tags, ["big", "rush"]);
    assert_eq!(find(&after.fields, "colour"), Some(&Value::Text("blue".into())));
    sum::check(&after).unwrap();
    let first = &ran.run.changes[0];
    assert_eq!((&first.path, &first.before, &first.after), (&Path::UnitPrice(0), &Value::Number(d("49.95")), &Value::Number(d("40"))));
    assert_eq!(&*first.reason, "price");
    assert_eq!(ran.run.changes.len(), 14);
    let logs: Vec<String> = ran.run.logs.iter().map(|line| format!("{} {}", line.level, line.text)).collect();
    assert_eq!(logs, ["debug d", "info i", "warn w", "error e", "stdout out", "stderr err"]);

    let ran = plugin.post_map(&sample::context(), before.clone(), sample::document(&before)).await.settled();
    assert_eq!(ran.answer, Ok(Verdict::Proceed));
    assert_eq!(find(&ran.subject.fields, "PaymentTerms"), Some(&Value::Text("NET60".into())));
    assert_eq!(find(&ran.subject.lines[1], "CommentText"), Some(&Value::Number(d("2.5"))));
    assert_eq!(ran.run.part, Some(0));

    let candidates = Arc::new(sample::candidates(&before));
    let ran = plugin.route_order(&sample::context(), before, candidates).await;
    let Ok(Route::Ship(shipments)) = ran.answer else { panic!("{:?}", ran.answer) };
    assert_eq!((shipments[0].warehouse.as_str(), shipments[0].lines.as_slice()), ("TOR", [(0, d("1"))].as_slice()));
}

async fn pre_map(name: &str) -> Ran<Arc<Order>, Verdict> {
    load(patient()).await.pre_map(&mode(name), Arc::new(sample::order(3))).await.settled()
}

#[tokio::test]
async fn verdicts_cross() {
    let at = jiff::Timestamp::from_second(1_800_000_000).unwrap();
    assert_eq!(pre_map("hold").await.answer, Ok(Verdict::Hold { reason: "wait".into(), until: Some(at) }));
    assert_eq!(pre_map("hold-forever").await.answer, Ok(Verdict::Hold { reason: "wait".into(), until: None }));
    let ran = pre_map("discount-then-reject").await;
    assert_eq!(ran.answer, Ok(Verdict::Reject { reason: "no".into() }));
    assert_eq!(*ran.subject, sample::order(3), "a rejected order keeps no edits");
    assert!(ran.run.changes.is_empty());
}

#[tokio::test]
async fn an_error_of_the_guest_is_its_own_words() {
    for (name, text) in [("settings", "`percent` is missing: expected a number such as 5"), ("unsupported", "too odd"), ("failed", "no price list")] {
        let fault = pre_map(name).await.answer.unwrap_err();
        assert_eq!((fault.code, fault.message.as_str()), (Code::PluginFailed, text));
        assert_eq!(fault.detail.unwrap().hook, Some(Hook::PreMap));
    }
}

#[tokio::test]
async fn answers_that_nobody_can_carry_out_are_e107() {
    assert_eq!(pre_map("hold-badly").await.answer.unwrap_err().code, Code::PluginAnswer);
    let plugin = load(patient()).await;
    let order = Arc::new(sample::order(3));
    let candidates = Arc::new(sample::candidates(&order));
    for name in ["quantity-units", "quantity-scale", "quantity-digits"] {
        let fault = plugin.route_order(&mode(name), order.clone(), candidates.clone()).await.answer.unwrap_err();
        assert_eq!(fault.code, Code::PluginAnswer, "{name}");
        assert!(fault.message.contains("line 0"), "{fault}");
    }
    let stop = plugin.route_order(&mode("reject"), order.clone(), candidates.clone()).await.answer;
    assert_eq!(stop, Ok(Route::Stop(Verdict::Reject { reason: "no".into() })));
    let stop = plugin.route_order(&mode("hold"), order, candidates).await.answer;
    assert_eq!(stop, Ok(Route::Stop(Verdict::Hold { reason: "wait".into(), until: None })));
}

#[tokio::test]
async fn a_fault_keeps_the_document_as_it_was() {
    let plugin = load(patient()).await;
    let order = Arc::new(sample::order(3));
    let document = sample::document(&order);
    let Ran { subject, answer, run }: Ran<Document, Verdict> = plugin.post_map(&mode("panic-after-edit"), order, document.clone()).await.settled();
    assert_eq!(subject, document);
    assert!(run.changes.is_empty());
    let fault = answer.unwrap_err();
    assert_eq!(run.fault.as_ref(), Some(&fault));
    assert_eq!(fault.code, Code::PluginTrapped);
}

#[tokio::test]
async fn a_panic_comes_with_its_text_log_and_backtrace() {
    let fault = pre_map("panic").await.answer.unwrap_err();
    assert_eq!(fault.code, Code::PluginTrapped);
    assert!(!fault.message.contains("line 7"), "the panic text may hold customer data: {}", fault.message);
    let detail = fault.detail.unwrap();
    assert_eq!((detail.plugin.as_str(), detail.hook, detail.version.len()), ("hooks", Some(Hook::PreMap), 64));
    assert!(detail.panic.contains("line 7 has no price"), "{}", detail.panic);
    assert!(detail.log.iter().any(|line| line.contains("line 7 has no price")));
    assert!(detail.backtrace.iter().any(|frame| frame.contains("misbehave")), "{:?}", detail.backtrace);
}

#[tokio::test]
async fn the_machine_stays_out_of_sight_and_runs_repeat() {
    let plugin = load(patient()).await;
    let order = Arc::new(sample::order(3));
    let first = plugin.pre_map(&mode("surroundings"), order.clone()).await.settled();
    assert_eq!(first.answer, Ok(Verdict::Proceed), "{:?}", first.run);
    let seen = |name: &str| find(&first.subject.fields, name).unwrap().to_string();
    assert!(seen("steady").contains(|digit| ('1'..='9').contains(&digit)), "a steady clock at 0 stops Go's runtime: {}", seen("steady"));
    assert_eq!((seen("time").as_str(), seen("elapsed").as_str()), ("1772000000000", "0"));
    for (name, text) in [("arguments", "0"), ("environment", "0"), ("input", "0")] {
        assert_eq!(seen(name), text, "{name}");
    }
    for name in ["file", "folder", "network", "listen", "names"] {
        assert_eq!(seen(name), "false", "{name}");
    }
    let second = plugin.pre_map(&mode("surroundings"), order).await.settled();
    assert_eq!(second.subject, first.subject, "the same input gives the same output, random numbers included");
    assert_eq!(second.run.fuel, first.run.fuel, "and the same fuel");
}

#[tokio::test]
async fn a_core_module_with_its_wit_becomes_a_component() {
    let module = guest("hooks", "wasm32-unknown-unknown");
    let plugin = sandbox().load("core", module, Terms { limits: patient(), settings: given(), ..Terms::default() }).await.unwrap();
    assert!(plugin.facts().componentized);
    assert!(!plugin.facts().imports.iter().any(|name| name.starts_with("wasi:")));
    let ran = plugin.pre_map(&sample::context(), Arc::new(sample::order(3))).await.settled();
    assert_eq!(ran.subject.total, d("245.21"));
}

#[tokio::test]
async fn rehearsal_refuses_wrong_settings_and_forgives_the_sample() {
    let rehearse = |name: &str| {
        let settings = vec![("mode".to_owned(), name.to_owned())];
        async move { sandbox().load("hooks", hooks(), Terms { limits: patient(), settings, ..Terms::default() }).await }
    };
    let fault = rehearse("settings").await.unwrap_err();
    assert_eq!(fault.code, Code::Rehearsal);
    assert!(fault.message.contains("`percent` is missing"), "{fault}");
    let fault = rehearse("panic").await.unwrap_err();
    assert_eq!(fault.code, Code::Rehearsal);
    assert!(fault.message.contains("E101"), "{fault}");
    assert!(fault.detail.unwrap().panic.contains("line 7 has no price"));
}

#[tokio::test]
async fn a_plugin_may_answer_one_hook() {
    let plugin = sandbox().load("one", guest("one", "wasm32-wasip2"), patient()).await.unwrap();
    assert_eq!(plugin.hooks(), [Hook::RouteOrder]);
    assert!(plugin.answers(Hook::RouteOrder) && !plugin.answers(Hook::PreMap) && !plugin.answers(Hook::PostMap));
    assert_eq!(plugin.facts().rehearsal.len(), 1);
}
