//! Every case under the real program, in a fresh host each: stopped with its named fault, with little memory left behind.
//! How soon, and what a neighbour loses, is measured by `script/test hostile`, not here: no test depends on the clock.

use crossdock_hostile::{Host, cases, rehearsed};

#[test]
fn every_case_is_stopped_with_its_fault() {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_crossdock-hostile")).with_file_name("crossdock");
    assert!(program.exists(), "{} is built with the workspace", program.display());
    let host = Host(program);
    let wrong: Vec<String> = cases().iter().filter_map(|case| rehearsed(&host, case).err().map(|why| format!("{}: {why}", case.name))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
