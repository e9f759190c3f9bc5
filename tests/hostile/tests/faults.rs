//! Every case under the real program, in a fresh host each: stopped with its named fault, with little memory left behind.
//! How soon, and what a neighbour loses, is measured by `script/test hostile`, not here: no test depends on the clock.

use crossdock_flow::{
    Code,
    hook::{Context, Plugin},
    sample,
};
use crossdock_hostile::{Case, Host, cases, rehearsed};
use crossdock_sandbox::{Limits, Sandbox, Settings};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

#[test]
fn every_case_is_stopped_with_its_fault() {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_crossdock-hostile")).with_file_name("crossdock");
    assert!(program.exists(), "{} is built with the workspace", program.display());
    let host = Host(program);
    // On a machine that is busy elsewhere the clock may strike before the fuel is used up: then the case is tried again.
    let stopped = |case: &Case| {
        let mut tries = (1..4).map(|_| rehearsed(&host, case));
        tries.find(|said| !said.as_ref().is_err_and(|why| why.contains("E103"))).unwrap_or_else(|| Err("E103 again and again".into()))
    };
    let wrong: Vec<String> = cases().iter().filter_map(|case| stopped(case).err().map(|why| format!("{}: {why}", case.name))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What the next call waits for, see `host/sandbox/src/pace.rs`: without it twenty calls take a tenth of that.
#[tokio::test]
async fn a_plugin_that_grows_page_by_page_waits_before_its_next_call() {
    let case = cases().into_iter().find(|case| case.name == "memory-grow").unwrap();
    let sandbox = Sandbox::new(Settings { concurrency: 2, ..Settings::default() }).unwrap();
    let plugin = sandbox.load(case.name, case.bytes(false).unwrap(), Limits::default()).await.unwrap();
    let context = Context { event_id: "twelve bytes".into(), ..sample::context() };
    let (started, calls, pages) = (Instant::now(), 20, 448);
    for _ in 0..calls {
        let ran = plugin.pre_map(&context, Arc::new(sample::order(1))).await;
        assert_eq!(ran.answer.unwrap_err().code, Code::PluginMemory);
    }
    assert!(started.elapsed() >= Duration::from_micros(((calls - 1) * pages - 256) * 25), "{:?}", started.elapsed());
}
